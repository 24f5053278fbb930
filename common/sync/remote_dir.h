/*
 * A remote in a folder, for the files remote_dir*.c alone.
 */
#ifndef SYNC_REMOTE_DIR_H
#define SYNC_REMOTE_DIR_H

#include <sys/stat.h>

#include "net/pace.h"
#include "sync/remote_kind.h"

#define REMOTE_DIR_TEMP 48		/* bytes of a temporary name */

struct remote_dir {
	int top;			/* own; the folder */
	struct remote_op *first, **last;	/* that wait */
	struct pace up, down;
	char *room;			/* own; of a piece */
	size_t piece;			/* bytes moved at once */
};

/* Each does all of it: 0, or -1 with err. */
int	remote_dir_put(struct remote *, struct remote_put *, struct err *);
int	remote_dir_get(struct remote *, struct remote_get *, struct err *);
int	remote_dir_head(struct remote *, struct remote_head *, struct err *);
int	remote_dir_list(struct remote *, struct remote_list *, struct err *);
int	remote_dir_delete(struct remote *, struct remote_delete *,
	    struct err *);
int	remote_dir_sweep(struct remote *, const char *prefix, int64_t age_ms,
	    uint64_t *n, struct err *);

/* A folder below the top ("" the top, no '/' at its end), never through a
 * link; make: if it is not there.  A descriptor, the caller's; -1, ERR_ABSENT
 * if it is not there. */
int	remote_dir_open(const struct remote *, const char *folder, size_t len,
	    bool make, struct err *);
/* The folder of a key; *name is the rest of it. */
int	remote_dir_of(const struct remote *, const char *key, bool make,
	    const char **name, struct err *);
/* A file to be read.  ERR_ABSENT; ERR_INPUT: it is none.  errno is kept. */
int	remote_dir_file(int dir, const char *name, const char *key,
	    struct err *);
/* The error of errno, about a key. */
int	remote_dir_fail(struct err *, const char *doing, const char *key);
/* Bytes are about to move, n of them: wait as the limit wants it.  -1:
 * interrupted. */
int	remote_dir_pace(struct remote *, struct pace *, size_t n,
	    struct err *);
int	remote_dir_sync(int fd);
/* A new name for a file that is not whole yet. */
int	remote_dir_temp(char out[REMOTE_DIR_TEMP], struct err *);
/* When it was modified, milliseconds by the clock of who keeps it. */
int64_t	remote_dir_time(const struct stat *);

#endif
