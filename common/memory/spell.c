/*
 * The terms of an index are walked in their order, and what begins so that
 * it cannot be near enough is passed over; the words that were stemmed to a
 * term are looked at where the term is near.  A word that lies further than
 * its last letter from its stem's beginning is not found so; there are few
 * (dying, die).
 *
 * Words that were forgotten stay in a segment until it is written again: what
 * is in no text alive is neither a word that there is nor a guess.
 */
#include "memory/spell.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"
#include "index/model.h"
#include "index/ruler.h"
#include "index/token.h"
#include "index/word.h"
#include "memory/event.h"
#include "memory/record.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define STEPS 50000		/* terms of a segment looked at for a word */
#define GUESSES 256		/* of a word; more are left out */

struct guess {
	char *text, *stem;	/* own */
	unsigned distance;
	int64_t df;		/* texts with the stem */
};

struct suspect {
	const struct query_word *word;
	struct ruler ruler, of_words;
	struct guess *guess;	/* own */
	size_t n, cap;
};

struct spell {
	const struct spell_in *in;
	struct query *q;
	struct suspect s[SPELL_WORDS];
	size_t n;
	struct buf word;
	/* of the tail */
	struct tokens tokens;
	struct doc doc;
	struct map stem;	/* texts with it << 32 | the last one */
	struct map seen;	/* words that were measured */
	int64_t texts;
	size_t bytes;
	bool many;		/* it is too long */
};

/* --- guesses ----------------------------------------------------------- */

static void
guess_add(struct suspect *s, const struct match_term *t, const char *text,
    size_t len, const char *stem, size_t stem_len, unsigned distance)
{
	struct guess *g;
	size_t i;

	if (distance > s->ruler.max || s->n == GUESSES ||
	    len < RULER_LEAST || word_is_stop(text, len) ||
	    (t->len == stem_len && memcmp(t->text, stem, stem_len) == 0))
		return;
	for (i = 0; i < s->n; i++)
		if (strncmp(s->guess[i].text, text, len) == 0 &&
		    s->guess[i].text[len] == '\0')
			return;
	s->guess = xgrow(s->guess, s->n, &s->cap, sizeof *s->guess);
	g = &s->guess[s->n++];
	g->text = xstrndup(text, len);
	g->stem = xstrndup(stem, stem_len);
	g->distance = distance;
	g->df = 0;
}

static const struct match_term *
term_of(const struct spell *x, const struct suspect *s)
{
	return &x->q->match.term[s->word->term];
}

/* --- an index ---------------------------------------------------------- */

static bool
is_dead(const struct rank_part *p, uint32_t doc)
{
	return p->dead != NULL && (p->dead[doc / 64] >> (doc % 64) & 1);
}

/* Has the i-th document of a block the form?  1, 0, -1. */
static int
has_form(struct segment_list *l, uint32_t i, int form, struct err *e)
{
	const uint32_t *pos;
	const uint8_t *have;
	uint32_t n, k;

	if (segment_positions(l, i, &pos, &have, &n, e) < 0)
		return -1;
	for (k = 0; k < n; k++)
		if (have[k] == form)
			return 1;
	return 0;
}

/* Documents alive that have a term, counted no further than most: with a
 * form, or (-1) with any. */
static int
alive(const struct rank_part *p, const struct segment_term *t, int form,
    int64_t most, int64_t *n, struct err *e)
{
	struct segment_list *l;
	uint32_t block, i;
	int r = 0;

	*n = t->docs < most ? t->docs : most;
	if (p->dead == NULL)
		return 0;
	*n = 0;
	l = xmalloc(sizeof *l);
	segment_list(p->s, t, l);
	for (block = 0; block < l->blocks && *n < most && r >= 0; block++) {
		if ((r = segment_list_load(l, block, e)) < 0 ||
		    (form >= 0 && (r = segment_list_tf(l, e)) < 0))
			break;
		for (i = 0; i < l->n && *n < most && r >= 0; i++) {
			if (is_dead(p, l->doc[i]))
				continue;
			r = form < 0 ? 1 : has_form(l, i, form, e);
			*n += r == 1;
		}
	}
	segment_list_release(l);
	free(l);
	return r < 0 ? -1 : 0;
}

