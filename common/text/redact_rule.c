/*
 * Reading the rules, as far as they must be known before the first text.
 */
#include "text/redact_rule.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Sizes of our own file: one allocation each, and few pages touched. */
#define BYTES_PER_RULE 256
#define BYTES_PER_LITERAL 96

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

bool
slice_is(struct slice s, const char *word)
{
	return strlen(word) == s.n && memcmp(s.p, word, s.n) == 0;
}

bool
slice_same(struct slice a, struct slice b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct slice
rule_word(struct slice *rest)
{
	struct slice w;

	while (rest->n > 0 && is_blank(*rest->p))
		rest->p++, rest->n--;
	w.p = rest->p;
	while (rest->n > 0 && !is_blank(*rest->p))
		rest->p++, rest->n--;
	w.n = (size_t)(rest->p - w.p);
	return w;
}

bool
rule_line(struct slice *rest, struct slice *key, struct slice *says)
{
	const char *nl;

	if (rest->n == 0)
		return false;
	*says = *rest;
	if ((nl = memchr(rest->p, '\n', rest->n)) != NULL) {
		says->n = (size_t)(nl - rest->p);
		rest->n -= says->n + 1;
		rest->p = nl + 1;
	} else
		rest->n = 0;
	*key = rule_word(says);
	while (says->n > 0 && is_blank(*says->p))
		says->p++, says->n--;
	while (says->n > 0 && is_blank(says->p[says->n - 1]))
		says->n--;
	return true;
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

/* What was read so far ends here. */
static void
end_body(struct reader *rd, const char *p)
{
	struct slice *body = rd->rule != NULL ? &rd->rule->body :
	    rd->set != NULL ? &rd->set->body : NULL;

	if (body != NULL)
		body->n = (size_t)(p - body->p);
	rd->rule = NULL;
	rd->set = NULL;
}

static int
take_rule(struct reader *rd, struct slice name, const char *body)
{
	struct rules *rs = rd->rs;
	struct rule *u;

	if (!good_name(name))
		return bad(rd, "a kind is made of a-z, 0-9 and '-'");
	if (rs->nrule == UINT16_MAX)
		return bad(rd, "too many rules");
	rs->rule = xgrow(rs->rule, rs->nrule, &rs->rule_cap,
	    sizeof *rs->rule);
	rd->rule = u = &rs->rule[rs->nrule++];
	memset(u, 0, sizeof *u);
	u->kind = name;
	u->body.p = body;
	u->file = rd->file;
	u->line = rd->line;
	return 0;
}

static int
take_set(struct reader *rd, struct slice name, const char *body)
{
	struct rules *rs = rd->rs;

	if (!good_name(name))
		return bad(rd, "a name is made of a-z, 0-9 and '-'");
	rs->set = xgrow(rs->set, rs->nset, &rs->set_cap, sizeof *rs->set);
	rd->set = &rs->set[rs->nset++];
	memset(rd->set, 0, sizeof *rd->set);
	rd->set->name = name;
	rd->set->body.p = body;
	rd->set->file = rd->file;
	rd->set->line = rd->line;
	return 0;
}

static int
take_disable(struct reader *rd, struct slice kind)
{
	struct rules *rs = rd->rs;
	size_t i, n = 0;

	for (i = 0; i < rs->nrule; i++)
		if (slice_same(rs->rule[i].kind, kind)) {
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
		s[n++] = w.p[i] == 's' && i > 0 && w.p[i - 1] == '\\' ?
		    ' ' : w.p[i];
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
take_literals(struct reader *rd, struct slice says)
{
	char s[RULE_LITERAL_MAX];
	struct slice w;

	while ((w = rule_word(&says)).n > 0)
		if (expand(rd, w, 0, s, 0) < 0)
			return -1;
	return 0;
}

static int
end_rule(struct reader *rd)
{
	if (rd->rule == NULL || rd->rule->nliteral > 0)
		return 0;
	rd->line = rd->rule->line;
	return bad(rd, "a rule without a literal");
}

static int
take_line(struct reader *rd, const char *p, struct slice key,
    struct slice says, const char *next)
{
	if (key.n == 0 || *key.p == '#')
		return 0;
	if (slice_is(key, "rule") || slice_is(key, "set") ||
	    slice_is(key, "disable")) {
		if (end_rule(rd) < 0)
			return -1;
		end_body(rd, p);
		return *key.p == 'r' ? take_rule(rd, says, next) :
		    *key.p == 's' ? take_set(rd, says, next) :
		    take_disable(rd, says);
	}
	if (rd->rule == NULL && rd->set == NULL)
		return bad(rd, "neither 'rule' nor 'set' before this");
	if (rd->rule == NULL)
		return 0;
	if (slice_is(key, "literal"))
		return take_literals(rd, says);
	if (!slice_is(key, "nocase"))
		return 0;
	if (rd->rule->nliteral > 0)
		return bad(rd, "'nocase' comes before 'literal'");
	rd->rule->nocase = true;
	return 0;
}

int
rules_parse(struct rules *rs, const char *text, size_t len, const char *file,
    struct err *e)
{
	struct reader rd = { rs, NULL, NULL, file, 0, e };
	struct slice rest = { text, len }, key, says;
	const char *p = text;

	if (rs->rule == NULL) {
		rs->rule_cap = len / BYTES_PER_RULE + 1;
		rs->rule = xreallocarray(NULL, rs->rule_cap,
		    sizeof *rs->rule);
		rs->lit_cap = len / BYTES_PER_LITERAL + 1;
		rs->lit = xreallocarray(NULL, rs->lit_cap, sizeof *rs->lit);
	}
	for (; rule_line(&rest, &key, &says); p = rest.p) {
		rd.line++;
		if (take_line(&rd, p, key, says, rest.p) < 0)
			return -1;
	}
	if (end_rule(&rd) < 0)
		return -1;
	end_body(&rd, text + len);
	return 0;
}

static void
code_free(struct rule_code *c)
{
	size_t i;

	if (c == NULL)
		return;
	pattern_free(c->after);
	pattern_free(c->name);
	pattern_free(c->unless);
	for (i = 0; i < RULE_EXCEPT_MAX; i++)
		pattern_free(c->except[i]);
	free(c);
}

void
rules_release(struct rules *rs)
{
	size_t i, k;

	for (i = 0; i < rs->nrule; i++)
		code_free(rs->rule[i].code);
	for (i = 0; i < rs->nset; i++) {
		for (k = 0; k < rs->set[i].nlike; k++)
			pattern_free(rs->set[i].like[k]);
		free(rs->set[i].like);
		free(rs->set[i].word);
	}
	free(rs->rule);
	free(rs->lit);
	free(rs->set);
	memset(rs, 0, sizeof *rs);
}
