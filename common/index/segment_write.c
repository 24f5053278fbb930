/*
 * Terms on their way into a segment.
 */
#include "index/segment_write.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
seg_writer_open(struct seg_writer *w, const char *path, uint32_t docs,
    unsigned columns, const uint8_t *lengths, struct err *e)
{
	memset(w, 0, sizeof *w);
	w->path = xstrdup(path);
	w->docs = docs;
	w->columns = columns;
	w->lengths = lengths;
	seg_stream_init(&w->blocks, w->path);
	seg_stream_init(&w->terms, w->path);
	seg_stream_init(&w->index, w->path);
	buf_init(&w->words_text);
	buf_init(&w->positions);
	buf_init(&w->entry);
	return seg_out_open(&w->out, path, e);
}

void
seg_writer_release(struct seg_writer *w)
{
	seg_out_release(&w->out);
	seg_stream_release(&w->blocks);
	seg_stream_release(&w->terms);
	seg_stream_release(&w->index);
	buf_release(&w->words_text);
	buf_release(&w->positions);
	buf_release(&w->entry);
	free(w->word);
	free(w->pos);
	free(w->code);
	free(w->path);
}

void
seg_put_vint(struct buf *b, uint64_t v)
{
	uint8_t *p = (uint8_t *)buf_reserve(b, VINT_MAX);

	b->len += (size_t)(vint_put(p, v) - p);
	b->p[b->len] = '\0';
}

void
seg_put_string(struct buf *b, const char *before, size_t bn, const char *p,
    size_t n)
{
	size_t shared = 0, rest;

	while (shared < bn && shared < n && before[shared] == p[shared])
		shared++;
	rest = n - shared;
	buf_addc(b, (int)((shared < 15 ? shared : 15) << 4 |
	    (rest < 15 ? rest : 15)));
	if (shared >= 15)
		seg_put_vint(b, shared - 15);
	if (rest >= 15)
		seg_put_vint(b, rest - 15);
	buf_add(b, p + shared, rest);
}

/* --- positions --------------------------------------------------------- */

struct bits {
	uint8_t *p;
	uint64_t acc;
	unsigned n;
};

static void
put_bits(struct bits *b, uint64_t v, unsigned width)
{
	b->acc |= v << b->n;
	for (b->n += width; b->n >= 8; b->n -= 8) {
		*b->p++ = (uint8_t)b->acc;
		b->acc >>= 8;
	}
}

static void
end_bits(struct bits *b)
{
	if (b->n > 0)
		*b->p++ = (uint8_t)b->acc;
	b->acc = b->n = 0;
}

/* The width of each group of documents, and how many positions it has;
 * pos are gaps.  Returns the greatest width. */
static unsigned
widths(const uint32_t *tf, uint32_t n, const uint32_t *pos, uint8_t *width,
    size_t *count)
{
	unsigned most = 0, g = 0;
	uint32_t i, all = 0;
	size_t k, m;

	for (i = 0; i < n; i += SEG_WIDTH_DOCS, g++) {
		uint32_t last = n - i < SEG_WIDTH_DOCS ? n : i + SEG_WIDTH_DOCS;
		uint32_t d;

		for (d = i, m = 0; d < last; d++)
			m += tf[d];
		for (k = 0, all = 0; k < m; k++)
			all |= *pos++;
		count[g] = m;
		width[g] = (uint8_t)bits_width(all);
		most = width[g] > most ? width[g] : most;
	}
	return most;
}

/* Positions of one document become the first and gaps. */
static void
to_gaps(uint32_t *gap, const uint32_t *pos, const uint32_t *tf, uint32_t n)
{
	uint32_t i, k, before;

	for (i = 0; i < n; i++)
		for (k = 0, before = 0; k < tf[i]; k++, pos++) {
			*gap++ = *pos - before;
			before = *pos;
		}
}

