/*
 * Only the files of the journal include this.
 */
#ifndef SYNC_JOURNAL_DB_H
#define SYNC_JOURNAL_DB_H

#include "base/err.h"

struct db;
struct manifest_pack;
struct manifest_segment;
struct store;
struct sync_manifest;

struct journal {
	struct db *db;		/* own */
	struct store *st;	/* borrowed; NULL: it is only read */
};

/* Of a manifest; of number 0: it is in none yet. */
int	journal_put_segment(struct journal *, const struct sync_manifest *,
	    const struct manifest_segment *, struct err *);
int	journal_put_pack(struct journal *, const struct sync_manifest *,
	    const struct manifest_pack *, struct err *);

#endif
