/*
 * A text is looked through once for the literals of all rules: a bit for
 * (a hash of) the first three bytes of each in 4 kB, which stays in the
 * first cache.  Only where a literal stands its rule is tried, forward from
 * there.  Tried and dropped: Aho-Corasick (its table is 200 kB and takes
 * longer to build than most texts to read), one regex of all.
 *
 * What was replaced may uncover more ("ghp_..." behind a secret begins a
 * word only now), so the result is looked through again until it is clean;
 * that makes redaction idempotent.
 */
#include "memory/redact.h"

#include "base/alloc.h"
#include "memory/redact_rule.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_BITS 15
#define BUCKETS 1024
#define PASSES_MAX 8
#define EXTRA_MAX ((size_t)1 << 20)	/* bytes of a file of rules */

extern const unsigned char data_redact_rules[];
extern const size_t data_redact_rules_len;

static const char open_tag[] = "<private>", close_tag[] = "</private>";

/* What is to be replaced. */
struct span {
	size_t from, to;
	const struct rule *rule;	/* borrowed */
};

struct redact {
	struct rules rules;
	struct buf extra;		/* own; text of the extra rules */
	struct pattern_text text;
	struct span *span;		/* own; in order, apart */
	size_t nspan, span_cap;
	uint32_t mask;			/* three bytes of a word */
	bool private;			/* an open tag was seen */
	uint16_t bucket[BUCKETS];	/* of literals; index + 1, 0 none */
	unsigned char filter[1 << (FILTER_BITS - 3)];
};

/* Of three bytes of a word. */
static inline uint32_t
hash3(uint32_t word)
{
	return word * UINT32_C(0x9e3779b1) >> (32 - FILTER_BITS);
}

static inline uint32_t
word_at(const struct redact *r, const char *p, size_t n)
{
	uint32_t w = 0;

	memcpy(&w, p, n < 4 ? n : 4);
	return w & r->mask;
}

/* The chain of literals that may stand at p, whatever the case. */
static uint16_t *
bucket_at(struct redact *r, const char *p)
{
	uint32_t w = word_at(r, p, 3) | (r->mask & UINT32_C(0x20202020));

	return &r->bucket[hash3(w) % BUCKETS];
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
		h = hash3(word_at(r, s, 3));
		r->filter[h >> 3] |= (unsigned char)(1 << (h & 7));
	}
}

/* Buckets are filled from the last literal to the first, so that a chain
 * is in the order of the file. */
