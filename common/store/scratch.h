/*
 * A folder for work in progress inside of a store, STORE/tmp/WHAT-...,
 * mode 0700.  It goes with whoever made it; what a killed process left is
 * removed by the next that makes one.
 */
#ifndef STORE_SCRATCH_H
#define STORE_SCRATCH_H

#include "base/err.h"
#include "base/lock.h"

struct scratch {
	char *path;		/* own; NULL: not open */
	char *lock_path;	/* own */
	struct lock lock;
};
#define SCRATCH_INIT { NULL, NULL, LOCK_INIT }

/* The store's folder must be there; STORE/tmp is made. */
int	scratch_open(struct scratch *, const char *store_dir, const char *what,
	    struct err *);
/* Removes it with all that is in it. */
void	scratch_close(struct scratch *);

#endif
