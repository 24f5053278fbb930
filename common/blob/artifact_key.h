/*
 * Storage keys: what an artifact's bytes are called at a provider.
 *
 *	PREFIX/s/OWNER/ID.bin		OWNER: 32 hex digits, ID: a ULID
 *	PREFIX/s/OWNER/ID.N.bin		the Nth form of them (rekey), N > 1
 *
 * OWNER is HMAC-SHA-256 of tenant and user under a secret of the store, cut to
 * 128 bits: no name of anybody is in a key, and who has not the secret cannot
 * tell whose two keys are.  The row has the whole key, so a change of prefix
 * moves nothing.
 */
#ifndef BLOB_ARTIFACT_KEY_H
#define BLOB_ARTIFACT_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ulid.h"

struct store;

#define ARTIFACT_OWNER 32	/* hex digits */
#define ARTIFACT_PREFIX_MAX 256
#define ARTIFACT_KEY_MAX (ARTIFACT_PREFIX_MAX + 96)

/* The owner that this call is, with room for ARTIFACT_OWNER + 1.  The secret is
 * made when it is first needed. */
int	artifact_owner(const struct store *, char owner[], struct err *);

/* Replaces what is in the buffer; form is 1, 2 ... */
void	artifact_key(struct buf *, const char *prefix, const char *owner,
	    const uint8_t id[ULID_BYTES], int64_t form);

/* Is it such a key?  Keys come with rows of other copies, too: nothing else
 * becomes a path or an object's name. */
bool	artifact_key_good(const char *);
/* Of which form; 0: no such key. */
int64_t	artifact_key_form(const char *);
/* NULL, or what is wrong with a prefix: letters, digits, "._-" and single
 * '/' between parts that do not begin with a dot; may be empty. */
const char *artifact_prefix_wrong(const char *);

#endif
