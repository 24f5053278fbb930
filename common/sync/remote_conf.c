/*
 * The settings of a remote: memkit.conf(5), remote.NAME.*
 */
#include "sync/remote_kind.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "net/s3_key.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 16
#define AT_ONCE_MAX 64
#define SHARE 32768		/* bytes a second of a limit, for each */
#define DAY_S 86400

/* One setting; NULL: it is not set. */
static const char *
get(const struct conf *conf, const char *name, const char *what)
{
	struct buf key = BUF_INIT;
	const char *value;

	buf_addf(&key, "remote.%s.%s", name, what);
	value = conf_get(conf, key.p, NULL);
	buf_release(&key);
	return value;
}

static int
get_number(const struct conf *conf, const char *name, const char *what,
    int64_t least, int64_t most, int64_t *out, struct err *e)
{
	struct buf key = BUF_INIT;
	int r;

	buf_addf(&key, "remote.%s.%s", name, what);
	r = conf_get_int(conf, key.p, least, most, out, e);
	buf_release(&key);
	return r;
}

static int
get_bool(const struct conf *conf, const char *name, const char *what,
    bool *out, struct err *e)
{
	struct buf key = BUF_INIT;
	int r;

	buf_addf(&key, "remote.%s.%s", name, what);
	r = conf_get_bool(conf, key.p, out, e);
	buf_release(&key);
	return r;
}

/* A file, which is the same one wherever the tool is run from. */
static int
get_path(const struct conf *conf, const char *name, const char *what,
    const char **out, struct err *e)
{
	*out = get(conf, name, what);
	if (*out == NULL || **out == '/')
		return 0;
	return err_set(e, ERR_USAGE, "remote.%s.%s should begin with '/', not "
	    "'%.100s'", name, what, *out);
}

/* --- where ------------------------------------------------------------- */

/* "s3://BUCKET/PREFIX" */
static int
read_place(struct remote_conf *c, const char *at, bool whole, struct err *e)
{
	size_t n = strcspn(at, "/");
	const char *prefix = at + n, *why;
	struct buf b = BUF_INIT;

	c->bucket = xstrndup(at, n);
	prefix += *prefix == '/';
	if ((why = s3_bucket_wrong(c->bucket)) != NULL)
		return err_set(e, ERR_USAGE, "'%s' is no bucket: %s",
		    c->bucket, why);
	if (*prefix == '\0' && !whole)
		return err_set(e, ERR_USAGE, "its url names a whole bucket: "
		    "add a prefix (s3://%s/PREFIX), or set "
		    "remote.%s.wholeBucket = true if nothing else is in "
		    "there", c->bucket, c->name);
	if ((why = s3_prefix_wrong(prefix, strlen(prefix))) != NULL)
		return err_set(e, ERR_USAGE, "'%.200s' is no prefix: %s",
		    prefix, why);
	buf_adds(&b, prefix);
	if (b.len > 0 && b.p[b.len - 1] != '/')
		buf_addc(&b, '/');
	c->prefix = buf_steal(&b);
	return 0;
}

static int
read_url(struct remote_conf *c, const struct conf *conf, struct err *e)
{
	const char *url = get(conf, c->name, "url");
	bool whole = false;

	if (url == NULL)
		return err_set(e, ERR_ABSENT, "there is no such remote: "
		    "remote.%s.url is not set", c->name);
	if (str_starts(url, "s3://"))
		return get_bool(conf, c->name, "wholeBucket", &whole, e) < 0 ?
		    -1 : read_place(c, url + 5, whole, e);
	if (str_starts(url, "file://"))
		url += 7;
	if (*url != '/')
		return err_set(e, ERR_USAGE, "'%.200s' is none of "
		    "s3://BUCKET/PREFIX, file:///FOLDER and /FOLDER", url);
	c->path = xstrdup(url);
	return 0;
}

/* --- how --------------------------------------------------------------- */

