/*
 * Days are counted with Howard Hinnant's civil-day arithmetic
 * (http://howardhinnant.github.io/date_algorithms.html).  Of zones it takes
 * only how far local time is from UTC (base/zone.h).
 */
#include "base/date.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/zone.h"

#define DAY_S	INT64_C(86400)
#define DAY_MS	(DAY_S * 1000)

static struct zone *zone;	/* of the process; NULL: UTC */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;		/* years begin in March: leap days end them */
	era = floor_div(y, 400);
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_from_days(int64_t days, struct date *d)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = floor_div(days, 146097);
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	d->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d->year = (int)(yoe + era * 400 + (d->month <= 2));
}

int64_t
date_monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
date_real(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
date_clock(int64_t *now, struct err *e)
{
	static int64_t fixed;
	static bool known, is_fixed;
	const char *s;

	if (!known) {
		s = getenv("MEM_NOW");
		if (s != NULL && *s != '\0') {
			if (date_parse(s, date_real(), &fixed, NULL, e) < 0)
				return err_add(e, "MEM_NOW");
			is_fixed = true;
		}
		known = true;
	}
	*now = is_fixed ? fixed : date_real();
	return 0;
}

int64_t
date_now(void)
{
	struct err ignored;	/* date_clock tells it to who asks first */
	int64_t now;

	return date_clock(&now, &ignored) == 0 ? now : date_real();
}

int
date_zone(const char *name, struct err *e)
{
	struct zone *z;

	if (zone_open(&z, name, e) < 0)
		return -1;
	zone_free(zone);
	zone = z;
	return 0;
}

const struct zone *
date_zone_now(void)
{
	return zone;
}

static int64_t
in_range(int64_t ms)
{
	return ms < DATE_MIN ? DATE_MIN : ms > DATE_MAX ? DATE_MAX : ms;
}

void
date_split_utc(int64_t ms, struct date *d)
{
	int64_t days = floor_div(ms, DAY_MS);
	int rest = (int)(ms - days * DAY_MS);

	civil_from_days(days, d);
	d->hour = rest / 3600000;
	d->min = rest / 60000 % 60;
	d->sec = rest / 1000 % 60;
	d->ms = rest % 1000;
	d->offset_min = 0;
}

void
date_split_in(const struct zone *z, int64_t ms, struct date *d)
{
	int64_t offset;

	ms = in_range(ms);
	offset = zone_offset(z, floor_div(ms, 1000));
	date_split_utc(in_range(ms + offset * 1000), d);
	d->offset_min = (int)(offset / 60);
}

void
date_split(int64_t ms, struct date *d)
{
	date_split_in(zone, ms, d);
}

int64_t
date_join_utc(const struct date *d)
{
	return days_from_civil(d->year, d->month, d->day) * DAY_MS +
	    d->hour * INT64_C(3600000) + d->min * INT64_C(60000) +
	    d->sec * INT64_C(1000) + d->ms;
}

int64_t
date_join_in(const struct zone *z, const struct date *d)
{
	int64_t ms = date_join_utc(d), s = floor_div(ms, 1000);
	int64_t before, after, first, second;

	if (z == NULL)
		return ms;
	/* Zones are at most 14 hours away: between these two it changed. */
	before = zone_offset(z, s - DAY_S);
	after = zone_offset(z, s + DAY_S);
	first = before > after ? before : after;	/* the earlier time */
	second = before > after ? after : before;
	if (zone_offset(z, s - first) == first)
		return ms - first * 1000;
	if (zone_offset(z, s - second) == second)
		return ms - second * 1000;
	return ms - before * 1000;	/* skipped: by the clock before */
}

int64_t
date_join(const struct date *d)
{
	return date_join_in(zone, d);
}

int
date_weekday(int year, int month, int day)
{
	int64_t n = days_from_civil(year, month, day) + 3; /* 1970: Thursday */

	return (int)(n - floor_div(n, 7) * 7) + 1;
}

int
date_days_in(int year, int month)
{
	static const signed char n[12] =
	    { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return n[month - 1] + (month == 2 && leap);
}

void
date_iso_week(int year, int month, int day, int *wyear, int *week)
{
	int64_t n = days_from_civil(year, month, day);
	struct date th;

	/* A week belongs to the year of its Thursday. */
	n += 4 - date_weekday(year, month, day);
	civil_from_days(n, &th);
	*wyear = th.year;
	*week = (int)(n - days_from_civil(th.year, 1, 1)) / 7 + 1;
}

int64_t
date_week_start(int wyear, int week)
{
	struct date d = { 0 };

	/* 4 January is always in week 1. */
	civil_from_days(days_from_civil(wyear, 1, 4) + 1 -
	    date_weekday(wyear, 1, 4) + (week - 1) * INT64_C(7), &d);
	return date_join(&d);
}

static char *
digits(char *p, int v, int n, char after)
{
	int i;

	for (i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	p[n] = after;
	return p + n + 1;
}

void
date_format(char *out, int64_t ms)
{
	struct date d;

	date_split_utc(in_range(ms), &d);
	out = digits(out, d.year, 4, '-');
	out = digits(out, d.month, 2, '-');
	out = digits(out, d.day, 2, 'T');
	out = digits(out, d.hour, 2, ':');
	out = digits(out, d.min, 2, ':');
	out = digits(out, d.sec, 2, '.');
	out = digits(out, d.ms, 3, 'Z');
	*out = '\0';
}

void
date_format_local(char *out, int64_t ms)
{
	struct date d;

	date_split(ms, &d);
	out = digits(out, d.year, 4, '-');
	out = digits(out, d.month, 2, '-');
	out = digits(out, d.day, 2, ' ');
	out = digits(out, d.hour, 2, ':');
	digits(out, d.min, 2, '\0');
}
