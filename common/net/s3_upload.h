/*
 * Uploads in parts: several parts on their way at once, and one that broke
 * off can be gone on with.  The object is there when the last step is done,
 * as a whole or not at all.
 *
 * Until then its parts take room at the store, which nobody sees: keep the id
 * (begun) and go on with it, abort it, or look for it with s3_uploads.
 * Encryption is answered for when an upload begins, or, by a store that is
 * silent then (MinIO), for each part, and at the end for the object.
 * Source: "Uploading and copying objects using multipart upload", S3 User
 * Guide.
 */
#ifndef NET_S3_UPLOAD_H
#define NET_S3_UPLOAD_H

#include "net/s3.h"

#define S3_PART_LEAST ((uint64_t)5 << 20)	/* bytes, but of the last */
#define S3_PART_USUAL ((uint64_t)8 << 20)
#define S3_PARTS 10000				/* of one upload */

struct s3_upload {
	const char *key;
	struct http_body body;		/* not empty; may be read at several
					   places in turn */
	/* as of a s3_put */
	const uint8_t *sha256;
	const char *type, *class;
	const struct strv *meta, *tags;
	uint64_t part;			/* bytes; 0: as many as are usual */
	int at_once;			/* parts on their way; 0: 4 */
	/*
	 * The id of an upload of the same key and the same bytes that broke
	 * off: parts that are there already (by size and MD5) are not sent
	 * again.  ERR_ABSENT: there is no such upload any more.  NULL: a new
	 * one.  After all it is looked at: what another upload began with
	 * other bytes is deleted (ERR_BUSY).
	 */
	const char *resume;
	void (*begun)(void *, const char *id);	/* NULL: nobody wants to know */
	void (*sent)(void *, uint64_t bytes);	/* a part is there */
	void *arg;
	bool keep;			/* leave the parts when it fails */
	/* Only where there is none, if the store looks at that then (Ceph does
	 * not): look before.  ERR_EXISTS: there are other bytes; the same ones
	 * are done. */
	bool once;
	/* the answer */
	char etag[S3_ETAG + 1], sum[HASH_HEX + 1];
	char version[S3_VERSION + 1];	/* "": the bucket keeps none */
	int parts, kept;		/* of them, there already */
	bool unsaid;			/* ours: whether it encrypts */
	bool moved;			/* ours: a part is other than listed */
};
int	s3_upload(struct s3 *, struct s3_upload *, struct err *);

/* One that is not there is aborted, too. */
int	s3_upload_abort(struct s3 *, const char *key, const char *id,
	    struct err *);

/* Uploads that are not completed, of keys that begin with prefix.  MinIO lists
 * those of one key only: the prefix has to be that key. */
int	s3_uploads(struct s3 *, const char *prefix, s3_found *fn, void *arg,
	    struct err *);

#endif