void
seg_put_places(struct buf *b, const uint32_t *tf, uint32_t n,
    const uint32_t *pos, const uint32_t *code, size_t places,
    unsigned form_width)
{
	unsigned most, g, groups = (n + SEG_WIDTH_DOCS - 1) / SEG_WIDTH_DOCS;
	uint8_t width[BITS_BLOCK / SEG_WIDTH_DOCS];
	size_t count[BITS_BLOCK / SEG_WIDTH_DOCS], k;
	uint32_t *gap = xreallocarray(NULL, places, sizeof *gap);
	const uint32_t *next = gap;
	uint64_t each = 0;
	struct bits x = { 0 };

	to_gaps(gap, pos, tf, n);
	most = widths(tf, n, gap, width, count);
	for (g = 0; g < groups; g++)
		each += (uint64_t)width[g] * count[g];
	x.p = (uint8_t *)buf_reserve(b, 1 + groups + places * (size_t)(4 +
	    form_width / 8 + 1) + 2);
	if (groups + (each + 7) / 8 < ((uint64_t)most * places + 7) / 8) {
		*x.p++ = SEG_WIDTHS;
		memcpy(x.p, width, groups);
		x.p += groups;
	} else {
		*x.p++ = (uint8_t)most;
		memset(width, (int)most, groups);
	}
	for (g = 0; g < groups; g++)
		for (k = 0; k < count[g]; k++)
			put_bits(&x, *next++, width[g]);
	end_bits(&x);
	for (k = 0; k < places && form_width > 0; k++)
		put_bits(&x, code[k], form_width);
	end_bits(&x);
	b->len = (size_t)((char *)x.p - b->p);
	*x.p = '\0';
	free(gap);
}

/* --- blocks ------------------------------------------------------------ */

static bool
positional(const struct seg_writer *w)
{
	return seg_positional((unsigned char)w->key[0]);
}

static int
put_entry(struct seg_writer *w, const struct seg_front *f, struct err *e)
{
	uint8_t p[SEG_ENTRY] = { 0 };
	unsigned i;

	put32(p, w->before);
	put32(p + 4, (uint32_t)(seg_out_at(&w->out) - w->begin));
	for (i = 0; i < f->n; i++) {
		p[8 + 2 * i] = seg_tf_pack(f->pair[i].tf);
		p[9 + 2 * i] = f->pair[i].length;
	}
	w->blocks_n++;
	return seg_stream_add(&w->blocks, p, sizeof p, e);
}

/* Postings that are not packed, to w->entry. */
static void
put_postings(struct seg_writer *w, uint32_t before)
{
	uint32_t i, gap;

	for (i = 0; i < w->n; i++, before = w->doc[i - 1]) {
		gap = w->doc[i] - before - 1;
		if (!positional(w)) {
			seg_put_vint(&w->entry, gap);
			continue;
		}
		seg_put_vint(&w->entry, (uint64_t)gap << 1 | (w->tf[i] > 1));
		if (w->tf[i] > 1)
			seg_put_vint(&w->entry, w->tf[i]);
	}
}

static void
put_packed(struct seg_writer *w, uint32_t before)
{
	uint32_t gap[BITS_BLOCK], tf[BITS_BLOCK], i, gaps = 0, tfs = 0;
	uint64_t head;
	unsigned gw, tw;
	uint8_t *p;

	for (i = 0; i < BITS_BLOCK; i++, before = w->doc[i - 1]) {
		gaps |= gap[i] = w->doc[i] - before - 1;
		tfs |= tf[i] = w->tf[i] - 1;
	}
	gw = bits_width(gaps);
	tw = bits_width(tfs);
	head = gw | tw << 5 | (uint64_t)w->positions.len << 10;
	p = (uint8_t *)buf_reserve(&w->entry, SEG_BLOCK_HEAD +
	    BITS_BYTES(gw) + BITS_BYTES(tw));
	put32(p, (uint32_t)head);
	p[4] = (uint8_t)(head >> 32);
	p[5] = (uint8_t)(head >> 40);
	p += SEG_BLOCK_HEAD;
	bits_pack(gap, gw, p);
	p += BITS_BYTES(gw);
	bits_pack(tf, tw, p);
	p += BITS_BYTES(tw);
	*p = '\0';
	w->entry.len = (size_t)((char *)p - w->entry.p);
}

