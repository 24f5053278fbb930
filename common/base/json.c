/*
 * The parser is jansson's.  The writer is ours: jansson's notes every
 * container in a hash table to find loops that we never make, and prints
 * 0.1 as 0.10000000000000001.
 */
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/date.h"
#include "base/json_long.h"
#include "base/utf8.h"

#define LONG	192		/* bytes of a text with long strings */
#define ONES	UINT64_C(0x0101010101010101)
#define LOWS	UINT64_C(0x7f7f7f7f7f7f7f7f)

void
json_setup(void)
{
	json_set_alloc_funcs(xmalloc, free);
}

/* 0x80 in each byte of x that is zero, 0 in the others: no false ones. */
static uint64_t
zero_bytes(uint64_t x)
{
	return ~(((x & LOWS) + LOWS) | x | LOWS);
}

/* How many { and [ there are, in strings too; stops above max. */
static size_t
count_openers(const char *p, size_t len, size_t max)
{
	size_t i = 0, n = 0;
	uint64_t x;

	while (len - i >= 8 && n <= max) {
		memcpy(&x, p + i, 8);
		/* '[' | 0x20 is '{' */
		x = zero_bytes((x | ONES * 0x20) ^ ONES * '{') >> 7;
		n += x * ONES >> 56;
		i += 8;
	}
	for (; i < len && n <= max; i++)
		n += p[i] == '{' || p[i] == '[';
	return n;
}

/* The first byte that nests deeper than max, or len. */
static size_t
find_too_deep(const char *p, size_t len, int max)
{
	size_t i;
	int depth = 0;

	for (i = 0; i < len; i++)
		switch (p[i]) {
		case '{':
		case '[':
			if (++depth > max)
				return i;
			break;
		case '}':
		case ']':
			depth -= depth > 0;	/* the parser tells */
			break;
		case '"':
			for (i++; i < len && p[i] != '"'; i++)
				if (p[i] == '\\')
					i++;
			break;
		}
	return len;
}

/* jansson's own text quotes the input, which may hold a secret. */
static const char *
reason(const json_error_t *je)
{
	switch (json_error_code(je)) {
	case json_error_invalid_utf8:
		return "not UTF-8";
	case json_error_premature_end_of_input:
		return "the end comes too early";
	case json_error_end_of_input_expected:
		return "something follows the value";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a NUL (\\u0000) in a string";
	case json_error_duplicate_key:
		return "a key stands twice in one object";
	case json_error_numeric_overflow:
		return "a number is out of range";
	case json_error_stack_overflow:
		return "nested too deeply";
	default:
		return "not JSON";
	}
}

#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

/* NULL where json_loadb has to tell why, too. */
static json_t *
read_long(const char *p, size_t len)
{
	struct json_long strings;
	json_t *v = NULL;

	if (json_long_take(&strings, p, len))
		v = json_loadb(strings.text.p, strings.text.len, FLAGS, NULL);
	if (v != NULL && !json_long_give(&strings, v)) {
		json_decref(v);
		v = NULL;
	}
	json_long_release(&strings);
	return v;
}

json_t *
json_read(const char *p, size_t len, struct err *e)
{
	size_t bom, deep;
	json_error_t je;
	json_t *v;

	bom = len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	/* Few lines hold 64 openers at all; only these are read twice. */
	if (count_openers(p, len, JSON_DEPTH_MAX) > JSON_DEPTH_MAX &&
	    (deep = find_too_deep(p, len, JSON_DEPTH_MAX)) < len) {
		err_set(e, ERR_INPUT, "byte %zu: nested deeper than %d",
		    deep + 1, JSON_DEPTH_MAX);
		return NULL;
	}
	p += bom;
	len -= bom;
	v = len < LONG ? NULL : read_long(p, len);
	if (v == NULL)
		v = json_loadb(p, len, FLAGS, &je);
	if (v == NULL && utf8_is_utf16(p, len))
		err_set(e, ERR_INPUT, "byte 1: UTF-16; convert it with "
		    "iconv -t UTF-8");
	else if (v == NULL)
		err_set(e, ERR_INPUT, "byte %zu: %s",
		    (je.position > 0 ? (size_t)je.position : 0) + bom,
		    reason(&je));
	return v;
}

