/*
 * Queries in the language of a search engine: each form of the query language
 * as the filters and the ranking clauses that it becomes, compared as JSON.
 */
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "engine/access.h"
#include "engine/query.h"
#include "search/query.h"
#include "tap.h"

#include <stdlib.h>

#define NOW INT64_C(1795176000000)	/* 2026-11-20T12:00:00Z */

static char *
text_of(json_t *o)
{
	struct buf b = BUF_INIT;

	json_sorted(&b, o);
	json_decref(o);
	return buf_steal(&b);
}

/* want: with ' for " */
static char *
quoted(const char *want)
{
	char *s = strdup(want), *p;

	for (p = s; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return s;
}

static void
same(json_t *got, const char *want, const char *what, const char *of)
{
	char *g = text_of(got), *w = quoted(want);

	is_str(g, w, "%s: %s", of, what);
	free(g);
	free(w);
}

static void
asks(enum source source, const char *text, const char *filters,
    const char *terms)
{
	struct query q;

	query_parse(&q, NULL, text, strlen(text), NOW);
	query_ready(&q);
	same(engine_query_filters(&q, source, -1), filters, "filters", text);
	same(engine_query_terms(&q, source), terms, "ranks", text);
	query_release(&q);
}

static void
words(void)
{
	asks(SOURCE_EVENT, "refresh tokens",
	    "[{'terms':{'s_event':['refresh','token']}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'refresh'}}},"
	    "{'term':{'s_event':{'boost':1.0,'value':'token'}}}]");
	/* of each source its own fields */
	asks(SOURCE_OWN, "token", "[{'terms':{'s_fact':['token']}}]",
	    "[{'term':{'s_fact':{'boost':1.0,'value':'token'}}}]");
	asks(SOURCE_KB, "tok*", "[{'prefix':{'w_kb':'tok'}}]",
	    "[{'prefix':{'w_kb':{'boost':1.0,'rewrite':"
	    "'top_terms_blended_freqs_64','value':'tok'}}}]");
	/* words that tell nothing are not among the stems */
	asks(SOURCE_EVENT, "the", "[{'term':{'w_event':'the'}}]",
	    "[{'term':{'w_event':{'boost':1.0,'value':'the'}}}]");
	asks(SOURCE_EVENT, "the token", "[{'terms':{'s_event':['token']}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'token'}}}]");
	asks(SOURCE_EVENT, "", "[]", "[]");
}

static void
operators(void)
{
	asks(SOURCE_EVENT, "token -jwt",
	    "[{'terms':{'s_event':['token']}},"
	    "{'bool':{'must_not':{'term':{'s_event':'jwt'}}}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'token'}}}]");
	asks(SOURCE_EVENT, "+token +jwt",
	    "[{'terms':{'s_event':['token']}},{'terms':{'s_event':['jwt']}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'token'}}},"
	    "{'term':{'s_event':{'boost':1.0,'value':'jwt'}}}]");
	asks(SOURCE_EVENT, "token OR -jwt",
	    "[{'bool':{'minimum_should_match':1,'should':["
	    "{'bool':{'must_not':{'term':{'s_event':'jwt'}}}},"
	    "{'terms':{'s_event':['token']}}]}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'token'}}}]");
	asks(SOURCE_EVENT, "\"refresh token\"",
	    "[{'match_phrase':{'w_event':'refresh token'}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'refresh'}}},"
	    "{'term':{'s_event':{'boost':1.0,'value':'token'}}}]");
	asks(SOURCE_EVENT, "\"tokens\"", "[{'term':{'w_event':'tokens'}}]",
	    "[{'term':{'s_event':{'boost':1.0,'value':'token'}}}]");
}

static void
compounds(void)
{
	struct query q;
	char *s;

	query_parse(&q, NULL, "src/jwt.c", 9, NOW);
	query_ready(&q);
	s = text_of(engine_query_filters(&q, SOURCE_EVENT, -1));
	ok(strstr(s, "\"match_phrase\":{\"w_event\":\"src jwt c\"}") != NULL,
	    "its parts in a row: %s", s);
	ok(strstr(s, "\"src/jwt.c\"") != NULL, "or the whole");
	free(s);
	query_release(&q);
}

static void
fields(void)
{
	asks(SOURCE_EVENT, "role:user", "[{'term':{'f.role':'user'}}]", "[]");
	asks(SOURCE_EVENT, "-role:USER",
	    "[{'bool':{'must_not':{'term':{'f.role':'user'}}}}]", "[]");
	asks(SOURCE_EVENT, "agent:a,B",
	    "[{'bool':{'minimum_should_match':1,'should':["
	    "{'term':{'f.agent':'a'}},{'term':{'f.agent':'b'}}]}}]", "[]");
	asks(SOURCE_EVENT, "session:Ab*",
	    "[{'prefix':{'f.session':'ab'}}]", "[]");
	asks(SOURCE_EVENT, "tag:*", "[{'exists':{'field':'f.tag'}}]", "[]");
	asks(SOURCE_EVENT, "source:fact", "[{'term':{'source':'fact'}}]",
	    "[]");
	asks(SOURCE_EVENT, "id:X", "[{'term':{'f.id':'x'}}]", "[]");
	asks(SOURCE_EVENT, "since:2026-11-01T00:00:00Z",
	    "[{'range':{'ts':{'gte':1793491200000}}}]", "[]");
	asks(SOURCE_EVENT, "until:2026-11-01T00:00:00Z",
	    "[{'range':{'ts':{'lt':1793491200000}}}]", "[]");
}

static void
relaxed(void)
{
	struct query q;
	const char *text = "cache \"refresh token\"";

	query_parse(&q, NULL, text, strlen(text), NOW);
	query_ready(&q);
	same(engine_query_filters(&q, SOURCE_EVENT, -1),
	    "[{'terms':{'s_event':['cach']}},"
	    "{'match_phrase':{'w_event':'refresh token'}}]", "both", text);
	same(engine_query_filters(&q, SOURCE_EVENT, q.plain),
	    "[{'match_phrase':{'w_event':'refresh token'}}]",
	    "all but the words", text);
	ok(query_relax(&q, 0), "there is too little");
	same(engine_query_filters(&q, SOURCE_EVENT, -1),
	    "[{'bool':{'minimum_should_match':1,'should':["
	    "{'match_phrase':{'w_event':'refresh token'}},"
	    "{'terms':{'s_event':['cach']}}]}}]", "either", text);
	query_release(&q);
}

/* --- what a document says of itself ------------------------------------ */

static int
reads(enum source source, const char *json)
{
	struct engine_found d;
	struct err e;
	char *s = quoted(json);
	json_t *o = json_read(s, strlen(s), &e);
	int r = engine_found_read(&d, source, o);

	json_decref(o);
	free(s);
	return r;
}

static void
documents(void)
{
	ok(reads(SOURCE_EVENT, "{'source':'event','user':'u','session':'s',"
	    "'id':'x','ts':1}") == 1, "an event");
	ok(reads(SOURCE_EVENT, "{'source':'event','user':'u','session':'s',"
	    "'id':'x','ts':1,'gone':true}") == 0, "that is gone");
	ok(reads(SOURCE_EVENT, "{'source':'event','session':'s',"
	    "'id':'x','ts':1}") == 0, "of nobody");
	ok(reads(SOURCE_EVENT, "{'source':'event','user':'u',"
	    "'id':'x','ts':1}") == 0, "of no session");
	ok(reads(SOURCE_EVENT, "{'source':'event','user':'u','session':'s',"
	    "'id':'x'}") == 0, "of no time");
	ok(reads(SOURCE_EVENT, "{'source':'event','user':['u'],'session':"
	    "'s','id':'x','ts':1}") == 0, "of a list of users");
	ok(reads(SOURCE_EVENT, "{'source':'event','user':'u\\u0000v',"
	    "'session':'s','id':'x','ts':1}") == 0, "a name with a NUL");
	ok(reads(SOURCE_EVENT, "{'source':'event','user':'u','session':'s',"
	    "'id':'x','ts':'1'}") == 0, "a time that is text");
	ok(reads(SOURCE_EVENT, "{'source':'kb','id':'x','within':'k'}") == 0,
	    "of another source");
	ok(reads(SOURCE_KB, "{'source':'kb','id':'x','within':'k'}") == 1,
	    "a row");
	ok(reads(SOURCE_KB, "{'source':'kb','id':'x','within':'k',"
	    "'user':'u'}") == 0, "of somebody");
	ok(reads(SOURCE_TOC, "{'source':'toc','user':'u','id':'x','ts':5,"
	    "'end':4}") == 0, "a node that ends before it begins");
	ok(reads(SOURCE_FACT, "{'source':'fact','id':'x'}") == 1,
	    "a fact of the tenant");
	ok(reads(SOURCE_FACT, "[]") == 0, "a list");
}

int
main(void)
{
	json_setup();
	words();
	operators();
	compounds();
	fields();
	relaxed();
	documents();
	return done();
}
