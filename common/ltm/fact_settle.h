/*
 * The versions of a fact that no processor made follow from what was decided
 * about it (decision.h), in that order, and from what users told, each told
 * version by its time among them.  So they are made anew from these, whichever
 * came first; where that only adds some, those before stay as they are.
 */
#ifndef LTM_FACT_SETTLE_H
#define LTM_FACT_SETTLE_H

#include <stdint.h>

#include "base/err.h"
#include "ltm/fact.h"

struct store;

#define FACT_SAYS_LEN 16	/* digits of hex */

/* What a version says, whoever made it when: the same on all copies. */
void	fact_says(const struct fact *, char out[FACT_SAYS_LEN + 1]);

/* Inside a transaction: make the versions of a fact of this user (0 of the
 * tenant) follow from its decisions.  One probe where there are none. */
int	fact_settle(struct store *, int64_t user, int64_t id, struct err *);

#endif
