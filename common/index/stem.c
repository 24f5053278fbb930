/*
 * Porter2, step by step as its description has it today, that is with what
 * was added since the first: more words whose R1 is given, -ogist, -ying,
 * "past", and a double letter that stays when only a, e or o is before it
 * (added -> add, not ad).  R1 and R2 are kept as offsets, so "in R1" is
 * "begins at or after r1".  A y that is a consonant is written Y while we
 * work.
 */
#include "index/stem.h"

#include <stdbool.h>
#include <string.h>

struct word {
	char *w;
	size_t n;
	size_t r1, r2;		/* may lie beyond n once it was shortened */
};

struct rule {
	const char *suffix;
	unsigned char len;
	const char *to;
};
#define RULE(s, t) { s, sizeof s - 1, t }

/* Each table: longest first, the first that fits is the only one tried. */
static const struct rule step2[] = {
	RULE("ational", "ate"), RULE("fulness", "ful"),
	RULE("iveness", "ive"), RULE("ization", "ize"),
	RULE("ousness", "ous"),
	RULE("biliti", "ble"), RULE("lessli", "less"),
	RULE("tional", "tion"),
	RULE("alism", "al"), RULE("aliti", "al"), RULE("ation", "ate"),
	RULE("entli", "ent"), RULE("fulli", "ful"), RULE("iviti", "ive"),
	RULE("ogist", "og"), RULE("ousli", "ous"),
	RULE("abli", "able"), RULE("alli", "al"), RULE("anci", "ance"),
	RULE("ator", "ate"), RULE("enci", "ence"), RULE("izer", "ize"),
	RULE("bli", "ble"), RULE("ogi", "og"), RULE("li", ""),
	{ NULL, 0, NULL }
};

static const struct rule step3[] = {
	RULE("ational", "ate"), RULE("tional", "tion"),
	RULE("alize", "al"), RULE("ative", ""), RULE("icate", "ic"),
	RULE("iciti", "ic"), RULE("ical", "ic"), RULE("ness", ""),
	RULE("ful", ""),
	{ NULL, 0, NULL }
};

static const struct rule step4[] = {
	RULE("ement", ""), RULE("able", ""), RULE("ance", ""),
	RULE("ence", ""), RULE("ible", ""), RULE("ment", ""),
	RULE("ant", ""), RULE("ate", ""), RULE("ent", ""), RULE("ion", ""),
	RULE("ism", ""), RULE("iti", ""), RULE("ive", ""), RULE("ize", ""),
	RULE("ous", ""), RULE("al", ""), RULE("er", ""), RULE("ic", ""),
	{ NULL, 0, NULL }
};

static const struct rule exceptions[] = {
	RULE("skis", "ski"), RULE("skies", "sky"), RULE("idly", "idl"),
	RULE("gently", "gentl"), RULE("ugly", "ugli"),
	RULE("early", "earli"), RULE("only", "onli"),
	RULE("singly", "singl"), RULE("sky", "sky"), RULE("news", "news"),
	RULE("howe", "howe"), RULE("atlas", "atlas"),
	RULE("cosmos", "cosmos"), RULE("bias", "bias"),
	RULE("andes", "andes"),
	{ NULL, 0, NULL }
};

/* Left alone once a plural s is off. */
static const struct rule done_after_1a[] = {
	RULE("inning", ""), RULE("outing", ""), RULE("canning", ""),
	RULE("herring", ""), RULE("earring", ""), RULE("evening", ""),
	RULE("proceed", ""), RULE("exceed", ""), RULE("succeed", ""),
	{ NULL, 0, NULL }
};

/* R1 begins after these: it would come too early by the rule. */
static const struct rule region_prefixes[] = {
	RULE("gener", ""), RULE("commun", ""), RULE("arsen", ""),
	RULE("past", ""), RULE("univers", ""), RULE("later", ""),
	RULE("emerg", ""), RULE("organ", ""), RULE("inter", ""),
	{ NULL, 0, NULL }
};

static bool
vowel(char c)
{
	switch (c) {
	case 'a': case 'e': case 'i': case 'o': case 'u': case 'y':
		return true;
	default:
		return false;
	}
}

static bool
ends(const struct word *x, const char *suffix, size_t len)
{
	return x->n >= len && x->w[x->n - 1] == suffix[len - 1] &&
	    memcmp(x->w + x->n - len, suffix, len) == 0;
}
#define ENDS(x, s) ends((x), (s), sizeof(s) - 1)

static bool
is(const struct word *x, const struct rule *r)
{
	return x->n == r->len && memcmp(x->w, r->suffix, r->len) == 0;
}

static const struct rule *
longest(const struct word *x, const struct rule *r)
{
	char last = x->w[x->n - 1];

	for (; r->suffix; r++)
		if (r->suffix[r->len - 1] == last &&
		    ends(x, r->suffix, r->len))
			return r;
	return NULL;
}

static void
replace(struct word *x, const struct rule *r)
{
	size_t k = strlen(r->to);

	x->n -= r->len;
	memcpy(x->w + x->n, r->to, k);
	x->n += k;
}

/* Is there a vowel among the first n? */
static bool
has_vowel(const struct word *x, size_t n)
{
	while (n > 0)
		if (vowel(x->w[--n]))
			return true;
	return false;
}

/* Do the first n end in a short syllable? */
static bool
short_syllable(const struct word *x, size_t n)
{
	char c;

	if (n == 4 && memcmp(x->w, "past", 4) == 0)
		return true;			/* pasted -> paste */
	if (n < 2 || !vowel(x->w[n - 2]) || vowel(x->w[n - 1]))
		return false;
	if (n == 2)
		return true;
	c = x->w[n - 1];
	return c != 'w' && c != 'x' && c != 'Y' && !vowel(x->w[n - 3]);
}

