#include "ltm/live_read.h"

#include "base/alloc.h"
#include "ltm/live_around.h"
#include "toc/sentence.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_MIN 2		/* bytes */

struct reader {
	const struct live_rules *rules;
	struct live_text t;
	unsigned char *kind;		/* own */
	struct live_finds *out;
	struct live_sayings *says;
};

void
live_finds_release(struct live_finds *f)
{
	free(f->v);
	memset(f, 0, sizeof *f);
}

void
live_sayings_release(struct live_sayings *s)
{
	free(s->v);
	memset(s, 0, sizeof *s);
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
		s->len = live_tail(r->rules, &r->t, s->at, at, f) - s->at;
		if (s->len < VALUE_MIN)
			return false;
	}
	return true;
}

static bool
values_vetoed(const struct reader *r, const struct live_match *m)
{
	const struct live_span *s;
	int h, w;

	for (h = 0; h < LIVE_HOLES; h++) {
		s = &m->hole[h];
		for (w = LIVE_IN_VALUE; s->len > 0 && w <= LIVE_IS_VALUE; w++)
			if (live_veto(r->rules, &r->t,
			    (enum live_where)w, s->at, s->at + s->len))
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
	f->sure = sum < 0 ? 0 : sum > LIVE_SURE_MAX ? LIVE_SURE_MAX : sum;
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

/* Where the words of somebody else begin. */
static size_t
own_words(const struct reader *r, size_t from, size_t to)
{
	while (from < to && r->t.kind[from] != LIVE_FOREIGN)
		from++;
	return from;
}

static void
read_sentence(struct reader *r, size_t from, size_t to)
{
	size_t at, next, end, stop = own_words(r, from, to), n = r->out->n;
	struct live_find f;

	for (at = from; at < stop; at = next) {
		memset(&f, 0, sizeof f);
		f.at = from;
		f.len = to - from;
		next = live_lead(r->rules, &r->t, at, stop, &f);
		end = live_tail(r->rules, &r->t, next, stop, &f);
		if (next < end && try_rules(r, &f, next, end, &end))
			at = end;
		if (find_any(r, &r->rules->join, at, stop, &next) == stop)
			break;
	}
	if (r->out->n > n && live_sentence_vetoed(r->rules, &r->t, from, to)) {
		r->out->vetoed += r->out->n - n;
		r->out->n = n;
	}
}

size_t
live_bytes(const char *p, size_t len)
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

static bool
start(struct reader *r, const char *text, size_t len)
{
	size_t all = live_bytes(text, len);

	if (all == 0)
		return false;
	r->kind = xmalloc(all);
	live_kinds(r->rules, text, all, r->kind);
	r->t = (struct live_text){ text, r->kind, all };
	return true;
}

static void
each_said(struct reader *r, void (*fn)(struct reader *, size_t from,
    size_t to))
{
	struct turn_sentence s, next;
	struct sentences it;
	bool more;

	sentences_start(&it, r->t.p, r->t.len, SENTENCE_SAID);
	for (more = sentence_next(&it, &s) == 1; more; s = next) {
		more = sentence_next(&it, &next) == 1;
		if (is_said(r, &s, more ? &next : NULL))
			fn(r, s.at, s.at + s.len);
	}
}

void
live_read(const struct live_rules *rules, const char *text, size_t len,
    struct live_finds *out)
{
	struct reader r = { .rules = rules, .out = out };
	size_t n = out->n;

	if (!start(&r, text, len))
		return;
	each_said(&r, read_sentence);
	if (out->n > n && live_veto(rules, &r.t, LIVE_IN_TURN, 0, r.t.len)) {
		out->vetoed += out->n - n;
		out->n = n;
	}
	free(r.kind);
}

/* --- without rules ----------------------------------------------------- */

static bool
is_gap(const struct reader *r, size_t from, size_t to)
{
	while (from < to && strchr(" \t\r\n", r->t.p[from]) != NULL)
		from++;
	return from == to;
}

static void
listen(struct reader *r, size_t from, size_t to)
{
	size_t stop = own_words(r, from, to), i, quoted = 0;
	struct live_find f = { .rule = NULL };
	struct live_sayings *s = r->says;
	struct live_saying *last = s->n > 0 ? &s->v[s->n - 1] : NULL;

	for (i = from; i < stop; i++)
		quoted += r->t.kind[i] == LIVE_QUOTED;
	if (stop == from || quoted > (stop - from) / 2 ||
	    live_sentence_vetoed(r->rules, &r->t, from, to))
		return;
	live_tail(r->rules, &r->t, live_lead(r->rules, &r->t, from, stop,
	    &f), stop, &f);
	if (last != NULL && last->session == f.session &&
	    is_gap(r, last->at + last->len, from)) {
		last->len = stop - last->at;
		return;
	}
	s->v = xgrow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n++] = (struct live_saying){ from, stop - from, f.session };
}

void
live_listen(const struct live_rules *rules, const char *text, size_t len,
    struct live_sayings *out)
{
	struct reader r = { .rules = rules, .says = out };
	size_t n = out->n;

	if (!start(&r, text, len))
		return;
	each_said(&r, listen);
	if (out->n > n && live_veto(rules, &r.t, LIVE_IN_TURN, 0, r.t.len))
		out->n = n;
	free(r.kind);
}
