/*
 * What a rule or a set says, read and compiled when it is first needed.
 */
#include "text/redact_rule.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Where we are in a file. */
struct place {
	const char *file;
	int line;
	struct err *e;
};

static int
bad(const struct place *at, const char *what)
{
	return err_set(at->e, ERR_INPUT, "'%s' line %d: %s", at->file,
	    at->line, what);
}

static int
take_number(const struct place *at, struct slice s, double *out)
{
	double v = 0, unit = 1;
	bool point = false;
	size_t i;

	for (i = 0; i < s.n && i < 9; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			break;
		v = v * 10 + (s.p[i] - '0');
		unit *= point ? 10 : 1;
	}
	if (i < s.n || s.n == 0)
		return bad(at, "not a number");
	*out = v / unit;
	return 0;
}

static int
take_pattern(const struct place *at, struct slice s, bool nocase,
    struct pattern **pt)
{
	const char *why;

	pattern_free(*pt);
	return (*pt = pattern_new(s.p, s.n, nocase, &why)) != NULL ? 0 :
	    bad(at, why);
}

/* One set, perhaps with a count. */
static int
take_byte_set(const struct place *at, struct slice s, bool nocase,
    unsigned char set[PATTERN_SET], uint32_t *min, uint32_t *max)
{
	struct pattern *pt = NULL;
	int r;

	if (take_pattern(at, s, nocase, &pt) < 0)
		return -1;
	r = pattern_run(pt, set, min, max);
	pattern_free(pt);
	return r ? 0 : bad(at, "not one set");
}

static int
take_before(const struct place *at, struct slice s, bool nocase,
    struct rule_code *c)
{
	uint32_t one;

	if (!slice_is(s, "any"))
		return take_byte_set(at, s, nocase, c->before, &one,
		    &one);
	memset(c->before, 0xff, sizeof c->before);
	return 0;
}

static int
take_need(const struct place *at, struct slice s, struct rule_code *c)
{
	uint32_t one;

	if (c->nneed == RULE_NEED_MAX)
		return bad(at, "too many of these in one rule");
	return take_byte_set(at, s, false, c->need[c->nneed++], &one, &one);
}

static int
take_except(const struct place *at, struct slice s, struct rule_code *c)
{
	int i = c->nexcept;

	if (i == RULE_EXCEPT_MAX)
		return bad(at, "too many of these in one rule");
	c->nexcept++;
	if (s.n == 0 || *s.p != '@')
		return take_pattern(at, s, true, &c->except[i]);
	c->except_set[i] = (struct slice){ s.p + 1, s.n - 1 };
	return 0;
}

static int
take_form(const struct place *at, struct slice s, struct rule_code *c)
{
	if (slice_is(s, "pem"))
		c->form = RULE_PEM;
	else if (slice_is(s, "assign"))
		c->form = RULE_ASSIGN;
	else
		return bad(at, "a form is 'pem' or 'assign'");
	return 0;
}

static int
take_check(const struct place *at, struct slice s, struct rule_code *c)
{
	c->basic = slice_is(s, "basic");
	return c->basic ? 0 : bad(at, "the only check is 'basic'");
}

static bool
take_flag(struct slice key, struct rule_code *c)
{
	if (slice_is(key, "quoted"))
		c->quoted = true;
	else if (slice_is(key, "blanks"))
		c->blanks = true;
	else if (slice_is(key, "weak"))
		c->weak = true;
	else
		return false;
	return true;
}

static int
take_key(const struct place *at, const struct rule *u, struct slice key,
    struct slice says)
{
	struct rule_code *c = u->code;
	double v;

