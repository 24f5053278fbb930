/*
 * Sealed, a block goes to the disk when its last byte has come, and never
 * again: what a second one under its nonce would tell is why.  Files are
 * written from a few places at a time (the header of a segment after all
 * else, three tables of vectors side by side), so that few blocks wait.
 */
#include "index/blockfile.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "index/blockfile_own.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct blockfile_part {
	uint64_t i;			/* its number */
	size_t n;			/* bytes that came */
	uint8_t bytes[BLOCKFILE_BLOCK];	/* what did not is zero */
};

static int
write_fd(struct blockfile_out *o, uint64_t at, const void *bytes, size_t len,
    struct err *e)
{
	const uint8_t *p = bytes;
	ssize_t n;

	while (len > 0) {
		n = pwrite(o->fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return err_sys(e, "cannot write '%s'", o->path);
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* --- sealing ----------------------------------------------------------- */

/* One that was not before. */
static int
seal_block(struct blockfile_out *o, uint64_t i, const uint8_t *p, size_t n,
    uint8_t *out, struct err *e)
{
	uint8_t nonce[AEAD_NONCE];
	size_t word = (size_t)(i / 64), had = o->done_cap;

	if (word >= had) {
		o->done_cap = 2 * word + 16;
		o->done = xreallocarray(o->done, o->done_cap,
		    sizeof *o->done);
		memset(o->done + had, 0, (o->done_cap - had) *
		    sizeof *o->done);
	}
	assert(!(o->done[word] >> (i % 64) & 1));
	o->done[word] |= UINT64_C(1) << (i % 64);
	blockfile_nonce(nonce, i);
	return aead_seal(o->aead, nonce, NULL, 0, p, n, out, e);
}

static int
header(struct blockfile_out *o, uint64_t size, uint8_t h[HEAD], struct err *e)
{
	uint8_t nonce[AEAD_NONCE];

	memcpy(h, MAGIC, 8);
	le32_put(h + AT_VERSION, VERSION);
	le32_put(h + AT_BLOCK, (uint32_t)o->block);
	memcpy(h + AT_SALT, o->salt, sizeof o->salt);
	le64_put(h + AT_SIZE, size);
	blockfile_nonce(nonce, HEADER);
	return aead_seal(o->aead, nonce, h, AT_TAG, NULL, 0, h + AT_TAG, e);
}

/* --- parts ------------------------------------------------------------- */

static struct blockfile_part *
find_part(struct blockfile_out *o, uint64_t i)
{
	struct blockfile_part *p;
	size_t k;

	for (k = o->parts; k-- > 0; )
		if (o->part[k]->i == i)
			return o->part[k];
	o->part = xgrow(o->part, o->parts, &o->parts_cap, sizeof *o->part);
	p = o->part[o->parts++] = xcalloc(1, sizeof *p);
	p->i = i;
	return p;
}

static int
write_part(struct blockfile_out *o, size_t k, size_t len, struct err *e)
{
	struct blockfile_part *p = o->part[k];
	int r = seal_block(o, p->i, p->bytes, len, o->room, e);

	if (r == 0)
		r = write_fd(o, blockfile_at(o->block, p->i), o->room,
		    len + AEAD_TAG, e);
	free(p);
	o->part[k] = o->part[--o->parts];
	return r;
}

static int
put_part(struct blockfile_out *o, uint64_t at, const uint8_t *bytes, size_t n,
    struct err *e)
{
	struct blockfile_part *p = find_part(o, at / o->block);
	size_t k;

	memcpy(p->bytes + at % o->block, bytes, n);
	p->n += n;
	assert(p->n <= o->block);
	if (p->n < o->block)
		return 0;
	for (k = 0; o->part[k] != p; k++)
		;
	return write_part(o, k, o->block, e);
}

/* --- the file ---------------------------------------------------------- */

int
blockfile_begin(struct blockfile_out *o, int fd, const char *path,
    size_t block, const struct blockfile_key *key, struct err *e)
{
	assert(block == BLOCKFILE_BLOCK || block == BLOCKFILE_SMALL);
	memset(o, 0, sizeof *o);
	o->fd = fd;
	o->block = block;
	if (key != NULL && key->sealed) {
		if (random_bytes(o->salt, sizeof o->salt, e) < 0 ||
		    blockfile_aead(&o->aead, key, o->salt, path, e) < 0)
			return -1;
		o->room = xmalloc(blockfile_room(block));
	}
	o->path = xstrdup(path);
	return 0;
}

void
blockfile_release(struct blockfile_out *o)
{
	while (o->parts > 0)
		free(o->part[--o->parts]);
	free(o->part);
	aead_free(o->aead);
	free(o->done);
	free(o->room);
	free(o->path);
	memset(o, 0, sizeof *o);
}

static int
put_sealed(struct blockfile_out *o, uint64_t at, const uint8_t *p, size_t len,
    struct err *e)
{
	size_t n, part, step = o->block + AEAD_TAG;

	for (; len > 0; at += part, p += part, len -= part) {
		if (at % o->block != 0 || len < o->block) {
			part = o->block - at % o->block;
			part = part < len ? part : len;
			if (put_part(o, at, p, part, e) < 0)
				return -1;
			continue;
		}
		for (n = part = 0; part < RUN && o->block <= len - part;
		    n++, part += o->block)
			if (seal_block(o, at / o->block + n, p + part,
			    o->block, o->room + n * step, e) < 0)
				return -1;
		if (write_fd(o, blockfile_at(o->block, at / o->block), o->room,
		    n * step, e) < 0)
			return -1;
	}
	return 0;
}

int
blockfile_put(struct blockfile_out *o, uint64_t at, const void *p, size_t len,
    struct err *e)
{
	if (len > 0 && at + len > o->top)
		o->top = at + len;
	return o->aead == NULL ? write_fd(o, at, p, len, e) :
	    put_sealed(o, at, p, len, e);
}

int
blockfile_end(struct blockfile_out *o, uint64_t size, struct err *e)
{
	uint64_t blocks = blockfile_blocks(size, o->block), i;
	uint8_t h[HEAD];

	assert(o->top <= size);
	if (o->aead == NULL) {
		if (o->top < size && ftruncate(o->fd, (off_t)size) < 0)
			return err_sys(e, "cannot write '%s'", o->path);
		return 0;
	}
	/* the last one may end in what was not put, or be nothing else */
	for (i = o->top / o->block; i < blocks; i++)
		if (i / 64 >= o->done_cap || !(o->done[i / 64] >> (i % 64) & 1))
			(void)find_part(o, i);
	while (o->parts > 0)
		if (write_part(o, 0, blockfile_len(size, o->block,
		    o->part[0]->i), e) < 0)
			return -1;
	for (i = 0; i < blocks; i++)
		assert(o->done[i / 64] >> (i % 64) & 1);
	return header(o, size, h, e) < 0 ? -1 : write_fd(o, 0, h, HEAD, e);
}

/* --- whole files ------------------------------------------------------- */

static int
seal_all(struct blockfile_out *o, const uint8_t *p, size_t len, struct buf *b,
    struct err *e)
{
	uint64_t i, blocks = blockfile_blocks(len, o->block);
	size_t all = (size_t)(HEAD + len + blocks * AEAD_TAG);
	uint8_t *out = (uint8_t *)buf_reserve(b, all);

	if (header(o, len, out, e) < 0)
		return -1;
	for (i = 0; i < blocks; i++)
		if (seal_block(o, i, p + i * o->block, blockfile_len(len,
		    o->block, i), out + blockfile_at(o->block, i), e) < 0)
			return -1;
	b->len = all;
	return 0;
}

int
blockfile_replace(const char *path, const void *p, size_t len,
    const struct blockfile_key *key, struct err *e)
{
	struct blockfile_out o;
	struct buf b = BUF_INIT;
	int r;

	if (key == NULL || !key->sealed)
		return file_replace(path, p, len, e);
	r = blockfile_begin(&o, -1, path, BLOCKFILE_BLOCK, key, e);
	if (r == 0)
		r = seal_all(&o, p, len, &b, e);
	if (r == 0)
		r = file_replace(path, b.p, b.len, e);
	blockfile_release(&o);
	buf_release(&b);
	return r;
}
