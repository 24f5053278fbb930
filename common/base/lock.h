/*
 * Advisory locks on a file (fcntl, open-file where the system has them):
 * "one run at a time".  They say who holds them and end with the process.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/err.h"

struct lock {
	int fd;		/* -1: not held */
};
#define LOCK_INIT { -1 }

/* 0 held; -1 ERR_BUSY, naming the holder, when it was not free within
 * wait_ms. */
int	lock_take(struct lock *, const char *path, int wait_ms, struct err *);
void	lock_drop(struct lock *);

#endif
