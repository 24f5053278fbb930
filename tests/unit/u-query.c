/*
 * Queries, written as what they ask for: groups between "&", alternatives
 * between "|", "!" for not; a stem, a beginning*, a "phrase", a field:value.
 * Terms that only rank stand behind ";" with their weights if not 1.
 */
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "search/query.h"
#include "tap.h"

#include <stdlib.h>

#define NOW INT64_C(1795176000000)	/* 2026-11-20T12:00:00Z */

static bool
is_atom(const struct match *m, size_t term)
{
	size_t i;

	for (i = 0; i < m->atoms; i++)
		if (m->atom[i].what == MATCH_TERM &&
		    m->atom[i].i == (int)term)
			return true;
	return false;
}

static void
put_term(struct buf *b, const struct match_term *t)
{
	buf_add(b, t->text, t->len);
	if (t->kind == MATCH_PREFIX)
		buf_addc(b, '*');
	if (t->weight != 1 && t->weight != 0)
		buf_addf(b, "^%g", t->weight);
}

static void
put_field(struct buf *b, const struct field *f)
{
	size_t i;

	buf_addf(b, "%s:", field_names[f->kind]);
	if (f->values.n == 0)
		buf_addf(b, "%lld", (long long)((f->start_ms - NOW) / 60000));
	for (i = 0; i < f->values.n; i++)
		buf_addf(b, "%s%s", i > 0 ? "," : "", f->values.v[i]);
}

static void
put_phrase(struct buf *b, const struct match *m, const struct match_phrase *p)
{
	unsigned i;

	buf_addc(b, '"');
	for (i = 0; i < p->n; i++) {
		buf_addf(b, "%s", i > 0 ? " " : "");
		buf_adds(b, m->word[p->at[i].word].text);
	}
	buf_addc(b, '"');
}

static const char *
shape(const struct query *q)
{
	static struct buf b = BUF_INIT;
	const struct match *m = &q->match;
	const struct match_atom *a;
	size_t i;
	bool first = true;

	buf_reset(&b);
	for (i = 0; i < m->atoms; i++) {
		a = &m->atom[i];
		if (i > 0)
			buf_adds(&b, a[-1].group == a->group ? " | " : " & ");
		if (a->not)
			buf_addc(&b, '!');
		if (a->what == MATCH_TERM)
			put_term(&b, &m->term[a->i]);
		else if (a->what == MATCH_PHRASE)
			put_phrase(&b, m, &m->phrase[a->i]);
		else
			put_field(&b, &q->field[a->i]);
	}
	for (i = 0; i < m->terms; i++) {
		if (is_atom(m, i))
			continue;
		buf_adds(&b, first ? " ; " : " ");
		first = false;
		put_term(&b, &m->term[i]);
	}
	return b.p;
}

static void
asks(const char *text, const char *want, size_t notes)
{
	struct query q;
	size_t i;

	query_parse(&q, NULL, text, strlen(text), NOW);
	query_ready(&q);
	is_str(shape(&q), want, "%s", text);
	if (!ok(q.notes.n == notes, "  with %zu notes", notes))
		for (i = 0; i < q.notes.n; i++)
			printf("# %s\n", q.notes.v[i]);
	ok(q.nothing == (*want == '\0'), "  asks for something");
	query_release(&q);
}

static void
words(void)
{
	asks("jwt refresh tokens", "jwt | refresh | token", 0);
	asks("jwt JWT jwt", "jwt", 0);
	asks("what is the token", "token", 0);
	asks("to be or not", "to | be | or | not", 0);
	asks("the", "the", 0);
	asks("the role:user", "the & role:user", 0);
	asks("the \"a b\"", "\"a b\" ; b", 0);
	asks("", "", 0);
	asks(" \t ", "", 0);
	asks("?!...", "", 1);
	asks("deploy* ab*c", "deploy* | ab | c", 0);
	asks("max_ret*", "max_ret*", 0);
	asks("caf\xc3\xa9*", "cafe*", 0);
	asks("\xe6\x95\xb0\xe6\x8d\xae\xe5\xba\x93 \xe5\xba\x93",
	    "\xe6\x95\xb0\xe6\x8d\xae | \xe6\x8d\xae\xe5\xba\x93 | "
	    "\xe5\xba\x93*", 0);
	asks("a\xc2\xa0token\xe3\x80\x80x", "token | x", 0);
}

static void
compounds(void)
{
	asks("getUserName", "getusernam | get^0.5 | user^0.5 | name^0.5 | "
	    "\"get user name\"", 0);
	asks("v1.2", "v1.2 | v1 | \"v 1 2\" ; v^0.5 1^0.5 2^0.5", 0);
	asks("c++", "c++ ; c^0.5", 0);
	asks("+c++", "c++", 0);
	asks("+foo_bar", "\"foo bar\" ; foo_bar foo^0.5 bar^0.5", 0);
	asks("-foo_bar x", "x & !\"foo bar\"", 0);
	asks("std::vector", "std::vector | std^0.5 | vector^0.5 | "
	    "\"std vector\"", 0);
}

