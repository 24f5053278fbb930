/*
 * Reading the rules: a line is a word and what it says.  The examples are
 * most of the file and are passed over by memchr, so that all of it takes
 * some 20 us.
 */
#include "memory/redact_rule.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct rules *rs;
	struct rule *rule;	/* that is being read, or NULL */
	struct rule_set *set;	/* the same */
	const char *file;
	int line;
	struct err *e;
};

static int
bad(const struct reader *rd, const char *what)
{
	return err_set(rd->e, ERR_INPUT, "'%s' line %d: %s", rd->file,
	    rd->line, what);
}

static bool
is(struct slice s, const char *word)
{
	return strlen(word) == s.n && memcmp(s.p, word, s.n) == 0;
}

static bool
same(struct slice a, struct slice b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* The next word of *rest, which loses it. */
static struct slice
word(struct slice *rest)
{
	struct slice w;

	while (rest->n > 0 && (*rest->p == ' ' || *rest->p == '\t'))
		rest->p++, rest->n--;
	w.p = rest->p;
	while (rest->n > 0 && *rest->p != ' ' && *rest->p != '\t')
		rest->p++, rest->n--;
	w.n = (size_t)(rest->p - w.p);
	return w;
}

static bool
good_name(struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-' ||
		    (s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return s.n > 0 && s.n <= 40;
}

static int
take_rule(struct reader *rd, struct slice name)
{
	struct rules *rs = rd->rs;
	struct rule *u;

	if (!good_name(name))
		return bad(rd, "a kind is made of a-z, 0-9 and '-'");
	if (rs->nrule == UINT16_MAX)
		return bad(rd, "too many rules");
	rs->rule = xgrow(rs->rule, rs->nrule, &rs->rule_cap,
	    sizeof *rs->rule);
	rd->set = NULL;
	rd->rule = u = &rs->rule[rs->nrule++];
	memset(u, 0, sizeof *u);
	u->kind = name;
	u->file = rd->file;
	u->line = rd->line;
	return 0;
}

struct rule_set *
rules_set(struct rules *rs, struct slice name)
{
	size_t i;

	for (i = 0; i < rs->nset; i++)
		if (same(rs->set[i].name, name))
			return &rs->set[i];
	return NULL;
}

static int
take_set(struct reader *rd, struct slice name)
{
	struct rules *rs = rd->rs;

	if (!good_name(name))
		return bad(rd, "a name is made of a-z, 0-9 and '-'");
	rd->rule = NULL;
	if ((rd->set = rules_set(rs, name)) != NULL)
		return 0;
	rs->set = xgrow(rs->set, rs->nset, &rs->set_cap, sizeof *rs->set);
	rd->set = &rs->set[rs->nset++];
	memset(rd->set, 0, sizeof *rd->set);
	rd->set->name = name;
	return 0;
}

static int
take_disable(struct reader *rd, struct slice kind)
{
	struct rules *rs = rd->rs;
	size_t i, n = 0;

	rd->rule = NULL;
	rd->set = NULL;
	for (i = 0; i < rs->nrule; i++)
		if (same(rs->rule[i].kind, kind)) {
			rs->rule[i].off = true;
			n++;
		}
	return n > 0 ? 0 : bad(rd, "there is no rule of this kind");
}

static int
add_literal(struct reader *rd, const char *s, size_t n)
{
	struct rules *rs = rd->rs;
	struct literal *l;
	size_t i;

	if (n < RULE_LITERAL_MIN)
		return bad(rd, "a literal has at least 3 bytes");
	if (rs->nlit == UINT16_MAX - 1)
		return bad(rd, "too many literals");
	rs->lit = xgrow(rs->lit, rs->nlit, &rs->lit_cap, sizeof *rs->lit);
	l = &rs->lit[rs->nlit++];
	for (i = 0; i < n; i++)
		l->s[i] = (char)(rd->rule->nocase ?
		    rule_lower((unsigned char)s[i]) : s[i]);
	l->n = (unsigned char)n;
	l->rule = (uint16_t)(rd->rule - rs->rule);
	l->next = 0;
	rd->rule->nliteral++;
	return 0;
}

/* One literal for each way to read w from its byte i on: a [set] in it
 * stands for each of its bytes. */
static int
expand(struct reader *rd, struct slice w, size_t i, char *s, size_t n)
{
	const char *p, *close;
	int c, to;

	for (; i < w.n && w.p[i] != '['; i++) {
		if (n == RULE_LITERAL_MAX)
			return bad(rd, "a literal over 31 bytes");
		if (w.p[i] == '\\' && ++i == w.n)
			return bad(rd, "nothing follows the '\\'");
		s[n++] = w.p[i] == 's' && w.p[i - 1] == '\\' ? ' ' : w.p[i];
	}
	if (i == w.n)
		return add_literal(rd, s, n);
	if ((close = memchr(w.p + i, ']', w.n - i)) == NULL)
		return bad(rd, "a '[' without ']'");
	if (n == RULE_LITERAL_MAX)
		return bad(rd, "a literal over 31 bytes");
	for (p = w.p + i + 1; p < close; p++) {
		c = to = (unsigned char)*p;
		if (close - p > 2 && p[1] == '-') {
			to = (unsigned char)p[2];
			p += 2;
		}
		for (; c <= to; c++) {
			s[n] = (char)c;
			if (expand(rd, w, (size_t)(close - w.p) + 1, s,
			    n + 1) < 0)
				return -1;
		}
	}
	return 0;
}

static int
take_literals(struct reader *rd, struct slice rest)
{
	char s[RULE_LITERAL_MAX];
	struct slice w;

	while ((w = word(&rest)).n > 0)
		if (expand(rd, w, 0, s, 0) < 0)
			return -1;
	return 0;
}

static int
take_number(struct reader *rd, struct slice s, double *out)
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
		return bad(rd, "not a number");
	*out = v / unit;
	return 0;
}

static int
take_form(struct reader *rd, struct slice s)
{
	if (is(s, "pem"))
		rd->rule->form = RULE_PEM;
	else if (is(s, "assign"))
		rd->rule->form = RULE_ASSIGN;
	else
		return bad(rd, "a form is 'pem' or 'assign'");
	return 0;
}

static int
take_list(struct reader *rd, struct slice *list, int *n, int max,
    struct slice s)
{
	if (*n == max)
		return bad(rd, "too many of these in one rule");
	list[(*n)++] = s;
	return 0;
}

static int
in_rule(struct reader *rd, struct slice key, struct slice rest)
{
	struct rule *u = rd->rule;
	double v;

	if (is(key, "match") || is(key, "clean"))
		return 0;
	if (is(key, "literal"))
		return take_literals(rd, rest);
	if (is(key, "nocase"))
		return u->nliteral > 0 ? bad(rd, "'nocase' comes before "
		    "'literal'") : (u->nocase = true, 0);
	if (is(key, "after"))
		return u->after = rest, 0;
	if (is(key, "before"))
		return u->before = rest, 0;
	if (is(key, "left"))
		return u->left = rest, 0;
	if (is(key, "unless"))
		return u->unless = rest, 0;
	if (is(key, "quoted"))
		return u->quoted = true, 0;
	if (is(key, "weak"))
		return u->weak = true, 0;
	if (is(key, "blanks"))
		return u->blanks = true, 0;
	if (is(key, "form"))
		return take_form(rd, rest);
	if (is(key, "need"))
		return take_list(rd, u->need, &u->nneed, RULE_NEED_MAX, rest);
	if (is(key, "except"))
		return take_list(rd, u->except, &u->nexcept, RULE_EXCEPT_MAX,
		    rest);
	if (is(key, "entropy"))
		return take_number(rd, rest, &u->entropy);
	if (is(key, "min")) {
		if (take_number(rd, rest, &v) < 0)
			return -1;
		return u->min = (uint32_t)v, 0;
	}
	if (is(key, "check"))
		return is(rest, "basic") ? (u->basic = true, 0) :
		    bad(rd, "the only check is 'basic'");
	return bad(rd, "not a word of a rule; see memkit-redact(5)");
}

static int
in_set(struct reader *rd, struct slice key, struct slice rest)
{
	struct rule_set *set = rd->set;
	struct slice w;

	if (is(key, "like")) {
		set->like = xgrow(set->like, set->nlike, &set->like_cap,
		    sizeof *set->like);
		set->like[set->nlike++] = rest;
		return 0;
	}
	if (!is(key, "word"))
		return bad(rd, "not a word of a set; see memkit-redact(5)");
	while ((w = word(&rest)).n > 0) {
		set->word = xgrow(set->word, set->nword, &set->word_cap,
		    sizeof *set->word);
		set->word[set->nword++] = w;
	}
	return 0;
}

static int
take_line(struct reader *rd, struct slice rest)
{
	struct slice key;

	while (rest.n > 0 && strchr(" \t\r", rest.p[rest.n - 1]) != NULL &&
	    rest.p[rest.n - 1] != '\0')
		rest.n--;
	key = word(&rest);
	if (key.n == 0 || *key.p == '#')
		return 0;
	while (rest.n > 0 && (*rest.p == ' ' || *rest.p == '\t'))
		rest.p++, rest.n--;
	if (is(key, "rule"))
		return take_rule(rd, rest);
	if (is(key, "set"))
		return take_set(rd, rest);
	if (is(key, "disable"))
		return take_disable(rd, rest);
	if (rd->rule != NULL)
		return in_rule(rd, key, rest);
	if (rd->set != NULL)
		return in_set(rd, key, rest);
	return bad(rd, "neither 'rule', 'set' nor 'disable' before this");
}

int
rules_parse(struct rules *rs, const char *text, size_t len, const char *file,
    struct err *e)
{
	struct reader rd = { rs, NULL, NULL, file, 0, e };
	const char *p = text, *end = text + len, *nl;
	size_t i, first = rs->nrule;

	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		rd.line++;
		if (take_line(&rd, (struct slice){ p, (size_t)(nl - p) }) < 0)
			return -1;
	}
	for (i = first; i < rs->nrule; i++) {
		rd.line = rs->rule[i].line;
		if (rs->rule[i].nliteral == 0)
			return bad(&rd, "a rule without a literal");
	}
	return 0;
}

void
rules_release(struct rules *rs)
{
	struct rule_set *set;
	struct rule *u;
	size_t i, k;

	for (u = rs->rule; u < rs->rule + rs->nrule; u++) {
		if (u->code == NULL)
			continue;
		pattern_free(u->code->after);
		pattern_free(u->code->unless);
		for (i = 0; i < RULE_EXCEPT_MAX; i++)
			pattern_free(u->code->except_pat[i]);
		free(u->code);
	}
	for (set = rs->set; set < rs->set + rs->nset; set++) {
		for (k = 0; set->compiled != NULL && k < set->nlike; k++)
			pattern_free(set->compiled[k]);
		free(set->compiled);
		free(set->word);
		free(set->like);
	}
	free(rs->rule);
	free(rs->lit);
	free(rs->set);
	memset(rs, 0, sizeof *rs);
}
