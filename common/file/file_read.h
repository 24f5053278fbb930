/*
 * The hash of a file that others may be writing.
 */
#ifndef FILE_FILE_READ_H
#define FILE_FILE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct file_dir;
struct file_entry;
struct file_met;

struct file_reader {
	char *room;		/* own */
	int64_t clock_ns;	/* the file system had this time, or later */
	int64_t bytes;		/* read so far */
};
#define FILE_READER_INIT { NULL, 0, 0 }
void	file_reader_release(struct file_reader *);

/* All that a descriptor gives, from where it stands; copied to another one if
 * that is not -1.  name is for messages. */
int	file_read_fd(struct file_reader *, int fd, int to, const char *name,
	    int64_t *size, uint8_t sha256[HASH_LEN], struct err *);

/* The same, to whoever takes it (NULL: nobody). */
struct seal_sink;
int	file_read_into(struct file_reader *, int fd, const struct seal_sink *,
	    const char *name, int64_t *size, uint8_t sha256[HASH_LEN],
	    struct err *);

enum { FILE_READ_DONE, FILE_READ_BUSY, FILE_READ_REFUSED, FILE_READ_GONE };

/*
 * Looks at it, and hashes it, and looks again: t->stat and t->sha256 are of
 * one moment.  BUSY: it was written each time; REFUSED: it is not ours to read.
 * With a folder that is locked it waits, if need be, until the clock has passed
 * the file's ctime; *safe: it did, so that the hash is right for as long as the
 * file looks so.
 */
int	file_read_hash(struct file_reader *, struct file_dir *,
	    const struct file_met *, struct file_entry *t, bool *safe,
	    struct err *);

#endif
