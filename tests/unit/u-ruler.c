#include "index/ruler.h"
#include "tap.h"

#include <stdlib.h>

#define LEN 14

/* The whole table, as the definition has it. */
static unsigned
slow(const char *word, const char *other)
{
	static unsigned d[LEN + 1][LEN + 1];
	size_t n = strlen(word), m = strlen(other), i, j;
	unsigned x;

	for (i = 0; i <= m; i++)
		for (j = 0; j <= n; j++) {
			d[i][j] = i == 0 && j == 0 ? 0 : 1000;
			if (i > 0 && d[i][j] > (x = d[i - 1][j] +
			    (j == 0 && i == 1 ? 2 : 1)))
				d[i][j] = x;
			if (j > 0 && d[i][j] > (x = d[i][j - 1] +
			    (i == 0 && j == 1 ? 2 : 1)))
				d[i][j] = x;
			if (i > 0 && j > 0 && d[i][j] > (x = d[i - 1][j - 1] +
			    (other[i - 1] == word[j - 1] ? 0 :
			    i == 1 && j == 1 ? 2 : 1)))
				d[i][j] = x;
			if (i > 1 && j > 1 && other[i - 1] == word[j - 2] &&
			    other[i - 2] == word[j - 1] &&
			    d[i][j] > (x = d[i - 2][j - 2] + 1))
				d[i][j] = x;
		}
	return d[m][n];
}

static unsigned seed = 1;

static unsigned
roll(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void
random_word(char *w, size_t least, size_t most)
{
	size_t n = least + roll((unsigned)(most - least + 1)), i;

	for (i = 0; i < n; i++)
		w[i] = (char)('a' + roll(4));
	w[n] = '\0';
}

/* A word with some mistakes. */
static void
spoil(char *out, const char *w)
{
	size_t n = strlen(w), at;
	unsigned k = roll(4);
	char c;

	strcpy(out, w);
	while (k-- > 0 && n > 1) {
		at = roll((unsigned)n);
		switch (roll(4)) {
		case 0:
			memmove(out + at, out + at + 1, n - at);
			n--;
			break;
		case 1:
			if (n == LEN)
				break;
			memmove(out + at + 1, out + at, n - at + 1);
			out[at] = (char)('a' + roll(4));
			n++;
			break;
		case 2:
			out[at] = (char)('a' + roll(4));
			break;
		default:
			if (at + 1 == n)
				break;
			c = out[at];
			out[at] = out[at + 1];
			out[at + 1] = c;
		}
	}
}

static void
distances(void)
{
	char word[LEN + 1], other[LEN + 1];
	struct ruler r;
	unsigned i, bad = 0, want, got, near = 0;

	for (i = 0; i < 200000; i++) {
		random_word(word, 4, 12);
		spoil(other, word);
		if (!ruler_init(&r, word, strlen(word)))
			bad++;
		want = slow(word, other);
		got = ruler_measure(&r, other, strlen(other));
		near += want <= r.max;
		if (want > r.max ? got <= r.max : got != want) {
			printf("# %s %s: %u, not %u\n", word, other, got,
			    want);
			bad++;
		}
	}
	ok(bad == 0, "distances are those of the whole table");
	ok(near > 50000, "many were near");
}

/* No word that begins as what has no hope is near; ruler_next leaves none
 * out. */
static void
hope(void)
{
	char word[LEN + 1], other[LEN + 1], best[LEN + 1];
	struct ruler r;
	unsigned i, bad = 0;
	size_t k, n;
	uint32_t next, c;

	for (i = 0; i < 50000; i++) {
		random_word(word, 4, 12);
		spoil(best, word);
		ruler_init(&r, word, strlen(word));
		if (slow(word, best) > r.max)
			continue;
		n = strlen(best);
		for (k = 0; k < n; k++)
			if (!ruler_tell(&r, k, (unsigned char)best[k]))
				bad++;
		/* another letter at some place */
		k = roll((unsigned)n);
		memcpy(other, best, n + 1);
		ruler_init(&r, word, strlen(word));
		for (c = 0; c < k; c++)
			ruler_tell(&r, c, (unsigned char)best[c]);
		for (c = 'a'; c < (uint32_t)best[k]; c++) {
			if (ruler_tell(&r, k, c))
				continue;
			next = ruler_next(&r, k, c);
			if (next == 0 || next <= c ||
			    next > (uint32_t)best[k])
				bad++;
		}
	}
	ok(bad == 0, "what is near is never passed over");
}

static void
words(void)
{
	struct ruler r;

	ok(!ruler_init(&r, "abc", 3), "three letters are too few");
	ok(!ruler_init(&r, "ab1cd", 5), "digits are not measured");
	ok(!ruler_init(&r, "don't", 5), "nor is an apostrophe");
	ok(ruler_init(&r, "alice's", 7) && r.n == 5, "but for 's");
	ok(!ruler_init(&r, "abcdefghijklmnopqrstuvwxyzabcdefg", 33),
	    "a very long one is not measured");
	ok(ruler_init(&r, "redis", 5) && r.max == 1, "one mistake");
	ok(ruler_measure(&r, "redsi", 5) == 1, "letters changed places");
	ok(ruler_measure(&r, "erdis", 5) == 1, "the first two, too");
	ok(ruler_measure(&r, "medis", 5) > 1, "not another first letter");
	ok(ruler_measure(&r, "redis6", 6) > 1, "not with a digit");
	ok(ruler_measure(&r, "", 0) > 1, "not nothing");
	ok(ruler_init(&r, "kubernets", 9) && r.max == 2, "two");
	ok(ruler_measure(&r, "gubernets", 9) == 2, "the first letter");
	ok(ruler_init(&r, "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
	    12) && r.n == 6 && ruler_measure(&r,
	    "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb0", 10) == 1,
	    "letters, not bytes");
}

int
main(void)
{
	words();
	distances();
	hope();
	return done();
}
