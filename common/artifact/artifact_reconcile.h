/*
 * What somebody left who died, and what only time decides: rows on their way,
 * deletions, bytes that no row has any more.  Each is settled by what the
 * provider says, once or again and again.  What another process is at work on
 * is left alone, and so is what another copy of the store began.
 */
#ifndef ARTIFACT_ARTIFACT_RECONCILE_H
#define ARTIFACT_ARTIFACT_RECONCILE_H

#include "artifact/artifacts.h"

/* What was found, or done: borrowed. */
struct reconciled {
	const struct artifact *a;	/* NULL: bytes alone */
	enum artifact_state to;		/* of a; what it is, or would be */
	enum artifact_provider provider;
	const char *object;
	uint64_t size;			/* of bytes that nobody knows */
	enum { RECONCILED_SETTLED, RECONCILED_WAITS, RECONCILED_BUSY,
	    RECONCILED_FOREIGN, RECONCILED_LOST, RECONCILED_DROPPED,
	    RECONCILED_UNKNOWN, RECONCILED_TROUBLE } what;
	const char *why;		/* or NULL */
};
/* "settled", "waits" (for its provider), "in_flight" (in another process),
 * "foreign" (of another copy), "lost" (its bytes), "dropped" (bytes),
 * "unknown" (bytes that no row names), "trouble". */
extern const char *const reconciled_names[];

struct reconcile_how {
	bool dry_run;			/* nothing is changed */
	bool scan;			/* look at each object, and list those
					   that are there */
	bool adopt;			/* what other copies began, too */
	int64_t limit;			/* rows, and bytes of the journal */
	int (*told)(void *, const struct reconciled *, struct err *);
	void *arg;
};

struct reconcile_sums {
	int64_t settled, waits, busy, foreign, lost, dropped, unknown,
	    trouble;
	bool more;			/* the limit came first */
};

int	artifact_reconcile(struct artifacts *, const struct reconcile_how *,
	    struct reconcile_sums *, struct err *);

#endif