/* In how many texts of all indexes a stem is; no further than most. */
static int
indexed_df(const struct spell *x, const char *stem, size_t len, int64_t most,
    int64_t *df, struct err *e)
{
	const struct indexed *of;
	struct segment_term t;
	int64_t n;
	size_t i;
	int k, r;

	for (k = 0; k < SOURCE_SESSION; k++) {
		of = &x->in->of[k];
		for (i = 0; x->in->open[k] && i < of->x.m.n && *df < most;
		    i++) {
			r = segment_term(of->part[i].s, SEGMENT_TEXT, stem,
			    len, &t, e);
			if (r < 0 || (r == 1 && alive(&of->part[i], &t, -1,
			    most, &n, e) < 0))
				return -1;
			*df += r == 1 ? n : 0;
		}
	}
	return 0;
}

/* The words of a term, the beginning of which is near. */
static int
take_words(struct spell *x, struct suspect *s, const struct rank_part *p,
    const struct segment_walk *w, struct err *e)
{
	unsigned i, d;
	int64_t n;
	bool whole;

	for (i = 0; i < w->term.forms; i++) {
		if (segment_form(p->s, &w->term, w->text, w->len, i, &x->word,
		    &whole, e) < 0)
			return -1;
		d = ruler_measure(&s->of_words, x->word.p, x->word.len);
		if (d > s->ruler.max)
			continue;
		if (alive(p, &w->term, (int)i, 1, &n, e) < 0)
			return -1;
		if (n > 0)
			guess_add(s, term_of(x, s), x->word.p, x->word.len,
			    w->text, w->len, d);
	}
	return 0;
}

/*
 * Tell the ruler a term, of which it knows the first *told letters, each
 * ending at end[].  Returns 0: there is hope; else the bytes up to the letter
 * *lost after which there is none.
 */
static size_t
tell(struct ruler *r, const struct segment_walk *w, size_t *told, size_t *end,
    uint32_t *lost)
{
	size_t at = *told > 0 ? end[*told - 1] : 0, n;

	while (at < w->len) {
		*lost = utf8_decode(w->text + at, w->len - at, &n);
		at += n;
		if (!ruler_tell(r, *told, *lost))
			return at;
		end[(*told)++] = at;
	}
	return 0;
}

/* Behind all that begins as `last` does up to the letter after those told,
 * which is `lost`: where the next that may be near begins, 0 none. */
static size_t
skip(const struct ruler *r, char *last, size_t *told, const size_t *end,
    uint32_t lost)
{
	size_t at = *told > 0 ? end[*told - 1] : 0;
	uint32_t next = ruler_next(r, *told, lost);

	if (next > 0)
		return at + utf8_put(last + at, next);
	if (at > 0) {
		last[at - 1]++;
		--*told;
	}
	return at;
}

/* How many of the letters told a term begins with. */
static size_t
keep(const struct segment_walk *w, const char *last, size_t told,
    const size_t *end)
{
	size_t i = 0, at = 0;

	while (i < told && end[i] <= w->len &&
	    memcmp(w->text + at, last + at, end[i] - at) == 0)
		at = end[i++];
	return i;
}

static int
walk(struct spell *x, struct suspect *s, const struct rank_part *p,
    struct err *e)
{
	size_t end[RULER_LETTERS + 3], told = 0, at;
	char last[SEGMENT_TERM + 4] = "";
	struct segment_walk w;
	uint32_t lost = 0;
	unsigned steps;
	int r;

