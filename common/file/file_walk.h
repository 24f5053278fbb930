/*
 * All that is in an area of a session's folder, by the bytes of its path.
 */
#ifndef FILE_FILE_WALK_H
#define FILE_FILE_WALK_H

#include "base/err.h"
#include "file/file_stat.h"

struct file_dir;

/* Something that is no folder; borrowed, for the time of the call. */
struct file_met {
	int area;
	const char *path;	/* bytes as they are */
	int dir;		/* where it is, and what it is called there */
	const char *name;
	struct file_stat stat;
	const char *why;	/* why it is none that is taken; or NULL */
};

/* fn returns 0 to go on.  A folder that cannot be read is told, too; one that
 * is not there is empty.  As many descriptors are open as it is deep. */
int	file_walk(struct file_dir *, int area,
	    int (*fn)(void *, const struct file_met *, struct err *), void *,
	    struct err *);

#endif
