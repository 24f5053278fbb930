#include "index/ruler.h"

#include "base/utf8.h"
#include "index/fold.h"

#include <string.h>

#define FAR 100

bool
ruler_is_letter(uint32_t c)
{
	if (c < 0x80)
		return c >= 'a' && c <= 'z';
	return fold_class(c) == FOLD_WORD;
}

int
ruler_init(struct ruler *r, const char *p, size_t len)
{
	size_t i, at, n;
	uint32_t c;

	if (len > 2 && memcmp(p + len - 2, "'s", 2) == 0)
		len -= 2;
	r->n = 0;
	for (at = 0; at < len; at += n) {
		c = utf8_decode(p + at, len - at, &n);
		if (r->n == RULER_LETTERS || !ruler_is_letter(c))
			return 0;
		r->word[r->n++] = c;
	}
	if (r->n < RULER_LEAST)
		return 0;
	r->max = r->n < RULER_LONG ? 1 : 2;
	r->row[0][0] = 0;
	for (i = 1; i <= r->n; i++)
		r->row[0][i] = (uint8_t)(i + 1);
	return 1;
}

static uint8_t
least(unsigned a, unsigned b)
{
	return (uint8_t)(a < b ? a : b);
}

/* Places of the word that the i-th letter may be at or beside: what is not
 * between them is too far, and not kept. */
static size_t
band_from(const struct ruler *r, size_t i)
{
	return i > r->max ? i - r->max : 0;
}

static size_t
band_to(const struct ruler *r, size_t i)
{
	return i + r->max < r->n ? i + r->max + 1 : r->n;
}

bool
ruler_tell(struct ruler *r, size_t i, uint32_t c)
{
	const uint8_t *up;
	uint8_t *row, best;
	size_t j, from, to;
	bool hope = false;

	/* what is longer than the word by more than max is too far */
	if (i >= r->n + r->max || !ruler_is_letter(c))
		return false;
	r->letter[i] = c;
	up = r->row[i];
	row = r->row[i + 1];
	from = band_from(r, i);
	to = band_to(r, i);
	row[from] = (uint8_t)(from > 0 ? FAR : i + 2);
	if (to < r->n)
		row[to + 1] = FAR;
	for (j = from; j < to; j++) {
		best = (uint8_t)(up[j] + (r->word[j] == c ? 0 :
		    i == 0 && j == 0 ? 2 : 1));
		best = least(best, least(up[j + 1], row[j]) + 1u);
		if (i > 0 && j > 0 && r->word[j] == r->letter[i - 1] &&
		    r->word[j - 1] == c)
			best = least(best, r->row[i - 1][j - 1] + 1u);
		row[j + 1] = best;
		/* the next letter may be one that changed places with it */
		hope |= best <= r->max || (j + 1 < r->n &&
		    r->word[j + 1] == c && up[j] < r->max);
	}
	return hope;
}

uint32_t
ruler_next(const struct ruler *r, size_t i, uint32_t c)
{
	const uint8_t *up = r->row[i];
	uint32_t next = UINT32_MAX, w;
	bool fits;
	size_t j;

	if (i >= r->n + r->max)
		return 0;
	for (j = band_from(r, i); j <= band_to(r, i); j++)
		if (up[j] < r->max)	/* one more mistake may be made */
			return c < 'a' ? 'a' : c + 1;
	/* else it is a letter of the word that goes on, or goes back */
	for (j = band_from(r, i); j < band_to(r, i); j++) {
		w = r->word[j];
		if (w <= c || w >= next)
			continue;
		fits = up[j] <= r->max || (i > 0 && j + 1 < r->n &&
		    r->word[j + 1] == r->letter[i - 1] &&
		    r->row[i - 1][j] < r->max);
		if (fits)
			next = w;
	}
	return next == UINT32_MAX ? 0 : next;
}

unsigned
ruler_distance(const struct ruler *r, size_t n)
{
	return n + r->max < r->n ? FAR : r->row[n][r->n];
}

unsigned
ruler_measure(struct ruler *r, const char *p, size_t len)
{
	size_t at, i, n;
	uint32_t c;

	for (at = i = 0; at < len; at += n, i++) {
		c = utf8_decode(p + at, len - at, &n);
		if (!ruler_tell(r, i, c))
			return FAR;
	}
	return i > 0 ? ruler_distance(r, i) : FAR;
}
