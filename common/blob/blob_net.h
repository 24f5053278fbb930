/*
 * A provider that is a program: libexec/memkit/blob-s3, blob-ipfs.  It is
 * started when it is asked for the first time, ends when it is closed, and
 * reads its settings itself; so who does not need it pays nothing, and no
 * secret is on a command line.
 *
 * What it answers (blob_line.h) is held against what was asked: another key, a
 * missing object, another length or hash of what was put, more or fewer bytes
 * than an object has, are errors of what is asked just then.  A program that
 * ended or answered wrongly is started anew for the next question.  What a
 * put that broke off came to is told by head.
 *
 * ERR_SYS: it cannot be run.  ERR_NET: it ended, or is unreachable itself.
 */
#ifndef BLOB_BLOB_NET_H
#define BLOB_BLOB_NET_H

#include "blob/blob.h"

struct artifact_lock;
struct store;

/*
 * program: its name, or its path if there is a '/' in it.  The store is
 * borrowed, and lives longer; so is the lock, or NULL: what is locked when the
 * program is started stays locked for as long as it runs, so that nobody
 * settles what it still puts when we are dead.  Nothing is started yet, so that
 * it works.
 *
 * Of a put, bytes in memory are at most BLOB_BYTES (ERR_USAGE); of a get, with
 * has_sum the object must be `size` bytes with that sum.
 */
int	blob_net_open(struct blob_provider *, const char *program,
	    const struct store *, const struct artifact_lock *, struct err *);

#endif
