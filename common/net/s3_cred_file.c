/*
 * Profiles in the files of the AWS tools.  It is not the syntax of git-config
 * (base/conf): nothing is quoted, '#' within a value belongs to it, and what
 * is indented is another table.
 */
#include "net/s3_cred.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static const char *
skip(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static const char *
trim(const char *p, const char *end)
{
	while (end > p && is_blank(end[-1]))
		end--;
	return end;
}

static bool
is(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) == n && memcmp(p, word, n) == 0;
}

/* "[NAME]" or "[profile NAME]": is it ours?  -1: it is not closed. */
static int
is_section(const char *p, const char *end, const char *profile)
{
	const char *close = memchr(p, ']', (size_t)(end - p));

	if (close == NULL)
		return -1;
	p = skip(p + 1, end);
	close = trim(p, close);
	if ((size_t)(close - p) > 8 && memcmp(p, "profile", 7) == 0 &&
	    is_blank(p[7]))
		p = skip(p + 8, close);
	return is(p, close, profile);
}

static void
set(char **to, const char *p, const char *end)
{
	if (*to == NULL && end > p)
		*to = xstrndup(p, (size_t)(end - p));
}

/* What to keep of "key = value"; false: there is no '='. */
static bool
add_value(struct s3_cred *c, const char *p, const char *end, char **command)
{
	const char *eq = memchr(p, '=', (size_t)(end - p)), *key_end, *v;

	if (eq == NULL)
		return false;
	key_end = trim(p, eq);
	v = skip(eq + 1, end);
	end = trim(v, end);
	if (is(p, key_end, "aws_access_key_id"))
		set(&c->key_id, v, end);
	else if (is(p, key_end, "aws_secret_access_key"))
		set(&c->secret, v, end);
	else if (is(p, key_end, "aws_session_token"))
		set(&c->token, v, end);
	else if (is(p, key_end, "region"))
		set(&c->region, v, end);
	else if (is(p, key_end, "credential_process"))
		set(command, v, end);
	return true;
}

static int
wrong(const char *name, size_t line, const char *why, struct err *e)
{
	/* not what stands there: it may be the secret */
	return err_set(e, ERR_INPUT, "'%s' line %zu: %s", name, line, why);
}

/* A key belongs to its secret and its token: none is taken from a file when
 * another file gave the rest. */
static void
merge(struct s3_cred *c, struct s3_cred *from)
{
	if (c->key_id == NULL && c->secret == NULL) {
		c->key_id = from->key_id;
		c->secret = from->secret;
		c->token = from->token;
		from->key_id = from->secret = from->token = NULL;
	}
	if (c->region == NULL) {
		c->region = from->region;
		from->region = NULL;
	}
	s3_cred_release(from);
}

int
s3_cred_profile(struct s3_cred *c, const char *text, size_t len,
    const char *name, const char *profile, char **command, struct err *e)
{
	const char *p = text, *end = text + len, *eol, *q;
	struct s3_cred got = { .key_id = NULL };
	size_t line = 0;
	int here = 0, found = 0, r = 0;

	if (memchr(text, '\0', len) != NULL)
		return err_set(e, ERR_INPUT, "'%s' has a NUL in it", name);
	for (; p < end && r == 0; p = eol + (eol < end)) {
		line++;
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		q = skip(p, eol);
		if (q == eol || *q == '#' || *q == ';' || q > p)
			continue;
		if (*q == '[') {
			here = is_section(q, eol, profile);
			found |= here == 1;
			if (here < 0)
				r = wrong(name, line, "']' is missing", e);
		} else if (here == 1 && !add_value(&got, q, trim(q, eol),
		    command)) {
			r = wrong(name, line, "'=' is missing", e);
		}
	}
	if (r < 0)
		s3_cred_release(&got);
	else
		merge(c, &got);
	return r < 0 ? -1 : found;
}
