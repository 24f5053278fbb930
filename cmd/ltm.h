/*
 * What the verbs of mem-ltm share.
 */
#ifndef CMD_LTM_H
#define CMD_LTM_H

#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "cmd/out.h"

/* What git tells, of more than one verb. */
struct ltm_git {
	const char *repo;	/* --repo; NULL: not given */
	const char *rules;	/* --rules */
};
extern struct ltm_git ltm_git;

/* Verbs: their options, and what they do with their operands.  A status of
 * exit, or -1. */
extern const struct opt ltm_backtest_opts[];
int	ltm_backtest(struct out *, int argc, char **argv, struct err *);

#endif
