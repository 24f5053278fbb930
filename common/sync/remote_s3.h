/*
 * A remote in a bucket, for the files remote_s3*.c alone.
 */
#ifndef SYNC_REMOTE_S3_H
#define SYNC_REMOTE_S3_H

#include "sync/remote_kind.h"

struct remote_s3 {
	struct s3 *s3;				/* own */
	struct remote_s3_work *all;		/* own */
	struct remote_op *large, **last;	/* puts in parts that wait */
};

/* An operation at work. */
struct remote_s3_work {
	union {
		struct s3_put put;
		struct s3_get get;
		struct s3_head head;
		struct s3_list list;
		struct s3_delete delete;
		struct s3_delete_all delete_all;
	} u;
	struct s3_req *req;		/* of u; NULL: none was started */
	struct remote *remote;		/* borrowed */
	struct remote_op *op;		/* borrowed */
	struct remote_s3_work *prev, *next;	/* of all */
	struct s3_file file;		/* of a body */
	char *key, *after;		/* own; with the prefix */
	struct strv keys;		/* own; of a part of a delete */
	size_t at;			/* of a delete: keys that are done */
	char last[S3_KEY_MAX + 1];	/* of a list: the key before */
};

struct s3 *remote_s3_of(const struct remote *);
/* With the prefix; the caller's. */
char	*remote_s3_key(const struct remote *, const char *);
/* A request that is to be started, and who is told of its end. */
void	remote_s3_attach(struct remote_s3_work *, struct s3_req *,
	    void (*done)(struct s3_req *));
/* Its result is that of the operation. */
struct remote_s3_work *remote_s3_took(struct s3_req *);
void	remote_s3_end(struct remote_s3_work *);

void	remote_s3_put(struct remote *, struct remote_s3_work *);
/* Puts in parts: the first that waits, from its beginning to its end. */
void	remote_s3_large(struct remote *);
bool	remote_s3_is_large(const struct remote_op *);
int	remote_s3_sweep(struct remote *, const char *prefix, int64_t age_ms,
	    uint64_t *n, struct err *);

#endif
