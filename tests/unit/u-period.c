#include "tap.h"

#include "base/date.h"
#include "base/period.h"

#include <stdbool.h>

#define HOUR INT64_C(3600000)

static const char *
name(const struct period *p)
{
	static char s[4][PERIOD_NAME];
	static int i;

	i = (i + 1) % 4;
	period_name(p, s[i]);
	return s[i];
}

static struct period
read_one(const struct zone *z, const char *s)
{
	struct period p = { 0 };

	ok(period_read(&p, z, s) == 1, "%s is a period", s);
	is_str(name(&p), s, "and is called so");
	return p;
}

static void
weeks(void)
{
	static const char *const rows[][4] = {
		/* the last and the first days of years */
		{ "2024-01-01", "2024-W01", "2024-01", "2024" },
		{ "2023-12-31", "2023-W52", "2023-12", "2023" },
		{ "2026-12-31", "2026-W53", "2026-12", "2026" },
		{ "2027-01-03", "2026-W53", "2026-12", "2026" },
		{ "2027-01-04", "2027-W01", "2027-01", "2027" },
		{ "2025-12-29", "2026-W01", "2026-01", "2026" },
		{ "2024-12-30", "2025-W01", "2025-01", "2025" },
		{ "2026-11-18", "2026-W47", "2026-11", "2026" },
		{ "2026-10-01", "2026-W40", "2026-10", "2026" },
		{ "2026-09-28", "2026-W40", "2026-10", "2026" },
		{ "2026-07-31", "2026-W31", "2026-07", "2026" },
		{ "2026-08-01", "2026-W31", "2026-07", "2026" } };
	struct period p, up;
	size_t i, k;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		p = read_one(NULL, rows[i][0]);
		for (k = 1; k < 4; k++) {
			period_parent(&up, NULL, &p);
			is_str(name(&up), rows[i][k], "%s is in it", name(&p));
			ok(up.start_ms <= p.start_ms && p.end_ms <= up.end_ms,
			    "and lies within it");
			p = up;
		}
	}
	ok(period_read(&p, NULL, "2026-w47") == 1, "a small w");
}

static void
no_names(void)
{
	static const char *const bad[] = { "", "2026-", "2026-13", "2026-00",
	    "2026-02-30", "2026-W00", "2026-W54", "2025-W53", "2026-W4",
	    "0000", "9999", "2026-11-18 ", "20261118", "w47", "2026-1-1" };
	struct period p;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(period_read(&p, NULL, bad[i]) == 0, "no name: '%s'",
		    bad[i]);
}

/* Each period begins where the one before ends, and an instant in it is. */
static void
walk(const char *zone)
{
	static const enum period_kind kinds[] = { PERIOD_DAY, PERIOD_WEEK,
	    PERIOD_MONTH, PERIOD_YEAR };
	struct period p, next, at;
	struct zone *z;
	struct err e;
	size_t i;
	int wrong, n;

	if (zone_open(&z, zone, &e) < 0) {
		ok(true, "%s # SKIP not on this system", zone);
		return;
	}
	for (i = 0; i < 4; i++) {
		wrong = n = 0;
		period_at(&p, z, kinds[i], INT64_C(-300000000000));
		for (; p.year < 2040; p = next, n++) {
			period_next(&next, z, &p);
			wrong += next.start_ms != p.end_ms ||
			    p.end_ms < p.start_ms;
			if (p.start_ms == p.end_ms)
				continue;
			period_at(&at, z, kinds[i], p.start_ms);
			wrong += strcmp(name(&at), name(&p)) != 0;
			period_at(&at, z, kinds[i], p.end_ms - 1);
			wrong += strcmp(name(&at), name(&p)) != 0;
		}
		ok(wrong == 0 && n > 70, "%s: %d periods in a row", zone, n);
	}
	zone_free(z);
}

static void
hours(const char *zone, const char *day, int want)
{
	struct period p;
	struct zone *z;
	struct err e;

	if (zone_open(&z, zone, &e) < 0) {
		ok(true, "%s # SKIP not on this system", zone);
		return;
	}
	period_read(&p, z, day);
	is_int(p.end_ms - p.start_ms, want * HOUR, "%s has %d hours in %s",
	    day, want, zone);
	zone_free(z);
}

int
main(void)
{
	weeks();
	no_names();
	walk("UTC");
	walk("Europe/Berlin");
	walk("America/Sao_Paulo");	/* clocks change at midnight */
	walk("America/St_Johns");	/* and went back over it */
	walk("America/Havana");
	walk("Pacific/Apia");		/* a day is missing */
	walk("Asia/Gaza");
	hours("Europe/Berlin", "2026-03-29", 23);
	hours("Europe/Berlin", "2026-10-25", 25);
	hours("Europe/Berlin", "2026-10-26", 24);
	hours("America/Sao_Paulo", "2018-11-04", 23);
	hours("Pacific/Apia", "2011-12-30", 0);
	hours("UTC", "2026-10-25", 24);
	return done();
}
