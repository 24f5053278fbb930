/*
 * A file that somebody names and we make: FILE.part becomes FILE when it is
 * whole.  It is its own lock, so that a second one to the same file does not
 * write into it, and what a killed one left is begun anew.
 */
#ifndef CMD_PART_H
#define CMD_PART_H

#include "base/buf.h"
#include "base/err.h"
#include "base/lock.h"

struct part {
	struct lock lock;	/* lock.fd is where to write */
	struct buf path;	/* own; of FILE.part */
	const char *name;	/* borrowed; FILE */
};

/* ERR_EXISTS: it is not a file, but a folder or a device; ERR_BUSY.  Begun, it
 * is to be ended. */
int	part_begin(struct part *, const char *path, struct err *);
/* r: how it went until here, and then the answer.  0: FILE is there and on the
 * disk; -1: it is as it was. */
int	part_end(struct part *, int r, struct err *);

#endif
