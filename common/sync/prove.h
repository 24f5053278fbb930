/*
 * Are the bytes of files on a remote?  Nobody takes his own away before.
 */
#ifndef SYNC_PROVE_H
#define SYNC_PROVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct chosen;
struct sync;

struct proof {
	int64_t n, bytes;	/* there, and what they must be */
	int64_t missing;	/* not there, or other ones */
	char first[300];	/* of these: key of one, and why */
	bool absent;		/* of that one: nothing is under its name */
};

/*
 * By the size and SHA-256 that the remote keeps with each, or, where it keeps
 * none or get is set, by reading all of it.  One request each, several at once;
 * one a pack for those that are in packs (pack_get.h).
 */
int	prove_files(struct sync *, const struct chosen *, bool get,
	    struct proof *, struct err *);

#endif
