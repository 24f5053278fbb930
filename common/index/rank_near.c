/*
 * The terms are walked in their order, and what begins so that it cannot be
 * near enough is passed over; the words that were stemmed to a term are
 * looked at where the term is near.
 */
#include "index/rank_near.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Terms of a segment looked at for a word; of one that is seen in part all of
 * them, for how many there are does not depend on what is seen. */
#define STEPS 50000

/* --- documents alive --------------------------------------------------- */

static bool
is_dead(const struct rank_part *p, uint32_t doc)
{
	return p->dead != NULL && (p->dead[doc / 64] >> (doc % 64) & 1);
}

/* Has the i-th document of a block the form?  1, 0, -1. */
static int
has_form(struct segment_list *l, uint32_t i, int form, struct err *e)
{
	const uint32_t *pos;
	const uint8_t *have;
	uint32_t n, k;

	if (segment_positions(l, i, &pos, &have, &n, e) < 0)
		return -1;
	for (k = 0; k < n; k++)
		if (have[k] == form)
			return 1;
	return 0;
}

/* Documents alive that have a term, counted no further than most: with a
 * form, or (-1) with any. */
static int
alive(const struct rank_part *p, const struct segment_term *t, int form,
    int64_t most, int64_t *n, struct err *e)
{
	struct segment_list *l;
	uint32_t block, i;
	int r = 0;

	*n = t->docs < most ? t->docs : most;
	if (p->dead == NULL)
		return 0;
	*n = 0;
	l = xmalloc(sizeof *l);
	segment_list(p->s, t, l);
	for (block = 0; block < l->blocks && *n < most && r >= 0; block++) {
		if ((r = segment_list_load(l, block, e)) < 0 ||
		    (form >= 0 && (r = segment_list_tf(l, e)) < 0))
			break;
		for (i = 0; i < l->n && *n < most && r >= 0; i++) {
			if (is_dead(p, l->doc[i]))
				continue;
			r = form < 0 ? 1 : has_form(l, i, form, e);
			*n += r == 1;
		}
	}
	segment_list_release(l);
	free(l);
	return r < 0 ? -1 : 0;
}

int
rank_near_df(const struct rank_part *part, size_t parts, const char *stem,
    size_t len, int64_t most, int64_t *df, struct err *e)
{
	struct segment_term t;
	int64_t n;
	size_t i;
	int r;

	for (i = 0; i < parts && *df < most; i++) {
		r = segment_term(part[i].s, SEGMENT_TEXT, stem, len, &t, e);
		if (r < 0 || (r == 1 && alive(&part[i], &t, -1, most, &n,
		    e) < 0))
			return -1;
		*df += r == 1 ? n : 0;
	}
	return 0;
}

/* --- words ------------------------------------------------------------- */

struct near {
	const struct rank_part *p;
	struct ruler ruler, of_words;
	struct buf word;
	unsigned steps, most;
	rank_near_fn *fn;
	void *arg;
};

/* The words of a term, the beginning of which is near. */
static int
take_words(struct near *x, const char *text, size_t len,
    const struct segment_term *t, struct err *e)
{
	unsigned i, d;
	int64_t n;
	bool whole;

	for (i = 0; i < t->forms; i++) {
		if (segment_form(x->p->s, t, text, len, i, &x->word, &whole,
		    e) < 0)
			return -1;
		d = ruler_measure(&x->of_words, x->word.p, x->word.len);
		if (d > x->ruler.max)
			continue;
		if (alive(x->p, t, (int)i, 1, &n, e) < 0)
			return -1;
		if (n > 0)
			x->fn(x->arg, x->word.p, x->word.len, text, len, d);
	}
	return 0;
}

/* A term one word of which does not begin as it does. */
static int
take_unlike(void *arg, const char *text, size_t len,
    const struct segment_term *t, struct err *e)
{
	struct near *x = arg;

	if (x->steps++ == x->most)	/* enough; no error */
		return -1;
	return take_words(x, text, len, t, e);
}

