/*
 * HTTP: JSON is sent, an answer comes back, and nothing else.
 *
 * Certificates are verified.  No redirect is followed, so that what is sent
 * goes where it was to go.  A key is sent over https only, or to this
 * machine; it is in no message.  Proxies are those of the environment
 * (curl's: https_proxy, http_proxy, no_proxy, ALL_PROXY).
 *
 * What may be better the next time (no connection, 429, 500, 502, 503, 504,
 * 529) is tried again: later and later, or when the answer says (Retry-After),
 * as long as the time that was given lasts.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct http;

struct http_how {
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
int	http_open(struct http **, const struct http_how *, struct err *);
void	http_free(struct http *);		/* takes NULL; wipes the key */

/*
 * POST this JSON and read the answer (any; it replaces body) within wait_ms,
 * all tries together, at most so many of them (0: as many as the time
 * allows).  The connection is kept for the next one.  Returns its
 * status; -1: ERR_NET no answer in time, or the last one was one of those
 * above; ERR_INPUT the answer is too long.
 */
int	http_post(struct http *, const char *json, size_t len, int wait_ms,
	    int tries, struct buf *body, struct err *);

#endif
