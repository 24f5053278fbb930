/*
 * The verbs of mem-ltm that read repositories, and the forms that findings
 * are printed in.
 */
#ifndef CMD_LTM_REVIEW_H
#define CMD_LTM_REVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/opt.h"
#include "review/review.h"

/* What git tells, of more than one verb. */
struct ltm_git {
	const char *repo;	/* --repo; NULL: not given */
	const char *rules;	/* --rules */
};
extern struct ltm_git ltm_git;

extern const struct opt ltm_backtest_opts[], ltm_review_opts[];

/*
 * Findings as a SARIF 2.1.0 log (OASIS), one document, appended; and as
 * commands of GitHub's actions (workflow commands "error", "warning",
 * "notice"), a line each, at most LTM_GITHUB_MAX of each level: that many it
 * shows.  Returns how many lines were left out.
 */
#define LTM_GITHUB_MAX 10
void	ltm_sarif(struct buf *, const struct review_finding *, size_t n);
size_t	ltm_github(struct buf *, const struct review_finding *, size_t n);

#endif
