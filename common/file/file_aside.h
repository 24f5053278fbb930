/*
 * A file that two copies of the store wrote without knowing each other: the
 * bytes that are here, and do not count, get a name of their own.
 */
#ifndef FILE_FILE_ASIDE_H
#define FILE_FILE_ASIDE_H

#include "base/buf.h"
#include "base/err.h"

struct store;

/*
 * "notes/a.txt" becomes "notes/a.conflict-WHO.txt"; a scan records that (in a
 * sealed tenant it is recorded at once).  1,
 * *to is the path; 0 there is no file, or something has that name already, and
 * nothing was done.
 */
int	file_aside(struct store *, const char *user, const char *session,
	    int area, const char *path, const char *who, struct buf *to,
	    struct err *);

/* The path alone, appended; its last part is cut to fit. */
void	file_aside_path(struct buf *, const char *path, const char *who);

#endif
