/*
 * What reading and writing a file in blocks share.  Private to blockfile*.c.
 */
#ifndef INDEX_BLOCKFILE_OWN_H
#define INDEX_BLOCKFILE_OWN_H

#include "base/aead.h"
#include "index/blockfile.h"
#include "index/le.h"

#include <string.h>

#define RUN ((size_t)256 << 10)	/* plain bytes read and written at once */
#define MAGIC "MKBLOCK\n"
#define VERSION 1
#define HEADER UINT64_MAX	/* in place of a block's number */
#define SIZE_LIMIT (UINT64_C(1) << 60)

enum { AT_VERSION = 8, AT_BLOCK = 12, AT_SALT = 16, AT_SIZE = 48, AT_TAG = 56,
    HEAD = AT_TAG + AEAD_TAG };

/* The cipher of one file. */
int	blockfile_aead(struct aead **, const struct blockfile_key *,
	    const uint8_t salt[BLOCKFILE_KEY], const char *path,
	    struct err *);

static inline void
blockfile_nonce(uint8_t nonce[AEAD_NONCE], uint64_t block)
{
	le64_put(nonce, block);
	memset(nonce + 8, 0, AEAD_NONCE - 8);
}

/* Of a file of this size, in blocks of so many bytes, ... */
static inline uint64_t
blockfile_blocks(uint64_t size, size_t block)
{
	return size / block + (size % block != 0);
}

/* ... the plain bytes of the i-th, which there is, */
static inline size_t
blockfile_len(uint64_t size, size_t block, uint64_t i)
{
	uint64_t left = size - i * block;

	return left < block ? (size_t)left : block;
}

/* and where it stands. */
static inline uint64_t
blockfile_at(size_t block, uint64_t i)
{
	return HEAD + i * (block + AEAD_TAG);
}

/* Room for a run of them. */
static inline size_t
blockfile_room(size_t block)
{
	return RUN + RUN / block * AEAD_TAG;
}

#endif
