/*
 * Rows of letters and digits, beside what looks at one byte after the other,
 * in texts that end where memory does.
 */
#include "tap.h"

#include "base/alloc.h"
#include "index/ascii.h"

#include <stdlib.h>
#include <string.h>

static uint32_t seed = 5;

static uint32_t
draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static bool
within(int c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define LARGE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

/* The same, obviously. */
static bool
same(const char *p, size_t most)
{
	char *to = xmalloc(most + 1), want;
	struct ascii_row r = ascii_row(p, most, to);
	bool capital = false, small = false, good = true;
	size_t i;

	for (i = 0; i < most && within(p[i], SMALL LARGE DIGIT); i++) {
		capital |= i > 0 && within(p[i], LARGE);
		small |= within(p[i], SMALL);
		want = within(p[i], LARGE) ? (char)(p[i] - 'A' + 'a') : p[i];
		good &= to[i] == want;
	}
	free(to);
	return good && r.len == i && r.capital == capital &&
	    r.small == small;
}

static void
each_byte(void)
{
	char text[40], *p;
	int c, at, wrong = 0;
	size_t n;

	for (c = 0; c < 256; c++)
		for (at = 0; at < 40; at++)
			for (n = (size_t)at; n <= 40; n += 13) {
				memset(text, "a0Z"[c % 3], sizeof text);
				text[at] = (char)c;
				p = xmalloc(n + 1);
				memcpy(p, text, n);
				wrong += !same(p, n);
				free(p);
			}
	is_int(wrong, 0, "each byte at each place");
}

static void
drawn(void)
{
	static const char some[] = SMALL LARGE DIGIT SMALL SMALL "_ .\x80\xff";
	char *p;
	size_t n, i;
	int k, wrong = 0;

	for (k = 0; k < 20000; k++) {
		n = draw(100);
		p = xmalloc(n + 1);
		for (i = 0; i < n; i++)
			p[i] = some[draw(sizeof some - 1)];
		wrong += !same(p, n);
		free(p);
	}
	is_int(wrong, 0, "texts that are drawn");
}

int
main(void)
{
	each_byte();
	drawn();
	return done();
}
