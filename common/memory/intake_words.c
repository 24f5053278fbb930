#include "memory/intake_words.h"

#include <stdlib.h>
#include <string.h>

#define LOG_ROWS 21

int64_t
words_rounded(int64_t n, int64_t least)
{
	int64_t r = 1;

	if (n < least)
		return 0;
	while (r <= n / 2)
		r *= 2;
	return r;
}

static unsigned
weight(const struct word *w, int64_t least)
{
	int64_t n = words_rounded(w->g->n, least);
	unsigned log = 0;

	if (n == 0)
		return 0;
	for (; n > 1; n /= 2)
		log++;
	return w->tf * (log < LOG_ROWS ? LOG_ROWS - log : 1);
}

static int
compare(const char *a, size_t alen, const char *b, size_t blen)
{
	int r = memcmp(a, b, alen < blen ? alen : blen);

	return r != 0 ? r : alen < blen ? -1 : alen > blen;
}

static int
compare_stems(const struct word *a, const struct word *b,
    const struct buf *bytes)
{
	return compare(bytes->p + a->stem_at, a->stem_len,
	    bytes->p + b->stem_at, b->stem_len);
}

/* There are few: an insertion sort needs no memory of its own. */
size_t
words_best(struct word *v, size_t n, const struct buf *bytes, int64_t least)
{
	size_t i, j, best = 0;
	struct word w;

	for (i = 0; i < n; i++) {
		v[i].weight = weight(&v[i], least);
		w = v[i];
		for (j = i; j > 0 && (w.weight > v[j - 1].weight ||
		    (w.weight == v[j - 1].weight &&
		    compare_stems(&w, &v[j - 1], bytes) < 0)); j--)
			v[j] = v[j - 1];
		v[j] = w;
	}
	while (best < n && best < WORDS_BEST && v[best].weight > 0)
		best++;
	for (i = 1; i < best; i++) {
		w = v[i];
		for (j = i; j > 0 && compare_stems(&w, &v[j - 1], bytes) < 0;
		    j--)
			v[j] = v[j - 1];
		v[j] = w;
	}
	return best;
}
