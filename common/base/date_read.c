/*
 * Times as machines and as people write them.
 */
#include "base/date.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

#define MINUTE	INT64_C(60000)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)
#define WORDS_MAX 64		/* longest text that is read as words */

struct stamp {
	struct date d;
	int64_t exact;		/* ms that it names: DAY, MINUTE, 1000, 1 */
	bool zoned;		/* d.offset_min was given */
};

/* Reads n digits into *v; p behind them, or NULL. */
static const char *
number(const char *p, int n, int *v)
{
	int x = 0;

	for (; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return NULL;
		x = x * 10 + (*p - '0');
	}
	*v = x;
	return p;
}

/* Z, UTC, GMT, +01:00, +0100 or +01; p behind it, or NULL. */
static const char *
read_zone(const char *p, struct stamp *st)
{
	int sign, h, m = 0;

	st->zoned = true;
	if (*p == 'Z' || *p == 'z')
		return p + 1;
	if (strncmp(p, "UTC", 3) == 0 || strncmp(p, "GMT", 3) == 0)
		return p + 3;
	if (*p != '+' && *p != '-')
		return NULL;
	sign = *p == '-' ? -1 : 1;
	if ((p = number(p + 1, 2, &h)) == NULL || h > 23)
		return NULL;
	if (*p != '\0') {
		p += *p == ':';
		if ((p = number(p, 2, &m)) == NULL || m > 59)
			return NULL;
	}
	st->d.offset_min = sign * (h * 60 + m);
	return p;
}

/* Digits after the point: the first three count, the rest is cut. */
static const char *
read_fraction(const char *p, int *ms)
{
	int unit;

	if (*p < '0' || *p > '9')
		return NULL;
	*ms = 0;
	for (unit = 100; *p >= '0' && *p <= '9'; p++, unit /= 10)
		*ms += (*p - '0') * unit;
	return p;
}

/* HH:MM[:SS[.fff]]; p behind it, or NULL. */
static const char *
read_clock(const char *p, struct stamp *st)
{
	struct date *d = &st->d;

	st->exact = MINUTE;
	if ((p = number(p, 2, &d->hour)) == NULL || *p != ':' ||
	    (p = number(p + 1, 2, &d->min)) == NULL)
		return NULL;
	if (*p == ':') {
		st->exact = 1000;
		if ((p = number(p + 1, 2, &d->sec)) == NULL)
			return NULL;
		if (*p == '.' || *p == ',') {
			st->exact = 1;
			if ((p = read_fraction(p + 1, &d->ms)) == NULL)
				return NULL;
		}
	}
	/* A leap second is the first one of the next minute. */
	return d->hour > 23 || d->min > 59 || d->sec > 60 ? NULL : p;
}

/* YYYY-MM-DD with or without a time and a zone, whole: 1 read, 0 not. */
static int
read_stamp(const char *p, struct stamp *st)
{
	struct date *d = &st->d;

	memset(st, 0, sizeof *st);
	if ((p = number(p, 4, &d->year)) == NULL || *p != '-' ||
	    (p = number(p + 1, 2, &d->month)) == NULL || *p != '-' ||
	    (p = number(p + 1, 2, &d->day)) == NULL)
		return 0;
	if (d->year < 1 || d->month < 1 || d->month > 12 || d->day < 1 ||
	    d->day > date_days_in(d->year, d->month))
		return 0;
	st->exact = DAY;
	if (*p == '\0')
		return 1;
	if (*p != 'T' && *p != 't' && *p != ' ')
		return 0;
	if ((p = read_clock(p + 1, st)) == NULL)
		return 0;
	if (*p == '\0')
		return 1;
	if (*p == ' ')
		p++;
	return (p = read_zone(p, st)) != NULL && *p == '\0';
}

/* Seconds or milliseconds since 1970: 1 read, 0 not. */
static int
read_number(const char *p, int64_t *ms)
{
	int64_t v = 0;
	int sign = 1, n, fraction = 0;

	if (*p == '-') {
		sign = -1;
		p++;
	}
	for (n = 0; *p >= '0' && *p <= '9'; n++, p++) {
		if (n == 15)
			return 0;	/* more than DATE_MAX */
		v = v * 10 + (*p - '0');
	}
	if (n == 0)
		return 0;
	if (*p == '.' && (p = read_fraction(p + 1, &fraction)) == NULL)
		return 0;
	if (*p != '\0')
		return 0;
	if (v < INT64_C(100000000000))
		v = v * 1000 + fraction;
	v *= sign;
	if (v < DATE_MIN || v > DATE_MAX)
		return 0;
	*ms = v;
	return 1;
}

