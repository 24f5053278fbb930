/*
 * Stores on network file systems.  The log of SQLite (WAL) is found through
 * memory that the processes of one machine share, and many servers only
 * pretend to lock: two machines in one store destroy it.  So a store there
 * is refused, but for the one machine that its setting core.host names.
 */
#ifndef STORE_NETFS_H
#define STORE_NETFS_H

#include "base/err.h"

/* May the store at dir be used?  0, or -1: ERR_DENIED says what to do.
 * One call to the system where the disk is local. */
int	netfs_check(const char *dir, struct err *);

/* The same of a disk of this kind; host: core.host, NULL when it is not
 * set, "*" whichever; me: this machine's name. */
int	netfs_allowed(const char *dir, const char *kind, const char *host,
	    const char *me, struct err *);

#endif