	if (segment_walk(p->s, SEGMENT_TEXT, "", 0, &w, e) < 0)
		return -1;
	r = segment_walk_next(&w, e);
	for (steps = 0; r == 1 && steps < STEPS; steps++) {
		told = keep(&w, last, told, end);
		at = tell(&s->ruler, &w, &told, end, &lost);
		memcpy(last, w.text, w.len);
		if ((at == 0 || at == w.len) &&
		    take_words(x, s, p, &w, e) < 0)
			return -1;
		if (at == 0) {
			r = segment_walk_next(&w, e);
			continue;
		}
		if ((at = skip(&s->ruler, last, &told, end, lost)) == 0)
			break;
		r = segment_walk_to(&w, last, at, e);
	}
	return r < 0 ? -1 : 0;
}

/* --- the tail ---------------------------------------------------------- */

/* A text's stem, once. */
static void
count_stem(struct spell *x, const char *stem)
{
	union map_value *v;
	int made;

	v = map_put(&x->stem, stem, &made);
	if (made || (v->i & UINT32_MAX) != x->texts)
		v->i = ((v->i >> 32) + 1) << 32 | x->texts;
}

static void
take_token(struct spell *x, const struct token *t)
{
	struct suspect *s;
	size_t i;
	int made;

	buf_reset(&x->word);
	buf_add(&x->word, t->stem, t->stem_len);
	count_stem(x, x->word.p);
	buf_reset(&x->word);
	buf_add(&x->word, t->text, t->len);
	map_put(&x->seen, x->word.p, &made);
	for (i = 0; made && i < x->n; i++) {
		s = &x->s[i];
		guess_add(s, term_of(x, s), t->text, t->len, t->stem,
		    t->stem_len, ruler_measure(&s->ruler, t->text, t->len));
	}
}

/* x->doc: 1 it is too much. */
static int
take_doc(struct spell *x)
{
	struct token t;
	size_t i;

	x->texts++;
	for (i = 0; i < x->doc.pieces && !x->many; i++) {
		x->bytes += x->doc.piece[i].len;
		x->many = x->texts > SPELL_TAIL || x->bytes > SPELL_BYTES;
		if (x->many)
			break;
		tokens_start(&x->tokens, x->doc.piece[i].text,
		    x->doc.piece[i].len, 0);
		while (token_next(&x->tokens, &t))
			if (t.kind != TOKEN_LAST)
				take_token(x, &t);
	}
	return x->many;
}

static int
take_record(void *arg, const struct record *rec, struct err *e)
{
	struct spell *x = arg;

	(void)e;
	doc_record(&x->doc, rec);
	return take_doc(x);
}

static int
read_events(struct spell *x, int64_t after, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	int r;

	if (event_open_tail(&it, x->in->st, after, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		doc_event(&x->doc, ev);
		if (take_doc(x))
			break;
	}
	event_close(it);
	return r < 0 ? -1 : 0;
}

static int64_t
after(const struct spell *x, enum source source)
{
	return x->in->open[source] ? x->in->of[source].after : 0;
}

static int
read_tail(struct spell *x, struct err *e)
{
	int r = 0;

	if (x->in->sources >> SOURCE_EVENT & 1)
		r = read_events(x, after(x, SOURCE_EVENT), e);
	if (r == 0 && !x->many && x->in->sources >> SOURCE_KB & 1)
		r = record_each(x->in->st, NULL, after(x, SOURCE_KB),
		    take_record, x, e);
	return r < 0 ? -1 : 0;
}

/* --- a query ----------------------------------------------------------- */

/* A term may be asked for in other ways, too: then it is meant so. */
static bool
only_plain(const struct query *q, int term)
{
	const struct match_atom *a;
	size_t i;

	for (i = 0; i < q->match.atoms; i++) {
		a = &q->match.atom[i];
		if (a->what == MATCH_TERM && a->i == term &&
		    a->group != q->plain)
			return false;
	}
	return true;
}

/*
 * A word that people write is no mistake, though none of these texts has it:
 * the vocabulary of the built-in model says which are.
 */
static bool
is_written(struct model *m, const struct suspect *s)
{
	size_t len = strlen(s->word->text), used;
	struct err ignored;	/* without it a word less is known */
	uint32_t id;

	return m != NULL && model_piece(m, MODEL_HEADS, s->word->text, len,
	    &id, &used, &ignored) == 1 && used == len;
}

static void
forget_written(struct spell *x)
{
	struct buf path = BUF_INIT;
	struct err ignored;	/* is not there: so be it */
	struct model *m = NULL;
	size_t i, n = 0;

	model_find(NULL, &path);
	if (model_open(&m, path.p, &ignored) < 0)
		m = NULL;
	for (i = 0; i < x->n; i++)
		if (!is_written(m, &x->s[i]))
			x->s[n++] = x->s[i];
	x->n = n;
	model_close(m);
	buf_release(&path);
}

/* Words that no index has. */
static int
find_suspects(struct spell *x, struct err *e)
{
	const struct match_term *t;
	struct suspect *s;
	int64_t df;
	size_t i;

	for (i = 0; i < x->q->words && x->n < SPELL_WORDS; i++) {
		s = &x->s[x->n];
		s->word = &x->q->word[i];
		t = term_of(x, s);
		df = 0;
		if (!ruler_init(&s->ruler, s->word->text,
		    strlen(s->word->text)) ||
		    !only_plain(x->q, s->word->term))
			continue;
		if (indexed_df(x, t->text, t->len, 1, &df, e) < 0)
			return -1;
		s->of_words = s->ruler;
		x->n += df == 0;
	}
	if (x->n > 0)
		forget_written(x);
	return 0;
}

static int64_t
tail_df(const struct spell *x, const char *stem)
{
	const union map_value *v = map_get(&x->stem, stem);

	return v != NULL ? v->i >> 32 : 0;
}

static int
by_worth(const void *a, const void *b)
{
	const struct guess *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->df != y->df)
		return x->df > y->df ? -1 : 1;
	return strcmp(x->text, y->text);
}

