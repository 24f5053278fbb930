/*
 * Groups out of items.  Plain words make one group together; each other item
 * makes one of its own, or joins that of the item before an OR.
 *
 * A word may fall into several tokens.  Among the plain words each of them
 * counts: the whole of a compound, its parts, all its parts in a row (which
 * finds jwt.c in src/auth/jwt.c), pairs of characters.  In any other place
 * the word is one thing, so that several tokens are a phrase.
 */
#include "search/query_build.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <string.h>

#define MANY_WORDS "the query has many words; only the first %d terms " \
	"are used"

#define ASIDE 200	/* bytes of a list of words, about */

struct build {
	struct query *q;
	struct tokens tokens;
};

/* -1 when there is no more room, which is said once. */
static int
term(struct query *q, enum match_kind kind, const char *text, size_t len,
    double weight, bool show)
{
	int i = match_term(&q->match, kind, text, len, weight, show);

	if (i < 0)
		query_note(q, MANY_WORDS, MATCH_TERMS);
	return i;
}

static int
stem_term(struct query *q, const struct token *t, double weight, bool show)
{
	if (t->kind == TOKEN_LONE)
		return term(q, MATCH_PREFIX, t->text, t->len, weight, show);
	return term(q, MATCH_STEM, t->stem, t->stem_len, weight, show);
}

static void
atom(struct query *q, enum match_what what, int i, bool not)
{
	if (i >= 0)
		match_atom(&q->match, what, i, not);
}

/* Leaves [from, from + span) of the text in a row; -1: no room. */
static int
phrase(struct build *b, const struct item *it, uint32_t from, uint32_t span)
{
	struct token t;
	int p = match_phrase(&b->q->match);
	uint32_t first = 0;
	bool any = false;

	if (p < 0) {
		query_note(b->q, "the query has many phrases; only the first "
		    "%d are used", MATCH_PHRASES);
		return -1;
	}
	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t)) {
		if (t.kind == TOKEN_WHOLE || t.kind == TOKEN_LAST ||
		    t.pos < from || t.pos - from >= span)
			continue;
		if (!any)
			first = t.pos;
		any = true;
		if (match_phrase_add(&b->q->match, p, t.text, t.len,
		    t.pos - first) < 0) {
			query_note(b->q, "a phrase is compared by its first "
			    "%d words", MATCH_PHRASE_WORDS);
			break;
		}
	}
	return p;
}

/* --- plain words ------------------------------------------------------- */

/* Has it a token that is no stop word? */
static bool
tells(struct build *b, const struct item *it)
{
	struct token t;

	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t))
		if (!t.stop || it->kind == ITEM_PREFIX)
			return true;
	return false;
}

/* What may be repaired, if no text has it. */
static void
note_word(struct query *q, const struct item *it, const char *text,
    size_t len, int i)
{
	size_t k;

	for (k = 0; k < q->words; k++)
		if (q->word[k].term == i)
			return;
	q->word = xgrow(q->word, q->words, &q->words_cap, sizeof *q->word);
	q->word[q->words].text = xstrndup(text, len);
	q->word[q->words].typed = xstrndup(it->text, it->len);
	q->word[q->words++].term = i;
}

/* One token of a plain word; `within` a compound or not.  The term, -1
 * none. */
static int
plain_token(struct query *q, const struct token *t, bool within, bool stops)
{
	bool part = within && t->kind != TOKEN_WHOLE;
	int i;

	if (t->kind == TOKEN_LAST || (t->stop && !stops))
		return -1;
	i = stem_term(q, t, part ? QUERY_PART_WEIGHT : 1, true);
	/* a part of one letter ranks, but would find too much */
	if (!part || (t->len > 1 && !t->stop))
		atom(q, MATCH_TERM, i, false);
	return t->kind == TOKEN_WORD && !t->stop ? i : -1;
}

struct span {
	uint32_t pos, n;
};

/* Into the group of plain words. */
static void
plain_word(struct build *b, const struct item *it, bool stops)
{
	struct span whole[16] = { { 0, 0 } };	/* outermost ones */
	char text[TOKEN_MAX];
	struct token t;
	size_t wholes = 0, i, len = 0;
	uint32_t end = 0, n = 0;
	int one = -1;

	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t)) {
		if (t.kind == TOKEN_WHOLE && t.pos >= end) {
			end = t.pos + t.span;
			if (t.span > 1 && wholes < sizeof whole / sizeof *whole)
				whole[wholes++] = (struct span){ t.pos,
				    t.span };
		}
		one = plain_token(b->q, &t, t.pos < end, stops);
		n++;
		memcpy(text, t.text, t.len);
		len = t.len;
	}
	if (n == 1 && one >= 0)
		note_word(b->q, it, text, len, one);
	for (i = 0; i < wholes; i++)
		atom(b->q, MATCH_PHRASE, phrase(b, it, whole[i].pos,
		    whole[i].n), false);
}

/*
 * The beginning of a word: of the last whole, else of the last leaf.  What
 * stands before that in the item ranks.  Returns the term, -1 none.
 */
