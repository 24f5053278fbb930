/*
 * A quote begins a string wherever it stands outside of one, in all that is
 * JSON up to the first byte that is none.  What is taken out of one is UTF-8
 * and needs no escape; escapes of two characters stay, and each is one byte of
 * the string that is read.  Strings with \uXXXX are left as they are.
 */
#include "base/json_long.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define LEAST 96		/* bytes; shorter ones are read as fast */

struct inside {
	size_t len, escapes;
	bool fit;		/* without \uXXXX */
};

/* Behind a quote; false: the string has no end, or what may not be in it. */
static bool
measure(const char *p, const char *end, struct inside *s)
{
	size_t n = 0, most = (size_t)(end - p);

	*s = (struct inside){ .fit = true };
	for (;;) {
		n += json_plain(p + n, most - n);
		if (n < most && p[n] == '"')
			break;
		if (most - n < 2 || p[n] != '\\')
			return false;
		if (p[n + 1] == 'u')
			s->fit = false;
		s->escapes++;
		n += 2;
	}
	s->len = n;
	return true;
}

static bool
is_key(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' ||
	    *p == '\r'))
		p++;
	return p < end && *p == ':';
}

static void
take_out(struct json_long *l, const char *p, const struct inside *s,
    size_t nth)
{
	const char *end = p + s->len, *back;

	l->part = xgrow(l->part, l->parts, &l->cap, sizeof *l->part);
	l->part[l->parts++] = (struct json_long_part){ p, s->len, s->escapes,
	    nth };
	if (s->escapes == 0)
		return;
	while ((back = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		buf_add(&l->text, back, 2);
		p = back + 2;
	}
}

bool
json_long_take(struct json_long *l, const char *p, size_t len)
{
	const char *end = p + len, *from = p;
	struct inside s;
	size_t nth = 0;

	memset(l, 0, sizeof *l);
	buf_init(&l->text);
	while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
		p++;
		if (!measure(p, end, &s))
			return false;
		if (!is_key(p + s.len + 1, end)) {
			if (s.fit && s.len >= LEAST &&
			    utf8_check(p, s.len) == s.len) {
				buf_add(&l->text, from, (size_t)(p - from));
				take_out(l, p, &s, nth);
				from = p + s.len;
			}
			nth++;
		}
		p += s.len + 1;
	}
	buf_add(&l->text, from, (size_t)(end - from));
	return l->parts > 0;
}

/* --- back -------------------------------------------------------------- */

struct giving {
	const struct json_long *l;
	size_t part, nth;
	struct buf room;
};

static bool
give_one(struct giving *g, json_t *v, const struct json_long_part *part)
{
	const char *read = json_string_value(v), *p = part->p;
	const char *end = p + part->len, *back;

	if (json_string_length(v) != part->escapes)
		return false;
	if (part->escapes == 0)
		return json_string_setn_nocheck(v, p, part->len) == 0;
	buf_reset(&g->room);
	while ((back = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		buf_add(&g->room, p, (size_t)(back - p));
		buf_addc(&g->room, *read++);
		p = back + 2;
	}
	buf_add(&g->room, p, (size_t)(end - p));
	return json_string_setn_nocheck(v, g->room.p, g->room.len) == 0;
}

/* Members of an object are in the order of the text: none is there twice. */
static bool
give(struct giving *g, json_t *v)
{
	const struct json_long_part *part = &g->l->part[g->part];
	const char *key;
	json_t *member;
	size_t i;

	if (g->part == g->l->parts)
		return true;
	if (json_is_string(v)) {
		if (g->nth++ != part->nth)
			return true;
		g->part++;
		return give_one(g, v, part);
	}
	json_array_foreach(v, i, member)
		if (!give(g, member))
			return false;
	json_object_foreach(v, key, member)
		if (!give(g, member))
			return false;
	return true;
}

bool
json_long_give(const struct json_long *l, json_t *v)
{
	struct giving g = { .l = l, .room = BUF_INIT };
	bool r = give(&g, v) && g.part == l->parts;

	buf_release(&g.room);
	return r;
}

void
json_long_release(struct json_long *l)
{
	free(l->part);
	buf_release(&l->text);
}
