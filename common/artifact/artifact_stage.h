/*
 * The bytes of an artifact, made ready for its provider: read once, hashed,
 * sealed if that is set, and in a form that the provider takes (in memory, in
 * a file beside its objects, or where they are).
 */
#ifndef ARTIFACT_ARTIFACT_STAGE_H
#define ARTIFACT_ARTIFACT_STAGE_H

#include <stdbool.h>

#include "artifact/artifact_meta.h"
#include "artifact/artifacts.h"
#include "base/buf.h"

/* What somebody wants to keep; all of it borrowed. */
struct artifact_input {
	const char *uri;		/* a pointer; else: */
	const char *path;		/* a file; "-": standard input */
	const uint8_t *is;		/* SHA-256 that it had and must have;
					   NULL: whatever it holds */
	const char *name;		/* filename; NULL: that of path */
	const char *content_type;	/* NULL: application/octet-stream, of a
					   pointer none */
	const char *session;		/* NULL: of none */
	const json_t *metadata;		/* NULL: none */
	bool disclose_hash;
	bool is_public;			/* may be read by anybody (filecoin) */
};

/* All of it but the row; object and seq are yet to come. */
struct artifact_staged {
	struct artifact a;
	struct buf mem;			/* the bytes, if has_mem */
	bool has_mem;
	char *path;			/* own; else where they are */
	bool temporary;			/* that is ours, and goes */
	char *cid;			/* own; filecoin */
};

/*
 * ERR_INPUT with a code (artifact.h) for what only this one is guilty of, or
 * with none: the file is absent, unreadable, changed meanwhile.  Others are of
 * the system.
 */
int	artifact_stage(struct artifacts *, const struct artifact_input *,
	    struct artifact_staged *, struct err *);
void	artifact_staged_release(struct artifact_staged *);

/* The same of bytes that are at a provider already, for a new form of them,
 * sealed with the active key (rekey). */
int	artifact_stage_again(struct artifacts *, const struct artifact *,
	    struct artifact_staged *, struct err *);

#endif
