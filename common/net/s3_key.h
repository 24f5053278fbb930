/*
 * Names of objects.  S3 takes nearly anything of 1,024 bytes; what servers
 * over file systems or behind proxies mangle, merge or take for another name
 * is refused here, before it is sent and when it is listed.
 */
#ifndef NET_S3_KEY_H
#define NET_S3_KEY_H

#include <stddef.h>

#define S3_KEY_MAX 1024		/* bytes (S3 User Guide, "Object key names") */
#define S3_PART_MAX 255		/* bytes between two '/': a file's name */

/*
 * NULL, or what is wrong with a key of so many bytes: it is empty or too long,
 * not UTF-8, has a control character, an empty part ('//', '/' at an end), a
 * part '.' or '..', or one that is too long.
 */
const char *s3_key_wrong(const char *, size_t len);

/* The same for the beginning of keys: "" and what ends in '/' are right. */
const char *s3_prefix_wrong(const char *, size_t len);

/* NULL, or what is wrong with a bucket's name (3 to 63 small letters, digits,
 * '-' and '.'; it becomes a part of a host or of a path). */
const char *s3_bucket_wrong(const char *);

#endif
