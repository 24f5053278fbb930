/*
 * Which rows of knowledge bases name an artifact, by their "artifact_id"
 * (artifact_used tells whether one that counts does).  Inside a transaction.
 */
#ifndef MEMORY_ARTIFACT_USE_H
#define MEMORY_ARTIFACT_USE_H

#include <stdint.h>

#include "base/err.h"
#include "base/ulid.h"

struct store;

/* A new row names this one. */
int	artifact_use_add(struct store *, const uint8_t id[ULID_BYTES],
	    int64_t record, struct err *);
/* A new row that says what another one does. */
int	artifact_use_copy(struct store *, int64_t from, int64_t record,
	    struct err *);

#endif
