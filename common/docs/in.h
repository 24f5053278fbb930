/*
 * The bytes of a document, read in order once: a file, a member of an archive,
 * what a filter printed, or memory.
 */
#ifndef DOCS_IN_H
#define DOCS_IN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct docs_in {
	/* Up to max bytes into p: how many, 0 the end, -1. */
	int64_t (*read)(void *, void *p, size_t max, struct err *);
	void *arg;
	const char *name;	/* for messages; borrowed */
	int64_t size;		/* as it is told, bytes; -1: unknown.  Not to
				   be relied on */
	int64_t taken;		/* bytes read so far */
	int64_t most;		/* bytes; ERR_INPUT when there is more */
	struct hash *hash;	/* of all that is read; NULL: not wanted */
	/* Of texts (docs/encoding.h), names as iconv knows them; borrowed. */
	const char *charset;	/* as it was told elsewhere; NULL: it was not */
	const char *fallback;	/* of what is not UTF-8 and tells nothing; NULL:
				   windows-1252 */
	int64_t replaced;	/* out: U+FFFD that stand for bad bytes */
};

/* Reads until max bytes are there or the end comes; counts, hashes, and keeps
 * to in->most. */
int64_t	docs_in_read(struct docs_in *, void *p, size_t max, struct err *);
/* From now on it keeps to so many; what was read counts. */
int	docs_in_limit(struct docs_in *, int64_t most, struct err *);
/* The rest, so that the hash is of all. */
int	docs_in_drain(struct docs_in *, struct err *);

/* A descriptor, borrowed, from its place on. */
void	docs_in_fd(struct docs_in *, int fd, const char *name, int64_t most);

struct docs_mem {
	const char *p;
	size_t len, at;
};
void	docs_in_mem(struct docs_in *, struct docs_mem *, const char *p,
	    size_t len, const char *name);

#endif
