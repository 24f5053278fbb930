/*
 * Keys of words: equal where the words are, and only there.
 */
#include "tap.h"

#include "base/alloc.h"
#include "index/wordkey.h"

#include <stdlib.h>

#define PLACES 65536

static uint32_t seed = 3;

static uint32_t
draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* A copy that ends where its memory does. */
static struct wordkey
key_of(const char *p, size_t n)
{
	char *copy = xmalloc(n);
	struct wordkey k;

	memcpy(copy, p, n);
	k = wordkey(copy, n);
	free(copy);
	return k;
}

static void
changed(void)
{
	char word[WORDKEY_MAX], other[WORDKEY_MAX];
	struct wordkey a, b;
	int same = 0, wrong = 0, k;
	size_t n, i;

	for (n = 1; n <= WORDKEY_MAX; n++)
		for (k = 0; k < 200; k++) {
			for (i = 0; i < n; i++)
				word[i] = (char)draw(256);
			a = key_of(word, n);
			b = key_of(word, n);
			same += wordkey_same(&a, &b) && wordkey_hash(&a, n) ==
			    wordkey_hash(&b, n);
			for (i = 0; i < n; i++) {
				memcpy(other, word, n);
				other[i] ^= (char)(1 << draw(8));
				b = key_of(other, n);
				wrong += wordkey_same(&a, &b);
			}
		}
	is_int(same, 200 * WORDKEY_MAX, "of one word they are equal");
	is_int(wrong, 0, "of two that differ in one byte they are not");
}

/* As many words as places: with a fair hash 63 of 100 places are taken. */
static void
spread(void)
{
	static unsigned char taken[PLACES];
	char word[32];
	struct wordkey k;
	int i, n = 0, len;

	for (i = 0; i < PLACES; i++) {
		len = snprintf(word, sizeof word, "word-%d-of-many", i);
		k = wordkey(word, (size_t)len);
		taken[wordkey_hash(&k, (size_t)len) % PLACES] = 1;
	}
	for (i = 0; i < PLACES; i++)
		n += taken[i];
	ok(n > PLACES / 2, "words lie in %d of %d places", n, PLACES);
}

int
main(void)
{
	changed();
	spread();
	return done();
}
