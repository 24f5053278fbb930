/*
 * The provider local_fs: a folder, DIR/KEY for each object (blob.h).
 *
 * A put writes beside (DIR/tmp), syncs, and renames; of several at once there
 * is one sync for all where the system has one (syncfs).  No part of a key is
 * followed if it is a symbolic link.
 */
#ifndef BLOB_BLOB_LOCAL_H
#define BLOB_BLOB_LOCAL_H

#include "blob/blob.h"

/* Nothing is made, or looked at, before it is needed. */
void	blob_local_open(struct blob_provider *, const char *dir);

/* A folder of this process alone on the same disk, for files that are to be
 * put with `moves`; borrowed. */
int	blob_local_scratch(struct blob_provider *, const char **path,
	    struct err *);

/* An object's file, open to be read: its descriptor, or -1 as get. */
int	blob_local_file(struct blob_provider *, const char *key,
	    uint64_t *size, struct err *);

#endif
