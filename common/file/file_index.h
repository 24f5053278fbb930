/*
 * What was on the disk when it was looked at last: of each file how it looked
 * (file_stat.h), and the hash of its bytes.  So a scan reads no file that looks
 * as it did.
 *
 * The answer to the file that is written again in the tick of the clock in
 * which it was hashed (git calls it racily clean) is that there is no such
 * entry: a file is hashed when the clock of the file system has passed its
 * ctime, so that whatever is written to it since changes that.
 *
 * The file may be lost or torn at any time: then it is as if it were empty.
 *
 *	"mkfiles1", i64 upto, i64 odd, i64 entries, all little endian; an entry:
 *	u8 area, u8 executable, u16 length of the path, i64 size, i64 mtime_ns,
 *	i64 ctime_ns, u64 inode, 32 bytes of SHA-256, the path; behind them
 *	u32 CRC-32C of all that.  In the order of area and path.
 */
#ifndef FILE_FILE_INDEX_H
#define FILE_FILE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "file/file_stat.h"

struct file_dir;

struct file_entry {
	int area;
	const char *path;	/* of the index */
	struct file_stat stat;
	uint8_t sha256[HASH_LEN];
};

struct file_index {
	/* The greatest row (file_row_newest) that was there then, 0: it is
	 * not known; and how many paths there are whose row and file are not
	 * the same.  With none, and no row of the session since, the entries
	 * are all that the rows say. */
	int64_t upto, odd;
	struct file_entry *v;	/* own; by area and path */
	size_t n, cap;
	struct buf bytes;	/* own; what was read */
	char **paths;		/* own; those that were added */
	size_t npaths, paths_cap;
};
#define FILE_INDEX_INIT { .v = NULL, .bytes = BUF_INIT }

void	file_index_release(struct file_index *);

/* Of a folder; empty where it has none that can be believed. */
int	file_index_read(struct file_index *, struct file_dir *, struct err *);
/* The same of bytes, which it keeps: 1, 0 they are none. */
int	file_index_parse(struct file_index *, struct buf *own);
/* Behind all others; its path is borrowed: file_index_path keeps one. */
void	file_index_add(struct file_index *, const struct file_entry *);
const char *file_index_path(struct file_index *, const char *path);
/* It need not be on the disk: damage is seen. */
int	file_index_write(const struct file_index *, struct file_dir *,
	    struct err *);

/*
 * What was put, in whatever order, takes the place of what was there; its
 * paths stay its own.  What was changed at this time of the file system's clock
 * or later is left out, and counts as odd.
 */
void	file_index_merge(struct file_index *, struct file_index *put,
	    int64_t clock_ns);

/* <0, 0, >0: by area, then by the bytes of the path. */
int	file_order(int area, const char *path, int area2, const char *path2);

#endif
