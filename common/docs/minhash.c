#include "docs/minhash.h"

#include <stdbool.h>
#include <string.h>

#define TURN UINT64_C(0x9e3779b97f4a7c15)	/* odd; 2^64 / golden ratio */

/* TURN to the power of MINHASH_WORDS */
static uint64_t
turns(void)
{
	return TURN * TURN * TURN * TURN * TURN;
}

/* The finalizer of MurmurHash3 (Appleby). */
static uint64_t
mix(uint64_t h)
{
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

void
minhash_init(struct minhash *m)
{
	memset(m, 0, sizeof *m);
}

static void
take(struct minhash *m, uint32_t v)
{
	size_t i = m->n;

	while (i > 0 && m->v[i - 1] > v)
		i--;
	if (i > 0 && m->v[i - 1] == v)
		return;
	if (m->n < MINHASH_N)
		m->n++;
	else if (i == MINHASH_N)
		return;
	memmove(m->v + i + 1, m->v + i, (m->n - 1 - i) * sizeof m->v[0]);
	m->v[i] = v;
}

void
minhash_word(struct minhash *m, uint64_t h)
{
	size_t at = m->words++ % MINHASH_WORDS;
	uint32_t v;

	m->run = m->run * TURN + h - m->last[at] * turns();
	m->last[at] = h;
	if (m->words < MINHASH_WORDS)
		return;
	v = (uint32_t)(mix(m->run) >> 32);
	if (m->n < MINHASH_N || v < m->v[MINHASH_N - 1])
		take(m, v);
}

void
minhash_end(struct minhash *m)
{
	if (m->words > 0 && m->words < MINHASH_WORDS)
		take(m, (uint32_t)(mix(m->run) >> 32));
}

void
minhash_format(const struct minhash *m, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;
	int k;

	for (i = 0; i < m->n; i++)
		for (k = 28; k >= 0; k -= 4)
			*out++ = digits[m->v[i] >> k & 15];
	*out = '\0';
}

int
minhash_parse(struct minhash *m, const char *s)
{
	uint32_t v;
	int k;

	minhash_init(m);
	while (*s != '\0') {
		if (m->n == MINHASH_N)
			return 0;
		for (v = 0, k = 0; k < 8; k++, s++)
			if (*s >= '0' && *s <= '9')
				v = v << 4 | (uint32_t)(*s - '0');
			else if (*s >= 'a' && *s <= 'f')
				v = v << 4 | (uint32_t)(*s - 'a' + 10);
			else
				return 0;
		if (m->n > 0 && v <= m->v[m->n - 1])
			return 0;
		m->v[m->n++] = v;
	}
	return 1;
}

double
minhash_same(const struct minhash *a, const struct minhash *b)
{
	size_t i = 0, j = 0, all = 0, both = 0;
	/* less than 32: all of them, so that more may be looked at */
	bool whole = a->n < MINHASH_N && b->n < MINHASH_N;

	while ((whole || all < MINHASH_N) && (i < a->n || j < b->n)) {
		all++;
		if (j == b->n || (i < a->n && a->v[i] < b->v[j]))
			i++;
		else if (i == a->n || a->v[i] > b->v[j])
			j++;
		else {
			both++;
			i++;
			j++;
		}
	}
	return all == 0 ? 0 : (double)both / (double)all;
}
