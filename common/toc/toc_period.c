#include "toc/toc_period.h"

#include "base/date.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

const char *const toc_levels[] = { "segment", "day", "week", "month", "year",
    NULL };

static void
set(struct toc_period *p, const struct period *of)
{
	char name[PERIOD_NAME];

	period_name(of, name);
	str_lower(name);		/* the W of a week */
	p->period = *of;
	p->level = (enum toc_level)(TOC_DAY + of->kind);
	p->start_ms = of->start_ms;
	p->end_ms = of->end_ms;
	snprintf(p->name, sizeof p->name, "%s:%s", toc_levels[p->level],
	    name);
}

void
toc_period_of(enum toc_level level, int64_t ms, struct toc_period *p)
{
	struct period of;

	period_at(&of, date_zone_now(), (enum period_kind)(level - TOC_DAY),
	    ms);
	set(p, &of);
}

void
toc_period_up(const struct toc_period *p, struct toc_period *up)
{
	struct period of;

	period_parent(&of, date_zone_now(), &p->period);
	set(up, &of);
}

int
toc_period_read(const char *s, struct toc_period *p)
{
	const char *colon = strchr(s, ':');
	struct period of;

	if (!period_read(&of, date_zone_now(), colon != NULL ? colon + 1 : s))
		return 0;
	set(p, &of);
	return colon == NULL || ((size_t)(colon - s) ==
	    strlen(toc_levels[p->level]) &&
	    memcmp(s, toc_levels[p->level], (size_t)(colon - s)) == 0);
}

/* Months and years of the calendar are not made of weeks; who names one means
 * that of contents. */
static int
of_calendar(int64_t start_ms, int64_t end_ms, struct toc_period *p)
{
	struct date a, b;
	char name[32];

	date_split(start_ms, &a);
	date_split(end_ms, &b);
	if (a.day != 1 || b.day != 1)
		return 0;
	if ((b.year - a.year) * 12 + b.month - a.month == 1)
		snprintf(name, sizeof name, "%04d-%02d", a.year, a.month);
	else if (a.month == 1 && b.month == 1 && b.year - a.year == 1)
		snprintf(name, sizeof name, "%04d", a.year);
	else
		return 0;
	return toc_period_read(name, p);
}

int
toc_period_range(int64_t start_ms, int64_t end_ms, struct toc_period *p)
{
	int level;

	for (level = TOC_DAY; level <= TOC_WEEK; level++) {
		toc_period_of((enum toc_level)level, start_ms, p);
		if (p->start_ms == start_ms && p->end_ms == end_ms)
			return 1;
	}
	return of_calendar(start_ms, end_ms, p);
}