static void
operators(void)
{
	asks("\"refresh tokens\"", "\"refresh tokens\" ; refresh token", 0);
	asks("\xe2\x80\x9crefresh token\xe2\x80\x9d x",
	    "x & \"refresh token\" ; refresh token", 0);
	asks("\"the who\"", "\"the who\" ; the who", 0);
	asks("\"\" x", "x", 0);
	asks("x \"b c", "x & \"b c\" ; b c", 1);
	asks("5\" disk", "5 | disk", 0);
	asks("(\"b c\")", "\"b c\" ; b c", 0);
	asks("x -token", "x & !token", 0);
	asks("-token", "!token", 0);
	asks("x -\"b c\"", "x & !\"b c\"", 0);
	asks("x -dep*", "x & !dep*", 0);
	asks("x +token", "x & token", 0);
	asks("x +dep*", "x & dep*", 0);
	asks("redis OR memcached x", "x & redi | memcach", 0);
	asks("\"b c\" OR d", "\"b c\" | d ; b c", 0);
	asks("b OR c OR -d", "b | c | !d", 0);
	asks("b OR role:user", "b | role:user", 0);
	asks("OR x", "x", 1);
	asks("x OR", "x", 1);
	asks("x OR OR y", "x | y", 1);
	asks("x or y", "x | y", 0);
	asks("x AND y", "x | y", 1);
	asks("x NOT y", "x | y", 1);
	asks("x - y + z", "x | y | z", 2);
	asks("x * y", "x | y", 1);
	asks("--flag -- x", "flag | x", 0);
	asks("well-known -known", "well-known | well^0.5 | known^0.5 | "
	    "\"well known\" & !known^0.5", 0);
}

static void
fields(void)
{
	asks("role:user x", "x & role:user", 0);
	asks("ROLE:User x", "x & role:User", 0);
	asks("role:user role:tool x", "x & role:user,tool", 0);
	asks("role:user,tool x", "x & role:user,tool", 0);
	asks("tag:a tag:b", "tag:a & tag:b", 0);
	asks("tag:\"a b, c\" x", "x & tag:a b, c", 0);
	asks("-role:tool -role:system x", "x & !role:tool & !role:system", 0);
	asks("session:s-1 agent:claude* author:j kb:bugs status:open id:7 "
	    "source:kb type:bug_record user:t source_id:9",
	    "session:s-1 & agent:claude* & author:j & kb:bugs & status:open & "
	    "id:7 & source:kb & type:bug_record & user:t & source_id:9", 0);
	asks("since:2026-11-20", "since:-720", 0);
	asks("since:\"3 days ago\" until:yesterday date:2026-11",
	    "since:-4320 & until:-2160 & date:-28080", 0);
	asks("role:boss x", "role:boss | role^0.5 | boss^0.5 | "
	    "\"role boss\" | x", 1);
	asks("since:never", "since:never | sinc^0.5 | never^0.5 | "
	    "\"since never\"", 1);
	asks("since: x", "sinc | x", 1);
	asks("tag:,, x", "tag | x", 1);
	asks("source:session", "source:session | sourc^0.5 | session^0.5 | "
	    "\"source session\"", 1);
	asks("foo:bar", "foo:bar | foo^0.5 | bar^0.5 | \"foo bar\"", 1);
	asks("note: x", "note | x", 0);
	asks("http://x.org 10:30 a:b", "http://x.org | http^0.5 | org^0.5 | "
	    "\"http x org\" | 10:30 | 10^0.5 | 30^0.5 | \"10 30\" | a:b | "
	    "\"a b\" ; x^0.5 b^0.5", 0);
	asks("tag:\"open", "tag:open", 1);
}

static void
options(void)
{
	struct strv v = STRV_INIT;
	struct query q;
	struct err e;

	query_parse(&q, NULL, "x role:user", 11, NOW);
	strv_add(&v, "assistant");
	ok(query_where(&q, FIELD_ROLE, &v, &e) == 0, "an option");
	query_when(&q, DATE_MIN, DATE_MAX + 1);
	query_when(&q, NOW, DATE_MAX + 1);
	query_ready(&q);
	is_str(shape(&q), "x & role:user & role:assistant & date:0",
	    "options must hold besides the query");
	query_release(&q);
	query_parse(&q, NULL, "x", 1, NOW);
	strv_add(&v, "boss");
	ok(query_where(&q, FIELD_ROLE, &v, &e) == -1 && e.code == ERR_USAGE,
	    "a role that there is not");
	query_release(&q);
	query_parse(&q, NULL, "", 0, NOW);
	v.n = 1;
	query_where(&q, FIELD_ROLE, &v, &e);
	query_ready(&q);
	ok(!q.nothing, "an option alone asks for something");
	query_release(&q);
	v.n = 2;
	strv_release(&v);
	query_parse(&q, NULL, "x level:Day,week source:toc,grip", 32, NOW);
	query_ready(&q);
	is_str(shape(&q), "x & level:Day,week & source:toc,grip",
	    "contents have levels");
	query_release(&q);
	query_parse(&q, NULL, "x", 1, NOW);
	strv_add(&v, "hour");
	ok(query_where(&q, FIELD_LEVEL, &v, &e) == -1 && e.code == ERR_USAGE,
	    "a level that there is not");
	query_release(&q);
	strv_release(&v);
}

