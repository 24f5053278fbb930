/*
 * 200 queries for passages: words by how many passages have them, and
 * questions of two to six words that stand in one passage.  Words are runs
 * of 3 to 20 letters; questions have no stop words, so that what ranks them
 * all and what leaves them out do the same work.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p-passages.h"

#define SINGLE 40		/* of each of the three classes of words */
#define STOPPED 4		/* of the common ones are stop words */
#define QUESTIONS 80
#define LETTERS 20
#define WORDS 120		/* of a passage, at most */

struct word {
	char text[LETTERS + 1];
	bool stop;
	uint32_t docs;
	int64_t last;
};

struct question {
	uint32_t word[WORDS];
	int n;
};

static struct word *word;
static uint32_t words, cap, *slot, slots;
static struct question question[QUESTIONS];
static int64_t passages, all;
static uint64_t seed = 88172645463325252u;

/* xorshift64 (Marsaglia 2003): what is chosen must not change what is made */
static uint32_t
choose(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 20) % below);
}

static void *
more(void *p, size_t n, size_t size)
{
	if ((p = realloc(p, n * size)) == NULL) {
		fprintf(stderr, "p-passages: out of memory\n");
		exit(71);
	}
	return p;
}

static uint32_t
hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (uint32_t)(h >> 20);
}

/* Where it stands among the slots, or could stand. */
static uint32_t
place(const char *text)
{
	uint32_t at = hash(text) & (slots - 1);

	while (slot[at] != 0 && strcmp(word[slot[at] - 1].text, text) != 0)
		at = (at + 1) & (slots - 1);
	return at;
}

static uint32_t
find(const char *text)
{
	uint32_t at, i;

	if (words * 2 >= slots) {
		slots = slots == 0 ? 65536 : slots * 2;
		slot = more(slot, slots, sizeof *slot);
		memset(slot, 0, slots * sizeof *slot);
		for (i = 0; i < words; i++)
			slot[place(word[i].text)] = i + 1;
	}
	at = place(text);
	if (slot[at] != 0)
		return slot[at] - 1;
	if (words == cap)
		word = more(word, cap = cap * 2 + 65536, sizeof *word);
	memset(&word[words], 0, sizeof *word);
	strcpy(word[words].text, text);
	word[words].last = -1;
	slot[at] = ++words;
	return words - 1;
}

void
queries_begin(int64_t count)
{
	uint32_t w;
	int i;

	all = count;
	for (i = 0; i < stop_words; i++) {
		w = find(stop_word[i]);	/* may move all words */
		word[w].stop = true;
	}
}

/* The question that this passage is for, if any. */
static struct question *
wanted(void)
{
	int64_t i = passages * QUESTIONS / all;

	return passages == (i * all + all / 2) / QUESTIONS ? &question[i] :
	    NULL;
}

static void
count(uint32_t i, struct question *q)
{
	if (word[i].last == passages)
		return;
	word[i].last = passages;
	word[i].docs++;
	if (q != NULL && !word[i].stop && q->n < WORDS)
		q->word[q->n++] = i;
}

void
queries_passage(const char *text)
{
	struct question *q = wanted();
	char now[LETTERS + 1];
	size_t n = 0;
	bool other = false;	/* something else than ASCII letters */

	for (;; text++) {
		if (isalnum((unsigned char)*text) || *text == '_') {
			other = other || !isalpha((unsigned char)*text);
			if (n < LETTERS)
				now[n] = (char)tolower((unsigned char)*text);
			n++;
			continue;
		}
		now[n < LETTERS ? n : LETTERS] = '\0';
		if (n > 2 && n <= LETTERS && !other)
			count(find(now), q);
		n = 0;
		other = false;
		if (*text == '\0')
			break;
	}
	passages++;
}

static int
by_docs(const void *a, const void *b)
{
	const struct word *x = a, *y = b;

	if (x->docs != y->docs)
		return (x->docs > y->docs) - (x->docs < y->docs);
	return strcmp(x->text, y->text);
}

static void
ask(struct question *q, uint32_t n)
{
	uint32_t i, k, w;

	printf("question\t");
	for (i = 0; i < n && q->n > 0; i++) {
		k = choose((uint32_t)q->n);
		w = q->word[k];
		q->word[k] = q->word[--q->n];
		printf("%s%s", i > 0 ? " " : "", word[w].text);
	}
	printf("\n");
}

/* The n-th root of x > 1, by halving. */
static double
root(double x, int n)
{
	double lo = 1, hi = x, mid, power;
	int times, k;

	for (times = 0; times < 60; times++) {
		mid = (lo + hi) / 2;
		for (power = 1, k = 0; k < n; k++)
			power *= mid;
		if (power < x)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* n words that lo to hi passages have, in equal ratios; word[] is in order. */
static void
single(const char *class, double lo, double hi, int n)
{
	double docs = lo, step = root(hi / lo, n);
	uint32_t from, to;

	for (; n > 0; n--, docs *= step) {
		for (from = 0; from < words && word[from].docs < docs; from++)
			;
		for (to = from; to < words && word[to].docs <= docs * 1.02;
		    to++)
			;
		from += to > from ? choose(to - from) : 0;
		while (from < words && word[from].stop)
			from++;
		if (from < words)
			printf("%s\t%s\n", class, word[from].text);
	}
}

void
queries_end(void)
{
	double n = (double)passages;
	uint32_t most = 0, i;
	int k;

	for (k = 0; k < QUESTIONS; k++)
		ask(&question[k], 2 + (uint32_t)k % 5);
	qsort(word, words, sizeof *word, by_docs);
	for (i = 0; i < words; i++)
		if (!word[i].stop && word[i].docs > most)
			most = word[i].docs;
	single("rare", 2, n / 10000 > 4 ? n / 10000 : 4, SINGLE);
	single("middle", n / 10000 > 4 ? n / 10000 : 4, n / 100, SINGLE);
	single("common", n / 100, most, SINGLE - STOPPED);
	for (k = 0; k < STOPPED; k++)
		printf("common\t%s\n", stop_word[k * k * 4]);
}