/* Words are between others, and not near their stems. */
static int
walk_unlike(struct near *x, struct err *e)
{
	x->steps = 0;
	return segment_words(x->p->s, "", 0, take_unlike, x, e) < 0 &&
	    x->steps <= x->most ? -1 : 0;
}

/*
 * Tell the ruler a term, of which it knows the first *told letters, each
 * ending at end[].  Returns 0: there is hope; else the bytes up to the letter
 * *lost after which there is none.
 */
static size_t
tell(struct ruler *r, const struct segment_walk *w, size_t *told, size_t *end,
    uint32_t *lost)
{
	size_t at = *told > 0 ? end[*told - 1] : 0, n;

	while (at < w->len) {
		*lost = utf8_decode(w->text + at, w->len - at, &n);
		at += n;
		if (!ruler_tell(r, *told, *lost))
			return at;
		end[(*told)++] = at;
	}
	return 0;
}

/*
 * The next letter after `lost` that a term near enough may have after the
 * letters told; 0 none.  A stem may end in an i or e that its words do not
 * have (happy, happi; hoping, hope).
 */
static uint32_t
next_letter(struct ruler *r, size_t told, uint32_t lost)
{
	uint32_t next = ruler_next(r, told, lost);

	if (lost < 'i' && (next == 0 || next > 'i') &&
	    ruler_tell(r, told, 'y'))
		next = 'i';
	if (lost < 'e' && (next == 0 || next > 'e') &&
	    ruler_tell(r, told, 'i'))
		next = 'e';
	return next;
}

/* Behind all that begins as `last` does up to the letter after those told,
 * which is `lost`: where the next that may be near begins, 0 none. */
static size_t
skip(struct ruler *r, char *last, size_t *told, const size_t *end,
    uint32_t lost)
{
	size_t at = *told > 0 ? end[*told - 1] : 0;
	uint32_t next = next_letter(r, *told, lost);

	if (next > 0)
		return at + utf8_put(last + at, next);
	if (at > 0) {
		last[at - 1]++;
		--*told;
	}
	return at;
}

/* How many of the letters told a term begins with. */
static size_t
keep(const struct segment_walk *w, const char *last, size_t told,
    const size_t *end)
{
	size_t i = 0, at = 0;

	while (i < told && end[i] <= w->len &&
	    memcmp(w->text + at, last + at, end[i] - at) == 0)
		at = end[i++];
	return i;
}

static int
walk(struct near *x, struct err *e)
{
	size_t end[RULER_LETTERS + 3], told = 0, at;
	char last[SEGMENT_TERM + 4] = "";
	struct segment_walk w;
	uint32_t lost = 0;
	unsigned steps;
	int r;

	if (segment_walk(x->p->s, SEGMENT_TEXT, "", 0, &w, e) < 0)
		return -1;
	r = segment_walk_next(&w, e);
	for (steps = 0; r == 1 && steps < x->most; steps++) {
		told = keep(&w, last, told, end);
		at = tell(&x->ruler, &w, &told, end, &lost);
		memcpy(last, w.text, w.len);
		if ((at == 0 || at == w.len) &&
		    take_words(x, w.text, w.len, &w.term, e) < 0)
			return -1;
		if (at == 0) {
			r = segment_walk_next(&w, e);
			continue;
		}
		if ((at = skip(&x->ruler, last, &told, end, lost)) == 0)
			break;
		r = segment_walk_to(&w, last, at, e);
	}
	return r < 0 ? -1 : 0;
}

int
rank_near(const struct rank_part *part, size_t parts, const struct ruler *r,
    bool unlike, rank_near_fn *fn, void *arg, struct err *e)
{
	struct near x = { .ruler = *r, .of_words = *r, .fn = fn, .arg = arg };
	size_t i;
	int failed = 0;

	buf_init(&x.word);
	for (i = 0; i < parts && !failed; i++) {
		x.p = &part[i];
		x.most = x.p->dead == NULL ? STEPS : UINT_MAX - 1;
		failed = walk(&x, e) < 0 ||
		    (unlike && walk_unlike(&x, e) < 0);
	}
	buf_release(&x.word);
	return failed ? -1 : 0;
}
