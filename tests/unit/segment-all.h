/*
 * Everything that can be read from a segment, as one number; and check sums
 * made right again after bytes were changed.
 */
#ifndef TESTS_SEGMENT_ALL_H
#define TESTS_SEGMENT_ALL_H

#include "base/alloc.h"
#include "base/crc.h"
#include "base/file.h"
#include "index/segment_format.h"

#include <stdlib.h>
#include <string.h>

static inline uint64_t
all_add(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;

	while (n-- > 0)
		h = (h ^ *b++) * UINT64_C(1099511628211);
	return h;
}

static inline int
all_docs(struct segment *s, uint64_t *h, struct err *e)
{
	struct buf key = BUF_INIT;
	uint32_t i, found;
	uint8_t length;
	unsigned c;
	int64_t v;
	int r = 0;

	for (i = 0; i < segment_docs(s) && r == 0; i++) {
		if ((r = segment_key(s, i, &key, e)) < 0)
			break;
		*h = all_add(*h, key.p, key.len);
		if (segment_find_key(s, key.p, key.len, &found, e) < 0 ||
		    segment_length_of(s, i, &length, e) < 0)
			r = -1;
		*h = all_add(*h, &found, sizeof found);
		*h = all_add(*h, &length, 1);
		for (c = 0; c < segment_columns(s) && r == 0; c++) {
			r = segment_value(s, c, i, &v, e);
			*h = all_add(*h, &v, sizeof v);
		}
	}
	buf_release(&key);
	return r;
}

static inline int
all_block(struct segment_list *l, uint32_t b, uint64_t *h, struct err *e)
{
	struct segment_pair pair[SEGMENT_PAIRS];
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t i, n, last, at;
	int pairs, k;

	if (segment_list_last(l, b, &last, e) < 0 ||
	    segment_list_load(l, b, e) < 0 || segment_list_tf(l, e) < 0 ||
	    segment_list_seek(l, 0, last, &at, e) < 0 ||
	    (pairs = segment_bound(l, b, pair, e)) < 0)
		return -1;
	*h = all_add(*h, l->doc, l->n * sizeof *l->doc);
	*h = all_add(*h, l->tf, l->n * sizeof *l->tf);
	*h = all_add(*h, &at, sizeof at);
	for (k = 0; k < pairs; k++) {
		*h = all_add(*h, &pair[k].tf, sizeof pair[k].tf);
		*h = all_add(*h, &pair[k].length, 1);
	}
	for (i = 0; i < l->n; i++) {
		if (segment_positions(l, i, &pos, &form, &n, e) < 0)
			return -1;
		*h = all_add(*h, pos, n * sizeof *pos);
		*h = all_add(*h, form, n);
	}
	return 0;
}

static inline int
all_term(struct segment *s, const struct segment_walk *w, uint64_t *h,
    struct err *e)
{
	struct segment_list *l = xmalloc(sizeof *l);
	struct segment_pair pair[SEGMENT_PAIRS];
	struct buf word = BUF_INIT;
	uint32_t b;
	unsigned f;
	bool whole;
	int r = 0;

	*h = all_add(*h, w->text, w->len);
	*h = all_add(*h, &w->term.docs, sizeof w->term.docs);
	for (f = 0; f < w->term.forms && r == 0; f++)
		if ((r = segment_form(s, &w->term, w->text, w->len, f, &word,
		    &whole, e)) == 0)
			*h = all_add(*h, word.p, word.len) ^ whole;
	segment_list(s, &w->term, l);
	if (r == 0 && segment_bound(l, UINT32_MAX, pair, e) < 0)
		r = -1;
	for (b = 0; b < l->blocks && r == 0; b++)
		r = all_block(l, b, h, e);
	segment_list_release(l);
	free(l);
	buf_release(&word);
	return r;
}

static inline int
all_word(void *arg, const char *term, size_t len,
    const struct segment_term *t, struct err *e)
{
	uint64_t *h = arg;

	(void)e;
	*h = all_add(*h, term, len) ^ t->number;
	return 0;
}

/* -1: something was damaged. */
static inline int
segment_all(struct segment *s, uint64_t *h, struct err *e)
{
	struct segment_term t;
	struct segment_walk w;
	const uint8_t *lengths;
	unsigned field;
	int r = 0, found;

	*h = segment_length(s) ^ segment_terms(s);
	if (segment_lengths(s, &lengths, e) < 0 || all_docs(s, h, e) < 0)
		return -1;
	*h = all_add(*h, lengths, segment_docs(s));
	for (field = 1; field < 256 && r == 0; field++) {
		if (segment_walk(s, field, "", 0, &w, e) < 0)
			return -1;
		while ((r = segment_walk_next(&w, e)) == 1) {
			found = segment_term(s, field, w.text, w.len, &t, e);
			if (found < 0 || all_term(s, &w, h, e) < 0)
				return -1;
			*h ^= (uint64_t)found;
		}
	}
	if (r < 0 || segment_words(s, "", 0, all_word, h, e) < 0 ||
	    segment_words(s, "d", 1, all_word, h, e) < 0)
		return -1;
	return 0;
}

/* Sums of pages and header as if they were meant to be so. */
static inline void
segment_sum_again(uint8_t *p, size_t len)
{
	uint64_t end, page, pages, n;

	if (len < SEG_HEADER + SEG_PAD)
		return;
	put64(p + SEG_AT_SIZE, len);
	put32(p + SEG_AT_CHECK, 0);
	put32(p + SEG_AT_CHECK, crc32c(0, p, SEG_HEADER));
	end = get64(p + SEG_AT_ENDS + 8 * (SEG_SECTIONS - 1)) + SEG_PAD;
	pages = end / SEG_PAGE + (end % SEG_PAGE != 0);
	if (end > len || len - end < 4 * pages)
		return;
	for (page = 0; page < pages; page++) {
		n = end - page * SEG_PAGE;
		put32(p + end + 4 * page, crc32c((uint32_t)page,
		    p + page * SEG_PAGE, n < SEG_PAGE ? n : SEG_PAGE));
	}
}

#endif
