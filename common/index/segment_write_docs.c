/*
 * What follows the terms in a segment: words, documents, the header.
 */
#include "index/segment_write.h"

#include "base/alloc.h"
#include "index/score.h"

#include <stdlib.h>
#include <string.h>

/* Sections are written in order; this one ends here. */
static void
end_section(struct seg_writer *w, enum section k)
{
	w->end[k] = seg_out_at(&w->out);
}

static int
put_stream(struct seg_writer *w, enum section k, struct seg_stream *s,
    struct err *e)
{
	if (seg_stream_copy(s, &w->out, e) < 0)
		return -1;
	end_section(w, k);
	return 0;
}

/* --- words ------------------------------------------------------------- */

/* The words in order, as pointers into their text. */
struct ordered {
	const char *p;
	size_t len;
	uint32_t number;
};

static int
by_word(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	int d = seg_compare(x->p, x->len, y->p, y->len);

	return d != 0 ? d : (x->number > y->number) - (x->number < y->number);
}

static int
put_words(struct seg_writer *w, struct err *e)
{
	struct ordered *all = xcalloc(w->words + 1, sizeof *all);
	uint64_t begin = seg_out_at(&w->out);
	uint8_t p[SEG_ENTRY];
	size_t i;
	int r = 0;

	for (i = 0; i < w->words; i++) {
		all[i].p = w->words_text.p + w->word[i].at;
		all[i].len = w->word[i].len;
		all[i].number = w->word[i].number;
	}
	if (w->words > 1)
		qsort(all, w->words, sizeof *all, by_word);
	for (i = 0; i < w->words && r == 0; i++) {
		const struct ordered *x = &all[i];

		buf_reset(&w->entry);
		if (i % SEG_GROUP == 0) {
			memset(p, 0, sizeof p);
			memcpy(p, x->p, x->len < 8 ? x->len : 8);
			put64(p + 8, seg_out_at(&w->out) - begin);
			r = seg_stream_add(&w->index, p, sizeof p, e);
			seg_put_string(&w->entry, NULL, 0, x->p, x->len);
		} else {
			seg_put_string(&w->entry, x[-1].p, x[-1].len, x->p,
			    x->len);
		}
		vint_add(&w->entry, x->number);
		if (r == 0)
			r = seg_out_add(&w->out, w->entry.p, w->entry.len, e);
	}
	free(all);
	end_section(w, SEG_WORDS);
	return r < 0 ? -1 : put_stream(w, SEG_WORD_INDEX, &w->index, e);
}

/* --- documents --------------------------------------------------------- */

static int
put_keys(struct seg_writer *w, const struct seg_docs *d, struct err *e)
{
	uint64_t begin = seg_out_at(&w->out);
	char last[SEGMENT_KEY];
	size_t last_len = 0, n;
	const char *key;
	uint8_t p[8];
	uint32_t i;

	for (i = 0; i < w->docs; i++) {
		if (d->key(d->arg, i, &key, &n, e) < 0)
			return -1;
		if (i % SEG_GROUP == 0) {
			put64(p, seg_out_at(&w->out) - begin);
			if (seg_stream_add(&w->index, p, sizeof p, e) < 0)
				return -1;
			last_len = 0;
		}
		buf_reset(&w->entry);
		seg_put_string(&w->entry, last, last_len, key, n);
		if (seg_out_add(&w->out, w->entry.p, w->entry.len, e) < 0)
			return -1;
		memcpy(last, key, n);
		last_len = n;
	}
	end_section(w, SEG_KEYS);
	return put_stream(w, SEG_KEY_INDEX, &w->index, e);
}

/* What numbers that follow one another rise by: nothing is left of them.
 * Wraps; so does who reads it. */
static uint64_t
lay_flat(int64_t *v, uint32_t n)
{
	uint64_t rise = (uint64_t)v[n - 1] - (uint64_t)v[0], slope, x;
	uint32_t i;

	slope = n > 1 && v[n - 1] > v[0] ? rise / (n - 1) : 0;
	for (i = 0; i < n; i++) {
		x = (uint64_t)v[i] - i * slope;
		memcpy(&v[i], &x, sizeof x);
	}
	return slope;
}

