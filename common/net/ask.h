/*
 * A server that is asked by short requests, one at a time: what is below one
 * URL, the answer in memory or handed on, and tried again where that may help
 * (retry.h).  How else HTTP is spoken: http.h.
 *
 * http:// is for this machine alone unless it was said that it need not be; a
 * token goes by https, or to this machine, always.  It is in no message.
 */
#ifndef NET_ASK_H
#define NET_ASK_H

#include <signal.h>

#include "base/buf.h"
#include "net/http.h"

struct ask;

struct ask_how {
	const char *url;	/* a '/' at its end does not count */
	const char *setting;	/* that names it, for messages */
	const char *token;	/* a secret; NULL: none */
	const char *scheme;	/* that it is sent as; NULL: "Bearer" */
	const char *user;	/* "Basic": whose password the token is; no ':'
				   in it.  NULL: it is none */
	const char *ca_file;	/* NULL: the system's certificates */
	bool insecure;		/* http:// to others, too */
	/* told before each new try; NULL: nobody */
	void (*again)(void *, const char *why, int wait_ms);
	void *arg;
	const volatile sig_atomic_t *stop;	/* nonzero: leave off; NULL */
};

/* The strings of how are copied.  ERR_USAGE: the URL is none; ERR_DENIED: it
 * is not safe to ask it. */
int	ask_open(struct ask **, const struct ask_how *, struct err *);
void	ask_free(struct ask *);		/* takes NULL; wipes the token */

struct ask_req {
	const char *method;
	const char *path;	/* "/pins?limit=1": is added to the URL */
	const char *type;	/* of the body; NULL: there is none */
	struct http_body body;
	int wait_ms;		/* for a try; 0: as long as it moves */
	int tries;		/* 0: 3 */
	size_t most;		/* bytes of an answer */
	bool any;		/* 429 and 5xx are an answer, too, after the
				   last try */
	bool command;		/* its 500 is an answer: so Kubo says that a
				   command failed */
	/* A piece of an answer of status 2xx, in place of keeping it; starts
	 * anew with each try (begin). */
	int (*take)(void *, const void *, size_t, struct err *);
	void (*begin)(void *);
	void *arg;
};

/*
 * The status of the answer, which replaces what is in body.  -1: ERR_NET, it
 * cannot be asked, or it has no time (429, 5xx); ERR_INPUT: the answer is too
 * long, or breaks off; what the functions of the request returned; ERR_BUSY:
 * to be left off.
 */
int	ask(struct ask *, const struct ask_req *, struct buf *body,
	    struct err *);

/* What Retry-After of the last answer said, milliseconds; 0: nothing. */
int64_t	ask_after_ms(const struct ask *);

/*
 * An answer that is none of those hoped for.  ERR_DENIED: 401, 403; ERR_ABSENT:
 * 404; ERR_NET: 429 and 5xx; else ERR_INPUT.  What the server says of it is in
 * the message, short, and without the token.  -1.
 */
int	ask_refused(struct ask *, int status, const struct buf *body,
	    const char *what, struct err *);
/* The same, of an answer that cannot be: ERR_INPUT. */
int	ask_wrong(struct ask *, const char *what, struct err *);
/* Stars where a text has the token. */
void	ask_hide(const struct ask *, char *text);

/* A body of what is in a buffer, which stays as it is. */
struct http_body ask_body(struct buf *);
/* "name=value" with its '?' or '&' before it, escaped. */
void	ask_add(struct buf *path, const char *name, const char *value);

#endif