/* Does a byte of these eight need an escape: control, quote, backslash? */
static bool
any_escape(uint64_t x)
{
	uint64_t high = x & ~LOWS;
	uint64_t low = ~((x & LOWS) + ONES * (0x80 - 0x20)) & ~LOWS & ~high;

	return (low | zero_bytes(x ^ ONES * '"') |
	    zero_bytes(x ^ ONES * '\\')) != 0;
}

#if defined(__SSE2__) && defined(__GNUC__)
/* Which of 16 bytes need one, as bits, the first the lowest. */
static unsigned
escapes(const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x,
	    _mm_set1_epi8(0x1f)), x);

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(control,
	    _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
	    _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')))));
}

/* Of all the bytes that are read 16 at a time: how many are plain; *more:
 * there may be others behind them. */
static size_t
plain_blocks(const char *p, size_t len, bool *more)
{
	size_t i;
	unsigned bits;

	*more = false;
	for (i = 0; len - i >= 16; i += 16)
		if ((bits = escapes(p + i)) != 0)
			return i + (size_t)__builtin_ctz(bits);
	*more = true;
	return i;
}
#else
static size_t
plain_blocks(const char *p, size_t len, bool *more)
{
	(void)p;
	(void)len;
	*more = true;
	return 0;
}
#endif

size_t
json_plain(const char *p, size_t len)
{
	bool more;
	size_t i = plain_blocks(p, len, &more);
	uint64_t x;

	if (!more)
		return i;
	while (len - i >= 8) {
		memcpy(&x, p + i, 8);
		if (any_escape(x))
			break;
		i += 8;
	}
	while (i < len && (unsigned char)p[i] >= 0x20 && p[i] != '"' &&
	    p[i] != '\\')
		i++;
	return i;
}

static void
add_escape(struct buf *b, unsigned char c)
{
	static const char names[256] = { ['"'] = '"', ['\\'] = '\\',
	    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
	    ['\t'] = 't' };

	if (names[c] != '\0')
		buf_add(b, (const char[]){ '\\', names[c] }, 2);
	else
		buf_addf(b, "\\u%04x", c);
}

/* The inside of a string that is known to be UTF-8. */
static void
add_inside(struct buf *b, const char *p, size_t len)
{
	size_t n;

	for (;;) {
		n = json_plain(p, len);
		buf_add(b, p, n);
		if (n == len)
			return;
		add_escape(b, (unsigned char)p[n]);
		p += n + 1;
		len -= n + 1;
	}
}

void
json_quote(struct buf *b, const char *p, size_t len)
{
	size_t n;

	buf_addc(b, '"');
	while ((n = utf8_check(p, len)) < len) {
		add_inside(b, p, n);
		buf_adds(b, "\xef\xbf\xbd");
		p += n + 1;
		len -= n + 1;
	}
	add_inside(b, p, len);
	buf_addc(b, '"');
}

void
json_add_text(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(b, ",\"%s\":", key);
	json_quote(b, value, strlen(value));
}

void
json_add_int(struct buf *b, const char *key, int64_t n)
{
	buf_addf(b, ",\"%s\":%" PRId64, key, n);
}

static void
add_string(struct buf *b, const char *p, size_t len)
{
	buf_addc(b, '"');
	add_inside(b, p, len);
	buf_addc(b, '"');
}

/* The fewest digits that read back as the same number. */
static void
add_real(struct buf *b, double v)
{
	char s[40], *comma;
	int digits;

	assert(isfinite(v));
	for (digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, v);
		if (digits == 17 || strtod(s, NULL) == v)
			break;
	}
	if ((comma = strchr(s, ',')) != NULL)	/* some locales */
		*comma = '.';
	buf_adds(b, s);
	if (strpbrk(s, ".e") == NULL)
		buf_adds(b, ".0");	/* or it came back as an integer */
}

static void	add_value(struct buf *, const json_t *, bool sort);

struct member {
	const char *key;
	const json_t *v;
};

static int
cmp_keys(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->key,
	    ((const struct member *)b)->key);
}

