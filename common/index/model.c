#include "index/model.h"

#include "base/alloc.h"
#include "base/crc.h"
#include "base/file.h"
#include "index/le.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MODEL_DIR
#define MODEL_DIR "/usr/local/share/memkit/model"
#endif

#define MAGIC "MKMODEL\n"
#define VERSION 1
#define PAGE 4096
#define FIRST 1028	/* bytes of the table of first bytes */

enum { ROWS, HEADS, TAILS, TEXT, SUMS, SECTIONS };

struct model {
	char *path;			/* own */
	const uint8_t *p;		/* mapped */
	size_t len, sums;		/* where the sums are */
	struct {
		size_t at, len;
	} section[SECTIONS];
	uint32_t pieces, dim, unknown;
	char name[MODEL_NAME];
	uint8_t hash[HASH_LEN];
	uint8_t *checked;		/* own; of each page */
};

/* --- finding ----------------------------------------------------------- */

void
model_find(const char *asked, struct buf *path)
{
	static const char *const beside[] = {
		"/../share/memkit/model/" MODEL_FILE,
		"/../share/model/" MODEL_FILE
	};
	char exe[4096], *slash;
	ssize_t n;
	size_t i;

	buf_reset(path);
	if (asked != NULL) {
		buf_adds(path, asked);
		return;
	}
	/* A tree that was moved after it was installed still works where the
	 * system says who runs; elsewhere this fails, and that is all. */
	n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n > 0) {
		exe[n] = '\0';
		if ((slash = strrchr(exe, '/')) != NULL)
			*slash = '\0';
		for (i = 0; i < 2; i++) {
			buf_reset(path);
			buf_adds(path, exe);
			buf_adds(path, beside[i]);
			if (access(path->p, R_OK) == 0)
				return;
		}
	}
	buf_reset(path);
	buf_adds(path, MODEL_DIR "/" MODEL_FILE);
}

/* --- opening ----------------------------------------------------------- */

static int
damaged(const struct model *m, const char *what, struct err *e)
{
	return err_set(e, ERR_INDEX, "model '%s' is damaged: %s; "
	    "install it again", m->path, what);
}

