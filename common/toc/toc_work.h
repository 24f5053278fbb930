/*
 * A build of contents on its way.  Private to toc_*.c.
 */
#ifndef TOC_TOC_WORK_H
#define TOC_TOC_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/ulid.h"
#include "toc/chat.h"
#include "toc/cut.h"
#include "toc/grip.h"
#include "toc/summary.h"
#include "toc/toc.h"
#include "toc/toc_build.h"
#include "toc/turn.h"

/* Where an event stands in its session. */
struct place {
	int64_t ts_ms;
	uint8_t id[ULID_BYTES];
};
int	place_cmp(const struct place *, const struct place *);	/* by time */

/* A segment to be written. */
struct segment_new {
	char name[TOC_NAME_MAX];
	struct toc_period day;
	int64_t session;
	struct place first, last;
	int64_t seen_ms, events;
	uint8_t made_of[TOC_HASH];
	bool summed;		/* body and grips are there */
	enum toc_made made;
	struct buf body;	/* own */
	struct grip *grip;	/* own */
	size_t grips;
};

/* What is done in one transaction. */
struct toc_todo {
	enum { TODO_SEGMENT, TODO_GONE, TODO_RESUME, TODO_DONE } kind;
	struct segment_new *segment;	/* own; TODO_SEGMENT */
	int64_t node;			/* TODO_GONE */
	int64_t session, lo_ms;		/* TODO_RESUME, TODO_DONE */
};

struct toc_work {
	struct store *st;			/* borrowed, as the next two */
	const struct toc_build_how *how;
	struct toc_build *report;
	struct cut cut;
	struct turn_reader *reader;		/* own, as all below */
	struct summariser *summariser;
	struct chat *chat;			/* NULL: none is configured */
	struct map marks;
	struct map periods;			/* name of a day: its row */
	struct toc_todo *todo;
	size_t todos, todo_cap;
	int64_t edits;			/* toc_edits, when work began */
	int64_t since_ms;		/* monotonic; of the oldest todo */
	struct {
		int64_t session;	/* 0: none; to be gone on with */
		struct place at;	/* where its next segment begins */
	} resume;
	bool overtaken;			/* something was edited meanwhile: all
					   that was not written is void */
};

/* --- toc_segment.c: a session into segments --- */

/* Notes down what is to be written.  0: all of the session; 1: it is long;
 * write that, and then ask again. */
int	toc_session(struct toc_work *, int64_t session, int64_t lo_ms,
	    int64_t hi_ms, struct err *);

/* --- toc_write.c: what was noted down, into the store --- */

struct toc_todo *toc_note(struct toc_work *);	/* zeroed */
bool	toc_full(const struct toc_work *);	/* time to write */
int	toc_flush(struct toc_work *, struct err *);
/* How often something of the user's was edited. */
int	toc_edits(struct store *, int64_t *n, struct err *);
/* Inside a transaction, 1: nobody edited what work rests on. */
int	toc_still_holds(struct toc_work *, struct err *);
/* The model could not sum something up; the built-in way steps in. */
void	toc_trouble(struct toc_work *, const struct err *);
void	toc_forget_todo(struct toc_work *);

/*
 * Inside a transaction: body is what a node says, or NULL: nothing any more.
 * A new version if it says something else than its live one.  1: it does, or
 * it was made of other events; 0 not.
 */
int	toc_put(struct toc_work *, int64_t node,
	    const uint8_t made_of[TOC_HASH], const struct buf *body,
	    enum toc_made, struct err *);
/* The row of a period and of all above it, made if absent. */
int	toc_period_row(struct store *, const struct toc_period *,
	    int64_t *node, struct err *);
/* In the zone in force now, periods have other ends. */
int	toc_rezone(struct store *, struct err *);
int	toc_set_dirty(struct store *, int64_t node, bool dirty,
	    struct err *);
/* All above a node are to be made again. */
int	toc_edited(struct store *, int64_t node, struct err *);
/* What a node says, or shows, is another one (toc_node.touched).  _around:
 * that goes for all above it and below it, too. */
int	toc_touch(struct store *, int64_t node, struct err *);
int	toc_touch_around(struct store *, int64_t node, struct err *);
/* The number that nodes are to be given. */
int	toc_touch_next(struct store *, struct err *);
#define TOC_TOUCH "touched = (SELECT u.touched FROM toc_user u " \
	"WHERE u.user = toc_node.user) "
/* What lies there in a session is to be summed up again. */
int	toc_note_session(struct store *, int64_t session, int64_t lo_ms,
	    int64_t hi_ms, struct err *);
/* A build on its way is to look again. */
int	toc_bump(struct store *, struct err *);
/* The true time, but never before this node's last version, and after its last
 * move: so of a version and a move of one time the move is the later one. */
int	toc_clock(struct store *, int64_t node, int64_t *at_ms, struct err *);

/* --- toc_rollup.c --- */

/* All nodes that are dirty, level by level. */
int	toc_rollup(struct toc_work *, struct err *);

#endif
