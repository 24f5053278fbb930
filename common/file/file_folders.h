/*
 * Which sessions have a folder of files on the disk.
 */
#ifndef FILE_FILE_FOLDERS_H
#define FILE_FILE_FOLDERS_H

#include "base/err.h"

struct store;

/* fn for each, of all users; 0 to go on.  It may write. */
int	file_folders(struct store *, int (*fn)(void *, const char *user,
	    const char *session, struct err *), void *, struct err *);

#endif
