/*
 * Artifacts in, many at a time: rows (pending), then the bytes, then the rows
 * are settled; each step for a whole batch.  What is told of is on the disk,
 * or acknowledged by its provider.
 */
#ifndef ARTIFACT_ARTIFACT_PUT_H
#define ARTIFACT_ARTIFACT_PUT_H

#include "artifact/artifact_stage.h"

/* How one ended: why is NULL, or the error; then a may be NULL (it never
 * came to be) or one that failed.  given is what it was called. */
typedef int artifact_told(void *, const char *given, const struct artifact *,
    const struct err *why, struct err *);

struct artifact_put;

/* redact: secrets are taken out of what is said of them; a URI with one is
 * refused. */
int	artifact_put_new(struct artifact_put **, struct artifacts *,
	    bool redact, artifact_told *, void *, struct err *);
/* Takes what it needs of the input.  -1 for what concerns all of them; what
 * concerns this one is told, in its turn. */
int	artifact_put_add(struct artifact_put *, const struct artifact_input *,
	    const char *given, struct err *);
int	artifact_put_end(struct artifact_put *, struct err *);
void	artifact_put_free(struct artifact_put *);	/* takes NULL */

#endif
