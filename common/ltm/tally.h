/*
 * What the rows of a group come to: how many, how severe, what else they
 * have in common; and the fact that this makes.  Nothing here depends on the
 * order of the rows.
 */
#ifndef LTM_TALLY_H
#define LTM_TALLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "ltm/group.h"
#include "ltm/processor.h"

#define TALLY_SEVERITIES 16
#define TALLY_WHY 160		/* bytes of a reason */

struct tally_source {
	int64_t ts_ms;
	char *id;		/* own */
};

struct tally {
	const struct processor *p;	/* borrowed */
	const struct dimension *d;
	int64_t n;
	int64_t severity[TALLY_SEVERITIES];
	int64_t rated;			/* rows that have one */
	uint64_t digest;		/* sum of the hashes of entries: the
					   same set of rows, whatever their
					   order (Bellare and Micciancio,
					   "AdHash", 1997) */
	struct map facet[DIM_FACETS];	/* value: rows */
	struct tally_source *source;	/* own; the newest, in order after
					   tally_end */
	size_t nsources, cap_sources;
	int64_t oldest_ms;		/* of those that are kept */
	struct { int64_t ts_ms; uint64_t weight; } *age;	/* own */
	size_t nages, cap_ages;
	int64_t newest_ms;		/* or ENTRY_NO_TIME */
	size_t most;			/* keywords that a row has */
	size_t words;			/* of the set */
	double n_eff;			/* at newest_ms */
};

void	tally_init(struct tally *, const struct processor *,
	    const struct dimension *);
void	tally_release(struct tally *);

/* A row; false: its entry is damaged.  Then, when all are in: */
bool	tally_row(struct tally *, const char *entry, size_t len);
void	tally_end(struct tally *, const struct group *);

/* What a group comes to. */
struct tally_result {
	struct group *g;	/* borrowed; id and name of the fact */
	const struct tally *t;	/* borrowed; of a set that does not hold as it
				   is not closed: n and digest alone */
	bool holds;
	const char *why;	/* it does not */
};

/* Who asks. */
struct tally_ask {
	int (*fn)(void *, const struct tally_result *, struct err *);
	/* Of a set of words, before it is summed up: it is known what rows
	 * with this digest come to, so that fn is not called.  NULL: of
	 * none. */
	bool (*known)(void *, uint64_t digest);
	bool open;		/* fn for sets that are not closed, too */
	bool only_new;		/* sets that a row has which the group has not
				   seen: others are as they were */
	void *arg;
};

/* All that a group comes to: itself, or for the group of a word the sets of
 * words that begin with it (tally_sets.h). */
int	tally_each(const struct processor *, struct groups *, struct group *,
	    const struct tally_ask *, struct err *);
/* What is summed up. */
int	tally_show(struct tally *, struct group *, const struct tally_ask *,
	    struct err *);

/* 1 it makes a fact; 0 not, and why. */
int	tally_holds(const struct tally *, char why[TALLY_WHY]);

/*
 * The fact's body: content, tags, metadata, steps, and for one that decays
 * how; own.  *confidence is at the time of its newest row.
 */
json_t	*tally_body(const struct tally *, const struct group *,
	    const char *kb, double *confidence);
/* That alone. */
double	tally_confidence(const struct tally *);

/* What n_eff comes to after so many ms: for who reads such a body. */
double	tally_decayed(const json_t *decay, int64_t now_ms);

#endif
