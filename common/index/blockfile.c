#include "index/blockfile.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "index/blockfile_own.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LABEL "memkit index file 1"	/* with its NUL */
#define READ_MAX ((size_t)1 << 30)	/* some systems refuse over 2 GiB */

struct blockfile {
	char *path;			/* own */
	int fd;
	bool lent;			/* fd is another's */
	struct blockfile_key key;
	uint64_t size, bytes;		/* plain, on the disk */
	/* of a sealed one: */
	struct aead *aead;		/* own; NULL: in clear */
	size_t block;			/* plain bytes of one */
	uint8_t *room;			/* own; a run as it is read */
	uint8_t *last;			/* own; the last block that was not
					   read as a whole */
	uint64_t number;		/* its; HEADER: none */
};

/* --- keys -------------------------------------------------------------- */

int
blockfile_aead(struct aead **out, const struct blockfile_key *key,
    const uint8_t salt[BLOCKFILE_KEY], const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	struct buf info = BUF_INIT;
	struct hkdf h = { .key = key->key, .keylen = BLOCKFILE_KEY,
	    .salt = salt, .saltlen = BLOCKFILE_KEY };
	uint8_t k[AEAD_KEY];
	int r;

	buf_add(&info, LABEL, sizeof LABEL);
	buf_adds(&info, name);
	h.info = info.p;
	h.infolen = info.len;
	hkdf_make(&h, k, sizeof k);
	r = aead_new(out, AEAD_GCM, k, e);
	mem_wipe(k, sizeof k);
	buf_release(&info);
	return r;
}

/* --- opening ----------------------------------------------------------- */

static int
damaged(const struct blockfile *f, const char *what, struct err *e)
{
	return err_set(e, ERR_INDEX, "the index file '%s' is damaged (%s); "
	    "mem-index --rebuild makes it again", f->path, what);
}

static int
read_fd(struct blockfile *f, uint64_t at, void *out, size_t len,
    struct err *e)
{
	uint8_t *p = out;
	ssize_t n;

