#include "index/segment_write.h"

#include "base/alloc.h"
#include "base/crc.h"
#include "index/rice.h"
#include "index/score.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
add_vint(struct buf *b, uint64_t v)
{
	uint8_t room[VINT_MAX];

	buf_add(b, room, (size_t)(vint_put(room, v) - room));
}

static void
add32(struct buf *b, uint32_t v)
{
	uint8_t room[4];

	put32(room, v);
	buf_add(b, room, sizeof room);
}

static void
add64(struct buf *b, uint64_t v)
{
	uint8_t room[8];

	put64(room, v);
	buf_add(b, room, sizeof room);
}

#define BUFS 13

static void
buffers(struct seg_writer *w, struct buf *all[BUFS])
{
	struct buf *of[BUFS] = { &w->packed, &w->checks, &w->keys, &w->keyix,
	    &w->lengths, &w->columns, &w->terms, &w->termix, &w->words,
	    &w->wordix, &w->blocks, &w->last_key, &w->last_word };

	memcpy(all, of, sizeof of);
}

int
seg_writer_open(struct seg_writer *w, const char *path, unsigned columns,
    struct err *e)
{
	static const uint8_t zeros[SEG_PAGE];

	struct buf *all[BUFS];
	unsigned i;

	memset(w, 0, sizeof *w);
	buffers(w, all);
	for (i = 0; i < BUFS; i++)
		buf_init(all[i]);
	for (i = 0; i < columns; i++)
		buf_init(&w->column[i].ix);
	w->path = xstrdup(path);
	w->ncolumns = columns;
	w->out.fd = w->positions.fd = -1;
	if (seg_out_open(&w->positions, path, ".pos", NULL, e) < 0)
		return -1;
	unlink(w->positions.name);	/* it ends with this process */
	if (seg_out_open(&w->out, path, ".tmp", &w->checks, e) < 0 ||
	    seg_out_add(&w->out, zeros, sizeof zeros, e) < 0)
		return -1;
	w->sec[SEC_POSTINGS].at = seg_out_at(&w->out);
	return 0;
}

/* --- documents --------------------------------------------------------- */

/* One more of a list of strings in order. */
static void
add_string(struct buf *to, struct buf *ix, struct buf *last, uint64_t number,
    const void *p, size_t len)
{
	size_t shared = 0;

	if (number % SEG_GROUP == 0)
		add32(ix, (uint32_t)to->len);
	else
		while (shared < len && shared < last->len &&
		    ((const char *)p)[shared] == last->p[shared])
			shared++;
	add_vint(to, shared);
	add_vint(to, len - shared);
	buf_add(to, (const char *)p + shared, len - shared);
	buf_reset(last);
	buf_add(last, p, len);
}

/* The block of 128 values of a column. */
static void
column_block(struct seg_writer *w, struct seg_column *c, unsigned n)
{
	uint32_t v[BITS_BLOCK] = { 0 };
	uint8_t packed[BITS_BYTES(32)];
	int64_t least = c->pending[0];
	uint64_t diff, most = 0;
	unsigned i, width;

	for (i = 1; i < n; i++)
		if (c->pending[i] < least)
			least = c->pending[i];
	for (i = 0; i < n; i++) {
		diff = (uint64_t)c->pending[i] - (uint64_t)least;
		most = diff > most ? diff : most;
	}
	width = most > UINT32_MAX ? 64 : bits_width((uint32_t)most);
	add64(&c->ix, (uint64_t)least);
	add64(&c->ix, (uint64_t)w->columns.len << 8 | width);
	for (i = 0; i < BITS_BLOCK; i++) {
		diff = i < n ? (uint64_t)c->pending[i] - (uint64_t)least : 0;
		v[i] = (uint32_t)diff;
		if (width == 64)
			add64(&w->columns, diff);
	}
	if (width == 64)
		return;
	bits_pack(v, width, packed);
	buf_add(&w->columns, packed, BITS_BYTES(width));
}

