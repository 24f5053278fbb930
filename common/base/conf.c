/*
 * The grammar is that of git's config.c, which is wider than its manual:
 * a value may follow its section on one line, a comment may follow
 * anything, CRLF ends lines too, quotes may open and close within a value.
 * Where in the text things stood is kept for conf_edit.c.
 */
#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/conf_parse.h"

#define FILE_MAX ((size_t)1 << 20)	/* bytes; a larger one is a mistake */

struct scan {
	struct conf *c;
	const char *text;	/* borrowed */
	size_t len;
	size_t at;
	int line;		/* of text[at], from 1 */
	const char *name;	/* of the file, for messages */
	struct err *e;
};

static bool
is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_name(int c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static int
bad(struct scan *s, const char *why)
{
	return err_set(s->e, ERR_INPUT, "'%s' line %d: %s", s->name, s->line,
	    why);
}

/* The next byte, not taken.  CRLF and the end of the text are '\n'. */
static int
peek(const struct scan *s)
{
	if (s->at == s->len || (s->text[s->at] == '\r' &&
	    s->at + 1 < s->len && s->text[s->at + 1] == '\n'))
		return '\n';
	return (unsigned char)s->text[s->at];
}

static int
take(struct scan *s)
{
	int c = peek(s);

	if (s->at == s->len)
		return c;
	if (c == '\n') {
		s->at += s->text[s->at] == '\r';
		s->line++;
	}
	s->at++;
	return c;
}

/* `"sub"]` after `[section `; appends ".sub". */
static int
read_subsection(struct scan *s, struct buf *prefix)
{
	int c;

	while (is_space(peek(s)))
		take(s);
	if (take(s) != '"')
		return bad(s, "a sub-section must be in quotes");
	buf_addc(prefix, '.');
	while ((c = peek(s)) != '"') {
		if (c == '\\') {
			take(s);
			c = peek(s);
		}
		if (c == '\n')
			return bad(s, "a sub-section has no closing quote");
		buf_addc(prefix, take(s));
	}
	take(s);
	if (peek(s) != ']')
		return bad(s, "']' must follow the sub-section");
	return 0;
}

/* What follows a '['. */
static int
read_section(struct scan *s)
{
	struct conf *c = s->c;
	struct buf prefix = BUF_INIT;
	int r = 0;

	while (is_name(peek(s)) || peek(s) == '.')
		buf_addc(&prefix, lower(take(s)));
	if (prefix.len == 0)
		r = bad(s, "a section has no name");
	else if (is_space(peek(s)))
		r = read_subsection(s, &prefix);
	else if (peek(s) != ']')
		r = bad(s, "a section is letters, digits and '-', ended by "
		    "']'");
	if (r == 0) {
		take(s);
		buf_addc(&prefix, '.');
		c->sections = xgrow(c->sections, c->nsections, &c->cap_sections,
		    sizeof *c->sections);
		c->sections[c->nsections].end = s->at;
		c->sections[c->nsections++].prefix = buf_steal(&prefix);
	}
	buf_release(&prefix);
	return r;
}

/* What a backslash and this byte stand for; 0: nothing. */
static int
unescape(int c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case '"':
	case '\\':
		return c;
	}
	return 0;
}

/*
 * What follows a '='.  it->value_at and value_end enclose the text of the
 * value without the space around it; b is its meaning.
 */
static int
read_value(struct scan *s, struct conf_item *it, struct buf *b)
{
	bool quoted = false, begun = false;
	size_t keep = 0;	/* of b: trailing space is not */
	int c;

	it->value_at = it->value_end = s->at;
	while ((c = peek(s)) != '\n') {
		if (!quoted && (c == '#' || c == ';'))
			break;
		if (!quoted && is_space(c)) {
			if (b->len > 0)
				buf_addc(b, c);
			take(s);
			continue;
		}
		if (!begun)
			it->value_at = s->at;
		begun = true;
		take(s);
		if (c == '"')
			quoted = !quoted;
		else if (c != '\\')
			buf_addc(b, c);
		else if (peek(s) == '\n')
			take(s);	/* goes on in the next line */
		else if ((c = unescape(peek(s))) == 0)
			return bad(s, "a backslash may only stand before "
			    "\\ \" n t b or the end of the line");
		else {
			take(s);
			buf_addc(b, c);
		}
		keep = b->len;
		it->value_end = s->at;
	}
	if (quoted)
		return bad(s, "a value has no closing quote");
	buf_cut(b, keep);
	return 0;
}

/* `name = value` or `name`. */
static int
read_item(struct scan *s)
{
	struct conf *c = s->c;
	struct conf_item it = { 0 };
	struct buf key = BUF_INIT, value = BUF_INIT;
	int r = 0;

	if (c->nsections == 0)
		return bad(s, "a name stands before the first [section]");
	buf_adds(&key, c->sections[c->nsections - 1].prefix);
	it.name_at = s->at;
	while (is_name(peek(s)))
		buf_addc(&key, lower(take(s)));
	it.name_end = it.value_at = it.value_end = s->at;
	while (is_space(peek(s)))
		take(s);
	if (peek(s) == '=') {
		take(s);
		it.has_value = true;
		r = read_value(s, &it, &value);
	} else if (peek(s) == '\n')
		buf_adds(&value, "true");
	else
		r = bad(s, "a name (letters, digits and '-') must be "
		    "followed by '='");
	if (r == 0) {
		c->sections[c->nsections - 1].end = it.value_end;
		it.key = buf_steal(&key);
		it.value = buf_steal(&value);
		c->items = xgrow(c->items, c->nitems, &c->cap_items,
		    sizeof *c->items);
		c->items[c->nitems++] = it;
	}
	buf_release(&key);
	buf_release(&value);
	return r;
}

