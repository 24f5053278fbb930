/*
 * By what a file is known to be the same without reading it: all of this
 * changes with it, but for what is written in the same tick of the clock
 * (file_dir_clock), or into a mapping that was changed before.
 */
#ifndef FILE_FILE_STAT_H
#define FILE_FILE_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

struct file_stat {
	int64_t size;
	int64_t mtime_ns, ctime_ns;
	uint64_t inode;
	bool exec;
};

/* Only to be compared: what somebody set to a time that does not fit wraps. */
static inline int64_t
file_ns(struct timespec t)
{
	return (int64_t)((uint64_t)t.tv_sec * 1000000000 +
	    (uint64_t)t.tv_nsec);
}

static inline struct file_stat
file_stat_of(const struct stat *sb)
{
	return (struct file_stat){ .size = sb->st_size,
	    .mtime_ns = file_ns(sb->st_mtim),
	    .ctime_ns = file_ns(sb->st_ctim), .inode = sb->st_ino,
	    .exec = (sb->st_mode & S_IXUSR) != 0 };
}

static inline bool
file_stat_same(const struct file_stat *a, const struct file_stat *b)
{
	return a->size == b->size && a->mtime_ns == b->mtime_ns &&
	    a->ctime_ns == b->ctime_ns && a->inode == b->inode &&
	    a->exec == b->exec;
}

#endif
