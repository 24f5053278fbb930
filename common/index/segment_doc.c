/*
 * The documents of a segment: keys, lengths, columns; and strings in order,
 * which words are, too.
 */
#include "index/segment_format.h"

#include <string.h>

int
seg_compare(const void *a, size_t an, const void *b, size_t bn)
{
	int d = memcmp(a, b, an < bn ? an : bn);

	return d != 0 ? d : (an > bn) - (an < bn);
}

/* --- strings ----------------------------------------------------------- */

const uint8_t *
seg_string(const uint8_t *p, const uint8_t *end, char *text, size_t *len,
    size_t max)
{
	uint64_t shared, rest, more;

	if (p == end)
		return NULL;
	shared = *p >> 4;
	rest = *p++ & 15;
	if (shared == 15) {
		if ((p = vint_get(p, end, &more)) == NULL || more > max)
			return NULL;
		shared += more;
	}
	if (rest == 15) {
		if ((p = vint_get(p, end, &more)) == NULL || more > max)
			return NULL;
		rest += more;
	}
	if (shared > *len || shared + rest > max ||
	    rest > (uint64_t)(end - p))
		return NULL;
	memcpy(text + shared, p, (size_t)rest);
	*len = (size_t)(shared + rest);
	return p + rest;
}

void
seg_strings(struct seg_strings *x, struct segment *s, enum section k)
{
	x->s = s;
	x->section = k;
	x->n = k == SEG_KEYS ? s->docs : s->words;
	x->next = 0;
	x->len = 0;
	x->number = 0;
	x->p = x->end = NULL;
}

int
seg_strings_group(struct seg_strings *x, uint64_t group, struct err *e)
{
	x->next = group * SEG_GROUP;
	x->len = 0;
	if (x->next >= x->n) {
		x->next = x->n;
		return 0;
	}
	x->p = seg_group(x->s, x->section,
	    x->section == SEG_KEYS ? 8 : SEG_ENTRY, seg_groups(x->n), group,
	    &x->end, e);
	return x->p == NULL ? -1 : 0;
}

int
seg_strings_next(struct seg_strings *x, struct err *e)
{
	const uint8_t *p;

	if (x->next >= x->n)
		return 0;
	if (x->next % SEG_GROUP == 0 &&
	    seg_strings_group(x, x->next / SEG_GROUP, e) < 0)
		return -1;
	p = seg_string(x->p, x->end, x->text, &x->len, sizeof x->text);
	if (x->section == SEG_WORDS)
		p = vint_get(p, x->end, &x->number);
	if (p == NULL)
		return seg_damaged(x->s, "a string", e);
	x->p = p;
	x->next++;
	return 1;
}

/* A group's first string against another. */
static int
first_compare(struct seg_strings *x, uint64_t group, const void *key,
    size_t len, int *d, struct err *e)
{
	uint8_t begin[8] = { 0 };
	const uint8_t *p;

	if (x->section == SEG_WORDS) {
		if ((p = seg_part(x->s, x->section + 1, SEG_ENTRY * group, 8,
		    e)) == NULL)
			return -1;
		memcpy(begin, key, len < 8 ? len : 8);
		if ((*d = memcmp(p, begin, 8)) != 0)
			return 0;
	}
	if (seg_strings_group(x, group, e) < 0 || seg_strings_next(x, e) < 0)
		return -1;
	*d = seg_compare(x->text, x->len, key, len);
	return 0;
}

int
seg_strings_seek(struct seg_strings *x, const void *key, size_t len,
    struct err *e)
{
	uint64_t lo = 0, hi = seg_groups(x->n), mid;
	int d;

	while (hi - lo > 1 && hi > 0) {
		mid = lo + (hi - lo) / 2;
		if (first_compare(x, mid, key, len, &d, e) < 0)
			return -1;
		if (d < 0)	/* words may be there more than once */
			lo = mid;
		else
			hi = mid;
	}
	return seg_strings_group(x, lo, e);
}

/* --- keys -------------------------------------------------------------- */

int
segment_key(struct segment *s, uint32_t doc, struct buf *key, struct err *e)
{
	struct seg_strings x;

	if (doc >= s->docs)
		return seg_damaged(s, "a document's number", e);
	seg_strings(&x, s, SEG_KEYS);
	if (seg_strings_group(&x, doc / SEG_GROUP, e) < 0)
		return -1;
	while (x.next <= doc)
		if (seg_strings_next(&x, e) < 0)
			return -1;
	buf_reset(key);
	buf_add(key, x.text, x.len);
	return 0;
}

