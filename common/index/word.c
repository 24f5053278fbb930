/*
 * The memory is a table with one place for each hash: a word that meets
 * another there takes its place.  Of running English 19 lookups in 20 find
 * their word.  It grows with what is looked up: a query has few words, and
 * each page that is touched first costs more than some stems.
 */
#include "index/word.h"

#include "base/alloc.h"
#include "index/stem.h"

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
	unsigned char len, stem_len;
	bool stop;
	char text[REMEMBERED], stem[REMEMBERED];
};

struct words {
	struct slot *slot;	/* own */
	unsigned slots, missed;
	char stem[LONGEST];	/* of a word too long for a slot */
};

extern const unsigned char data_stop_en_txt[];
extern const size_t data_stop_en_txt_len;

/* Open addressing; offsets into the data. */
static struct { uint16_t at; unsigned char len; } stops[STOP_SLOTS];

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

	while (stops[i].len != 0 && (stops[i].len != n ||
	    memcmp(data_stop_en_txt + stops[i].at, w, n) != 0))
		i = (i + 1) % STOP_SLOTS;
	return i;
}

static void
stop_load(void)
{
	const char *p = (const char *)data_stop_en_txt, *nl;
	size_t at, n;
	unsigned i, count = 0;

	for (at = 0; at < data_stop_en_txt_len && at <= UINT16_MAX &&
	    count < STOP_SLOTS / 2; at += n + 1) {
		nl = memchr(p + at, '\n', data_stop_en_txt_len - at);
		n = nl ? (size_t)(nl - p) - at : data_stop_en_txt_len - at;
		if (n == 0 || n > REMEMBERED || p[at] == '#')
			continue;
		i = stop_slot(p + at, n);
		stops[i].at = (uint16_t)at;
		stops[i].len = (unsigned char)n;
		count++;
	}
}

bool
word_is_stop(const char *w, size_t n)
{
	static bool loaded;

	if (!loaded) {
		stop_load();
		loaded = true;
	}
	return n > 0 && n <= REMEMBERED && stops[stop_slot(w, n)].len != 0;
}

struct words *
words_new(void)
{
	struct words *s = xmalloc(sizeof *s);

	s->slots = SLOTS_FIRST;
	s->missed = 0;
	s->slot = xcalloc(s->slots, sizeof *s->slot);
	return s;
}

void
words_free(struct words *s)
{
	if (s != NULL)
		free(s->slot);
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

/* Is it what the stemmer is for? */
static bool
plain(const char *p, size_t n)
{
	while (n > 0 && ((*p >= 'a' && *p <= 'z') || *p == '\''))
		p++, n--;
	return n == 0;
}

static size_t
stem_to(char *out, const char *p, size_t n)
{
	memcpy(out, p, n);
	return plain(p, n) ? stem_en(out, n) : n;
}

bool
word_stem(struct words *s, const char *p, size_t n, const char **stem,
    size_t *stem_len)
{
	struct slot *m;
	unsigned h;

	if (n > REMEMBERED) {
		assert(n <= LONGEST);
		*stem = s->stem;
		*stem_len = stem_to(s->stem, p, n);
		return false;
	}
	h = hash(p, n);
	m = &s->slot[h & (s->slots - 1)];
	if (m->len != n || memcmp(m->text, p, n) != 0) {
		if (++s->missed > FEW * s->slots && s->slots < SLOTS) {
			grow(s);
			m = &s->slot[h & (s->slots - 1)];
		}
		m->len = (unsigned char)n;
		memcpy(m->text, p, n);
		m->stem_len = (unsigned char)stem_to(m->stem, p, n);
		m->stop = word_is_stop(p, n);
	}
	*stem = m->stem;
	*stem_len = m->stem_len;
	return m->stop;
}