/* After the first consonant that follows a vowel, from i on. */
static size_t
region(const struct word *x, size_t i)
{
	while (i < x->n && !vowel(x->w[i]))
		i++;
	while (i < x->n && vowel(x->w[i]))
		i++;
	return i < x->n ? i + 1 : x->n;
}

static void
prepare(struct word *x)
{
	const struct rule *r;
	size_t i;

	if (x->w[0] == '\'')
		memmove(x->w, x->w + 1, --x->n);
	for (i = 0; i < x->n; i++)
		if (x->w[i] == 'y' && (i == 0 || vowel(x->w[i - 1])))
			x->w[i] = 'Y';
	x->r1 = 0;
	for (r = region_prefixes; r->suffix; r++)
		if (x->w[0] == r->suffix[0] && x->n >= r->len &&
		    memcmp(x->w, r->suffix, r->len) == 0)
			x->r1 = r->len;
	if (x->r1 == 0)
		x->r1 = region(x, 0);
	x->r2 = region(x, x->r1);
}

static void
step_1a(struct word *x)
{
	if (ENDS(x, "'s'"))
		x->n -= 3;
	else if (ENDS(x, "'s"))
		x->n -= 2;
	else if (ENDS(x, "'"))
		x->n--;

	if (ENDS(x, "sses"))
		x->n -= 2;
	else if (ENDS(x, "ied") || ENDS(x, "ies"))
		x->n -= x->n > 4 ? 2 : 1;
	else if (ENDS(x, "us") || ENDS(x, "ss"))
		return;
	else if (ENDS(x, "s") && x->n > 1 && has_vowel(x, x->n - 2))
		x->n--;
}

/* What to do with the end that -ed or -ing leaves behind. */
static void
mend(struct word *x)
{
	char c;

	if (ENDS(x, "at") || ENDS(x, "bl") || ENDS(x, "iz")) {
		x->w[x->n++] = 'e';
		return;
	}
	c = x->n > 1 ? x->w[x->n - 1] : '\0';
	if (c != '\0' && c == x->w[x->n - 2] && strchr("bdfgmnprt", c)) {
		if (x->n != 3 || !strchr("aeo", x->w[0]))
			x->n--;
	} else if (x->n == x->r1 && short_syllable(x, x->n))
		x->w[x->n++] = 'e';
}

static void
step_1b(struct word *x)
{
	size_t k;

	if (ENDS(x, "eedly") || ENDS(x, "eed")) {
		k = ENDS(x, "eed") ? 3 : 5;
		if (x->n - k >= x->r1)
			x->n -= k - 2;
		return;
	}
	if (x->n == 5 && ENDS(x, "ying") && !vowel(x->w[0])) {
		memcpy(x->w + 1, "ie", 2);
		x->n = 3;
		return;
	}
	k = ENDS(x, "ingly") ? 5 : ENDS(x, "edly") ? 4 :
	    ENDS(x, "ing") ? 3 : ENDS(x, "ed") ? 2 : 0;
	if (k == 0 || !has_vowel(x, x->n - k))
		return;
	x->n -= k;
	mend(x);
}

static void
step_1c(struct word *x)
{
	char *c = x->w + x->n - 1;

	if (x->n > 2 && (*c == 'y' || *c == 'Y') && !vowel(c[-1]))
		*c = 'i';
}

static void
step_2(struct word *x)
{
	const struct rule *r = longest(x, step2);
	size_t at;

	if (r == NULL || (at = x->n - r->len) < x->r1)
		return;
	if (r->len == 2 && (at == 0 || !strchr("cdeghkmnrt", x->w[at - 1])))
		return;				/* li */
	if (r->len == 3 && r->suffix[0] == 'o' &&
	    (at == 0 || x->w[at - 1] != 'l'))
		return;				/* ogi */
	replace(x, r);
}

static void
step_3(struct word *x)
{
	const struct rule *r = longest(x, step3);

	if (r == NULL || x->n - r->len < x->r1)
		return;
	if (r->suffix[0] == 'a' && r->to[0] == '\0' && x->n - r->len < x->r2)
		return;				/* ative */
	replace(x, r);
}

static void
step_4(struct word *x)
{
	const struct rule *r = longest(x, step4);
	size_t at;

	if (r == NULL || (at = x->n - r->len) < x->r2)
		return;
	if (r->len == 3 && r->suffix[1] == 'o' && r->suffix[2] == 'n' &&
	    (at == 0 || (x->w[at - 1] != 's' && x->w[at - 1] != 't')))
		return;				/* ion */
	x->n = at;
}

static void
step_5(struct word *x)
{
	size_t at = x->n - 1;

	if (x->w[at] == 'e') {
		if (at >= x->r2 || (at >= x->r1 && !short_syllable(x, at)))
			x->n = at;
	} else if (x->w[at] == 'l' && at >= x->r2 && at > 0 &&
	    x->w[at - 1] == 'l')
		x->n = at;
}

size_t
stem_en(char *w, size_t n)
{
	struct word x = { w, n, 0, 0 };
	const struct rule *r;
	size_t i;

	if (n <= 2)
		return n;
	for (r = exceptions; r->suffix; r++)
		if (is(&x, r)) {
			memcpy(w, r->to, strlen(r->to));
			return strlen(r->to);
		}
	prepare(&x);
	step_1a(&x);
	for (r = done_after_1a; r->suffix && !is(&x, r); r++)
		;
	if (r->suffix == NULL && x.n > 0) {
		step_1b(&x);
		step_1c(&x);
		step_2(&x);
		step_3(&x);
		step_4(&x);
		if (x.n > 0)
			step_5(&x);
	}
	for (i = 0; i < x.n; i++)
		if (w[i] == 'Y')
			w[i] = 'y';
	return x.n;
}
