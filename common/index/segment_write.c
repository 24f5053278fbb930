/*
 * Terms on their way into a segment.
 */
#include "index/segment_write.h"

#include "base/alloc.h"
#include "index/segment_rice.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
seg_writer_open(struct seg_writer *w, const char *path,
    const struct blockfile_key *key, uint32_t docs, unsigned columns,
    const uint8_t *lengths, struct err *e)
{
	memset(w, 0, sizeof *w);
	w->path = xstrdup(path);
	w->docs = docs;
	w->columns = columns;
	w->lengths = lengths;
	seg_stream_init(&w->blocks, w->path, key);
	seg_stream_init(&w->terms, w->path, key);
	seg_stream_init(&w->index, w->path, key);
	buf_init(&w->words_text);
	buf_init(&w->positions);
	buf_init(&w->entry);
	return seg_out_open(&w->out, path, key, e);
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
	free(w->run);
	free(w->path);
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
		vint_add(b, shared - 15);
	if (rest >= 15)
		vint_add(b, rest - 15);
	buf_add(b, p + shared, rest);
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
	uint8_t p[SEG_BLOCK] = { 0 };
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

static uint32_t
gaps_of(const struct seg_writer *w, uint32_t before, uint32_t gap[BITS_BLOCK])
{
	uint32_t i, all = 0;

	for (i = 0; i < w->n; i++, before = w->doc[i - 1])
		all |= gap[i] = w->doc[i] - before - 1;
	return all;
}

/* Postings of a block that is not full, to w->entry. */
static void
put_postings(struct seg_writer *w, uint32_t before)
{
	struct rice_out o = { &w->entry, 0, 0 };
	uint32_t gap[BITS_BLOCK], i, first = before == UINT32_MAX;
	unsigned k;

	gaps_of(w, before, gap);
	k = rice_k(gap + first, w->n - first);
	buf_addc(&w->entry, (int)k);
	for (i = 0; i < w->n; i++) {
		if (i < first)
			rice_put_one_of(&o, gap[i], w->docs);
		else
			rice_put(&o, gap[i], k);
		if (positional(w))
			rice_put(&o, w->tf[i] - 1, 0);
	}
	rice_end(&o);
}

/* The width that takes the least room, if what is wider stands aside, and
 * how many are.  A few bytes saved are not worth the time. */
static unsigned
width_of(const uint32_t v[BITS_BLOCK], uint32_t all, unsigned *wide)
{
	unsigned count[33] = { 0 }, most = bits_width(all), best = most, k, n;
	unsigned width, size, least = 16 * most;
	uint32_t i;

	for (i = 0; i < BITS_BLOCK; i++)
		count[bits_width(v[i])]++;
	*wide = 0;
	for (width = 0; width < most; width++) {
		size = 16 * width + 8;
		for (n = 0, k = width + 1; k <= most; k++) {
			n += count[k];
			size += count[k] * (1 + (k - width > 2) +
			    (k - width > 7) + (k - width > 14) +
			    (k - width > 21) + (k - width > 28));
		}
		if (size >= least || n >= BITS_BLOCK)
			continue;
		least = size;
		best = width;
		*wide = n;
	}
	return best;
}

static void
put_wide(struct buf *b, const uint32_t v[BITS_BLOCK], unsigned width)
{
	uint32_t i, last = 0, high;

	for (i = 0; i < BITS_BLOCK && width < 32; i++) {
		if ((high = v[i] >> width) == 0)
			continue;
		vint_add(b, (i - last) << 2 | (high < 4 ? high - 1 : 3));
		if (high > 3)
			vint_add(b, high - 4);
		last = i;
	}
}

/* The lower bits. */
static void
put_narrow(struct buf *b, const uint32_t v[BITS_BLOCK], unsigned width)
{
	uint8_t *p = (uint8_t *)buf_reserve(b, BITS_BYTES(width));
	uint32_t low[BITS_BLOCK], i;

	for (i = 0; i < BITS_BLOCK; i++)
		low[i] = (uint32_t)(v[i] & ((UINT64_C(1) << width) - 1));
	bits_pack(low, width, p);
	b->len += BITS_BYTES(width);
	b->p[b->len] = '\0';
}

static void
put_head(struct seg_writer *w, uint32_t widths)
{
	uint64_t at = w->positions.len;
	uint32_t bytes = 0;
	uint8_t *p = (uint8_t *)buf_reserve(&w->entry, SEG_BLOCK_HEAD + 8);

	while (at >> 8 * bytes > 0)
		bytes++;
	put32(p, widths | bytes << 24);
	put64(p + SEG_BLOCK_HEAD, at);
	w->entry.len += SEG_BLOCK_HEAD + bytes;
}

static void
put_packed(struct seg_writer *w, uint32_t before)
{
	uint32_t gap[BITS_BLOCK], tf[BITS_BLOCK], i, gaps, tfs = 0;
	unsigned gw, tw, gap_wide, tf_wide;

	gaps = gaps_of(w, before, gap);
	for (i = 0; i < BITS_BLOCK; i++)
		tfs |= tf[i] = w->tf[i] - 1;
	gw = width_of(gap, gaps, &gap_wide);
	tw = width_of(tf, tfs, &tf_wide);
	put_head(w, gw | tw << 5 | gap_wide << 10 | tf_wide << 17);
	put_narrow(&w->entry, gap, gw);
	put_narrow(&w->entry, tf, tw);
	put_wide(&w->entry, gap, gw);
	put_wide(&w->entry, tf, tw);
}

/* The block of a term with at least 128 documents. */
static int
put_block(struct seg_writer *w, struct err *e)
{
	uint32_t before = w->before;
	struct seg_front f;

	seg_front_docs(&f, w->tf, w->doc, w->n, w->lengths);
	seg_front_add(&w->front, &f);
	w->before = w->doc[w->n - 1];
	if (put_entry(w, &f, e) < 0)
		return -1;
	buf_reset(&w->entry);
	if (w->n == BITS_BLOCK) {
		put_packed(w, before);
	} else {
		put_head(w, 0);
		put_postings(w, before);
	}
	if (positional(w))
		seg_put_places(w, &w->positions);
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
		vint_add(b, len - same);
		vint_add(b, (f->len - same) << 1 | f->whole);
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
	vint_add(&head, w->begin - SEG_HEADER);
	vint_add(&head, w->first_block);
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
	if (!positional(w)) {
		vint_add(&w->entry, w->doc[0]);
		return;
	}
	vint_add(&w->entry, (uint64_t)w->doc[0] << 1 | (w->tf[0] > 1));
	if (w->tf[0] == 1) {
		vint_add(&w->entry, w->pos[0]);
		return;
	}
	vint_add(&w->entry, w->tf[0]);
	seg_put_places(w, &b);
	vint_add(&w->entry, b.len);
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
			seg_put_places(w, &w->positions);
	}
	postings = seg_out_at(&w->out) + w->entry.len - w->begin;
	forms = w->entry.len;
	put_forms(w, &w->entry);
	forms = w->entry.len - forms;
	if (w->forms > 0)
		vint_add(sizes, forms);
	vint_add(sizes, postings);
	if (positional(w))
		vint_add(sizes, w->positions.len);
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
	vint_add(&w->entry, (uint64_t)w->df << 1 | (w->forms > 0));
	if (w->forms > 0)
		vint_add(&w->entry, w->forms);
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
