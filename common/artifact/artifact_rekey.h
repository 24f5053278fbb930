/*
 * Artifacts to the active key: each is opened, sealed anew beside, and the row
 * moves over; then the old form goes.  Whoever dies in between leaves one of
 * the two as the form that counts, and the other in the journal.
 */
#ifndef ARTIFACT_ARTIFACT_REKEY_H
#define ARTIFACT_ARTIFACT_REKEY_H

#include "artifact/artifacts.h"

struct rekey_how {
	bool dry_run;
	bool clear;			/* seal what is in clear, too */
	int64_t limit;			/* 0: none */
	int64_t wait_s;			/* for a provider that takes its time:
					   the old form counts until it has
					   the new one */
	/* why NULL: it is, or would be, sealed with the active key */
	int (*told)(void *, const struct artifact *, const char *key_id,
	    const struct err *why, struct err *);
	void *arg;
};
struct rekey_sums {
	int64_t moved, same, busy, failed;
};

/* ERR_USAGE: nothing is sealed in this store (artifact.codec). */
int	artifact_rekey(struct artifacts *, const struct rekey_how *,
	    struct rekey_sums *, struct err *);

#endif