static int
read_all(struct scan *s)
{
	int c, r = 0;

	if (memchr(s->text, '\0', s->len) != NULL)
		return err_set(s->e, ERR_INPUT,
		    "'%s' is not a configuration: it has a NUL byte", s->name);
	if (s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
		s->at = 3;
	while (r == 0 && s->at < s->len) {
		c = peek(s);
		if (is_alpha(c)) {
			r = read_item(s);
			continue;
		}
		if (c == '#' || c == ';')
			while (peek(s) != '\n')
				take(s);
		else if (c != '[' && c != '\n' && !is_space(c))
			return bad(s, "expected [section] or name = value");
		take(s);
		if (c == '[')
			r = read_section(s);
	}
	return r;
}

int
conf_parse(struct conf **out, const char *text, size_t len, const char *name,
    struct err *e)
{
	struct scan s = { xcalloc(1, sizeof(struct conf)), text, len, 0, 1,
	    name, e };

	if (read_all(&s) < 0) {
		conf_free(s.c);
		return -1;
	}
	*out = s.c;
	return 0;
}

int
conf_read_text(struct buf *text, const char *path, struct err *e)
{
	struct err why;

	if (buf_read_file(text, path, FILE_MAX, &why) < 0 &&
	    why.code != ERR_ABSENT) {
		*e = why;
		return -1;
	}
	return 0;
}

int
conf_read(struct conf **out, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int r;

	r = conf_read_text(&text, path, e);
	if (r == 0)
		r = conf_parse(out, text.p, text.len, path, e);
	buf_release(&text);
	return r;
}

void
conf_free(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->nitems; i++) {
		free(c->items[i].key);
		free(c->items[i].value);
	}
	for (i = 0; i < c->nsections; i++)
		free(c->sections[i].prefix);
	free(c->items);
	free(c->sections);
	free(c);
}

void
conf_key(struct buf *b, const char *key)
{
	const char *last = strrchr(key, '.');
	const char *first = strchr(key, '.');
	const char *p;

	for (p = key; *p != '\0'; p++)
		buf_addc(b, p > first && p < last ? *p : lower(*p));
}

int
conf_key_check(const char *key, struct err *e)
{
	const char *first = strchr(key, '.'), *last = strrchr(key, '.');
	const char *p = key;

	if (first != NULL && first > key && is_alpha(last[1])) {
		while (is_name(*p))
			p++;
		if (p == first) {
			for (p = last + 1; is_name(*p); p++)
				;
			if (*p == '\0' && strchr(key, '\n') == NULL)
				return 0;
		}
	}
	return err_set(e, ERR_USAGE, "'%.100s' is not a key; a key is "
	    "section.name or section.sub.name, section and name of letters, "
	    "digits and '-'", key);
}

const char *
conf_get(const struct conf *c, const char *key, const char *dflt)
{
	struct buf k = BUF_INIT;
	size_t i;

	conf_key(&k, key);
	for (i = c->nitems; i > 0; i--)
		if (strcmp(c->items[i - 1].key, k.p) == 0) {
			dflt = c->items[i - 1].value;
			break;
		}
	buf_release(&k);
	return dflt;
}

int
conf_get_int(const struct conf *c, const char *key, int64_t min, int64_t max,
    int64_t *out, struct err *e)
{
	const char *v = conf_get(c, key, NULL);
	int64_t n;
	bool minus;

	if (v == NULL)
		return 0;
	minus = *v == '-';
	if (!str_size(v + minus, INT64_MAX, &n) || v[minus] == '-' ||
	    (n = minus ? -n : n) < min || n > max)
		return err_set(e, ERR_INPUT, "config: %s must be a number "
		    "from %lld to %lld", key, (long long)min, (long long)max);
	*out = n;
	return 1;
}

bool
conf_bool(const char *value, bool *out)
{
	static const char *const words[] =
	    { "false", "true", "no", "yes", "off", "on", "0", "1", "" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (str_same(value, words[i])) {
			*out = i % 2;
			return true;
		}
	return false;
}

int
conf_get_bool(const struct conf *c, const char *key, bool *out,
    struct err *e)
{
	const char *v = conf_get(c, key, NULL);

	if (v == NULL)
		return 0;
	if (conf_bool(v, out))
		return 1;
	return err_set(e, ERR_INPUT, "config: %s must be true or false", key);
}

void
conf_get_all(const struct conf *c, const char *key, struct strv *out)
{
	struct buf k = BUF_INIT;
	size_t i;

	conf_key(&k, key);
	for (i = 0; i < c->nitems; i++)
		if (strcmp(c->items[i].key, k.p) == 0)
			strv_add(out, c->items[i].value);
	buf_release(&k);
}

int
conf_each(const struct conf *c, int (*fn)(void *, const char *,
    const char *), void *arg)
{
	size_t i;
	int r = 0;

	for (i = 0; i < c->nitems && r == 0; i++)
		r = fn(arg, c->items[i].key, c->items[i].value);
	return r;
}
