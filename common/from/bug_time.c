/*
 * Dates of trackers are put into the one form that date_machine reads; what
 * is behind them, the time of day and a zone, too.
 */
#include "from/bug.h"

#include "base/date.h"

#include <stdio.h>
#include <string.h>

/* A number of at most n digits; p behind it, or NULL. */
static const char *
number(const char *p, int n, int *v)
{
	const char *start = p;

	*v = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (p - start == n)
			return NULL;
		*v = *v * 10 + (*p - '0');
	}
	return p > start ? p : NULL;
}

/* A month by its English name; p behind the name, or NULL. */
static const char *
month(const char *p, int *v)
{
	static const char *const names[] = { "january", "february", "march",
	    "april", "may", "june", "july", "august", "september", "october",
	    "november", "december" };
	size_t n, i;
	char word[16];

	for (n = 0; n < sizeof word - 1 && (p[n] | 32) >= 'a' &&
	    (p[n] | 32) <= 'z'; n++)
		word[n] = (char)(p[n] | 32);
	word[n] = '\0';
	for (i = 0; i < 12; i++)
		if (n >= 3 && strncmp(names[i], word, n) == 0) {
			*v = (int)i + 1;
			return p + n + (p[n] == '.');
		}
	return NULL;
}

/* One of these separates; NULL: none does. */
static const char *
sep(const char *p, const char *any)
{
	return *p != '\0' && strchr(any, *p) != NULL ? p + 1 : NULL;
}

/* 2026/11/20, 2026.11.20, and with the Chinese words. */
static const char *
year_first(const char *p, struct date *d)
{
	static const char year[] = "年", mon[] = "月", day[] = "日";

	if ((p = number(p, 4, &d->year)) == NULL || d->year < 1000)
		return NULL;
	if (strncmp(p, year, strlen(year)) == 0) {
		if ((p = number(p + strlen(year), 2, &d->month)) == NULL ||
		    strncmp(p, mon, strlen(mon)) != 0 ||
		    (p = number(p + strlen(mon), 2, &d->day)) == NULL ||
		    strncmp(p, day, strlen(day)) != 0)
			return NULL;
		return p + strlen(day);
	}
	if ((p = sep(p, "/.-")) == NULL ||
	    (p = number(p, 2, &d->month)) == NULL ||
	    (p = sep(p, "/.-")) == NULL)
		return NULL;
	return number(p, 2, &d->day);
}

/* 20/11/2026, 20.11.2026, 20/Nov/26, 20-Nov-2026, 20 Nov 2026. */
static const char *
day_first(const char *p, struct date *d)
{
	const char *named, *start;

	if ((p = number(p, 2, &d->day)) == NULL ||
	    (p = sep(p, "/.- ")) == NULL)
		return NULL;
	if ((named = month(p, &d->month)) != NULL)
		p = named;
	else if ((p = number(p, 2, &d->month)) == NULL)
		return NULL;
	if ((p = sep(p, "/.- ")) == NULL)
		return NULL;
	start = p;
	if ((p = number(p, 4, &d->year)) == NULL)
		return NULL;
	/* of two digits only where nothing else can be the year */
	if (p - start == 2 && named != NULL)
		d->year += d->year < 70 ? 2000 : 1900;
	return d->year >= 1000 ? p : NULL;
}

/* Nov 20, 2026 */
static const char *
month_first(const char *p, struct date *d)
{
	if ((p = month(p, &d->month)) == NULL || (p = sep(p, " ")) == NULL ||
	    (p = number(p, 2, &d->day)) == NULL)
		return NULL;
	p += *p == ',';
	if ((p = sep(p, " ")) == NULL)
		return NULL;
	return number(p, 4, &d->year);
}

/* "5:20 PM": p behind it, the hour of 24; p itself where it is none. */
static const char *
half_day(const char *p, int *hour)
{
	const char *q = p + (*p == ' ');
	int half = *q | 32;

	if ((half != 'a' && half != 'p') || (q[1] | 32) != 'm')
		return p;
	if (*hour < 1 || *hour > 12)
		return NULL;
	*hour = *hour % 12 + (half == 'p' ? 12 : 0);
	return q + 2;
}

/* The date that was read and what follows it, as date_machine wants it. */
static int
whole(const struct date *d, const char *p, int64_t *ms, bool *day)
{
	char text[80], rest[32] = "";
	int hour, n;

	p += strspn(p, ", ");
	p += *p == 'T';
	if ((*day = *p == '\0')) {
		snprintf(text, sizeof text, "%04d-%02d-%02d", d->year,
		    d->month, d->day);
		return date_machine(text, ms);
	}
	if ((p = number(p, 2, &hour)) == NULL || *p != ':')
		return 0;
	for (n = 0; n < 20 && *p != '\0' && strchr(":.,0123456789", *p); p++)
		rest[n++] = *p;
	if ((p = half_day(p, &hour)) == NULL)
		return 0;
	p += strspn(p, " ");
	if (strlen(p) > 8)
		return 0;
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d%s%s", d->year,
	    d->month, d->day, hour, rest, p);
	return date_machine(text, ms);
}

/* A count of seconds or smaller has ten digits and more; shorter ones are
 * years, days of a spreadsheet, or 20261120. */
static bool
is_short_number(const char *s)
{
	return s[strspn(s, "0123456789.-")] == '\0' && strlen(s) < 10;
}

int
bug_time(const char *s, int64_t *ms, bool *day)
{
	struct date d;
	const char *p;

	if (is_short_number(s) && strchr(s, '-') == NULL &&
	    strchr(s, '.') == NULL)
		return 0;
	if (date_machine(s, ms) == 1) {
		*day = strlen(s) == 10 && s[4] == '-';
		return 1;
	}
	if ((p = year_first(s, &d)) == NULL &&
	    (p = day_first(s, &d)) == NULL && (p = month_first(s, &d)) == NULL)
		return 0;
	return whole(&d, p, ms, day);
}
