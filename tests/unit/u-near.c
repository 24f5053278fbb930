#include "base/buf.h"
#include "tap.h"
#include "text/near.h"

#include <stdio.h>

static struct near x;

/* -1: like none before. */
static int
like(int kind, const char *text)
{
	size_t which;

	near_tell(&x, text, strlen(text));
	return near_again(&x, kind, &which) ? (int)which : -1;
}

/* n words, every k-th (from the first, 0: none) another. */
static const char *
many(int n, int k)
{
	static struct buf b = BUF_INIT;
	int i;

	buf_reset(&b);
	for (i = 0; i < n; i++)
		buf_addf(&b, "%s%d ", k > 0 && i % k == 0 ? "other" : "word",
		    i);
	return b.p;
}

static void
short_ones(void)
{
	ok(like(0, "yes") == -1, "the first is like none");
	ok(like(0, "Yes") == 0, "capitals make no difference");
	ok(like(0, " yes\n") == 0, "nor do blanks");
	ok(like(0, "yes!") == -1, "punctuation does");
	ok(like(0, "no") == -1, "another word");
	ok(like(1, "yes") == -1, "another kind");
	ok(like(0, "yes yes yes") == -1, "more of the same is not the same");
	ok(like(0, "exit 0") == -1 && like(0, "exit 1") == -1,
	    "numbers tell short texts apart");
	ok(like(0, "") == -1 && like(0, "") == -1 && like(0, " ") == -1,
	    "nothing is like nothing");
	ok(like(0, "\xff\xfe\x80") == -1 && like(0, "\xff\xfe\x80") >= 0,
	    "bytes that are not UTF-8");
	near_release(&x);
}

static void
long_ones(void)
{
	int n;

	for (n = 100; n <= 100000; n *= 10) {
		ok(like(0, many(n, 0)) == -1, "%d words", n);
		ok(like(0, many(n, 0)) == 0, "the same");
		ok(like(0, many(n, n)) == 0, "one other");
		ok(like(0, many(n, 20)) == -1, "every twentieth another");
		ok(like(0, many(n + n / 5, 0)) == -1, "a fifth longer");
		near_release(&x);
	}
}

static void
stretches(void)
{
	size_t which;

	near_tell(&x, "one two", 7);
	near_tell(&x, "three", 5);
	ok(!near_again(&x, 0, &which) && which == 0, "told in two");
	ok(like(0, "one two three") == 0, "is as told in one");
	ok(like(0, "three") == -1 && like(0, "x") == -1, "others");
	ok(like(0, "x") == 2, "are numbered without those folded");
	near_release(&x);
}

int
main(void)
{
	near_init(&x);
	short_ones();
	long_ones();
	stretches();
	return done();
}