static void
build_filter(struct redact *r)
{
	struct rules *rs = &r->rules;
	struct literal *l;
	uint16_t *b;
	size_t i;

	memcpy(&r->mask, "\xff\xff\xff", 4);
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

int
redact_new(struct redact **out, const char *extra, struct err *e)
{
	struct redact *r = xcalloc(1, sizeof *r);
	size_t first;

	buf_init(&r->extra);
	if (rules_parse(&r->rules, (const char *)data_redact_rules,
	    data_redact_rules_len, "redact.rules", e) < 0)
		goto bad;
	first = r->rules.nrule;
	if (extra != NULL &&
	    (buf_read_file(&r->extra, extra, EXTRA_MAX, e) < 0 ||
	    rules_parse(&r->rules, r->extra.p, r->extra.len, extra, e) < 0 ||
	    rules_check(&r->rules, first, e) < 0))
		goto bad;
	build_filter(r);
	*out = r;
	return 0;
bad:
	redact_free(r);
	return -1;
}

void
redact_free(struct redact *r)
{
	if (r == NULL)
		return;
	rules_release(&r->rules);
	buf_release(&r->extra);
	free(r->span);
	free(r);
}

uint64_t
redact_steps(const struct redact *r)
{
	return r->text.steps;
}

/* The next place from p on where a literal may begin; NULL: none. */
static const char *
next_hit(const struct redact *r, const char *p, const char *end)
{
	uint32_t h;

	for (; end - p >= 4; p++) {
		h = hash3(word_at(r, p, 4));
		if (r->filter[h >> 3] >> (h & 7) & 1)
			return p;
	}
	if (end - p != 3)
		return NULL;
	h = hash3(word_at(r, p, 3));
	return r->filter[h >> 3] >> (h & 7) & 1 ? p : NULL;
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
	if (u->code == NULL && rule_ready(&r->rules, u, &e) < 0)
		abort();
	return u;
}

/* Is the byte before p a letter only because it ends an escape: \n, %3D,
 * ESC [ 1 m? */
static bool
ends_escape(const char *base, const char *p)
{
	size_t n = (size_t)(p - base);

	if (n >= 2 && p[-2] == '\\' && memchr("nrt", p[-1], 3) != NULL)
		return true;
	if (n >= 3 && p[-3] == '%')
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

	if (u->left.n > 0) {
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

/* ---- blocks of keys ---- */

static bool
is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

/* What may stand between the lines of a block: ends of lines, also written
 * as \n, in quotes, quoted with > or |, in comments. */
static const char *
skip_between(const char *p, const char *end)
{
	const char *limit = end - p > 80 ? p + 80 : end, *q;

	while (p < limit) {
		if (memchr(" \t\r\n\"',>|#*;", *p, 12) != NULL)
			p++;
		else if (*p == '\\') {
			for (q = p; q < end && *q == '\\'; q++)
				;
			if (q < end && (*q == 'n' || *q == 'r' || *q == 't'))
				q++;
			p = q;
		} else if (*p == '+' && p + 1 < end &&
		    (p[1] == ' ' || p[1] == '\n'))
			p++;
		else
			break;
	}
	return p;
}

/* A line such as "Proc-Type: 4,ENCRYPTED" in a head; its end or NULL. */
static const char *
skip_header(const char *p, const char *end)
{
	const char *limit = end - p > 200 ? p + 200 : end, *q = p;

	while (q < limit && q - p < 24 && (is_base64(*q) || *q == '-'))
		q++;
	if (q == p || end - q < 2 || *q != ':' || q[1] != ' ')
		return NULL;
	while (q < limit && *q != '\n' && *q != '\\')
		q++;
	return q;
}

/* "-----END ...-----": its end or NULL. */
static const char *
skip_end(const char *p, const char *end)
{
	const char *limit = end - p > 80 ? p + 80 : end;

	if (limit - p < 14 || memcmp(p, "-----END ", 9) != 0)
		return NULL;
	for (p += 9; limit - p >= 5; p++)
		if (memcmp(p, "-----", 5) == 0)
			return p + 5;
	return NULL;
}

/* The end of the block whose head ends at p; NULL if no key follows.  A
 * block that was cut off ends with its last line of base64. */
static const char *
block_end(const char *p, const char *end)
{
	const char *q, *last = NULL;
	int headers = 0;

	for (;;) {
		p = skip_between(p, end);
		if ((q = skip_end(p, end)) != NULL)
			return last != NULL ? q : NULL;
		if (last == NULL && headers++ < 8 &&
		    (q = skip_header(p, end)) != NULL) {
			p = q;
			continue;
		}
		for (q = p; q < end && is_base64(*q); q++)
			;
		if (q - p < 16 && (last == NULL || q == p ||
		    skip_end(skip_between(q, end), end) == NULL))
			return last;
		p = last = q;
	}
}

/* ---- finding ---- */

static bool
try_rule(struct redact *r, struct rule *u, const char *base,
    const char *fresh, const char *p, const char *q, struct slice *found)
{
	struct pattern_match m = { q, NULL, NULL };
	const char *end = r->text.end;

	if (!fits_before(u, fresh, &p))
		return false;
	if (u->form == RULE_ASSIGN)
		return assign_find(u, &r->text, base, p, q, found);
	if (u->code->after != NULL &&
	    !pattern_match(u->code->after, &r->text, q, &m))
		return false;
	if (u->form == RULE_PEM) {
		if ((q = block_end(m.end, end)) == NULL)
			return false;
		m.end = q;
	} else if (m.from != NULL) {
		p = m.from;
		m.end = m.to;
	}
	if (!rule_accepts(u, p, m.end))
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

static bool
is_weak(const struct rule *u)
{
	return u->weak || u->form == RULE_ASSIGN;
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
		if (is_weak(s->rule) != is_weak(u) ? is_weak(u) :
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
	if (inside && !is_weak(last->rule))
		return;
	for (i = *bucket_at(r, p); i > 0; i = l->next) {
		l = &r->rules.lit[i - 1];
		u = &r->rules.rule[l->rule];
		if ((inside && is_weak(u)) ||
		    !is_literal(l, u->nocase, p, end))
			continue;
		if (!try_rule(r, rule_of(r, l), base, fresh, p, p + l->n,
		    &s) || in_mark(base, s.p, end))
			continue;
		whole_characters(base, end, &s);
		add_span(r, (size_t)(s.p - base),
		    (size_t)(s.p - base) + s.n, u);
	}
}

/* Fill r->span; r->private: a tag was seen, the spans are of no use. */
static void
find(struct redact *r, const char *base, size_t len)
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

/* ---- replacing ---- */

static bool
ends_with(const struct buf *b, size_t start, const char *s, size_t n)
{
	return b->len - start >= n && memcmp(b->p + b->len - n, s, n) == 0;
}

/*
 * Append the text without what is private; returns how many pieces were
 * dropped.  What a dropped piece had kept apart may make a tag, too.
 */
static int
strip_private(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len, *q;
	size_t depth = 0, start = b->len;
	int n = 0;

	while (p < end) {
		if (depth == 0) {
			q = memchr(p, '>', (size_t)(end - p));
			q = q != NULL ? q + 1 : end;
			buf_add(b, p, (size_t)(q - p));
			if (ends_with(b, start, open_tag,
			    sizeof open_tag - 1)) {
				buf_cut(b, b->len - (sizeof open_tag - 1));
				depth++;
				n++;
			}
			p = q;
			continue;
		}
		if ((p = memchr(p, '<', (size_t)(end - p))) == NULL)
			break;
		if ((size_t)(end - p) >= sizeof open_tag - 1 &&
		    memcmp(p, open_tag, sizeof open_tag - 1) == 0) {
			depth++;
			p += sizeof open_tag - 1;
		} else if ((size_t)(end - p) >= sizeof close_tag - 1 &&
		    memcmp(p, close_tag, sizeof close_tag - 1) == 0) {
			depth--;
			p += sizeof close_tag - 1;
		} else
			p++;
	}
	return n;
}

static void
replace(const struct redact *r, struct buf *b, const char *p, size_t len)
{
	const struct span *s;
	size_t i, at = 0;

	for (i = 0; i < r->nspan; i++) {
		s = &r->span[i];
		buf_add(b, p + at, s->from - at);
		buf_adds(b, "[redacted:");
		buf_add(b, s->rule->kind.p, s->rule->kind.n);
		buf_addc(b, ']');
		at = s->to;
	}
	buf_add(b, p + at, len - at);
}

int
redact_text(struct redact *r, struct buf *out, const char *p, size_t len)
{
	struct buf now = BUF_INIT, next = BUF_INIT, was;
	int n = 0, passes = 0;

	find(r, p, len);
	while ((r->nspan > 0 || r->private) && passes++ < PASSES_MAX) {
		if (r->private)
			n += strip_private(&next, p, len);
		else {
			n += (int)r->nspan;
			replace(r, &next, p, len);
		}
		was = now;
		now = next;
		next = was;
		buf_wipe(&next);	/* it holds secrets */
		p = now.p;
		len = now.len;
		find(r, p, len);
	}
	if (n > 0)
		buf_add(out, now.p, now.len);
	buf_wipe(&now);
	return n;
}

/* ---- JSON ---- */

/* The rule that a key is a name of, or NULL. */
static struct rule *
key_rule(struct redact *r, const char *key, size_t len)
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
			if (u->form != RULE_ASSIGN ||
			    !is_literal(l, u->nocase, p, end))
				continue;
			u = rule_of(r, l);
			from = p;
			if (fits_before(u, key, &from) &&
			    assign_name(u, &r->text, key, p, p + l->n))
				return u;
		}
	return NULL;
}

static void
set_string(json_t *v, const char *p, size_t n)
{
	/* only what was not UTF-8 before can fail: kept from the store */
	if (json_string_setn(v, p, n) < 0)
		json_string_set(v, "[redacted:text]");
}

static int
redact_string(struct redact *r, json_t *v, const struct rule *under)
{
	const char *p = json_string_value(v);
	size_t len = json_string_length(v);
	struct buf b = BUF_INIT;
	bool secret = under != NULL && assign_value(under, p, len);
	int n = redact_text(r, &b, p, len);

	/* A kind that says more, when it covers all of the value. */
	if (secret && (n != 1 || memcmp(b.p, "[redacted:", 10) != 0 ||
	    memchr(b.p, ']', b.len) != b.p + b.len - 1)) {
		buf_reset(&b);
		buf_adds(&b, "[redacted:");
		buf_add(&b, under->kind.p, under->kind.n);
		buf_addc(&b, ']');
		n = 1;
	}
	if (n > 0)
		set_string(v, b.p, b.len);
	buf_release(&b);
	return n;
}

/* {"name": "DB_PASSWORD", "value": "..."} */
static struct rule *
named_rule(struct redact *r, json_t *o)
{
	static const char *const names[] = { "name", "key", "Name", "Key" };
	json_t *v;
	size_t i;

	if (json_object_get(o, "value") == NULL &&
	    json_object_get(o, "Value") == NULL)
		return NULL;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (json_is_string(v = json_object_get(o, names[i])))
			return key_rule(r, json_string_value(v),
			    json_string_length(v));
	return NULL;
}

static bool
is_value_key(const char *key)
{
	return (*key == 'v' || *key == 'V') && strcmp(key + 1, "alue") == 0;
}

static int
redact_object(struct redact *r, json_t *o)
{
	const struct rule *named = named_rule(r, o), *u;
	const char *key;
	json_t *v;
	int n = 0;

	json_object_foreach(o, key, v) {
		if (!json_is_string(v)) {
			n += redact_json(r, v);
			continue;
		}
		u = named != NULL && is_value_key(key) ? named :
		    key_rule(r, key, strlen(key));
		n += redact_string(r, v, u);
	}
	return n;
}

int
redact_json(struct redact *r, json_t *v)
{
	size_t i;
	int n = 0;

	if (json_is_string(v))
		return redact_string(r, v, NULL);
	if (json_is_object(v))
		return redact_object(r, v);
	for (i = 0; i < json_array_size(v); i++)
		n += redact_json(r, json_array_get(v, i));
	return n;
}
