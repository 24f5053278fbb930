/*
 * Patterns are short and so are clauses: they are read as they stand, with
 * backtracking at holes and groups, and a bound on the steps.
 */
#include "ltm/live_match.h"

#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

const char *const live_holes[] = { "value", "other", "subject", NULL };

struct matcher {
	const struct live_text *t;
	size_t from, to;
	bool whole;		/* to its end */
	bool any;		/* words may be quoted, too */
	size_t end;		/* where it ended */
	int steps;
	struct live_match *m;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* --- what a pattern may be --------------------------------------------- */

/* The hole at p, which begins with a brace; *len with both of them. */
static int
hole_at(const char *p, size_t *len)
{
	size_t n = strcspn(p, "}"), i;

	*len = n + (p[n] == '}');
	for (i = 0; p[n] == '}' && i < LIVE_HOLES; i++)
		if (strlen(live_holes[i]) == n - 1 &&
		    memcmp(live_holes[i], p + 1, n - 1) == 0)
			return (int)i;
	return -1;
}

static const char *
group_bad(const char *p, size_t *len)
{
	char close = *p == '(' ? ')' : ']';
	size_t n = 1 + strcspn(p + 1, "()[]{}");

	if (p[n] != close)
		return "a group is not closed, or has another in it";
	if (n == 1)
		return "a group is empty";
	*len = n + 1;
	return NULL;
}

const char *
live_pattern_bad(const char *p, bool holes)
{
	const char *why = NULL;
	bool words = false, last_hole = false;
	unsigned seen = 0;
	size_t n;
	int h;

	if (utf8_check(p, strlen(p)) < strlen(p))
		return "it is not UTF-8";
	for (; *p != '\0' && why == NULL; p += n) {
		n = 1;
		if (*p == '{') {
			h = hole_at(p, &n);
			if (!holes || h < 0)
				why = holes ? "holes are {value}, {other} and "
				    "{subject}" : "a phrase has no holes";
			else if (last_hole || (seen >> h & 1))
				why = "a hole stands twice, or next to another";
			else
				seen |= 1u << h;
			last_hole = true;
			continue;
		}
		if (*p == '(' || *p == '[')
			why = group_bad(p, &n);
		else if (strchr(")]}|", *p) != NULL)
			why = "a bracket closes nothing";
		else if (*p >= 'A' && *p <= 'Z')
			why = "words are written in small letters";
		if (*p != ' ' && (holes || *p != '[')) {
			words = true;
			last_hole = false;
		}
	}
	if (why == NULL && !words)
		why = "it has no words";
	return why;
}

unsigned
live_pattern_holes(const char *p)
{
	unsigned seen = 0;
	size_t n;
	int h;

	for (; (p = strchr(p, '{')) != NULL; p += n)
		if ((h = hole_at(p, &n)) >= 0)
			seen |= 1u << h;
	return seen;
}

/* --- matching ---------------------------------------------------------- */

/* A character of the pattern, where [start, stop) of it are words: the place
 * after it; 0: another stands there. */
static size_t
one(const struct matcher *m, const char *start, const char *p,
    const char *stop, size_t at)
{
	const char *t = m->t->p;

	if (at == m->to || (!m->any && m->t->kind[at] != LIVE_SAID) ||
	    m->t->kind[at] == LIVE_FOREIGN)
		return 0;
	if (*p == '\'' && m->to - at >= 3 &&
	    memcmp(t + at, "\xe2\x80\x99", 3) == 0)
		return at + 3;
	if (lower(t[at]) != *p)
		return 0;
	if (!is_word(*p))
		return at + 1;
	if ((p == start || !is_word(p[-1])) && at > m->from &&
	    is_word(t[at - 1]))
		return 0;
	if ((p + 1 == stop || !is_word(p[1])) && at + 1 < m->to &&
	    is_word(t[at + 1]))
		return 0;
	return at + 1;
}

/* Words [p, stop): the place after them + 1; 0: others stand there. */
static size_t
words(const struct matcher *m, const char *p, const char *stop, size_t at)
{
	const char *start = p;

	for (; p < stop; p++) {
		if (*p == ' ') {
			if (at > m->from && at < m->to &&
			    !is_blank(m->t->p[at]) &&
			    !is_blank(m->t->p[at - 1]))
				return 0;
			while (at < m->to && is_blank(m->t->p[at]))
				at++;
		} else if ((at = one(m, start, p, stop, at)) == 0)
			return 0;
	}
	return at + 1;
}

static bool step(struct matcher *m, const char *p, size_t at);

static bool
group(struct matcher *m, const char *p, size_t at)
{
	bool none = *p == '[';
	const char *close = strchr(p, none ? ']' : ')'), *bar;
	size_t next;

	for (p++; p <= close; p = bar + 1) {
		bar = p + strcspn(p, "|)]");
		next = words(m, p, bar, at);
		if (next > 0 && step(m, close + 1, next - 1))
			return true;
	}
	return none && step(m, close + 1, at);
}

/* Trimmed, and without the quotes around all of it. */
static bool
fill(struct matcher *m, int h, size_t at, size_t end)
{
	static const char *const pairs[][2] = { { "\"", "\"" }, { "'", "'" },
	    { "`", "`" }, { "\xe2\x80\x9c", "\xe2\x80\x9d" },
	    { "\xe2\x80\x98", "\xe2\x80\x99" },
	    { "\xe3\x80\x8c", "\xe3\x80\x8d" } };
	const char *t = m->t->p;
	size_t i, a, b;

	while (end > at && is_blank(t[end - 1]))
		end--;
	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		a = strlen(pairs[i][0]);
		b = strlen(pairs[i][1]);
		if (end - at > a + b && memcmp(t + at, pairs[i][0], a) == 0 &&
		    memcmp(t + end - b, pairs[i][1], b) == 0) {
			at += a;
			end -= b;
			break;
		}
	}
	m->m->hole[h].at = at;
	m->m->hole[h].len = end - at;
	return end > at && end - at <= LIVE_HOLE_MAX;
}