	if (key.n == 0 || *key.p == '#' || slice_is(key, "match") ||
	    slice_is(key, "clean") || slice_is(key, "literal") ||
	    slice_is(key, "nocase") || take_flag(key, c))
		return 0;
	if (slice_is(key, "after"))
		return take_pattern(at, says, u->nocase, &c->after);
	if (slice_is(key, "name"))
		return take_pattern(at, says, true, &c->name);
	if (slice_is(key, "unless"))
		return take_pattern(at, says, true, &c->unless);
	if (slice_is(key, "before"))
		return take_before(at, says, u->nocase, c);
	if (slice_is(key, "left")) {
		c->has_left = true;
		return take_byte_set(at, says, u->nocase, c->left,
		    &c->left_min, &c->left_max);
	}
	if (slice_is(key, "need"))
		return take_need(at, says, c);
	if (slice_is(key, "except"))
		return take_except(at, says, c);
	if (slice_is(key, "form"))
		return take_form(at, says, c);
	if (slice_is(key, "check"))
		return take_check(at, says, c);
	if (slice_is(key, "entropy"))
		return take_number(at, says, &c->entropy);
	if (!slice_is(key, "min"))
		return bad(at, "not a word of a rule; see memkit-redact(5)");
	if (take_number(at, says, &v) < 0)
		return -1;
	c->min = (uint32_t)v;
	return 0;
}

int
rule_ready(struct rule *u, struct err *e)
{
	static const struct slice word_edge = { "[^A-Za-z0-9_]", 13 };
	struct place at = { u->file, u->line, e };
	struct slice rest = u->body, key, says;

	if (u->code != NULL)
		return 0;
	u->code = xcalloc(1, sizeof *u->code);
	if (take_before(&at, word_edge, false, u->code) < 0)
		return -1;
	while (rule_line(&rest, &key, &says)) {
		at.line++;
		if (take_key(&at, u, key, says) < 0)
			return -1;
	}
	u->code->weak |= u->code->form == RULE_ASSIGN;
	return 0;
}

static int
take_like(const struct place *at, struct rule_set *set, struct slice says)
{
	set->like = xgrow(set->like, set->nlike, &set->like_cap,
	    sizeof *set->like);
	set->like[set->nlike] = NULL;
	if (take_pattern(at, says, true, &set->like[set->nlike]) < 0)
		return -1;
	set->nlike++;
	return 0;
}

int
rule_set_ready(struct rule_set *set, struct err *e)
{
	struct place at = { set->file, set->line, e };
	struct slice rest = set->body, key, says, w;

	if (set->ready)
		return 0;
	set->ready = true;
	while (rule_line(&rest, &key, &says)) {
		at.line++;
		if (key.n == 0 || *key.p == '#')
			continue;
		if (slice_is(key, "like")) {
			if (take_like(&at, set, says) < 0)
				return -1;
			continue;
		}
		if (!slice_is(key, "word"))
			return bad(&at,
			    "not a word of a set; see memkit-redact(5)");
		while ((w = rule_word(&says)).n > 0) {
			set->word = xgrow(set->word, set->nword,
			    &set->word_cap, sizeof *set->word);
			set->word[set->nword++] = w;
		}
	}
	return 0;
}

static bool
is_set(const struct rules *rs, struct slice name)
{
	size_t i;

	for (i = 0; i < rs->nset; i++)
		if (slice_same(rs->set[i].name, name))
			return true;
	return false;
}

int
rules_check(struct rules *rs, struct err *e)
{
	struct rule *u;
	size_t i;
	int k;

	for (i = 0; i < rs->nset; i++)
		if (rule_set_ready(&rs->set[i], e) < 0)
			return -1;
	for (u = rs->rule; u < rs->rule + rs->nrule; u++) {
		if (rule_ready(u, e) < 0)
			return -1;
		for (k = 0; k < u->code->nexcept; k++)
			if (u->code->except[k] == NULL &&
			    !is_set(rs, u->code->except_set[k]))
				return err_set(e, ERR_INPUT, "'%s' line %d: "
				    "there is no set '%.*s'", u->file,
				    u->line, (int)u->code->except_set[k].n,
				    u->code->except_set[k].p);
	}
	return 0;
}