void
seg_writer_doc(struct seg_writer *w, const void *key, size_t len,
    uint8_t length, const int64_t *column)
{
	struct seg_column *c;
	unsigned i;

	add_string(&w->keys, &w->keyix, &w->last_key, w->docs, key, len);
	buf_addc(&w->lengths, length);
	w->length += score_length(length);
	for (i = 0; i < w->ncolumns; i++) {
		c = &w->column[i];
		c->descends |= c->any && column[i] < c->last;
		c->any = true;
		c->last = column[i];
		c->pending[w->docs % BITS_BLOCK] = column[i];
		if (w->docs % BITS_BLOCK == BITS_BLOCK - 1)
			column_block(w, c, BITS_BLOCK);
	}
	w->docs++;
}

/* --- a term ------------------------------------------------------------ */

struct sizes {
	uint64_t postings, positions;	/* where the term's begin */
	struct segment_pair pair[SEGMENT_PAIRS + 1];	/* of all */
	unsigned pairs;
	unsigned form_bits;
	bool freqs;
};

static void
put_pairs(uint8_t *p, const struct segment_pair *pair, unsigned n)
{
	unsigned i;

	for (i = 0; i < SEG_KEPT; i++, p += 2) {
		p[0] = i >= n ? 0 : pair[i].tf < SEG_ANY_TF ?
		    (uint8_t)pair[i].tf : SEG_ANY_TF;
		p[1] = i >= n ? 0 : pair[i].length;
	}
}

/* What is kept of a position; k: the how-manieth of its document. */
static inline uint64_t
position(const struct seg_postings *p, const struct sizes *z, size_t at,
    uint32_t k)
{
	return (uint64_t)(p->pos[at] - (k > 0 ? p->pos[at - 1] : 0)) <<
	    z->form_bits | p->form[at];
}

static int
write_positions(struct seg_writer *w, const struct seg_postings *p,
    const struct sizes *z, size_t from, size_t n, size_t *at, struct err *e)
{
	struct rice_out out;
	uint64_t sum = 0, count = 0;
	size_t i, a;
	uint32_t k;

	buf_reset(&w->packed);
	for (i = from, a = *at; i < from + n; i++)
		for (k = 0; k < p->tf[i]; k++, a++, count++) {
			sum += position(p, z, a, k);
			if (p->n < SEG_VINTS)
				add_vint(&w->packed, position(p, z, a, k));
		}
	if (p->n >= SEG_VINTS) {
		rice_start(&out, &w->packed, rice_k(sum, count));
		buf_addc(&w->packed, (int)out.k);
		for (i = from, a = *at; i < from + n; i++)
			for (k = 0; k < p->tf[i]; k++, a++)
				rice_put(&out, position(p, z, a, k));
		rice_end(&out);
	}
	*at = a;
	return seg_out_add(&w->positions, w->packed.p, w->packed.len, e);
}

/* Fewer than 128 postings. */
static int
write_few(struct seg_writer *w, const struct seg_postings *p,
    const struct sizes *z, size_t from, size_t n, struct err *e)
{
	uint8_t room[2 * VINT_MAX], *q;
	uint32_t delta;
	size_t i;

	for (i = from; i < from + n; i++) {
		delta = p->doc[i] - (i > 0 ? p->doc[i - 1] : 0);
		if (!z->freqs)
			q = vint_put(room, delta);
		else
			q = vint_put(room, (uint64_t)delta << 1 |
			    (p->tf[i] > 1));
		if (z->freqs && p->tf[i] > 1)
			q = vint_put(q, p->tf[i]);
		if (seg_out_add(&w->out, room, (size_t)(q - room), e) < 0)
			return -1;
	}
	return 0;
}

