/*
 * JSON is sent, an answer comes back: what an endpoint is asked by.
 *
 * A key is sent over https only, or to this machine; it is in no message.
 * What may be better the next time (retry.h) is tried again as long as the
 * time that was given lasts.  How else HTTP is spoken: http.h.
 */
#ifndef NET_POST_H
#define NET_POST_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct post;

struct post_how {
	const char *url;	/* http:// or https://, without user or key */
	const char *key;	/* NULL: none; sent as "Bearer" */
	const char *ca_file;	/* NULL: the system's certificates */
	size_t most;		/* bytes of an answer */
	/* told before each new try; NULL: nobody.  The reason is borrowed */
	void (*again)(void *, const char *why, int wait_ms);
	void *arg;
};

/* The strings of how are copied.  ERR_USAGE: the URL is not one;
 * ERR_DENIED: the key would travel in the clear. */
int	post_open(struct post **, const struct post_how *, struct err *);
void	post_free(struct post *);		/* takes NULL; wipes the key */

/*
 * POST this JSON and read the answer (any; it replaces body) within wait_ms,
 * all tries together, at most so many of them (0: as many as the time
 * allows).  The connection is kept for the next one.  Returns its
 * status; -1: ERR_NET no answer in time, or the last one was one of those
 * that may be better; ERR_INPUT the answer is too long.
 */
int	post_json(struct post *, const char *json, size_t len, int wait_ms,
	    int tries, struct buf *body, struct err *);

#endif
