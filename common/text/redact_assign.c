/*
 * Names and what is assigned to them: in shells, .env, INI, YAML, JSON
 * (also within a string of JSON, where quotes have backslashes), XML, SQL,
 * calls, and sentences.
 */
#include "text/redact_assign.h"

#include <string.h>

#define BLANKS_MAX 16
#define NAME_MAX_LEFT 48	/* bytes of a name before its literal */

const char *
assign_skip_blanks(const char *p, const char *end)
{
	const char *limit = end - p > BLANKS_MAX ? p + BLANKS_MAX : end;

	while (p < limit && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static bool
begins(const char *p, const char *end, const char *word)
{
	for (; *word != '\0'; p++, word++)
		if (p == end || rule_lower((unsigned char)*p) != *word)
			return false;
	return true;
}

bool
assign_preceded(const struct assign *a, const char *p, const char *word)
{
	size_t n = strlen(word);

	while (p > a->base && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return (size_t)(p - a->base) >= n && memcmp(p - n, word, n) == 0;
}

int
assign_read_name(struct assign *a, const char *p, const char *q)
{
	const char *end = a->tx->end, *least;
	struct pattern_match m = { q, NULL, NULL };

	if (a->u->code->after != NULL &&
	    !pattern_match(a->u->code->after, a->tx, q, &m))
		return 0;
	if (m.end < end && assign_is_name(*m.end))
		return 0;
	if (end - m.end >= 2 && (*m.end == '-' || *m.end == '.') &&
	    assign_is_name(m.end[1]))
		return 0;
	least = p - a->base > NAME_MAX_LEFT ? p - NAME_MAX_LEFT : a->base;
	while (p > least && (assign_is_name(p[-1]) || p[-1] == '-' ||
	    p[-1] == '.'))
		p--;
	a->name = p;
	a->name_end = m.end;
	/* a type (AWS::IAM::AccessKey), a part of a name (arn:...:secret:x) */
	return p == a->base || p[-1] != ':' || (m.end < end && *m.end != ':' &&
	    !(p - a->base >= 2 && p[-2] == ':'));
}

/* {"name": "DB_PASSWORD", "value": "..."} and the like: past "value". */
static const char *
skip_value_key(const char *p, const char *end)
{
	const char *limit = end - p > 64 ? p + 64 : end;

	while (p < limit && strchr(" \t\r\n,\\\"'", *p) != NULL && *p != '\0')
		p++;
	if (!begins(p, end, "value"))
		return NULL;
	for (p += 5; p < limit && (*p == '\\' || assign_is_quote(*p)); p++)
		;
	return p;
}

/* Is the name in quotes, behind a '('; or an option, in quotes? */
static bool
is_argument(const struct assign *a)
{
	const char *p = a->name;

	if (*p == '-')
		return true;
	while (p > a->base && (assign_is_quote(p[-1]) || p[-1] == '\\'))
		p--;
	return p < a->name && assign_preceded(a, p, "(");
}

bool
assign_is_variable(const struct assign *a)
{
	static const char *const before[] = { "ENV", "ARG", "setx", "SETX",
	    "set -x", "set -gx", "set -Ux", NULL };
	int i;

	for (i = 0; before[i] != NULL; i++)
		if (assign_preceded(a, a->name, before[i]))
			return true;
	return false;
}

bool
assign_is_flag(const struct assign *a)
{
	return a->name_end - a->name > 2 && *a->name == '-' &&
	    a->name[1] == '-';
}

/* NAME%3Dvalue, and JSON in a URL: NAME%22%3A%22value. */
static int
find_encoded(struct assign *a, const char *p)
{
	const char *end = a->tx->end;

	if (begins(p, end, "%22"))
		p += 3;
	if (!begins(p, end, "%3d") && !begins(p, end, "%3a"))
		return 0;
	for (p += 3; begins(p, end, "%22") || begins(p, end, "%20"); )
		p += 3;
	a->how = HOW_EQUALS;
	a->encoded = true;
	a->from = p;
	return p < end;
}

/* What stands between name and value. */
static int
find_op(struct assign *a)
{
	const char *p = a->name_end, *end = a->tx->end, *q, *close;

	if (p < end && *p == '>' && a->name > a->base &&
	    a->name[-1] == '<') {
		a->how = HOW_TAG;
		a->from = p + 1;
		return 1;
	}
	if (p < end && *p == '%')
		return find_encoded(a, p);
	while (p < end && p - a->name_end < 6 && (*p == '\\' ||
	    assign_is_quote(*p) || *p == '*' || *p == ']'))
		p++;
	close = p;
	p = assign_skip_blanks(p, end);
	if (p == end)
		return 0;
	if ((*p == ',' || *p == '\n' || *p == '\r' || close > a->name_end) &&
	    (q = skip_value_key(p, end)) != NULL)
		p = q < end ? assign_skip_blanks(q, end) : q;
	if (p == end)
		return 0;
	if (end - p >= 2 && p[1] == '=' && (*p == ':' || *p == '?'))
		a->how = HOW_EQUALS, p += 2;
	else if (end - p >= 2 && *p == '=' && p[1] == '>')
		a->how = HOW_EQUALS, p += 2;
	else if (*p == '=' && (end - p < 2 || (p[1] != '=' && p[1] != '~')))
		a->how = HOW_EQUALS, p++;
	else if (*p == ':' && (end - p < 2 || p[1] != ':'))
		a->how = HOW_COLON, p++;
	else if (*p == ',' && close > a->name_end && is_argument(a))
		a->how = HOW_COMMA, p++;
	else if (p > close && begins(p, end, "is "))
		a->how = HOW_IS, p += 2;
	else if (p > close && (assign_preceded(a, a->name, "define") ||
	    assign_is_variable(a) || assign_is_flag(a) ||
	    (assign_is_quote(*p) && assign_preceded(a, a->name, "set"))))
		a->how = HOW_BLANK;
	else
		return 0;
	while (p < end && p - close < 8 && *p == '*')
		p++;			/* **Password:** x */
	a->from = assign_skip_blanks(p, end);
	a->apart = a->from > p || a->how == HOW_BLANK;
	return a->from < end;
}

/* The end of a quoted value.  A quote behind as many backslashes as the
 * first one closes it; unclosed, it ends with its line. */
static void
read_quoted(struct assign *a, const char *p, size_t slashes)
{
	const char *end = a->tx->end, *limit;
	char quote = *p++;
	size_t n = 0;

	while (end - p >= 2 && p[0] == quote && p[1] == quote)
		p += 2;			/* """x""" */
	a->from = p;
	limit = end - p > ASSIGN_VALUE_MAX ? p + ASSIGN_VALUE_MAX : end;
	for (; p < limit && *p != '\n'; p++) {
		if (*p == '\\') {
			n++;
			continue;
		}
		if (*p == quote && n <= slashes && (slashes > 0 ||
		    n % 2 == 0)) {
			p -= n;
			break;
		}
		n = 0;
	}
	a->to = p;
	a->quoted = true;
}

static bool
all_upper(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!(*p >= 'A' && *p <= 'Z') && !assign_is_digit(*p) &&
		    *p != '_')
			return false;
	return true;
}

bool
assign_is_env(const struct assign *a)
{
	return a->how == HOW_EQUALS && !a->apart &&
	    a->from == a->name_end + 1 && all_upper(a->name, a->name_end);
}

bool
assign_is_option(const struct assign *a)
{
	return a->how == HOW_EQUALS && !a->apart && *a->name == '-' &&
	    a->from == a->name_end + 1;
}

/* What ends a value that is written for a URL: & " , { } and newlines. */
static bool
ends_encoded(const char *p, const char *end)
{
	static const char *const ends[] = { "%26", "%22", "%2c", "%7b",
	    "%7d", "%0a", "%0d", "%20", NULL };
	int i;

	for (i = 0; ends[i] != NULL; i++)
		if (begins(p, end, ends[i]))
			return true;
	return false;
}

/* Is the byte at p a bracket that nothing since `from` has opened? */
static bool
closes_outer(const char *from, const char *p)
{
	return (*p == '}' && memchr(from, '{', (size_t)(p - from)) == NULL) ||
	    (*p == ']' && memchr(from, '[', (size_t)(p - from)) == NULL);
}

static void
read_bare(struct assign *a)
{
	const char *p = a->from, *end = a->tx->end;
	const char *limit = end - p > ASSIGN_VALUE_MAX ?
	    p + ASSIGN_VALUE_MAX : end;
	const char *stop = a->how == HOW_TAG ? "<\n" :
	    assign_is_env(a) ? "\"'`;&|<>\\" : "\"'`,;&|<>\\";

	while (p < limit && *p != '\0' && strchr(stop, *p) == NULL &&
	    (a->how == HOW_TAG || (unsigned char)*p > ' ') &&
	    !(a->encoded && ends_encoded(p, end)))
		p++;
	if (a->how == HOW_TAG && (end - p < 2 || p[1] != '/'))
		p = a->from;		/* no element of XML */
	while (!assign_is_env(a) && a->how != HOW_TAG && p > a->from &&
	    closes_outer(a->from, p - 1))
		p--;			/* {"password":123456} */
	while (!assign_is_env(a) && p > a->from &&
	    strchr(".:?!", p[-1]) != NULL && p[-1] != '!')
		p--;
	a->to = p;
	a->quoted = a->how == HOW_TAG;
}

static void
read_value(struct assign *a)
{
	const char *p = a->from, *end = a->tx->end;
	size_t slashes = 0;

	/* b"", r'', @"", f"" */
	if (end - p >= 2 && strchr("bBrRuUfFL@$", *p) != NULL && *p != '\0' &&
	    assign_is_quote(p[1])) {
		a->format = *p == 'f' || *p == 'F' || *p == '$';
		p++;
	}
	while (p < end && *p == '\\' && slashes < 8)
		p++, slashes++;
	if (p < end && assign_is_quote(*p) && a->how != HOW_TAG)
		read_quoted(a, p, slashes);
	else
		read_bare(a);
}

/* `password: str = "..."`: the type is passed over. */
static void
skip_type(struct assign *a)
{
	const char *p = a->to, *end = a->tx->end;

	if (a->how != HOW_COLON || a->quoted || a->to == a->from)
		return;
	p = assign_skip_blanks(p, end);
	if (end - p < 3 || *p != '=' || p[1] == '=' || p[1] == '>')
		return;
	a->how = HOW_EQUALS;
	a->apart = true;
	a->from = assign_skip_blanks(p + 1, end);
	read_value(a);
}

int
assign_read_value(struct assign *a)
{
	if (!find_op(a))
		return 0;
	read_value(a);
	skip_type(a);
	return a->to > a->from;
}
