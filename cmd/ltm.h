/*
 * What the commands of mem-ltm share.
 */
#ifndef CMD_LTM_H
#define CMD_LTM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "cmd/out.h"
#include "ltm/fact.h"
#include "ltm/ltm.h"

/* Options, where more than one file looks at them. */
struct ltm_options {
	const char *kb;
	int64_t limit;			/* 0: none */
	/* run */
	bool dry_run, rebuild;
	int64_t max_facts, nice;
	bool follow;			/* live */
	/* list */
	struct strv tags;
	const char *min_confidence;
	int scope;			/* -1: not given */
	int64_t as_of;
	const char *history;
	bool gone;
	/* reject, mark, add, expire */
	bool undo;
	const char *file;
	const char *key, *confidence, *pattern, *reason;
	int64_t until;
};
extern struct ltm_options ltm_o;

struct ltm_tool {
	struct store *st;
	struct out out;
	int64_t printed;
	int64_t absent;			/* what was named and is not there */
};

/* Prints one, and counts it. */
int	ltm_print(struct ltm_tool *, json_t *own, struct err *);
int	ltm_print_fact(void *tool, const struct fact *, struct err *);
/* 1, 0: it is no id, or there is no such fact (it was noted); -1. */
int	ltm_named(struct ltm_tool *, const char *, int64_t *id, struct err *);
/* fn for each that is named, "-" for standard input: the exit status. */
int	ltm_each_named(struct ltm_tool *, int argc, char **argv,
	    int (*fn)(struct ltm_tool *, int64_t id, struct err *),
	    struct err *);

/* ltm_run.c */
int	ltm_progress(const char *what, int64_t n, struct err *);
/* A fact_change record; nothing with -q. */
int	ltm_print_change(struct ltm_tool *, enum ltm_change,
	    const struct fact *before, const struct fact *after,
	    struct err *);
int	ltm_verb_run(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_check(struct ltm_tool *, int argc, char **argv, struct err *);

/* ltm_live.c */
int	ltm_verb_live(struct ltm_tool *, int argc, char **argv, struct err *);

/* ltm_show.c */
int	ltm_verb_list(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_explain(struct ltm_tool *, int argc, char **argv,
	    struct err *);
int	ltm_verb_history(struct ltm_tool *, int argc, char **argv,
	    struct err *);

/* ltm_edit.c */
int	ltm_verb_add(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_pin(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_unpin(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_expire(struct ltm_tool *, int argc, char **argv,
	    struct err *);
int	ltm_verb_merge(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_rollback(struct ltm_tool *, int argc, char **argv,
	    struct err *);

/* ltm_mark.c */
int	ltm_verb_mark(struct ltm_tool *, int argc, char **argv, struct err *);
int	ltm_verb_reject(struct ltm_tool *, int argc, char **argv,
	    struct err *);

/* ltm_review.c, ltm_backtest.c; each has options of its own
 * (ltm_review.h) */
int	ltm_verb_review(struct ltm_tool *, int argc, char **argv,
	    struct err *);
int	ltm_verb_backtest(struct ltm_tool *, int argc, char **argv,
	    struct err *);

#endif