static int
write_full(struct seg_writer *w, const struct seg_postings *p, size_t from,
    uint8_t width[2], struct err *e)
{
	uint32_t delta[BITS_BLOCK], tf[BITS_BLOCK], deltas = 0, tfs = 0;
	uint8_t room[2 * BITS_BYTES(32)];
	size_t i;

	for (i = 0; i < BITS_BLOCK; i++) {
		delta[i] = p->doc[from + i] -
		    (from + i > 0 ? p->doc[from + i - 1] : 0);
		tf[i] = p->tf[from + i] - 1;
		deltas |= delta[i];
		tfs |= tf[i];
	}
	width[0] = (uint8_t)bits_width(deltas);
	width[1] = (uint8_t)bits_width(tfs);
	bits_pack(delta, width[0], room);
	bits_pack(tf, width[1], room + BITS_BYTES(width[0]));
	return seg_out_add(&w->out, room, BITS_BYTES(width[0] + width[1]), e);
}

/* Postings [from, from + n): a block, with its entry where there are many. */
static int
write_block(struct seg_writer *w, const struct seg_postings *p,
    struct sizes *z, size_t from, size_t n, size_t *at, struct err *e)
{
	struct segment_pair pair[SEGMENT_PAIRS + 1];
	uint8_t entry[SEG_ENTRY] = { 0 };
	uint64_t postings = seg_out_at(&w->out) - z->postings;
	uint64_t positions = seg_out_at(&w->positions) - z->positions;
	unsigned pairs = 0;
	uint8_t length;
	size_t i;

	if (postings > UINT32_MAX || positions > UINT32_MAX)
		return err_set(e, ERR_INPUT, "a term has too many postings "
		    "for one segment");
	for (i = from; i < from + n; i++) {
		length = (uint8_t)w->lengths.p[p->doc[i]];
		pairs = seg_pair_add(pair, pairs, SEG_KEPT, p->tf[i], length);
		z->pairs = seg_pair_add(z->pair, z->pairs, SEG_KEPT, p->tf[i],
		    length);
	}
	if (n == BITS_BLOCK ? write_full(w, p, from, entry + 12, e) < 0 :
	    write_few(w, p, z, from, n, e) < 0)
		return -1;
	if (z->freqs && write_positions(w, p, z, from, n, at, e) < 0)
		return -1;
	if (p->n < BITS_BLOCK)
		return 0;
	put32(entry, p->doc[from + n - 1]);
	put32(entry + 4, (uint32_t)postings);
	put32(entry + 8, (uint32_t)positions);
	put_pairs(entry + 14, pair, pairs);
	buf_add(&w->blocks, entry, sizeof entry);
	return 0;
}

int
seg_form_cmp(const void *a, const void *b)
{
	const struct seg_form *x = a, *y = b;
	int d = seg_compare(x->text, x->len, y->text, y->len);

	return d != 0 ? d : x->whole - y->whole;
}

static void
add_forms(struct seg_writer *w, const char *term, size_t len,
    const struct seg_form *form, unsigned n)
{
	struct seg_word *word;
	size_t shared;
	unsigned i;

	add_vint(&w->terms, n);
	for (i = 0; i < n; i++) {
		for (shared = 0; shared < len && shared < form[i].len &&
		    term[shared] == form[i].text[shared]; shared++)
			;
		buf_addc(&w->terms, form[i].whole);
		buf_addc(&w->terms, (int)shared);
		buf_addc(&w->terms, (int)(form[i].len - shared));
		buf_add(&w->terms, form[i].text + shared,
		    form[i].len - shared);
		if (shared == len)
			continue;
		w->word = xgrow(w->word, w->word_n, &w->word_cap,
		    sizeof *w->word);
		word = &w->word[w->word_n++];
		word->text = xstrndup(form[i].text, form[i].len);
		word->len = form[i].len;
		word->number = w->nterms;
	}
}

/* Its place in the dictionary: the shared and own bytes of its key. */
static void
add_term_key(struct seg_writer *w, const uint8_t *key, size_t len,
    const struct sizes *z, uint64_t blocks)
{
	size_t shared = 0;

	if (w->nterms % SEG_GROUP == 0) {
		add32(&w->termix, (uint32_t)w->terms.len);
		add_vint(&w->terms, z->postings - w->sec[SEC_POSTINGS].at);
		add_vint(&w->terms, z->positions);
		add_vint(&w->terms, blocks);
	} else {
		while (shared < len && shared < w->last_len &&
		    key[shared] == w->last_term[shared])
			shared++;
	}
	buf_addc(&w->terms, (int)shared);
	buf_addc(&w->terms, (int)(len - shared));
	buf_add(&w->terms, key + shared, len - shared);
	memcpy(w->last_term, key, len);
	w->last_len = len;
}

