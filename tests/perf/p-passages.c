/*
 * Passages to measure an index with, and queries for them; the same
 * arguments give the same bytes.
 *
 *	p-passages text COUNT		a passage a line
 *	p-passages events COUNT		the same as events, JSON Lines
 *	p-passages queries COUNT	200 of "class TAB query" for them
 *
 * A passage has about 490 bytes.  What matters to an index is how often words
 * come and where: words are drawn by Zipf's law as Mandelbrot wrote it, with
 * a steeper tail from rank 6,000 on (Ferrer i Cancho and Sole, "Two regimes
 * in the frequency of words", 2001) and are inflected as English ones are;
 * a word that came once in a passage, or belongs to its session, comes
 * sooner again (Church and Gale, "Poisson mixtures", 1995); phrases repeat;
 * numbers, names and identifiers never end.  1,000,000 passages have some
 * 300,000 different words.  A session has about 22 turns of two roles, eight
 * sessions go on at once, and all of it takes a year.
 *
 * On standard error: the sum of the texts' bytes, for ratios.
 */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p-passages.h"

#define LEMMAS 25000
#define BEND 6000		/* rank from which on words are rarer */
#define PHRASES 20000
#define IDENTIFIERS 20000
#define SIZE 490
#define SLOTS 8			/* sessions at once */
#define TOPIC 24		/* words that a session is about */
#define RECENT 16		/* words of a passage that may come again */
#define YEAR_MS INT64_C(31536000000)
#define FROM_MS INT64_C(1735689600000)	/* 2025-01-01 */

const char *const stop_word[] = { "the", "to", "and", "of", "a", "in", "is",
    "it", "that", "for", "on", "you", "this", "with", "as", "be", "are", "we",
    "not", "have", "from", "or", "at", "an", "by", "was", "if", "but", "can",
    "so", "what", "will", "do", "they", "there", "which", "when", "all",
    "has", "how", "then", "would", "more", "he", "them", "your", "some",
    "had", "their", "does", "no", "been", "its", "were", "out", "my", "about",
    "should", "any", "did", "than", "into", "only", "up", "our", "who", "me",
    "could", "where", "other", "she", "these", "because", "also", "his", "why",
    "over", "after", "her", "him", "before", "here", "such", "same", "those",
    "each", "most", "too", "both", "very", "under", "own", "while", "few",
    "during", "again", "off", "once", "being", "through", "between", "until",
    "above", "below", "down", "against", "us", "having", "am", "itself" };
#define STOPS (int)(sizeof stop_word / sizeof *stop_word)
const int stop_words = STOPS;

/* Words of everybody's that tell a little all the same. */
static const char *const plain_word[] = { "like", "one", "time", "get",
    "make", "use", "know", "people", "now", "need", "good", "work", "want",
    "think", "see", "look", "code", "file", "new", "way", "first", "two",
    "many", "change", "problem", "day", "back", "long", "year", "thing",
    "right", "find" };
#define PLAINS (int)(sizeof plain_word / sizeof *plain_word)
#define PLAIN_FROM 20		/* rank of the first; then every third */

#define FREQUENT (STOPS + PLAINS)
#define RANKS (FREQUENT + LEMMAS)

static const char *frequent[FREQUENT];
static char lemma[LEMMAS][24];
static double keep[RANKS];	/* of the alias method (Walker 1977) */
static int other[RANKS];

struct session {
	int64_t number;
	int left, turn;
	int topic[TOPIC];
};

struct passage {
	char text[2 * SIZE];
	int len, words;		/* words: since the sentence began */
	int recent[RECENT], recents;
};

/* --- chance ------------------------------------------------------------ */

static uint64_t seed = 1;

/* splitmix64 (Steele, Lea and Flood, 2014) */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t
draw(uint64_t below)
{
	return (mix(seed += UINT64_C(0x9e3779b97f4a7c15)) >> 20) % below;
}

static double
unit(void)
{
	return (double)draw(UINT64_C(1) << 40) / (double)(UINT64_C(1) << 40);
}

/* What is always the same for a number, whatever was drawn before. */
static uint64_t
fixed(uint64_t number)
{
	uint64_t before = seed;

	seed = mix(number);
	return before;
}

/* One of n, the first ones more often (Zipf's law, exponent 1). */
static int
early(int n)
{
	int i = (int)(pow((double)n + 1, unit()) - 1);

	return i < n ? i : n - 1;
}

/* --- words ------------------------------------------------------------- */

static void
spell(char *out, uint64_t rank, int syllables)
{
	static const char *const onset[] = { "b", "c", "d", "f", "g", "h",
	    "l", "m", "n", "p", "r", "s", "t", "v", "w", "k", "b", "d", "l",
	    "m", "r", "s", "t", "st", "tr", "pr", "ch", "sh", "", "" };
	static const char *const vowel[] = { "a", "e", "i", "o", "u", "e",
	    "a", "ea" };
	static const char *const coda[] = { "", "", "n", "r", "t", "l", "s",
	    "nd", "ck", "m", "st", "p", "", "d" };
	uint64_t x = mix(rank + 7);

	for (*out = '\0'; syllables > 0; syllables--) {
		strcat(out, onset[x % 30]);
		x /= 30;
		strcat(out, vowel[x % 8]);
		x /= 8;
		strcat(out, coda[x % (syllables > 1 ? 7 : 14)]);
		x /= 14;
	}
}

