/*
 * Keywords and the title.  A word is the better the more often it comes and
 * the rarer it is in general; when it mostly stands beside the same other
 * one, both are told ("support group").
 */
#include "toc/summary_work.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 32		/* bytes of a word that is shown */
#define TOLD 0.8		/* what a word counts that a bullet has */
#define COMPOUND 0.5		/* and a compound: its parts are words, too */
#define TITLE_WORDS 3
#define TITLE 60		/* bytes */

/* A word, or two that stand side by side, to be shown. */
struct phrase {
	const char *p;		/* borrowed */
	size_t len;
};

static const struct turn_word *
word_at(const struct summariser *s, const struct summary_place *p)
{
	return &s->item[p->item].turn->word[p->word];
}

static bool
is_hex(const char *p, size_t n)
{
	size_t i, digits = 0;

	for (i = 0; i < n; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			digits++;
		else if (p[i] < 'a' || p[i] > 'f')
			return false;
	}
	return digits > 0;
}

/* Can people make something of it? */
static bool
shows(const char *p, size_t n)
{
	size_t i, letters = 0;

	for (i = 0; i < n; i++)
		letters += (p[i] >= 'a' && p[i] <= 'z') ||
		    (p[i] >= 'A' && p[i] <= 'Z') ||
		    (unsigned char)p[i] >= 0x80;
	if (letters == 0 || n < 2 || n > LONGEST || (n < 3 && !(p[0] >= 'A' &&
	    p[0] <= 'Z') && (unsigned char)p[0] < 0x80))
		return false;
	return n < 6 || !is_hex(p, n);
}

/* The word that follows w in the same breath, or NULL. */
static const struct turn_word *
follower(const struct summary_item *x, const struct turn_word *w)
{
	const struct turn_word *end = x->turn->word + x->word + x->words;
	const struct turn_word *f = w + 1;

	if (w->kind != TURN_WORD || f >= end || f->kind != TURN_WORD ||
	    f->at != w->at + w->len + 1u || x->turn->text[f->at - 1] != ' ')
		return NULL;
	return f;
}

static const struct turn_word *
leader(const struct summary_item *x, const struct turn_word *w)
{
	const struct turn_word *l = w - 1;

	if (l < x->turn->word + x->word || follower(x, l) != w)
		return NULL;
	return l;
}

/* The stem that stands beside t most often: how often that is. */
static unsigned
companion(const struct summariser *s, const struct summary_term *t,
    bool after, uint64_t *stem)
{
	struct { uint64_t stem; unsigned n; } seen[8];
	unsigned n = 0, best = 0, i;
	const struct turn_word *w;
	const struct summary_item *x;
	uint32_t at;

	for (at = t->place; at != 0; at = s->place[at - 1].before) {
		x = &s->item[s->place[at - 1].item];
		w = word_at(s, &s->place[at - 1]);
		w = after ? follower(x, w) : leader(x, w);
		if (w == NULL)
			continue;
		for (i = 0; i < n && seen[i].stem != w->stem; i++)
			;
		if (i == 8)
			continue;
		if (i == n) {
			seen[n].stem = w->stem;
			seen[n++].n = 0;
		}
		if (++seen[i].n > best) {
			best = seen[i].n;
			*stem = seen[i].stem;
		}
	}
	return best;
}

/* A capital at the beginning of a sentence says nothing of a word. */
static bool
begins(const struct summary_item *x, const struct turn_word *w)
{
	return w->at == x->at;
}

/* How a term is written: where it first stands within a sentence; else where
 * it stands first.  With the companion, where it has that. */
static bool
written(const struct summariser *s, const struct summary_term *t,
    uint64_t other, int side, struct phrase *out)
{
	const struct turn_word *w, *o;
	const struct summary_item *x;
	bool any = false, inside = false;
	uint32_t at;

	for (at = t->place; at != 0; at = s->place[at - 1].before) {
		x = &s->item[s->place[at - 1].item];
		w = o = word_at(s, &s->place[at - 1]);
		if (side != 0) {
			o = side > 0 ? follower(x, w) : leader(x, w);
			if (o == NULL || o->stem != other)
				continue;
		}
		if (side < 0) {
			const struct turn_word *swap = o;

			o = w;
			w = swap;
		}
		if (inside && begins(x, w))
			continue;
		inside |= !begins(x, w);
		any = true;
		out->p = x->turn->text + w->at;
		out->len = o->at + o->len - w->at;
	}
	return any;
}

static void
tell(struct summariser *s, uint64_t stem)
{
	int64_t i = summary_find(s, stem);

	if (i >= 0) {
		s->term[i].told = true;
		s->term[i].key = false;
	}
}

