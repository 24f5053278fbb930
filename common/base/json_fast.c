/*
 * Recursive descent; the nesting is bounded.
 */
#include "base/json_fast.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ONES	UINT64_C(0x0101010101010101)
#define HIGHS	UINT64_C(0x8080808080808080)
#define NUMBER_MAX 40		/* longest number that is read here */
#define KEY_MAX 256		/* and the longest name of a member */

struct fast {
	const char *p, *end;
	struct buf text;	/* of a string with escapes */
	int depth;
};

static json_t	*value(struct fast *);

/* 0x80 where a byte of x is zero; above the first one there may be more. */
static uint64_t
zeros(uint64_t x)
{
	return (x - ONES) & ~x & HIGHS;
}

/* To the first quote, backslash or control; *high: there was a byte that is
 * not ASCII. */
static const char *
skip_plain(const char *p, const char *end, bool *high)
{
	uint64_t x, all = 0;
	unsigned char c;

	for (; end - p >= 8; p += 8) {
		memcpy(&x, p, 8);
		/* controls: below 0x20 without the high bit */
		if ((zeros(x ^ ONES * '"') | zeros(x ^ ONES * '\\') |
		    zeros(x & ONES * 0xe0)) != 0)
			break;
		all |= x;
	}
	for (; p < end; p++) {
		c = (unsigned char)*p;
		if (c == '"' || c == '\\' || c < 0x20)
			break;
		all |= c;
	}
	*high |= (all & HIGHS) != 0;
	return p;
}

static int
hex4(const char *p)
{
	int v = 0, i;

	for (i = 0; i < 4; i++) {
		v <<= 4;
		if (p[i] >= '0' && p[i] <= '9')
			v |= p[i] - '0';
		else if ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')
			v |= (p[i] | 32) - 'a' + 10;
		else
			return -1;
	}
	return v;
}

/* Behind "\u"; a pair of surrogates is one character.  false: none. */
static bool
unicode(struct fast *f)
{
	char out[4];
	int c, low;

	if (f->end - f->p < 4 || (c = hex4(f->p)) <= 0)
		return false;
	f->p += 4;
	if (c >= 0xdc00 && c <= 0xdfff)
		return false;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (f->end - f->p < 6 || f->p[0] != '\\' || f->p[1] != 'u' ||
		    (low = hex4(f->p + 2)) < 0xdc00 || low > 0xdfff)
			return false;
		f->p += 6;
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
	}
	buf_add(&f->text, out, utf8_put(out, (uint32_t)c));
	return true;
}

static bool
escape(struct fast *f)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (++f->p == f->end || *f->p == '\0')
		return false;
	if (*f->p == 'u') {
		f->p++;
		return unicode(f);
	}
	if ((at = strchr(from, *f->p)) == NULL)
		return false;
	buf_addc(&f->text, to[at - from]);
	f->p++;
	return true;
}

