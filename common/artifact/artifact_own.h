/*
 * What the files of artifacts' rows share.
 */
#ifndef ARTIFACT_ARTIFACT_OWN_H
#define ARTIFACT_ARTIFACT_OWN_H

#include "artifact/artifact.h"
#include "base/buf.h"

/* JSON of a column; NULL is NULL, and so is what was damaged: mem-admin check
 * tells.  Own. */
json_t	*artifact_get_json(struct db_query *, int col);
/* The same into one; the buffer, empty, holds it until the end. */
void	artifact_bind_json(struct db_query *, const char *name, json_t *,
	    struct buf *);

#endif
