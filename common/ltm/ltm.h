/*
 * Runs of a processor: what rows came, changed or went since the last run
 * decides which groups are looked at again; each of these is summed up from
 * all of its rows.  So what a run leaves is what a first run over the rows
 * that there are would make, versions and times apart.
 *
 * A job is a processor over one knowledge base.  How far it has read stands
 * in meta, in the transaction of what it read; what is still to be looked at
 * is marked on the groups (ltm_group.dirty), so that a run that was killed,
 * or that wrote as many facts as it may, is gone on with by the next.
 */
#ifndef LTM_LTM_H
#define LTM_LTM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ltm/fact.h"
#include "ltm/processor.h"

struct store;

struct ltm_sums {
	const char *processor, *kb;
	int64_t rows;		/* taken in */
	int64_t groups;		/* looked at */
	int64_t inserted, updated, retracted;
	int64_t same;		/* facts that say what they said */
	int64_t left;		/* to be written by the next run */
};

enum ltm_change { LTM_INSERT, LTM_UPDATE, LTM_RETRACT };
extern const char *const ltm_changes[];		/* by number */

struct ltm_how {
	const char *kb;		/* NULL: each that has rows for it */
	bool dry_run;		/* nothing is kept */
	bool rebuild;		/* forget what was derived, and begin anew */
	int64_t max_facts;	/* -1: as the processor says; 0: any number */
	int wait_ms;		/* for another run */
	/* After a batch of rows; nonzero ends it, with an error set. */
	int (*progress)(void *, int64_t rows, struct err *);
	/* A fact that is written; before NULL: there was none; it has no body.
	 * In the transaction: it may still fail. */
	int (*changed)(void *, enum ltm_change, const struct fact *before,
	    const struct fact *after, struct err *);
	/* A knowledge base is done, and on the disk. */
	int (*done)(void *, const struct ltm_sums *, struct err *);
	void *arg;
};

/* ERR_BUSY: another process runs one. */
int	ltm_run(struct store *, const struct processor *,
	    const struct ltm_how *, struct err *);

/* Ids of the rows below a fact, the newest first, added to a list. */
int	ltm_sources(struct store *, const struct fact *, json_t *ids,
	    struct err *);

/* A group that the processor makes of a sample. */
struct ltm_sample {
	const char *dimension, *project, *value;
	int64_t rows, least;
	bool holds;		/* it makes a fact */
	const char *why;	/* it does not */
	double confidence;
	const json_t *body;	/* borrowed; of the fact, or NULL */
};

/* Of the last so many rows of a knowledge base; keeps nothing.  The largest
 * groups come first.  *rows is how many there were. */
int	ltm_try(struct store *, const struct processor *, const char *kb,
	    int64_t limit, int64_t *rows, int (*fn)(void *,
	    const struct ltm_sample *, struct err *), void *, struct err *);

#endif
