/*
 * A text is a row of runs (index/run).  Runs with '_' between them make an
 * identifier, identifiers with a joiner between them a compound.  One
 * compound at a time goes through a queue; nothing is looked at more than
 * twice, so that no text costs more than another by more than a constant.
 *
 * ASCII is folded in place.  A run with a character beyond ASCII is folded
 * as a whole by index/fold.
 */
#include "index/token.h"

#include "base/utf8.h"
#include "index/ascii.h"
#include "index/fold.h"
#include "index/language.h"
#include "index/run.h"
#include "index/word.h"

#include <assert.h>
#include <string.h>

#define COMPOUND_MAX 256	/* bytes of source */

/* A compound on its way into the queue; offsets into tokens.room. */
struct compound {
	struct { size_t at, len, start, end; bool first; } leaf[TOKEN_LEAVES];
	unsigned leaves, idents;
	size_t used;		/* of room */
	size_t start, end;
};

void
tokens_init(struct tokens *t, const struct language *l)
{
	memset(t, 0, sizeof *t);
	t->accents = l != NULL && l->stems == LANGUAGE_SNOWBALL;
	t->words = words_new(l);
}

void
tokens_release(struct tokens *t)
{
	words_free(t->words);
	t->words = NULL;
}

void
tokens_start(struct tokens *t, const char *p, size_t len, uint32_t pos)
{
	t->p = p;
	t->len = len;
	t->at = 0;
	t->pos = pos;
	t->gram_run = false;
	t->queued = t->next = 0;
}

static int
class_at(const struct tokens *t, size_t i)
{
	return i < t->len ? run_classes[(unsigned char)t->p[i]] : RUN_NONE;
}

static enum fold_class
high_at(const struct tokens *t, size_t i, size_t *n)
{
	return fold_class(utf8_decode(t->p + i, t->len - i, n));
}

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static void
leaf_add(struct compound *c, size_t at, size_t len, size_t start, size_t end)
{
	c->leaf[c->leaves].at = at;
	c->leaf[c->leaves].len = len;
	c->leaf[c->leaves].start = start;
	c->leaf[c->leaves].end = end;
	c->leaf[c->leaves].first = false;
	c->leaves++;
}

/* Fold a run into room and add its leaves. */
static void
run_add(struct tokens *t, struct compound *c, const struct run *r)
{
	size_t cut[RUN_CUTS + 1], i, from, len = r->end - r->start;
	char *to = t->room + c->used;
	unsigned n, k;

	if (r->high) {
		len = fold_text(to, TOKEN_MAX, t->p + r->start, len,
		    t->accents);
		if (len > 0)		/* invisible letters fold to none */
			leaf_add(c, c->used, len, r->start, r->end);
		c->used += len;
		return;
	}
	for (i = 0; i < len; i++)
		to[i] = lower(t->p[r->start + i]);
	n = run_cuts(t->p, t->len, r, cut);
	if (c->leaves + n + 1 > TOKEN_LEAVES)
		n = 0;
	cut[n] = len;
	for (k = 0, from = 0; k <= n; from = cut[k++])
		leaf_add(c, c->used + from, cut[k] - from, r->start + from,
		    r->start + cut[k]);
	c->used += len;
}

/* Text over TOKEN_MAX bytes: its beginning and a hash of it all. */
static size_t
shorten(char out[TOKEN_MAX], const char *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i, n;
	char c;

	n = utf8_cut(p, len, TOKEN_MAX - 17);
	for (i = 0; i < len; i++) {
		c = lower(p[i]);
		if (i < n)
			out[i] = c;
		h = (h ^ (unsigned char)c) * UINT64_C(1099511628211);
	}
	out[n++] = '~';
	for (i = 0; i < 16; i++)
		out[n++] = hex[h >> (60 - 4 * i) & 15];
	return n;
}

static struct token *
queue_add(struct tokens *t, enum token_kind kind, const char *text,
    size_t len, size_t start, size_t end)
{
	struct token *k = &t->queue[t->queued++];

	memset(k, 0, sizeof *k);
	k->kind = kind;
	k->text = text;
	k->len = len;
	k->start = start;
	k->end = end;
	k->pos = t->pos;
	k->span = 1;
	return k;
}

/* A whole of the leaves [from, to); the text of one over TOKEN_MAX is
 * shortened at the end of room. */
