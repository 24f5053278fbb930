/*
 * A value that is assigned to a name which tells of a secret: in shells,
 * .env, INI, YAML, JSON (also within a string of JSON, where quotes have
 * backslashes), XML, and calls.  Quoted, it is taken as it is; unquoted,
 * the same line may be code ("password = get_password()"), prose
 * ("password: required") or a type ("password: string"), so more is asked
 * of it.
 */
#include "memory/redact_rule.h"

#include <string.h>

#define BLANKS_MAX 16
#define NAME_MAX_LEFT 48	/* bytes of a name before its literal */
#define VALUE_MAX 4096

enum how {
	HOW_NONE,
	HOW_EQUALS,	/* = := => ?= */
	HOW_COLON,
	HOW_TAG,	/* <password>... */
	HOW_IS,		/* the password is ... */
	HOW_COMMA,	/* define("PASSWORD", "...") */
	HOW_BLANK	/* #define PASSWORD "..." */
};

/* One place where a name may get its value. */
struct assign {
	const struct rule *u;
	struct pattern_text *tx;
	const char *base;	/* of the text */
	const char *name, *name_end;
	enum how how;
	const char *from, *to;	/* the value */
	bool quoted, apart;	/* apart: blanks before the value */
};

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static const char *
skip_blanks(const char *p, const char *end)
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

/* Does the text before p, blanks apart, end with this word? */
static bool
preceded(const struct assign *a, const char *p, const char *word)
{
	size_t n = strlen(word);

	while (p > a->base && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return (size_t)(p - a->base) >= n && memcmp(p - n, word, n) == 0;
}

/*
 * The rest of the name behind its literal, and its begin.  0 when the
 * literal is part of another word ("tokenizer", "token.length").
 */
static int
find_name(struct assign *a, const char *p, const char *q)
{
	const char *end = a->tx->end, *least;
	struct pattern_match m = { q, NULL, NULL };

	if (a->u->code->after != NULL &&
	    !pattern_match(a->u->code->after, a->tx, q, &m))
		return 0;
	if (m.end < end && is_name(*m.end))
		return 0;
	if (end - m.end >= 2 && (*m.end == '-' || *m.end == '.') &&
	    is_name(m.end[1]))
		return 0;
	least = p - a->base > NAME_MAX_LEFT ? p - NAME_MAX_LEFT : a->base;
	while (p > least && (is_name(p[-1]) || p[-1] == '-' || p[-1] == '.'))
		p--;
	a->name = p;
	a->name_end = m.end;
	return 1;
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
	for (p += 5; p < limit && (*p == '\\' || is_quote(*p)); p++)
		;
	return p;
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
	while (p < end && p - a->name_end < 6 && (*p == '\\' || is_quote(*p) ||
	    *p == '*' || *p == ']'))
		p++;
	close = p;
	p = skip_blanks(p, end);
	if (p == end)
		return 0;
	if ((*p == ',' || *p == '\n' || *p == '\r' || close > a->name_end) &&
	    (q = skip_value_key(p, end)) != NULL)
		p = q < end ? skip_blanks(q, end) : q;
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
	else if (*p == ',' && close > a->name_end)
		a->how = HOW_COMMA, p++;
	else if (p > close && begins(p, end, "is "))
		a->how = HOW_IS, p += 2;
	else if (p > close && (preceded(a, a->name, "define") ||
	    preceded(a, a->name, "ENV") || (is_quote(*p) &&
	    preceded(a, a->name, "set"))))
		a->how = HOW_BLANK;
	else
		return 0;
	while (p < end && p - close < 8 && *p == '*')
		p++;			/* **Password:** x */
	a->from = skip_blanks(p, end);
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
	limit = end - p > VALUE_MAX ? p + VALUE_MAX : end;
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
		if (!(*p >= 'A' && *p <= 'Z') && !is_digit(*p) && *p != '_')
			return false;
	return true;
}

/* NAME=value, as shells and .env have it. */
static bool
is_env(const struct assign *a)
{
	return a->how == HOW_EQUALS && !a->apart &&
	    a->from == a->name_end + 1 && all_upper(a->name, a->name_end);
}

static void
read_bare(struct assign *a)
{
	const char *p = a->from, *end = a->tx->end;
	const char *limit = end - p > VALUE_MAX ? p + VALUE_MAX : end;
	const char *stop = a->how == HOW_TAG ? "<\n" :
	    is_env(a) ? "\"'`;&|<>\\" : "\"'`,;&|<>\\";

	while (p < limit && *p != '\0' && strchr(stop, *p) == NULL &&
	    (a->how == HOW_TAG || (unsigned char)*p > ' '))
		p++;
	while (!is_env(a) && p > a->from && strchr(".:?!", p[-1]) != NULL &&
	    p[-1] != '!')
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
	    is_quote(p[1]))
		p++;
	while (p < end && *p == '\\' && slashes < 8)
		p++, slashes++;
	if (p < end && is_quote(*p) && a->how != HOW_TAG)
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
	p = skip_blanks(p, end);
	if (end - p < 3 || *p != '=' || p[1] == '=' || p[1] == '>')
		return;
	a->how = HOW_EQUALS;
	a->apart = true;
	a->from = skip_blanks(p + 1, end);
	read_value(a);
}

