/*
 * Foreign names (tenants, users, sessions, files) as names of folders and
 * objects: the only way they get there.  Letters a-z, digits and "._-"
 * stay; upper case becomes "%" + two hex digits like everything else, so
 * that two names never meet on a disk that ignores case; no name begins
 * with a dot, ends with one, or is one of the names DOS reserves; over 255
 * bytes the end is replaced by "%-" and a hash.
 */
#ifndef STORE_NAME_H
#define STORE_NAME_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define NAME_MAX_IN 1024	/* longest foreign name, bytes */

/* Is it a name at all: UTF-8, 1..NAME_MAX_IN bytes, no controls. */
int	name_check(const char *what, const char *name, struct err *);
void	name_encode(struct buf *, const char *);
/* 1 decoded, 0 not of our making, or cut by the hash. */
int	name_decode(struct buf *, const char *);

#endif