/* The block of a term with at least 128 documents. */
static int
put_block(struct seg_writer *w, struct err *e)
{
	uint32_t before = w->before;
	struct seg_front f;
	uint8_t head[SEG_BLOCK_HEAD] = { 0 };
	uint64_t at = (uint64_t)w->positions.len << 10;

	seg_front_docs(&f, w->tf, w->doc, w->n, w->lengths);
	seg_front_add(&w->front, &f);
	w->before = w->doc[w->n - 1];
	if (put_entry(w, &f, e) < 0)
		return -1;
	buf_reset(&w->entry);
	if (w->n == BITS_BLOCK) {
		put_packed(w, before);
	} else {
		put32(head, (uint32_t)at);
		head[4] = (uint8_t)(at >> 32);
		head[5] = (uint8_t)(at >> 40);
		buf_add(&w->entry, head, sizeof head);
		put_postings(w, before);
	}
	if (positional(w))
		seg_put_places(&w->positions, w->tf, w->n, w->pos, w->code,
		    w->places, seg_form_width(w->forms));
	w->n = 0;
	w->places = 0;
	return seg_out_add(&w->out, w->entry.p, w->entry.len, e);
}

/* --- terms ------------------------------------------------------------- */

void
seg_writer_term(struct seg_writer *w, const char *key, size_t len,
    const struct seg_form *form, uint32_t forms)
{
	memcpy(w->key, key, len);
	w->len = len;
	w->form = form;
	w->forms = forms;
	w->df = w->n = 0;
	w->before = UINT32_MAX;
	w->begin = seg_out_at(&w->out);
	w->first_block = w->blocks_n;
	w->places = 0;
	buf_reset(&w->positions);
	w->front.n = 0;
}

int
seg_writer_posting(struct seg_writer *w, uint32_t doc, uint32_t tf,
    const uint32_t *pos, const uint32_t *code, struct err *e)
{
	size_t cap = w->places_cap;

	assert(tf > 0 && tf <= SEGMENT_TF && doc < w->docs);
	w->doc[w->n] = doc;
	w->tf[w->n++] = tf;
	w->df++;
	if (positional(w)) {
		if (cap - w->places < tf) {
			cap = (w->places + tf) * 3 / 2 + BITS_BLOCK;
			w->pos = xreallocarray(w->pos, cap, sizeof *w->pos);
			w->code = xreallocarray(w->code, cap, sizeof *w->code);
			w->places_cap = cap;
		}
		memcpy(w->pos + w->places, pos, tf * sizeof *pos);
		if (w->forms > 1)
			memcpy(w->code + w->places, code, tf * sizeof *code);
		w->places += tf;
	}
	return w->n == BITS_BLOCK ? put_block(w, e) : 0;
}

static void
put_forms(struct seg_writer *w, struct buf *b)
{
	const char *text = w->key + 1;
	const struct seg_form *f;
	size_t len = w->len - 1, same;
	uint32_t i;

	for (i = 0; i < w->forms; i++) {
		f = &w->form[i];
		for (same = 0; same < len && same < f->len &&
		    f->text[same] == text[same]; same++)
			;
		seg_put_vint(b, len - same);
		seg_put_vint(b, (f->len - same) << 1 | f->whole);
		buf_add(b, f->text + same, f->len - same);
		if (same == len || (i > 0 && f[-1].len == f->len &&
		    memcmp(f[-1].text, f->text, f->len) == 0))
			continue;
		w->word = xgrow(w->word, w->words, &w->words_cap,
		    sizeof *w->word);
		w->word[w->words].at = w->words_text.len;
		w->word[w->words].len = f->len;
		w->word[w->words++].number = (uint32_t)w->terms_n;
		buf_add(&w->words_text, f->text, f->len);
	}
}