static void
whole_add(struct tokens *t, struct compound *c, unsigned from, unsigned to,
    size_t end, size_t text_end)
{
	const char *text = t->room + c->leaf[from].at;
	size_t len = text_end - c->leaf[from].at;

	if (len > TOKEN_MAX) {
		assert(sizeof t->room - c->used >= TOKEN_MAX);
		len = shorten(t->room + c->used, text, len);
		text = t->room + c->used;
		c->used += len;
	}
	queue_add(t, TOKEN_WHOLE, text, len, c->leaf[from].start, end)->span =
	    to - from;
}

static void
compound_queue(struct tokens *t, struct compound *c)
{
	size_t text_end = c->used;	/* wholes may be put behind it */
	unsigned i, to;

	for (i = 0; i < c->leaves; i++) {
		if (i == 0 && c->idents > 1)
			whole_add(t, c, 0, c->leaves, c->end, text_end);
		for (to = i + 1; to < c->leaves && !c->leaf[to].first; to++)
			;
		if (c->leaf[i].first && to > i + 1)
			whole_add(t, c, i, to, c->leaf[to - 1].end,
			    c->leaf[to - 1].at + c->leaf[to - 1].len);
		queue_add(t, c->leaves > 1 ? TOKEN_PART : TOKEN_WORD,
		    t->room + c->leaf[i].at, c->leaf[i].len,
		    c->leaf[i].start, c->leaf[i].end);
		t->pos++;
	}
}

/* C++, C#, F#: one letter with what makes it a name. */
static void
one_letter_name(struct tokens *t, struct compound *c)
{
	size_t i = c->end, n;

	if (c->leaves != 1 || c->leaf[0].len != 1 || t->len - i < 1)
		return;
	if (t->p[i] == '#')
		n = 1;
	else if (t->len - i >= 2 && t->p[i] == '+' && t->p[i + 1] == '+')
		n = 2;
	else
		return;
	memcpy(t->room + c->used, t->p + i, n);
	queue_add(t, TOKEN_WHOLE, t->room + c->leaf[0].at, 1 + n, c->start,
	    i + n);
	c->used += n;
	t->at = i + n;
}

/* A run too long for a compound, or for a token. */
static void
long_run(struct tokens *t, const struct run *r)
{
	char folded[4 * FOLD_CHARS];
	const char *p = t->p + r->start;
	size_t len = r->end - r->start;

	t->at = r->end;
	if (r->high) {
		len = fold_text(folded, sizeof folded, p, len, t->accents);
		p = folded;
		if (len == 0)
			return;
	}
	if (len > TOKEN_MAX)
		len = shorten(t->room, p, len);
	else
		memcpy(t->room, p, len);
	queue_add(t, TOKEN_WORD, t->room, len, r->start, r->end);
	t->pos++;
}

/* The compound that begins at t->at, into the queue. */
static void
compound(struct tokens *t)
{
	struct compound c;
	struct run r;
	size_t n = 0;
	unsigned k;
	bool same = false;

	c.leaves = c.idents = 0;
	c.used = 0;
	c.start = c.end = r.start = t->at;
	do {
		run_find(t->p, t->len, &r);
		if (r.end - r.start > TOKEN_MAX && c.end == r.start) {
			long_run(t, &r);
			return;
		}
		if (r.end - r.start > TOKEN_MAX || c.leaves == TOKEN_LEAVES ||
		    r.end - c.start > COMPOUND_MAX ||
		    c.used + n > COMPOUND_MAX)
			break;
		if (c.leaves > 0) {
			memcpy(t->room + c.used, t->p + c.end, n);
			c.used += n;
		}
		k = c.leaves;
		run_add(t, &c, &r);
		if (c.leaves > k && (k == 0 || !same)) {
			c.leaf[k].first = true;
			c.idents++;
		}
		c.end = r.end;
		n = run_joiner(t->p, t->len, r.end, &same);
		r.start = r.end + n;
	} while (n > 0);
	t->at = c.end;
	one_letter_name(t, &c);
	compound_queue(t, &c);
}

/* The character of an unspaced script at i, with its marks, folded. */
static size_t
gram_fold(const struct tokens *t, size_t i, size_t *end, char *out, size_t cap)
{
	size_t n, e = i, chars = 0;

	high_at(t, e, &n);
	do {
		e += n;
	} while (class_at(t, e) == RUN_HIGH && chars++ < FOLD_CHARS &&
	    (high_at(t, e, &n) == FOLD_MARK || high_at(t, e, &n) == FOLD_SKIP));
	*end = e;
	return fold_text(out, cap, t->p + i, e - i, t->accents);
}

