/*
 * HTTP: requests to servers, several at once, over connections that are kept.
 *
 * Certificates are verified.  No redirect is followed, so that what is sent
 * goes where it was to go.  A path is sent as it is written: dots in it stay.
 * Nothing is tried twice but what a kept connection lost before the server
 * had any of it; who tries again, and when, is retry.h's.
 *
 * What comes back is believed nothing: headers are bounded here, the body by
 * who takes it.  Nobody is waited for longer than the call says, and one that
 * sends or takes less than HTTP_SLOW bytes a second for stall_ms is given up.
 * With a limit all calls together send, and get, no more bytes of bodies than
 * that in a second; each has its turn.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

#define HTTP_SLOW 100			/* bytes a second */
#define HTTP_HEAD ((size_t)64 << 10)	/* bytes of an answer's headers */
#define HTTP_LIMIT 16384		/* least limit: HTTP_SLOW for 160 */

struct http;

struct http_how {
	const char *ca_file;	/* NULL: the system's certificates */
	const char *cert_file;	/* ours, for a server that asks; NULL: none */
	const char *key_file;	/* of cert_file; NULL: it is in there */
	const char *proxy;	/* NULL: the environment's (curl's: https_proxy,
				   http_proxy, no_proxy, ALL_PROXY), "": none */
	int connect_ms;		/* 0: 10 s */
	int stall_ms;		/* 0: 60 s; whole seconds count */
	int connections;	/* that are kept; 0: 32 */
	bool unpack;		/* ask for compressed answers, unpack them */
	int64_t limit;		/* bytes a second each way; 0: none, less
				   than HTTP_LIMIT: that */
};

/* Where a body comes from. */
struct http_body {
	/* up to n > 0 bytes from `at` on; 0: there are no more, -1: failed.
	 * A part may be asked for twice. */
	ssize_t (*read)(void *, void *p, size_t n, uint64_t at, struct err *);
	void *arg;
	uint64_t len;		/* of all */
};

enum http_end {
	HTTP_ANSWERED,		/* status says how */
	HTTP_AGAIN,		/* err; it may be better the next time */
	HTTP_LATE,		/* the same: it took too long */
	HTTP_FAILED		/* err; it will not be */
};

/* One request and its answer; the caller's. */
struct http_call {
	/* set before, and left alone until it is done; borrowed */
	const char *method, *url;
	const struct strv *headers;	/* "Name: value" each; "Name:" keeps
					   one of curl's out */
	struct http_body body;		/* read NULL: none is sent */
	int wait_ms;			/* for all of it; 0: while it moves */
	/* A header of the answer; its strings are borrowed.  -1 gives up. */
	int (*head)(struct http_call *, const char *name, const char *value,
	    struct err *);
	/* A piece of the answer's body, status is known.  -1 gives up. */
	int (*take)(struct http_call *, const void *, size_t, struct err *);
	/* It has ended; another may be started here, this one, too. */
	void (*done)(struct http_call *);
	void *arg;
	/* its answer */
	enum http_end end;
	int status;
	int64_t after_s;		/* Retry-After, seconds; 0: none */
	bool resent;			/* a kept connection was lost, and a
					   part of the body went twice */
	struct err err;
	struct http_way *way;		/* ours */
};

/* The strings of how are copied, or need live no longer. */
int	http_open(struct http **, const struct http_how *, struct err *);
/* Takes NULL.  What is on its way is dropped; done is not called. */
void	http_free(struct http *);

void	http_start(struct http *, struct http_call *);
/* It is not wanted any more; done is not called. */
void	http_stop(struct http_call *);
/* Go on: wait up to wait_ms for something to happen, hand out what came.
 * Returns how many are still on their way, or -1. */
int	http_step(struct http *, int wait_ms, struct err *);
/* Start one and wait for it (others go on); end and err say how it was. */
void	http_run(struct http *, struct http_call *);

/* What a URL names. */
struct http_url {
	char *host, *path;	/* own; host as it is written, in brackets;
				   path at least "/" */
	int port;		/* 0: the usual */
	bool tls;
	bool local;		/* nothing leaves this machine */
};

/* ERR_USAGE: it is none of http or https, or has a user or a query in it. */
int	http_url_parse(struct http_url *, const char *, struct err *);
void	http_url_release(struct http_url *);

/* The date of a header, milliseconds; 0: it is none. */
int64_t	http_date(const char *);

#endif