int
date_machine(const char *s, int64_t *ms)
{
	struct stamp st;
	int64_t t;

	if (!read_stamp(s, &st))
		return read_number(s, ms);
	t = date_join_utc(&st.d) - st.d.offset_min * MINUTE;
	if (t < DATE_MIN || t > DATE_MAX)
		return 0;
	*ms = t;
	return 1;
}

struct period {
	int64_t start, end;
};

/* Midnight of the day n days from this one, in the zone. */
static int64_t
midnight(const struct date *d, int64_t n)
{
	struct date day = { 0 };

	day.year = d->year;
	day.month = d->month;
	day.day = d->day;
	date_split_utc(date_join_utc(&day) + n * DAY, &day);
	return date_join(&day);
}

static int
set_days(struct period *p, const struct date *from, int64_t first, int64_t n)
{
	p->start = midnight(from, first);
	p->end = midnight(from, first + n);
	return 1;
}

/* The first of the month n months from this one; years stay in 0..10000. */
static bool
shift_months(struct date *d, int64_t n)
{
	int64_t m = d->year * INT64_C(12) + d->month - 1 + n;

	if (m < 12 || m >= INT64_C(10001) * 12)
		return false;
	d->year = (int)(m / 12);
	d->month = (int)(m % 12) + 1;
	return true;
}

static int
set_months(struct period *p, const struct date *from, int64_t first, int n)
{
	struct date d = { 0 };

	d.year = from->year;
	d.month = from->month;
	d.day = 1;
	if (!shift_months(&d, first))
		return 0;
	p->start = date_join(&d);
	if (!shift_months(&d, n))
		return 0;
	p->end = date_join(&d);
	return 1;
}

/* 2026, 2026-11, 2026-W47: 1 read, 0 not. */
static int
read_period(const char *s, struct period *p)
{
	struct date d = { 0 };
	const char *q;
	int week, wyear, last;

	d.month = d.day = 1;
	if ((q = number(s, 4, &d.year)) == NULL || d.year < 1)
		return 0;
	if (*q == '\0')
		return set_months(p, &d, 0, 12);
	if (*q++ != '-')
		return 0;
	if (*q != 'w' && *q != 'W')
		return (q = number(q, 2, &d.month)) != NULL && *q == '\0' &&
		    d.month >= 1 && d.month <= 12 && set_months(p, &d, 0, 1);
	if ((q = number(q + 1, 2, &week)) == NULL || *q != '\0')
		return 0;
	date_iso_week(d.year, 12, 28, &wyear, &last);	/* always in the last */
	if (week < 1 || week > last)
		return 0;
	p->start = date_week_start(d.year, week);
	p->end = date_week_start(d.year, week + 1);
	return 1;
}

/* The same time of day n days or months earlier, in the zone. */
static bool
go_back(int64_t now, int64_t days, int64_t months, int64_t *out)
{
	struct date d;

	date_split(now, &d);
	if (!shift_months(&d, -months))
		return false;
	if (d.day > date_days_in(d.year, d.month))
		d.day = date_days_in(d.year, d.month);
	date_split_utc(date_join_utc(&d) - days * DAY, &d);
	*out = date_join(&d);
	return true;
}

/* A number of units before now. */
static bool
before(int64_t now, int64_t n, const char *unit, int64_t *out)
{
	static const struct {
		const char *words;	/* in spaces */
		int64_t ms;
		int days, months;
	} units[] = {
		{ " s sec secs second seconds ", 1000, 0, 0 },
		{ " m min mins minute minutes ", MINUTE, 0, 0 },
		{ " h hr hrs hour hours ", HOUR, 0, 0 },
		{ " d day days ", 0, 1, 0 },
		{ " w week weeks ", 0, 7, 0 },
		{ " month months ", 0, 0, 1 },
		{ " y year years ", 0, 0, 12 },
	};
	char word[WORDS_MAX + 3];
	size_t i, len = strlen(unit);

	word[0] = ' ';
	memcpy(word + 1, unit, len);
	memcpy(word + 1 + len, " ", 2);
	for (i = 0; i < sizeof units / sizeof *units; i++) {
		if (strstr(units[i].words, word) == NULL)
			continue;
		*out = now - n * units[i].ms;
		return (units[i].ms > 0 || go_back(now, n * units[i].days,
		    n * units[i].months, out)) && *out >= DATE_MIN;
	}
	return false;
}

/* "3 days", "3days", "a week": as before(); at most one word follows. */
static bool
read_span(const char *s, int64_t now, int64_t *out)
{
	int64_t n = 0;
	int digits = 0;

	for (; *s >= '0' && *s <= '9' && digits < 9; digits++)
		n = n * 10 + (*s++ - '0');
	if (digits == 0) {
		if (str_starts(s, "a "))
			s += 2;
		else if (str_starts(s, "an "))
			s += 3;
		else
			return false;
		n = 1;
	} else if (*s == ' ')
		s++;
	return strchr(s, ' ') == NULL && before(now, n, s, out);
}

