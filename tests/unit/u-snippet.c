#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "search/query.h"
#include "search/snippet.h"
#include "tap.h"

#include <stdlib.h>

static struct tokens ts;

static const char *
snippet(const char *query, const char *const *piece, size_t n)
{
	static struct buf b = BUF_INIT;
	struct doc_piece room[4];
	struct doc d = { .piece = room, .pieces = n };
	struct query q;
	double worth[64];
	size_t i;

	for (i = 0; i < n; i++)
		room[i] = (struct doc_piece){ piece[i], strlen(piece[i]), 1,
		    false };
	for (i = 0; i < 64; i++)
		worth[i] = 1;
	buf_reset(&b);
	query_parse(&q, NULL, query, strlen(query), 0);
	query_ready(&q);
	snippet_add(&b, &d, &q.match, worth, &ts);
	query_release(&q);
	return b.p;
}

static void
is_snippet(const char *query, const char *text, const char *want)
{
	is_str(snippet(query, &text, 1), want, "%s", query);
}

static void
marks(void)
{
	is_snippet("token", "The tokens of a token", "The **tokens** of a "
	    "**token**");
	is_snippet("token", "nothing", "nothing");
	is_snippet("the", "", "");
	is_snippet("\"refresh token\"", "refresh it; a refresh token",
	    "refresh it; a **refresh token**");
	is_snippet("user", "getUserName()", "get**User**Name()");
	is_snippet("getUserName", "call getUserName()",
	    "call **getUserName**()");
	is_snippet("jwt.c", "in src/jwt.c.", "in src/**jwt.c**.");
	is_snippet("dep*", "depth, deploy", "**depth**, **deploy**");
	is_snippet("\xe6\x95\xb0\xe6\x8d\xae\xe5\xba\x93",
	    "a\xe6\x95\xb0\xe6\x8d\xae\xe5\xba\x93" "b",
	    "a**\xe6\x95\xb0\xe6\x8d\xae\xe5\xba\x93**b");
	is_snippet("b", "  a \n\n\t b\x01\x02 c  ", "a **b** c");
	is_snippet("-c a", "a c", "**a** c");
	is_snippet("redis", "**Decision:** *drop* **redis**, a ** b",
	    "Decision: *drop* **redis**, a b");
	is_snippet("redis", "*redis* ***", "**redis**");
	is_snippet("caf\xc3\xa9", "Caf\xc3\xa9!", "**Caf\xc3\xa9**!");
}

/* Text of n words with one or more put in. */
static char *
long_text(size_t n, size_t at, const char *what)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		buf_addf(&b, "%s ", i == at ? what : "f\xc3\xbcller");
	return buf_steal(&b);
}

static void
windows(void)
{
	const char *piece[2];
	char *text;
	size_t at;
	int bad = 0;
	const char *s;

	for (at = 0; at < 400; at += 7) {
		text = long_text(400, at, "needle");
		piece[0] = text;
		s = snippet("needle", piece, 1);
		bad += strstr(s, "**needle**") == NULL ||
		    strlen(s) > SNIPPET_BYTES + 10 || strlen(s) < 150 ||
		    utf8_check(s, strlen(s)) != strlen(s);
		free(text);
	}
	ok(bad == 0, "a word anywhere is shown, with its neighbourhood");
	text = long_text(400, 200, "red red red one two red red");
	piece[0] = text;
	s = snippet("red one two", piece, 1);
	ok(strstr(s, "**one** **two**") != NULL, "many words beat one");
	free(text);
	piece[0] = "red only";
	piece[1] = "red and blue";
	is_str(snippet("red blue", piece, 2), "**red** and **blue**",
	    "the piece that has more");
	is_str(snippet("red", piece, 2), "**red** only",
	    "the first of equal ones");
	is_str(snippet("absent", piece, 2), "red only",
	    "without a match the beginning");
	text = malloc(100001);
	memset(text, 'x', 100000);
	text[100000] = '\0';
	piece[0] = text;
	s = snippet("x", piece, 1);
	ok(strlen(s) < SNIPPET_BYTES + 10, "one long word is cut");
	memcpy(text + 50000, " y ", 3);
	s = snippet("y", piece, 1);
	ok(strstr(s, " **y** ") && strlen(s) < SNIPPET_BYTES + 20,
	    "between two long words");
	free(text);
}

/* What is shown of a text in so many bytes. */
static const char *
cut(const char *query, const char *text, size_t bytes, int whole)
{
	static struct buf b = BUF_INIT;
	struct query q;
	double worth[64];
	size_t i;

	for (i = 0; i < 64; i++)
		worth[i] = 1;
	buf_reset(&b);
	query_parse(&q, NULL, query, strlen(query), 0);
	query_ready(&q);
	ok(snippet_cut(&b, text, strlen(text), bytes, &q.match, worth, &ts) ==
	    whole, "whole or not, in %zu bytes", bytes);
	query_release(&q);
	return b.p;
}

static void
cuts(void)
{
	char *text = long_text(400, 200, "red **blue** red");
	size_t bytes;
	const char *s;
	int bad = 0;

	is_str(cut("b", " a  *b*\n\nc ", 9, 1), "a *b* c", "on one line");
	is_str(cut("b", "", 9, 1), "", "nothing");
	is_str(cut("b", "more than that", 6, 0), "", "next to no room");
	for (bytes = 20; bytes < strlen(text); bytes += 7) {
		s = cut("blue", text, bytes, 0);
		bad += strlen(s) > bytes || strstr(s, "blue") == NULL ||
		    utf8_check(s, strlen(s)) != strlen(s);
	}
	ok(bad == 0, "never more, with the match, and no character is cut");
	s = cut("blue", text, 100, 0);
	ok(strncmp(s, "...", 3) == 0 && strcmp(s + strlen(s) - 3, "...") == 0 &&
	    strstr(s, "red **blue** red") != NULL, "its own stars stay");
	free(text);
}

int
main(void)
{
	json_setup();
	tokens_init(&ts, NULL);
	marks();
	windows();
	cuts();
	tokens_release(&ts);
	return done();
}
