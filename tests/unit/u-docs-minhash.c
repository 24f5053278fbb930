/*
 * MinHash: how much texts resemble each other, against counting.
 */
#include "tap.h"

#include "docs/minhash.h"

#include <math.h>

/* Words from..to, of which each n-th is another one. */
static void
words(struct minhash *m, uint64_t from, uint64_t to, uint64_t n)
{
	uint64_t i;

	minhash_init(m);
	for (i = from; i < to; i++)
		minhash_word(m, (n != 0 && i % n == 0 ? i + 1000000 : i) *
		    UINT64_C(0x2545f4914f6cdd1d));
	minhash_end(m);
}

static void
near(uint64_t n)
{
	struct minhash a, b;
	double want, same;

	words(&a, 0, 20000, 0);
	words(&b, 0, 20000, n);
	/* each word that differs takes five runs away on both sides */
	want = ((double)n - 5) / ((double)n + 5);
	same = minhash_same(&a, &b);
	ok(fabs(same - want) <= 0.25 && same == minhash_same(&b, &a),
	    "each %d-th word is another one: %.2f for %.2f", (int)n, same,
	    want);
}

static void
edges(void)
{
	struct minhash a, b, none;

	words(&none, 0, 0, 0);
	ok(minhash_same(&none, &none) == 0, "nothing is like nothing");
	words(&a, 0, 3, 0);
	words(&b, 0, 3, 0);
	ok(minhash_same(&a, &b) == 1, "three words and the same three");
	words(&b, 1, 4, 0);
	ok(minhash_same(&a, &b) == 0, "and others");
	ok(minhash_same(&a, &none) == 0, "and none");
	words(&a, 0, 24, 0);			/* 20 runs */
	words(&b, 5, 29, 0);			/* 15 of them */
	ok(fabs(minhash_same(&a, &b) - 15.0 / 25) < 1e-9, "short ones exactly");
	words(&a, 0, 20000, 0);
	ok(minhash_same(&a, &a) == 1, "the same");
	words(&b, 30000, 50000, 0);
	ok(minhash_same(&a, &b) < 0.05, "others");
}

static void
written(void)
{
	char hex[MINHASH_HEX + 1], again[MINHASH_HEX + 1];
	struct minhash a, b;

	words(&a, 0, 1000, 0);
	minhash_format(&a, hex);
	is_int((int64_t)strlen(hex), MINHASH_HEX, "all of it");
	ok(minhash_parse(&b, hex) == 1 && minhash_same(&a, &b) == 1,
	    "written and read");
	minhash_format(&b, again);
	is_str(again, hex, "and written");
	ok(minhash_parse(&b, "") == 1 && b.n == 0, "an empty one");
	ok(!minhash_parse(&b, "0000000g") && !minhash_parse(&b, "0000") &&
	    !minhash_parse(&b, "0000000200000001") &&
	    !minhash_parse(&b, "0000000100000001"), "and what is none");
	strcpy(again, hex);
	memmove(again + 8, again, 8);
	ok(!minhash_parse(&b, again), "one twice");
}

int
main(void)
{
	near(1000);
	near(100);
	near(40);
	near(20);
	near(10);
	edges();
	written();
	return done();
}