static bool
hole(struct matcher *m, const char *p, size_t at)
{
	const char *t = m->t->p;
	size_t n, end;
	int h = hole_at(p, &n);

	p += n;
	while (at < m->to && is_blank(t[at]))
		at++;
	if (at == m->to)
		return false;
	for (end = *p == '\0' ? m->to : at + 1; end <= m->to &&
	    end - at <= LIVE_HOLE_MAX + 8; end++) {
		if (end < m->to && (((unsigned char)t[end] & 0xc0) == 0x80 ||
		    (is_word(t[end]) && is_word(t[end - 1]))))
			continue;
		if (m->t->kind[end - 1] == LIVE_FOREIGN)
			return false;
		if (step(m, p, end))
			return fill(m, h, at, end);
	}
	return false;
}

static bool
step(struct matcher *m, const char *p, size_t at)
{
	size_t n = strcspn(p, "([{");

	if (m->steps++ > LIVE_STEPS)
		return false;
	if ((at = words(m, p, p + n, at)) == 0)
		return false;
	at--;
	p += n;
	if (*p == '{')
		return m->m != NULL && hole(m, p, at);
	if (*p != '\0')
		return group(m, p, at);
	m->end = at;
	if (!m->whole)
		return true;
	while (at < m->to && is_blank(m->t->p[at]))
		at++;
	return at == m->to;
}

/* The first character of the text is enough to leave most patterns out. */
static bool
may_begin(const char *p, const struct live_text *t, size_t from, size_t to)
{
	char c = from < to ? lower(t->p[from]) : '\0';

	if (*p != '(')
		return *p == c || strchr("[{ '", *p) != NULL;
	do {
		p++;
		if (*p == c || strchr("|) '", *p) != NULL)
			return true;
		p += strcspn(p, "|)");
	} while (*p == '|');
	return false;
}

int
live_match(const char *pattern, const struct live_text *t, size_t from,
    size_t to, struct live_match *out)
{
	struct matcher m = { .t = t, .from = from, .to = to, .whole = true,
	    .m = out };

	memset(out, 0, sizeof *out);
	return may_begin(pattern, t, from, to) && step(&m, pattern, from) &&
	    m.steps <= LIVE_STEPS;
}

size_t
live_phrase(const char *phrase, const struct live_text *t, size_t from,
    size_t to)
{
	struct matcher m = { .t = t, .from = from, .to = to };

	return may_begin(phrase, t, from, to) && step(&m, phrase, from) &&
	    m.end > from ? m.end : 0;
}

size_t
live_phrase_find(const char *phrase, const struct live_text *t, size_t from,
    size_t to, size_t *end)
{
	size_t at;

	for (at = from; at < to; at++) {
		struct matcher m = { .t = t, .from = from, .to = to,
		    .any = true };

		/* no word begins within one */
		if (at > from && is_word(t->p[at]) && is_word(t->p[at - 1]))
			continue;
		if (may_begin(phrase, t, at, to) && step(&m, phrase, at) &&
		    m.end > at) {
			*end = m.end;
			return at;
		}
	}
	return to;
}
