/*
 * Time.  Inside: int64_t milliseconds since 1970-01-01 UTC, leap seconds
 * ignored, proleptic Gregorian calendar.  At the edges: RFC 3339.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdint.h>

#include "base/err.h"

#define DATE_MIN INT64_C(-62135596800000)	/* 0001-01-01T00:00:00Z */
#define DATE_MAX INT64_C(253402300799999)	/* 9999-12-31T23:59:59.999Z */
#define DATE_LEN 24			/* of 2026-11-20T09:30:00.000Z */

struct zone;

/* A broken-down time in some zone. */
struct date {
	int year, month, day;		/* 1..9999, 1..12, 1..31 */
	int hour, min, sec, ms;
	int offset_min;			/* of the zone, east positive */
};

/*
 * The clock.  $MEM_NOW (anything date_parse reads but "now") replaces it
 * for what is shown and ranked; date_real never looks at it and serves
 * credentials, leases, grants and audit.
 */
int64_t	date_now(void);
int64_t	date_real(void);

/* Milliseconds of a clock that nobody sets, to wait by. */
int64_t	date_monotonic(void);

/*
 * date_now, for who can tell that $MEM_NOW is not a time: 0, or -1 with
 * ERR_USAGE.  date_now then is date_real.
 */
int	date_clock(int64_t *now, struct err *);

/*
 * A zone by its IANA name ("Europe/Berlin"); "" or "UTC" is UTC, "local"
 * the system's.  ERR_USAGE when the system does not know it.  The zone
 * stays in force for the process: date_split and date_parse use it.
 */
int	date_zone(const char *name, struct err *);
/* That zone, NULL for UTC; borrowed until the next date_zone. */
const struct zone *date_zone_now(void);

void	date_split(int64_t ms, struct date *);		/* in the zone */
void	date_split_utc(int64_t ms, struct date *);
/* The instant of a local time; one that a change of clocks skipped is
 * moved forward, one that it repeated is the first. */
int64_t	date_join(const struct date *);			/* in the zone */
/* The same in a zone that was opened (base/zone.h); NULL is UTC. */
void	date_split_in(const struct zone *, int64_t ms, struct date *);
int64_t	date_join_in(const struct zone *, const struct date *);
int64_t	date_join_utc(const struct date *);

/* ISO 8601 week (1..53) and the year it belongs to; day 1 is Monday. */
void	date_iso_week(int year, int month, int day, int *wyear, int *week);
int64_t	date_week_start(int wyear, int week);		/* in the zone */
int	date_days_in(int year, int month);
int	date_weekday(int year, int month, int day);	/* 1 Monday .. 7 */

/* RFC 3339 in UTC with milliseconds: out has DATE_LEN + 1 bytes. */
void	date_format(char *out, int64_t ms);
/* The same in the zone, "2026-11-20 09:30", for people: out has 32. */
void	date_format_local(char *out, int64_t ms);

/*
 * A machine's time: RFC 3339, with space or lower case for T, comma for
 * the point, +0100 for +01:00, with or without zone (then UTC), fraction,
 * seconds and time of day (then midnight); a number of seconds (fraction
 * allowed) or milliseconds since 1970, told apart by size (|x| >= 1e11 is
 * milliseconds).  1 read, 0 not a time or out of DATE_MIN..DATE_MAX.
 */
int	date_machine(const char *, int64_t *ms);

/*
 * What people write, relative to now and in the zone: all of the above
 * (numbers of 10 digits and more), 2026, 2026-11, 2026-11-20,
 * 2026-11-20T09:30, 2026-W47, now, today, yesterday, tomorrow,
 * "3 days ago", "a week ago", 2h, 90m, 3d, "last 3 days", "last week" and
 * "this week" (month, year), monday (the latest, today too), "last monday"
 * (the latest before today).  Case is ignored; in words - _ and . stand
 * for a space, so that they need no quotes.  *start and *end are the ends
 * [start, end) of the period named: 2026-11-20T09:30 is a minute, with
 * seconds a second; an instant (now, 2h, a number) has end = start + 1.
 * Either may be NULL.  Returns 0, or -1 with ERR_USAGE and what is
 * understood.
 */
int	date_parse(const char *, int64_t now, int64_t *start, int64_t *end,
	    struct err *);

#endif
