/* What no message of a provider's program may have. */
#include "tap.h"

#include "blob/blob_redact.h"

static const char *
redact(const char *text)
{
	static char b[600];

	snprintf(b, sizeof b, "%s", text);
	blob_redact(b);
	return b;
}

int
main(void)
{
	static const char *const plain[] = {
		"",
		"'s3.example.org' answered with status 403 AccessDenied: no",
		"cannot get 'a/s/0123456789abcdef0123456789abcdef/01.bin'",
		"the token expired; give credentials that are valid",
		"cannot read '/home/ann/secrets/token'",
		"https://pin.example.org/v1/pins: it refuses the token",
		"https://host:8080/a/b", "https://", "://", "a?b=c",
		"its signature does not match", NULL
	};
	static const char *const hidden[][2] = {
		{ "https://ann:pw@host/p", "https://******@host/p" },
		{ "https://u:a@b@host", "https://*****@host" },
		{ "'https://h/k?X-Amz-Signature=ab&x=1'",
		    "'https://h/k?**********************'" },
		{ "Authorization: Bearer abc.def x",
		    "Authorization: Bearer ******* x" },
		{ "authorization=Basic QQ==", "authorization=Basic ****" },
		{ "bearer abcdefghijklmnop!", "bearer *****************" },
		{ "{\"token\": \"tiny\"}", "{\"token\": \"****\"}" },
		{ "<SecretKey>x</SecretKey><Secret>y</Secret>",
		    "<SecretKey>x</SecretKey><Secret>*</Secret>" },
		{ "x-amz-security-token:Qx;y", "x-amz-security-token:**;y" },
		{ "a=1&Signature=Zm9v%2F&b=2", "a=1&Signature=*******&b=2" },
		{ "got AWS4-HMAC-SHA256 Credential=AK/1, x",
		    "got ***********************************" },
		{ "token=", "token=" }, { NULL, NULL }
	};
	size_t i;

	for (i = 0; plain[i] != NULL; i++)
		is_str(redact(plain[i]), plain[i], "left: %s", plain[i]);
	for (i = 0; hidden[i][0] != NULL; i++)
		is_str(redact(hidden[i][0]), hidden[i][1], "hidden: %s",
		    hidden[i][0]);
	return done();
}