int
seg_writer_term(struct seg_writer *w, const void *key, size_t len,
    const struct seg_form *form, unsigned forms, const struct seg_postings *p,
    struct err *e)
{
	const char *text = (const char *)key + 1;
	struct sizes z = { .postings = seg_out_at(&w->out),
	    .positions = seg_out_at(&w->positions),
	    .form_bits = seg_form_bits(forms),
	    .freqs = seg_has_positions(*(const uint8_t *)key) };
	uint64_t blocks = w->blocks.len / SEG_ENTRY;
	uint8_t pairs[2 * SEG_KEPT];
	size_t i, n, at = 0;

	for (i = 0; i < p->n; i += n) {
		n = p->n - i < BITS_BLOCK ? p->n - i : BITS_BLOCK;
		if (write_block(w, p, &z, i, n, &at, e) < 0)
			return -1;
	}
	add_term_key(w, key, len, &z, blocks);
	add_vint(&w->terms, p->n);
	add_vint(&w->terms, seg_out_at(&w->out) - z.postings);
	if (z.freqs) {
		add_vint(&w->terms, seg_out_at(&w->positions) - z.positions);
		add_forms(w, text, len - 1, form, forms);
	}
	if (p->n >= BITS_BLOCK) {
		put_pairs(pairs, z.pair, z.pairs);
		buf_add(&w->terms, pairs, sizeof pairs);
	}
	w->nterms++;
	return 0;
}

/* --- the end ----------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	const struct seg_word *x = a, *y = b;
	int d = seg_compare(x->text, x->len, y->text, y->len);

	return d != 0 ? d : (x->number > y->number) - (x->number < y->number);
}

/* Words in order, each with a term once: as a leaf and as a whole it is one
 * word. */
static void
make_words(struct seg_writer *w)
{
	const struct seg_word *x;
	size_t i;

	if (w->word_n > 1)
		qsort(w->word, w->word_n, sizeof *w->word, by_text);
	for (i = 0; i < w->word_n; i++) {
		x = &w->word[i];
		if (i > 0 && by_text(x, x - 1) == 0)
			continue;
		add_string(&w->words, &w->wordix, &w->last_word, w->nwords,
		    x->text, x->len);
		add_vint(&w->words, x->number);
		w->nwords++;
	}
}

/* A section begins at a multiple of 16. */
static int
begin(struct seg_writer *w, int section, struct err *e)
{
	static const uint8_t zeros[16];
	uint64_t at = seg_out_at(&w->out);

	if (at % 16 != 0 && seg_out_add(&w->out, zeros, 16 - at % 16, e) < 0)
		return -1;
	w->sec[section].at = seg_out_at(&w->out);
	return 0;
}

static int
add_section(struct seg_writer *w, int section, const struct buf *b,
    struct err *e)
{
	if (begin(w, section, e) < 0)
		return -1;
	w->sec[section].size = b->len;
	return seg_out_add(&w->out, b->p, b->len, e);
}

static int
add_columns(struct seg_writer *w, struct err *e)
{
	struct buf ix = BUF_INIT;
	unsigned i;
	int r;

	for (i = 0; i < w->ncolumns; i++) {
		if (w->docs % BITS_BLOCK != 0)
			column_block(w, &w->column[i], w->docs % BITS_BLOCK);
		buf_add(&ix, w->column[i].ix.p, w->column[i].ix.len);
	}
	r = add_section(w, SEC_COLUMNS, &w->columns, e);
	if (r == 0)
		r = add_section(w, SEC_COLIX, &ix, e);
	buf_release(&ix);
	return r;
}

