/*
 * Whose words the bytes of a turn are: said by the user, quoted by him, or
 * of somebody else.
 */
#include "ltm/live_around.h"

#include <string.h>

#define NAME_MAX_LEN 30		/* bytes of who is said to speak, or of a
				   title */
#define TITLE_WORDS 5

struct marking {
	const struct live_rules *rules;
	const char *p;
	size_t len;
	unsigned char *kind;
	bool fence;		/* in a block of code */
	bool paste;		/* all that follows was written elsewhere */
	bool speaker;		/* the paragraph is somebody else's */
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

static bool
is_end(char c)
{
	return c == '.' || c == '!' || c == '?';
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
		/* "Right. From now on: ..." */
		if (m->p[at] == ' ' && at > from + 3 && is_end(m->p[at - 1])) {
			from = at + 1;
			words = 1;
		}
	}
	if (at == to || live_lead(m->rules, &t, from, at + n, NULL) == at + n)
		return;
	if (at + n == to) {
		m->paste = true;
		memset(m->kind + from, LIVE_FOREIGN, to - from);
		return;
	}
	memset(m->kind + at, LIVE_FOREIGN, to - at);
	if (words > 3 || at - from > NAME_MAX_LEN)
		return;
	/* two heads in a row are those of a letter, or a conversation */
	memset(m->kind + from, LIVE_FOREIGN, at - from);
	m->paste = m->speaker;
	m->speaker = true;
}

static bool
ends(const char *p, size_t n, const char *const *marks)
{
	size_t k;

	for (; *marks != NULL; marks++) {
		k = strlen(*marks);
		if (n >= k && memcmp(p + n - k, *marks, k) == 0)
			return true;
	}
	return false;
}

/*
 * A short line above others is the title of a text, or who a letter is to
 * ("Dear Ann,"); what the user says himself ends in a mark, or is the last.
 */
static bool
is_title(const struct marking *m, size_t from, size_t to)
{
	static const char *const commas[] = { ",", "\xef\xbc\x8c", NULL };
	static const char *const stops[] = { ".", "!", "?", ":", ";", ")",
	    "\xe3\x80\x82", "\xef\xbc\x81", "\xef\xbc\x9f",
	    "\xef\xbc\x9a", "\xe2\x80\xa6", NULL };
	struct live_text t = { m->p, m->kind, m->len };
	const char *p = m->p + from;
	size_t n = to - from, words = 1, i;

	for (i = 0; i < n; i++)
		words += is_blank(p[i]);
	for (i = to; i < m->len && (is_blank(m->p[i]) || m->p[i] == '\n'); i++)
		;
	if (i == m->len || words > TITLE_WORDS || n > NAME_MAX_LEN ||
	    (*p >= 'a' && *p <= 'z') ||
	    live_lead(m->rules, &t, from, to, NULL) == to)
		return false;
	return ends(p, n, commas) || !ends(p, n, stops);
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

/* An item of a list: bytes of its mark. */
static size_t
item_mark(const char *p, size_t n)
{
	size_t i = 0;

	if (begins(p, n, "\xe2\x80\xa2"))
		return 3;
	if (n > 1 && strchr("-*+", *p) != NULL)
		return p[1] == ' ' ? 2 : 0;
	while (i < n && i < 3 && p[i] >= '0' && p[i] <= '9')
		i++;
	return i > 0 && i + 1 < n && (p[i] == '.' || p[i] == ')') &&
	    p[i + 1] == ' ' ? i + 2 : 0;
}

/* Something that a program reads. */
static bool
is_code(const char *p, size_t n)
{
	static const char *const ends_in[] = { ";", "{", "}", "(", "[", "\\",
	    "=>", "*/", NULL };
	static const char *const signs[] = { " = ", "==", "=>", "->", "::",
	    "&&", "||", "!=", "</", "/>", "; --", "; //", "; #" };
	size_t i, k, word = 0;

	while (word < n && !is_blank(p[word]))
		word++;
	/* "print(x)", "f(a, b)" */
	if (p[n - 1] == ')' && *p != '(' && memchr(p, '(', word) != NULL)
		return true;
	for (i = 0; i < sizeof signs / sizeof *signs; i++)
		for (k = 0; k + 1 < n; k++)
			if (begins(p + k, n - k, signs[i]))
				return true;
	return ends(p, n, ends_in);
}

/* A line of a log: a time or a level comes first. */
static bool
is_log(const char *p, size_t n)
{
	static const char *const levels[] = { "INFO", "WARN", "ERROR",
	    "DEBUG", "TRACE", "FATAL", "NOTICE" };
	size_t i;

	for (i = 0; i < sizeof levels / sizeof *levels; i++)
		if (begins(p, n, levels[i]))
			return true;
	for (i = 0; i < n && ((p[i] >= '0' && p[i] <= '9') ||
	    (i > 0 && strchr(":-.T", p[i]) != NULL)); i++)
		;
	return i >= 5;
}

static bool
is_foreign(const char *p, size_t n)
{
	static const char *const marks[] = { ">", "|", "$ ", "% ", "#", "[",
	    "@@", "+++", "--", "diff ", "at ", "\xef\xbc\x9e", "//", "/*",
	    "* @" };
	size_t i;

	for (i = 0; i < sizeof marks / sizeof *marks; i++)
		if (begins(p, n, marks[i]))
			return true;
	return item_mark(p, n) > 0 || is_log(p, n) || is_code(p, n);
}

static bool
is_fence(const char *p, size_t n)
{
	return begins(p, n, "```") || begins(p, n, "~~~") ||
	    (begins(p, n, "\"\"\"") && n == 3);
}

/* The heading of a document, or of a letter that is shown: the rest of it
 * follows. */
static bool
is_heading(const char *p, size_t n)
{
	return begins(p, n, "# ") || begins(p, n, "## ") ||
	    begins(p, n, "### ") || begins(p, n, "----- ") ||
	    begins(p, n, "-----O");
}

/* A line; where the next one may begin. */
static size_t
mark_line(struct marking *m, size_t from, size_t to)
{
	size_t at = from, end = to;
	bool spoken;

	while (at < to && is_blank(m->p[at]))
		at++;
	while (end > at && is_blank(m->p[end - 1]))
		end--;
	if (at == end)
		m->speaker = false;
	if (is_fence(m->p + at, end - at)) {
		m->fence = !m->fence;
		memset(m->kind + from, LIVE_FOREIGN, to - from);
		return to;
	}
	m->paste = m->paste || (!m->fence && is_heading(m->p + at, end - at));
	if (at + 1 < end && m->p[at] == '<' && (is_letter(m->p[at + 1]) ||
	    m->p[at + 1] == '/'))
		to = end = element(m, at, to);
	if (m->fence || m->paste || at - from >= 4 || m->p[from] == '\t' ||
	    (at < end && m->p[at] == '<') ||
	    (at < end && is_foreign(m->p + at, end - at))) {
		memset(m->kind + from, LIVE_FOREIGN, to - from);
		return to;
	}
	spoken = m->speaker;
	mark_quotes(m, at, end);
	mark_head(m, at, end);
	if (spoken)
		memset(m->kind + from, LIVE_FOREIGN, to - from);
	else if (at < end && m->kind[at] == LIVE_SAID &&
	    is_title(m, at, end))
		m->paste = true;
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
		else
			m.speaker = false;
	}
}
