/*
 * A rule at work: its patterns are compiled on first need, and what it has
 * found is looked at once more before it counts.
 */
#include "memory/redact_rule.h"

#include "base/alloc.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
compile(const struct rule *u, const char *key, struct slice s, bool nocase,
    struct pattern **pt, struct err *e)
{
	const char *why;

	if (s.n == 0 || (*pt = pattern_new(s.p, s.n, nocase, &why)) != NULL)
		return 0;
	return err_set(e, ERR_INPUT, "'%s' line %d: rule %.*s: '%s': %s",
	    u->file, u->line, (int)u->kind.n, u->kind.p, key, why);
}

/* A key that is one set, perhaps with a count. */
static int
compile_set(const struct rule *u, const char *key, struct slice s,
    unsigned char set[PATTERN_SET], uint32_t *min, uint32_t *max,
    struct err *e)
{
	struct pattern *pt = NULL;
	int r;

	if (compile(u, key, s, u->nocase, &pt, e) < 0)
		return -1;
	r = pt == NULL ? 0 : pattern_run(pt, set, min, max);
	pattern_free(pt);
	return r ? 0 : err_set(e, ERR_INPUT,
	    "'%s' line %d: rule %.*s: '%s': not one set", u->file, u->line,
	    (int)u->kind.n, u->kind.p, key);
}

static int
ready_excepts(struct rules *rs, struct rule *u, struct err *e)
{
	struct rule_code *c = u->code;
	static const struct slice dummy = { "dummy", 5 };
	struct slice s;
	int i;

	if (u->form == RULE_PLAIN && !u->weak)
		c->dummy = rules_set(rs, dummy);
	for (i = 0; i < u->nexcept; i++) {
		s = u->except[i];
		if (s.n == 0 || *s.p != '@') {
			if (compile(u, "except", s, true, &c->except_pat[i],
			    e) < 0)
				return -1;
			continue;
		}
		s.p++, s.n--;
		if ((c->except_set[i] = rules_set(rs, s)) == NULL)
			return err_set(e, ERR_INPUT,
			    "'%s' line %d: rule %.*s: there is no set '%.*s'",
			    u->file, u->line, (int)u->kind.n, u->kind.p,
			    (int)s.n, s.p);
	}
	return 0;
}

int
rule_ready(struct rules *rs, struct rule *u, struct err *e)
{
	static const struct slice word_edge = { "[^A-Za-z0-9_]", 13 };
	struct rule_code *c;
	uint32_t one;
	int i;

	if (u->code != NULL)
		return 0;
	u->code = c = xcalloc(1, sizeof *c);
	if (u->before.n == 3 && memcmp(u->before.p, "any", 3) == 0)
		memset(c->before, 0xff, sizeof c->before);
	else if (compile_set(u, "before", u->before.n > 0 ? u->before :
	    word_edge, c->before, &one, &one, e) < 0)
		return -1;
	if (compile(u, "after", u->after, u->nocase, &c->after, e) < 0 ||
	    compile(u, "unless", u->unless, true, &c->unless, e) < 0)
		return -1;
	if (u->left.n > 0 && compile_set(u, "left", u->left, c->left,
	    &c->left_min, &c->left_max, e) < 0)
		return -1;
	for (i = 0; i < u->nneed; i++)
		if (compile_set(u, "need", u->need[i], c->need[i], &one,
		    &one, e) < 0)
			return -1;
	return ready_excepts(rs, u, e);
}

int
rules_check(struct rules *rs, size_t first, struct err *e)
{
	size_t i, k;
	const char *why;

	for (i = first; i < rs->nrule; i++)
		if (rule_ready(rs, &rs->rule[i], e) < 0)
			return -1;
	for (i = 0; i < rs->nset; i++)
		for (k = 0; k < rs->set[i].nlike; k++) {
			struct slice s = rs->set[i].like[k];
			struct pattern *pt = pattern_new(s.p, s.n, true, &why);

			if (pt == NULL)
				return err_set(e, ERR_INPUT,
				    "set '%.*s': 'like %.*s': %s",
				    (int)rs->set[i].name.n,
				    rs->set[i].name.p, (int)s.n, s.p, why);
			pattern_free(pt);
		}
	return 0;
}

static bool
like_word(struct slice w, const char *p, size_t n)
{
	size_t i;

	if (w.n != n)
		return false;
	for (i = 0; i < n; i++)
		if (rule_lower((unsigned char)p[i]) != rule_lower((unsigned char)w.p[i]))
			return false;
	return true;
}

static bool
in_rule_set(struct rule_set *set, const char *p, const char *end)
{
	const char *why;
	size_t i;

	for (i = 0; i < set->nword; i++)
		if (like_word(set->word[i], p, (size_t)(end - p)))
			return true;
	if (set->compiled == NULL) {
		set->compiled = xcalloc(set->nlike + 1, sizeof *set->compiled);
		for (i = 0; i < set->nlike; i++) {
			set->compiled[i] = pattern_new(set->like[i].p,
			    set->like[i].n, true, &why);
			assert(set->compiled[i] != NULL); /* rules_check */
		}
	}
	for (i = 0; i < set->nlike; i++)
		if (pattern_whole(set->compiled[i], p, end))
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
		if (c < 0x20 || c == 0x7f)
			return false;
		colon |= c == ':';
	}
	return colon;
}

bool
rule_accepts(const struct rule *u, const char *p, const char *end)
{
	static const char mark[] = "[redacted:";
	const struct rule_code *c = u->code;
	const char *q;
	int i;

	if ((size_t)(end - p) < u->min || p == end)
		return false;
	for (i = 0; i < u->nneed; i++)
		if (!has(c->need[i], p, end))
			return false;
	if (u->basic && !is_basic(p, end))
		return false;
	/* What was redacted stays as it is. */
	for (q = p; (q = memchr(q, '[', (size_t)(end - q))) != NULL; q++)
		if ((size_t)(end - q) >= sizeof mark - 1 &&
		    memcmp(q, mark, sizeof mark - 1) == 0)
			return false;
	if (u->entropy > 0 && entropy(p, (size_t)(end - p)) < u->entropy)
		return false;
	if (c->dummy != NULL && in_rule_set(c->dummy, p, end))
		return false;
	for (i = 0; i < u->nexcept; i++)
		if (c->except_set[i] != NULL ?
		    in_rule_set(c->except_set[i], p, end) :
		    c->except_pat[i] != NULL &&
		    pattern_whole(c->except_pat[i], p, end))
			return false;
	return true;
}
