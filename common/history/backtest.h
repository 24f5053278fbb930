/*
 * Would it have been right?  A history is told once, oldest commit first; at
 * each touch of a file in its last part, scores are taken from what came
 * before, and what came after says whether another fix of that file followed
 * within half a year.  Or, with a date, all files are scored once, on that
 * day.
 */
#ifndef HISTORY_BACKTEST_H
#define HISTORY_BACKTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "history/commit.h"
#include "history/fix.h"
#include "history/risk.h"

enum backtest_method { BACKTEST_RANDOM, BACKTEST_CHURN, BACKTEST_BUGSPOTS,
    BACKTEST_DECAYED, BACKTEST_HISTORY, BACKTEST_METHODS };
extern const char *const backtest_methods[];

#define BACKTEST_PART 0.6	/* of the commits, the last ones */
#define BACKTEST_BUCKETS 6	/* of confidence */
extern const double backtest_buckets[BACKTEST_BUCKETS + 1];
#define BACKTEST_PARTNERS 5

struct backtest_how {
	int64_t until_ms;	/* 0: at each touch */
	int64_t horizon_ms;	/* within which a fix counts */
	double flag;		/* confidence from which a file is told */
};

struct backtest {
	int64_t commits, fixes;	/* without merges */
	int64_t samples, hits;	/* scored; where a fix followed */
	/* of two files, one that was fixed and one that was not, how often the
	 * first has the higher score; 0.5 for a tie */
	double auc[BACKTEST_METHODS];
	double top[BACKTEST_METHODS];	/* precision in the top fifth */
	int64_t flags, flag_hits;
	int64_t bucket[BACKTEST_BUCKETS], bucket_hits[BACKTEST_BUCKETS];
	/* files of a later fix of several that had partners; one of the five
	 * best was in that fix, too */
	int64_t partners, partner_hits;
};

/*
 * next gives the commits, oldest first: 1, 0 at the end, -1 (history_next).
 * ERR_INPUT: they are too few to tell.
 */
int	backtest_run(int (*next)(void *, struct commit *, struct err *),
	    void *arg, const struct fix_rules *, const struct backtest_how *,
	    struct backtest *, struct err *);

#endif