static void
add_sorted(struct buf *b, const json_t *o)
{
	json_t *obj = (json_t *)o;	/* jansson's iterators want it so */
	size_t i, n = json_object_size(o);
	struct member *m = xreallocarray(NULL, n + 1, sizeof *m);
	void *it;

	for (i = 0, it = json_object_iter(obj); it != NULL; i++) {
		assert(i < n);
		m[i].key = json_object_iter_key(it);
		m[i].v = json_object_iter_value(it);
		it = json_object_iter_next(obj, it);
	}
	qsort(m, n, sizeof *m, cmp_keys);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_string(b, m[i].key, strlen(m[i].key));
		buf_addc(b, ':');
		add_value(b, m[i].v, true);
	}
	free(m);
}

static void
add_in_order(struct buf *b, const json_t *o)
{
	json_t *obj = (json_t *)o;
	const char *key, *sep = "";
	void *it;

	for (it = json_object_iter(obj); it != NULL;
	    it = json_object_iter_next(obj, it)) {
		buf_adds(b, sep);
		key = json_object_iter_key(it);
		add_string(b, key, strlen(key));
		buf_addc(b, ':');
		add_value(b, json_object_iter_value(it), false);
		sep = ",";
	}
}

static void
add_array(struct buf *b, const json_t *a, bool sort)
{
	size_t i, n = json_array_size(a);

	buf_addc(b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_value(b, json_array_get(a, i), sort);
	}
	buf_addc(b, ']');
}

static void
add_value(struct buf *b, const json_t *v, bool sort)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		buf_addc(b, '{');
		if (sort)
			add_sorted(b, v);
		else
			add_in_order(b, v);
		buf_addc(b, '}');
		break;
	case JSON_ARRAY:
		add_array(b, v, sort);
		break;
	case JSON_STRING:
		add_string(b, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		buf_add_int(b, json_integer_value(v));
		break;
	case JSON_REAL:
		add_real(b, json_real_value(v));
		break;
	case JSON_TRUE:
		buf_adds(b, "true");
		break;
	case JSON_FALSE:
		buf_adds(b, "false");
		break;
	case JSON_NULL:
		buf_adds(b, "null");
		break;
	}
}

void
json_write(struct buf *b, const json_t *v)
{
	add_value(b, v, false);
}

void
json_sorted(struct buf *b, const json_t *v)
{
	add_value(b, v, true);
}

const char *
get_str(const json_t *o, const char *key, const char **bad)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return NULL;
	if (!json_is_string(v) && bad != NULL)
		*bad = key;
	return json_string_value(v);
}

int
get_int(const json_t *o, const char *key, int64_t *out)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_integer(v))
		return -1;
	*out = json_integer_value(v);
	return 1;
}

int
get_time(const json_t *o, const char *key, int64_t *ms)
{
	return value_time(json_object_get(o, key), ms);
}

int
value_time(const json_t *v, int64_t *ms)
{
	json_int_t i;

	if (v == NULL || json_is_null(v))
		return 0;
	if (json_is_string(v))
		return date_machine(json_string_value(v), ms) ? 1 : -1;
	if (!json_is_integer(v))
		return -1;
	i = json_integer_value(v);
	if (i < DATE_MIN || i > DATE_MAX)
		return -1;
	*ms = i;
	return 1;
}

/* One step of a path: a member by name, or an element by number. */
static const json_t *
get_step(const json_t *v, const char *name)
{
	char *end;
	unsigned long i;

	if (json_is_object(v))
		return json_object_get(v, name);
	if (!json_is_array(v) || *name < '0' || *name > '9')
		return NULL;
	i = strtoul(name, &end, 10);
	return *end == '\0' ? json_array_get(v, i) : NULL;
}

const json_t *
get_path(const json_t *v, const char *path)
{
	char name[256];
	size_t n;

	for (;;) {
		n = strcspn(path, ".");
		if (v == NULL || n >= sizeof name)
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		v = get_step(v, name);
		if (path[n] == '\0')
			return v;
		path += n + 1;
	}
}

void
json_reason(struct buf *out, const char *answer, size_t len,
    const char *const *paths)
{
	struct err ignored;	/* then it is no JSON */
	json_t *v = json_read(answer, len, &ignored);
	const char *s = NULL;

	for (; v != NULL && *paths != NULL && (s == NULL || *s == '\0');
	    paths++)
		s = json_string_value(get_path(v, *paths));
	if (s != NULL && *s != '\0') {
		buf_adds(out, ": ");
		for (; *s != '\0'; s++)
			buf_addc(out, (unsigned char)*s < ' ' || *s == 0x7f ?
			    ' ' : *s);
	}
	json_decref(v);
}
