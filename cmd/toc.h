/*
 * What the commands of mem-toc share.
 */
#ifndef CMD_TOC_H
#define CMD_TOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "cmd/out.h"
#include "memory/event.h"
#include "toc/toc.h"
#include "toc/toc_see.h"

/* Options, where more than one file looks at them. */
struct toc_options {
	int64_t as_of;			/* TOC_NOW: what is live */
	int64_t depth, context, budget, limit;
	bool tokens;			/* the budget is in tokens */
	const char *query;
};
extern struct toc_options toc_o;

struct toc_run {
	struct store *st;
	struct out out;
	struct map marks;		/* the user's */
	struct map others;		/* of whose node was shown last */
	int64_t other;			/* the row of that user; 0: none yet */
	struct event_iter *it;
	int64_t printed;
	int64_t absent;			/* ids not there, lines not read */
	bool given;			/* names come from standard input */
};

/*
 * What somebody calls a node: an id, with or without "toc:", a period
 * ("2026-W47"), words ("last week").  1 found; 0: there is no such node (it
 * was noted); -1: that is no name, which among given ones is noted, too.
 */
int	toc_named(struct toc_run *, const char *, struct toc_node *,
	    struct err *);

/* Marks that count for a node: those of its user. */
const struct map *toc_marks_for(struct toc_run *, const struct toc_node *,
	    struct err *);
/* Its record; own. */
json_t	*toc_record(struct toc_run *, const struct toc_node *,
	    const struct toc_version *, struct err *);
/* Is it hidden?  1, 0. */
int	toc_hidden(struct toc_run *, const struct toc_node *, struct err *);

/* Each node, grip and event that a line of standard input names, bare or in
 * a record of any tool; as given_each. */
int	toc_given(struct toc_run *, const char *what,
	    int (*fn)(void *, const char *, struct err *), void *,
	    struct err *);

/* toc_show.c */
int	toc_show(struct toc_run *, int argc, char **argv, struct err *);
int	toc_print(struct toc_run *, const struct toc_node *, struct err *);

/* toc_where.c: for standard input */
int	toc_where(struct toc_run *, struct err *);

/* toc_expand.c */
/* An event of a user (0: whoever's) that may be seen: 1, 0. */
int	toc_event(struct toc_run *, int64_t user,
	    const uint8_t id[ULID_BYTES], const struct event **,
	    struct err *);
int	toc_expand(struct toc_run *, int argc, char **argv, struct err *);

/* toc_versions.c */
int	toc_verb_history(struct toc_run *, int argc, char **argv,
	    struct err *);
int	toc_verb_diff(struct toc_run *, int argc, char **argv, struct err *);
int	toc_verb_rollback(struct toc_run *, int argc, char **argv,
	    struct err *);
int	toc_verb_mark(struct toc_run *, enum toc_kind, int argc, char **argv,
	    struct err *);

/* toc_budget.c */
int	toc_budget(struct toc_run *, int argc, char **argv, struct err *);

/* toc_export.c */
int	toc_export(struct toc_run *, int argc, char **argv, struct err *);

#endif
