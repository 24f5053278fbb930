/*
 * The files of an index, in clear or, in a sealed tenant, in sealed blocks:
 * whoever reads or writes one sees plain bytes in both.
 *
 *	0	"MKBLOCK\n", u32 version (1), u32 plain bytes of a block:
 *		16384, or 4096
 *	16	salt: 32 random bytes
 *	48	u64 plain bytes of the file
 *	56	tag of what stands before
 *	72	blocks: for so many plain bytes, the last for what is left,
 *		as many bytes and a tag of 16
 *
 * Little endian.  AES-256-GCM under a key that nothing else has, HKDF of the
 * folder's key, the salt, and the file's name:
 *
 *	key	= HKDF-SHA-256 (key, salt, "memkit index file 1" || 0 || name)
 *	nonce	= u64 number of the block, from 0 || u32 0
 *		  of the header, which seals nothing: u64 -1 || u32 0
 *	additional data: of the header its first 56 bytes; of blocks none
 *
 * So a block is of this file, under this name and at this place, or it does
 * not open; how many there are, which is the last and how long that is, says
 * the header, which is authenticated when a file is opened.  A file that is
 * cut, or has blocks that were changed, swapped or taken from another, from
 * an older one of the same name too, is refused with ERR_INDEX, as one is
 * whose checksums are wrong; then it is made anew.  A whole older folder is
 * not told from the newest one.
 *
 * A block is sealed once, when all of it is there: until then it is kept in
 * memory, so that no nonce comes twice and nothing plain is ever on the disk.
 * Blocks are opened one by one, when they are asked for: 4 us for 16 kB.
 * Vectors, of which a search reads a thousand rows here and there, have small
 * ones.
 */
#ifndef INDEX_BLOCKFILE_H
#define INDEX_BLOCKFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define BLOCKFILE_BLOCK 16384
#define BLOCKFILE_SMALL 4096
#define BLOCKFILE_KEY 32

/* How the files of a folder are kept.  Where one is borrowed, NULL is clear. */
struct blockfile_key {
	bool sealed;			/* else in clear */
	uint8_t key[BLOCKFILE_KEY];
};

/* --- reading ----------------------------------------------------------- */

struct blockfile;

/*
 * ERR_ABSENT: no such file; ERR_VERSION: of a newer format; ERR_INDEX: it is
 * no file, or not sealed with this key under this name, or cut.  No link is
 * followed.
 */
int	blockfile_open(struct blockfile **, const char *path,
	    const struct blockfile_key *, struct err *);
void	blockfile_close(struct blockfile *);	/* takes NULL */

uint64_t blockfile_size(const struct blockfile *);	/* plain */
uint64_t blockfile_bytes(const struct blockfile *);	/* on the disk */
/* Of the same folder; borrowed. */
const struct blockfile_key *blockfile_key(const struct blockfile *);

/* All of these plain bytes.  ERR_INDEX: the file ends before, or a block does
 * not open. */
int	blockfile_read(struct blockfile *, uint64_t at, void *, size_t,
	    struct err *);

/* All of a file, in place of what is in the buffer.  As blockfile_open;
 * ERR_INPUT: it has more than max bytes. */
int	blockfile_get(struct buf *, const char *path, size_t max,
	    const struct blockfile_key *, struct err *);

/* --- writing ----------------------------------------------------------- */

struct blockfile_part;

struct blockfile_out {
	int fd;
	char *path;			/* own; that it will have */
	uint64_t top;			/* the end of what was put */
	/* own affairs of a sealed one: */
	size_t block;			/* plain bytes of one */
	struct aead *aead;		/* own; NULL: in clear */
	uint8_t salt[BLOCKFILE_KEY];
	struct blockfile_part **part;	/* own; blocks that are not full */
	size_t parts, parts_cap;
	uint64_t *done;			/* own; a bit for each block sealed */
	size_t done_cap;
	uint8_t *room;			/* own */
};

/* Of a descriptor that is empty and stays the caller's; in blocks of these
 * bytes, one of the two. */
int	blockfile_begin(struct blockfile_out *, int fd, const char *path,
	    size_t block, const struct blockfile_key *, struct err *);
/*
 * Anywhere, in any order, but each byte once.  Sealed, what does not fill a
 * block stays in memory until the rest comes: put from few places at a time.
 */
int	blockfile_put(struct blockfile_out *, uint64_t at, const void *, size_t,
	    struct err *);
/* The file has this size; what was not put is zero, and is less than a block
 * at a time.  The caller syncs it. */
int	blockfile_end(struct blockfile_out *, uint64_t size, struct err *);
/* What was written can be read back, from the same descriptor, which remains
 * the caller's. */
int	blockfile_again(struct blockfile **, const struct blockfile_out *,
	    const struct blockfile_key *, struct err *);
void	blockfile_release(struct blockfile_out *);

/* A whole file, as file_replace makes it. */
int	blockfile_replace(const char *path, const void *, size_t,
	    const struct blockfile_key *, struct err *);

#endif