static int
read_style(struct remote_conf *c, const struct conf *conf, struct err *e)
{
	const char *v = get(conf, c->name, "style");

	if (v == NULL)
		return 0;
	if (str_eq(v, "path"))
		c->how.style = S3_STYLE_PATH;
	else if (str_eq(v, "host"))
		c->how.style = S3_STYLE_HOST;
	else
		return err_set(e, ERR_USAGE, "remote.%s.style is path or "
		    "host, not '%.60s'", c->name, v);
	return 0;
}

static int
read_encrypt(struct remote_conf *c, const struct conf *conf, struct err *e)
{
	const char *v = get(conf, c->name, "encrypt");

	c->how.kms_key = get(conf, c->name, "kmsKey");
	if (v == NULL || str_eq(v, "none"))
		c->how.sse = S3_SSE_NONE;
	else if (str_eq(v, "s3"))
		c->how.sse = S3_SSE_S3;
	else if (str_eq(v, "kms"))
		c->how.sse = S3_SSE_KMS;
	else
		return err_set(e, ERR_USAGE, "remote.%s.encrypt is none, s3 "
		    "or kms, not '%.60s'", c->name, v);
	if (c->how.kms_key != NULL && c->how.sse != S3_SSE_KMS)
		return err_set(e, ERR_USAGE, "remote.%s.kmsKey needs "
		    "remote.%s.encrypt = kms", c->name, c->name);
	return 0;
}

static int
read_numbers(struct remote_conf *c, const struct conf *conf, struct err *e)
{
	int64_t at_once = AT_ONCE, timeout = 0, stall = 0;
	const char *n = c->name;

	if (get_number(conf, n, "limit", HTTP_LIMIT, INT64_MAX / 1000,
	    &c->limit, e) < 0 ||
	    get_number(conf, n, "atOnce", 1, AT_ONCE_MAX, &at_once, e) < 0 ||
	    get_number(conf, n, "timeout", 1, DAY_S, &timeout, e) < 0 ||
	    get_number(conf, n, "stall", 1, DAY_S, &stall, e) < 0)
		return -1;
	/* at a limit a large object may take its time, and those that share
	 * it must not look idle to a server */
	if (timeout == 0 && c->limit > 0)
		timeout = DAY_S;
	if (c->limit > 0 && at_once > c->limit / SHARE + 1)
		at_once = c->limit / SHARE + 1;
	c->how.at_once = c->path != NULL ? 1 : (int)at_once;
	c->how.wait_ms = (int)timeout * 1000;
	c->how.http.stall_ms = (int)stall * 1000;
	c->how.http.limit = c->limit;
	return 0;
}

static void
read_regions(struct remote_conf *c, const struct conf *conf)
{
	struct buf key = BUF_INIT;

	buf_addf(&key, "remote.%s.regions", c->name);
	conf_get_all(conf, key.p, &c->regions);
	buf_release(&key);
	c->how.regions = &c->regions;
}

int
remote_conf_read(struct remote_conf *c, const struct conf *conf,
    const char *name, struct err *e)
{
	struct s3_how *how = &c->how;

	c->name = name;
	if (read_url(c, conf, e) < 0)
		return -1;
	how->preset = get(conf, name, "preset");
	how->endpoint = get(conf, name, "endpoint");
	how->bucket = c->bucket;
	how->region = get(conf, name, "region");
	how->cred.command = get(conf, name, "credentialCommand");
	how->cred.profile = get(conf, name, "profile");
	how->http.proxy = get(conf, name, "proxy");
	c->class = get(conf, name, "class");
	read_regions(c, conf);
	if (get_path(conf, name, "credentialFile", &how->cred.file, e) < 0 ||
	    get_path(conf, name, "caFile", &how->http.ca_file, e) < 0 ||
	    get_path(conf, name, "certFile", &how->http.cert_file, e) < 0 ||
	    get_path(conf, name, "keyFile", &how->http.key_file, e) < 0 ||
	    get_bool(conf, name, "insecure", &how->insecure, e) < 0 ||
	    read_style(c, conf, e) < 0 || read_encrypt(c, conf, e) < 0)
		return -1;
	return read_numbers(c, conf, e);
}

void
remote_conf_release(struct remote_conf *c)
{
	free(c->path);
	free(c->bucket);
	free(c->prefix);
	strv_release(&c->regions);
}