static int
map_file(struct model *m, struct err *e)
{
	int fd = open(m->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "there is no model '%s'",
		    m->path);
	if (fd < 0)
		return err_sys(e, "cannot open model '%s'", m->path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size < PAGE || (uintmax_t)st.st_size > SIZE_MAX / 2) {
		close(fd);
		return err_set(e, ERR_INDEX, "'%s' is not a model",
		    m->path);
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return err_sys(e, "cannot map model '%s'", m->path);
	m->p = p;
	m->len = (size_t)st.st_size;
	return 0;
}

static int
read_sections(struct model *m, struct err *e)
{
	uint64_t at, len;
	unsigned i;

	for (i = 0; i < SECTIONS; i++) {
		at = le64_get(m->p + 124 + 16 * i);
		len = le64_get(m->p + 132 + 16 * i);
		if (at < PAGE || at % PAGE != 0 || at > m->len ||
		    len > m->len - at)
			return damaged(m, "a section lies outside", e);
		m->section[i].at = (size_t)at;
		m->section[i].len = (size_t)len;
	}
	/* nothing that is checked by the sums lies behind them */
	for (i = 0; i < SUMS; i++)
		if (m->section[i].at + m->section[i].len >
		    m->section[SUMS].at)
			return damaged(m, "a section lies outside", e);
	return 0;
}

static int
read_header(struct model *m, struct err *e)
{
	size_t pages;

	if (memcmp(m->p, MAGIC, 8) != 0)
		return err_set(e, ERR_INDEX, "'%s' is not a model", m->path);
	if (le32_get(m->p + 8) != VERSION)
		return err_set(e, ERR_VERSION, "model '%s' has format %"
		    PRIu32 ", this memkit knows %d; upgrade memkit", m->path,
		    le32_get(m->p + 8), VERSION);
	if (le32_get(m->p + PAGE - 4) != crc32c(0, m->p, PAGE - 4))
		return damaged(m, "its header", e);
	m->pieces = le32_get(m->p + 12);
	m->dim = le32_get(m->p + 16);
	m->unknown = le32_get(m->p + 20);
	memcpy(m->name, m->p + 28, MODEL_NAME);
	memcpy(m->hash, m->p + 92, HASH_LEN);
	if (m->dim == 0 || m->dim > MODEL_DIM || m->dim % 64 != 0 ||
	    m->unknown >= m->pieces || m->name[MODEL_NAME - 1] != '\0')
		return damaged(m, "its header", e);
	if (read_sections(m, e) < 0)
		return -1;
	if (m->section[ROWS].len != (uint64_t)m->pieces * (8 + m->dim))
		return damaged(m, "its rows", e);
	if (m->section[HEADS].len < FIRST || m->section[TAILS].len < FIRST)
		return damaged(m, "its vocabulary", e);
	m->sums = m->section[SUMS].at;
	pages = m->sums / PAGE - 1;
	if (m->section[SUMS].len != 4 * pages ||
	    crc32c(0, m->p + m->sums, 4 * pages) != le32_get(m->p + 24))
		return damaged(m, "its checksums", e);
	m->checked = xcalloc(pages + 1, 1);
	return 0;
}

int
model_open(struct model **out, const char *path, struct err *e)
{
	struct model *m = xcalloc(1, sizeof *m);

	m->path = xstrdup(path);
	if (map_file(m, e) < 0 || read_header(m, e) < 0) {
		model_close(m);
		return -1;
	}
	*out = m;
	return 0;
}

void
model_close(struct model *m)
{
	if (m == NULL)
		return;
	if (m->p != NULL)
		munmap((void *)(uintptr_t)m->p, m->len);
	free(m->checked);
	free(m->path);
	free(m);
}

/* --- reading ----------------------------------------------------------- */

/* Check the pages k ... last. */
static int
check(struct model *m, size_t k, size_t last, struct err *e)
{
	for (; k <= last; k++) {
		if (m->checked[k - 1])
			continue;
		if (crc32c(0, m->p + k * PAGE, PAGE) !=
		    le32_get(m->p + m->sums + 4 * (k - 1)))
			return damaged(m, "a page", e);
		m->checked[k - 1] = 1;
	}
	return 0;
}

/* Bytes that lie within a section. */
static inline int
touch(struct model *m, size_t at, size_t len, struct err *e)
{
	size_t k = at / PAGE, last = (at + len - 1) / PAGE;

	if (m->checked[k - 1] && m->checked[last - 1] && last - k < 2)
		return 0;
	return check(m, k, last, e);
}

int
model_verify(struct model *m, struct err *e)
{
	uint8_t hash[HASH_LEN];

	if (m->sums > PAGE && touch(m, PAGE, m->sums - PAGE, e) < 0)
		return -1;
	hash_mem(m->p + PAGE, m->sums - PAGE, hash);
	if (memcmp(hash, m->hash, sizeof hash) != 0)
		return damaged(m, "its hash", e);
	return 0;
}

const char *
model_name(const struct model *m)
{
	return m->name;
}

const uint8_t *
model_hash(const struct model *m)
{
	return m->hash;
}

uint32_t
model_pieces(const struct model *m)
{
	return m->pieces;
}

uint32_t
model_dim(const struct model *m)
{
	return m->dim;
}

uint32_t
model_unknown(const struct model *m)
{
	return m->unknown;
}

int
model_row(struct model *m, uint32_t id, float *scale, float *weight,
    const int8_t **q, struct err *e)
{
	size_t len = 8 + (size_t)m->dim;
	size_t at = m->section[ROWS].at + id * len;

	if (touch(m, at, len, e) < 0)
		return -1;
	*scale = lef_get(m->p + at);
	*weight = lef_get(m->p + at + 4);
	/* also of NaN */
	if (!(fabsf(*scale) <= 1e6f) || !(fabsf(*weight) <= 1e6f))
		return damaged(m, "a row", e);
	*q = (const int8_t *)(m->p + at + 8);
	return 0;
}

/* --- the vocabulary ---------------------------------------------------- */

struct entry {
	const uint8_t *p;	/* borrowed from the map */
	size_t len;
	uint32_t id;
};

static int
entry_at(struct model *m, size_t list, uint32_t i, struct entry *out,
    struct err *e)
{
	size_t at = m->section[list].at + FIRST + 8 * (size_t)i, text;

	if (touch(m, at, 8, e) < 0)
		return -1;
	text = le32_get(m->p + at) >> 8;
	out->len = m->p[at];
	out->id = le32_get(m->p + at + 4);
	if (out->len == 0 || text + out->len > m->section[TEXT].len ||
	    out->id >= m->pieces)
		return damaged(m, "its vocabulary", e);
	text += m->section[TEXT].at;
	out->p = m->p + text;
	return touch(m, text, out->len, e);
}

/* Entries that begin with the byte: [*lo, *hi). */
static int
range_of(struct model *m, size_t list, uint8_t byte, uint32_t *lo,
    uint32_t *hi, struct err *e)
{
	size_t at = m->section[list].at + 4 * (size_t)byte;

	if (touch(m, at, 8, e) < 0)
		return -1;
	*lo = le32_get(m->p + at);
	*hi = le32_get(m->p + at + 4);
	if (*lo > *hi || *hi > (m->section[list].len - FIRST) / 8)
		return damaged(m, "its vocabulary", e);
	return 0;
}

/*
 * The last entry not after p[0 ... len), if it is in [lo, hi).  Every piece
 * that p begins with is a beginning of it, so that what they have in common
 * is all that is left to look for.
 */
static int
search(struct model *m, size_t list, uint32_t lo, uint32_t hi, const char *p,
    size_t len, struct entry *out, struct err *e)
{
	struct entry x;
	uint32_t mid;
	size_t n;
	int c, found = 0;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (entry_at(m, list, mid, &x, e) < 0)
			return -1;
		n = x.len < len ? x.len : len;
		c = memcmp(x.p, p, n);
		if (c < 0 || (c == 0 && x.len <= len)) {
			*out = x;
			found = 1;
			lo = mid + 1;
		} else
			hi = mid;
	}
	return found;
}

int
model_piece(struct model *m, enum model_list which, const char *p, size_t len,
    uint32_t *id, size_t *used, struct err *e)
{
	size_t list = which == MODEL_HEADS ? HEADS : TAILS, n;
	struct entry x;
	uint32_t lo, hi;
	int r;

	if (len == 0)
		return 0;
	if (range_of(m, list, (uint8_t)p[0], &lo, &hi, e) < 0)
		return -1;
	while (len > 0) {
		if ((r = search(m, list, lo, hi, p, len, &x, e)) <= 0)
			return r;
		for (n = 0; n < x.len && n < len &&
		    x.p[n] == (uint8_t)p[n]; n++)
			;
		if (n == x.len) {
			*id = x.id;
			*used = n;
			return 1;
		}
		/* In sorted order n < len; damage must not go on for ever. */
		len = n < len ? n : len - 1;
	}
	return 0;
}