static int
add_sections(struct seg_writer *w, struct err *e)
{
	const struct { int section; const struct buf *b; } all[] = {
		{ SEC_KEYS, &w->keys }, { SEC_KEYIX, &w->keyix },
		{ SEC_LENGTHS, &w->lengths }, { SEC_TERMS, &w->terms },
		{ SEC_TERMIX, &w->termix }, { SEC_WORDS, &w->words },
		{ SEC_WORDIX, &w->wordix }, { SEC_BLOCKS, &w->blocks } };
	size_t i;

	make_words(w);
	if (w->keys.len > UINT32_MAX || w->terms.len > UINT32_MAX ||
	    w->words.len > UINT32_MAX)
		return err_set(e, ERR_INPUT, "too much for one segment");
	w->sec[SEC_POSTINGS].size = seg_out_at(&w->out) -
	    w->sec[SEC_POSTINGS].at;
	if (begin(w, SEC_POSITIONS, e) < 0 ||
	    seg_out_copy(&w->out, &w->positions, e) < 0)
		return -1;
	w->sec[SEC_POSITIONS].size = seg_out_at(&w->out) -
	    w->sec[SEC_POSITIONS].at;
	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (add_section(w, all[i].section, all[i].b, e) < 0)
			return -1;
	if (add_columns(w, e) < 0 || begin(w, SEC_CHECKS, e) < 0 ||
	    seg_out_flush(&w->out, e) < 0)
		return -1;
	/* of the pages up to here, without that of the header */
	w->out.checks = NULL;
	w->sec[SEC_CHECKS].size = w->checks.len - 4;
	return seg_out_add(&w->out, w->checks.p + 4, w->checks.len - 4, e) < 0
	    ? -1 : seg_out_flush(&w->out, e);
}

static int
write_header(struct seg_writer *w, struct err *e)
{
	uint8_t h[SEG_HEADER] = { 0 };
	uint32_t ascending = 0;
	unsigned i;
	ssize_t n;

	for (i = 0; i < w->ncolumns; i++)
		ascending |= (uint32_t)!w->column[i].descends << i;
	memcpy(h, SEG_MAGIC, 8);
	put32(h + 8, SEG_VERSION);
	put32(h + 12, w->docs);
	put32(h + 16, w->ncolumns);
	put32(h + 20, ascending);
	put32(h + 24, crc32c(0, w->checks.p + 4, w->checks.len - 4));
	put64(h + 32, w->nterms);
	put64(h + 40, w->nwords);
	put64(h + 48, w->length);
	put64(h + 56, seg_out_at(&w->out));
	for (i = 0; i < SEC_N; i++) {
		put64(h + 64 + 16 * i, w->sec[i].at);
		put64(h + 72 + 16 * i, w->sec[i].size);
	}
	put32(h + SEG_HEADER - 4, crc32c(0, h, SEG_HEADER - 4));
	while ((n = pwrite(w->out.fd, h, sizeof h, 0)) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof h ? 0 : err_sys(e, "%s", w->out.name);
}

static void
release(struct seg_writer *w)
{
	struct buf *all[BUFS];
	size_t i;

	buffers(w, all);
	for (i = 0; i < BUFS; i++)
		buf_release(all[i]);
	for (i = 0; i < w->ncolumns; i++)
		buf_release(&w->column[i].ix);
	for (i = 0; i < w->word_n; i++)
		free(w->word[i].text);
	free(w->word);
	seg_out_close(&w->positions);
	seg_out_close(&w->out);
	free(w->path);
}

int
seg_writer_close(struct seg_writer *w, int r, struct err *e)
{
	if (r == 0)
		r = add_sections(w, e);
	if (r == 0)
		r = write_header(w, e);
	if (r == 0 && fsync(w->out.fd) < 0)
		r = err_sys(e, "%s", w->out.name);
	if (r == 0 && rename(w->out.name, w->path) < 0)
		r = err_sys(e, "%s", w->path);
	if (r < 0 && w->out.fd >= 0)
		unlink(w->out.name);
	release(w);
	return r < 0 ? -1 : 0;
}
