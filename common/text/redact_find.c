/*
 * A text is looked through once for the literals of all rules: a bit for
 * (a hash of) the first three bytes of each, in 8 kB, which stay in the
 * first cache.  Only where a literal stands its rule is tried, forward from
 * there.  Tried and dropped: Aho-Corasick (its table is 200 kB and takes
 * longer to build than most texts to read), one regex of all.
 */
#include "text/redact_find.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Of three bytes. */
static inline uint32_t
hash3(uint32_t w)
{
	return (w & 0xffffff) * UINT32_C(0x9e3779b1) >> (32 - FILTER_BITS);
}

static inline uint32_t
load3(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16;
}

/* Compilers make one instruction of it where the machine has it. */
static inline uint64_t
load8(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] | (uint64_t)u[1] << 8 | (uint64_t)u[2] << 16 |
	    (uint64_t)u[3] << 24 | (uint64_t)u[4] << 32 |
	    (uint64_t)u[5] << 40 | (uint64_t)u[6] << 48 |
	    (uint64_t)u[7] << 56;
}

/* The chain of literals that may stand at p, whatever the case. */
static uint16_t *
bucket_at(struct redact *r, const char *p)
{
	return &r->bucket[hash3(load3(p) | UINT32_C(0x202020)) % BUCKETS];
}

/* In the filter stand the bytes themselves, in all ways to write them when
 * case does not matter: folding the text would cost more, and find more. */
static void
filter_add(struct redact *r, const char *p, bool nocase)
{
	char s[3];
	uint32_t h;
	int ways, i;

	for (ways = 0; ways < (nocase ? 8 : 1); ways++) {
		memcpy(s, p, 3);
		for (i = 0; i < 3; i++)
			if (ways >> i & 1 && s[i] >= 'a' && s[i] <= 'z')
				s[i] = (char)(s[i] - 'a' + 'A');
		h = hash3(load3(s));
		r->filter[h >> 3] |= (unsigned char)(1 << (h & 7));
	}
}

/* Buckets are filled from the last literal to the first, so that a chain
 * is in the order of the file. */
void
redact_build(struct redact *r)
{
	struct rules *rs = &r->rules;
	struct literal *l;
	uint16_t *b;
	size_t i;

	for (i = rs->nlit; i-- > 0; ) {
		l = &rs->lit[i];
		if (rs->rule[l->rule].off)
			continue;
		filter_add(r, l->s, rs->rule[l->rule].nocase);
		b = bucket_at(r, l->s);
		l->next = *b;
		*b = (uint16_t)(i + 1);
	}
	filter_add(r, open_tag, false);
}

static inline bool
may_begin(const struct redact *r, uint64_t w)
{
	uint32_t h = hash3((uint32_t)w);

	return r->filter[h >> 3] >> (h & 7) & 1;
}

/* The next place from p on where a literal may begin; NULL: none.  Eight
 * bytes hold six places. */
