/*
 * Where pointers may lead.  By itself, as who takes them in has nothing to do
 * with keys.
 */
#include "artifact/artifact_conf.h"

#include "artifact/artifact_conf_own.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/utf8.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static const char *const known_schemes[] = { "https", "s3", "gs", "ipfs",
    "http", "local-fs", "file", NULL };
#define DEFAULT_SCHEMES "https,s3,gs,ipfs"

struct setting
artifact_set(const struct store *st, const char *variable, const char *key)
{
	const char *v = variable != NULL ? getenv(variable) : NULL;

	if (v != NULL && *v != '\0')
		return (struct setting){ variable, v };
	return (struct setting){ key, conf_get(st->conf, key, NULL) };
}

int
artifact_wrong(struct err *e, const struct setting *s, const char *may)
{
	return err_set(e, ERR_INPUT, "%s is %s, not '%.60s'", s->name, may,
	    s->value);
}

void
artifact_words(const char *list, struct strv *out)
{
	size_t n;

	for (;; list += n) {
		list += strspn(list, ", \t");
		if (*list == '\0')
			return;
		n = strcspn(list, ", \t");
		strv_add_n(out, list, n);
	}
}

int
artifact_schemes_set(struct artifact_conf *c, const struct setting *s,
    struct err *e)
{
	struct setting one = { s->name, NULL };
	struct strv words = STRV_INIT;
	size_t i, k;
	int r = 0;

	artifact_words(s->value != NULL ? s->value : DEFAULT_SCHEMES, &words);
	for (i = 0; r == 0 && i < words.n; i++) {
		str_lower(words.v[i]);
		one.value = words.v[i];
		for (k = 0; known_schemes[k] != NULL; k++)
			if (str_eq(known_schemes[k], words.v[i]))
				break;
		if (known_schemes[k] == NULL)
			r = artifact_wrong(e, &one, "a list of https, s3, gs, "
			    "ipfs, http, local-fs and file");
		else if (strv_has(&c->schemes, words.v[i]))
			r = err_set(e, ERR_INPUT, "%s: '%s' is there twice",
			    s->name, words.v[i]);
		else
			strv_add(&c->schemes, words.v[i]);
	}
	if (r == 0 && c->schemes.n == 0)
		r = err_set(e, ERR_INPUT, "%s allows no scheme", s->name);
	strv_release(&words);
	return r;
}

int
artifact_schemes_read(struct artifact_conf *c, const struct store *st,
    struct err *e)
{
	struct setting s = artifact_set(st, ARTIFACT_SCHEMES_VARIABLE,
	    "artifact.schemes");

	return artifact_schemes_set(c, &s, e);
}

static int
bad_uri(struct err *e, const char *why)
{
	return artifact_fail(e, ARTIFACT_METADATA, "the URI %s", why);
}

int
artifact_uri_check(const struct artifact_conf *c, const char *uri,
    struct err *e)
{
	struct buf allowed = BUF_INIT;
	char scheme[16] = "";
	const char *at, *p;
	size_t n = strcspn(uri, ":"), len = strlen(uri), i;

	if (len == 0 || len > ARTIFACT_URI_MAX)
		return bad_uri(e, "is empty, or longer than 8192 bytes");
	if (utf8_check(uri, len) < len)
		return bad_uri(e, "is not UTF-8");
	for (p = uri; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return bad_uri(e, "has a blank or a control character "
			    "in it: write it as %20 and so on");
	if (uri[n] == ':' && n < sizeof scheme)
		memcpy(scheme, uri, n);
	str_lower(scheme);
	if (*scheme == '\0' || !strv_has(&c->schemes, scheme)) {
		for (i = 0; i < c->schemes.n; i++)
			buf_addf(&allowed, "%s%s", i > 0 ? ", " : "",
			    c->schemes.v[i]);
		artifact_fail(e, ARTIFACT_SCHEME, "'%s' is not allowed; "
		    "allowed: %s (artifact.schemes)", *scheme != '\0' ?
		    scheme : "no scheme", allowed.p);
		buf_release(&allowed);
		return -1;
	}
	p = uri + n + 1;
	if (strncmp(p, "//", 2) != 0 || p[2] == '\0')
		return bad_uri(e, "should be SCHEME://...");
	n = strcspn(p + 2, "/?#");
	at = memchr(p + 2, '@', n);
	if (at != NULL && memchr(p + 2, ':', (size_t)(at - p - 2)) != NULL)
		return bad_uri(e, "has a password in it: leave it out");
	return 0;
}
