/*
 * Passages of made-up text, a line each: p-passages COUNT [BYTES [SEED]].
 *
 * BYTES (490) is how long they are about.  Words are as likely as in English
 * by their rank: half of them among the first 64, 7 in 10 in the first
 * thousand, 19 in 20 in the first 32 thousand, of half a million.  The first
 * are stop words, the others syllables with the usual endings, now and then
 * an identifier, a number or a version.  Only whole numbers: the same
 * arguments give the same bytes everywhere.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252u;

/* xorshift64 (Marsaglia 2003) */
static uint32_t
below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static uint64_t
scatter(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static size_t
put_word(char *out, uint32_t rank)
{
	static const char *const stops[] = { "the", "of", "and", "to", "a",
	    "in", "that", "is", "was", "he", "for", "it", "with", "as", "his",
	    "on", "be", "at", "by", "I", "this", "had", "not", "are", "but",
	    "from", "or", "have", "an", "they", "which", "one", "you", "were",
	    "all", "her", "she", "there", "would", "their", "we", "him",
	    "been", "has", "when", "who", "will", "no", "more", "if", "out",
	    "so", "up", "said", "what", "its", "about", "than", "into",
	    "them", "can", "only", "other" };
	static const char *const heads[] = { "b", "br", "c", "ch", "d", "f",
	    "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr", "r", "s",
	    "st", "t", "tr", "v", "w", "" };
	static const char *const tails[] = { "a", "e", "i", "o", "u", "an",
	    "er", "in", "on", "al", "est", "ick", "ea", "ou", "ol", "um" };
	static const char *const ends[] = { "", "", "", "", "s", "s", "ed",
	    "ing", "ly", "er", "ion", "y" };
	uint64_t h;
	size_t n = 0;
	uint32_t syllables, i;

	if (rank < sizeof stops / sizeof *stops)
		return (size_t)sprintf(out, "%s", stops[rank]);
	h = scatter(rank);
	syllables = 1 + (rank > 300) + (rank > 30000);
	for (i = 0; i < syllables; i++, h = scatter(h))
		n += (size_t)sprintf(out + n, "%s%s", heads[h % 24],
		    tails[(h >> 32) % 16]);
	/* most words have a few forms, of which some are rare */
	i = below(10) < 6 ? (uint32_t)(h % 12) : below(12);
	return n + (size_t)sprintf(out + n, "%s", ends[i]);
}

/* Of a thousand words, how many have a rank from 2^k - 1 on. */
static uint32_t
draw_rank(void)
{
	static const uint16_t many[] = { 60, 60, 80, 100, 100, 90, 50, 50,
	    50, 50, 65, 65, 60, 55, 25, 15, 10, 8, 7 };
	uint32_t x = below(1000), k = 0;

	while (x >= many[k])
		x -= many[k++];
	return (UINT32_C(1) << k) - 1 + below(UINT32_C(1) << k);
}

static size_t
put_other(char *out)
{
	size_t n;

	switch (below(4)) {
	case 0:
		return (size_t)sprintf(out, "%u", below(100000));
	case 1:
		return (size_t)sprintf(out, "v%u.%u.%u", below(9), below(20),
		    below(40));
	case 2:
		n = put_word(out, 100 + draw_rank() % 2000);
		out[n++] = '_';
		return n + put_word(out + n, 100 + draw_rank() % 2000);
	default:
		return (size_t)sprintf(out, "ERR-%u", below(3000));
	}
}

int
main(int argc, char **argv)
{
	uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	uint32_t bytes = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 490;
	uint32_t i, to;
	size_t n;
	char *p;

	if (count == 0 || bytes == 0) {
		fprintf(stderr, "usage: p-passages COUNT [BYTES [SEED]]\n");
		return 64;
	}
	if (argc > 3)
		seed ^= scatter(strtoul(argv[3], NULL, 10));
	p = malloc((size_t)bytes * 2 + 200);
	for (i = 0; i < count && p != NULL; i++) {
		to = bytes - bytes / 8 + below(bytes / 4 + 1);
		for (n = 0; n < to; ) {
			n += below(40) == 0 ? put_other(p + n) :
			    put_word(p + n, draw_rank());
			if (below(12) == 0)
				p[n++] = ",.;"[below(3)];
			p[n++] = ' ';
		}
		p[n - 1] = '\n';
		fwrite(p, 1, n, stdout);
	}
	free(p);
	return fflush(stdout) != 0;
}
