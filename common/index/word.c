/*
 * The memory is a table with one place for each hash: a word that meets
 * another there takes its place.  Of running English 19 lookups in 20 find
 * their word.  It grows with what is looked up: a query has few words, and
 * each page that is touched first costs more than some stems.
 */
#include "index/word.h"

#include "base/alloc.h"
#include "index/fold.h"
#include "index/language.h"
#include "index/snowball.h"
#include "index/stem.h"
#include "index/wordkey.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 8192		/* SLOTS_FIRST times a power of GROWTH */
#define SLOTS_FIRST 32		/* a power of two */
#define GROWTH 4
#define FEW 2			/* words not found, for each slot: it grows */
#define STOP_SLOTS 1024		/* a power of two */
#define REMEMBERED 23		/* longest word, bytes */
#define LONGEST 64

struct slot {
	struct wordkey key;
	unsigned char len, stem_len;
	bool stop;
	char stem[REMEMBERED];
};

struct words {
	const struct language *language;	/* borrowed */
	struct snowball *snowball;	/* own; NULL: another has the stems */
	struct slot *slot;	/* own */
	unsigned slots, missed;
	char stem[LONGEST];	/* of a word too long for a slot */
};

/* A list of stop words, open addressing; offsets into the data.  That of the
 * language asked for last: there is one in a process. */
static struct {
	const struct language *of;
	struct { uint16_t at; unsigned char len; } slot[STOP_SLOTS];
} stops;

static unsigned
hash(const char *p, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */

	while (n-- > 0)
		h = (h ^ (unsigned char)*p++) * UINT64_C(1099511628211);
	return (unsigned)(h ^ h >> 32);
}

static unsigned
stop_slot(const char *w, size_t n)
{
	unsigned i = hash(w, n) % STOP_SLOTS;

	while (stops.slot[i].len != 0 && (stops.slot[i].len != n ||
	    memcmp(stops.of->stop + stops.slot[i].at, w, n) != 0))
		i = (i + 1) % STOP_SLOTS;
	return i;
}

static void
stop_load(const struct language *l)
{
	const char *p = (const char *)l->stop, *nl;
	size_t at, n, len = *l->stop_len;
	unsigned i, count = 0;

	memset(&stops, 0, sizeof stops);
	stops.of = l;
	for (at = 0; at < len && at <= UINT16_MAX && count < STOP_SLOTS / 2;
	    at += n + 1) {
		nl = memchr(p + at, '\n', len - at);
		n = nl ? (size_t)(nl - p) - at : len - at;
		if (n == 0 || n > REMEMBERED || p[at] == '#')
			continue;
		i = stop_slot(p + at, n);
		stops.slot[i].at = (uint16_t)at;
		stops.slot[i].len = (unsigned char)n;
		count++;
	}
}

bool
word_is_stop(const struct language *l, const char *w, size_t n)
{
	if (l == NULL)
		l = &language_english;
	if (n == 0 || n > REMEMBERED || l->stop == NULL)
		return false;
	if (stops.of != l)
		stop_load(l);
	return stops.slot[stop_slot(w, n)].len != 0;
}

struct words *
words_new(const struct language *l)
{
	struct words *s = xmalloc(sizeof *s);
	struct err ignored;	/* language_find has told it */

	s->language = l != NULL ? l : &language_english;
	s->snowball = NULL;
	if (s->language->stems == LANGUAGE_SNOWBALL &&
	    snowball_open(&s->snowball, s->language->name, &ignored) < 0)
		s->snowball = NULL;
	s->slots = SLOTS_FIRST;
	s->missed = 0;
	s->slot = xcalloc(s->slots, sizeof *s->slot);
	return s;
}

void
words_free(struct words *s)
{
	if (s != NULL) {
		snowball_close(s->snowball);
		free(s->slot);
	}
	free(s);
}

/* What was remembered is forgotten. */
static void
grow(struct words *s)
{
	free(s->slot);
	s->slots *= GROWTH;
	s->missed = 0;
	s->slot = xcalloc(s->slots, sizeof *s->slot);
}

bool
words_keep_first(const struct words *s)
{
	return s->snowball == NULL;
}

/* Is it what the English stemmer is for? */
static bool
plain(const char *p, size_t n)
{
	while (n > 0 && ((*p >= 'a' && *p <= 'z') || *p == '\''))
		p++, n--;
	return n == 0;
}

/* No digits, and nothing between the parts of a compound. */
static bool
letters(const char *p, size_t n)
{
	while (n > 0 && ((*p >= 'a' && *p <= 'z') || *p == '\'' ||
	    (unsigned char)*p >= 0x80))
		p++, n--;
	return n == 0;
}

/* Bytes of what is written to the word without a blank, as l'homme. */
static size_t
elided(const struct language *l, const char *p, size_t n)
{
	const char *end = memchr(p, '\'', n);
	size_t k = end == NULL ? 0 : (size_t)(end - p) + 1;

	return k < n && word_is_stop(l, p, k) ? k : 0;
}

static size_t
stem_snowball(struct words *s, char *out, const char *p, size_t n)
{
	const char *stem = p;
	size_t len = n, k;

	if (letters(p, n)) {
		k = elided(s->language, p, n);
		len = snowball_stem(s->snowball, p + k, n - k, &stem);
		if (len == 0 || len > n) {
			stem = p + k;
			len = n - k;
		}
	}
	k = fold_text(out, n, stem, len, false);
	if (k == 0)
		memcpy(out, p, k = n);
	return k;
}

/* out has room for n bytes, and more is not written. */
static size_t
stem_to(struct words *s, char *out, const char *p, size_t n)
{
	if (s->snowball != NULL)
		return stem_snowball(s, out, p, n);
	memcpy(out, p, n);
	return s->language->stems == LANGUAGE_ENGLISH && plain(p, n) ?
	    stem_en(out, n) : n;
}

static bool
is_stop(const struct language *l, const char *p, size_t n)
{
	size_t k;

	if (word_is_stop(l, p, n))
		return true;
	if (l->stems != LANGUAGE_SNOWBALL || (k = elided(l, p, n)) == 0)
		return false;
	return word_is_stop(l, p + k, n - k);
}

bool
word_stem(struct words *s, const char *p, size_t n, const char **stem,
    size_t *stem_len)
{
	struct wordkey key;
	struct slot *m;
	uint32_t h;

	if (n > REMEMBERED || n == 0) {
		assert(n <= LONGEST);
		*stem = s->stem;
		*stem_len = stem_to(s, s->stem, p, n);
		return false;
	}
	key = wordkey(p, n);
	h = wordkey_hash(&key, n);
	m = &s->slot[h & (s->slots - 1)];
	if (m->len != n || !wordkey_same(&m->key, &key)) {
		if (++s->missed > FEW * s->slots && s->slots < SLOTS) {
			grow(s);
			m = &s->slot[h & (s->slots - 1)];
		}
		m->len = (unsigned char)n;
		m->key = key;
		m->stem_len = (unsigned char)stem_to(s, m->stem, p, n);
		m->stop = is_stop(s->language, p, n);
	}
	*stem = m->stem;
	*stem_len = m->stem_len;
	return m->stop;
}
