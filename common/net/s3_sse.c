/*
 * Encryption by the store ("Protecting data with server-side encryption",
 * S3 User Guide).  A gateway that does not know these headers answers 200 and
 * stores in the clear; so what counts is what the answer says.
 */
#include "net/s3_client.h"

#include "base/str.h"

#include <string.h>

#define SSE "x-amz-server-side-encryption"
#define SSE_KEY SSE "-aws-kms-key-id"

void
s3_sse_ask(const struct s3 *s, struct s3_req *q)
{
	if (s->sse == S3_SSE_NONE)
		return;
	s3_req_header(q, SSE, s->sse == S3_SSE_KMS ? "aws:kms" : "AES256");
	if (s->sse == S3_SSE_KMS && s->kms_key != NULL)
		s3_req_header(q, SSE_KEY, s->kms_key);
}

void
s3_sse_head(const char *name, const char *value, char sse[32], char key[256])
{
	if (str_same(name, SSE))
		s3_copy(sse, 32, value);
	else if (str_same(name, SSE_KEY))
		s3_copy(key, 256, value);
}

/* The store names a key by its ARN, which ends in what we call it. */
static bool
same_key(const char *ours, const char *said)
{
	return str_ends(said, ours) || str_ends(ours, said);
}

bool
s3_sse_done(const struct s3 *s, const char *sse, const char *key)
{
	switch (s->sse) {
	case S3_SSE_NONE:
		return true;
	case S3_SSE_S3:		/* a bucket may ask for more than we do */
		return str_eq(sse, "AES256") || str_starts(sse, "aws:kms");
	case S3_SSE_KMS:
		break;
	}
	return str_starts(sse, "aws:kms") && (s->kms_key == NULL ||
	    (key[0] != '\0' && same_key(s->kms_key, key)));
}

int
s3_sse_refuse(const struct s3 *s, const char *said, struct err *e)
{
	return err_set(e, ERR_DENIED, "'%s' was asked to encrypt %sand says "
	    "%s%s; nothing is kept there", s->host, s->sse == S3_SSE_KMS ?
	    "with a key of its KMS " : "", said[0] != '\0' ? "that it did " :
	    "nothing of it", said);
}
