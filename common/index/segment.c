/*
 * Opening a segment, and its documents: keys, lengths, columns.
 */
#include "index/segment_format.h"

#include "base/alloc.h"
#include "base/crc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int
seg_damaged(const struct segment *s, const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "%s is damaged (%s); mem-index "
	    "--rebuild makes the index again", s->path, what);
}

/* --- open -------------------------------------------------------------- */

static int
read_header(struct segment *s, struct err *e)
{
	const uint8_t *p = s->map;
	uint64_t pages;
	int i;

	if (s->size < SEG_PAGE || memcmp(p, SEG_MAGIC, 8) != 0)
		return seg_damaged(s, "it is no segment", e);
	if (get32(p + 8) > SEG_VERSION)
		return err_set(e, ERR_VERSION, "%s: made by a newer memkit",
		    s->path);
	if (crc32c(0, p, SEG_HEADER - 4) != get32(p + SEG_HEADER - 4))
		return seg_damaged(s, "header", e);
	s->docs = get32(p + 12);
	s->columns = get32(p + 16);
	s->ascending = get32(p + 20);
	s->terms = get64(p + 32);
	s->words = get64(p + 40);
	s->length = get64(p + 48);
	for (i = 0; i < SEC_N; i++) {
		s->sec[i].at = get64(p + 64 + 16 * i);
		s->sec[i].size = get64(p + 72 + 16 * i);
		if (s->sec[i].at < SEG_PAGE || s->sec[i].at > s->size ||
		    s->sec[i].size > s->size - s->sec[i].at)
			return seg_damaged(s, "header", e);
	}
	pages = (s->sec[SEC_CHECKS].at + SEG_PAGE - 1) / SEG_PAGE;
	if (get64(p + 56) != s->size)
		return seg_damaged(s, "it is cut short", e);
	if (s->docs > SEGMENT_DOCS || s->columns > SEGMENT_COLUMNS ||
	    s->sec[SEC_CHECKS].size != 4 * (pages - 1) ||
	    s->sec[SEC_LENGTHS].size != s->docs)
		return seg_damaged(s, "header", e);
	if (crc32c(0, s->map + s->sec[SEC_CHECKS].at,
	    s->sec[SEC_CHECKS].size) != get32(p + 24))
		return seg_damaged(s, "checks", e);
	s->checked = xcalloc(pages / 64 + 1, sizeof *s->checked);
	return 0;
}