/* 1 Monday .. 7 Sunday for a name or its first three letters; 0. */
static int
read_weekday(const char *s)
{
	static const char *const names[] = { "monday", "tuesday", "wednesday",
	    "thursday", "friday", "saturday", "sunday" };
	int i;

	for (i = 0; i < 7; i++)
		if (strcmp(s, names[i]) == 0 ||
		    (strlen(s) == 3 && memcmp(s, names[i], 3) == 0))
			return i + 1;
	return 0;
}

/* What follows "last " (back 1) or "this " (back 0). */
static int
read_last(const char *s, int back, int64_t now, const struct date *d,
    struct period *p)
{
	int today = date_weekday(d->year, d->month, d->day), day;

	if (strcmp(s, "week") == 0)
		return set_days(p, d, 1 - today - 7 * back, 7);
	if (strcmp(s, "month") == 0)
		return set_months(p, d, -back, 1);
	if (strcmp(s, "year") == 0)
		return set_months(p, d, 1 - d->month - 12 * back, 12);
	if (back == 0)
		return 0;
	if ((day = read_weekday(s)) > 0)
		return set_days(p, d, -((today - day + 6) % 7 + 1), 1);
	p->end = now;
	return *s >= '0' && *s <= '9' && read_span(s, now, &p->start);
}

/* 1 read, 0 not a time. */
static int
read_words(char *s, int64_t now, struct period *p)
{
	struct date d;
	size_t len = strlen(s);
	int day;

	date_split(now, &d);
	if (strcmp(s, "now") == 0) {
		p->start = now;
		p->end = now + 1;
		return 1;
	}
	if (strcmp(s, "today") == 0)
		return set_days(p, &d, 0, 1);
	if (strcmp(s, "yesterday") == 0)
		return set_days(p, &d, -1, 1);
	if (strcmp(s, "tomorrow") == 0)
		return set_days(p, &d, 1, 1);
	if ((day = read_weekday(s)) > 0) {
		day = date_weekday(d.year, d.month, d.day) - day;
		return set_days(p, &d, -((day + 7) % 7), 1);
	}
	if (str_starts(s, "last "))
		return read_last(s + 5, 1, now, &d, p);
	if (str_starts(s, "this "))
		return read_last(s + 5, 0, now, &d, p);
	if (len > 4 && strcmp(s + len - 4, " ago") == 0)
		s[len - 4] = '\0';
	if (!read_span(s, now, &p->start))
		return 0;
	p->end = p->start + 1;
	return 1;
}

/* Lower case, single spaces, none at the ends; false: too long. */
static bool
tidy(const char *s, char out[WORDS_MAX + 1])
{
	size_t n = 0;
	char c;

	for (; *s != '\0'; s++) {
		c = *s;
		if (strchr(" \t\r\n_-.", c) != NULL) {
			if (n == 0 || out[n - 1] == ' ')
				continue;
			c = ' ';
		}
		if (n == WORDS_MAX)
			return false;
		out[n++] = c;
	}
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	str_lower(out);
	return true;
}

/* A stamp without a zone is in ours: people wrote it. */
static void
set_stamp(struct period *p, const struct stamp *st)
{
	if (st->exact == DAY) {
		set_days(p, &st->d, 0, 1);
		return;
	}
	p->start = st->zoned ?
	    date_join_utc(&st->d) - st->d.offset_min * MINUTE :
	    date_join(&st->d);
	p->end = p->start + st->exact;
}

/* A number that no year and no day is taken for. */
static bool
long_number(const char *s)
{
	s += *s == '-';
	return strspn(s, "0123456789") >= 10;
}

int
date_parse(const char *s, int64_t now, int64_t *start, int64_t *end,
    struct err *e)
{
	char words[WORDS_MAX + 1];
	struct period p = { 0, 0 };
	struct stamp st;
	int found = 1;

	if (read_stamp(s, &st))
		set_stamp(&p, &st);
	else if (long_number(s) && read_number(s, &p.start))
		p.end = p.start + 1;
	else
		found = read_period(s, &p) ||
		    (tidy(s, words) && read_words(words, now, &p));
	if (!found || p.end <= DATE_MIN || p.start > DATE_MAX)
		return err_set(e, ERR_USAGE, "'%.64s' is not a time; say "
		    "2026-11-20, 2026-11-20T09:30, 2026-W47, 2026-11, "
		    "yesterday, 'last week', monday, '3 days ago', 2h, or "
		    "milliseconds since 1970", s);
	if (start != NULL)
		*start = p.start < DATE_MIN ? DATE_MIN : p.start;
	if (end != NULL)
		*end = p.end > DATE_MAX + 1 ? DATE_MAX + 1 : p.end;
	return 0;
}
