/*
 * What may be said of an artifact.
 */
#ifndef ARTIFACT_ARTIFACT_META_H
#define ARTIFACT_ARTIFACT_META_H

#include <jansson.h>

#include "base/err.h"

/* Metadata: an object of texts, at most 4 KiB as JSON, no control characters
 * in names.  ARTIFACT_METADATA. */
#define ARTIFACT_META_MAX 4096
int	artifact_meta_check(const json_t *, struct err *);
/* A media type: TYPE/SUBTYPE and what follows, at most 255 characters. */
int	artifact_type_check(const char *, struct err *);

#endif