/* n values of a column; at is where it begins in the section. */
static int
put_values(struct seg_writer *w, int64_t *v, uint32_t n, uint64_t at,
    struct err *e)
{
	uint32_t part[BITS_BLOCK], i;
	uint8_t p[BITS_BYTES(32)], entry[SEG_COLUMN];
	uint64_t all = 0, x, slope = lay_flat(v, n);
	int64_t least = v[0];
	unsigned k, width, more;

	for (i = 1; i < n; i++)
		least = v[i] < least ? v[i] : least;
	for (i = 0; i < n; i++)
		all |= (uint64_t)v[i] - (uint64_t)least;
	more = bits_width((uint32_t)(all >> 32));
	width = more > 0 ? 32 + more : bits_width((uint32_t)all);
	put64(entry, (uint64_t)least);
	put64(entry + 8, at | (uint64_t)width << 56);
	put64(entry + 16, slope);
	for (k = 0; k <= (more > 0); k++) {
		memset(part, 0, sizeof part);
		for (i = 0; i < n; i++) {
			x = (uint64_t)v[i] - (uint64_t)least;
			part[i] = (uint32_t)(x >> 32 * k);
		}
		width = k > 0 ? more : width < 32 ? width : 32;
		bits_pack(part, width, p);
		if (seg_out_add(&w->out, p, (size_t)seg_rows(n, width), e) < 0)
			return -1;
	}
	return seg_stream_add(&w->index, entry, sizeof entry, e);
}

static int
put_columns(struct seg_writer *w, const struct seg_docs *d, struct err *e)
{
	uint64_t begin = seg_out_at(&w->out);
	int64_t v[BITS_BLOCK], before;
	uint32_t i, n;
	unsigned c;
	bool up;

	for (c = 0; c < w->columns; c++) {
		before = INT64_MIN;
		up = true;
		for (i = n = 0; i < w->docs; i++) {
			if (d->value(d->arg, c, i, &v[n], e) < 0)
				return -1;
			up = up && v[n] >= before;
			before = v[n++];
			if (n < BITS_BLOCK && i + 1 < w->docs)
				continue;
			if (put_values(w, v, n, seg_out_at(&w->out) - begin,
			    e) < 0)
				return -1;
			n = 0;
		}
		w->ascending |= (uint32_t)up << c;
	}
	end_section(w, SEG_COLUMNS);
	return put_stream(w, SEG_COLUMN_INDEX, &w->index, e);
}

/* --- all of it --------------------------------------------------------- */

static void
make_header(const struct seg_writer *w, uint8_t h[SEG_HEADER])
{
	uint64_t length = 0;
	uint32_t i;

	for (i = 0; i < w->docs; i++)
		length += score_length(w->lengths[i]);
	memset(h, 0, SEG_HEADER);
	memcpy(h, SEG_MAGIC, 8);
	put32(h + SEG_AT_VERSION, SEG_VERSION);
	put32(h + SEG_AT_HEADER, SEG_HEADER);
	put32(h + SEG_AT_DOCS, w->docs);
	put32(h + SEG_AT_COLUMNS, w->columns);
	put32(h + SEG_AT_ASCENDING, w->ascending);
	put64(h + SEG_AT_TERMS, w->terms_n);
	put64(h + SEG_AT_WORDS, w->words);
	put64(h + SEG_AT_LENGTH, length);
	for (i = 0; i < SEG_SECTIONS; i++)
		put64(h + SEG_AT_ENDS + 8 * i, w->end[i]);
}

int
seg_writer_done(struct seg_writer *w, const struct seg_docs *d,
    struct err *e)
{
	uint8_t header[SEG_HEADER];

	end_section(w, SEG_DATA);
	if (put_stream(w, SEG_BLOCKS, &w->blocks, e) < 0 ||
	    put_stream(w, SEG_TERMS, &w->terms, e) < 0 ||
	    put_stream(w, SEG_TERM_INDEX, &w->index, e) < 0 ||
	    put_words(w, e) < 0 || put_keys(w, d, e) < 0)
		return -1;
	if (seg_out_add(&w->out, w->lengths, w->docs, e) < 0)
		return -1;
	end_section(w, SEG_LENGTHS);
	if (put_columns(w, d, e) < 0)
		return -1;
	make_header(w, header);
	return seg_out_done(&w->out, header, e);
}
