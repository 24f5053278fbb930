/*
 * Files: made whole or not at all, mode 0600, never through a symlink.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Replace path by these bytes: temporary file in the same folder, write,
 * fsync, rename, fsync of the folder.  After a crash the old or the new
 * content is there.  ERR_DENIED when path is a symlink.
 */
int	file_replace(const char *path, const void *, size_t, struct err *);

/*
 * The same piece by piece, for what does not fit in memory.  Write to ->fd
 * (read and write), then done: fsync, rename; not fsync of the folder, which
 * several files may share.  Nothing is there at path until then; drop takes
 * the temporary file away, and does nothing after done or a failure.
 */
struct file_new {
	int fd;			/* -1: none */
	int dir;
	char *path;		/* own */
	char temp[48];
};
int	file_new(struct file_new *, const char *path, struct err *);
int	file_new_done(struct file_new *, struct err *);
void	file_new_drop(struct file_new *);

/* A file without a name on the file system of path; -1, or a descriptor to
 * read and write. */
int	file_scratch(const char *path, struct err *);

/*
 * A file that holds a secret, appended: at most max bytes (ERR_INPUT).  It
 * must be a file, not a link, ours or root's, and closed to everybody else;
 * else ERR_DENIED, with the remedy.  ERR_ABSENT: it is not there.  Its bytes
 * are in the buffer and nowhere else; who has read them calls buf_wipe.
 */
int	file_read_private(struct buf *, const char *path, size_t max,
	    struct err *);
/* The same of a folder: ERR_ABSENT, ERR_DENIED. */
int	file_private_dir(const char *path, struct err *);

/* As mkdir -p, every new folder with this mode, and on the disk.  Folders
 * above the last may be symlinks. */
int	file_mkdirs(const char *path, mode_t, struct err *);
int	file_sync_dir(const char *path, struct err *);
/* The same by its descriptor, of a file, too. */
int	file_sync(int fd, const char *name, struct err *);
/* Have the system begin with it, where it can: then a sync of each of several
 * files waits for all at once. */
void	file_sync_soon(int fd);
int	file_exists(const char *path);		/* 1, 0; links not followed */
/* A file, a link or a folder with all that is in it; absent is done. */
int	file_remove_tree(const char *path, struct err *);

/* All of it, over short writes and EINTR. */
int	file_write(int fd, const void *, size_t, const char *name,
	    struct err *);

/* "dir/name" appended to an empty buffer. */
void	file_join(struct buf *, const char *dir, const char *name);

/* Bytes of all files below a folder, links not followed; absent is 0. */
int	file_tree_size(const char *path, int64_t *bytes, struct err *);

#endif
