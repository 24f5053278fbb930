/*
 * docs-read, in parts: the loop over questions (docs-read.c), a document
 * (docs_read_document.c), the lines that it prints (docs_read_tell.c).
 */
#ifndef CMD_DOCS_READ_H
#define CMD_DOCS_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "docs/archive.h"
#include "docs/filter.h"
#include "docs/in.h"
#include "docs/limits.h"

#define DOCS_DEEP 64		/* archives in one another, at most */

/* A member of an archive by its number there, from 1, and that of the archive
 * if this is a member, too, before it. */
struct docs_at {
	int64_t at[DOCS_DEEP];
	size_t n;
};

struct docs_read {
	struct docs_limits limits;
	struct docs_filters filters;	/* own */
	int64_t words_min, words_max;	/* of a chunk */
	int64_t memory, cpu_s;		/* of the process; 0: as it is */
	char *encoding;		/* own; or NULL */
	bool hidden;		/* members whose names have a dot, too */
	struct buf out;		/* lines that are not written yet */
	bool lost;		/* they could not be */
	/* of the question at hand */
	struct docs_spent spent;
	const char *source;	/* borrowed; URL of the file */
	struct docs_at at;	/* the member at hand */
	struct docs_at after;	/* what is up to this was told of before, or
				   ended who did; n 0: nothing */
};

/* What a document is, before it is read. */
struct docs_about {
	const char *path;	/* UTF-8; its id, if it is not too long */
	const char *media_type;
	int64_t mtime_ms;	/* INT64_MIN: not known */
};

/*
 * Reads what in holds, a document or an archive of some, and prints that.  fd
 * is the same, to seek in, or -1.  0, also when it could not be read, which is
 * printed; -1: no more can be printed.
 */
int	docs_read_in(struct docs_read *, struct docs_in *, int fd,
	    const char *path, int64_t mtime_ms, struct err *);

/* The bytes of one document (media type as in about, or of what a filter
 * prints: as), its chunks and itself printed.  hash and size are of original
 * at its end.  -1: ERR_INPUT, or it could not be printed (d->lost). */
int	docs_read_tell(struct docs_read *, const struct docs_about *,
	    struct docs_in *in, const char *as, struct docs_in *original,
	    struct err *);

/* The member at hand begins (path), or ends (NULL); all is written before it
 * is looked at. */
int	docs_read_member(struct docs_read *, const char *path, struct err *);
/* What could not be read, and why; kind: the same without what is of this one
 * alone, or NULL.  left_out: there is none who reads such. */
int	docs_read_unread(struct docs_read *, const char *path,
	    const char *kind, const char *why, bool left_out, struct err *);
/* Writes if there is much of it; docs_read_flush: in any case. */
int	docs_read_write(struct docs_read *, struct err *);
int	docs_read_flush(struct docs_read *, struct err *);

#endif
