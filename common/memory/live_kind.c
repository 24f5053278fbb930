/*
 * Whose words the bytes of a turn are: said by the user, quoted by him, or
 * of somebody else.
 */
#include "memory/live_around.h"

#include <string.h>

#define NAME_MAX_LEN 30		/* bytes of who is said to speak */

struct marking {
	const struct live_rules *rules;
	const char *p;
	size_t len;
	unsigned char *kind;
	bool fence, paste;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (unsigned char)c >= 0x80;
}

static bool
begins(const char *p, size_t n, const char *what)
{
	size_t k = strlen(what);

	return n >= k && memcmp(p, what, k) == 0;
}

/* --- quotes within a line ---------------------------------------------- */

/* Is the mark at `at` an apostrophe? */
static bool
inside_word(const struct marking *m, size_t from, size_t at, size_t to)
{
	return at > from && is_letter(m->p[at - 1]) && at + 1 < to &&
	    is_letter(m->p[at + 1]);
}

static void
mark_quotes(struct marking *m, size_t from, size_t to)
{
	static const char *const pairs[][2] = { { "\"", "\"" }, { "`", "`" },
	    { "'", "'" }, { "\xe2\x80\x9c", "\xe2\x80\x9d" },
	    { "\xe2\x80\x98", "\xe2\x80\x99" },
	    { "\xe3\x80\x8c", "\xe3\x80\x8d" },
	    { "\xe3\x80\x8e", "\xe3\x80\x8f" }, { "\xc2\xab", "\xc2\xbb" },
	    { "\xe3\x80\x8a", "\xe3\x80\x8b" } };
	const char *close = NULL;
	size_t at, i, n, start = from;

	for (at = from; at < to; at += n) {
		n = 1;
		if (close != NULL) {
			if (begins(m->p + at, to - at, close) &&
			    !(*close == '\'' && inside_word(m, from, at, to))) {
				n = strlen(close);
				memset(m->kind + start, LIVE_QUOTED,
				    at + n - start);
				close = NULL;
			}
			continue;
		}
		for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
			if (begins(m->p + at, to - at, pairs[i][0]))
				break;
		if (i == sizeof pairs / sizeof *pairs)
			continue;
		if (i == 2 && at > from && !is_blank(m->p[at - 1]) &&
		    m->p[at - 1] != '(')
			continue;
		n = strlen(pairs[i][0]);
		close = pairs[i][1];
		start = at;
	}
	/* one that is not closed; a single one may be anything */
	if (close != NULL && *close != '\'')
		memset(m->kind + start, LIVE_QUOTED, to - start);
}

/* --- lines ------------------------------------------------------------- */

/* Bytes of the colon that ends a head at `at`; 0: there is none. */
static size_t
colon(const struct marking *m, size_t at, size_t to)
{
	if (begins(m->p + at, to - at, "\xef\xbc\x9a"))
		return 3;
	return m->p[at] == ':' && (at + 1 == to || is_blank(m->p[at + 1]));
}

/*
 * "NAME: what he says", "Translate this: ..."; what stands behind a phrase
 * ("From now on: ...") is said.
 */
static void
mark_head(struct marking *m, size_t from, size_t to)
{
	struct live_text t = { m->p, m->kind, m->len };
	size_t at, n = 0, words = 1;

	for (at = from; at < to; at++) {
		if (m->kind[at] == LIVE_SAID && (n = colon(m, at, to)) > 0)
			break;
		words += m->p[at] == ' ';
	}
	if (at == to || live_lead(m->rules, &t, from, at + n, NULL) == at + n)
		return;
	if (at + n == to) {
		m->paste = true;
		memset(m->kind + from, LIVE_FOREIGN, to - from);
		return;
	}
	memset(m->kind + at, LIVE_FOREIGN, to - at);
	if (words <= 3 && at - from <= NAME_MAX_LEN)
		memset(m->kind + from, LIVE_FOREIGN, at - from);
}

/* Where the element ends that begins at `at`; its line, if it has no end. */
static size_t
element(const struct marking *m, size_t at, size_t to)
{
	size_t n = 1, k, i;

	while (at + n < to && (is_letter(m->p[at + n]) ||
	    m->p[at + n] == '-'))
		n++;
	for (i = at + n; n > 1 && i + n + 2 <= m->len; i++)
		if (m->p[i] == '<' && m->p[i + 1] == '/' &&
		    memcmp(m->p + i + 2, m->p + at + 1, n - 1) == 0) {
			for (k = i; k < m->len && m->p[k] != '\n'; k++)
				;
			return k;
		}
	return to;
}

static bool
is_foreign(const char *p, size_t n)
{
	static const char *const marks[] = { ">", "|", "$ ", "% ", "#!", "[",
	    "@@", "+++", "---", "diff ", "at ", "\xef\xbc\x9e", "//", "/*",
	    "* @" };
	size_t i;

	for (i = 0; i < sizeof marks / sizeof *marks; i++)
		if (begins(p, n, marks[i]))
			return true;
	return false;
}

/* A line; where the next one may begin. */
static size_t
mark_line(struct marking *m, size_t from, size_t to)
{
	size_t at = from, end = to;

	while (at < to && is_blank(m->p[at]))
		at++;
	while (end > at && is_blank(m->p[end - 1]))
		end--;
	if (begins(m->p + at, end - at, "```") ||
	    begins(m->p + at, end - at, "~~~")) {
		m->fence = !m->fence;
		memset(m->kind + from, LIVE_FOREIGN, to - from);
		return to;
	}
	if (at + 1 < end && m->p[at] == '<' && (is_letter(m->p[at + 1]) ||
	    m->p[at + 1] == '/'))
		to = end = element(m, at, to);
	if (m->fence || m->paste || at - from >= 4 || m->p[from] == '\t' ||
	    (at < end && m->p[at] == '<') ||
	    is_foreign(m->p + at, end - at)) {
		memset(m->kind + from, LIVE_FOREIGN, to - from);
		return to;
	}
	mark_quotes(m, at, end);
	mark_head(m, at, end);
	return to;
}

void
live_kinds(const struct live_rules *rules, const char *p, size_t len,
    unsigned char *kind)
{
	struct marking m = { .rules = rules, .p = p, .len = len,
	    .kind = kind };
	size_t at, end;
	const char *nl;

	memset(kind, LIVE_SAID, len);
	for (at = 0; at < len; at = end + 1) {
		nl = memchr(p + at, '\n', len - at);
		end = nl != NULL ? (size_t)(nl - p) : len;
		if (end > at)
			end = mark_line(&m, at, end);
	}
}
