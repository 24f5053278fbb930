/*
 * Bytes of files that came from elsewhere, behind their rows, on their way
 * into the folder of their session; many of one session together.
 *
 * What is here and was written without knowing of what comes is never lost: it
 * goes aside (file/file_aside.h), or stays where it is.
 */
#ifndef SYNC_FILE_BATCH_H
#define SYNC_FILE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "file/file_row.h"

#define FILE_BATCH_MAX 256

struct store;

struct file_coming {
	struct file_each f;	/* the row; its path is own, the names are the
				   batch's */
	char name[24];		/* of its bytes in the folder that they came
				   to; the caller's */
	uint8_t disk[HASH_LEN];	/* sealed (file_seal_new); the caller's */
	bool came;		/* they are all there, of this hash, and on
				   the disk */
	bool stays;		/* what is here cannot go aside */
};

struct file_batch {
	struct store *st;	/* borrowed */
	char *user, *session;	/* own */
	struct file_coming *v;	/* own */
	size_t n;
};

struct file_batch_sums {
	int64_t placed;
	int64_t removed;	/* here, because they were removed elsewhere */
	int64_t kept;		/* something else is here, and stays */
};

/* Told of what stays, and of what went aside ("kept as PATH"). */
typedef int file_batch_fn(void *, const struct file_each *, const char *why,
	    struct err *);

void	file_batch_init(struct file_batch *, struct store *);
void	file_batch_release(struct file_batch *);
/* NULL: it is full, or that is of another session. */
struct file_coming *file_batch_add(struct file_batch *,
	    const struct file_each *);
/*
 * All that came goes where it belongs, out of a folder of the same file
 * system; what was removed goes away.  A scan came before the rows.  fn may be
 * NULL.  ERR_BUSY: somebody writes in the session's folder.
 */
int	file_batch_place(struct file_batch *, int dir,
	    struct file_batch_sums *, file_batch_fn *, void *, struct err *);
/* Empty again. */
void	file_batch_clear(struct file_batch *);

#endif
