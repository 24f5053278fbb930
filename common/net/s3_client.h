/*
 * A store and what is known of it, for the files s3*.c alone.
 */
#ifndef NET_S3_CLIENT_H
#define NET_S3_CLIENT_H

#include "net/retry.h"
#include "net/s3.h"

struct s3 {
	struct http *http;		/* own */
	const struct s3_preset *preset;
	struct s3_cred cred;
	struct sigv4 sign;		/* strings are cred's and ours */
	char *endpoint;			/* own; NULL: the preset's, of region */
	char *bucket, *region, *kms_key;	/* own */
	struct strv regions;		/* own */
	enum s3_style style;
	enum s3_sse sse;
	bool insecure;
	int wait_ms, tries, at_once;
	const volatile sig_atomic_t *stop;
	void (*again)(void *, const char *, int);
	void *arg;
	/* where it is: of endpoint, region, style and bucket */
	char *origin;			/* own; "https://HOST[:PORT]" */
	char *host;			/* own; as it is sent */
	char *path;			/* own; before a key, escaped, no '/' */
	/* what it told */
	int64_t skew_ms;		/* its clock less ours */
	int renewals;			/* of credentials */
	struct retry_budget budget;
	struct s3_req *first, **last;	/* all that are not done; its end */
	int asking;			/* of them, with the server */
	int n;				/* all of them */
	unsigned ended;			/* so many were done by now */
};

/* Where requests go, from what is known now.  ERR_DENIED as s3_open. */
int	s3_place(struct s3 *, struct err *);
/* May data go to this region? */
bool	s3_may_go(const struct s3 *, const char *region);
/* Credentials, if there are none or they are about to expire. */
int	s3_renew(struct s3 *, bool force, struct err *);
int64_t	s3_clock(const struct s3 *);	/* the store's, milliseconds */

/* URL and signed headers of a request, for one try. */
int	s3_sign(struct s3 *, struct s3_req *, struct err *);
/* They go, and the token that may be among them. */
void	s3_headers_wipe(struct strv *);

/* --- after a try ------------------------------------------------------- */

/* Is it an error of the moment? */
bool	s3_req_passes(const struct s3_req *);
/* Is the store's error one of these?  NULL ends them. */
bool	s3_req_says(const struct s3_req *, const char *const *codes);
/* It is tried again later; false: this was the last try. */
bool	s3_req_later(struct s3_req *, bool late);
/* What is wrong with this very request, and can be put right once, is. */
bool	s3_req_right(struct s3_req *);
/* 1 it goes elsewhere now, 0 it does not, -1 it may not. */
int	s3_req_move(struct s3_req *);
/* Not before then (date_monotonic). */
void	s3_req_wait(struct s3_req *, int64_t at);

/* --- encryption -------------------------------------------------------- */

/* Headers that ask for encryption, and what has to be answered. */
void	s3_sse_ask(const struct s3 *, struct s3_req *);
bool	s3_sse_done(const struct s3 *, const char *sse, const char *key);
int	s3_sse_refuse(const struct s3 *, const char *said, struct err *);
void	s3_sse_head(const char *name, const char *value, char sse[32],
	    char key[256]);

/* Of a header's value, without quotes: cut to size - 1. */
void	s3_copy(char *out, size_t size, const char *value);

#endif
