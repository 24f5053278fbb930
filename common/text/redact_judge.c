/*
 * What a rule has found is looked at once more before it counts.
 */
#include "text/redact_rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SURE_MIN 6		/* bytes */

static bool
like_word(struct slice w, const char *p, size_t n)
{
	size_t i;

	if (w.n != n)
		return false;
	for (i = 0; i < n; i++)
		if (rule_lower((unsigned char)p[i]) !=
		    rule_lower((unsigned char)w.p[i]))
			return false;
	return true;
}

static bool
in_one_set(struct rule_set *set, const char *p, const char *end)
{
	struct err e;
	size_t i;

	/* Ours are tested, others were made ready when they were read. */
	if (rule_set_ready(set, &e) < 0)
		abort();
	for (i = 0; i < set->nword; i++)
		if (like_word(set->word[i], p, (size_t)(end - p)))
			return true;
	for (i = 0; i < set->nlike; i++)
		if (pattern_whole(set->like[i], p, end))
			return true;
	return false;
}

static bool
in_set(struct rules *rs, struct slice name, const char *p, const char *end)
{
	size_t i;

	for (i = 0; i < rs->nset; i++)
		if (slice_same(rs->set[i].name, name) &&
		    in_one_set(&rs->set[i], p, end))
			return true;
	return false;
}

/* Shannon's, of the bytes: bits per byte. */
static double
entropy(const char *p, size_t n)
{
	unsigned count[256] = { 0 };
	double h = 0;
	size_t i;

	for (i = 0; i < n; i++)
		count[(unsigned char)p[i]]++;
	for (i = 0; i < 256; i++)
		if (count[i] > 0)
			h -= count[i] * log2((double)count[i] / (double)n);
	return h / (double)n;
}

static bool
has(const unsigned char set[PATTERN_SET], const char *p, const char *end)
{
	while (p < end && !pattern_in(set, *p))
		p++;
	return p < end;
}

static int
base64_digit(int c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *d = c == '-' ? &digits[62] : c == '_' ? &digits[63] :
	    c != '\0' ? strchr(digits, c) : NULL;

	return d != NULL ? (int)(d - digits) : -1;
}

/* Base64 of "user:password": text, with a colon. */
static bool
is_basic(const char *p, const char *end)
{
	unsigned bits = 0;
	int n = 0, d, c;
	bool colon = false;

	for (; p < end && *p != '='; p++) {
		if ((d = base64_digit(*p)) < 0)
			return false;
		bits = bits << 6 | (unsigned)d;
		if ((n += 6) < 8)
			continue;
		n -= 8;
		c = (int)(bits >> n & 0xff);
		if (c < 0x20 || c >= 0x7f)
			return false;
		colon |= c == ':';
	}
	return colon;
}

/* What was redacted stays as it is. */
static bool
has_mark(const char *p, const char *end)
{
	static const char mark[] = "[redacted:";
	size_t n = sizeof mark - 1;

	for (; (p = memchr(p, '[', (size_t)(end - p))) != NULL; p++)
		if ((size_t)(end - p) >= n && memcmp(p, mark, n) == 0)
			return true;
	return false;
}

bool
rule_accepts(struct rules *rs, const struct rule *u, const char *p,
    const char *end, bool sure)
{
	static const struct slice dummy = { "dummy", 5 };
	const struct rule_code *c = u->code;
	int i;

	if ((size_t)(end - p) < (sure && c->min > SURE_MIN ? SURE_MIN :
	    c->min) || p == end || has_mark(p, end))
		return false;
	for (i = 0; i < c->nneed && !sure; i++)
		if (!has(c->need[i], p, end))
			return false;
	if (c->basic && !is_basic(p, end))
		return false;
	if (c->entropy > 0 && entropy(p, (size_t)(end - p)) < c->entropy)
		return false;
	if (c->form == RULE_PLAIN && !c->weak && in_set(rs, dummy, p, end))
		return false;
	for (i = 0; i < c->nexcept; i++)
		if (c->except[i] != NULL ? pattern_whole(c->except[i], p, end) :
		    in_set(rs, c->except_set[i], p, end))
			return false;
	return true;
}
