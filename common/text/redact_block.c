/*
 * Blocks of private keys (PEM, RFC 7468; OpenPGP armour), as they are or
 * written into source, JSON, mail, URLs, or shown with line numbers.
 */
#include "text/redact_rule.h"

#include <string.h>

static bool
is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

static bool
begins(const char *p, const char *end, const char *s)
{
	size_t n = strlen(s);

	return (size_t)(end - p) >= n && memcmp(p, s, n) == 0;
}

/* The number of a line, or the sign of a diff, or how a markup ends a
 * line; NULL: none of these.  No line of base64 begins so. */
static const char *
skip_gutter(const char *p, const char *end)
{
	static const char *const signs[] = { "// ", "%0A", "%0a", "%0D",
	    "%0d", "<br>", "<br/>", "<br />", "&#10;", "&#xA;", NULL };
	const char *q = p;
	int i;

	while (q < end && q - p < 7 && *q >= '0' && *q <= '9')
		q++;
	if (q > p && q < end && q - p < 7 && (memchr("\t :|-.)", *q, 7) ||
	    (unsigned char)*q >= 0x80))
		return q + 1;
	if (p < end && (unsigned char)*p >= 0x80)
		return p + 1;
	if (*p == '-' && end - p >= 2 && (is_base64(p[1]) || p[1] == ' ' ||
	    begins(p + 1, end, "-----E")))
		return p + 1;
	for (i = 0; signs[i] != NULL; i++)
		if (begins(p, end, signs[i]))
			return p + strlen(signs[i]);
	return NULL;
}

/* What may stand between the lines of a block: ends of lines, also written
 * as \n, in quotes, quoted with > or |, in comments. */
static const char *
skip_between(const char *p, const char *end)
{
	const char *limit = end - p > 80 ? p + 80 : end, *q;

	while (p < limit) {
		if (memchr(" \t\r\n\"',>|#*;", *p, 12) != NULL)
			p++;
		else if (*p == '\\') {
			for (q = p; q < end && *q == '\\'; q++)
				;
			if (q < end && (*q == 'n' || *q == 'r' || *q == 't'))
				q++;
			else if (begins(q, end, "u000a") ||
			    begins(q, end, "u000A"))
				q += 5;
			p = q;
		} else if (*p == '+' && p + 1 < end &&
		    (p[1] == ' ' || p[1] == '\n'))
			p++;
		else if ((q = skip_gutter(p, end)) != NULL)
			p = q;
		else
			break;
	}
	return p;
}

/* A line such as "Proc-Type: 4,ENCRYPTED" in a head; its end or NULL. */
static const char *
skip_header(const char *p, const char *end)
{
	const char *limit = end - p > 200 ? p + 200 : end, *q = p;

	while (q < limit && q - p < 24 && (is_base64(*q) || *q == '-'))
		q++;
	if (q == p || end - q < 2 || *q != ':' || q[1] != ' ')
		return NULL;
	while (q < limit && *q != '\n' && *q != '\\')
		q++;
	return q;
}

/* Past a run of base64; JSON may write / as \/. */
static const char *
skip_run(const char *p, const char *end)
{
	while (p < end && (is_base64(*p) || begins(p, end, "\\/")))
		p += *p == '\\' ? 2 : 1;
	return p;
}

/* "-----END ...-----": its end or NULL. */
static const char *
skip_end(const char *p, const char *end)
{
	const char *limit = end - p > 80 ? p + 80 : end;

	if (limit - p < 14 || memcmp(p, "-----END ", 9) != 0)
		return NULL;
	for (p += 9; limit - p >= 5; p++)
		if (memcmp(p, "-----", 5) == 0)
			return p + 5;
	return NULL;
}

const char *
block_end(const char *p, const char *end)
{
	const char *q, *was, *last = NULL;
	bool own_line;
	int headers = 0;

	for (;;) {
		was = p;
		p = skip_between(p, end);
		own_line = memchr(was, '\n', (size_t)(p - was)) != NULL ||
		    memchr(was, '\\', (size_t)(p - was)) != NULL ||
		    memchr(was, '%', (size_t)(p - was)) != NULL;
		if ((q = skip_end(p, end)) != NULL)
			return last != NULL ? q : NULL;
		if (last == NULL && headers++ < 8 &&
		    (q = skip_header(p, end)) != NULL) {
			p = q;
			continue;
		}
		q = skip_run(p, end);
		if (q - p < 16 && (q == p || (last == NULL && !own_line) ||
		    skip_end(skip_between(q, end), end) == NULL))
			return last;
		p = last = q;
	}
}
