/*
 * A record in the form that is stored.
 *
 * Only record*.c includes this.
 */
#ifndef MEMORY_RECORD_ROW_H
#define MEMORY_RECORD_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/ulid.h"

#define RECORD_MAX ((size_t)64 << 20)	/* of its JSON, bytes */

struct record_row {
	const char *kb, *id, *type, *status;	/* in the block, or NULL */
	int64_t ts_ms;
	bool has_ts;
	bool has_artifact;	/* it names one (artifact_id) */
	uint8_t artifact[ULID_BYTES];
	const char *json;	/* in the block */
	size_t len;
	uint8_t hash[HASH_LEN];
};

#endif
