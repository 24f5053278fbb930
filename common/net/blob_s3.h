/*
 * The provider s3: objects of artifacts in a bucket (blob/blob.h).
 *
 * What is kept of an object (its said): {"etag", "version_id", "bucket",
 * "region", "uri"}.  One that was put elsewhere than the settings say is not
 * looked for here (ERR_USAGE).  In a bucket that keeps versions it is its
 * version that is read, and that is deleted for good.
 *
 * The objects of a call are asked for side by side; those that go in parts one
 * after the other, each with several parts at once.  Before one goes in parts
 * it is looked whether it is there, and what a put of it that broke off left
 * is taken away, as it is when it is deleted.
 *
 * A store that says 404 may lack the bucket: nothing is called absent before
 * the bucket was seen.
 */
#ifndef NET_BLOB_S3_H
#define NET_BLOB_S3_H

#include <signal.h>

#include "base/conf.h"
#include "blob/blob.h"

/*
 * As artifact.s3.* of the configuration says, which lives longer.  Nothing is
 * asked yet.  ERR_USAGE names the setting.  stop, again: as of s3_how.
 */
int	blob_s3_open(void **, const struct conf *,
	    const volatile sig_atomic_t *stop,
	    void (*again)(void *, const char *why, int wait_ms),
	    struct err *);
extern const struct blob_kind blob_s3;	/* but for check */
/* Stars for what a text has of the credentials. */
void	blob_s3_hide(const void *, char *text);

#endif
