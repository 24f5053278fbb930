/*
 * utf8proc knows the tables; here is what we make of them.
 *
 * Marks come off only where they are an addition to a letter (Latin, Greek,
 * Cyrillic, Hebrew points, Arabic vowel signs).  In Indic and South-East
 * Asian scripts they are the vowels, and the Kana voicing marks tell one
 * syllable from another: those stay, and are composed again.
 */
#include "index/fold.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

struct range {
	uint32_t first, last;
};

static const struct range grams[] = {
	{ 0x0e00, 0x0eff },	/* Thai, Lao */
	{ 0x1000, 0x109f },	/* Myanmar */
	{ 0x1100, 0x115f },	/* Hangul letters that begin a syllable */
	{ 0x1780, 0x17ff },	/* Khmer */
	{ 0x3005, 0x3007 },	/* ideographic iteration, closing, zero */
	{ 0x3041, 0x3096 }, { 0x309d, 0x309f },	/* Hiragana */
	{ 0x30a1, 0x30fa }, { 0x30fc, 0x30ff },	/* Katakana */
	{ 0x3105, 0x312f },	/* Bopomofo */
	{ 0x31a0, 0x31bf }, { 0x31f0, 0x31ff },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },	/* Han */
	{ 0xac00, 0xd7a3 },	/* Hangul syllables */
	{ 0xf900, 0xfaff },	/* Han, compatibility */
	{ 0xff66, 0xff9d },	/* Katakana, half width */
	{ 0x1b000, 0x1b16f },	/* Kana, supplement */
	{ 0x20000, 0x323af }	/* Han, extensions */
};

static const struct range marks[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf }, { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 },
	{ 0x05c7, 0x05c7 }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0670, 0x0670 }, { 0x06d6, 0x06dc }, { 0x06df, 0x06e4 },
	{ 0x06e7, 0x06e8 }, { 0x06ea, 0x06ed }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f }
};

static bool
within(uint32_t c, const struct range *r, size_t n)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (c > r[mid].last)
			lo = mid + 1;
		else if (c < r[mid].first)
			hi = mid;
		else
			return true;
	}
	return false;
}
#define WITHIN(c, t) within((c), (t), sizeof(t) / sizeof *(t))

/* The commonest of the unspaced scripts: nothing to look up, and the folded
 * form is the character itself. */
static bool
plain_gram(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||
	    (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa);
}

enum fold_class
fold_class(uint32_t c)
{
	if (plain_gram(c))
		return FOLD_GRAM;
	if ((c >= 0x1160 && c <= 0x11ff) ||	/* rest of a Hangul syllable */
	    c == 0xff9e || c == 0xff9f)		/* half-width voicing */
		return FOLD_MARK;
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
		return WITHIN(c, grams) ? FOLD_GRAM : FOLD_WORD;
	case UTF8PROC_CATEGORY_NO:
		return FOLD_WORD;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return FOLD_MARK;
	case UTF8PROC_CATEGORY_CF:
		return c == 0x200b ? FOLD_NONE : FOLD_SKIP;
	default:
		return FOLD_NONE;
	}
}

/* Canonical order: marks of one letter by their class, stable. */
static void
reorder(utf8proc_int32_t *c, size_t n)
{
	utf8proc_int32_t x;
	utf8proc_propval_t k;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = c[i];
		if ((k = utf8proc_get_property(x)->combining_class) == 0)
			continue;
		for (j = i; j > 0 &&
		    utf8proc_get_property(c[j - 1])->combining_class > k; j--)
			c[j] = c[j - 1];
		c[j] = x;
	}
}

/* One character's folded form at c; returns how many, never over room. */
static size_t
decompose(uint32_t ch, utf8proc_int32_t *c, size_t room, bool accents)
{
	int boundary = UTF8PROC_BOUNDCLASS_START;
	utf8proc_ssize_t i, n;
	size_t kept = 0;

	if (ch == 0x2019)
		ch = '\'';
	n = utf8proc_decompose_char((utf8proc_int32_t)ch, c,
	    (utf8proc_ssize_t)room, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
	    UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
	if (n < 0 || (size_t)n > room)
		return 0;
	for (i = 0; i < n; i++)
		if (c[i] > ' ' &&
		    (accents || !WITHIN((uint32_t)c[i], marks)))
			c[kept++] = c[i] == 0x02bc ? '\'' : c[i];
	return kept;
}

size_t
fold_text(char *out, size_t cap, const char *p, size_t len, bool accents)
{
	utf8proc_int32_t c[FOLD_CHARS + 32];	/* one may become 18 */
	utf8proc_ssize_t m;
	size_t at, k, n = 0, o = 0;
	uint32_t ch;
	char one[4];
	int i;

	for (at = 0, i = 0; at < len && i < FOLD_CHARS && n < FOLD_CHARS;
	    at += k, i++) {
		ch = utf8_decode(p + at, len - at, &k);
		if (ch < 0x80)
			c[n++] = ch >= 'A' && ch <= 'Z' ?
			    (utf8proc_int32_t)(ch | 0x20) :
			    (utf8proc_int32_t)ch;
		else if (ch >= 0x4e00 && ch <= 0x9fff)
			c[n++] = (utf8proc_int32_t)ch;
		else
			n += decompose(ch, c + n, FOLD_CHARS + 32 - n,
			    accents);
	}
	reorder(c, n);
	m = utf8proc_normalize_utf32(c, (utf8proc_ssize_t)n,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	for (at = 0; m > 0 && at < (size_t)m; at++) {
		if (o == 0 && c[at] == '\'')	/* of U+0149, U+02BC */
			continue;
		k = utf8_put(one, (uint32_t)c[at]);
		if (k > cap - o)
			break;
		memcpy(out + o, one, k);
		o += k;
	}
	return o;
}

/* The blocks that BERT's tokenizer takes for ideographs. */
static const struct range ideographs[] = {
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xf900, 0xfaff },
	{ 0x20000, 0x2a6df }, { 0x2a700, 0x2b73f }, { 0x2b740, 0x2b81f },
	{ 0x2b820, 0x2ceaf }, { 0x2f800, 0x2fa1f }
};

enum fold_cut
fold_cut(uint32_t c)
{
	if (c >= 0x3400 && WITHIN(c, ideographs))
		return FOLD_HAN;
	if (c == 0xfffd)
		return FOLD_DROP;
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return FOLD_BLANK;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
		return FOLD_PUNCT;
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
		return FOLD_DROP;
	default:
		return FOLD_IN;
	}
}

unsigned
fold_bare(uint32_t ch, uint32_t out[FOLD_BARE])
{
	utf8proc_int32_t c[FOLD_BARE];
	utf8proc_ssize_t i, n;
	unsigned kept = 0;

	n = utf8proc_decompose_char((utf8proc_int32_t)ch, c, FOLD_BARE,
	    UTF8PROC_DECOMPOSE, NULL);
	for (i = 0; i < n && n <= FOLD_BARE; i++)
		if (utf8proc_category(c[i]) != UTF8PROC_CATEGORY_MN)
			out[kept++] = (uint32_t)utf8proc_tolower(c[i]);
	return kept;
}

char *
fold_composed(const char *p, size_t len)
{
	utf8proc_uint8_t *out = NULL;
	size_t i;

	for (i = 0; i < len && (unsigned char)p[i] < 0x80; i++)
		;
	if (i < len && len < INT32_MAX && utf8proc_map(
	    (const utf8proc_uint8_t *)p, (utf8proc_ssize_t)len, &out,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE) == UTF8PROC_ERROR_NOMEM)
		alloc_fail();
	return out != NULL ? (char *)out : xstrndup(p, len);
}