static void
gram(struct tokens *t)
{
	char *to = t->room;
	size_t one, two = 0, e1, e2, n;
	enum token_kind kind = t->gram_run ? TOKEN_LAST : TOKEN_LONE;

	one = gram_fold(t, t->at, &e1, to, TOKEN_MAX / 2);
	e2 = e1;
	if (class_at(t, e1) == RUN_HIGH && high_at(t, e1, &n) == FOLD_GRAM) {
		two = gram_fold(t, e1, &e2, to + one, TOKEN_MAX / 2);
		kind = TOKEN_GRAM;
	}
	if (one + two > 0) {
		queue_add(t, kind, to, one + two, t->at, e2);
		t->pos++;
	}
	t->gram_run = two > 0;
	t->at = e1;
}

/* Can a run be all there is, by the n bytes behind it, of which the first may
 * join it to something? */
static bool
ends_alone(const char *run, size_t len, const char *p, size_t n)
{
	if (n == 0 || run_classes[(unsigned char)*p] == RUN_NONE)
		return true;
	/* C++ and C#; v1 and a dot is a version, whatever follows */
	return run_classes[(unsigned char)*p] == RUN_JOIN && len > 1 &&
	    (*p != '.' || lower(*run) != 'v') && (n == 1 ||
	    run_classes[(unsigned char)p[1]] == RUN_NONE);
}

/*
 * Most of a text is words that are one run of ASCII, have no part, and no
 * joiner behind them: what compound() would make of one without all that it
 * looks for.  false: it is something else.
 */
static bool
plain_word(struct tokens *t, struct token *k)
{
	const char *p = t->p + t->at;
	size_t most = t->len - t->at, n;
	struct ascii_row row;

	row = ascii_row(p, most > TOKEN_MAX ? TOKEN_MAX + 1 : most, t->room);
	n = row.len;
	/* a capital among small letters may be where it is cut */
	if (n > TOKEN_MAX || (row.capital && row.small) ||
	    !ends_alone(p, n, p + n, most - n))
		return false;
	k->text = t->room;
	k->len = n;
	k->start = t->at;
	k->end = t->at += n;
	k->pos = t->pos++;
	k->span = 1;
	k->kind = TOKEN_WORD;
	k->stop = false;
	return true;
}

/* Go on to where a token begins and queue what begins there; 0 at the end, 2
 * where it is one alone, which is *k. */
static int
fill(struct tokens *t, struct token *k)
{
	size_t n;

	t->queued = t->next = 0;
	while (t->at < t->len && t->queued == 0) {
		n = 1;
		switch (class_at(t, t->at)) {
		case RUN_LOWER: case RUN_UPPER: case RUN_DIGIT:
			if (plain_word(t, k))
				return 2;
			compound(t);
			continue;
		case RUN_HIGH:
			switch (high_at(t, t->at, &n)) {
			case FOLD_GRAM:
				gram(t);
				continue;
			case FOLD_WORD:
				compound(t);
				continue;
			default:
				break;
			}
			break;
		default:
			break;
		}
		t->at += n;
	}
	return t->queued > 0;
}

/* Pairs of characters have no stem; a whole is no stop word. */
static void
look_up(struct tokens *t, struct token *k)
{
	if (k->kind == TOKEN_GRAM || k->kind == TOKEN_LONE ||
	    k->kind == TOKEN_LAST || (t->wanted != NULL &&
	    !(t->wanted[(unsigned char)*k->text] & 1))) {
		k->stem = k->text;
		k->stem_len = k->len;
		return;
	}
	k->stop = word_stem(t->words, k->text, k->len, &k->stem, &k->stem_len);
	if (k->kind == TOKEN_WHOLE)
		k->stop = false;
}

void
tokens_want(struct tokens *t, const unsigned char first[256])
{
	t->wanted = words_keep_first(t->words) ? first : NULL;
}

int
token_next(struct tokens *t, struct token *k)
{
	int r = 1;

	if (t->next == t->queued && (r = fill(t, k)) == 0)
		return 0;
	if (r == 1)
		*k = t->queue[t->next++];
	look_up(t, k);
	return 1;
}
