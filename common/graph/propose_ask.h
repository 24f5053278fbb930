/*
 * Entities and relations by a language model, beside the rules: texts are
 * shown to it (toc/asker.h; settings graph.*), some at a time, and what it
 * proposes is held against them (propose_check.h) and kept (propose.h).
 *
 * Each text is asked about once by each version, which is who is asked and the
 * instructions (share/prompt/graph.txt): messages of users and assistants, and
 * rows of knowledge bases.  What fails is asked about again by a later run,
 * after all others and alone; after three wrong answers no more.  A run asks
 * about graph.maxTexts texts at most.  No failure of the model is one of the
 * run.
 */
#ifndef GRAPH_PROPOSE_ASK_H
#define GRAPH_PROPOSE_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "graph/propose.h"
#include "graph/propose_check.h"

struct propose_ask;
struct store;

struct propose_sums {
	int64_t texts;			/* that it was asked about */
	int64_t calls, failed, tokens;	/* as asker_spent has them */
	struct propose_counts counts;
	int64_t given_up;
	int64_t left;			/* for another run */
	struct err trouble;		/* why the last one failed; ERR_NONE */
};

/* 1 open, 0 no model is named. */
int	propose_ask_open(struct propose_ask **, const struct store *,
	    struct err *);
void	propose_ask_free(struct propose_ask *);		/* takes NULL */

struct propose_run {
	bool records;
	int (*progress)(void *, int64_t done, struct err *);	/* or NULL */
	void *arg;
};
/* The store's own user's, or the tenant's rows, from within (store/inside.h).
 * What was answered is kept whenever it returns. */
int	propose_ask_run(struct propose_ask *, struct store *,
	    const struct propose_run *, struct proposals *,
	    struct propose_sums *, struct err *);

#endif