static void
all_words(void)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "deploy failed", "deploy & fail" },
		{ "why is the deploy failing", "deploy & fail" },
		{ "the", "the" }, { "to be", "to & be" },
		{ "max_ret* x", "max_ret* & x" },
		{ "deploy -redis kb:bugs \"b c\"",
		    "deploy & !redi & kb:bugs & \"b c\" ; b c" },
		{ "a1 OR b1 c1", "a1 | b1 & c1" }, { "", "" },
	};
	struct query q;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		query_parse_all(&q, NULL, t[i].text, strlen(t[i].text), NOW);
		query_ready(&q);
		is_str(shape(&q), t[i].want, "all of: %s", t[i].text);
		query_release(&q);
	}
	query_parse(&q, NULL, "x", 1, NOW);
	query_as_of(&q, NOW);
	query_ready(&q);
	is_str(shape(&q), "x & source:kb,toc,grip,fact,document | until:0",
	    "events of then");
	query_release(&q);
}

static void
relaxed(void)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "x \"b c\"", "x | \"b c\" ; b c" },
		{ "x \"b c\" role:user \"d e\"",
		    "x | \"b c\" | \"d e\" & role:user ; b c d e" },
		{ "\"b c\"", NULL }, { "the \"b c\"", NULL },
		{ "x +\"b c\"", NULL }, { "x -\"b c\"", NULL },
		{ "x \"b c\" OR \"d e\"", NULL }, { "x", NULL },
	};
	struct query q;
	size_t i;
	int r;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		query_parse(&q, NULL, t[i].text, strlen(t[i].text), NOW);
		query_ready(&q);
		r = query_relax(&q, 0);
		ok(r == (t[i].want != NULL) && q.notes.n == (size_t)r,
		    "%s can%s be relaxed", t[i].text, r ? "" : "not");
		if (t[i].want != NULL)
			is_str(shape(&q), t[i].want, "%s, relaxed", t[i].text);
		ok(query_relax(&q, 0) == 0, "  and not twice");
		query_release(&q);
	}
}

/* Whatever comes: an answer, in bounded time and memory. */
static void
hostile(void)
{
	struct buf b = BUF_INIT;
	struct query q;
	int i;

	for (i = 0; i < 100000; i++)
		buf_addf(&b, "w%d ", i);
	query_parse(&q, NULL, b.p, b.len, NOW);
	query_ready(&q);
	ok(q.match.terms == MATCH_TERMS && q.notes.n == 2,
	    "100,000 words: the first are used");
	query_release(&q);
	buf_reset(&b);
	for (i = 0; i < 100000; i++)
		buf_addf(&b, "a%d,", i % 7);
	query_parse(&q, NULL, b.p, b.len, NOW);
	query_ready(&q);
	ok(q.match.atoms < 20, "one chunk of 100,000 words");
	query_release(&q);
	buf_reset(&b);
	buf_addc(&b, '"');
	for (i = 0; i < 100000; i++)
		buf_addf(&b, "p%d ", i % 90);
	query_parse(&q, NULL, b.p, b.len, NOW);
	query_ready(&q);
	ok(q.match.phrases == 1 && q.match.phrase[0].n == MATCH_PHRASE_WORDS,
	    "a phrase of 100,000 words");
	query_release(&q);
	buf_reset(&b);
	for (i = 0; i < 2000; i++)
		buf_adds(&b, "\"a b\" -\"c\" tag:x,y ");
	query_parse(&q, NULL, b.p, b.len, NOW);
	query_ready(&q);
	ok(q.match.phrases <= MATCH_PHRASES, "6,000 phrases and fields");
	query_release(&q);
	query_parse(&q, NULL, "\"\xe2\x80\x8f\0-\xff\xfe:\"*OR", 13, NOW);
	query_ready(&q);
	ok(1, "bytes that are no text");
	query_release(&q);
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	words();
	compounds();
	operators();
	fields();
	options();
	all_words();
	relaxed();
	hostile();
	return done();
}
