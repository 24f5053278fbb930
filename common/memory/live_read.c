#include "memory/live_read.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "memory/processor.h"
#include "memory/sentence.h"

#include <stdlib.h>
#include <string.h>

#define SURE_MAX (PROCESSOR_ONE * 95 / 100)
#define VALUE_MIN 2		/* bytes */

struct reader {
	const struct live_rules *rules;
	struct live_text t;
	struct live_finds *out;
};

void
live_finds_release(struct live_finds *f)
{
	free(f->v);
	memset(f, 0, sizeof *f);
}

/* --- phrases around it ------------------------------------------------- */

static bool
is_between(const char *p, size_t n, size_t *len)
{
	static const char *const others[] = { "\xef\xbc\x8c", "\xef\xbc\x9a",
	    "\xe3\x80\x81", "\xe2\x80\x94", "\xe2\x80\x93", "\xe3\x80\x82",
	    "\xef\xbc\x81", "\xef\xbc\x9b", "\xe3\x80\x80" };
	size_t i;

	*len = 1;
	if (*p != '\0' && strchr(" \t\r\n,:;-!.~*_", *p) != NULL)
		return true;
	for (i = 0; i < sizeof others / sizeof *others; i++) {
		*len = strlen(others[i]);
		if (n >= *len && memcmp(p, others[i], *len) == 0)
			return true;
	}
	return false;
}

static size_t
skip(const struct live_text *t, size_t at, size_t to)
{
	size_t n;

	while (at < to && is_between(t->p + at, to - at, &n))
		at += n;
	return at < to ? at : to;
}

static size_t
trim(const struct live_text *t, size_t from, size_t to)
{
	size_t at, n;

	while (to > from) {
		for (at = to - 1; at > from &&
		    ((unsigned char)t->p[at] & 0xc0) == 0x80; at--)
			;
		if (!is_between(t->p + at, to - at, &n) || at + n != to)
			break;
		to = at;
	}
	return to;
}

static void
add_part(struct live_find *f, const char *why, int add)
{
	size_t i;

	for (i = 0; i < f->parts; i++)
		if (f->part[i].why == why)
			return;
	if (add == 0 || why == NULL || f->parts == LIVE_PARTS - 1)
		return;
	f->part[f->parts].why = why;
	f->part[f->parts++].add = add;
}

static void
note(struct live_find *f, const struct live_phrases *p, size_t number)
{
	if (f == NULL)
		return;
	add_part(f, p->why, p->add);
	f->session = f->session || p->session;
	f->with |= UINT64_C(1) << number;
}

size_t
live_lead(const struct live_rules *l, const struct live_text *t, size_t from,
    size_t to, struct live_find *f)
{
	size_t at = skip(t, from, to), end, best, i, k;
	const struct live_phrases *p;

	do {
		for (best = i = 0; i < l->nphrases; i++) {
			p = &l->phrases[i];
			for (k = 0; p->place != LIVE_END &&
			    p->place != LIVE_NAMED && k < p->say.n; k++) {
				end = live_phrase(p->say.v[k], t, at, to);
				if (end <= best)
					continue;
				best = end;
				note(f, p, i);
			}
		}
		if (best > 0)
			at = skip(t, best, to);
	} while (best > 0 && at < to);
	return at;
}

/* The phrase that ends at `to`: where it begins; to: none. */
static size_t
tail_phrase(const struct reader *r, const struct live_phrases *p, size_t from,
    size_t to)
{
	size_t at, end, k;

	for (k = 0; k < p->say.n; k++)
		for (at = from; at < to; at = end) {
			at = live_phrase_find(p->say.v[k], &r->t, at, to, &end);
			if (at < to && end == to)
				return at;
			if (at == to)
				break;
		}
	return to;
}

