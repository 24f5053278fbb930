/*
 * What a kind of remote has to do, for the files remote*.c alone.
 */
#ifndef SYNC_REMOTE_KIND_H
#define SYNC_REMOTE_KIND_H

#include "base/conf.h"
#include "net/s3_conf.h"
#include "net/s3_key.h"
#include "sync/remote.h"
#include "sync/remote_key.h"

/* The settings of a remote; strings are those of the configuration. */
struct remote_conf {
	const char *name;	/* borrowed */
	char *path;		/* own; of a folder; NULL: it is S3 */
	struct s3_conf s3;	/* own; its limit and at_once are a folder's,
				   too */
};

int	remote_conf_read(struct remote_conf *, const struct conf *,
	    const char *name, const char *tenant, struct err *);
void	remote_conf_release(struct remote_conf *);

struct remote_kind {
	struct remote_can can;		/* at_once is that of the settings */
	int (*open)(struct remote *, struct err *);
	/* of what open began, whether or not it came to its end */
	void (*close)(struct remote *);
	/* Its keys are right.  It ends in step, by remote_done, never here. */
	void (*start)(struct remote *, struct remote_op *);
	int (*step)(struct remote *, int wait_ms, struct err *);
	/* It is not wanted any more. */
	void (*drop)(struct remote *, struct remote_op *);
	int (*sweep)(struct remote *, const char *prefix, int64_t age_ms,
	    uint64_t *n, struct err *);
};
extern const struct remote_kind remote_dir, remote_s3;

struct remote {
	const struct remote_kind *kind;
	struct remote_can can;
	struct remote_conf conf;	/* own */
	const struct store *st;		/* borrowed; whose audit log tells of
					   what moves */
	struct buf only;		/* what all keys begin with */
	const volatile sig_atomic_t *stop;
	void *own;			/* of the kind */
	struct remote_op *ended;	/* before they began */
	int n;				/* operations that are not done */
	bool inside;			/* in remote_step */
};

/* It ended: r and err are set. */
void	remote_done(struct remote_op *);

#endif