static double
weight(int rank)
{
	double bend = 1 / pow(BEND + 2.7, 1.03);

	if (rank < BEND)
		return 1 / pow(rank + 2.7, 1.03);
	return bend * pow((double)rank / BEND, -1.5);
}

static void
make_words(void)
{
	static int few[RANKS], much[RANKS];
	int i, a = 0, b = 0, n = 0, m = 0;
	double sum = 0;

	for (i = 0; i < FREQUENT; i++)
		frequent[i] = b < PLAINS && i == PLAIN_FROM + 3 * b ?
		    plain_word[b++] : stop_word[a++];
	for (i = 0; i < LEMMAS; i++)
		spell(lemma[i], (uint64_t)i, 1 + (i > 1000) +
		    (i > 15000 || i % 9 == 0));
	for (i = 0; i < RANKS; i++)
		sum += weight(i);
	for (i = 0; i < RANKS; i++) {
		keep[i] = weight(i) * RANKS / sum;
		if (keep[i] < 1)
			few[n++] = i;
		else
			much[m++] = i;
	}
	while (n > 0 && m > 0) {
		a = few[--n];
		b = much[m - 1];
		other[a] = b;
		keep[b] -= 1 - keep[a];
		if (keep[b] < 1) {
			m--;
			few[n++] = b;
		}
	}
}

static int
draw_rank(void)
{
	int i = (int)draw(RANKS);

	return unit() < keep[i] || other[i] == 0 ? i : other[i];
}

static int
draw_content(void)
{
	int rank;

	while ((rank = draw_rank()) < FREQUENT)
		;
	return rank;
}

static void
append(char *word, const char *ending)
{
	size_t n = strlen(word);
	char last = word[n - 1];

	if (last == 'e' && strchr("aeio", *ending) != NULL) {
		word[n - 1] = '\0';
	} else if (*ending == 's' && ending[1] == '\0' &&
	    (last == 's' || last == 'h')) {
		strcat(word, "e");
	}
	strcat(word, ending);
}

/* A form of a word; each rank has its part of speech. */
static void
inflect(char *word, int rank)
{
	static const char *const ending[3][8] = {
	    { "", "", "", "", "s", "s", "s", "'s" },
	    { "", "", "", "s", "ed", "ed", "ing", "ing" },
	    { "", "", "", "", "", "ly", "er", "ness" } };
	static const char *const rare[] = { "able", "ment", "less", "ful",
	    "ation", "ity", "ive", "izing", "ization", "ers" };
	static const char *const before[] = { "un", "re", "pre", "non", "sub",
	    "over" };
	const char *e;

	if (rank < FREQUENT) {
		strcpy(word, frequent[rank]);
		return;
	}
	*word = '\0';
	if (draw(500) == 0)
		strcpy(word, before[draw(6)]);
	strcat(word, lemma[rank - FREQUENT]);
	e = ending[mix((uint64_t)rank) % 3][draw(8)];
	if (draw(400) == 0)
		e = rare[draw(10)];
	if (*e != '\0')
		append(word, e);
}

/* --- what is no plain word --------------------------------------------- */

static void
identifier(char *out)
{
	uint64_t number = (uint64_t)early(IDENTIFIERS);
	uint64_t before = fixed(number + 1000000);
	const char *a = lemma[draw(2000)], *b = lemma[draw(2000)];
	const char *c = lemma[draw(500)];

	switch (draw(7)) {
	case 0:
		sprintf(out, "get%c%s%c%s", toupper((unsigned char)*a), a + 1,
		    toupper((unsigned char)*b), b + 1);
		break;
	case 1: sprintf(out, "%s_%s", a, b); break;
	case 2: sprintf(out, "%s_%s_%s", a, c, b); break;
	case 3: sprintf(out, "src/%s/%s.c", c, a); break;
	case 4: sprintf(out, "--%s-%s", c, a); break;
	case 5: sprintf(out, "%s.%s()", c, a); break;
	default: sprintf(out, "%s-%s", a, b); break;
	}
	seed = before;
}

static void
number(char *out)
{
	switch (draw(12)) {
	case 0: sprintf(out, "%d:%02d", (int)draw(24), (int)draw(60)); break;
	case 1: sprintf(out, "%d,%03d", early(500), (int)draw(1000)); break;
	case 2: sprintf(out, "%d.%d", early(100), (int)draw(100)); break;
	case 3: sprintf(out, "%d%%", early(100)); break;
	case 4: sprintf(out, "20%02d-%02d-%02d", 20 + (int)draw(6),
	    1 + (int)draw(12), 1 + (int)draw(28)); break;
	case 5: sprintf(out, "v%d.%d.%d", early(9), early(30), early(20));
		break;
	case 6: sprintf(out, "ERR-%d", early(3000)); break;
	case 7:
		if (draw(12) == 0) {
			sprintf(out, "%07x", (unsigned)draw(1 << 28));
			break;
		}
		/* fallthrough */
	default: sprintf(out, "%d", early(10000)); break;
	}
}

