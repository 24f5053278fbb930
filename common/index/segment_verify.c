/*
 * Every byte and every number of a segment.
 */
#include "index/segment_format.h"

#include "base/alloc.h"
#include "index/score.h"

#include <stdlib.h>
#include <string.h>

/* All pages, also those that nothing refers to. */
static int
verify_pages(struct segment *s, struct err *e)
{
	size_t i;

	for (i = SEG_HEADER; i < SEG_PAGE; i++)
		if (s->map[i] != 0)
			return seg_damaged(s, "header", e);
	return seg_check(s, SEG_PAGE, s->sec[SEC_CHECKS].at - SEG_PAGE, e);
}

/* Strings rise, and there are as many as the header says. */
static int
verify_strings(struct segment *s, int section, const char *what,
    struct err *e)
{
	struct seg_strings x;
	struct buf last = BUF_INIT;
	uint64_t n = 0;
	int r, d;

	seg_strings_init(&x, s, section);
	while ((r = seg_strings_next(&x, e)) == 1) {
		d = n++ == 0 ? 1 : seg_compare(x.text.p, x.text.len, last.p,
		    last.len);
		/* a word may be of several terms */
		if (section == SEC_KEYS ? d <= 0 : d < 0 ||
		    x.number >= s->terms) {
			r = seg_damaged(s, what, e);
			break;
		}
		buf_reset(&last);
		buf_add(&last, x.text.p, x.text.len);
	}
	if (r == 0 && n != x.all)
		r = seg_damaged(s, what, e);
	seg_strings_release(&x);
	buf_release(&last);
	return r;
}

static int
verify_docs(struct segment *s, struct err *e)
{
	const uint8_t *length;
	uint64_t sum = 0;
	uint32_t d;
	unsigned c;
	int64_t v, last = 0;

	if (segment_lengths(s, &length, e) < 0)
		return -1;
	for (d = 0; d < s->docs; d++)
		sum += score_length(length[d]);
	if (sum != s->length)
		return seg_damaged(s, "lengths", e);
	for (c = 0; c < s->columns; c++)
		for (d = 0; d < s->docs; d++) {
			if (segment_value(s, c, d, &v, e) < 0)
				return -1;
			if (d > 0 && v < last && segment_ascending(s, c))
				return seg_damaged(s, "a column", e);
			last = v;
		}
	return 0;
}

/* --- terms ------------------------------------------------------------- */

static bool
bounded(const struct segment_pair *pair, int n, uint32_t tf, uint8_t length)
{
	int i;

	for (i = 0; i < n; i++)
		if (tf <= pair[i].tf && length >= pair[i].length)
			return true;
	return false;
}

/* The loaded block: its bounds, and the positions of its documents. */
static int
verify_block(struct segment_list *l, uint32_t block,
    const struct segment_pair *all, int nall, struct err *e)
{
	struct segment_pair pair[SEGMENT_PAIRS];
	const uint32_t *pos;
	const uint8_t *form;
	uint8_t length;
	uint32_t i, k, n;
	int pairs = segment_bound(l, block, pair, e);

	if (pairs < 0)
		return -1;
	for (i = 0; i < l->n; i++) {
		if (segment_length_of(l->s, l->doc[i], &length, e) < 0)
			return -1;
		if (!bounded(pair, pairs, l->tf[i], length) ||
		    !bounded(all, nall, l->tf[i], length))
			return seg_damaged(l->s, "a bound", e);
		if (!seg_has_positions(l->t.field))
			continue;
		if (segment_positions(l, i, &pos, &form, &n, e) < 0)
			return -1;
		for (k = 1; k < n; k++)
			if (pos[k] < pos[k - 1])
				return seg_damaged(l->s, "a position", e);
	}
	return 0;
}

static int
verify_list(struct segment *s, const struct segment_term *t,
    struct segment_list *l, struct err *e)
{
	struct segment_pair all[SEGMENT_PAIRS];
	uint32_t b, docs = 0;
	int n, r = 0;

	segment_list(s, t, l);
	if ((n = segment_bound(l, UINT32_MAX, all, e)) < 0)
		r = -1;
	for (b = 0; b < l->blocks && r == 0; b++) {
		if (segment_list_load(l, b, e) < 0 ||
		    segment_list_tf(l, e) < 0)
			r = -1;
		else
			r = verify_block(l, b, all, n, e);
		docs += l->n;
	}
	if (r == 0 && docs != t->docs)
		r = seg_damaged(s, "postings", e);
	segment_list_release(l);
	return r;
}

static int
verify_forms(struct segment *s, const struct segment_walk *w, struct err *e)
{
	struct buf word = BUF_INIT;
	bool whole;
	unsigned i;
	int r = 0;

	for (i = 0; i < w->term.forms && r == 0; i++)
		r = segment_form(s, &w->term, w->text, w->len, i, &word,
		    &whole, e);
	buf_release(&word);
	return r;
}

static int
verify_terms(struct segment *s, struct err *e)
{
	struct segment_list *l = xcalloc(1, sizeof *l);
	struct segment_walk w;
	uint8_t last[SEGMENT_TERM];
	size_t len = 0;
	int r = seg_terms_start(&w, s, 0, e);

	while (r == 0 && (r = seg_terms_next(&w, e)) == 1) {
		if (w.next > 1 && seg_compare(w.key, w.key_len, last,
		    len) <= 0) {
			r = seg_damaged(s, "terms", e);
			break;
		}
		memcpy(last, w.key, len = w.key_len);
		if ((r = verify_list(s, &w.term, l, e)) == 0)
			r = verify_forms(s, &w, e);
	}
	if (r == 0 && (w.postings != s->sec[SEC_POSTINGS].size ||
	    w.positions != s->sec[SEC_POSITIONS].size ||
	    w.blocks * SEG_ENTRY != s->sec[SEC_BLOCKS].size) && s->terms > 0)
		r = seg_damaged(s, "terms", e);
	free(l);
	return r;
}

int
segment_verify(struct segment *s, struct err *e)
{
	if (verify_pages(s, e) < 0 ||
	    verify_strings(s, SEC_KEYS, "keys", e) < 0 ||
	    verify_strings(s, SEC_WORDS, "words", e) < 0 ||
	    verify_docs(s, e) < 0 || verify_terms(s, e) < 0)
		return -1;
	return 0;
}