int
segment_find_key(struct segment *s, const void *key, size_t len,
    uint32_t *doc, struct err *e)
{
	struct seg_strings x;
	int r, d;

	seg_strings(&x, s, SEG_KEYS);
	if (seg_strings_seek(&x, key, len, e) < 0)
		return -1;
	while ((r = seg_strings_next(&x, e)) == 1) {
		d = seg_compare(x.text, x.len, key, len);
		if (d >= 0) {
			*doc = (uint32_t)(x.next - 1);
			return d == 0;
		}
	}
	if (r == 0)
		*doc = s->docs;
	return r;
}

/* --- columns and lengths ----------------------------------------------- */

int
segment_value(struct segment *s, unsigned column, uint32_t doc, int64_t *v,
    struct err *e)
{
	uint32_t block = doc / BITS_BLOCK, n = s->docs - block * BITS_BLOCK;
	unsigned i = doc % BITS_BLOCK, width;
	uint64_t at, base, low;
	const uint8_t *p;

	if (column >= s->columns || doc >= s->docs)
		return seg_damaged(s, "a document's number", e);
	p = seg_part(s, SEG_COLUMN_INDEX, SEG_COLUMN *
	    ((uint64_t)column * seg_blocks(s->docs) + block), SEG_COLUMN, e);
	if (p == NULL)
		return -1;
	base = get64(p) + i * get64(p + 16);	/* both wrap */
	at = get64(p + 8);
	width = at >> 56;
	at &= (UINT64_C(1) << 56) - 1;
	if (width > 64)
		return seg_damaged(s, "a column", e);
	n = n < BITS_BLOCK ? n : BITS_BLOCK;
	low = seg_rows(n, width < 32 ? width : 32);
	p = seg_part(s, SEG_COLUMNS, at, low +
	    (width > 32 ? seg_rows(n, width - 32) : 0), e);
	if (p == NULL)
		return -1;
	base += bits_at(p, width < 32 ? width : 32, i);
	if (width > 32)
		base += (uint64_t)bits_at(p + low, width - 32, i) << 32;
	memcpy(v, &base, sizeof *v);	/* wraps back as it wrapped */
	return 0;
}

int
segment_values(struct segment *s, unsigned column, uint32_t block,
    int64_t v[BITS_BLOCK], struct err *e)
{
	uint32_t first = block * BITS_BLOCK, low[BITS_BLOCK], n, i;
	uint64_t at, base, step, x;
	const uint8_t *p;
	unsigned width;

	if (column >= s->columns || first >= s->docs)
		return seg_damaged(s, "a document's number", e);
	n = s->docs - first < BITS_BLOCK ? s->docs - first : BITS_BLOCK;
	p = seg_part(s, SEG_COLUMN_INDEX, SEG_COLUMN *
	    ((uint64_t)column * seg_blocks(s->docs) + block), SEG_COLUMN, e);
	if (p == NULL)
		return -1;
	base = get64(p);
	at = get64(p + 8);
	step = get64(p + 16);
	width = at >> 56;
	if (n < BITS_BLOCK || width > 32) {	/* the last, and odd ones */
		for (i = 0; i < n; i++)
			if (segment_value(s, column, first + i, &v[i], e) < 0)
				return -1;
		return (int)n;
	}
	p = seg_part(s, SEG_COLUMNS, at & ((UINT64_C(1) << 56) - 1),
	    seg_rows(n, width), e);
	if (p == NULL)
		return -1;
	bits_unpack(p, width, low);
	for (i = 0; i < n; i++) {
		x = base + i * step + low[i];	/* wraps back, as above */
		memcpy(&v[i], &x, sizeof x);
	}
	return (int)n;
}

bool
segment_ascending(const struct segment *s, unsigned column)
{
	return column < s->columns && (s->ascending >> column & 1);
}

int
segment_lengths(struct segment *s, const uint8_t **out, struct err *e)
{
	if (!s->lengths_checked &&
	    seg_part(s, SEG_LENGTHS, 0, s->docs, e) == NULL)
		return -1;
	s->lengths_checked = true;
	*out = s->map + s->start[SEG_LENGTHS];
	return 0;
}

int
segment_length_of(struct segment *s, uint32_t doc, uint8_t *length,
    struct err *e)
{
	const uint8_t *p = seg_part(s, SEG_LENGTHS, doc, 1, e);

	if (p == NULL)
		return -1;
	*length = *p;
	return 0;
}
