/*
 * The provider s3, for the files blob_s3*.c alone.
 */
#ifndef NET_BLOB_S3_OWN_H
#define NET_BLOB_S3_OWN_H

#include "net/blob_s3.h"
#include "net/s3_conf.h"

#define BLOB_S3 "artifact.s3"

struct blob_s3 {
	struct s3_conf conf;
	struct s3 *s3;			/* own */
};

/* An object at work. */
struct blob_s3_one {
	struct blob *b;			/* borrowed */
	char *key;			/* own; in the bucket */
	const char *version;		/* borrowed; NULL: it is not known */
};

/* One for each object that can be asked for; of the others r and err are
 * set.  *left: how many; freed by blob_s3_ones_free. */
struct blob_s3_one *blob_s3_ones(struct blob_s3 *, struct blob *, size_t n,
	    size_t *left);
void	blob_s3_ones_free(struct blob_s3_one *, size_t n);
/* Was it put where we look?  ERR_USAGE. */
int	blob_s3_here(const struct blob_s3 *, const struct blob *,
	    const char *key, struct err *);
/* The key in the bucket; the caller's. */
char	*blob_s3_key(const struct blob_s3 *, const char *);

/* Until all requests that were started are done.  -1: interrupted, or the
 * system fails; they are on their way. */
int	blob_s3_wait(struct blob_s3 *, struct err *);
/* It ended so. */
void	blob_s3_failed(struct blob *, const struct err *);
/* What is to be kept of it. */
void	blob_s3_said(const struct blob_s3 *, struct blob *, const char *key,
	    const char *etag, const char *version);
/* Is the bucket there?  ERR_USAGE: it is not. */
int	blob_s3_bucket(struct blob_s3 *, struct err *);
/* Take away what uploads of this key left that broke off. */
int	blob_s3_abort(struct blob_s3 *, const char *key, struct err *);

int	blob_s3_put(void *, struct blob *, size_t n, struct err *);
int	blob_s3_drop(void *, struct blob *, size_t n, struct err *);
/* What is there of each: where, size and sha256 are set, or r and err. */
struct blob_s3_found {
	char etag[S3_ETAG + 1], version[S3_VERSION + 1];
};
int	blob_s3_look(struct blob_s3 *, struct blob_s3_one *, size_t n,
	    struct blob_s3_found *, struct err *);

#endif