static int
repair(struct spell *x, struct suspect *s, struct err *e)
{
	const struct indexed *of;
	const struct guess *g;
	size_t i;
	int k;

	for (k = 0; k < SOURCE_SESSION; k++) {
		of = &x->in->of[k];
		for (i = 0; x->in->open[k] && i < of->x.m.n; i++)
			if (walk(x, s, &of->part[i], e) < 0)
				return -1;
	}
	for (i = 0; i < s->n; i++) {
		s->guess[i].df = tail_df(x, s->guess[i].stem);
		if (indexed_df(x, s->guess[i].stem, strlen(s->guess[i].stem),
		    INT64_MAX, &s->guess[i].df, e) < 0)
			return -1;
	}
	if (s->n > 1)
		qsort(s->guess, s->n, sizeof *s->guess, by_worth);
	if (s->n == 0)
		return 0;
	g = &s->guess[0];
	query_respell(x->q, (size_t)(s->word - x->q->word), g->text, g->stem);
	query_note(x->q, "no text has '%s'; searched for '%s'", s->word->text,
	    g->text);
	return 1;
}

static void
release(struct spell *x)
{
	size_t i, k;

	for (i = 0; i < SPELL_WORDS; i++) {
		for (k = 0; k < x->s[i].n; k++) {
			free(x->s[i].guess[k].text);
			free(x->s[i].guess[k].stem);
		}
		free(x->s[i].guess);
	}
	map_release(&x->stem);
	map_release(&x->seen);
	doc_release(&x->doc);
	tokens_release(&x->tokens);
	buf_release(&x->word);
}

int
spell_repair(struct query *q, const struct spell_in *in, struct err *e)
{
	struct spell *x;
	size_t i;
	int r, changed = 0;

	if (q->words == 0)
		return 0;
	x = xcalloc(1, sizeof *x);
	x->in = in;
	x->q = q;
	buf_init(&x->word);
	tokens_init(&x->tokens);
	if ((r = find_suspects(x, e)) == 0 && x->n > 0)
		r = read_tail(x, e);
	for (i = 0; i < x->n && r >= 0 && !x->many; i++) {
		if (tail_df(x, term_of(x, &x->s[i])->text) > 0)
			continue;
		r = repair(x, &x->s[i], e);
		changed |= r > 0;
	}
	release(x);
	free(x);
	return r < 0 ? -1 : changed;
}
