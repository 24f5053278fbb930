#include "base/zone_rule.h"

#include "base/date.h"

#include <string.h>

#define HOUR 3600
#define DAY INT64_C(86400)

/* Where reading is; a failure leaves p NULL. */
struct scan {
	const char *p, *end;
};

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
peek(const struct scan *s)
{
	return s->p != NULL && s->p < s->end ? *s->p : '\0';
}

static bool
eat(struct scan *s, char c)
{
	if (peek(s) != c)
		return false;
	s->p++;
	return true;
}

static int
number(struct scan *s, int most)
{
	int n = 0, digits = 0;

	while (digit(peek(s)) && digits++ < 4)
		n = n * 10 + (*s->p++ - '0');
	if (digits == 0 || n > most)
		s->p = NULL;
	return n;
}

/* "CET", "<+03>": at least three characters. */
static void
name(struct scan *s)
{
	size_t n = 0;
	bool quoted = eat(s, '<');

	while (letter(peek(s)) || (quoted && (digit(peek(s)) ||
	    peek(s) == '+' || peek(s) == '-'))) {
		s->p++;
		n++;
	}
	if (n < 3 || (quoted && !eat(s, '>')))
		s->p = NULL;
}

/* [+-]hh[:mm[:ss]] */
static int32_t
clock_time(struct scan *s, int hours)
{
	bool minus = eat(s, '-');
	int32_t t;

	if (!minus)
		eat(s, '+');
	t = number(s, hours) * HOUR;
	if (eat(s, ':')) {
		t += number(s, 59) * 60;
		if (eat(s, ':'))
			t += number(s, 59);
	}
	return minus ? -t : t;
}

static void
change(struct scan *s, struct zone_change *c)
{
	if (!eat(s, ',')) {
		s->p = NULL;
		return;
	}
	c->kind = 'N';
	if (eat(s, 'J')) {
		c->kind = 'J';
		c->day = number(s, 365);
		if (c->day < 1)
			s->p = NULL;
	} else if (eat(s, 'M')) {
		c->kind = 'M';
		c->month = number(s, 12);
		if (!eat(s, '.'))
			s->p = NULL;
		c->week = number(s, 5);
		if (!eat(s, '.'))
			s->p = NULL;
		c->day = number(s, 6);
		if (c->month < 1 || c->week < 1)
			s->p = NULL;
	} else {
		c->day = number(s, 365);
	}
	c->time = eat(s, '/') ? clock_time(s, 167) : 2 * HOUR;
}

int
zone_rule_read(struct zone_rule *r, const char *p, size_t len)
{
	struct scan s = { p, p + len };

	memset(r, 0, sizeof *r);
	name(&s);
	r->standard = -clock_time(&s, 24);
	if (s.p != NULL && s.p < s.end) {
		r->changes = true;
		name(&s);
		r->summer = r->standard + HOUR;
		if (peek(&s) != ',')
			r->summer = -clock_time(&s, 24);
		change(&s, &r->to_summer);
		change(&s, &r->to_standard);
	}
	return s.p != NULL && s.p == s.end;
}

/* --- when -------------------------------------------------------------- */

static int64_t
midnight(int year, int month, int day)
{
	struct date d = { .year = year, .month = month, .day = day };

	return date_join_utc(&d) / 1000;
}

/* By the local clock before the change, as if that were UTC. */
static int64_t
changes_at(const struct zone_change *c, int year)
{
	int64_t s;
	int first, day;

	switch (c->kind) {
	case 'J':		/* 29 February is not counted */
		s = midnight(year, 1, 1) + (c->day - 1) * DAY;
		if (c->day > 59 && date_days_in(year, 2) == 29)
			s += DAY;
		break;
	case 'M':		/* of that weekday (0 is Sunday) the n-th; 5 is
				   the last */
		first = date_weekday(year, c->month, 1) % 7;
		day = 1 + (c->day - first + 7) % 7 + (c->week - 1) * 7;
		if (day > date_days_in(year, c->month))
			day -= 7;
		s = midnight(year, c->month, day);
		break;
	default:
		s = midnight(year, 1, 1) + c->day * DAY;
	}
	return s + c->time;
}

int32_t
zone_rule_offset(const struct zone_rule *r, int64_t s)
{
	int64_t summer, standard;
	struct date d;
	bool is;

	if (!r->changes)
		return r->standard;
	date_split_utc((s + r->standard) * 1000, &d);
	summer = changes_at(&r->to_summer, d.year) - r->standard;
	standard = changes_at(&r->to_standard, d.year) - r->summer;
	if (summer < standard)
		is = s >= summer && s < standard;
	else
		is = s >= summer || s < standard;
	return is ? r->summer : r->standard;
}
