#include "base/alloc.h"
#include "graph/name.h"
#include "tap.h"

#include <stdlib.h>

/* The kind of a word by its form, and what is left of it. */
static const char *
form(const char *word, bool call)
{
	static char said[256];
	enum graph_kind kind;
	size_t len = strlen(word);

	if (!graph_name_form(word, &len, call, &kind))
		return "none";
	snprintf(said, sizeof said, "%s %.*s", graph_kinds[kind], (int)len,
	    word);
	return said;
}

static void
forms(void)
{
	static const char *const words[][2] = {
	    { "getUserName", "identifier getUserName" },
	    { "max_retries", "identifier max_retries" },
	    { "auth.TokenStore", "identifier auth.TokenStore" },
	    { "Class::method", "identifier Class::method" },
	    { "p->next", "identifier p->next" },
	    { "e.g", "none" }, { "i.e", "none" }, { "word", "none" },
	    { "Word", "none" }, { "it's", "none" }, { "and/or", "none" },
	    { "src/auth/jwt.c:12", "file src/auth/jwt.c" },
	    { "jwt.c", "file jwt.c" }, { "/etc/hosts", "file /etc/hosts" },
	    { "./a.sh", "file ./a.sh" }, { "1/2", "none" },
	    { "FN-118", "issue FN-118" }, { "#12", "issue #12" },
	    { "CVE-2024-12345", "issue CVE-2024-12345" },
	    { "UTF-8", "none" }, { "SHA-256", "none" }, { "#", "none" },
	    { "#1a", "none" }, { "GH-1", "issue GH-1" },
	    { "v1.4.2", "version v1.4.2" }, { "1.4.2", "version 1.4.2" },
	    { "1.4", "none" }, { "v2", "version v2" },
	    { "1.4.2-rc.1", "version 1.4.2-rc.1" },
	    { "10.0.0.1", "none" }, { "2026-11-20", "none" },
	    { "bob@example.com", "email bob@example.com" },
	    { "bob@example", "none" }, { "@bob", "none" },
	    { "wiki.example.com", "host wiki.example.com" },
	    { "https://a.b/c?d=1", "url https://a.b/c?d=1" },
	    { "auth-service", "service auth-service" },
	    { "well-known", "none" } };
	char *p = xcalloc(1, GRAPH_NAME_MAX + 8);
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		is_str(form(words[i][0], false), words[i][1], words[i][0]);
	is_str(form("refresh", false), "none", "a word");
	is_str(form("refresh", true), "identifier refresh", "a call");
	memset(p, 'a', GRAPH_NAME_MAX + 1);
	p[3] = '_';
	is_str(form(p, false), "none", "too long");
	free(p);
}

static const char *
key(enum graph_kind kind, const char *name)
{
	static struct buf b = BUF_INIT;

	graph_name_key(&b, kind, name, strlen(name));
	return b.p;
}

static void
keys(void)
{
	is_str(key(GRAPH_NAME, "REDIS"), "redis", "case");
	is_str(key(GRAPH_NAME, "\xc3\x89tude"), "etude", "accents");
	is_str(key(GRAPH_TERM, "tokens"), "token", "plural");
	is_str(key(GRAPH_TERM, "queries"), "query", "-ies");
	is_str(key(GRAPH_TERM, "boxes"), "box", "-xes");
	is_str(key(GRAPH_TERM, "status"), "status", "-us stays");
	is_str(key(GRAPH_TERM, "class"), "class", "-ss stays");
	is_str(key(GRAPH_IDENT, "auth::TokenStore"), "auth.tokenstore", "::");
	is_str(key(GRAPH_IDENT, "p->next"), "p.next", "->");
	is_str(key(GRAPH_IDENT, "max_retries"), "maxretries", "_");
	is_str(key(GRAPH_FILE, "./src/"), "src", "of a path");
	is_str(key(GRAPH_SERVICE, "Auth Service"), "auth-service", "service");
	is_str(key(GRAPH_SERVICE, "auth-services"), "auth-service", "more");
	is_str(graph_name_tail(GRAPH_IDENT, "auth.tokenstore"), "tokenstore",
	    "tail");
	is_str(graph_name_tail(GRAPH_FILE, "src/jwt.c"), "jwt.c", "of a path");
	ok(graph_name_tail(GRAPH_IDENT, "auth") == NULL &&
	    graph_name_tail(GRAPH_IDENT, "auth.") == NULL &&
	    graph_name_tail(GRAPH_NAME, "a.b") == NULL, "none");
}

int
main(void)
{
	forms();
	keys();
	return done();
}
