/*
 * ASCII is told by a table, the rest by index/fold.
 */
#include "index/run.h"

#include "base/utf8.h"
#include "index/fold.h"

#include <string.h>

#define LO RUN_LOWER
#define UP RUN_UPPER
#define DI RUN_DIGIT
#define JO RUN_JOIN
#define HI RUN_HIGH
#define ROW HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI

const unsigned char run_classes[256] = {
	['a'] = LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO,
	LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO,
	['A'] = UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP,
	UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP,
	['0'] = DI, DI, DI, DI, DI, DI, DI, DI, DI, DI,
	['_'] = RUN_UNDER, ['\''] = RUN_QUOTE,
	['.'] = JO, ['-'] = JO, ['/'] = JO, ['\\'] = JO, [':'] = JO,
	['@'] = JO, ['+'] = JO, ['&'] = JO, ['#'] = JO, [','] = JO,
	[128] = ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW
};

static int
class_at(const char *p, size_t len, size_t i)
{
	return i < len ? run_classes[(unsigned char)p[i]] : RUN_NONE;
}

static enum fold_class
high_at(const char *p, size_t len, size_t i, size_t *n)
{
	return fold_class(utf8_decode(p + i, len - i, n));
}

bool
run_begins(const char *p, size_t len, size_t i)
{
	size_t n;

	switch (class_at(p, len, i)) {
	case LO: case UP: case DI:
		return true;
	case HI:
		return high_at(p, len, i, &n) == FOLD_WORD;
	default:
		return false;
	}
}

/* An apostrophe at i with a letter on both sides: its length, else 0. */
static size_t
apostrophe(const char *p, size_t len, size_t i)
{
	size_t n = 1;

	if (p[i] != '\'') {
		if (len - i < 3 || memcmp(p + i, "\xe2\x80\x99", 3) != 0)
			return 0;
		n = 3;
	}
	if (i == 0 || class_at(p, len, i - 1) == DI ||
	    class_at(p, len, i + n) == DI || !run_begins(p, len, i + n))
		return 0;
	return n;
}

/* The bytes of the character at i if it goes on the run, else 0. */
static size_t
step(const char *p, size_t len, size_t i, int class)
{
	size_t n;

	switch (class) {
	case LO: case UP: case DI:
		return 1;
	case RUN_QUOTE:
		return apostrophe(p, len, i);
	case HI:
		switch (high_at(p, len, i, &n)) {
		case FOLD_WORD: case FOLD_MARK: case FOLD_SKIP:
			return n;
		default:
			return apostrophe(p, len, i);
		}
	default:
		return 0;
	}
}

void
run_find(const char *p, size_t len, struct run *r)
{
	size_t i, n, chars = 0;
	int c;

	r->high = false;
	r->upper = 0;
	for (i = r->start; ; i += n, chars++) {
		c = class_at(p, len, i);
		if ((n = step(p, len, i, c)) == 0)
			break;
		if ((r->high || c == HI) && chars >= FOLD_CHARS)
			break;
		r->high |= c == HI;
		r->upper += c == UP && i > r->start;
	}
	r->end = i;
}

size_t
run_joiner(const char *p, size_t len, size_t i, bool *same)
{
	size_t n = 1;

	*same = false;
	switch (class_at(p, len, i)) {
	case RUN_UNDER:
		while (class_at(p, len, i + n) == RUN_UNDER && n < 8)
			n++;
		*same = true;
		break;
	case JO:
		if (p[i] == ',' && (i == 0 || class_at(p, len, i - 1) != DI ||
		    class_at(p, len, i + 1) != DI))
			return 0;		/* 1,000 but not a,b */
		if (len - i >= 3 && memcmp(p + i, "://", 3) == 0)
			n = 3;
		else if (len - i >= 2 && (memcmp(p + i, "::", 2) == 0 ||
		    memcmp(p + i, ":\\", 2) == 0))
			n = 2;
		break;
	default:
		return 0;
	}
	return run_begins(p, len, i + n) ? n : 0;
}

/* v1 of v1.2.3? */
static bool
version(const char *p, size_t len, const struct run *r)
{
	size_t i;

	if ((p[r->start] | 0x20) != 'v' || r->end >= len || p[r->end] != '.')
		return false;
	for (i = r->start + 1; i < r->end && run_classes[(unsigned char)p[i]]
	    == DI; i++)
		;
	return i == r->end && i > r->start + 1;
}

unsigned
run_cuts(const char *p, size_t len, const struct run *r, size_t cut[RUN_CUTS])
{
	size_t i;
	unsigned n = 0;
	int was, next;

	if (version(p, len, r)) {
		cut[0] = 1;
		return 1;
	}
	for (i = r->start + 1; i < r->end && r->upper > 0; i++) {
		if (run_classes[(unsigned char)p[i]] != UP)
			continue;
		was = run_classes[(unsigned char)p[i - 1]];
		next = class_at(p, r->end, i + 1);
		if (was == UP && i + 2 == r->end && p[i + 1] == 's')
			continue;
		if (was == LO || (next == LO && (was == DI || was == UP))) {
			if (n == RUN_CUTS)
				return 0;
			cut[n++] = i - r->start;
		}
	}
	return r->end - r->start >= 2 * (n + 1) ? n : 0;
}
