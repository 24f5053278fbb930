/*
 * Days, ISO weeks, and the months and years that are made of them.
 *
 * A week belongs to the month and the year of its Thursday (ISO 8601 for the
 * year).  So a month here is a row of whole weeks, from a Monday to a Sunday,
 * and a year as well: each instant is in one of each, and each period lies
 * within one of the next kind.
 *
 * A period begins when its local midnight first comes, whatever clocks do: a
 * day has 23 or 25 hours then, or none at all (Apia, 30 December 2011).
 */
#ifndef BASE_PERIOD_H
#define BASE_PERIOD_H

#include <stdint.h>

#include "base/zone.h"

enum period_kind { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_YEAR };

struct period {
	enum period_kind kind;
	int year;		/* of a week and a month: of the Thursday */
	int month, day;		/* of a day; of a month */
	int week;		/* of a week, 1 to 53 */
	int64_t start_ms, end_ms;	/* [start, end) */
};

#define PERIOD_NAME 12		/* bytes of the longest name, with its NUL */

/* The one that an instant is in.  zone NULL: UTC. */
void	period_at(struct period *, const struct zone *, enum period_kind,
	    int64_t ms);
/* The week of a day, the month of a week, the year of a month. */
void	period_parent(struct period *, const struct zone *,
	    const struct period *);
void	period_next(struct period *, const struct zone *,
	    const struct period *);

/* "2026-11-18", "2026-W47", "2026-11", "2026". */
void	period_name(const struct period *, char out[PERIOD_NAME]);
/* 1 read, 0 it is no such name (w for W is read). */
int	period_read(struct period *, const struct zone *, const char *);

#endif
