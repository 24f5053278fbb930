/*
 * Keys: what things are called on a remote.  "acme/bob/s1/inputs/a.txt".
 *
 * A key is parts joined by '/'.  A part has 1 to 255 of the bytes a-z, 0-9,
 * '.', '_', '-' and '%', does not end with '.', and does not begin with
 * ".tmp-", which is how a folder calls what is not whole yet; a key has up to
 * 1,024 bytes, with the prefix of the remote.  So every key is the same name
 * on a disk that ignores case, behind a gateway over a file system, and in a
 * URL.  What is foreign (names of tenants, users, sessions and files) becomes
 * a part by remote_key_add alone; that is the escaping of store/name.h: all
 * else is '%' and two hexadecimal digits, and what is too long ends in "%-"
 * and a hash.
 *
 * No key may be another one up to a '/': a folder cannot keep both, and
 * servers hide one of them.  Who lays out keys sees to that.
 */
#ifndef SYNC_REMOTE_KEY_H
#define SYNC_REMOTE_KEY_H

#include <stddef.h>

#include "base/buf.h"

#define REMOTE_TEMP ".tmp-"

/* NULL, or what is wrong with it. */
const char *remote_key_wrong(const char *, size_t len);
/* The same for the beginning of keys: "", and what ends in '/'. */
const char *remote_prefix_wrong(const char *, size_t len);

/* A foreign name as the next part: "/" if there is one before, and the name
 * as it is escaped.  The name was checked (name_check). */
void	remote_key_add(struct buf *, const char *name);
/* Each part of a foreign path in turn. */
void	remote_key_path(struct buf *, const char *path);

#endif
