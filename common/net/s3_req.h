/*
 * A request to a store: signed, sent, tried again, answered.  What each kind
 * of request adds is in the files beside; callers use s3.h.
 */
#ifndef NET_S3_REQ_H
#define NET_S3_REQ_H

#include <stdbool.h>

#include "net/http.h"
#include "net/s3_xml.h"
#include "net/sigv4.h"

struct s3;

struct s3_req {
	/* the caller's */
	void (*done)(struct s3_req *);	/* NULL: somebody waits */
	void *user;
	int wait_ms;			/* with all tries; 0: that of the s3 */
	/* how it ended */
	int r;				/* 0; -1: err */
	struct err err;
	int status;			/* of the last answer, 0: none */
	int tries;			/* that it took */
	struct s3_error error;		/* what the store said */
	/* the kind's */
	const char *what;		/* "put": for messages */
	const char *method, *key;	/* key NULL: the bucket */
	struct strv query, headers;	/* own; not escaped, small letters */
	struct http_body body;		/* read NULL: none */
	char payload[HASH_HEX + 1];	/* SHA-256 of body */
	/* A header, and a piece of the body, of a good answer. */
	int (*head)(struct s3_req *, const char *name, const char *value,
	    struct err *);
	int (*take)(struct s3_req *, const void *, size_t, struct err *);
	/* Before each try, NULL: nothing to do. */
	void (*begin)(struct s3_req *);
	/*
	 * It was answered, by whatever status that is not tried again, or it
	 * cannot be answered (r is -1).  Sets r and err; true: there is more
	 * to do, and was begun with s3_req_again.
	 */
	bool (*answer)(struct s3_req *);
	struct buf reply;		/* own; the body, where take is NULL or
					   the answer is none that is good */
	/* ours */
	struct s3 *s3;
	struct s3_req *next;
	enum { S3_IDLE, S3_WAITS, S3_ASKS } state;
	int64_t at, until;		/* date_monotonic: not before, after */
	struct http_call call;
	struct buf url;
	struct strv sent;		/* headers */
	char region[64];		/* of the bucket, says the answer */
	int64_t server_ms;		/* the answer's date; 0: none */
	bool clocked, moved, renewed;	/* put right once */
	int signed_by;			/* which credentials, counted */
};

/* Fill what is the kind's, then start.  prepare leaves what is the caller's. */
void	s3_req_prepare(struct s3 *, struct s3_req *, const char *what,
	    const char *method, const char *key);
void	s3_req_query(struct s3_req *, const char *name, const char *value);
void	s3_req_header(struct s3_req *, const char *name, const char *value);
void	s3_req_start(struct s3_req *);
/* Another one in its place, from answer(): after s3_req_prepare. */
void	s3_req_again(struct s3_req *);
/* It is not wanted any more; done is not called. */
void	s3_req_drop(struct s3_req *);
/* It ends at the next step with the error that is in it. */
void	s3_req_refuse(struct s3_req *);

/* SHA-256 of a body; payload of a request from it. */
int	s3_req_hash(const struct http_body *, uint8_t out[HASH_LEN],
	    struct err *);
void	s3_req_payload(struct s3_req *, const uint8_t sum[HASH_LEN]);

/* The error of an answer that is none of those hoped for. */
int	s3_req_fail(struct s3_req *);
bool	s3_req_good(const struct s3_req *);	/* a 2xx */
/* Refuse a key that is none: true, it was refused. */
bool	s3_req_bad_key(struct s3_req *, const char *key);

#endif