/* Where the groups of terms begin. */
static int
put_group(struct seg_writer *w, struct err *e)
{
	uint8_t p[SEG_ENTRY] = { 0 };
	struct buf head = BUF_INIT;
	int r;

	memcpy(p, w->key, w->len < 8 ? w->len : 8);
	put64(p + 8, seg_stream_at(&w->terms));
	seg_put_vint(&head, w->begin - SEG_HEADER);
	seg_put_vint(&head, w->first_block);
	r = seg_stream_add(&w->index, p, sizeof p, e) < 0 ||
	    seg_stream_add(&w->terms, head.p, head.len, e) < 0 ? -1 : 0;
	buf_release(&head);
	w->last_len = 0;
	return r;
}

/* A term with one document: all of it is among the terms. */
static void
put_one(struct seg_writer *w)
{
	struct buf b = BUF_INIT;

	put_forms(w, &w->entry);
	put_postings(w, UINT32_MAX);
	if (!positional(w))
		return;
	if (w->tf[0] == 1) {
		seg_put_vint(&w->entry, w->pos[0]);
		return;
	}
	seg_put_places(&b, w->tf, 1, w->pos, w->code, w->places,
	    seg_form_width(w->forms));
	seg_put_vint(&w->entry, b.len);
	buf_add(&w->entry, b.p, b.len);
	buf_release(&b);
}

/* Postings, forms and positions of one with more; their sizes. */
static int
put_many(struct seg_writer *w, struct buf *sizes, struct err *e)
{
	uint64_t postings;
	size_t forms;

	if (w->df >= BITS_BLOCK) {
		if (w->n > 0 && put_block(w, e) < 0)
			return -1;
		if (put_entry(w, &w->front, e) < 0)
			return -1;
		buf_reset(&w->entry);
	} else {
		buf_reset(&w->entry);
		put_postings(w, UINT32_MAX);
		if (positional(w))
			seg_put_places(&w->positions, w->tf, w->n, w->pos,
			    w->code, w->places, seg_form_width(w->forms));
	}
	postings = seg_out_at(&w->out) + w->entry.len - w->begin;
	forms = w->entry.len;
	put_forms(w, &w->entry);
	forms = w->entry.len - forms;
	if (w->forms > 0)
		seg_put_vint(sizes, forms);
	seg_put_vint(sizes, postings);
	if (positional(w))
		seg_put_vint(sizes, w->positions.len);
	return seg_out_add(&w->out, w->entry.p, w->entry.len, e) < 0 ||
	    seg_out_add(&w->out, w->positions.p, w->positions.len, e) < 0 ?
	    -1 : 0;
}

int
seg_writer_term_end(struct seg_writer *w, struct err *e)
{
	struct buf sizes = BUF_INIT;
	int r = 0;

	if (w->df == 0)
		return 0;
	if (w->terms_n == UINT32_MAX)
		return err_set(e, ERR_INPUT, "too many terms for one index "
		    "file");
	if (w->terms_n % SEG_GROUP == 0)
		r = put_group(w, e);
	if (r == 0 && w->df > 1)
		r = put_many(w, &sizes, e);
	buf_reset(&w->entry);
	seg_put_string(&w->entry, w->last, w->last_len, w->key, w->len);
	seg_put_vint(&w->entry, (uint64_t)w->df << 1 | (w->forms > 0));
	if (w->forms > 0)
		seg_put_vint(&w->entry, w->forms);
	if (w->df == 1)
		put_one(w);
	buf_add(&w->entry, sizes.p, sizes.len);
	buf_release(&sizes);
	memcpy(w->last, w->key, w->len);
	w->last_len = w->len;
	w->terms_n++;
	return r < 0 ? -1 : seg_stream_add(&w->terms, w->entry.p,
	    w->entry.len, e);
}
