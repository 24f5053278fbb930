/*
 * What the two halves of the reader of Codex' rollouts share.
 */
#ifndef FROM_CODEX_H
#define FROM_CODEX_H

#include "from/format.h"

#define CODEX_HELD_MAX 16
#define CODEX_TOLD_MAX 16

enum codex_mode { CODEX_UNKNOWN, CODEX_EVENTS, CODEX_ITEMS };

struct codex_held {
	json_t *content;	/* own */
	struct from_msg m;	/* its strings are not kept */
};

struct codex_span {
	int64_t begin, end;
};

struct codex {
	char *session, *parent, *cwd, *branch, *model;	/* own */
	char *origin;		/* own; thread that the lines are copies of */
	char *call;		/* own; id of the last call */
	bool by_agent;
	enum codex_mode mode;
	struct codex_held held[CODEX_HELD_MAX];
	size_t nheld;
	uint64_t told[CODEX_TOLD_MAX];	/* turns told last; ring */
	size_t ntold;
	/* of the first pass: turns, and the bytes that were rolled back */
	int64_t *turn;		/* own */
	size_t nturn, turncap;
	struct codex_span *gone;	/* own */
	size_t ngone, gonecap;
};

/* What all messages of the file have. */
void	codex_start(struct from *, struct from_msg *, const json_t *v);
/* Lines have no ids: the time makes one, its ordinal tells two apart.  id
 * is room for it. */
#define CODEX_ID 40
void	codex_id(char id[CODEX_ID], const char *kind, struct from_msg *);

/* Items of a conversation that are no turns (codex_tool.c). */
int	codex_call(struct from *, const json_t *v, const json_t *item,
	    const char *type, struct err *);
int	codex_output(struct from *, const json_t *v, const json_t *item,
	    struct err *);

#endif
