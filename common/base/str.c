/*
 * Strings and numbers.  strtol is not used: it takes blanks, signs and
 * bases that nobody meant, and the locale has a say in it; nor is ctype.
 */
#include "base/str.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static int
ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool
ascii_blank(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool
str_same(const char *a, const char *b)
{
	while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b))
		a++, b++;
	return ascii_lower(*a) == ascii_lower(*b);
}

bool
str_eq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

/* Digits up to the first other byte; *end is it.  The sum is kept below
 * zero, where INT64_MIN has room.  1 read, 0 none or too many. */
static int
scan_int(const char *s, int64_t *out, const char **end)
{
	bool negative = *s == '-';
	int64_t v = 0;
	int d;

	if (negative)
		s++;
	if (*s < '0' || *s > '9')
		return 0;
	for (; *s >= '0' && *s <= '9'; s++) {
		d = *s - '0';
		if (v < (INT64_MIN + d) / 10)
			return 0;
		v = v * 10 - d;
	}
	if (!negative && v == INT64_MIN)
		return 0;
	*out = negative ? v : -v;
	*end = s;
	return 1;
}

int
str_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *end;
	int64_t v;

	if (!scan_int(s, &v, &end) || *end != '\0' || v < min || v > max)
		return 0;
	*out = v;
	return 1;
}

int
str_size(const char *s, int64_t max, int64_t *out)
{
	static const char units[] = "kmgt";
	const char *end, *u;
	int shift = 0;
	int64_t v;

	if (!scan_int(s, &v, &end) || v < 0)
		return 0;
	if (*end != '\0') {
		if ((u = strchr(units, ascii_lower(*end))) == NULL ||
		    end[1] != '\0')
			return 0;
		shift = 10 * (int)(u - units + 1);
	}
	if (v > INT64_MAX >> shift || v << shift > max)
		return 0;
	*out = v << shift;
	return 1;
}

void
str_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = (char)ascii_lower(*s);
}

void
str_hide(char *text, const char *secret)
{
	size_t n = strlen(secret);
	char *at;

	/* goes on behind: one of '*' would be found again and again */
	for (at = text; n > 0 && (at = strstr(at, secret)) != NULL; at += n)
		memset(at, '*', n);
}

char *
str_trim(char *s)
{
	size_t n;

	while (ascii_blank(*s))
		s++;
	for (n = strlen(s); n > 0 && ascii_blank(s[n - 1]); n--)
		;
	s[n] = '\0';
	return s;
}

static void
strv_push(struct strv *l, char *s)
{
	l->v = xgrow(l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n++] = s;
}

void
strv_add(struct strv *l, const char *s)
{
	strv_push(l, xstrdup(s));
}

void
strv_add_n(struct strv *l, const char *s, size_t n)
{
	strv_push(l, xstrndup(s, n));
}

void
strv_release(struct strv *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strv)STRV_INIT;
}

bool
strv_has(const struct strv *l, const char *s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

static int
strv_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
strv_sort(struct strv *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, strv_order);
}
