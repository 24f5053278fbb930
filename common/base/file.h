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

/* As mkdir -p, every new folder with this mode, and on the disk.  Folders
 * above the last may be symlinks. */
int	file_mkdirs(const char *path, mode_t, struct err *);
int	file_sync_dir(const char *path, struct err *);
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
