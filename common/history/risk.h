/*
 * How likely it is that what was changed will need another fix, from what
 * the past tells.  Evidence is counted in n_eff: each source (a bug, a
 * commit) counts 0.5^(age / 270 days) / sqrt(files that it touched), so that
 * a fix of yesterday in one file counts 1 and one of a hundred files two
 * years ago nearly nothing.
 *
 * The weights of what is not the file's own bugs are measured with mem-ltm
 * backtest (QUALITY.md).  Who counts makes no difference: facts with their
 * n_eff and as_of, or a history (churn.h).
 */
#ifndef HISTORY_RISK_H
#define HISTORY_RISK_H

#include <stddef.h>
#include <stdint.h>

#define RISK_HALF_MS (INT64_C(270) * 86400000)
#define RISK_FLAG 0.6		/* confidence from which it is told */
#define RISK_CAP 0.95

/* An n_eff, so much later; time that goes back does not count. */
double	risk_decay(double n_eff, int64_t age_ms);
/* What one source adds that touched so many files. */
double	risk_weight(size_t files);

/* n_eff of each dimension; severity is the mean of the file's bugs, from 0
 * (trivial) to 1 (critical), 0.5 where it is not known. */
struct risk {
	double file;		/* bugs in it */
	double component;	/* bugs in what lies beside it */
	double churn;		/* changes of it */
	double severity;
};

/* Evidence of all: log2(1 + n_eff), weighted.  Ranks; has no cap. */
double	risk_evidence(const struct risk *);
/*
 * min(0.95, 0.40 + 0.11 evidence + 0.10 (severity - 0.5)); of one dimension
 * alone it is the confidence of a fact of bug-history.
 */
double	risk_confidence(double evidence, double severity);

#endif
