/*
 * CIDs: the names of blocks that are made of their bytes.  Of those that
 * there are we know the ones that a file of ours has: SHA-256, of bytes as
 * they are (raw) or of a node (dag-pb).  Everything else is refused.
 *
 * Sources: CID (github.com/multiformats/cid), unsigned-varint, multibase,
 * multihash, multicodec's table; "Encode/Decode" of a CIDv0 in the first.
 */
#ifndef BASE_CID_H
#define BASE_CID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

enum cid_codec { CID_RAW = 0x55, CID_DAG_PB = 0x70 };

struct cid {
	enum cid_codec codec;
	uint8_t sum[HASH_LEN];
};

#define CID_BYTES 36		/* of version 1 */
#define CID_TEXT 60		/* as cid_text has it, with its NUL */
#define CID_TEXT_MAX 128	/* longest text that is looked at */

/* That of a block. */
void	cid_of(struct cid *, enum cid_codec, const void *, size_t);
/* The same block?  Which version, or alphabet, it came in does not count. */
bool	cid_same(const struct cid *, const struct cid *);
/* Is this the block of that name?  ERR_INPUT: it is not. */
int	cid_check(const struct cid *, const void *, size_t, struct err *);

/* Version 1, base 32 in small letters: "bafy...". */
void	cid_text(const struct cid *, char out[CID_TEXT]);
void	cid_write(const struct cid *, uint8_t out[CID_BYTES]);

/*
 * What others print: "b" base 32, "z" base 58, and version 0, "Qm...".
 * ERR_INPUT: it is none, or one that we do not know.  Exactly one text of
 * each form is taken for a CID.
 */
int	cid_parse(struct cid *, const char *, size_t len, struct err *);
/* The binary form, of version 1 or 0, at the beginning of n bytes; *used is
 * how many of them it takes. */
int	cid_read(struct cid *, const void *, size_t n, size_t *used,
	    struct err *);

/*
 * An unsigned varint: at most 63 bits, as short as it can be.  varint_read:
 * how many bytes it takes; 0: n bytes are too few, -1: it is none.
 */
#define VARINT_MAX 9
size_t	varint_write(uint8_t out[VARINT_MAX], uint64_t);
size_t	varint_len(uint64_t);
void	varint_add(struct buf *, uint64_t);
int	varint_read(const void *, size_t n, uint64_t *out);

#endif
