#include "search/spell.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "index/language.h"
#include "index/model.h"
#include "index/rank_near.h"
#include "index/ruler.h"
#include "index/token.h"
#include "index/word.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define GUESSES 512		/* of a word; more are left out */

struct guess {
	char *text, *stem;	/* own */
	unsigned distance;
	int64_t df;		/* texts with the stem */
};

struct suspect {
	const struct query_word *word;
	const struct match_term *term;
	const struct language *language;
	struct ruler ruler;
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
	struct map stem;	/* texts with it << 32 | the last one */
	struct map seen;	/* words that were measured */
	int64_t texts;
	size_t bytes;
	bool many;		/* it is too long */
};

/* --- guesses ----------------------------------------------------------- */

/* Room for one so far away: those further away give way. */
static struct guess *
guess_room(struct suspect *s, unsigned distance)
{
	size_t i;

	if (s->n < GUESSES) {
		s->guess = xgrow(s->guess, s->n, &s->cap, sizeof *s->guess);
		return &s->guess[s->n++];
	}
	for (i = s->n; i > 0; i--)
		if (s->guess[i - 1].distance > distance) {
			free(s->guess[i - 1].text);
			free(s->guess[i - 1].stem);
			return &s->guess[i - 1];
		}
	return NULL;
}

static void
guess(void *arg, const char *text, size_t len, const char *stem,
    size_t stem_len, unsigned distance)
{
	struct suspect *s = arg;
	struct guess *g;
	size_t i;

	if (distance > s->ruler.max || len < RULER_LEAST ||
	    word_is_stop(s->language, text, len) || (s->term->len == stem_len &&
	    memcmp(s->term->text, stem, stem_len) == 0))
		return;
	for (i = 0; i < s->n; i++)
		if (strncmp(s->guess[i].text, text, len) == 0 &&
		    s->guess[i].text[len] == '\0')
			return;
	if ((g = guess_room(s, distance)) == NULL)
		return;
	g->text = xstrndup(text, len);
	g->stem = xstrndup(stem, stem_len);
	g->distance = distance;
	g->df = 0;
}

/* --- the indexes ------------------------------------------------------- */

static int
indexed_df(const struct spell *x, const char *stem, size_t len, int64_t most,
    int64_t *df, struct err *e)
{
	const struct indexes *of = x->in->of;
	int k;

	for (k = 0; k < SOURCE_SESSION; k++)
		if (rank_near_df(of[k].part, of[k].parts, stem, len, most, df,
		    e) < 0)
			return -1;
	return 0;
}

/* English stems are mostly beginnings of their words. */
static bool
stems_unlike(const struct language *l)
{
	return l != NULL && l->stems == LANGUAGE_SNOWBALL;
}

static int
indexed_guesses(const struct spell *x, struct suspect *s, struct err *e)
{
	const struct indexes *of = x->in->of;
	int k;

	for (k = 0; k < SOURCE_SESSION; k++)
		if (rank_near(of[k].part, of[k].parts, &s->ruler,
		    stems_unlike(s->language), guess, s, e) < 0)
			return -1;
	return 0;
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
		guess(s, t->text, t->len, t->stem, t->stem_len,
		    ruler_measure(&s->ruler, t->text, t->len));
	}
}

/* 1 it is too much. */
static int
take_doc(void *arg, struct doc *d, struct err *e)
{
	struct spell *x = arg;
	struct token t;
	size_t i;

	(void)e;
	x->texts++;
	for (i = 0; i < d->pieces && !x->many; i++) {
		x->bytes += d->piece[i].len;
		x->many = x->texts > SPELL_TAIL || x->bytes > SPELL_BYTES;
		if (x->many)
			break;
		tokens_start(&x->tokens, d->piece[i].text, d->piece[i].len, 0);
		while (token_next(&x->tokens, &t))
			if (t.kind != TOKEN_LAST)
				take_token(x, &t);
	}
	return x->many;
}

static int
read_tail(struct spell *x, struct err *e)
{
	int source, r = 0;

	for (source = 0; source < SOURCE_SESSION && r >= 0 && !x->many;
	    source++)
		if (x->in->sources >> source & 1)
			r = unread_each(x->in->unread, (enum source)source,
			    take_doc, x, e);
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
	const char *asked;
	size_t i, n = 0;

	/* one that makes no vectors still knows its words */
	asked = x->in->st->model;
	if (asked != NULL && strcmp(asked, "none") == 0)
		asked = NULL;
	model_find(asked, &path);
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
	struct suspect *s;
	int64_t df;
	size_t i;

	for (i = 0; i < x->q->words && x->n < SPELL_WORDS; i++) {
		s = &x->s[x->n];
		s->word = &x->q->word[i];
		s->term = &x->q->match.term[s->word->term];
		s->language = x->q->match.language;
		df = 0;
		if (!ruler_init(&s->ruler, s->word->text,
		    strlen(s->word->text)) ||
		    !only_plain(x->q, s->word->term))
			continue;
		if (indexed_df(x, s->term->text, s->term->len, 1, &df, e) < 0)
			return -1;
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
	const struct guess *g;
	size_t i;

	if (indexed_guesses(x, s, e) < 0)
		return -1;
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
	tokens_init(&x->tokens, q->match.language);
	if ((r = find_suspects(x, e)) == 0 && x->n > 0)
		r = read_tail(x, e);
	for (i = 0; i < x->n && r >= 0 && !x->many; i++) {
		if (tail_df(x, x->s[i].term->text) > 0)
			continue;
		r = repair(x, &x->s[i], e);
		changed |= r > 0;
	}
	release(x);
	free(x);
	return r < 0 ? -1 : changed;
}
