/*
 * The periods of contents (base/period.h) as nodes call them, in the zone in
 * force (date_zone).
 */
#ifndef TOC_TOC_PERIOD_H
#define TOC_TOC_PERIOD_H

#include <stdint.h>

#include "base/period.h"

enum toc_level { TOC_SEGMENT, TOC_DAY, TOC_WEEK, TOC_MONTH, TOC_YEAR,
    TOC_NLEVELS };
extern const char *const toc_levels[];	/* "segment" ...; NULL at the end */

#define TOC_NAME_MAX 48		/* bytes of a node's name, its NUL too */

struct toc_period {
	enum toc_level level;		/* not TOC_SEGMENT */
	char name[TOC_NAME_MAX];	/* "day:2024-01-29", "week:2024-w05" */
	int64_t start_ms, end_ms;	/* [start, end) */
	struct period period;
};

/* The one of a level that a time lies in. */
void	toc_period_of(enum toc_level, int64_t ms, struct toc_period *);
/* That of the next level which it belongs to; not of a year. */
void	toc_period_up(const struct toc_period *, struct toc_period *);

/*
 * What somebody calls a period: the name of one, "2024-01-29", "2024-W05",
 * "2024-01" or "2024".  1, or 0: it is none.
 */
int	toc_period_read(const char *, struct toc_period *);
/*
 * The same for [start, end), as date_parse understands words ("last week",
 * "yesterday"): 1 it is such a period, 0 not.
 */
int	toc_period_range(int64_t start_ms, int64_t end_ms,
	    struct toc_period *);

#endif
