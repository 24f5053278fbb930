/*
 * Most words of a text are none of the query's; a bit by first letter says
 * so for nearly all of them before anything is hashed.  Phrases need no
 * list of positions: a ring holds the words of phrases seen at the last
 * positions, and each that ends a phrase looks back.
 */
#include "index/match.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_STEM = 1, FIRST_PREFIX = 2, FIRST_WORD = 4 };

void
match_init(struct match *m)
{
	memset(m, 0, sizeof *m);
}

void
match_release(struct match *m)
{
	size_t i;

	for (i = 0; i < m->terms; i++)
		free(m->term[i].text);
	for (i = 0; i < m->words; i++)
		free(m->word[i].text);
	free(m->term);
	free(m->word);
	free(m->phrase);
	free(m->atom);
	free(m->by_stem);
	free(m->by_word);
	match_init(m);
}

static bool
same(const char *a, size_t an, const char *b, size_t bn)
{
	return an == bn && memcmp(a, b, an) == 0;
}

int
match_term(struct match *m, enum match_kind kind, const char *text, size_t len,
    double weight, bool show)
{
	struct match_term *t;
	size_t i;

	for (i = 0; i < m->terms; i++) {
		t = &m->term[i];
		if (t->kind != kind || !same(t->text, t->len, text, len))
			continue;
		if (weight > t->weight)
			t->weight = weight;
		t->show |= show;
		return (int)i;
	}
	if (m->terms == MATCH_TERMS)
		return -1;
	m->term = xgrow(m->term, m->terms, &m->terms_cap, sizeof *m->term);
	t = &m->term[m->terms];
	t->kind = kind;
	t->text = xstrndup(text, len);
	t->len = len;
	t->weight = weight;
	t->show = show;
	return (int)m->terms++;
}

int
match_phrase(struct match *m)
{
	if (m->phrases == MATCH_PHRASES)
		return -1;
	m->phrase = xgrow(m->phrase, m->phrases, &m->phrases_cap,
	    sizeof *m->phrase);
	m->phrase[m->phrases].n = 0;
	return (int)m->phrases++;
}

int
match_phrase_add(struct match *m, int phrase, const char *text, size_t len,
    unsigned offset)
{
	struct match_phrase *p = &m->phrase[phrase];
	size_t i;

	/* the ring must still hold the first word when the last one comes */
	if (p->n == MATCH_PHRASE_WORDS || offset >= MATCH_PHRASE_WORDS)
		return -1;
	for (i = 0; i < m->words; i++)
		if (same(m->word[i].text, m->word[i].len, text, len))
			break;
	if (i == m->words) {
		m->word = xgrow(m->word, m->words, &m->words_cap,
		    sizeof *m->word);
		m->word[i].text = xstrndup(text, len);
		m->word[i].len = len;
		m->words++;
	}
	p->at[p->n].word = (unsigned)i;
	p->at[p->n++].offset = offset;
	return 0;
}

int
match_group(struct match *m)
{
	return m->groups++;
}

void
match_atom(struct match *m, enum match_what what, int i, bool not)
{
	struct match_atom *a;
	size_t k;

	assert(m->groups > 0 && i >= 0);
	for (k = m->atoms; k > 0 &&
	    m->atom[k - 1].group == m->groups - 1; k--) {
		a = &m->atom[k - 1];
		if (a->what == what && a->i == i && a->not == not)
			return;
	}
	m->atom = xgrow(m->atom, m->atoms, &m->atoms_cap, sizeof *m->atom);
	a = &m->atom[m->atoms++];
	a->what = what;
	a->i = i;
	a->not = not;
	a->soft = false;
	a->group = m->groups - 1;
}

void
match_soft(struct match *m)
{
	size_t k;

	for (k = m->atoms; k > 0 && m->atom[k - 1].group == m->groups - 1; k--)
		m->atom[k - 1].soft = true;
}

int
match_soften(struct match *m, int group)
{
	struct match_atom *to;
	size_t i, n = 0;
	int pass, soft = 0;

	to = xcalloc(m->atoms + 1, sizeof *to);
	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < m->atoms; i++)
			if (pass == (m->atom[i].group == group ? 0 :
			    m->atom[i].soft ? 1 : 2))
				to[n++] = m->atom[i];
	for (i = 0; i < n; i++)
		if (to[i].soft) {
			to[i].group = group;
			to[i].soft = false;
			soft = 1;
		}
	free(m->atom);
	m->atom = to;
	m->atoms_cap = m->atoms + 1;
	return soft;
}

