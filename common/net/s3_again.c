/*
 * After a try: whether to ask again, and what to do otherwise then.
 */
#include "net/s3_client.h"

#include "base/alloc.h"
#include "base/date.h"

#include <stdlib.h>

#define FIRST_MS 100		/* before the second try */
#define SKEW_MS 840000		/* less than a store permits: 15 minutes */

bool
s3_req_says(const struct s3_req *q, const char *const *codes)
{
	for (; *codes != NULL; codes++)
		if (str_eq(q->error.code, *codes))
			return true;
	return false;
}

/* An error of the moment ("Error responses", Amazon S3 API Reference); the
 * digests: what arrived is not what we sent. */
bool
s3_req_passes(const struct s3_req *q)
{
	static const char *const codes[] = { "RequestTimeout", "SlowDown",
	    "InternalError", "ServiceUnavailable", "OperationAborted",
	    "ConditionalRequestConflict", "BadDigest", "InvalidDigest",
	    "XAmzContentSHA256Mismatch", "IncompleteBody", NULL };

	return retry_status(q->status) || s3_req_says(q, codes);
}

bool
s3_req_later(struct s3_req *q, bool late)
{
	struct s3 *s = q->s3;
	int64_t after = q->call.after_s, now = date_monotonic(), ms;

	if (after > S3_AFTER_S)
		after = S3_AFTER_S;
	ms = retry_ms(q->tries, FIRST_MS, after);
	if (q->tries >= s->tries || now + ms >= q->until)
		return false;
	if (!retry_spend(&s->budget, late)) {
		err_add(&q->err, "the store fails too often");
		return false;
	}
	if (s->again != NULL)
		s->again(s->arg, q->err.msg, (int)ms);
	s3_req_wait(q, now + ms);
	return true;
}

bool
s3_req_right(struct s3_req *q)
{
	static const char *const expired[] = { "ExpiredToken",
	    "TokenRefreshRequired", "RequestExpired", NULL };
	static const char *const skewed[] = { "RequestTimeTooSkewed", NULL };
	struct s3 *s = q->s3;
	int64_t skew = q->server_ms - date_real();
	/* the answer to a HEAD has no code */
	bool silent = q->status == 403 && q->error.code[0] == '\0' &&
	    q->server_ms > 0 && (skew - s->skew_ms > SKEW_MS ||
	    s->skew_ms - skew > SKEW_MS);

	if (!q->clocked && q->server_ms > 0 &&
	    (silent || s3_req_says(q, skewed))) {
		q->clocked = true;
		s->skew_ms = skew;
		return true;
	}
	if (!q->renewed && s3_req_says(q, expired)) {
		q->renewed = true;
		/* unless that was done since it was signed */
		return q->signed_by != s->renewals ||
		    s3_renew(s, true, &q->err) == 0;
	}
	return false;
}

int
s3_req_move(struct s3_req *q)
{
	static const char *const codes[] = { "PermanentRedirect",
	    "TemporaryRedirect", "AuthorizationHeaderMalformed",
	    "IllegalLocationConstraintException", NULL };
	struct s3 *s = q->s3;
	const char *to = q->region[0] != '\0' ? q->region : q->error.region;
	bool away = q->status == 301 || q->status == 307 ||
	    s3_req_says(q, codes) || (q->status == 400 && q->region[0] != '\0');

	if (!away || q->moved || to[0] == '\0')
		return 0;
	q->moved = true;
	if (str_eq(to, s->region))	/* another one was told before us */
		return 1;
	if (!s3_may_go(s, to))
		return err_set(&q->err, ERR_DENIED, "the bucket is in the "
		    "region '%.64s', and data may not go there", to);
	free(s->region);
	s->region = xstrdup(to);
	s->sign.region = s->region;
	sigv4_release(&s->sign);
	return s3_place(s, &q->err) < 0 ? -1 : 1;
}