int
segment_open(struct segment **out, const char *path, struct err *e)
{
	struct segment *s = xcalloc(1, sizeof *s);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int r = -1;

	*out = NULL;
	s->path = xstrdup(path);
	buf_init(&s->key);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (errno == ENOENT)
			err_set(e, ERR_ABSENT, "there is no %s", path);
		else
			err_sys(e, "%s", path);
	} else if (st.st_size < SEG_PAGE) {
		seg_damaged(s, "it is cut short", e);
	} else {
		s->size = (uint64_t)st.st_size;
		s->map = mmap(NULL, s->size, PROT_READ, MAP_SHARED, fd, 0);
		if (s->map == MAP_FAILED) {
			s->map = NULL;
			err_sys(e, "%s", path);
		} else {
			r = read_header(s, e);
		}
	}
	if (fd >= 0)
		close(fd);
	if (r < 0) {
		segment_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
segment_close(struct segment *s)
{
	if (s == NULL)
		return;
	if (s->map != NULL)
		munmap((void *)s->map, s->size);
	buf_release(&s->key);
	free(s->checked);
	free(s->path);
	free(s);
}

int
seg_check(struct segment *s, uint64_t at, uint64_t n, struct err *e)
{
	uint64_t page, last, end = s->sec[SEC_CHECKS].at, from, size;
	const uint8_t *check = s->map + end;

	if (n == 0)
		return 0;
	if (at < SEG_PAGE || at > end || n > end - at)
		return seg_damaged(s, "an offset", e);
	last = (at + n - 1) / SEG_PAGE;
	for (page = at / SEG_PAGE; page <= last; page++) {
		if (s->checked[page / 64] >> (page % 64) & 1)
			continue;
		from = page * SEG_PAGE;
		size = end - from < SEG_PAGE ? end - from : SEG_PAGE;
		if (crc32c(0, s->map + from, size) !=
		    get32(check + 4 * (page - 1)))
			return seg_damaged(s, "a page", e);
		s->checked[page / 64] |= UINT64_C(1) << (page % 64);
	}
	return 0;
}

const uint8_t *
seg_bytes(struct segment *s, int section, uint64_t at, uint64_t n,
    struct err *e)
{
	const struct seg_section *sec = &s->sec[section];

	if (at > sec->size || n > sec->size - at) {
		seg_damaged(s, "an offset", e);
		return NULL;
	}
	return seg_need(s, sec->at + at, n, e) < 0 ? NULL :
	    s->map + sec->at + at;
}

const uint8_t *
seg_group(struct segment *s, int section, uint64_t group,
    const uint8_t **end, struct err *e)
{
	const uint8_t *ix;
	uint64_t n = s->sec[section + 1].size / 4, from, to;

	if (group >= n) {
		seg_damaged(s, "an offset", e);
		return NULL;
	}
	ix = seg_bytes(s, section + 1, 4 * group, group + 1 < n ? 8 : 4, e);
	if (ix == NULL)
		return NULL;
	from = get32(ix);
	to = group + 1 < n ? get32(ix + 4) : s->sec[section].size;
	if (from > to) {
		seg_damaged(s, "an offset", e);
		return NULL;
	}
	ix = seg_bytes(s, section, from, to - from, e);
	if (ix != NULL)
		*end = ix + (to - from);
	return ix;
}

uint32_t
segment_docs(const struct segment *s)
{
	return s->docs;
}

uint32_t
segment_columns(const struct segment *s)
{
	return s->columns;
}

uint64_t
segment_terms(const struct segment *s)
{
	return s->terms;
}

uint64_t
segment_length(const struct segment *s)
{
	return s->length;
}

uint64_t
segment_bytes(const struct segment *s)
{
	return s->size;
}

/* --- strings in order -------------------------------------------------- */

int
seg_compare(const void *a, size_t an, const void *b, size_t bn)
{
	int d = memcmp(a, b, an < bn ? an : bn);

	return d != 0 ? d : (an > bn) - (an < bn);
}

void
seg_strings_init(struct seg_strings *x, struct segment *s, int section)
{
	memset(x, 0, sizeof *x);
	x->s = s;
	x->section = section;
	x->all = section == SEC_KEYS ? s->docs : s->words;
	buf_init(&x->text);
}

void
seg_strings_release(struct seg_strings *x)
{
	buf_release(&x->text);
}

int
seg_strings_group(struct seg_strings *x, uint64_t group, struct err *e)
{
	x->next = group * SEG_GROUP;
	buf_reset(&x->text);
	if (x->next >= x->all) {
		x->next = x->all;
		return 0;
	}
	x->p = seg_group(x->s, x->section, group, &x->end, e);
	return x->p == NULL ? -1 : 0;
}

int
seg_strings_next(struct seg_strings *x, struct err *e)
{
	const uint8_t *p;
	uint64_t shared, own;

	if (x->next >= x->all)
		return 0;
	if (x->next % SEG_GROUP == 0 &&
	    seg_strings_group(x, x->next / SEG_GROUP, e) < 0)
		return -1;
	p = vint_get(x->p, x->end, &shared);
	if (p != NULL)
		p = vint_get(p, x->end, &own);
	if (p == NULL || shared > x->text.len || own > SEGMENT_KEY ||
	    shared + own > SEGMENT_KEY || own > (uint64_t)(x->end - p))
		return seg_damaged(x->s, "a string", e);
	buf_cut(&x->text, (size_t)shared);
	buf_add(&x->text, p, (size_t)own);
	p += own;
	if (x->section == SEC_WORDS &&
	    (p = vint_get(p, x->end, &x->number)) == NULL)
		return seg_damaged(x->s, "a word", e);
	x->p = p;
	x->next++;
	return 1;
}

int
seg_strings_seek(struct seg_strings *x, const void *key, size_t len,
    struct err *e)
{
	uint64_t lo = 0, hi = (x->all + SEG_GROUP - 1) / SEG_GROUP, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (seg_strings_group(x, mid, e) < 0 ||
		    seg_strings_next(x, e) < 0)
			return -1;
		if (seg_compare(x->text.p, x->text.len, key, len) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	return seg_strings_group(x, lo, e);
}

/* --- documents --------------------------------------------------------- */

int
segment_key(struct segment *s, uint32_t doc, struct buf *key, struct err *e)
{
	struct seg_strings x;
	int r;

	seg_strings_init(&x, s, SEC_KEYS);
	if (doc >= s->docs)
		r = seg_damaged(s, "a document", e);
	else
		r = seg_strings_group(&x, doc / SEG_GROUP, e);
	while (r >= 0 && x.next <= doc)
		r = seg_strings_next(&x, e);
	buf_reset(key);
	if (r >= 0)
		buf_add(key, x.text.p, x.text.len);
	seg_strings_release(&x);
	return r < 0 ? -1 : 0;
}

int
segment_find_key(struct segment *s, const void *key, size_t len,
    uint32_t *doc, struct err *e)
{
	struct seg_strings x;
	int r, d = -1;

	seg_strings_init(&x, s, SEC_KEYS);
	*doc = s->docs;
	r = seg_strings_seek(&x, key, len, e);
	while (r >= 0 && (r = seg_strings_next(&x, e)) == 1)
		if ((d = seg_compare(x.text.p, x.text.len, key, len)) >= 0) {
			*doc = (uint32_t)(x.next - 1);
			break;
		}
	seg_strings_release(&x);
	return r < 0 ? -1 : r == 1 && d == 0;
}

int
segment_value(struct segment *s, unsigned column, uint32_t doc, int64_t *v,
    struct err *e)
{
	uint64_t blocks = ((uint64_t)s->docs + BITS_BLOCK - 1) / BITS_BLOCK;
	const uint8_t *ix, *p;
	uint64_t place, base;
	unsigned width, i = doc % BITS_BLOCK;

	if (column >= s->columns || doc >= s->docs)
		return seg_damaged(s, "a document", e);
	ix = seg_bytes(s, SEC_COLIX, 16 * (column * blocks +
	    doc / BITS_BLOCK), 16, e);
	if (ix == NULL)
		return -1;
	base = get64(ix);
	place = get64(ix + 8);
	width = place & 0xff;
	place >>= 8;
	if (width == 64) {
		if ((p = seg_bytes(s, SEC_COLUMNS, place + 8 * i, 8, e)) ==
		    NULL)
			return -1;
		base += get64(p);
	} else {
		if (width > 32)
			return seg_damaged(s, "a column", e);
		p = seg_bytes(s, SEC_COLUMNS, place, BITS_BYTES(width), e);
		if (p == NULL)
			return -1;
		base += bits_at(p, width, i);
	}
	memcpy(v, &base, sizeof *v);
	return 0;
}

bool
segment_ascending(const struct segment *s, unsigned column)
{
	return column < s->columns && (s->ascending >> column & 1);
}

int
segment_lengths(struct segment *s, const uint8_t **out, struct err *e)
{
	*out = seg_bytes(s, SEC_LENGTHS, 0, s->docs, e);
	return *out == NULL ? -1 : 0;
}

int
segment_length_of(struct segment *s, uint32_t doc, uint8_t *length,
    struct err *e)
{
	const uint8_t *p = seg_bytes(s, SEC_LENGTHS, doc, 1, e);

	if (p == NULL)
		return -1;
	*length = *p;
	return 0;
}
