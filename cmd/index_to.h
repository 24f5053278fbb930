/*
 * mem-index --to: a search engine is kept up to date.
 */
#ifndef CMD_INDEX_TO_H
#define CMD_INDEX_TO_H

#include <stdbool.h>
#include <stdint.h>

#include "artifact/artifact_entry.h"
#include "base/err.h"
#include "cmd/out.h"

struct store;

/* --- what a store has, as numbers: have they moved? -------------------- */

struct index_seen {
	int64_t change, contents, fact;
	struct artifact_reach artifact;
};
#define INDEX_SEEN_NONE { -1, -1, -1, { -1, -1 } }

/* 1 since the last look, 0. */
int	index_moved(struct store *, struct index_seen *, struct err *);

/* --- mem-index --to ---------------------------------------------------- */

struct index_to {
	const char *engine;
	bool rebuild, verify, follow;
	struct out *out;
};

/* The exit status, or -1.  The store is open for writing, or to be verified. */
int	index_to(const struct index_to *, struct store *, struct err *);

#endif
