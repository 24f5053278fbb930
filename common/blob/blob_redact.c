#include "blob/blob_redact.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANK " \t\r\n"

/* What is said behind these is nobody else's; as they stand in headers, in
 * queries and in JSON. */
static const char *const words[] = { "authorization", "bearer", "basic",
    "signature", "credential", "secret", "password", "token", "apikey",
    "api-key", "api_key", "accesskeyid" };

static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* The one that ends a name here ("x-amz-security-token"); its length. */
static size_t
word_at(const char *p)
{
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i]);
		if (strncasecmp(p, words[i], n) == 0 && !in_word(p[n]))
			return n;
	}
	return 0;
}

/*
 * The value behind a name: "Authorization: Bearer x", "token=x", "\"token\":
 * \"x\"", "Bearer x".  A word that only tells ("the token expired") has none:
 * what has neither a sign between nor looks like one is left.
 */
static char *
star_value(char *p)
{
	bool sign = false;
	size_t n, w;

	while (*p != '\0' && strchr("\"'>:= \t", *p) != NULL) {
		sign = sign || *p == ':' || *p == '=' || *p == '>';
		p++;
	}
	while ((w = word_at(p)) > 0) {		/* "Authorization: Bearer" */
		p += w;
		while (*p == ' ' || *p == ':' || *p == '=')
			p++;
		sign = true;
	}
	n = strcspn(p, BLANK "\"'<>,;&)");
	if (sign || n >= 16)
		memset(p, '*', n);
	return p + n;
}

/* Of a URL with user name, password and query scheme, host and path stay. */
static char *
star_url(char *p)
{
	size_t n = strcspn(p, BLANK "\"'<>)"), host = strcspn(p, "/?#" BLANK
	    "\"'<>)"), i;
	char *query = memchr(p, '?', n);

	for (i = host; i > 0; i--)
		if (p[i - 1] == '@') {
			memset(p, '*', i - 1);
			break;
		}
	if (query != NULL)
		memset(query + 1, '*', n - (size_t)(query + 1 - p));
	return p + n;
}

void
blob_redact(char *text)
{
	char *p = text;
	size_t n;

	while (*p != '\0') {
		if (strncmp(p, "://", 3) == 0)
			p = star_url(p + 3);
		else if (strncmp(p, "AWS4-HMAC", 9) == 0) {
			/* its fields are behind it */
			memset(p, '*', strlen(p));
			p += strlen(p);
		} else if ((n = word_at(p)) > 0)
			p = star_value(p + n);
		else
			p++;
	}
}
