/*
 * The folder of a session's files: TENANT/files/USER/SESSION, with a folder for
 * each area in it, and besides
 *
 *	.index	what a scan has to know (file_index.h)
 *	.lock	held by who writes here
 *	.new	files on their way to their names
 *
 * which no area can be called.  In a sealed tenant there is one folder instead
 * of the areas, FILE_SEALED, and no index: its files are named by 32 random
 * bytes in hex (file_sealed.h).  Every part of a path is opened by itself, and
 * none is followed if it is a symbolic link.
 */
#ifndef FILE_FILE_DIR_H
#define FILE_FILE_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lock.h"
#include "file/file_path.h"

#define FILE_SEALED FILE_AREAS	/* in the place of an area, see above */

struct stat;
struct store;

struct file_dir {
	struct buf path;	/* own */
	int top;		/* -1: there is none */
	int fresh;		/* .new, or -1 */
	struct lock lock;
	/* the folder that was asked for last, with one "/" behind it */
	struct buf parent;	/* own */
	int parent_fd;
	bool dirty;		/* something got its name in it */
	int64_t count;		/* names given in .new */
	bool died;		/* who had the lock before did not come to its
				   end */
};

void	file_dir_init(struct file_dir *);	/* of none */
/*
 * The folder of a session.  1; 0 it is not there, and is not to be made; -1:
 * ERR_DENIED where a part of it is a link.  file_dir_close in any case.
 */
int	file_dir_open(struct file_dir *, struct store *, const char *user,
	    const char *session, bool make, struct err *);
void	file_dir_close(struct file_dir *);

/* Where it is, for the user: the folder, an area (-1: none) and a path (or
 * NULL), appended. */
int	file_dir_name(const struct file_dir *, int area, const char *path,
	    struct buf *, struct err *);

/* Nobody else writes from now on (ERR_BUSY after 10 s); what somebody left in
 * .new who was killed is taken away. */
int	file_dir_lock(struct file_dir *, struct err *);

/*
 * For who does more than to give names: until file_dir_done whoever dies is
 * known to have died (d->died), to the next who takes the lock.  On the disk.
 */
int	file_dir_begin(struct file_dir *, struct err *);
void	file_dir_done(struct file_dir *);

/* The folder of an area: a descriptor, borrowed by the next call; -1 with
 * ERR_ABSENT where it is not there and is not to be made. */
int	file_dir_area(struct file_dir *, int area, bool make, struct err *);

/*
 * The folder that holds a path, as descriptor (borrowed, until the next call),
 * and the path's last part.  ERR_ABSENT, ERR_EXISTS: a part is no folder.
 */
int	file_dir_parent(struct file_dir *, int area, const char *path,
	    bool make, const char **name, struct err *);
/* What is there, links not followed: 1, 0 nothing. */
int	file_dir_stat(struct file_dir *, int area, const char *path,
	    struct stat *, struct err *);

#define FILE_NEW_LEN 24
/* A new file in .new, which is to be locked: its descriptor, to read and
 * write, and its name there. */
int	file_dir_new(struct file_dir *, char name[FILE_NEW_LEN], struct err *);
void	file_dir_drop(struct file_dir *, const char *name);
/* It gets its name; ERR_EXISTS: there is a folder or a link.  A folder is
 * synced when another is asked for, the last one by file_dir_sync. */
int	file_dir_place(struct file_dir *, const char *name, int area,
	    const char *path, struct err *);
int	file_dir_sync(struct file_dir *, struct err *);

/* Away with a file; it may be gone. */
int	file_dir_remove(struct file_dir *, int area, const char *path,
	    struct err *);
/* Out of sight: into .new under this name, which is one of its own. */
int	file_dir_aside(struct file_dir *, int area, const char *path,
	    char name[FILE_NEW_LEN], struct err *);
/* Away with the folders that led to a path and are empty now, below the
 * area. */
void	file_dir_prune(struct file_dir *, int area, const char *path);

/*
 * What time the file system has, in nanoseconds: what is changed from now on
 * bears this or a later one as ctime.
 */
int	file_dir_clock(struct file_dir *, int64_t *ns, struct err *);

#endif
