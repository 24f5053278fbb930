/*
 * What the headers of an answer say of an object, for the files s3*.c alone.
 */
#ifndef NET_S3_OBJECT_H
#define NET_S3_OBJECT_H

#include "net/s3.h"

#define S3_META "x-amz-meta-"
#define S3_META_SUM S3_META "sha256"

void	s3_object_clear(struct s3_object *);
/* -1: a length that is none. */
int	s3_object_head(struct s3_object *, const char *name, const char *value,
	    struct err *);

/* Ask for that version; NULL or "": the latest. */
void	s3_object_version(struct s3_req *, const char *);

/* What an object is stored with: headers of a put, or of an upload. */
struct s3_object_with {
	const char *type, *sum;		/* sum: SHA-256, in hexadecimal */
	const struct strv *meta, *tags;
	const char *class;
};
int	s3_object_ask(const struct s3 *, struct s3_req *,
	    const struct s3_object_with *, struct err *);

#endif
