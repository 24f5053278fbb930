/*
 * A phrase is known by a hash of its words' hashes.  Most words end no phrase:
 * a filter of one bit for each says so before anything is looked up.
 */
#include "text/cue.h"

#include <stdbool.h>
#include <string.h>

#define SLOTS 2048		/* a power of two */
#define EARLY 3			/* words: where a ^ phrase may begin */

extern const unsigned char data_cue_en_txt[];
extern const size_t data_cue_en_txt_len;

static const char *const names[] = { "greeting", "farewell", "chatter",
    "turn", "decision", "error", "fix", "fact", "work" };

static struct phrase {
	uint64_t hash;		/* 0: free */
	uint16_t cues;		/* of it anywhere */
	uint16_t early;		/* and near the beginning only */
} phrases[SLOTS];
static uint64_t last_words[SLOTS / 64];
static unsigned char last_lengths[SLOTS];	/* bit n - 1: of n words */

uint64_t
cue_hash(const char *p, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037);

	while (n-- > 0)
		h = (h ^ (unsigned char)*p++) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}

static uint64_t
join(uint64_t phrase, uint64_t word)
{
	return (phrase ^ word) * UINT64_C(0x9e3779b97f4a7c15) + word;
}

static struct phrase *
slot(uint64_t h)
{
	size_t i = (size_t)(h >> 20) % SLOTS;

	while (phrases[i].hash != 0 && phrases[i].hash != h)
		i = (i + 1) % SLOTS;
	return &phrases[i];
}

static void
add(const char *p, size_t len, int kind)
{
	uint64_t word[CUE_WORDS], h = 0;
	bool early = len > 0 && *p == '^';
	struct phrase *x;
	unsigned n = 0, i;
	size_t k;

	for (p += early, len -= early; len > 0 && n < CUE_WORDS; n++) {
		for (k = 0; k < len && p[k] != ' '; k++)
			;
		word[n] = cue_hash(p, k);
		k += k < len;
		p += k;
		len -= k;
	}
	if (n == 0)
		return;
	for (i = n; i > 0; i--)		/* backwards, as it is looked up */
		h = join(h, word[i - 1]);
	x = slot(h);
	x->hash = h;
	if (early)
		x->early = (uint16_t)(x->early | CUE_BIT(kind));
	else
		x->cues = (uint16_t)(x->cues | CUE_BIT(kind));
	h = word[n - 1] % SLOTS;
	last_words[h / 64] |= UINT64_C(1) << h % 64;
	last_lengths[h] = (unsigned char)(last_lengths[h] | 1u << (n - 1));
}

static void
load(void)
{
	const char *p = (const char *)data_cue_en_txt;
	const char *end = p + data_cue_en_txt_len, *nl;
	int kind = -1, i;
	size_t n;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			break;
		n = (size_t)(nl - p);
		if (n > 2 && *p == '[') {
			for (kind = -1, i = 0; i < CUE_QUESTION; i++)
				if (strlen(names[i]) == n - 2 &&
				    memcmp(names[i], p + 1, n - 2) == 0)
					kind = i;
		} else if (n > 0 && *p != '#' && kind >= 0) {
			add(p, n, kind);
		}
	}
}

void
cue_start(struct cue_run *r)
{
	static bool loaded;

	if (!loaded) {
		load();
		loaded = true;
	}
	r->n = 0;
}

unsigned
cue_word(struct cue_run *r, const char *p, size_t len)
{
	uint64_t h = cue_hash(p, len), phrase = 0;
	size_t at = h % SLOTS;
	const struct phrase *x;
	unsigned n, cues = 0;

	memmove(r->last + 1, r->last, sizeof r->last - sizeof *r->last);
	r->last[0] = h;
	r->n++;
	if ((last_words[at / 64] >> at % 64 & 1) == 0)
		return 0;
	for (n = 1; n <= CUE_WORDS && n <= r->n; n++) {
		phrase = join(phrase, r->last[n - 1]);
		if ((last_lengths[at] >> (n - 1) & 1) == 0)
			continue;
		x = slot(phrase);
		if (x->hash == 0)
			continue;
		cues |= x->cues;
		if (r->n - n < EARLY)
			cues |= x->early;
	}
	return cues;
}