static const char *
next_hit(const struct redact *r, const char *p, const char *end)
{
	uint64_t w;

	for (; end - p >= 8; p += 6) {
		w = load8(p);
		if (may_begin(r, w))
			return p;
		if (may_begin(r, w >> 8))
			return p + 1;
		if (may_begin(r, w >> 16))
			return p + 2;
		if (may_begin(r, w >> 24))
			return p + 3;
		if (may_begin(r, w >> 32))
			return p + 4;
		if (may_begin(r, w >> 40))
			return p + 5;
	}
	for (; end - p >= 3; p++)
		if (may_begin(r, load3(p)))
			return p;
	return NULL;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

static bool
is_literal(const struct literal *l, bool nocase, const char *p,
    const char *end)
{
	size_t i;

	if ((size_t)(end - p) < l->n)
		return false;
	if (!nocase)
		return memcmp(l->s, p, l->n) == 0;
	for (i = 0; i < l->n; i++)
		if (rule_lower((unsigned char)p[i]) != (unsigned char)l->s[i])
			return false;
	return true;
}

static struct rule *
rule_of(struct redact *r, const struct literal *l)
{
	struct rule *u = &r->rules.rule[l->rule];
	struct err e;

	/* Ours are tested, others were compiled when they were read. */
	if (u->code == NULL && rule_ready(u, &e) < 0)
		abort();
	return u;
}

/* Is the byte before p a letter only because it ends an escape: \n, %3D,
 * =3D, \u003d, \x3d, ESC [ 1 m? */
static bool
ends_escape(const char *base, const char *p)
{
	size_t n = (size_t)(p - base);

	if (n >= 2 && p[-2] == '\\' && memchr("nrt", p[-1], 3) != NULL)
		return true;
	if (n >= 3 && (p[-3] == '%' || memcmp(p - 3, "=3D", 3) == 0))
		return is_hex(p[-2]) && is_hex(p[-1]);
	if (n >= 6 && p[-6] == '\\' && memcmp(p - 5, "u00", 3) == 0)
		return is_hex(p[-2]) && is_hex(p[-1]);
	if (n >= 4 && p[-4] == '\\' && p[-3] == 'x')
		return is_hex(p[-2]) && is_hex(p[-1]);
	if (p[-1] != 'm')
		return false;
	for (p--; p > base && ((p[-1] >= '0' && p[-1] <= '9') ||
	    p[-1] == ';'); p--)
		;
	return p - base >= 2 && p[-1] == '[' && p[-2] == '\033';
}

/* May the rule begin at p?  `fresh`: up to where the text is replaced. */
static bool
fits_before(const struct rule *u, const char *fresh, const char **p)
{
	const struct rule_code *c = u->code;
	const char *q = *p;
	uint32_t n = 0;

	if (c->has_left) {
		while (q > fresh && n < c->left_max &&
		    pattern_in(c->left, q[-1]))
			q--, n++;
		if (n < c->left_min)
			return false;
	}
	*p = q;
	return q == fresh || pattern_in(c->before, q[-1]) ||
	    ends_escape(fresh, q);
}

static bool
try_rule(struct redact *r, struct rule *u, const char *base,
    const char *fresh, const char *p, const char *q, struct slice *found)
{
	struct pattern_match m = { q, NULL, NULL };
	const char *end = r->text.end;

	if (!fits_before(u, fresh, &p))
		return false;
	if (u->code->form == RULE_ASSIGN)
		return assign_find(&r->rules, u, &r->text, base, p, q,
		    found);
	if (u->code->after != NULL &&
	    !pattern_match(u->code->after, &r->text, q, &m))
		return false;
	if (u->code->form == RULE_PEM) {
		if ((q = block_end(m.end, end)) == NULL)
			return false;
		m.end = q;
	} else if (m.from != NULL) {
		p = m.from;
		m.end = m.to;
	}
	if (!rule_accepts(&r->rules, u, p, m.end, false))
		return false;
	*found = (struct slice){ p, (size_t)(m.end - p) };
	return true;
}

/* No character is cut in two. */
static void
whole_characters(const char *base, const char *end, struct slice *s)
{
	while (s->p > base && ((unsigned char)*s->p & 0xc0) == 0x80)
		s->p--, s->n++;
	while (s->p + s->n < end &&
	    ((unsigned char)s->p[s->n] & 0xc0) == 0x80)
		s->n++;
}

/* Spans stay apart and in order; those that overlap become one.  Its kind
 * is that of a service's own rule; else of what begins first, or is
 * longer. */
static void
add_span(struct redact *r, size_t from, size_t to, const struct rule *u)
{
	struct span *s;
	size_t i = r->nspan, k;

	while (i > 0 && r->span[i - 1].to > from)
		i--;
	for (k = i; k < r->nspan && r->span[k].from < to; k++) {
		s = &r->span[k];
		if (s->rule->code->weak != u->code->weak ? u->code->weak :
		    s->from < from || (s->from == from && s->to >= to))
			u = s->rule;
		from = s->from < from ? s->from : from;
		to = s->to > to ? s->to : to;
	}
	if (k == i)
		r->span = xgrow(r->span, r->nspan, &r->span_cap,
		    sizeof *r->span);
	memmove(r->span + i + 1, r->span + k,
	    (r->nspan - k) * sizeof *r->span);
	r->nspan = r->nspan - (k - i) + 1;
	r->span[i] = (struct span){ from, to, u };
}

/* Is it (part of) what redaction has put there? */
static bool
in_mark(const char *base, const char *p, const char *end)
{
	const char *least = p - base > 60 ? p - 60 : base;

	while (p > least && *p != '[' && p[-1] != ']')
		p--;
	return end - p > 10 && memcmp(p, "[redacted:", 10) == 0;
}

/* Every rule with a literal at p.  In a secret only the rule of a service
 * may still tell more. */
static void
try_all(struct redact *r, const char *base, const char *p)
{
	const struct span *last = r->nspan > 0 ? &r->span[r->nspan - 1] : NULL;
	const char *end = r->text.end, *fresh = base;
	size_t at = (size_t)(p - base);
	bool inside = last != NULL && at >= last->from && at < last->to;
	struct literal *l;
	struct slice s;
	struct rule *u;
	uint16_t i;

	if (last != NULL && at >= last->to)
		fresh = base + last->to;
	if (inside && !last->rule->code->weak)
		return;
	for (i = *bucket_at(r, p); i > 0; i = l->next) {
		l = &r->rules.lit[i - 1];
		u = &r->rules.rule[l->rule];
		if (!is_literal(l, u->nocase, p, end))
			continue;
		u = rule_of(r, l);
		if ((inside && u->code->weak) ||
		    !try_rule(r, u, base, fresh, p, p + l->n, &s) ||
		    in_mark(base, s.p, end))
			continue;
		whole_characters(base, end, &s);
		add_span(r, (size_t)(s.p - base),
		    (size_t)(s.p - base) + s.n, u);
	}
}

void
redact_find(struct redact *r, const char *base, size_t len)
{
	const char *p = base, *end = base + len;

	r->nspan = 0;
	r->private = false;
	r->text.end = end;
	r->text.id++;
	for (; (p = next_hit(r, p, end)) != NULL; p++) {
		if (*p == '<' && (size_t)(end - p) >= sizeof open_tag - 1 &&
		    memcmp(p, open_tag, sizeof open_tag - 1) == 0) {
			r->private = true;
			return;
		}
		try_all(r, base, p);
	}
}

const struct rule *
redact_key(struct redact *r, const char *key, size_t len)
{
	const char *p = key, *end = key + len, *from;
	const struct literal *l;
	struct rule *u;
	uint16_t i;

	r->text.end = end;
	r->text.id++;
	for (; (p = next_hit(r, p, end)) != NULL; p++)
		for (i = *bucket_at(r, p); i > 0; i = l->next) {
			l = &r->rules.lit[i - 1];
			u = &r->rules.rule[l->rule];
			if (!is_literal(l, u->nocase, p, end))
				continue;
			u = rule_of(r, l);
			from = p;
			if (u->code->form == RULE_ASSIGN &&
			    fits_before(u, key, &from) &&
			    assign_name(u, &r->text, key, p, p + l->n))
				return u;
		}
	return NULL;
}

bool
redact_value(struct redact *r, const struct rule *u, const char *p,
    size_t n)
{
	return assign_value(&r->rules, u, p, n);
}