static size_t
hash(const char *p, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */

	while (n-- > 0)
		h = (h ^ (unsigned char)*p++) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

static void
put(struct match *m, uint16_t *table, const char *text, size_t len, size_t i)
{
	size_t at = hash(text, len) & (m->slots - 1);

	while (table[at] != 0)
		at = (at + 1) & (m->slots - 1);
	table[at] = (uint16_t)(i + 1);
}

void
match_ready(struct match *m)
{
	struct match_term *t;
	size_t i;

	for (m->slots = 16; m->slots < 2 * (m->terms + m->words); m->slots *= 2)
		;
	m->by_stem = xcalloc(m->slots, sizeof *m->by_stem);
	m->by_word = xcalloc(m->slots, sizeof *m->by_word);
	for (i = 0; i < m->terms; i++) {
		t = &m->term[i];
		m->first[(unsigned char)t->text[0]] |=
		    t->kind == MATCH_STEM ? FIRST_STEM : FIRST_PREFIX;
		if (t->kind == MATCH_STEM)
			put(m, m->by_stem, t->text, t->len, i);
	}
	for (i = 0; i < m->words; i++) {
		m->first[(unsigned char)m->word[i].text[0]] |= FIRST_WORD;
		put(m, m->by_word, m->word[i].text, m->word[i].len, i);
	}
}

static int
find_stem(const struct match *m, const char *text, size_t len)
{
	size_t at = hash(text, len) & (m->slots - 1), i;

	for (; m->by_stem[at] != 0; at = (at + 1) & (m->slots - 1)) {
		i = m->by_stem[at] - 1u;
		if (same(m->term[i].text, m->term[i].len, text, len))
			return (int)i;
	}
	return -1;
}

/* Atoms of a term are those of another; none is twice in a group. */
static void
move_atoms(struct match *m, int from, int to)
{
	size_t i, k, n = 0;
	struct match_atom a;

	for (i = 0; i < m->atoms; i++) {
		a = m->atom[i];
		if (a.what == MATCH_TERM && a.i == from)
			a.i = to;
		for (k = 0; k < n; k++)
			if (m->atom[k].what == a.what && m->atom[k].i == a.i &&
			    m->atom[k].not == a.not &&
			    m->atom[k].group == a.group)
				break;
		if (k == n)
			m->atom[n++] = a;
	}
	m->atoms = n;
}

void
match_replace(struct match *m, int term, const char *text, size_t len)
{
	struct match_term *t = &m->term[term];
	int there = find_stem(m, text, len);

	if (there >= 0) {
		if (t->weight > m->term[there].weight)
			m->term[there].weight = t->weight;
		m->term[there].show |= t->show;
		move_atoms(m, term, there);
		t->weight = 0;
		t->show = false;
		return;
	}
	free(t->text);
	t->text = xstrndup(text, len);
	t->len = len;
	free(m->by_stem);
	free(m->by_word);
	memset(m->first, 0, sizeof m->first);
	match_ready(m);
}

static int
find_word(const struct match *m, const char *text, size_t len)
{
	size_t at = hash(text, len) & (m->slots - 1), i;

	for (; m->by_word[at] != 0; at = (at + 1) & (m->slots - 1)) {
		i = m->by_word[at] - 1u;
		if (same(m->word[i].text, m->word[i].len, text, len))
			return (int)i;
	}
	return -1;
}

void
match_text_init(struct match_text *x, const struct match *m)
{
	memset(x, 0, sizeof *x);
	x->m = m;
	x->tf = xcalloc(m->terms + 1, sizeof *x->tf);
	x->prefix_pos = xcalloc(m->terms + 1, sizeof *x->prefix_pos);
	x->phrase = xcalloc(m->phrases + 1, sizeof *x->phrase);
}

void
match_text_release(struct match_text *x)
{
	free(x->tf);
	free(x->prefix_pos);
	free(x->phrase);
	free(x->mark);
	memset(x, 0, sizeof *x);
}

void
match_text_reset(struct match_text *x)
{
	if (x->found > 0) {
		memset(x->tf, 0, x->m->terms * sizeof *x->tf);
		memset(x->prefix_pos, 0, x->m->terms * sizeof *x->prefix_pos);
		memset(x->phrase, 0, x->m->phrases * sizeof *x->phrase);
	}
	x->found = 0;
	x->length = 0;
	x->pos = 0;
	x->marks = 0;
}

static void
mark(struct match_text *x, size_t start, size_t end, int term)
{
	struct match_mark *k;

	if (x->marks >= x->marks_max)
		return;
	x->mark = xgrow(x->mark, x->marks, &x->marks_cap, sizeof *x->mark);
	k = &x->mark[x->marks++];
	k->start = start;
	k->end = end;
	k->term = term;
}

static void
count(struct match_text *x, int term, const struct token *t, unsigned times)
{
	if (x->tf[term] == 0)
		x->found++;
	if (x->tf[term] <= UINT32_MAX - times)
		x->tf[term] += times;
	if (x->at != NULL)
		x->at(x->at_arg, term, t->pos);
	if (x->m->term[term].show)
		mark(x, t->start, t->end, term);
}

/* A whole and its first leaf may both begin so: once for each position. */
static void
prefixes(struct match_text *x, const struct token *t, unsigned times)
{
	const struct match_term *p;
	size_t i;

	for (i = 0; i < x->m->terms; i++) {
		p = &x->m->term[i];
		if (p->kind != MATCH_PREFIX || t->len < p->len ||
		    x->prefix_pos[i] == t->pos + 1 ||
		    memcmp(t->text, p->text, p->len) != 0)
			continue;
		x->prefix_pos[i] = t->pos + 1;
		count(x, (int)i, t, times);
	}
}

/* Does the phrase end in this token? */
static void
phrase_end(struct match_text *x, int i, const struct token *t)
{
	const struct match_phrase *p = &x->m->phrase[i];
	unsigned last = p->at[p->n - 1].offset, k;
	uint32_t pos, first = 0;

	for (k = p->n; k-- > 0; first = pos % MATCH_PHRASE_WORDS) {
		if (t->pos < last - p->at[k].offset)
			return;
		pos = t->pos - (last - p->at[k].offset);
		if (x->ring[pos % MATCH_PHRASE_WORDS].pos != pos ||
		    x->ring[pos % MATCH_PHRASE_WORDS].word != p->at[k].word + 1)
			return;
	}
	if (!x->phrase[i])
		x->found++;
	x->phrase[i] = true;
	mark(x, x->ring[first].start, t->end, -1);
}

static void
phrase_word(struct match_text *x, const struct token *t)
{
	int w = find_word(x->m, t->text, t->len);
	size_t i, slot = t->pos % MATCH_PHRASE_WORDS;
	const struct match_phrase *p;

	if (w < 0)
		return;
	x->ring[slot].pos = t->pos;
	x->ring[slot].word = (uint32_t)w + 1;
	x->ring[slot].start = t->start;
	for (i = 0; i < x->m->phrases; i++) {
		p = &x->m->phrase[i];
		if (p->n > 0 && p->at[p->n - 1].word == (unsigned)w)
			phrase_end(x, (int)i, t);
	}
}

void
match_text_add(struct match_text *x, struct tokens *ts, const char *p,
    size_t len, unsigned times)
{
	const struct match *m = x->m;
	struct token t;
	uint32_t counted = 0;
	int i;

	memset(x->ring, 0, sizeof x->ring);	/* word 0: nothing */
	tokens_start(ts, p, len, x->pos);
	tokens_want(ts, m->first);
	while (token_next(ts, &t)) {
		if (t.kind != TOKEN_WHOLE && t.kind != TOKEN_LAST)
			counted++;
		if ((m->first[(unsigned char)t.stem[0]] & FIRST_STEM) &&
		    t.kind != TOKEN_LAST &&
		    (i = find_stem(m, t.stem, t.stem_len)) >= 0)
			count(x, i, &t, times);
		if (m->first[(unsigned char)t.text[0]] & FIRST_PREFIX)
			prefixes(x, &t, times);
		if ((m->first[(unsigned char)t.text[0]] & FIRST_WORD) &&
		    t.kind != TOKEN_WHOLE && t.kind != TOKEN_LAST)
			phrase_word(x, &t);
	}
	tokens_want(ts, NULL);
	x->length += counted * times;
	x->pos = ts->pos + 1;
}

static bool
atom_holds(const struct match_text *x, const struct match_atom *a,
    bool (*filter)(void *, int), void *arg)
{
	switch (a->what) {
	case MATCH_TERM:
		return x->tf[a->i] > 0;
	case MATCH_PHRASE:
		return x->phrase[a->i];
	default:
		return filter(arg, a->i);
	}
}

bool
match_holds(const struct match_text *x, bool (*filter)(void *, int), void *arg)
{
	return match_holds_but(x, -1, filter, arg);
}

bool
match_holds_but(const struct match_text *x, int group,
    bool (*filter)(void *, int), void *arg)
{
	const struct match *m = x->m;
	const struct match_atom *a;
	bool one = true;
	size_t i;

	for (i = 0; i < m->atoms; i++) {
		a = &m->atom[i];
		if (i == 0 || a->group != a[-1].group) {
			if (!one)
				return false;
			one = a->group == group;
		}
		if (!one)
			one = atom_holds(x, a, filter, arg) != a->not;
	}
	return one;
}
