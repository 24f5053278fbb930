/*
 * A word is gathered in its bare form, then looked up among the words that
 * were cut lately: text repeats itself, and nine of ten words need no search
 * of the vocabulary.  That memory is filled as it is used, so a process
 * that cuts one query touches a page or two of it.
 */
#include "index/wordpiece.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "index/ascii.h"
#include "index/fold.h"
#include "index/wordkey.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHARS 100		/* most of a word */
#define KNOWN 65536		/* a power of two */
#define KNOWN_IDS 8

struct wordpiece_word {
	struct wordkey key;
	uint32_t id[KNOWN_IDS];
	uint8_t ids, len;
};

struct word {
	char text[4 * CHARS];
	size_t len;
	unsigned chars;		/* goes on counting beyond CHARS */
};

struct out {
	uint32_t *id;
	size_t n;
};

void
wordpiece_init(struct wordpiece *w, struct model *m)
{
	w->model = m;
	w->known = NULL;
	memset(w->mark, 0, sizeof w->mark);
}

void
wordpiece_release(struct wordpiece *w)
{
	free(w->known);
	w->known = NULL;
}

/* Cut a word; returns how many pieces, one of [UNK] where there are none. */
static int
cut(struct model *m, const struct word *w, uint32_t id[CHARS], struct err *e)
{
	enum model_list list = MODEL_HEADS;
	size_t at = 0, used = 0;
	int r = 0, n = 0;

	if (w->chars <= CHARS)
		for (; at < w->len; at += used, list = MODEL_TAILS) {
			r = model_piece(m, list, w->text + at, w->len - at,
			    &id[n], &used, e);
			if (r <= 0)
				break;
			if (++n == CHARS)
				break;
		}
	if (r < 0)
		return -1;
	if (r == 0 || at + used < w->len) {
		id[0] = model_unknown(m);
		n = 1;
	}
	return n;
}

static void
add(struct out *o, const uint32_t *id, size_t n)
{
	size_t i;

	if (n > WORDPIECE_MAX - o->n)
		n = WORDPIECE_MAX - o->n;
	for (i = 0; i < n; i++)		/* mostly one */
		o->id[o->n++] = id[i];
}

/* The word gathered so far ends here. */
static int
end_word(struct wordpiece *wp, struct word *w, struct out *o, struct err *e)
{
	struct wordpiece_word *k = NULL;
	struct wordkey key = { 0, 0, 0 };
	uint32_t id[CHARS];
	int n;

	if (w->len <= WORDKEY_MAX) {
		key = wordkey(w->text, w->len);
		k = &wp->known[wordkey_hash(&key, w->len) & (KNOWN - 1)];
		if (k->len == w->len && wordkey_same(&k->key, &key)) {
			add(o, k->id, k->ids);
			w->len = w->chars = 0;
			return 0;
		}
	}
	if ((n = cut(wp->model, w, id, e)) < 0)
		return -1;
	add(o, id, (size_t)n);
	if (k != NULL && n <= KNOWN_IDS) {
		memcpy(k->id, id, (size_t)n * sizeof *id);
		k->ids = (uint8_t)n;
		k->key = key;
		k->len = (uint8_t)w->len;
	}
	w->len = w->chars = 0;
	return 0;
}

static void
gather(struct word *w, uint32_t c)
{
	if (w->chars++ >= CHARS)
		return;
	if (c < 0x80)
		w->text[w->len++] = (char)c;
	else
		w->len += utf8_put(w->text + w->len, c);
}

#define IN	FOLD_IN
#define BL	FOLD_BLANK
#define PU	FOLD_PUNCT
#define DR	FOLD_DROP
static const unsigned char ascii_cut[128] = {
	DR, DR, DR, DR, DR, DR, DR, DR, DR, BL, BL, DR, DR, BL, DR, DR,
	DR, DR, DR, DR, DR, DR, DR, DR, DR, DR, DR, DR, DR, DR, DR, DR,
	BL, PU, PU, PU, PU, PU, PU, PU, PU, PU, PU, PU, PU, PU, PU, PU,
	IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, PU, PU, PU, PU, PU, PU,
	PU, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN,
	IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, PU, PU, PU, PU, PU,
	PU, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN,
	IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN, PU, PU, PU, PU, DR
};