static int
prefix(struct build *b, const struct item *it, double weight, bool show)
{
	struct token t, last = { 0 };
	char text[TOKEN_MAX], stem[TOKEN_MAX];
	uint32_t end = 0;
	bool any = false;

	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t)) {
		if (t.kind == TOKEN_LAST || (any && t.pos < end))
			continue;
		if (any && weight > 0)
			term(b->q, MATCH_STEM, stem, last.stem_len, weight,
			    show);
		memcpy(text, t.text, t.len);
		memcpy(stem, t.stem, t.stem_len);
		last = t;
		end = t.pos + t.span;
		any = true;
	}
	if (!any)
		return -1;
	return term(b->q, MATCH_PREFIX, text, last.len, weight, show);
}

/* Neither negated nor joined by OR. */
static bool
alone(const struct item *it, size_t n, size_t i)
{
	return !it[i].not && !it[i].or && (i + 1 == n || !it[i + 1].or);
}

static bool
is_plain(const struct item *it, size_t n, size_t i)
{
	return (it[i].kind == ITEM_WORD || it[i].kind == ITEM_PREFIX) &&
	    !it[i].must && alone(it, n, i);
}

void
query_demand(struct query *q, struct item *it, size_t n)
{
	struct build b = { .q = q };
	bool any = false;
	size_t i;

	tokens_init(&b.tokens, q->match.language);
	for (i = 0; i < n && !any; i++)
		any = is_plain(it, n, i) && tells(&b, &it[i]);
	for (i = 0; i < n; i++)
		if (is_plain(it, n, i) && (!any || tells(&b, &it[i])))
			it[i].must = true;
	tokens_release(&b.tokens);
}

/* ---- what is told of them ---- */

static void
list(struct buf *b, const char *what, const char *p, size_t len)
{
	if (b->len > ASIDE)
		return;
	buf_adds(b, b->len == 0 ? what : ", ");
	buf_add(b, p, len);
	if (b->len > ASIDE)
		buf_adds(b, ", ...");
}

/* In capitals alone: a name, perhaps.  Of what looks like an operator it was
 * said already that it is a word. */
static bool
shouted(const struct item *it)
{
	static const char *const not[] = { "OR", "AND", "NOT" };
	size_t i;

	for (i = 0; i < sizeof not / sizeof *not; i++)
		if (it->len == strlen(not[i]) &&
		    memcmp(it->text, not[i], it->len) == 0)
			return false;
	for (i = 0; i < it->len; i++)
		if (it->text[i] < 'A' || it->text[i] > 'Z')
			return false;
	return it->len > 1;
}

static void
list_stems(struct build *b, const struct item *it, bool stops,
    struct buf *stems)
{
	struct buf pair = BUF_INIT;
	struct token t;

	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t)) {
		if (t.kind == TOKEN_LAST || (t.stop && !stops) ||
		    (t.len == t.stem_len &&
		    memcmp(t.text, t.stem, t.len) == 0))
			continue;
		buf_reset(&pair);
		buf_add(&pair, t.text, t.len);
		buf_adds(&pair, " (");
		buf_add(&pair, t.stem, t.stem_len);
		buf_addc(&pair, ')');
		list(stems, "compared by their stems: ", pair.p, pair.len);
	}
	buf_release(&pair);
}

/* Stop words go unsaid, but for one that stands out as a name does (WHO). */
static void
say_words(struct build *b, const struct item *it, size_t n, bool stops)
{
	struct buf left = BUF_INIT, stems = BUF_INIT;
	bool all = true;
	size_t i;

	for (i = 0; i < n; i++)
		all &= it[i].kind != ITEM_WORD || shouted(&it[i]);
	for (i = 0; i < n; i++) {
		if (!is_plain(it, n, i) || it[i].kind != ITEM_WORD)
			continue;
		if (stops || tells(b, &it[i])) {
			list_stems(b, &it[i], stops, &stems);
			continue;
		}
		list(&left, "left out, because they tell nothing: ",
		    it[i].text, it[i].len);
		if (!all && shouted(&it[i]))
			query_note(b->q, "'%.*s' is a word that tells "
			    "nothing, and is left out; +%.*s asks for it",
			    (int)it[i].len, it[i].text, (int)it[i].len,
			    it[i].text);
	}
	if (left.len > 0)
		strv_add(&b->q->asides, left.p);
	if (stems.len > 0)
		strv_add(&b->q->asides, stems.p);
	buf_release(&left);
	buf_release(&stems);
}

static void
plain_group(struct build *b, const struct item *it, size_t n)
{
	bool stops = true;
	size_t i;

	for (i = 0; i < n && stops; i++)
		stops = is_plain(it, n, i) ? !tells(b, &it[i]) :
		    it[i].kind == ITEM_FIELD || it[i].not;
	b->q->plain = match_group(&b->q->match);
	for (i = 0; i < n; i++) {
		if (!is_plain(it, n, i))
			continue;
		if (it[i].kind == ITEM_PREFIX)
			atom(b->q, MATCH_TERM, prefix(b, &it[i], 1, true),
			    false);
		else
			plain_word(b, &it[i], stops);
	}
	if (b->q->match.atoms == 0)
		b->q->plain = -1;
	say_words(b, it, n, stops);
}

