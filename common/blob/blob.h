/*
 * Where the bytes of artifacts are: the contract of a provider.  This is all
 * that artifacts know of one; local_fs is a folder (blob_local.h), s3 and
 * filecoin are programs that are asked (blob_net.h).
 *
 * What holds of each:
 * - put: an object is there whole or not at all, whenever who put it died;
 *   when its `where` is BLOB_THERE it is on the disk, or acknowledged.  Again
 *   with the same bytes it is done; ERR_EXISTS: there are others.
 * - drop: what is not there is dropped.  What a put that died left on its way
 *   to this key goes, too.
 * - get hands out bytes in their order.  They count when it returned 0.
 * - Memory is bounded whatever the size of an object.
 *
 * -1 with the error of the call is for what concerns all objects of it (a
 * program cannot be run, a setting is wrong); what concerns one is in its r
 * and err.  Messages name no credentials.
 */
#ifndef BLOB_BLOB_H
#define BLOB_BLOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

enum blob_where {
	BLOB_ABSENT,
	BLOB_THERE,
	BLOB_PENDING,		/* accepted, and it may take long */
	BLOB_FAILED		/* accepted, and it came to nothing */
};

/* One object of an operation.  What it points to is borrowed, but `said`. */
struct blob {
	const char *key;	/* storage key (artifact_key.h) */
	/* What the provider said of it: its own business, kept with the row,
	 * and handed back with every later operation.  Own; NULL: nothing. */
	json_t *said;
	/* put: the bytes, in memory, or in a file (NULL mem) */
	const void *mem;
	const char *path;	/* absolute */
	bool moves;		/* the file is ours, on the provider's disk and
				   synced: it may become the object */
	uint64_t size;		/* of these bytes; head: as it is there */
	uint8_t sha256[HASH_LEN];	/* of these bytes; head: has_sum */
	bool has_sum;
	const char *cid;	/* filecoin: computed from the bytes */
	/* the answer */
	enum blob_where where;
	int r;			/* 0; -1: err */
	struct err err;
};

/* What is below a prefix; -1 ends it. */
typedef int blob_found(void *, const char *key, uint64_t size, int64_t time_ms,
    struct err *);
typedef int blob_sink(void *, const void *, size_t, struct err *);

struct blob_kind {
	/* Is all set that it needs?  No network.  ERR_INPUT names the
	 * setting. */
	int (*check)(void *, struct err *);
	int (*put)(void *, struct blob *, size_t n, struct err *);
	/* Is it there, and what is it: where, size, sha256, said. */
	int (*head)(void *, struct blob *, size_t n, struct err *);
	int (*drop)(void *, struct blob *, size_t n, struct err *);
	/* The bytes [from, from + len); len 0: to the end. */
	int (*get)(void *, const struct blob *, uint64_t from, uint64_t len,
	    blob_sink *, void *, struct err *);
	/* Keys that begin with prefix, in no order. */
	int (*list)(void *, const char *prefix, blob_found *, void *,
	    struct err *);
	void (*close)(void *);	/* takes NULL */
};

struct blob_provider {
	const struct blob_kind *kind;	/* NULL: not opened */
	void *p;
};

#endif
