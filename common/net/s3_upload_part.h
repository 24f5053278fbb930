/*
 * The parts of an upload, for s3_upload.c alone.
 */
#ifndef NET_S3_UPLOAD_PART_H
#define NET_S3_UPLOAD_PART_H

#include "net/s3_upload.h"

/* Which of them the store has, of this size and these bytes: their ETags into
 * parts[], their number into u->kept. */
int	s3_parts_there(struct s3 *, struct s3_upload *, const char *id,
	    uint64_t size, struct s3_part *parts, struct err *);
/* Send those that have no ETag. */
int	s3_parts_send(struct s3 *, struct s3_upload *, const char *id,
	    uint64_t size, struct s3_part *parts, struct err *);

#endif
