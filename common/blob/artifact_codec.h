/*
 * How the bytes of an artifact are sealed before a provider gets them
 * (base/seal.h): AES-256-GCM in segments, each object with a key of its own,
 * by HKDF of a key of the ring and 32 random bytes.  The artifact's id is
 * authenticated, so that one object cannot stand for another.  The sidecar,
 * kept in the row, says what is needed to open it:
 *
 *	{"name":"aes_gcm","version":1,"key_id":"v1","salt":BASE64URL,
 *	 "segment_bytes":65536,"encoded_size_bytes":N}
 *
 * The SHA-256 of the sealed bytes is in the row (sum).
 */
#ifndef BLOB_ARTIFACT_CODEC_H
#define BLOB_ARTIFACT_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/seal.h"
#include "base/ulid.h"

struct artifact_codec {
	char key_id[SEAL_ID_MAX + 1];
	uint8_t salt[SEAL_KEY];
	uint32_t segment;
	uint64_t size;			/* sealed */
};

/* A new one, for so many plain bytes. */
int	artifact_codec_new(struct artifact_codec *, const struct seal_key *,
	    uint64_t plain, struct err *);
void	artifact_codec_write(const struct artifact_codec *, struct buf *);
/* ERR_CORRUPT: it is not of the form, or not of so many plain bytes. */
int	artifact_codec_read(struct artifact_codec *, const char *text,
	    size_t len, uint64_t plain, struct err *);

/* What seal_begin and unseal_begin want to know; ad has room for
 * ARTIFACT_AD. */
#define ARTIFACT_AD (16 + ULID_BYTES)
void	artifact_codec_about(const struct artifact_codec *,
	    const uint8_t id[ULID_BYTES], uint64_t plain, uint8_t *ad,
	    struct seal_about *);

#endif