static size_t
tail(const struct reader *r, size_t from, size_t to, struct live_find *f)
{
	const struct live_phrases *p;
	size_t i, at, was;

	do {
		was = to = trim(&r->t, from, to);
		for (i = 0; i < r->rules->nphrases; i++) {
			p = &r->rules->phrases[i];
			if (p->place == LIVE_BEGIN || p->place == LIVE_NAMED)
				continue;
			at = tail_phrase(r, p, from, to);
			if (at == to || at == from)
				continue;
			note(f, p, i);
			to = trim(&r->t, from, at);
		}
	} while (to < was);
	return to;
}

/* --- a match ----------------------------------------------------------- */

static size_t
find_any(const struct reader *r, const struct strv *v, size_t from, size_t to,
    size_t *end)
{
	size_t i, at, best = to, e;

	for (i = 0; i < v->n; i++) {
		at = live_phrase_find(v->v[i], &r->t, from, to, &e);
		if (at < best) {
			best = at;
			*end = e;
		}
	}
	return best;
}

/* The last hole ends where a reason begins; another with one in it is none.
 * *to is where the next clause may begin. */
static bool
cut_holes(const struct reader *r, struct live_find *f, size_t *to)
{
	struct live_span *s, *last = NULL;
	size_t at, end;
	int h;

	for (h = 0; h < LIVE_HOLES; h++)
		if (f->m.hole[h].len > 0 && (last == NULL ||
		    f->m.hole[h].at > last->at))
			last = &f->m.hole[h];
	for (h = 0; h < LIVE_HOLES; h++) {
		s = &f->m.hole[h];
		if (s->len == 0)
			continue;
		at = find_any(r, &r->rules->cut, s->at, s->at + s->len, &end);
		if (at < s->at + s->len) {
			if (s != last || at == s->at)
				return false;
			*to = at;
		}
		s->len = tail(r, s->at, at, f) - s->at;
		if (s->len < VALUE_MIN)
			return false;
	}
	return true;
}

static bool
has_veto(const struct reader *r, enum live_where where, size_t from,
    size_t to)
{
	const struct live_veto *v;
	size_t i, k, end = 0, at;

	for (i = 0; i < r->rules->nvetoes; i++) {
		v = &r->rules->veto[i];
		if (v->where != where)
			continue;
		for (k = 0; k < v->say.n; k++) {
			if (where == LIVE_BEGINS_VALUE ||
			    where == LIVE_IS_VALUE) {
				end = live_phrase(v->say.v[k], &r->t, from, to);
				if (end > 0 && (where == LIVE_BEGINS_VALUE ||
				    end == to))
					return true;
				continue;
			}
			at = live_phrase_find(v->say.v[k], &r->t, from, to,
			    &end);
			if (at < to)
				return true;
		}
	}
	return false;
}

static bool
values_vetoed(const struct reader *r, const struct live_match *m)
{
	const struct live_span *s;
	int h, w;

	for (h = 0; h < LIVE_HOLES; h++) {
		s = &m->hole[h];
		for (w = LIVE_IN_VALUE; s->len > 0 && w <= LIVE_IS_VALUE; w++)
			if (has_veto(r, (enum live_where)w, s->at,
			    s->at + s->len))
				return true;
	}
	return false;
}

static void
sum_up(struct live_find *f)
{
	size_t i;
	int sum = f->rule->sure;

	memmove(f->part + 1, f->part, f->parts * sizeof *f->part);
	f->part[0].why = f->rule->name;
	f->part[0].add = f->rule->sure;
	f->parts++;
	for (i = 1; i < f->parts; i++)
		sum += f->part[i].add;
	f->sure = sum < 0 ? 0 : sum > SURE_MAX ? SURE_MAX : sum;
}

/* Do the phrases that the rule needs stand around it? */
static bool
fits(const struct live_rules *l, const struct live_rule *r, uint64_t with)
{
	size_t i, k;

	for (i = 0; i < r->needs.n; i++)
		for (k = 0; k < l->nphrases; k++)
			if (str_eq(l->phrases[k].name, r->needs.v[i]) &&
			    (with >> k & 1))
				return true;
	return r->needs.n == 0;
}