/* --- the others -------------------------------------------------------- */

/*
 * What several leaves in a row add to the score: the leaves, but for stop
 * words where there are others, and the wholes over them.
 */
static void
score_leaves(struct build *b, const struct item *it, bool stops)
{
	struct token t;
	uint32_t end = 0;
	bool part;

	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t)) {
		if (t.kind == TOKEN_WHOLE && t.pos >= end)
			end = t.pos + t.span;
		part = it->kind == ITEM_WORD && t.kind != TOKEN_WHOLE &&
		    t.pos < end;
		if (t.kind == TOKEN_LAST || (t.stop && !stops) ||
		    (t.kind == TOKEN_WHOLE && it->kind == ITEM_PHRASE))
			continue;
		stem_term(b->q, &t, part ? QUERY_PART_WEIGHT : 1, false);
	}
}

/* The only leaf of an item, or the whole over it (C++): text and stem go to
 * `room`.  Returns the number of leaves. */
static size_t
only_leaf(struct build *b, const struct item *it, struct token *only,
    char room[2][TOKEN_MAX])
{
	struct token t;
	size_t leaves = 0;

	only->span = 0;
	tokens_start(&b->tokens, it->text, it->len, 0);
	while (token_next(&b->tokens, &t) && leaves < 2) {
		leaves += t.kind != TOKEN_WHOLE && t.kind != TOKEN_LAST;
		if (only->span > 0 || t.span > 1)
			continue;
		*only = t;
		only->text = memcpy(room[0], t.text, t.len);
		only->stem = memcpy(room[1], t.stem, t.stem_len);
	}
	return leaves;
}

/* A word or phrase that is one thing, as an atom of the newest group. */
static void
one_thing(struct build *b, const struct item *it)
{
	struct token only = { 0 };
	char room[2][TOKEN_MAX];
	size_t leaves = only_leaf(b, it, &only, room);

	if (leaves == 0)
		return;
	/* A single character or C++ is no leaf, and so no word of a phrase. */
	if (leaves == 1 && (it->kind == ITEM_WORD || only.kind == TOKEN_LONE ||
	    only.kind == TOKEN_WHOLE)) {
		atom(b->q, MATCH_TERM, stem_term(b->q, &only, it->not ? 0 : 1,
		    !it->not), it->not);
		return;
	}
	if (!it->not)
		score_leaves(b, it, !tells(b, it));
	atom(b->q, MATCH_PHRASE, phrase(b, it, 0, UINT32_MAX), it->not);
}

static void
item_atom(struct build *b, const struct item *it)
{
	switch (it->kind) {
	case ITEM_FIELD:
		match_atom(&b->q->match, MATCH_FILTER, it->field, it->not);
		break;
	case ITEM_PREFIX:
		atom(b->q, MATCH_TERM, prefix(b, it, it->not ? 0 : 1,
		    !it->not), it->not);
		break;
	default:
		one_thing(b, it);
	}
}

static bool
is_own_field(const struct item *it, size_t n, size_t i)
{
	return it[i].kind == ITEM_FIELD && alone(it, n, i);
}

/*
 * A property that only one value can be true of, asked for twice, means
 * either: the values go to the first field of its kind.  1 done.
 */
static int
join_field(struct query *q, const struct item *it, size_t n, size_t i)
{
	struct field *f = &q->field[it[i].field], *to;
	size_t k, v;

	if (!is_own_field(it, n, i) || f->kind == FIELD_TAG ||
	    f->values.n == 0)
		return 0;
	for (k = 0; k < i; k++) {
		to = &q->field[it[k].field];
		if (!is_own_field(it, n, k) || to->kind != f->kind)
			continue;
		for (v = 0; v < f->values.n; v++)
			strv_add(&to->values, f->values.v[v]);
		return 1;
	}
	return 0;
}

void
query_build(struct query *q, const struct item *it, size_t n)
{
	struct build b = { .q = q };
	size_t i;

	for (i = 0; i < n; i++) {
		if (it[i].not || it[i].kind == ITEM_FIELD)
			continue;
		if (q->text.len > 0)
			buf_addc(&q->text, ' ');
		buf_add(&q->text, it[i].text, it[i].len);
	}
	tokens_init(&b.tokens, q->match.language);
	plain_group(&b, it, n);
	for (i = 0; i < n; i++) {
		if (is_plain(it, n, i) ||
		    (it[i].kind == ITEM_FIELD && join_field(q, it, n, i)))
			continue;
		if (!it[i].or)
			match_group(&q->match);
		item_atom(&b, &it[i]);
		if (it[i].kind == ITEM_PHRASE && alone(it, n, i) &&
		    !it[i].must)
			match_soft(&q->match);
	}
	tokens_release(&b.tokens);
}
