/*
 * Is a database whole, and is it one of ours?
 */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct db;

/* The pages and the order of rows (not whether indexes agree with tables):
 * ERR_CORRUPT with the first complaint.  Reads all of it once. */
int	verify_pages(struct db *, const char *name, struct err *);

/*
 * The same of any database whose schema make_schema makes in an empty one.
 */
int	verify_made(struct db *, int (*make_schema)(struct db *,
	    struct err *), struct buf *what, struct err *);
/* SHA-256, as hexadecimal, of all that is in its schema: names and text. */
int	verify_sum(struct db *, char sum[HASH_HEX + 1], struct err *);
/*
 * 1: its tables, indexes and nothing else are what the schema of this
 * version makes; 0: *what says how it differs.  Triggers and views of a
 * stranger are found here.  One whose sum is SCHEMA_SUM is known at once; any
 * other is held against a fresh one, which takes ten milliseconds.
 */
int	verify_schema(struct db *, struct buf *what, struct err *);

/*
 * One that came from elsewhere, to write to: of a schema that we know, an older
 * one is brought up to ours; nothing but that schema in it; and its pages.
 * ERR_CORRUPT, ERR_VERSION.
 */
int	verify_copy(struct db *, const char *name, struct err *);

#endif
