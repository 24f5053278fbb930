/*
 * What somebody decided about a fact that a processor made of rows: it is
 * pinned or not, and, as long as the rows below it are those that it had
 * then, it is ended, or says what an older version said.  The last decision
 * that rests on the rows that there are counts.
 */
#ifndef LTM_LTM_HOLD_H
#define LTM_LTM_HOLD_H

#include <stdint.h>

#include "base/err.h"
#include "ltm/fact.h"

struct store;

/* What a decision about this version rests on. */
void	ltm_rest(const struct fact *, char out[17]);

/* Inside a transaction: a fact becomes what was decided about it.  Without
 * one, nothing: a run makes it, and asks for all (ltm_hold_all). */
int	ltm_hold(struct store *, int64_t id, struct err *);
int	ltm_hold_all(struct store *, struct err *);

#endif
