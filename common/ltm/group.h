/*
 * Groups: rows that have something in common, for one job (a processor over
 * a knowledge base).  What is changed stays in memory until groups_flush;
 * all of it happens in one transaction.
 *
 * A group keeps its rows in no order: whoever sums them up must not depend
 * on one.
 */
#ifndef LTM_GROUP_H
#define LTM_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"

struct store;
struct processor;

#define GROUP_WORD 256		/* dim of a word of dimension 0 */
#define GROUP_STUB 512		/* dim of a fact without rows */
#define GROUP_BARE INT64_MIN	/* with an id: a word that is no keyword */
#define GROUP_SEP '\x1f'	/* between the parts of a name */
#define GROUP_VALUES 4		/* in a name, at most, besides the project */

struct group {
	int64_t id;
	int dim;		/* GROUP_WORD more for a word */
	char *name;		/* own; project, values */
	int64_t n;		/* rows */
	int64_t was;		/* of the store, before the changes */
	int64_t chunks;
	int64_t seen;		/* by the last look: rows up to this one, and
				   none of them has changed; 0: any may have */
	struct buf facts;	/* ids of those it makes */
	struct buf known;	/* ids and digests of sets of words */
	bool dirty;		/* it is to be looked at */
	bool changed;		/* what is in memory differs */
	bool matters;		/* and may change a fact */
	bool stored;		/* it has a row */
	struct buf tail;	/* rows behind the chunks */
	struct group_drop {
		int64_t row;
		bool done;
	} *drop;		/* own; rows that go with the next flush */
	size_t ndrop, cap_drop;
};

struct groups {
	struct store *st;		/* borrowed */
	const struct processor *p;	/* borrowed */
	const char *kb;			/* borrowed */
	int64_t job;
	bool fresh;		/* the job has none in the store yet */
	struct map names;	/* dim and name: a group of v */
	struct map ids;		/* the same by id */
	struct group **v;	/* own */
	size_t n, cap;
	struct buf room;
};

void	groups_init(struct groups *, struct store *, const struct processor *,
	    const char *kb, int64_t job, bool fresh);
/* What was not flushed is lost. */
void	groups_release(struct groups *);

/* Give up what is in memory, as release does, and go on. */
void	groups_forget(struct groups *);

/* The group of a name, made when there is none; borrowed. */
int	groups_get(struct groups *, int dim, const char *name, size_t len,
	    struct group **, struct err *);
/* By id: 1, or 0 when there is none. */
int	groups_find(struct groups *, int64_t id, struct group **,
	    struct err *);

/* The row is not in it yet.  An entry of no bytes matters to no fact. */
int	group_add(struct groups *, struct group *, int64_t row,
	    const char *entry, size_t len, struct err *);
/* The same in two steps: it counts, and then what is known of it. */
void	group_count(struct group *, int64_t add);
int	group_put(struct groups *, struct group *, int64_t row,
	    const char *entry, size_t len, struct err *);
/* The row is in it; it may be added again. */
void	group_drop(struct group *, int64_t row, bool matters);
/* Each row, until fn returns nonzero, which is handed on; those that are to
 * go, too. */
int	group_each(struct groups *, struct group *, int (*fn)(void *,
	    int64_t row, const char *entry, size_t len), void *,
	    struct err *);
/* What its rows say cannot be read: sets the error. */
int	group_damaged(const struct group *, struct err *);

/* To the tables, and out of memory. */
int	groups_flush(struct groups *, struct err *);

/* Each that is dirty, in order of id; from the tables. */
int	groups_dirty(struct groups *, int (*fn)(void *, struct group *,
	    struct err *), void *, struct err *);
/* Each that has rows, the largest first. */
int	groups_largest(struct groups *, int (*fn)(void *, struct group *,
	    struct err *), void *, struct err *);
/* It was looked at, and its facts, what is known, and what was seen are these
 * now; or (again) it is to be looked at again. */
int	group_settle(struct groups *, const struct group *, bool again,
	    struct err *);

/* Ids of the facts that a group of this id makes, appended. */
int	group_facts(struct store *, int64_t id, struct buf *, struct err *);

/* Ids as ltm_row has them. */
void	group_id_put(struct buf *, int64_t id);
int64_t	group_id_read(const char *);

/* Parts of its name: project, first and second value; how many of the last
 * two there are.  Into room, borrowed. */
size_t	group_parts(const struct group *, struct buf *room,
	    const char **project, const char *value[2]);
/* The values as one: "a+b". */
void	group_value(const struct group *, struct buf *);
/* The id of a group of this name. */
int64_t	group_id_of(const struct groups *, int dim, const char *name);

#endif