static bool
begins_with(const struct reader *r, const struct strv *say,
    const struct live_span *s)
{
	size_t i;

	for (i = 0; i < say->n; i++)
		if (live_phrase(say->v[i], &r->t, s->at, s->at + s->len) > 0)
			return true;
	return false;
}

/* Does its value begin with one of the phrases that it is to? */
static bool
begins_well(const struct reader *r, const struct live_rule *rule,
    const struct live_span *s)
{
	const struct live_rules *l = r->rules;
	size_t i, k;

	for (i = 0; i < rule->only.n; i++)
		for (k = 0; k < l->nphrases; k++)
			if (str_eq(l->phrases[k].name, rule->only.v[i]) &&
			    begins_with(r, &l->phrases[k].say, s))
				return true;
	return rule->only.n == 0;
}

static bool
is_fit(const struct reader *r, const struct live_find *f)
{
	const struct live_span *s = &f->m.hole[LIVE_VALUE];
	const char *p = r->t.p + s->at;
	int64_t words = 1;
	bool named = false;
	size_t i;

	for (i = 0; i < s->len; i++) {
		words += p[i] == ' ';
		named = named || (p[i] >= '0' && p[i] <= '9') ||
		    (p[i] >= 'A' && p[i] <= 'Z');
	}
	return words <= f->rule->words && (named || !f->rule->named) &&
	    begins_well(r, f->rule, s) &&
	    !begins_with(r, &f->rule->unless, s);
}

/* 1 taken, and *end is where it ends; 0. */
static int
try_rules(struct reader *r, const struct live_find *begun, size_t from,
    size_t to, size_t *end)
{
	const struct live_rules *l = r->rules;
	struct live_find f;
	size_t i, k;

	for (i = 0; i < l->nrules; i++) {
		if (l->rule[i].off || !fits(l, &l->rule[i], begun->with))
			continue;
		for (k = 0; k < l->rule[i].patterns.n; k++) {
			f = *begun;
			f.rule = &l->rule[i];
			*end = to;
			if (!live_match(l->rule[i].patterns.v[k], &r->t, from,
			    to, &f.m) || !cut_holes(r, &f, end) ||
			    !is_fit(r, &f))
				continue;
			if (values_vetoed(r, &f.m)) {
				r->out->vetoed++;
				return 1;
			}
			sum_up(&f);
			r->out->v = xgrow(r->out->v, r->out->n, &r->out->cap,
			    sizeof f);
			r->out->v[r->out->n++] = f;
			return 1;
		}
	}
	return 0;
}

/* --- a sentence -------------------------------------------------------- */

static void
read_sentence(struct reader *r, size_t from, size_t to)
{
	struct live_find f;
	size_t at, next, end, stop, n = r->out->n;

	for (stop = from; stop < to && r->t.kind[stop] != LIVE_FOREIGN; stop++)
		;
	for (at = from; at < stop; at = next) {
		memset(&f, 0, sizeof f);
		f.at = from;
		f.len = to - from;
		next = live_lead(r->rules, &r->t, at, stop, &f);
		end = tail(r, next, stop, &f);
		if (next < end && try_rules(r, &f, next, end, &end))
			at = end;
		if (find_any(r, &r->rules->join, at, stop, &next) == stop)
			break;
	}
	if (r->out->n > n && has_veto(r, LIVE_IN_SENTENCE, from, to)) {
		r->out->vetoed += r->out->n - n;
		r->out->n = n;
	}
}

static size_t
bytes(const char *p, size_t len)
{
	size_t i;

	if (len <= LIVE_READ)
		return len;
	for (i = 0; i + 1 < LIVE_READ; i++)
		if (p[i] == '\n' && (p[i + 1] == '\n' || p[i + 1] == '\r'))
			return i;
	return 0;
}

