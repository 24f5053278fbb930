#include "text/near.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define ROOM (4 * NEAR_SAMPLE)	/* threes before they are thinned out */

void
near_init(struct near *x)
{
	memset(x, 0, sizeof *x);
	x->most = UINT64_MAX;
}

void
near_release(struct near *x)
{
	size_t i;

	for (i = 0; i < x->texts; i++)
		free(x->text[i].three);
	free(x->text);
	free(x->three);
	near_init(x);
}

/* --- a text ------------------------------------------------------------ */

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Each once, in order, no more than the sample. */
static void
thin(struct near *x)
{
	size_t i, n = 0;

	if (x->n > 1)
		qsort(x->three, x->n, sizeof *x->three, by_value);
	for (i = 0; i < x->n && n < NEAR_SAMPLE; i++)
		if (n == 0 || x->three[i] != x->three[n - 1])
			x->three[n++] = x->three[i];
	x->n = n;
	if (n == NEAR_SAMPLE)
		x->most = x->three[n - 1];
}

/* A good mixture (the end of MurmurHash3, A. Appleby, public domain). */
static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

/* The first words have nothing before them: so many words, so many threes. */
static void
word(struct near *x, uint64_t h)
{
	uint64_t three;

	three = mix(mix(mix(x->before[0]) + x->before[1]) + h);
	x->before[0] = x->before[1];
	x->before[1] = h;
	x->words++;
	if (three > x->most)
		return;
	if (x->n == ROOM)
		thin(x);
	x->three = xgrow(x->three, x->n, &x->cap, sizeof *x->three);
	x->three[x->n++] = three;
}

static bool
wordy(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c >= 0x80;
}

/* FNV-1a, of either case. */
static uint64_t
letter(uint64_t h, unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (unsigned char)(c | 0x20);
	return (h ^ c) * UINT64_C(1099511628211);
}

void
near_tell(struct near *x, const char *p, size_t len)
{
	uint64_t h;
	unsigned char c;
	size_t i = 0;

	while (i < len) {
		c = (unsigned char)p[i++];
		if (c <= ' ')
			continue;
		h = letter(UINT64_C(14695981039346656037), c);
		if (wordy(c))
			while (i < len && wordy((unsigned char)p[i]))
				h = letter(h, (unsigned char)p[i++]);
		word(x, h);
	}
}

/* --- two --------------------------------------------------------------- */

static bool
alike(const struct near_text *a, const struct near_text *b)
{
	size_t most = a->n + b->n, i = 0, j = 0, all = 0, lone = 0;
	uint64_t less = a->words < b->words ? a->words : b->words;
	uint64_t more = a->words < b->words ? b->words : a->words;

	if (a->kind != b->kind || less == 0 || 10 * less < 9 * more)
		return false;
	if (most > NEAR_SAMPLE)
		most = NEAR_SAMPLE;
	/* the least of both together, as many as the sample */
	for (; all < NEAR_SAMPLE && (i < a->n || j < b->n); all++) {
		if (i < a->n && j < b->n && a->three[i] == b->three[j]) {
			i++;
			j++;
			continue;
		}
		if (j == b->n || (i < a->n && a->three[i] < b->three[j]))
			i++;
		else
			j++;
		if (10 * ++lone > most)
			return false;
	}
	return 10 * lone <= all;
}

bool
near_again(struct near *x, int kind, size_t *which)
{
	struct near_text t = { .kind = kind, .words = x->words };
	size_t i;
	bool again;

	thin(x);
	t.three = x->three;
	t.n = x->n;
	for (i = 0; i < x->texts; i++)
		if (alike(&x->text[i], &t))
			break;
	*which = i;
	if (!(again = i < x->texts)) {
		x->text = xgrow(x->text, x->texts, &x->texts_cap,
		    sizeof *x->text);
		t.three = xcalloc(t.n + 1, sizeof *t.three);
		if (t.n > 0)
			memcpy(t.three, x->three, t.n * sizeof *t.three);
		x->text[x->texts++] = t;
	}
	x->n = 0;
	x->most = UINT64_MAX;
	x->words = x->before[0] = x->before[1] = 0;
	return again;
}
