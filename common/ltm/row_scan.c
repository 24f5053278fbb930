/*
 * JSON (RFC 8259) is read as far as it must be to tell where values end.
 */
#include "ltm/row_scan.h"

#include "base/utf8.h"

#include <string.h>

#define DEPTH_MAX 256

struct at {
	const char *p, *end;
	struct row_scan *s;
	const struct strv *names;
};

static bool
space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int
peek(struct at *a)
{
	while (a->p < a->end && space(*a->p))
		a->p++;
	return a->p < a->end ? (unsigned char)*a->p : -1;
}

static bool
take(struct at *a, int c)
{
	if (peek(a) != c)
		return false;
	a->p++;
	return true;
}

/* The bytes between the quotes; false: there is no end. */
static bool
string(struct at *a, const char **s, size_t *len)
{
	const char *p, *from, *back;

	if (!take(a, '"'))
		return false;
	*s = from = a->p;
	/* memchr looks at many bytes at once, and escapes are rare */
	for (;;) {
		p = memchr(from, '"', (size_t)(a->end - from));
		if (p == NULL)
			return false;
		back = memchr(from, '\\', (size_t)(p - from));
		if (back == NULL)
			break;
		if (back + 2 > a->end)
			return false;
		from = back + 2;
	}
	*len = (size_t)(p - *s);
	a->p = p + 1;
	return true;
}

/* A number, true, false, null: up to what cannot be part of one. */
static bool
scalar(struct at *a, const char **s, size_t *len)
{
	peek(a);
	*s = a->p;
	while (a->p < a->end && strchr(",]} \t\r\n\"[{:", *a->p) == NULL)
		a->p++;
	*len = (size_t)(a->p - *s);
	return *len > 0;
}

static bool
skip(struct at *a)
{
	const char *s;
	size_t len;
	int c = peek(a), depth = 0;

	if (c == '"')
		return string(a, &s, &len);
	if (c != '{' && c != '[')
		return scalar(a, &s, &len);
	for (; (c = peek(a)) >= 0;) {
		if (c == '"') {
			if (!string(a, &s, &len))
				return false;
			continue;
		}
		a->p++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return true;
	}
	return false;
}

/* --- values ------------------------------------------------------------ */

static unsigned
hex4(const char *p, const char *end)
{
	unsigned v = 0;
	int i, c;

	if (end - p < 4)
		return 0xfffd;
	for (i = 0; i < 4; i++) {
		c = (unsigned char)p[i] | 0x20;
		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (unsigned)(c - 'a' + 10);
		else
			return 0xfffd;
	}
	return v;
}

/* What \uXXXX stands for, with its other half if it has one. */
static const char *
unicode(struct buf *out, const char *p, const char *end)
{
	uint32_t c = hex4(p, end), low;
	char room[4];

	p += end - p < 4 ? end - p : 4;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' &&
	    p[1] == 'u' && (low = hex4(p + 2, end)) >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	if (c < 0x20 || c == 0x7f)
		c = ' ';
	if (c >= 0xd800 && c < 0xe000)
		c = 0xfffd;
	buf_add(out, room, utf8_put(room, c));
	return p;
}

static void
unescape(struct buf *out, const char *p, size_t len)
{
	const char *end = p + len, *run;

	while (p < end) {
		for (run = p; p < end && *p != '\\' &&
		    (unsigned char)*p >= 0x20 && *p != 0x7f; p++)
			;
		buf_add(out, run, (size_t)(p - run));
		if (p == end)
			break;
		if (*p != '\\') {
			buf_addc(out, ' ');
			p++;
		} else if (p + 1 < end && p[1] == 'u')
			p = unicode(out, p + 2, end);
		else if (p + 1 < end) {
			buf_addc(out, strchr("\"\\/", p[1]) != NULL ? p[1] :
			    ' ');
			p += 2;
		} else
			p++;
	}
}

/* A string, number or boolean is kept; anything else is passed over. */
static bool
value(struct at *a, int name, bool in_fields)
{
	struct row_scan *s = a->s;
	struct row_value *v = &s->v[s->n];
	const char *p;
	size_t len, at = s->room.len;
	int c = peek(a);

	if (c == '{' || c == '[' || s->n == ROW_VALUES)
		return skip(a);
	if (c == '"' ? !string(a, &p, &len) : !scalar(a, &p, &len))
		return false;
	if (c == 'n')
		return true;
	unescape(&s->room, p, len);
	v->p = s->room.p + at;
	v->len = s->room.len - at;
	v->name = name;
	v->in_fields = in_fields;
	buf_addc(&s->room, '\0');
	s->n++;
	return true;
}

static bool
values(struct at *a, int name, bool in_fields)
{
	if (!take(a, '['))
		return value(a, name, in_fields);
	if (take(a, ']'))
		return true;
	do {
		if (!value(a, name, in_fields))
			return false;
	} while (take(a, ','));
	return take(a, ']');
}

static int
name_of(const struct strv *names, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (names->v[i][0] == s[0] && strlen(names->v[i]) == len &&
		    memcmp(names->v[i], s, len) == 0)
			return (int)i;
	return -1;
}

static bool
object(struct at *a, bool in_fields)
{
	const char *s;
	size_t len;
	int name;

	if (!take(a, '{'))
		return false;
	if (take(a, '}'))
		return true;
	do {
		if (!string(a, &s, &len) || !take(a, ':'))
			return false;
		name = len > 0 ? name_of(a->names, s, len) : -1;
		if (!in_fields && len == 6 && memcmp(s, "fields", 6) == 0 &&
		    peek(a) == '{') {
			if (!object(a, true))
				return false;
		} else if (name < 0 ? !skip(a) : !values(a, name, in_fields))
			return false;
	} while (take(a, ','));
	return take(a, '}');
}

int
row_scan(struct row_scan *s, const struct strv *names, const char *p,
    size_t len, struct err *e)
{
	struct at a = { p, p + len, s, names };

	s->n = 0;
	buf_reset(&s->room);
	/* order matters: values point into it, so that it may not move;
	 * three bytes of UTF-8 for \uXXXX, a NUL for a quote */
	buf_reserve(&s->room, len + 8);
	return object(&a, false) ? 0 : err_set(e, ERR_CORRUPT, "its JSON is "
	    "damaged at byte %zu", (size_t)(a.p - p));
}
