/*
 * A part of n words costs n log(n + k) - sum of f log(f + 1) over its words,
 * where f is how often a word comes in it, and k how many words there are: few
 * bits when the same words come again.  A boundary costs bits, too.  The
 * cheapest division is found by dynamic programming, in whole numbers (bits
 * in 2^-20), so that it is the same everywhere.
 *
 * In the paper k and the cost of a boundary are those of the text at hand.
 * Here they are fixed: a session that grows must not be cut otherwise only
 * because there is more of it.
 */
#include "toc/cut_subject.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LOGS 16384		/* more words than a segment holds */
#define ONE (1 << 20)
#define NEVER INT64_MAX

/*
 * Words there are; bits that a boundary costs, and that it costs less where
 * words tell of one.  Of the values tried on locomo-dev and on sentences of
 * abstracts (tests/quality/q-cut) these are good for both.
 */
#define KINDS 600
#define PRICE 25
#define HELLO 40
#define BYE 15
#define ASIDE 5

/* The least that is a subject. */
#define TURNS_MIN 4
#define TOKENS_MIN 60
/* And from one turn that may begin one to the next (a quarter where words tell
 * of one), so that a long row of short turns costs little more than a row of
 * long ones. */
#define TOKENS_STEP 8

struct work {
	uint32_t *word;		/* own; numbers of all turns' words */
	size_t *at;		/* own; where those of each turn begin */
	uint32_t words, kinds;
	uint32_t *count;	/* own; of each kind */
	int64_t *best;		/* own; cost of the turns before */
	size_t *from;		/* own; where the last part of these begins */
};

static int32_t logs[LOGS];

/* log2(x), bit by bit: the square of a number in [1, 2) has the next. */
static int32_t
log2_of(uint32_t x)
{
	uint64_t m;
	int32_t r = 0, bit;

	while (x >> (r + 1) != 0)
		r++;
	m = ((uint64_t)x << 31) >> r;
	for (r *= ONE, bit = ONE / 2; bit > 0; bit /= 2) {
		m = m * m >> 31;
		if (m >> 32 != 0) {
			m >>= 1;
			r += bit;
		}
	}
	return r;
}

static int64_t
log_of(uint32_t x)
{
	return logs[x < LOGS ? x : LOGS - 1];
}

/* Each word gets the number of its kind. */
static void
number_words(struct work *w, const struct turn *t, size_t n)
{
	struct { uint64_t stem; uint32_t number; } *slot;
	size_t words = 0, slots = 64, i, k, s;

	for (i = 0; i < n; i++)
		words += t[i].words;
	while (slots < 2 * words)
		slots *= 2;
	slot = xcalloc(slots, sizeof *slot);
	w->word = xcalloc(words + 1, sizeof *w->word);
	for (i = 0; i < n; i++) {
		w->at[i] = w->words;
		for (k = 0; k < t[i].words; k++) {
			if (t[i].word[k].kind == TURN_WHOLE)
				continue;
			s = (size_t)t[i].word[k].stem & (slots - 1);
			while (slot[s].number != 0 &&
			    slot[s].stem != t[i].word[k].stem)
				s = (s + 1) & (slots - 1);
			if (slot[s].number == 0) {
				slot[s].stem = t[i].word[k].stem;
				slot[s].number = ++w->kinds;
			}
			w->word[w->words++] = slot[s].number - 1;
		}
	}
	w->at[n] = w->words;
	free(slot);
	w->count = xcalloc(w->kinds + 1, sizeof *w->count);
}

/* Cues of its first two sentences. */
static unsigned
opening(const struct turn *t)
{
	unsigned cues = 0;
	size_t i;

	for (i = 0; i < t->sentences && i < 2; i++)
		cues |= t->sentence[i].cues;
	return cues;
}

/*
 * What a boundary before t[i] costs; NEVER: there is none, for where somebody
 * is served it is they who change the subject.  That words at the ends of a
 * conversation tell where it ends is of M. Galley et al., "Discourse
 * segmentation of multi-party conversation", ACL 2003.
 */
static int64_t
boundary(const struct turn *t, size_t i, bool served)
{
	unsigned now = opening(&t[i]), before = opening(&t[i - 1]);
	int64_t price = PRICE;

	if (served && t[i].role != ROLE_USER)
		return NEVER;
	if ((now & ~before & CUE_BIT(CUE_GREETING)) != 0)
		price -= HELLO;
	if ((t[i - 1].cues & ~t[i].cues & CUE_BIT(CUE_FAREWELL)) != 0)
		price -= BYE;
	if ((now & CUE_BIT(CUE_TURN)) != 0)
		price -= ASIDE;
	return price * ONE;
}

/* Parts that begin with turn i, of every length. */
static void
extend(struct work *w, const struct turn *t, size_t n, size_t i, int64_t start)
{
	size_t j, k;
	uint32_t f, words = 0, tokens = 0;
	int64_t alike = 0, cost;

	for (j = i; j < n; j++) {
		for (k = w->at[j]; k < w->at[j + 1]; k++) {
			f = w->count[w->word[k]]++;
			alike += (f + 1) * log_of(f + 2) - f * log_of(f + 1);
		}
		words += (uint32_t)(w->at[j + 1] - w->at[j]);
		tokens += t[j].tokens;
		if (j + 1 < n && (j + 1 - i < TURNS_MIN ||
		    tokens < TOKENS_MIN))
			continue;
		cost = start + words * log_of(words + KINDS) - alike;
		if (cost < w->best[j + 1]) {
			w->best[j + 1] = cost;
			w->from[j + 1] = i;
		}
	}
	for (k = w->at[i]; k < w->words; k++)
		w->count[w->word[k]] = 0;
}

size_t
cut_subject(const struct turn *t, size_t n)
{
	struct work w = { NULL, NULL, 0, 0, NULL, NULL, NULL };
	bool served = false;
	uint32_t since = 0;
	int64_t price;
	size_t i;

	if (logs[2] == 0)
		for (i = 2; i < LOGS; i++)
			logs[i] = log2_of((uint32_t)i);
	w.at = xcalloc(n + 1, sizeof *w.at);
	w.best = xcalloc(n + 1, sizeof *w.best);
	w.from = xcalloc(n + 1, sizeof *w.from);
	number_words(&w, t, n);
	for (i = 1; i <= n; i++)
		w.best[i] = NEVER;
	for (i = 0; i < n; i++)
		served |= t[i].role == ROLE_ASSISTANT;
	for (i = 0; i < n; since += t[i++].tokens) {
		price = i == 0 ? 0 : boundary(t, i, served);
		if (i > 0 && since < (price < (int64_t)PRICE * ONE ?
		    TOKENS_STEP / 4 : TOKENS_STEP))
			continue;
		since = 0;
		if (w.best[i] < NEVER && price < NEVER)
			extend(&w, t, n, i, w.best[i] + price);
	}
	for (i = n; w.from[i] > 0; )
		i = w.from[i];
	free(w.word);
	free(w.at);
	free(w.count);
	free(w.best);
	free(w.from);
	return i;
}
