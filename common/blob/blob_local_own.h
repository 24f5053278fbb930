/*
 * What the files of local_fs share.
 */
#ifndef BLOB_BLOB_LOCAL_OWN_H
#define BLOB_BLOB_LOCAL_OWN_H

#include "blob/blob_local.h"
#include "store/scratch.h"

struct stat;

#define BLOB_PIECE ((size_t)256 << 10)	/* bytes read at once */

struct blob_local {
	char *dir;			/* own */
	int top;			/* -1: not opened */
	struct scratch tmp;
	int tmp_fd;			/* -1 */
	int64_t count;			/* names given in tmp */
	/* the folder that was asked for last */
	char *parent;			/* own; NULL: none */
	size_t parent_len;
	int parent_fd;
	bool dirty;			/* it is to be synced */
	char *room;			/* own; BLOB_PIECE bytes, or NULL */
};

/* The folder of a key as descriptor, borrowed until the next call, and the
 * key's last part.  ERR_ABSENT; ERR_DENIED: a part of it is a link. */
int	blob_local_enter(struct blob_local *, const char *key, bool make,
	    const char **name, struct err *);
/* Out of it; what got, or lost, its name in it is on the disk then. */
int	blob_local_leave(struct blob_local *, struct err *);
/* tmp_fd is there from now on. */
int	blob_local_tmp(struct blob_local *, struct err *);
/* An object, open; ERR_ABSENT, ERR_DENIED: it is a link, or no file. */
int	blob_local_object(struct blob_local *, const char *key, struct stat *,
	    struct err *);
char	*blob_local_room(struct blob_local *);	/* BLOB_PIECE bytes */
/* Exactly so many bytes of a file to the sink. */
int	blob_local_send(struct blob_local *, int fd, const char *key,
	    uint64_t from, uint64_t len, blob_sink *, void *, struct err *);

/* blob_local_put.c: as struct blob_kind has it. */
int	blob_local_put(void *, struct blob *, size_t n, struct err *);

#endif