	while (len > 0) {
		n = pread(f->fd, p, len < READ_MAX ? len : READ_MAX,
		    (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read '%s'", f->path);
		if (n == 0)
			return damaged(f, "it is cut short", e);
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int
read_header(struct blockfile *f, struct err *e)
{
	uint8_t h[HEAD], nonce[AEAD_NONCE], none[1];
	int r;

	if (f->bytes < HEAD)
		return damaged(f, "it is not sealed", e);
	if (read_fd(f, 0, h, sizeof h, e) < 0)
		return -1;
	if (memcmp(h, MAGIC, 8) != 0)
		return damaged(f, "it is not sealed", e);
	if (le32_get(h + AT_VERSION) > VERSION)
		return err_set(e, ERR_VERSION, "the index file '%s' was made "
		    "by a newer memkit (format %" PRIu32 ", this is %d); "
		    "upgrade memkit", f->path, le32_get(h + AT_VERSION),
		    VERSION);
	f->size = le64_get(h + AT_SIZE);
	f->block = le32_get(h + AT_BLOCK);
	if (le32_get(h + AT_VERSION) != VERSION ||
	    (f->block != BLOCKFILE_BLOCK && f->block != BLOCKFILE_SMALL) ||
	    f->size > SIZE_LIMIT)
		return damaged(f, "header", e);
	if (blockfile_aead(&f->aead, &f->key, h + AT_SALT, f->path, e) < 0)
		return -1;
	blockfile_nonce(nonce, HEADER);
	r = aead_open(f->aead, nonce, h, AT_TAG, h + AT_TAG, AEAD_TAG, none,
	    e);
	if (r == 0)
		return damaged(f, "header, or it is of another place or key",
		    e);
	if (r < 0)
		return -1;
	if (f->bytes != HEAD + f->size +
	    blockfile_blocks(f->size, f->block) * AEAD_TAG)
		return damaged(f, "it is cut short", e);
	f->number = HEADER;
	return 0;
}

static int
start(struct blockfile *f, struct err *e)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return err_sys(e, "cannot look at '%s'", f->path);
	if (!S_ISREG(st.st_mode))
		return damaged(f, "it is no file", e);
	f->bytes = f->size = (uint64_t)st.st_size;
	return f->key.sealed ? read_header(f, e) : 0;
}

static struct blockfile *
make(const char *path, const struct blockfile_key *key)
{
	struct blockfile *f = xcalloc(1, sizeof *f);

	f->path = xstrdup(path);
	if (key != NULL)
		f->key = *key;
	return f;
}

int
blockfile_open(struct blockfile **out, const char *path,
    const struct blockfile_key *key, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct blockfile *f;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "there is no '%s'", path);
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	f = make(path, key);
	f->fd = fd;
	if (start(f, e) < 0) {
		blockfile_close(f);
		return -1;
	}
	*out = f;
	return 0;
}

int
blockfile_again(struct blockfile **out, const struct blockfile_out *o,
    const struct blockfile_key *key, struct err *e)
{
	struct blockfile *f = make(o->path, key);

	f->fd = o->fd;
	f->lent = true;
	if (start(f, e) < 0) {
		blockfile_close(f);
		return -1;
	}
	*out = f;
	return 0;
}

void
blockfile_close(struct blockfile *f)
{
	if (f == NULL)
		return;
	if (!f->lent)
		close(f->fd);
	aead_free(f->aead);
	mem_wipe(&f->key, sizeof f->key);
	free(f->room);
	free(f->last);
	free(f->path);
	free(f);
}

uint64_t
blockfile_size(const struct blockfile *f)
{
	return f->size;
}

uint64_t
blockfile_bytes(const struct blockfile *f)
{
	return f->bytes;
}

const struct blockfile_key *
blockfile_key(const struct blockfile *f)
{
	return &f->key;
}

/* --- reading ----------------------------------------------------------- */

static size_t
len_of(const struct blockfile *f, uint64_t i)
{
	return blockfile_len(f->size, f->block, i);
}

static int
open_block(struct blockfile *f, uint64_t i, const uint8_t *sealed,
    uint8_t *out, struct err *e)
{
	uint8_t nonce[AEAD_NONCE];
	char what[48];
	int r;

	blockfile_nonce(nonce, i);
	r = aead_open(f->aead, nonce, NULL, 0, sealed, len_of(f, i) +
	    AEAD_TAG, out, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	snprintf(what, sizeof what, "block %" PRIu64, i);
	return damaged(f, what, e);
}

/* n whole blocks from the i-th on, which are len plain bytes. */
static int
read_whole(struct blockfile *f, uint64_t i, size_t n, uint8_t *out,
    size_t len, struct err *e)
{
	const uint8_t *p = f->room;

	if (read_fd(f, blockfile_at(f->block, i), f->room, len +
	    n * AEAD_TAG, e) < 0)
		return -1;
	for (; n > 0; n--, i++, p += f->block + AEAD_TAG, out += f->block)
		if (open_block(f, i, p, out, e) < 0)
			return -1;
	return 0;
}

/* The block is kept for who reads on in it. */
static int
read_last(struct blockfile *f, uint64_t i, struct err *e)
{
	if (f->number == i)
		return 0;
	if (f->last == NULL)
		f->last = xmalloc(f->block);
	f->number = HEADER;
	if (read_whole(f, i, 1, f->last, len_of(f, i), e) < 0)
		return -1;
	f->number = i;
	return 0;
}

/* Plain bytes of as many blocks from the i-th on as are whole in len, *n of
 * them, and fit the room. */
static size_t
run_of(const struct blockfile *f, uint64_t i, size_t len, size_t *n)
{
	size_t all = 0, one;

	for (*n = 0; all < len && *n < RUN / f->block; ++*n, all += one)
		if ((one = len_of(f, i + *n)) > len - all)
			break;
	return all;
}

static int
read_sealed(struct blockfile *f, uint64_t at, uint8_t *p, size_t len,
    struct err *e)
{
	size_t off, part, n = 0;
	uint64_t i;

	if (f->room == NULL)
		f->room = xmalloc(blockfile_room(f->block));
	for (; len > 0; at += part, p += part, len -= part) {
		i = at / f->block;
		off = at % f->block;
		part = off > 0 ? 0 : run_of(f, i, len, &n);
		if (part > 0) {
			if (read_whole(f, i, n, p, part, e) < 0)
				return -1;
			continue;
		}
		part = len_of(f, i) - off < len ? len_of(f, i) - off : len;
		if (read_last(f, i, e) < 0)
			return -1;
		memcpy(p, f->last + off, part);
	}
	return 0;
}

int
blockfile_read(struct blockfile *f, uint64_t at, void *out, size_t len,
    struct err *e)
{
	if (at > f->size || len > f->size - at)
		return damaged(f, "it is cut short", e);
	return f->aead == NULL ? read_fd(f, at, out, len, e) :
	    read_sealed(f, at, out, len, e);
}

int
blockfile_get(struct buf *b, const char *path, size_t max,
    const struct blockfile_key *key, struct err *e)
{
	struct blockfile *f;
	int r;

	buf_reset(b);
	if (key == NULL || !key->sealed)
		return buf_read_file(b, path, max, e);
	if (blockfile_open(&f, path, key, e) < 0)
		return -1;
	if (f->size > max) {
		r = err_set(e, ERR_INPUT, "'%s' is longer than %zu bytes",
		    path, max);
	} else {
		r = blockfile_read(f, 0, buf_reserve(b, (size_t)f->size),
		    (size_t)f->size, e);
		b->len = r < 0 ? 0 : (size_t)f->size;
		b->p[b->len] = '\0';
	}
	blockfile_close(f);
	return r;
}