static bool
is_said(const struct reader *r, const struct turn_sentence *s,
    const struct turn_sentence *next)
{
	return s->kind == TURN_PROSE && (s->cues & CUE_BIT(CUE_QUESTION)) == 0
	    && r->t.kind[s->at] != LIVE_FOREIGN &&
	    (next == NULL || next->kind != TURN_GO_ON);
}

void
live_read(const struct live_rules *rules, const char *text, size_t len,
    struct live_finds *out)
{
	struct reader r = { .rules = rules, .out = out };
	struct turn_sentence s, next;
	size_t n = out->n, all = bytes(text, len);
	unsigned char *kind;
	struct sentences it;
	bool more;

	if (all == 0)
		return;
	kind = xmalloc(all);
	live_kinds(rules, text, all, kind);
	r.t = (struct live_text){ text, kind, all };
	sentences_start(&it, text, all, SENTENCE_SAID);
	for (more = sentence_next(&it, &s) == 1; more; s = next) {
		more = sentence_next(&it, &next) == 1;
		if (is_said(&r, &s, more ? &next : NULL))
			read_sentence(&r, s.at, s.at + s.len);
	}
	if (out->n > n && has_veto(&r, LIVE_IN_TURN, 0, all)) {
		out->vetoed += out->n - n;
		out->n = n;
	}
	free(kind);
}

/* --- templates --------------------------------------------------------- */

void
live_fold(struct buf *b, const char *p, size_t len)
{
	static const char *const articles[] = { "the ", "a ", "an ", "my ",
	    "our " };
	size_t from = b->len, i, n;

	for (i = 0; i < len; i++) {
		char c = p[i];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			if (b->len > from && b->p[b->len - 1] != ' ')
				buf_addc(b, ' ');
		} else
			buf_addc(b, c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	if (b->len > from && b->p[b->len - 1] == ' ')
		buf_cut(b, b->len - 1);
	for (i = 0; i < sizeof articles / sizeof *articles; i++) {
		n = strlen(articles[i]);
		if (b->len - from > n &&
		    memcmp(b->p + from, articles[i], n) == 0) {
			memmove(b->p + from, b->p + from + n,
			    b->len - from - n);
			buf_cut(b, b->len - n);
			break;
		}
	}
}

static void
fill_hole(struct buf *b, const char *text, const struct live_span *s,
    bool key)
{
	if (key)
		live_fold(b, text + s->at, s->len);
	else
		buf_add(b, text + s->at, s->len);
}

/* "{value}+{other}" in a key is a pair, in the order of its bytes. */
static void
fill_pair(struct buf *b, const char *text, const struct live_match *m)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	bool swap;

	fill_hole(&one, text, &m->hole[LIVE_VALUE], true);
	fill_hole(&two, text, &m->hole[LIVE_OTHER], true);
	swap = strcmp(one.p, two.p) > 0;
	buf_addf(b, "%s+%s", swap ? two.p : one.p, swap ? one.p : two.p);
	buf_release(&one);
	buf_release(&two);
}

void
live_fill(struct buf *b, const char *form, const char *text,
    const struct live_match *m, bool key)
{
	static const char pair[] = "{value}+{other}";
	size_t n;
	int h;

	for (; *form != '\0'; form += n) {
		n = strcspn(form, "{");
		buf_add(b, form, n);
		form += n;
		n = 0;
		if (*form == '\0')
			break;
		if (key && strncmp(form, pair, sizeof pair - 1) == 0) {
			fill_pair(b, text, m);
			n = sizeof pair - 1;
			continue;
		}
		for (h = 0; h < LIVE_HOLES; h++)
			if (strncmp(form + 1, live_holes[h],
			    strlen(live_holes[h])) == 0)
				fill_hole(b, text, &m->hole[h], key);
		n = strcspn(form, "}");
		n += form[n] == '}';
	}
}
