/*
 * The bytes of what is staged (artifact_stage.h): read, hashed, sealed.
 */
#ifndef ARTIFACT_ARTIFACT_TAKE_H
#define ARTIFACT_ARTIFACT_TAKE_H

#include "artifact/artifact_stage.h"

/* Of a file, or of standard input ("-"), for the provider that s->a names. */
int	artifact_take(struct artifacts *, struct artifact_staged *,
	    const struct artifact_input *, struct err *);
/* Of one that is at its provider, sealed with the active key; s->a has id and
 * size. */
int	artifact_take_again(struct artifacts *, struct artifact_staged *,
	    const struct artifact *, struct err *);

#endif
