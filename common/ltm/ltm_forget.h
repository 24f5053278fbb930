/*
 * Forgetting a row of a knowledge base, in long-term facts: it goes out of
 * its groups, and the facts that rest on it go with all of their versions,
 * and verdicts on it.  The next run makes of the other rows what they make.
 */
#ifndef LTM_LTM_FORGET_H
#define LTM_LTM_FORGET_H

#include <stdint.h>

#include "base/err.h"

struct store;

/* Inside the transaction that forgets, before the rows go; "KB/RECORD_ID". */
int	ltm_forget(struct store *, const char *id, struct err *);
/* The same of one that comes again as another row: verdicts on it stay. */
int	ltm_leave(struct store *, const char *id, struct err *);

#endif
