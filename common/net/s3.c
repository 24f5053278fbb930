#include "net/s3_client.h"

#include "base/alloc.h"
#include "base/date.h"
#include "net/s3_key.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REGION "us-east-1"
#define WAIT_MS 3600000
#define TRIES 6
#define AT_ONCE 16
#define SOON_MS 60000		/* then credentials expire, and are got anew */

/* --- where it is ------------------------------------------------------- */

bool
s3_may_go(const struct s3 *s, const char *region)
{
	return s->regions.n == 0 || strv_has(&s->regions, region);
}

static bool
is_region(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < 64 && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "0123456789-") == n;
}

/* The preset's endpoint, of the region. */
static void
usual_endpoint(const struct s3 *s, struct buf *b)
{
	const char *at = strstr(s->preset->endpoint, "%s");

	buf_add(b, s->preset->endpoint, (size_t)(at - s->preset->endpoint));
	buf_adds(b, s->region);
	buf_adds(b, at + 2);
}

static bool
by_host(const struct s3 *s)
{
	enum s3_style style = s->style != S3_STYLE_PRESET ? s->style :
	    s->preset->style;

	/* no certificate is for two levels of names */
	return style == S3_STYLE_HOST && strchr(s->bucket, '.') == NULL;
}

static void
set_place(struct s3 *s, const struct http_url *u)
{
	struct buf host = BUF_INIT, origin = BUF_INIT, path = BUF_INIT;
	size_t n = strlen(u->path);

	while (n > 0 && u->path[n - 1] == '/')
		n--;
	buf_add(&path, u->path, n);
	if (by_host(s)) {
		buf_adds(&host, s->bucket);
		buf_addc(&host, '.');
	} else {
		buf_addc(&path, '/');
		buf_adds(&path, s->bucket);
	}
	buf_adds(&host, u->host);
	if (u->port > 0 && u->port != (u->tls ? 443 : 80))
		buf_addf(&host, ":%d", u->port);
	buf_addf(&origin, "%s://%s", u->tls ? "https" : "http", host.p);
	free(s->host);
	free(s->origin);
	free(s->path);
	s->host = buf_steal(&host);
	s->origin = buf_steal(&origin);
	s->path = buf_steal(&path);
}

int
s3_place(struct s3 *s, struct err *e)
{
	struct http_url u = { .host = NULL };
	struct buf url = BUF_INIT;
	int r;

	if (!is_region(s->region))
		return err_set(e, ERR_USAGE, "'%s' is no region", s->region);
	if (!s3_may_go(s, s->region))
		return err_set(e, ERR_DENIED, "data may not go to the region "
		    "'%s'", s->region);
	if (s->endpoint != NULL)
		buf_adds(&url, s->endpoint);
	else
		usual_endpoint(s, &url);
	if ((r = http_url_parse(&u, url.p, e)) < 0)
		err_add(e, "the endpoint of the store");
	else if (!u.tls && !u.local && !s->insecure)
		r = err_set(e, ERR_DENIED, "nothing is sent to '%s' by http, "
		    "where others can read it; use https", u.host);
	else
		set_place(s, &u);
	http_url_release(&u);
	buf_release(&url);
	return r;
}

/* --- who asks ---------------------------------------------------------- */

int64_t
s3_clock(const struct s3 *s)
{
	return date_real() + s->skew_ms;
}

int
s3_renew(struct s3 *s, bool force, struct err *e)
{
	if (!force && s->cred.secret != NULL &&
	    s->cred.expires_ms > s3_clock(s) + SOON_MS)
		return 0;
	sigv4_release(&s->sign);
	s->sign.key_id = s->sign.secret = s->sign.token = NULL;
	if (s3_cred_load(&s->cred, e) < 0)
		return -1;
	s->sign.key_id = s->cred.key_id;
	s->sign.secret = s->cred.secret;
	s->sign.token = s->cred.token;
	s->renewals++;
	return 0;
}

/* --- opening ----------------------------------------------------------- */

static int
check(const struct s3_how *how, const struct s3_preset *p, struct err *e)
{
	const char *why;

	if (p == NULL)
		return err_set(e, ERR_USAGE, "there is no kind of store '%s'",
		    how->preset);
	if (how->endpoint == NULL && p->endpoint == NULL)
		return err_set(e, ERR_USAGE, "a store of kind '%s' needs its "
		    "endpoint", p->name);
	if (how->bucket == NULL)
		return err_set(e, ERR_USAGE, "the bucket is missing");
	if ((why = s3_bucket_wrong(how->bucket)) != NULL)
		return err_set(e, ERR_USAGE, "'%s' is no bucket: %s",
		    how->bucket, why);
	if (how->sse != S3_SSE_NONE && !p->sse)
		return err_set(e, ERR_DENIED, "a store of kind '%s' does not "
		    "encrypt", p->name);
	return 0;
}

static void
copy_how(struct s3 *s, const struct s3_how *how)
{
	size_t i;

	s->endpoint = how->endpoint == NULL ? NULL : xstrdup(how->endpoint);
	s->bucket = xstrdup(how->bucket);
	s->kms_key = how->kms_key == NULL ? NULL : xstrdup(how->kms_key);
	for (i = 0; how->regions != NULL && i < how->regions->n; i++)
		strv_add(&s->regions, how->regions->v[i]);
	s->style = how->style;
	s->sse = how->sse;
	s->insecure = how->insecure;
	s->wait_ms = how->wait_ms > 0 ? how->wait_ms : WAIT_MS;
	s->tries = how->tries > 0 ? how->tries : TRIES;
	s->at_once = how->at_once > 0 ? how->at_once : AT_ONCE;
	s->stop = how->stop;
	s->again = how->again;
	s->arg = how->arg;
	s->cred.how = how->cred;
	s->cred.expires_ms = INT64_MAX;
	retry_budget_init(&s->budget);
	s->last = &s->first;
}

int
s3_open(struct s3 **out, const struct s3_how *how, struct err *e)
{
	const struct s3_preset *p = s3_preset(how->preset != NULL ?
	    how->preset : "s3");
	struct http_how http = how->http;
	const char *region;
	struct s3 *s;
	int r;

	if (check(how, p, e) < 0)
		return -1;
	s = xcalloc(1, sizeof *s);
	s->preset = p;
	copy_how(s, how);
	s->sign.service = "s3";
	r = s3_renew(s, true, e);
	region = how->region != NULL ? how->region :
	    s->cred.region != NULL ? s->cred.region : REGION;
	s->region = xstrdup(region);
	s->sign.region = s->region;
	if (http.connections == 0)
		http.connections = s->at_once;
	if (r < 0 || s3_place(s, e) < 0 || http_open(&s->http, &http, e) < 0) {
		s3_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
s3_free(struct s3 *s)
{
	struct s3_req *q;

	if (s == NULL)
		return;
	while ((q = s->first) != NULL)
		s3_req_drop(q);
	http_free(s->http);
	s3_cred_release(&s->cred);
	sigv4_release(&s->sign);
	strv_release(&s->regions);
	free(s->endpoint);
	free(s->bucket);
	free(s->region);
	free(s->kms_key);
	free(s->origin);
	free(s->host);
	free(s->path);
	free(s);
}

const struct s3_preset *
s3_preset_of(const struct s3 *s)
{
	return s->preset;
}

const char *
s3_region_of(const struct s3 *s)
{
	return s->region;
}

void
s3_hide(const struct s3 *s, char *text)
{
	s3_cred_hide(&s->cred, text);
}
