/*
 * All is counted in weeks and days of the calendar; only the ends are put
 * into the zone.
 */
#include "base/period.h"

#include "base/date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)

/* Of the calendar, as if it were UTC. */
static int64_t
day_of(int year, int month, int day)
{
	struct date d = { .year = year, .month = month, .day = day };

	return date_join_utc(&d);
}

static int64_t
in_zone(const struct zone *z, int64_t calendar_ms)
{
	struct date d;

	date_split_utc(calendar_ms, &d);
	return date_join_in(z, &d);
}

/* The Monday of a day's week. */
static int64_t
monday(int64_t day)
{
	struct date d;

	date_split_utc(day, &d);
	return day - (date_weekday(d.year, d.month, d.day) - 1) * DAY;
}

/* The first Monday whose week's Thursday is not before this day. */
static int64_t
first_monday(int64_t day)
{
	return monday(day + 3 * DAY);
}

/* Fill in what follows from the Monday (of a day: the day itself). */
static void
fill(struct period *p, const struct zone *z, enum period_kind kind, int64_t day)
{
	int64_t start = day, end = day + DAY;
	struct date d;

	memset(p, 0, sizeof *p);
	p->kind = kind;
	date_split_utc(kind == PERIOD_DAY ? day : day + 3 * DAY, &d);
	p->year = d.year;
	if (kind == PERIOD_DAY || kind == PERIOD_MONTH)
		p->month = d.month;
	if (kind == PERIOD_DAY)
		p->day = d.day;
	if (kind == PERIOD_WEEK) {
		date_iso_week(d.year, d.month, d.day, &p->year, &p->week);
		end = day + 7 * DAY;
	} else if (kind == PERIOD_MONTH) {
		start = first_monday(day_of(d.year, d.month, 1));
		end = first_monday(d.month == 12 ? day_of(d.year + 1, 1, 1) :
		    day_of(d.year, d.month + 1, 1));
	} else if (kind == PERIOD_YEAR) {
		start = first_monday(day_of(d.year, 1, 1));
		end = first_monday(day_of(d.year + 1, 1, 1));
	}
	p->start_ms = in_zone(z, start);
	p->end_ms = in_zone(z, end);
}

/* The day, or the Monday, that names what an instant is in. */
static void
at_day(struct period *p, const struct zone *z, enum period_kind kind,
    int64_t day)
{
	fill(p, z, kind, kind == PERIOD_DAY ? day : monday(day));
}

void
period_at(struct period *p, const struct zone *z, enum period_kind kind,
    int64_t ms)
{
	struct date d;
	int64_t day;

	date_split_in(z, ms, &d);
	day = day_of(d.year, d.month, d.day);
	/* A clock that goes back over midnight does not go back a day. */
	if (ms >= in_zone(z, day + DAY))
		day += DAY;
	at_day(p, z, kind, day);
}

/* A day of the calendar within a period: its first, or the Thursday. */
static int64_t
within(const struct period *p)
{
	if (p->kind == PERIOD_DAY)
		return day_of(p->year, p->month, p->day);
	if (p->kind == PERIOD_WEEK)
		return monday(day_of(p->year, 1, 4)) + (p->week - 1) * 7 * DAY;
	return first_monday(day_of(p->year, p->kind == PERIOD_MONTH ?
	    p->month : 1, 1));
}

void
period_parent(struct period *p, const struct zone *z, const struct period *of)
{
	at_day(p, z, of->kind == PERIOD_YEAR ? PERIOD_YEAR :
	    (enum period_kind)(of->kind + 1), within(of));
}

void
period_next(struct period *p, const struct zone *z, const struct period *of)
{
	int64_t day = within(of);

	if (of->kind == PERIOD_DAY)
		day += DAY;
	else if (of->kind == PERIOD_WEEK)
		day += 7 * DAY;
	else if (of->kind == PERIOD_MONTH && of->month < 12)
		day = first_monday(day_of(of->year, of->month + 1, 1));
	else
		day = first_monday(day_of(of->year + 1, 1, 1));
	at_day(p, z, of->kind, day);
}

void
period_name(const struct period *p, char out[PERIOD_NAME])
{
	unsigned year = (unsigned)p->year % 10000;
	unsigned month = (unsigned)p->month % 100;

	switch (p->kind) {
	case PERIOD_DAY:
		snprintf(out, PERIOD_NAME, "%04u-%02u-%02u", year, month,
		    (unsigned)p->day % 100);
		break;
	case PERIOD_WEEK:
		snprintf(out, PERIOD_NAME, "%04u-W%02u", year,
		    (unsigned)p->week % 100);
		break;
	case PERIOD_MONTH:
		snprintf(out, PERIOD_NAME, "%04u-%02u", year, month);
		break;
	default:
		snprintf(out, PERIOD_NAME, "%04u", year);
	}
}

/* n digits, from 1 to most; 0: they are not. */
static int
digits(const char **s, int n, int most)
{
	int v = 0;

	for (; n > 0; n--, ++*s) {
		if (**s < '0' || **s > '9')
			return 0;
		v = v * 10 + (**s - '0');
	}
	return v <= most ? v : 0;
}

int
period_read(struct period *out, const struct zone *z, const char *s)
{
	struct period p = { .kind = PERIOD_YEAR }, again;
	bool ok = (p.year = digits(&s, 4, 9998)) > 0;

	if (ok && *s == '-') {
		s++;
		if (*s == 'W' || *s == 'w') {
			s++;
			p.kind = PERIOD_WEEK;
			ok = (p.week = digits(&s, 2, 53)) > 0;
		} else {
			p.kind = PERIOD_MONTH;
			ok = (p.month = digits(&s, 2, 12)) > 0;
			if (ok && *s == '-') {
				s++;
				p.kind = PERIOD_DAY;
				p.day = digits(&s, 2, date_days_in(p.year,
				    p.month));
				ok = p.day > 0;
			}
		}
	}
	if (!ok || *s != '\0')
		return 0;
	at_day(&again, z, p.kind, within(&p));
	if (again.year != p.year)	/* week 53 of a year with 52 */
		return 0;
	*out = again;
	return 1;
}