/* Does a value take others in: "${x}", "{x}", "%(x)s"? */
static bool
interpolates(const char *p, const char *end)
{
	for (; end - p >= 2; p++)
		if ((p[1] == '{' && strchr("$#{", *p) != NULL) ||
		    (p[1] == '(' && strchr("$%", *p) != NULL) ||
		    (p[1] == '%' && *p == '<'))
			return true;
	return false;
}

static bool
has_blank(const char *p, const char *end)
{
	for (; p < end; p++)
		if ((unsigned char)*p <= ' ')
			return true;
	return false;
}

/* What a value is made of. */
struct made {
	int letters, uppers, digits, others, high, brackets;
	bool path;		/* a.b, a->b, a::b of names only */
	bool name;		/* could be a variable's */
};

static struct made
look_at(const char *p, const char *end)
{
	struct made m = { 0 };
	const char *start = p;

	m.path = m.name = p < end && !is_digit(*p);
	for (; p < end; p++)
		if (is_digit(*p))
			m.digits++;
		else if (is_name(*p)) {
			m.letters++;
			m.uppers += *p >= 'A' && *p <= 'Z';
		} else if ((unsigned char)*p >= 0x80) {
			m.high++;
			m.name = m.path = false;
		} else if (strchr("()[]{}", *p) != NULL) {
			m.brackets++;
			m.name = m.path = false;
		} else {
			m.others++;
			m.name = false;
			m.path = m.path && p > start && strchr(".:>-", *p);
		}
	return m;
}

static bool
quoted_secret(const struct assign *a, const struct made *m)
{
	if (interpolates(a->from, a->to) ||
	    (!a->u->blanks && has_blank(a->from, a->to)))
		return false;
	if (m->high > 0 && m->digits == 0)	/* the word in other tongues */
		return false;
	if (a->how == HOW_COMMA || a->how == HOW_IS)
		return m->digits > 0 && m->letters > 0;
	return true;
}

/* Is the value all that stands on its line, behind `name: `? */
static bool
is_line(const struct assign *a)
{
	const char *p = a->name, *end = a->tx->end;

	while (p > a->base && (p[-1] == ' ' || p[-1] == '\t' ||
	    (p[-1] == '-' && p - a->base >= 2 && p[-2] != '-')))
		p--;
	if (p > a->base && p[-1] != '\n' &&
	    !(p - a->base >= 2 && p[-1] == 'n' && p[-2] == '\\'))
		return false;
	p = skip_blanks(a->to, end);
	return p == end || *p == '\n' || *p == '\r' || *p == '#' ||
	    *p == '\\';
}

static bool
bare_secret(const struct assign *a, const struct made *m)
{
	char next = a->to < a->tx->end ? *a->to : '\n';

	if (a->u->quoted || a->how == HOW_COMMA)
		return false;
	if (a->u->basic)
		return true;
	if (is_env(a))
		return !interpolates(a->from, a->to);
	if (m->brackets > 0 || (m->path && !m->name && m->digits == 0))
		return false;
	if (a->how == HOW_IS)
		return m->digits > 0 && m->letters > 0 && a->to - a->from >=
		    8 && m->others + m->uppers > 0 && !m->path;
	if (m->digits + m->others == 0 || (m->name && m->digits == 0))
		return a->how == HOW_COLON && is_line(a) && m->uppers == 0 &&
		    m->high == 0 && a->to - a->from >= 6 && a->apart;
	/* password=pw2) and password = pw2; are code */
	if (m->name && (next == ')' || (a->apart && (next == ';' ||
	    next == ','))))
		return false;
	return true;
}

int
assign_find(const struct rule *u, struct pattern_text *tx,
    const char *base, const char *p, const char *q, struct slice *value)
{
	struct assign a = { .u = u, .tx = tx, .base = base };
	struct made m;

	if (!find_name(&a, p, q) || !find_op(&a))
		return 0;
	read_value(&a);
	skip_type(&a);
	if (a.to <= a.from || (size_t)(a.to - a.from) < u->min)
		return 0;
	m = look_at(a.from, a.to);
	if (!(a.quoted ? quoted_secret(&a, &m) : bare_secret(&a, &m)) ||
	    !rule_accepts(u, a.from, a.to))
		return 0;
	if (u->code->unless != NULL &&
	    pattern_whole(u->code->unless, a.name, a.name_end))
		return 0;
	*value = (struct slice){ a.from, (size_t)(a.to - a.from) };
	return 1;
}

bool
assign_name(const struct rule *u, struct pattern_text *tx, const char *base,
    const char *p, const char *q)
{
	struct assign a = { .u = u, .tx = tx, .base = base };

	return find_name(&a, p, q) && a.name_end == tx->end &&
	    (u->code->unless == NULL ||
	    !pattern_whole(u->code->unless, a.name, a.name_end));
}

bool
assign_value(const struct rule *u, const char *p, size_t n)
{
	struct assign a = { .u = u, .from = p, .to = p + n,
	    .how = HOW_COLON, .quoted = true };
	struct made m = look_at(p, p + n);

	return n >= u->min && n <= VALUE_MAX && quoted_secret(&a, &m) &&
	    rule_accepts(u, p, p + n);
}