/* Words that lie within x, or that it lies in, are told with it. */
static void
tell_parts(struct summariser *s, const struct summary_term *t)
{
	const struct summary_place *p = &s->place[t->place - 1];
	const struct summary_item *x = &s->item[p->item];
	const struct turn_word *w = word_at(s, p);
	const struct turn_word *o = x->turn->word + x->word;
	const struct turn_word *end = o + x->words;

	for (; o < end; o++)
		if (o->at < w->at + w->len && w->at < o->at + o->len)
			tell(s, o->stem);
}

/* How many children of a parent have it. */
static uint32_t
children_with(const struct summariser *s, const struct summary_term *t)
{
	const struct summary_item *x, *before = NULL;
	uint32_t at, n = 0;

	for (at = t->place; at != 0; at = s->place[at - 1].before) {
		x = &s->item[s->place[at - 1].item];
		n += before == NULL || before->group != x->group;
		before = x;
	}
	/* bullets come before all keywords: some are counted twice */
	return n < s->children ? n : s->children;
}

/* What every other sentence has is who is speaking; what all children have
 * tells none from another. */
static double
apart(const struct summariser *s, const struct summary_term *t)
{
	double x = 1 - (double)t->items / (double)(s->items + 1);

	if (s->parent)
		x *= 1 - (double)children_with(s, t) / (s->children + 1);
	return x * x * x * x;
}

/* How well each term would do as a keyword. */
static void
judge(struct summariser *s)
{
	struct summary_term *t;
	size_t i;

	for (i = 0; i < s->terms; i++) {
		t = &s->term[i];
		if (!t->key)
			continue;
		t->worth = t->rare * t->rare * sqrt(t->tf * sqrt(t->tf)) *
		    apart(s, t);
		if (t->items == 0)
			t->worth *= COMPOUND;
		t->worth = floor(t->worth * (1 << 20) + 0.5);
	}
}

/* The best word that is left, and what stands beside it. */
static bool
best(struct summariser *s, double told, unsigned least, struct phrase *out)
{
	struct summary_term *t;
	uint64_t stem = 0;
	unsigned after, before;
	uint64_t left = 0;
	double w, most;
	size_t i;

	for (;;) {
		for (t = NULL, most = 0, i = 0; i < s->terms; i++) {
			if (!s->term[i].key || s->term[i].tf < least)
				continue;
			w = s->term[i].worth;
			if (s->term[i].told)
				w *= told;
			if (w > most) {
				most = w;
				t = &s->term[i];
			}
		}
		if (t == NULL)
			return false;
		t->key = false;
		if (!written(s, t, 0, 0, out) || !shows(out->p, out->len))
			continue;
		after = companion(s, t, true, &stem);
		before = companion(s, t, false, &left);
		if (before > after)
			stem = left;
		if ((before > after ? before : after) >= 2 && 2 *
		    (before > after ? before : after) >= t->tf) {
			written(s, t, stem, before > after ? -1 : 1, out);
			tell(s, stem);
		}
		tell_parts(s, t);
		return true;
	}
}

static char *
shown(const struct phrase *x)
{
	return summary_clean(x->p, x->len);
}

/* Where there are no words to choose from. */
static void
add_beginning(struct buf *b, const char *text)
{
	size_t n = utf8_cut(text, strlen(text), TITLE);

	while (text[n] != '\0' && n > TITLE / 2 && text[n] != ' ')
		n--;
	buf_add(b, text, utf8_cut(text, strlen(text), n));
}

static void
make_title(struct summariser *s, struct summary *out)
{
	struct buf b = BUF_INIT;
	struct phrase x;
	unsigned i, least = 2;
	char *p;

	for (i = 0; i < TITLE_WORDS; i++) {
		if (!best(s, 1, least, &x)) {
			if (i > 0 || least == 1)
				break;
			least = 1;
			i--;
			continue;
		}
		if (b.len > 0 && b.len + 2 + x.len > TITLE)
			break;
		p = shown(&x);
		buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", p);
		free(p);
	}
	if (b.len == 0 && out->bullets > 0)
		add_beginning(&b, out->bullet[0].text);
	out->title = buf_steal(&b);
	if (out->title[0] >= 'a' && out->title[0] <= 'z')
		out->title[0] = (char)(out->title[0] & ~0x20);
}

void
summary_words(struct summariser *s, struct summary *out)
{
	struct phrase x;

	judge(s);
	make_title(s, out);
	while (out->keywords < SUMMARY_KEYWORDS && best(s, TOLD, 1, &x))
		out->keyword[out->keywords++] = shown(&x);
}