/* Behind the quote that opens; the string is borrowed until the next. */
static bool
string(struct fast *f, const char **s, size_t *n)
{
	const char *start = f->p;
	bool high = false, whole = true;

	buf_reset(&f->text);
	for (;;) {
		f->p = skip_plain(f->p, f->end, &high);
		if (f->p == f->end || (unsigned char)*f->p < 0x20)
			return false;
		if (*f->p == '"')
			break;
		buf_add(&f->text, start, (size_t)(f->p - start));
		whole = false;
		if (!escape(f))
			return false;
		start = f->p;
	}
	if (whole) {
		*s = start;
		*n = (size_t)(f->p - start);
	} else {
		buf_add(&f->text, start, (size_t)(f->p - start));
		*s = f->text.p;
		*n = f->text.len;
	}
	f->p++;
	return !high || utf8_check(*s, *n) == *n;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [-] digits [. digits] [e [+-] digits], as RFC 8259 has it. */
static json_t *
number(struct fast *f)
{
	const char *start = f->p, *p = start, *int_start;
	char text[NUMBER_MAX + 1];
	bool real = false;
	double d;

	p += p < f->end && *p == '-';
	int_start = p;
	while (p < f->end && is_digit(*p))
		p++;
	if (p == int_start || (*int_start == '0' && p - int_start > 1))
		return NULL;
	if (p < f->end && *p == '.') {
		for (real = true, p++; p < f->end && is_digit(*p); p++)
			;
		if (!is_digit(p[-1]))
			return NULL;
	}
	if (p < f->end && (*p | 32) == 'e') {
		real = true;
		p++;
		p += p < f->end && (*p == '+' || *p == '-');
		if (p == f->end || !is_digit(*p))
			return NULL;
		while (p < f->end && is_digit(*p))
			p++;
	}
	if (p - start > NUMBER_MAX || (!real && p - start > 18))
		return NULL;
	memcpy(text, start, (size_t)(p - start));
	text[p - start] = '\0';
	f->p = p;
	if (!real)
		return json_integer(strtoll(text, NULL, 10));
	d = strtod(text, NULL);
	return isfinite(d) ? json_real(d) : NULL;
}

static json_t *
word(struct fast *f, const char *w, json_t *v)
{
	size_t n = strlen(w);

	if ((size_t)(f->end - f->p) < n || memcmp(f->p, w, n) != 0)
		return NULL;
	f->p += n;
	return v;
}

/* The next byte that is no blank, or 0. */
static char
next(struct fast *f)
{
	while (f->p < f->end && (*f->p == ' ' || *f->p == '\n' ||
	    *f->p == '\t' || *f->p == '\r'))
		f->p++;
	return f->p < f->end ? *f->p : '\0';
}

/* Behind '['; false: give up. */
static bool
elements(struct fast *f, json_t *list)
{
	json_t *v;
	char c;

	if (next(f) == ']') {
		f->p++;
		return true;
	}
	do {
		if ((v = value(f)) == NULL)
			return false;
		json_array_append_new(list, v);
		c = next(f);
		f->p += c != '\0';
	} while (c == ',');
	return c == ']';
}

static bool
member(struct fast *f, json_t *o)
{
	char key[KEY_MAX];
	size_t n, before = json_object_size(o);
	const char *s;
	json_t *v;
	bool good;

	if (next(f) != '"')
		return false;
	f->p++;
	/* a NUL cannot be in it: escape and skip_plain see to that */
	if (!string(f, &s, &n) || n > sizeof key)
		return false;
	memcpy(key, s, n);	/* the value may use the same room */
	good = next(f) == ':';
	f->p += good;
	if (!good || (v = value(f)) == NULL)
		return false;
	json_object_setn_new_nocheck(o, key, n, v);
	/* a key that stands there twice is an error */
	return json_object_size(o) > before;
}

static bool
members(struct fast *f, json_t *o)
{
	char c;

	if (next(f) == '}') {
		f->p++;
		return true;
	}
	do {
		if (!member(f, o))
			return false;
		c = next(f);
		f->p += c != '\0';
	} while (c == ',');
	return c == '}';
}

static json_t *
container(struct fast *f, bool object)
{
	json_t *v = object ? json_object() : json_array();
	bool good = f->depth < JSON_DEPTH_MAX;

	f->p++;
	f->depth++;
	good = good && (object ? members(f, v) : elements(f, v));
	f->depth--;
	if (good)
		return v;
	json_decref(v);
	return NULL;
}

static json_t *
value(struct fast *f)
{
	const char *s;
	size_t n;

	switch (next(f)) {
	case '"':
		f->p++;
		return string(f, &s, &n) ? json_stringn_nocheck(s, n) : NULL;
	case '{':
		return container(f, true);
	case '[':
		return container(f, false);
	case 't':
		return word(f, "true", json_true());
	case 'f':
		return word(f, "false", json_false());
	case 'n':
		return word(f, "null", json_null());
	case '\0':
		return NULL;
	default:
		return number(f);
	}
}

json_t *
json_fast(const char *p, size_t len)
{
	struct fast f = { p, p + len, BUF_INIT, 0 };
	json_t *v = value(&f);

	if (v != NULL && (next(&f) != '\0' || f.p < f.end)) {
		json_decref(v);
		v = NULL;
	}
	buf_release(&f.text);
	return v;
}
