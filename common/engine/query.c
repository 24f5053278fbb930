#include "engine/query.h"

#include "base/buf.h"
#include "engine/doc.h"
#include "search/indexed.h"

#include <string.h>

/* --- clauses ----------------------------------------------------------- */

json_t *
engine_clause(const char *name, const char *field, json_t *value)
{
	return json_pack("{s:{s:o}}", name, field, value);
}

json_t *
engine_bool(const char *how, json_t *list)
{
	if (strcmp(how, "should") == 0)
		return json_pack("{s:{s:o, s:i}}", "bool", how, list,
		    "minimum_should_match", 1);
	return json_pack("{s:{s:o}}", "bool", how, list);
}

static json_t *
nothing(void)
{
	return json_pack("{s:{}}", "match_none");
}

/* What is of a query is UTF-8, or was made so by the tokens; a value that is
 * not is in no document. */
static json_t *
text(const char *s, size_t len)
{
	json_t *o = json_stringn(s, len);

	return o != NULL ? o : json_string("\xef\xbf\xbf");
}

/* --- words ------------------------------------------------------------- */

/* Is it a word that tells nothing?  Those are not among the stems. */
static bool
is_stop(const struct match *m, const struct match_term *t)
{
	struct tokens tokens;
	struct token one;
	bool stop;

	tokens_init(&tokens, m->language);
	tokens_start(&tokens, t->text, t->len, 0);
	stop = token_next(&tokens, &one) && one.stop &&
	    one.start == 0 && one.end == t->len;
	tokens_release(&tokens);
	return stop;
}

static bool
is_stem(const struct match *m, const struct match_term *t)
{
	return t->kind == MATCH_STEM && !is_stop(m, t);
}

static json_t *
term(const struct match *m, const struct match_term *t, enum source source)
{
	bool stem = is_stem(m, t);

	return engine_clause(t->kind == MATCH_PREFIX ? "prefix" : "term",
	    stem ? engine_stems_field(source) : engine_words_field(source),
	    text(t->text, t->len));
}

/* Its words in a row: what is no leaf of a text, and may stand between two of
 * them, stands elsewhere in the field. */
static json_t *
phrase(const struct match *m, const struct match_phrase *p,
    enum source source)
{
	const char *field = engine_words_field(source);
	struct buf words = BUF_INIT;
	unsigned i;
	json_t *o;

	for (i = 0; i < p->n; i++) {
		if (i > 0)
			buf_addc(&words, ' ');
		buf_add(&words, m->word[p->at[i].word].text,
		    m->word[p->at[i].word].len);
	}
	o = p->n == 0 ? nothing() : p->n == 1 ?
	    engine_clause("term", field, text(words.p, words.len)) :
	    engine_clause("match_phrase", field,
	    text(words.p, words.len));
	buf_release(&words);
	return o;
}

/* --- properties -------------------------------------------------------- */

static json_t *
range(int64_t from, bool has_from, int64_t end, bool has_end)
{
	json_t *o = json_object();

	if (has_from)
		json_object_set_new(o, "gte", json_integer(from));
	if (has_end)
		json_object_set_new(o, "lt", json_integer(end));
	return engine_clause("range", "ts", o);
}

static const char *
field_name(enum field_kind kind)
{
	return kind == FIELD_SOURCE ? "source" : engine_value_field(kind);
}

/* "x*" is all that begins so; of a value that is very long only its own
 * beginning is there. */
static json_t *
value(enum field_kind kind, const char *v)
{
	const char *name = field_name(kind);
	struct buf b = BUF_INIT;
	size_t len = strlen(v);
	bool begins = len > 0 && v[len - 1] == '*', whole;
	json_t *o;

	indexed_value(&b, v, len - begins, &whole);
	o = begins && b.len == 0 ?
	    json_pack("{s:{s:s}}", "exists", "field", name) :
	    engine_clause(begins ? "prefix" : "term", name,
	    text(b.p, b.len));
	buf_release(&b);
	return o;
}

static json_t *
field(const struct field *f)
{
	json_t *any;
	size_t i;

	switch (f->kind) {
	case FIELD_SINCE:
		return range(f->start_ms, true, 0, false);
	case FIELD_UNTIL:
		return range(0, false, f->start_ms, true);
	case FIELD_DATE:
		return range(f->start_ms, true, f->end_ms, true);
	default:
		break;
	}
	if (f->values.n == 1)
		return value(f->kind, f->values.v[0]);
	any = json_array();
	for (i = 0; i < f->values.n; i++)
		json_array_append_new(any, value(f->kind, f->values.v[i]));
	return engine_bool("should", any);
}

/* --- groups ------------------------------------------------------------ */

static json_t *
atom(const struct query *q, const struct match_atom *a, enum source source)
{
	const struct match *m = &q->match;
	json_t *o = a->what == MATCH_TERM ? term(m, &m->term[a->i], source) :
	    a->what == MATCH_PHRASE ? phrase(m, &m->phrase[a->i], source) :
	    field(&q->field[a->i]);

	return a->not ? engine_bool("must_not", o) : o;
}

/* The stems that a group takes one of are one clause, for there may be
 * hundreds. */
static json_t *
group(const struct query *q, int g, enum source source)
{
	const struct match *m = &q->match;
	json_t *any = json_array(), *stems = json_array(), *o;
	const struct match_term *t;
	size_t i;

	for (i = 0; i < m->atoms; i++) {
		if (m->atom[i].group != g)
			continue;
		t = m->atom[i].what == MATCH_TERM ? &m->term[m->atom[i].i] :
		    NULL;
		if (t != NULL && !m->atom[i].not && is_stem(m, t))
			json_array_append_new(stems, text(t->text, t->len));
		else
			json_array_append_new(any, atom(q, &m->atom[i],
			    source));
	}
	if (json_array_size(stems) > 0)
		json_array_append_new(any, engine_clause("terms",
		    engine_stems_field(source), json_incref(stems)));
	json_decref(stems);
	if (json_array_size(any) != 1)
		return json_array_size(any) == 0 ? (json_decref(any), NULL) :
		    engine_bool("should", any);
	o = json_incref(json_array_get(any, 0));
	json_decref(any);
	return o;
}

json_t *
engine_query_filters(const struct query *q, enum source source, int but)
{
	json_t *list = json_array(), *o;
	int g;

	for (g = 0; g < q->match.groups; g++)
		if (g != but && (o = group(q, g, source)) != NULL)
			json_array_append_new(list, o);
	return list;
}

/* --- what ranks -------------------------------------------------------- */

json_t *
engine_query_terms(const struct query *q, enum source source)
{
	const struct match *m = &q->match;
	json_t *list = json_array(), *o;
	const struct match_term *t;
	size_t i;

	for (i = 0; i < m->terms; i++) {
		t = &m->term[i];
		if (t->weight <= 0)
			continue;
		o = json_pack("{s:o, s:f}", "value", text(t->text, t->len),
		    "boost", t->weight);
		if (t->kind == MATCH_PREFIX)
			json_object_set_new(o, "rewrite",
			    json_string(ENGINE_PREFIXES));
		json_array_append_new(list, engine_clause(
		    t->kind == MATCH_PREFIX ? "prefix" : "term",
		    is_stem(m, t) ? engine_stems_field(source) :
		    engine_words_field(source), o));
	}
	return list;
}
