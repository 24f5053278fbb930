#include "net/s3_conf.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "net/s3_key.h"
#include "store/name.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 16
#define AT_ONCE_MAX 64
#define SHARE 32768		/* bytes a second of a limit, for each */
#define DAY_S 86400

/* Where a setting is looked for. */
struct section {
	const struct conf *conf;
	const char *name;		/* "remote.NAME" */
};

/* One setting; NULL: it is not set. */
static const char *
get(const struct section *s, const char *what)
{
	struct buf key = BUF_INIT;
	const char *value;

	buf_addf(&key, "%s.%s", s->name, what);
	value = conf_get(s->conf, key.p, NULL);
	buf_release(&key);
	return value;
}

static int
get_number(const struct section *s, const char *what, int64_t least,
    int64_t most, int64_t *out, struct err *e)
{
	struct buf key = BUF_INIT;
	int r;

	buf_addf(&key, "%s.%s", s->name, what);
	r = conf_get_int(s->conf, key.p, least, most, out, e);
	buf_release(&key);
	return r;
}

static int
get_bool(const struct section *s, const char *what, bool *out, struct err *e)
{
	struct buf key = BUF_INIT;
	int r;

	buf_addf(&key, "%s.%s", s->name, what);
	r = conf_get_bool(s->conf, key.p, out, e);
	buf_release(&key);
	return r;
}

/* A file, which is the same one wherever the tool is run from. */
static int
get_path(const struct section *s, const char *what, const char **out,
    struct err *e)
{
	*out = get(s, what);
	if (*out == NULL || **out == '/')
		return 0;
	return err_set(e, ERR_USAGE, "%s.%s should begin with '/', not "
	    "'%.100s'", s->name, what, *out);
}

/* --- where ------------------------------------------------------------- */

/* "s3://BUCKET/PREFIX" */
static int
read_place(struct s3_conf *c, const char *at, struct err *e)
{
	size_t n = strcspn(at, "/");
	const char *prefix = at + n, *why;
	struct buf b = BUF_INIT;

	c->bucket = xstrndup(at, n);
	prefix += *prefix == '/';
	if ((why = s3_bucket_wrong(c->bucket)) != NULL)
		return err_set(e, ERR_USAGE, "'%s' is no bucket: %s",
		    c->bucket, why);
	if ((why = s3_prefix_wrong(prefix, strlen(prefix))) != NULL)
		return err_set(e, ERR_USAGE, "'%.200s' is no prefix: %s",
		    prefix, why);
	buf_adds(&b, prefix);
	if (b.len > 0 && b.p[b.len - 1] != '/')
		buf_addc(&b, '/');
	c->prefix = buf_steal(&b);
	c->how.bucket = c->bucket;
	return 0;
}

/* --- how --------------------------------------------------------------- */

static int
read_style(struct s3_conf *c, const struct section *s, struct err *e)
{
	const char *v = get(s, "style");

	if (v == NULL)
		return 0;
	if (str_eq(v, "path"))
		c->how.style = S3_STYLE_PATH;
	else if (str_eq(v, "host"))
		c->how.style = S3_STYLE_HOST;
	else
		return err_set(e, ERR_USAGE, "%s.style is path or host, "
		    "not '%.60s'", s->name, v);
	return 0;
}

static int
read_encrypt(struct s3_conf *c, const struct section *s, struct err *e)
{
	const char *v = get(s, "encrypt");

	c->how.kms_key = get(s, "kmsKey");
	if (v == NULL || str_eq(v, "none"))
		c->how.sse = S3_SSE_NONE;
	else if (str_eq(v, "s3"))
		c->how.sse = S3_SSE_S3;
	else if (str_eq(v, "kms"))
		c->how.sse = S3_SSE_KMS;
	else
		return err_set(e, ERR_USAGE, "%s.encrypt is none, s3 or "
		    "kms, not '%.60s'", s->name, v);
	if (c->how.kms_key != NULL && c->how.sse != S3_SSE_KMS)
		return err_set(e, ERR_USAGE, "%s.kmsKey needs "
		    "%s.encrypt = kms", s->name, s->name);
	return 0;
}

static int
read_numbers(struct s3_conf *c, const struct section *s, struct err *e)
{
	int64_t at_once = AT_ONCE, timeout = 0, stall = 0;

	if (get_number(s, "limit", HTTP_LIMIT, INT64_MAX / 1000,
	    &c->limit, e) < 0 ||
	    get_number(s, "atOnce", 1, AT_ONCE_MAX, &at_once, e) < 0 ||
	    get_number(s, "timeout", 1, DAY_S, &timeout, e) < 0 ||
	    get_number(s, "stall", 1, DAY_S, &stall, e) < 0)
		return -1;
	/* at a limit a large object may take its time, and those that share
	 * it must not look idle to a server */
	if (timeout == 0 && c->limit > 0)
		timeout = DAY_S;
	if (c->limit > 0 && at_once > c->limit / SHARE + 1)
		at_once = c->limit / SHARE + 1;
	c->how.at_once = (int)at_once;
	c->how.wait_ms = (int)timeout * 1000;
	c->how.http.stall_ms = (int)stall * 1000;
	c->how.http.limit = c->limit;
	return 0;
}

static void
read_regions(struct s3_conf *c, const struct section *s)
{
	struct buf key = BUF_INIT;

	buf_addf(&key, "%s.regions", s->name);
	conf_get_all(s->conf, key.p, &c->regions);
	buf_release(&key);
	c->how.regions = &c->regions;
}

/* A bucket, or a folder, for each tenant. */
static char *
with_tenant(const char *url, const char *tenant)
{
	static const char place[] = "{tenant}";
	struct buf b = BUF_INIT;
	const char *at;

	while (tenant != NULL && (at = strstr(url, place)) != NULL) {
		buf_add(&b, url, (size_t)(at - url));
		name_encode(&b, tenant);
		url = at + sizeof place - 1;
	}
	buf_adds(&b, url);
	return buf_steal(&b);
}

int
s3_conf_read(struct s3_conf *c, const struct conf *conf, const char *section,
    const char *tenant, struct err *e)
{
	const struct section at = { conf, section }, *s = &at;
	struct s3_how *how = &c->how;

	if (get(s, "url") != NULL)
		c->url = with_tenant(get(s, "url"), tenant);
	if (c->url != NULL && str_starts(c->url, "s3://") &&
	    read_place(c, c->url + 5, e) < 0)
		return -1;
	how->preset = get(s, "preset");
	how->endpoint = get(s, "endpoint");
	how->region = get(s, "region");
	how->cred.command = get(s, "credentialCommand");
	how->cred.profile = get(s, "profile");
	how->http.proxy = get(s, "proxy");
	c->class = get(s, "class");
	read_regions(c, s);
	if (get_path(s, "credentialFile", &how->cred.file, e) < 0 ||
	    get_path(s, "caFile", &how->http.ca_file, e) < 0 ||
	    get_path(s, "certFile", &how->http.cert_file, e) < 0 ||
	    get_path(s, "keyFile", &how->http.key_file, e) < 0 ||
	    get_bool(s, "insecure", &how->insecure, e) < 0 ||
	    read_style(c, s, e) < 0 || read_encrypt(c, s, e) < 0)
		return -1;
	return read_numbers(c, s, e);
}

void
s3_conf_release(struct s3_conf *c)
{
	free(c->url);
	free(c->bucket);
	free(c->prefix);
	strv_release(&c->regions);
}
