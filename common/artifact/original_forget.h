/*
 * Originals of documents that are forgotten.  The original of what was read
 * out of an archive is the archive, in which the text is, too: it goes also
 * where others were read out of it, and these have none any more (raw_status
 * is "failed").  None of such an archive is kept from then on.
 */
#ifndef ARTIFACT_ORIGINAL_FORGET_H
#define ARTIFACT_ORIGINAL_FORGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct store;

/* The path of a file's URI, %XX undone (RFC 8089), in place of what is in the
 * buffer; false: it is none. */
bool	original_path(struct buf *, const char *uri);
/* What an import calls a file of this path: text, without controls, composed;
 * own. */
char	*original_called(const char *path);
/* How much of a document's id is the archive's that it was read out of, which
 * is its source; 0: it is in none.  Either may be NULL. */
size_t	original_archive(const char *source, const char *id);

/* Was something forgotten that the original of this one may tell?  1, 0. */
int	original_forgotten(struct store *, const char *kb, const char *source,
	    const char *id, struct err *);

/*
 * A tombstone takes this row (KB/RECORD_ID), which is still there: so go the
 * originals that its versions had.  One that another document is all of stays,
 * and so does a pointer that another one needs.  Inside a transaction.
 */
int	original_forget(struct store *, const char *id, bool elsewhere,
	    struct err *);

#endif
