/*
 * AWS Signature Version 4, in its two forms: a header, or a part of the query
 * (a URL that anybody may use for a while).
 *
 * Source: "AWS Signature Version 4 for API requests" (IAM User Guide) and
 * "Authenticating Requests (AWS Signature Version 4)" (Amazon S3 API
 * Reference).  As S3 wants it: a path is escaped once, and never normalized.
 *
 * Traps: parameters and headers are sorted by their name alone, which is not
 * the order of the lines they stand in ('-' comes before '='); a parameter
 * without a value is signed with its '='; blanks within a header's value
 * count as one; the Host that is signed is the one that is sent, with its
 * port.  curl's own signer does none of these (7.88).
 */
#ifndef NET_SIGV4_H
#define NET_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
#define SIGV4_TIME 17			/* 20150830T123600Z and a NUL */

/* Who signs for what.  The strings are borrowed. */
struct sigv4 {
	const char *key_id, *secret;
	const char *token;		/* of a session; NULL: none */
	const char *region, *service;
	/* the key that follows from these on one day; ours, wiped by
	 * sigv4_release */
	char day[9];			/* "": none yet */
	uint8_t key[HASH_LEN];
};

void	sigv4_release(struct sigv4 *);	/* after a change of who signs, too */

/* What is signed. */
struct sigv4_request {
	const char *method;
	const char *path;		/* as it is sent, escaped */
	const char *query;		/* of sigv4_query; "": none */
	/* "name: value" each, names in small letters, "host" among them */
	const struct strv *headers;
	const char *payload;		/* SHA-256 of the body, in hexadecimal;
					   or SIGV4_UNSIGNED */
	int64_t time_ms;
};

/* Everything but letters, digits and -._~ as %XX; '/' stays if it may. */
void	sigv4_escape(struct buf *, const char *, size_t len, bool slash);

/* "name=value" or "name" each, not escaped: sorted, escaped and joined by
 * '&', as they are sent and signed. */
void	sigv4_query(struct buf *, const struct strv *);

void	sigv4_time(char out[SIGV4_TIME], int64_t ms);

/*
 * Appends the value of the header Authorization.  x-amz-date (sigv4_time) and
 * x-amz-security-token, if there is one, are among the headers.
 */
void	sigv4_header(struct sigv4 *, const struct sigv4_request *,
	    struct buf *);

/*
 * Appends the query of a URL that is good for so many seconds: that of the
 * request (its parameters in `query`, sorted) with the signature.  Only the
 * headers that are given have to come with it.
 */
void	sigv4_presign(struct sigv4 *, const struct sigv4_request *,
	    const struct strv *query, int expires_s, struct buf *);

/* The two texts that a signature is made from, for tests and for finding out
 * what a server disagrees about.  They hold the token. */
void	sigv4_canonical(const struct sigv4_request *, struct buf *);
void	sigv4_to_sign(const struct sigv4 *, const struct sigv4_request *,
	    const struct buf *canonical, struct buf *);

#endif