static enum fold_cut
cut_of(uint32_t c)
{
	return c < 0x80 ? (enum fold_cut)ascii_cut[c] : fold_cut(c);
}

/* A character in its bare form: into the word, or a word by itself. */
static int
put(struct wordpiece *wp, struct word *w, uint32_t c, bool alone,
    struct out *o, struct err *e)
{
	if (!alone) {
		gather(w, c);
		return 0;
	}
	if (w->chars > 0 && end_word(wp, w, o, e) < 0)
		return -1;
	gather(w, c);
	return end_word(wp, w, o, e);
}

static int
put_char(struct wordpiece *wp, struct word *w, uint32_t c, struct out *o,
    struct err *e)
{
	enum fold_cut is = cut_of(c), part;
	uint32_t bare[FOLD_BARE];
	unsigned i, n;

	if (is == FOLD_DROP)
		return 0;
	if (is == FOLD_BLANK)
		return w->chars > 0 ? end_word(wp, w, o, e) : 0;
	if (c < 0x80)
		return put(wp, w, c, is == FOLD_PUNCT, o, e);
	n = fold_bare(c, bare);
	for (i = 0; i < n; i++) {
		/* what it becomes may be another kind: U+037E is a ';' */
		part = cut_of(bare[i]);
		if (put(wp, w, bare[i], is == FOLD_HAN ||
		    part == FOLD_PUNCT, o, e) < 0)
			return -1;
	}
	return 0;
}

static bool
is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/* Letters and digits of ASCII; *used: how many of len there are.  0. */
static int
gather_run(struct word *w, const char *p, size_t len, size_t *used)
{
	size_t most = w->chars < CHARS ? CHARS - w->chars : 0, n;

	n = ascii_row(p, most < len ? most : len, w->text + w->len).len;
	w->len += n;
	w->chars += (unsigned)n;
	/* it is too long already, and the rest only counts */
	for (; w->chars >= CHARS && n < len && is_ascii(p[n]) &&
	    cut_of((unsigned char)p[n]) == FOLD_IN; n++)
		w->chars++;
	*used = n;
	return 0;
}

/* Of ASCII, no letter and no digit: a mark is a word by itself, one piece. */
static int
put_mark(struct wordpiece *wp, struct word *w, unsigned char c, struct out *o,
    struct err *e)
{
	enum fold_cut is = cut_of(c);
	uint32_t id[CHARS];

	if (is == FOLD_DROP)
		return 0;
	if (w->chars > 0 && end_word(wp, w, o, e) < 0)
		return -1;
	if (is == FOLD_BLANK)
		return 0;
	if (wp->mark[c] == 0) {
		gather(w, c);
		if (cut(wp->model, w, id, e) < 0)
			return -1;
		w->len = w->chars = 0;
		wp->mark[c] = id[0] + 1;
	}
	id[0] = wp->mark[c] - 1;
	add(o, id, 1);
	return 0;
}

int
wordpiece_text(struct wordpiece *wp, const char *p, size_t len,
    uint32_t id[WORDPIECE_MAX], size_t *n, struct err *e)
{
	struct out o = { id, 0 };
	struct word w;
	size_t at = 0, used;
	int r;

	if (wp->known == NULL)
		wp->known = xcalloc(KNOWN, sizeof *wp->known);
	w.len = w.chars = 0;
	while (at < len && o.n < WORDPIECE_MAX) {
		used = 1;
		if (!is_ascii(p[at]))
			r = put_char(wp, &w, utf8_decode(p + at, len - at,
			    &used), &o, e);
		else if (cut_of((unsigned char)p[at]) == FOLD_IN)
			r = gather_run(&w, p + at, len - at, &used);
		else
			r = put_mark(wp, &w, (unsigned char)p[at], &o, e);
		if (r < 0)
			return -1;
		at += used;
	}
	if (w.chars > 0 && o.n < WORDPIECE_MAX && end_word(wp, &w, &o, e) < 0)
		return -1;
	*n = o.n;
	return 0;
}
