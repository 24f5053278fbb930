#include "ltm/live_around.h"

#include <string.h>

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
tail_phrase(const struct live_phrases *p, const struct live_text *t,
    size_t from, size_t to)
{
	size_t at, end, k;

	for (k = 0; k < p->say.n; k++)
		for (at = from; at < to; at = end) {
			at = live_phrase_find(p->say.v[k], t, at, to, &end);
			if (at < to && end == to)
				return at;
			if (at == to)
				break;
		}
	return to;
}

size_t
live_tail(const struct live_rules *l, const struct live_text *t, size_t from,
    size_t to, struct live_find *f)
{
	const struct live_phrases *p;
	size_t i, at, was;

	do {
		was = to = trim(t, from, to);
		for (i = 0; i < l->nphrases; i++) {
			p = &l->phrases[i];
			if (p->place == LIVE_BEGIN || p->place == LIVE_NAMED)
				continue;
			at = tail_phrase(p, t, from, to);
			if (at == to || at == from)
				continue;
			note(f, p, i);
			to = trim(t, from, at);
		}
	} while (to < was);
	return to;
}