/* Names and slips of the pen: there are always new ones. */
static void
name(char *out)
{
	double rank = LEMMAS / (unit() + 1e-4);

	spell(out, (uint64_t)rank, 3);
	if (draw(2))
		*out = (char)toupper((unsigned char)*out);
}

/* --- passages ---------------------------------------------------------- */

static void
put(struct passage *p, const char *word)
{
	static const char *const end[] = { ".", ".", ".", ".", "?", "!", ":" };

	if (p->len > 0)
		p->text[p->len++] = ' ';
	strcpy(p->text + p->len, word);
	if (p->words == 0)
		p->text[p->len] = (char)toupper((unsigned char)*word);
	p->len += (int)strlen(word);
	p->words++;
	if (p->words > 6 && draw(10) == 0) {
		strcpy(p->text + p->len, end[draw(7)]);
		p->words = 0;
	} else if (draw(16) == 0) {
		strcpy(p->text + p->len, draw(12) ? "," : " \xe2\x80\x94");
	}
	p->len += (int)strlen(p->text + p->len);
}

static void
phrase(struct passage *p)
{
	char word[64];
	uint64_t before = fixed(2000000 + (uint64_t)early(PHRASES)), after;
	int n = 2 + (int)draw(4);

	while (n-- > 0) {
		inflect(word, draw_rank());
		after = seed;
		seed = before;
		put(p, word);		/* dots and commas are no part of it */
		before = seed;
		seed = after;
	}
	seed = before;
}

static void
plain(struct passage *p, const struct session *s)
{
	char word[64];
	uint64_t x;
	int rank = draw_rank();

	if (rank >= FREQUENT) {
		x = draw(100);
		if (x < 28)
			rank = s->topic[early(TOPIC)];
		else if (x < 40 && p->recents > 0)
			rank = p->recent[draw((uint64_t)p->recents)];
		if (p->recents < RECENT)
			p->recent[p->recents++] = rank;
		else
			p->recent[draw(RECENT)] = rank;
	}
	inflect(word, rank);
	put(p, word);
}

static void
write_passage(struct passage *p, const struct session *s)
{
	int size = SIZE * 3 / 4 + (int)draw(SIZE / 2);
	char word[64];
	uint64_t x;

	p->len = p->words = p->recents = 0;
	while (p->len < size) {
		x = draw(1000);
		*word = '\0';
		if (x < 15)
			phrase(p);
		else if (x < 35)
			number(word);
		else if (x < 45)
			identifier(word);
		else if (x < 47)
			name(word);
		else
			plain(p, s);
		if (*word != '\0')
			put(p, word);
	}
	p->text[p->len] = '\0';
}

static void
begin(struct session *s, int64_t n)
{
	int i;

	s->number = n;
	s->left = 4 + (int)draw(37);
	s->turn = (int)draw(2);
	for (i = 0; i < TOPIC; i++)
		s->topic[i] = draw_content();
}

/* --- output ------------------------------------------------------------ */

static void
put_event(const struct passage *p, const struct session *s, int64_t i,
    int64_t count)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	int64_t step = YEAR_MS / count, ms = FROM_MS + i * step, x = ms;
	uint64_t r = mix((uint64_t)i);
	char id[27];
	int k;

	for (k = 9; k >= 0; k--, x >>= 5)
		id[k] = digits[x & 31];
	for (k = 10; k < 26; k++) {
		if (k == 18)
			r = mix(r);
		id[k] = digits[r & 31];
		r >>= 5;
	}
	id[26] = '\0';
	printf("{\"type\":\"event\",\"event_id\":\"%s\",\"session_id\":"
	    "\"session-%" PRId64 "\",\"timestamp\":%" PRId64 ",\"role\":"
	    "\"%s\",\"agent\":\"claude-code\",\"text\":\"%s\"}\n", id,
	    s->number, ms, s->turn % 2 ? "assistant" : "user", p->text);
}

int
main(int argc, char **argv)
{
	static struct session slot[SLOTS];
	static struct passage p;
	struct session *s;
	int64_t i, count, sessions = 0, bytes = 0;
	char what;

	if (argc != 3 || (count = strtoll(argv[2], NULL, 10)) < 1000 ||
	    strchr("teq", *argv[1]) == NULL) {
		fprintf(stderr, "usage: p-passages text|events|queries "
		    "count (from 1000 on)\n");
		return 64;
	}
	what = *argv[1];
	make_words();
	if (what == 'q')
		queries_begin(count);
	for (i = 0; i < count; i++) {
		s = &slot[draw(SLOTS)];
		if (s->left == 0)
			begin(s, ++sessions);
		write_passage(&p, s);
		if (what == 'q')
			queries_passage(p.text);
		else if (what == 'e')
			put_event(&p, s, i, count);
		else
			puts(p.text);
		s->left--;
		s->turn++;
		bytes += p.len;
	}
	if (what == 'q')
		queries_end();
	fprintf(stderr, "%" PRId64 "\n", bytes);
	return fflush(stdout) == 0 ? 0 : 2;
}
