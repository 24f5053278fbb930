/* Periods as nodes call them. */
#include "tests/unit/tap.h"
#include "toc/toc_period.h"

#include "base/date.h"

#include <string.h>

static int64_t
at(const char *s)
{
	int64_t ms = 0;

	return date_machine(s, &ms) ? ms : -1;
}

static void
up(const char *when, const char *day, const char *week, const char *month,
    const char *year)
{
	const char *want[] = { day, week, month, year };
	struct toc_period p, above;
	int i;

	toc_period_of(TOC_DAY, at(when), &p);
	for (i = 0; i < 4; i++) {
		is_str(p.name, want[i], "%s: %s", when, want[i]);
		ok(p.start_ms <= at(when) && at(when) < p.end_ms,
		    "%s lies in it", when);
		if (i == 3)
			break;
		toc_period_up(&p, &above);
		ok(above.start_ms <= p.start_ms && p.end_ms <= above.end_ms,
		    "%s lies whole in %s", p.name, above.name);
		p = above;
	}
}

static void
names(void)
{
	static const char *const same[][2] = {
		{ "2026-11-18", "day:2026-11-18" },
		{ "day:2026-11-18", "day:2026-11-18" },
		{ "2026-W47", "week:2026-w47" },
		{ "week:2026-w47", "week:2026-w47" },
		{ "2026-11", "month:2026-11" }, { "2026", "year:2026" } };
	static const char *const none[] = { "", "day:", "day:2026", "2026-13",
	    "week:2026-11-18", "2026-W54", "2025-W53", "2026-02-29", "x",
	    "segment:2026-11-18", "2026-11-18x", ":2026" };
	struct toc_period p;
	size_t i;

	for (i = 0; i < sizeof same / sizeof *same; i++)
		ok(toc_period_read(same[i][0], &p) == 1 &&
		    strcmp(p.name, same[i][1]) == 0, "'%s' is %s",
		    same[i][0], same[i][1]);
	for (i = 0; i < sizeof none / sizeof *none; i++)
		ok(toc_period_read(none[i], &p) == 0, "'%s' is none",
		    none[i]);
}

static void
range(const char *from, const char *to, const char *want)
{
	struct toc_period p;
	int r = toc_period_range(at(from), at(to), &p);

	ok(want == NULL ? r == 0 : r == 1 && strcmp(p.name, want) == 0,
	    "from %s to %s: %s", from, to, want != NULL ? want : "none");
}

int
main(void)
{
	struct err e;

	date_zone("UTC", &e);
	up("2026-11-18T12:00:00Z", "day:2026-11-18", "week:2026-w47",
	    "month:2026-11", "year:2026");
	up("2024-01-01T00:00:00Z", "day:2024-01-01", "week:2024-w01",
	    "month:2024-01", "year:2024");
	up("2024-12-30T00:00:00Z", "day:2024-12-30", "week:2025-w01",
	    "month:2025-01", "year:2025");
	up("2027-01-03T23:59:59Z", "day:2027-01-03", "week:2026-w53",
	    "month:2026-12", "year:2026");
	names();
	range("2026-11-18", "2026-11-19", "day:2026-11-18");
	range("2026-11-16", "2026-11-23", "week:2026-w47");
	range("2026-11-17", "2026-11-24", NULL);
	range("2026-11-01", "2026-12-01", "month:2026-11");
	range("2026-01-01", "2027-01-01", "year:2026");
	range("2026-11-18T01:00:00Z", "2026-11-19T01:00:00Z", NULL);
	return done();
}
