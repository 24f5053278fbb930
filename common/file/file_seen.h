/*
 * Files of a session that may be read: one's own, and those that a graft
 * shows, which are read where they lie, and nothing else.
 */
#ifndef FILE_FILE_SEEN_H
#define FILE_FILE_SEEN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ulid.h"

struct file_bytes;
struct store;

struct file_owner {
	char *user, *session;		/* own */
	char graft[ULID_LEN + 1];	/* "": one's own */
};
void	file_owner_release(struct file_owner *);

/* Of a name (session_seen.h): 1; 0 there is none whose files may be read. */
int	file_seen(struct store *, const char *name, struct file_owner *,
	    struct err *);

/* One to be read (file_sealed.h): 1; 0 it is not there; ERR_INPUT: that is no
 * path; ERR_DENIED: a link leads there, or it is no file. */
int	file_seen_open(struct store *, const struct file_owner *, int area,
	    const char *path, struct file_bytes **, struct err *);
/*
 * As file_place has it, of a session of others; nothing is made.  ERR_DENIED:
 * the store has credentials, and whoever holds one need not reach its folders.
 */
int	file_seen_place(struct store *, const struct file_owner *, int area,
	    const char *path, struct buf *, struct err *);

#endif
