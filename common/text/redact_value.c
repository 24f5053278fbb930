/*
 * Is a value that is assigned a secret?  Quoted, it is taken as it is;
 * unquoted, the same line may be code ("password = get_password()"), prose
 * ("password: required") or a type ("password: string"), so more is asked
 * of it.
 */
#include "text/redact_assign.h"

#include <string.h>

/* Does a value take others in: "${x}", f"{x}", "%(x)s", "%s"? */
static bool
interpolates(const struct assign *a)
{
	const char *p = a->from, *end = a->to;

	if (a->format && memchr(p, '{', (size_t)(end - p)) != NULL)
		return true;
	for (; end - p >= 2; p++)
		if ((p[1] == '{' && strchr("$#{", *p) != NULL) ||
		    (p[1] == '(' && strchr("$%", *p) != NULL) ||
		    (*p == '%' && strchr("sdv", p[1]) != NULL) ||
		    (p[1] == '%' && *p == '<'))
			return true;
	return false;
}

/* What a value is made of. */
struct made {
	int letters, uppers, digits, others, high, brackets, dollars;
	int blanks;
	int marks;		/* that prose does not have */
	bool path;		/* a.b, a->b, a::b of names only */
	bool name;		/* could be a variable's */
};

static struct made
look_at(const char *p, const char *end)
{
	struct made m = { 0 };
	const char *start = p;

	m.path = m.name = p < end && !assign_is_digit(*p);
	for (; p < end; p++)
		if (assign_is_digit(*p))
			m.digits++;
		else if (assign_is_name(*p)) {
			m.letters++;
			m.uppers += *p >= 'A' && *p <= 'Z';
		} else if ((unsigned char)*p >= 0x80) {
			m.high++;
			m.name = m.path = false;
		} else if (strchr("()[]{}", *p) != NULL) {
			m.brackets++;
			m.name = m.path = false;
		} else if ((unsigned char)*p <= ' ') {
			m.blanks++;
			m.name = m.path = false;
		} else {
			m.others++;
			m.marks += strchr("@#$%^&*+=~_!", *p) != NULL;
			m.dollars += *p == '$';
			m.name = false;
			m.path = m.path && p > start && strchr(".:>-$", *p);
		}
	return m;
}

/* Does the quote at p end a string that the name is in, as in
 * "PASSWORD=" + x? */
static bool
is_closing(const struct assign *a)
{
	const char *p = a->from - 1, *least;
	char quote = *p;
	int n = 0;

	if (strchr("+.,;&|) ", *a->from) == NULL)
		return false;
	least = p - a->base > 400 ? p - 400 : a->base;
	while (p > least && p[-1] != '\n')
		n += *--p == quote && (p == least || p[-1] != '\\');
	return n % 2 != 0;
}

static bool
same_as_name(const struct assign *a)
{
	size_t n = (size_t)(a->to - a->from), i;

	if (a->name == NULL || n != (size_t)(a->name_end - a->name))
		return false;
	for (i = 0; i < n; i++)
		if (rule_lower((unsigned char)a->from[i]) !=
		    rule_lower((unsigned char)a->name[i]))
			return false;
	return true;
}

static bool
quoted_secret(const struct assign *a, const struct made *m)
{
	if (a->name != NULL && a->how != HOW_TAG && is_closing(a))
		return false;
	if (interpolates(a) || (m->blanks > 0 && !a->u->code->blanks &&
	    (m->blanks > 2 || m->digits == 0 || m->marks == 0)))
		return false;
	if (m->high > 0 && m->digits == 0)	/* the word in other tongues */
		return false;
	if (a->how == HOW_COMMA || a->how == HOW_IS || a->how == HOW_BLANK)
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
	p = assign_skip_blanks(a->to, end);
	return p == end || *p == '\n' || *p == '\r' || *p == '#' ||
	    *p == '\\';
}

/* "my password is hunter2", but not "the password is base64". */
static bool
said_secret(const struct assign *a, const struct made *m)
{
	size_t n = (size_t)(a->to - a->from);

	if (m->digits == 0 || m->letters == 0 || !assign_is_name(*a->from))
		return false;
	return a->u->code->nneed > 0 ? n >= 12 && m->digits > 2 :
	    n >= 6 && !assign_is_digit(*a->from);
}

