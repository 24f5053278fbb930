#include "docs/words.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

enum { BLANK, SIGN, LETTER, HIGH };

#define R4(x) x, x, x, x
#define R16(x) R4(x), R4(x), R4(x), R4(x)
#define R64(x) R16(x), R16(x), R16(x), R16(x)

/* of a byte */
static const unsigned char class[256] = {
	R16(BLANK), R16(BLANK), BLANK, SIGN, SIGN, SIGN, R4(SIGN), R4(SIGN),
	R4(SIGN),
	R4(LETTER), R4(LETTER), LETTER, LETTER, SIGN, SIGN, R4(SIGN),
	SIGN, LETTER, LETTER, LETTER, R4(LETTER), R16(LETTER), LETTER,
	LETTER, LETTER, SIGN, SIGN, SIGN, SIGN, SIGN,
	SIGN, LETTER, LETTER, LETTER, R4(LETTER), R16(LETTER), LETTER,
	LETTER, LETTER, SIGN, SIGN, SIGN, SIGN, BLANK,
	R64(HIGH), R64(HIGH)
};

/* One that is half a word by itself. */
static bool
is_cjk(uint32_t c)
{
	return (c >= 0x3040 && c < 0x3100) || (c >= 0x31f0 && c < 0x3200) ||
	    (c >= 0x3400 && c < 0xa000) || (c >= 0xac00 && c < 0xd7b0) ||
	    (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x40000);
}

static bool
is_high_sign(uint32_t c)
{
	return c == 0xa0 || (c >= 0x2000 && c < 0x2070) ||
	    (c >= 0x3000 && c < 0x3040) || (c >= 0xff00 && c < 0xff10);
}

#define HASH_START UINT64_C(0xcbf29ce484222325)	/* FNV-1a */
#define HASH_TIMES UINT64_C(0x100000001b3)

size_t
words_count(const char *p, size_t len, struct minhash *m)
{
	const char *end = p + len;
	uint64_t h = HASH_START;
	bool word = false;	/* the last byte was of one that counts */
	size_t n, count = 0;
	uint32_t c;

#define SAY() do {						\
	if (h != HASH_START && m != NULL)			\
		minhash_word(m, h);				\
	h = HASH_START;						\
} while (0)
	for (; p < end; p++) {
		switch (class[(unsigned char)*p]) {
		case LETTER:
			count += word ? 0 : 2;
			word = true;
			/* capitals as small ones; digits stay apart */
			h = (h ^ (uint64_t)(*p | 0x20)) * HASH_TIMES;
			continue;
		case BLANK:
			word = false;
			SAY();
			continue;
		case SIGN:
			count += word ? 0 : 2;
			word = true;
			SAY();
			continue;
		default:
			break;
		}
		c = utf8_decode(p, (size_t)(end - p), &n);
		if (is_cjk(c)) {
			SAY();
			count++;
			word = false;
			h = c;
			SAY();
		} else if (is_high_sign(c)) {
			SAY();
			word = false;
		} else {
			count += word ? 0 : 2;
			word = true;
			h = (h ^ c) * HASH_TIMES;
		}
		p += n - 1;
	}
	SAY();
#undef SAY
	return count;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Is the point at p behind an initial or the like? */
static bool
is_short(const char *start, const char *p)
{
	size_t n = 0;

	while (n < 3 && p - n > start &&
	    class[(unsigned char)p[-1 - (int)n]] == LETTER)
		n++;
	return n == 1 || (n == 2 && (p[-2] >= 'A' && p[-2] <= 'Z'));
}

size_t
words_sentence(const char *s, size_t len)
{
	const char *p = s, *end = s + len, *q;
	uint32_t c;
	size_t n;

	for (; p < end; p++) {
		if ((unsigned char)*p >= 0xe3) {
			c = utf8_decode(p, (size_t)(end - p), &n);
			p += n - 1;
			if (c != 0x3002 && c != 0xff01 && c != 0xff1f)
				continue;
			q = p + 1;
			break;
		}
		if (*p != '.' && *p != '!' && *p != '?')
			continue;
		for (q = p + 1; q < end && strchr("\"')].!?", *q) != NULL; q++)
			;
		if (q >= end || !is_blank(*q))
			continue;
		if (*p == '.' && is_short(s, p))
			continue;
		while (q < end && is_blank(*q))
			q++;
		if (q >= end || *q < 'a' || *q > 'z')
			break;
	}
	if (p >= end)
		return len;
	for (; q < end && is_blank(*q); q++)
		;
	return (size_t)(q - s);
}

size_t
words_cut(const char *p, size_t len, size_t halves, size_t bytes)
{
	size_t at = 0, good = 0, n, count = 0;
	bool word = false;
	uint32_t c;

	while (at < len && at < bytes && count < halves) {
		n = 1;
		if (is_blank(p[at])) {
			word = false;
			good = at + 1;
		} else if ((unsigned char)p[at] >= 0xe3) {
			c = utf8_decode(p + at, len - at, &n);
			if (at + n > bytes)
				break;
			count += is_cjk(c) ? 1 : word ? 0 : 2;
			word = !is_cjk(c);
			if (!word)
				good = at + n;
		} else {
			count += word ? 0 : 2;
			word = true;
		}
		at += n;
	}
	if (at >= len)
		return len;
	/* the word that is begun ends here, unless it is too long */
	while (word && at < len && at < bytes && !is_blank(p[at]) &&
	    (unsigned char)p[at] < 0xe3)
		at++;
	if (at < bytes && at < len) {
		for (; at < len && is_blank(p[at]); at++)
			;
		return at;
	}
	if (at >= len)
		return len;
	if (good > at / 2)
		return good;
	n = utf8_cut(p, len, at);
	return n > 0 ? n : 1;
}