/* A plain word: a secret only where nothing else can stand. */
static bool
word_secret(const struct assign *a, const struct made *m)
{
	char before = a->name > a->base ? a->name[-1] : '\n';

	if (m->uppers + m->high > 0)
		return false;
	if (a->how == HOW_COLON)	/* YAML */
		return is_line(a) && a->apart && a->to - a->from >= 6;
	if (a->how != HOW_EQUALS || a->apart)
		return false;
	return assign_is_option(a) || is_line(a) ||
	    (before != '\0' && strchr("&?;", before) != NULL);
}

static bool
bare_secret(const struct assign *a, const struct made *m)
{
	char next = a->to < a->tx->end ? *a->to : '\n';

	if (a->u->code->quoted || a->how == HOW_COMMA || *a->from == ':' ||
	    *a->from == '$' ||
	    (a->how == HOW_BLANK && !assign_is_variable(a) &&
	    !(assign_is_flag(a) && m->digits > 0 && m->letters > 0)))
		return false;
	if (a->u->code->basic)
		return true;
	if (assign_is_env(a))
		return !interpolates(a);
	if (m->brackets > 0 ||
	    (m->path && !m->name && m->digits + m->dollars == 0))
		return false;
	if (a->how == HOW_IS)
		return said_secret(a, m);
	if (m->digits + m->others == 0 || (m->name && m->digits == 0))
		return word_secret(a, m);
	/* a word of prose: "the secret: PKCS-12 has it" */
	if (a->how == HOW_COLON && a->u->code->nneed > 0 &&
	    a->to - a->from < 8 && !is_line(a))
		return false;
	/* password=pw2) and password = pw2; are code */
	if (m->path && (memchr(")}]", next, 3) != NULL || (a->apart &&
	    (next == ';' || next == ','))))
		return false;
	return true;
}

static bool
right_name(const struct assign *a)
{
	const struct rule_code *c = a->u->code;

	return (c->name == NULL ||
	    pattern_whole(c->name, a->name, a->name_end)) &&
	    (c->unless == NULL ||
	    !pattern_whole(c->unless, a->name, a->name_end));
}

/* The rest of a secret of which only the begin was looked at: to look at
 * all of it wherever a name stands would take quadratic time. */
static const char *
rest_of(const struct assign *a)
{
	const char *p = a->to, *end = a->tx->end;

	if (p - a->from < ASSIGN_VALUE_MAX)
		return p;
	while (p < end && (unsigned char)*p > ' ' &&
	    strchr("\"'`,;&|<>\\", *p) == NULL)
		p++;
	return p;
}

int
assign_find(struct rules *rs, const struct rule *u, struct pattern_text *tx,
    const char *base, const char *p, const char *q, struct slice *value)
{
	struct assign a = { .u = u, .tx = tx, .base = base };
	struct made m;

	if (!assign_read_name(&a, p, q) || !assign_read_value(&a))
		return 0;
	m = look_at(a.from, a.to);
	if (!(a.quoted ? quoted_secret(&a, &m) : bare_secret(&a, &m)) ||
	    !rule_accepts(rs, u, a.from, a.to, assign_is_env(&a) &&
	    m.uppers < m.letters + m.digits))
		return 0;
	if (!right_name(&a) || same_as_name(&a))
		return 0;
	*value = (struct slice){ a.from, (size_t)(rest_of(&a) - a.from) };
	return 1;
}

bool
assign_name(const struct rule *u, struct pattern_text *tx, const char *base,
    const char *p, const char *q)
{
	struct assign a = { .u = u, .tx = tx, .base = base };

	return assign_read_name(&a, p, q) && a.name_end == tx->end &&
	    right_name(&a);
}

bool
assign_value(struct rules *rs, const struct rule *u, const char *p,
    size_t n)
{
	struct assign a = { .u = u, .from = p, .to = p + n,
	    .how = HOW_COLON, .quoted = true };
	struct made m = look_at(p, p + n);

	return quoted_secret(&a, &m) &&
	    rule_accepts(rs, u, p, p + n, false);
}
