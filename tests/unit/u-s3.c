/*
 * A store before anything is asked: where objects are for each kind of it,
 * what is refused, what becomes of requests that cannot be sent.
 */
#include "tap.h"

#include "base/date.h"
#include "base/json.h"
#include "net/s3.h"

#include <signal.h>
#include <stdlib.h>

/* A URL up to its query, or the error in brackets. */
static const char *
place(const struct s3_how *how, const char *key)
{
	static char text[600];
	struct buf b = BUF_INIT;
	struct s3 *s = NULL;
	struct err e;

	if (s3_open(&s, how, &e) < 0 || s3_presign(s, key, 60, &b, &e) < 0)
		snprintf(text, sizeof text, "[%d %s]", e.code, e.msg);
	else
		snprintf(text, sizeof text, "%.*s", (int)strcspn(b.p, "?"),
		    b.p);
	buf_release(&b);
	s3_free(s);
	return text;
}

static void
places(void)
{
	struct s3_how how = { .bucket = "my-bucket", .preset = "aws",
	    .region = "eu-west-1" };

	is_str(place(&how, "a/b c"),
	    "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b%20c", "aws");
	how.bucket = "my.bucket";
	is_str(place(&how, "k"),
	    "https://s3.eu-west-1.amazonaws.com/my.bucket/k",
	    "a bucket with a dot is asked by path");
	how.bucket = "my-bucket";
	how.style = S3_STYLE_PATH;
	is_str(place(&how, "k"),
	    "https://s3.eu-west-1.amazonaws.com/my-bucket/k", "by path");
	how.style = S3_STYLE_PRESET;
	how.region = NULL;
	is_str(place(&how, "k"),
	    "https://my-bucket.s3.us-east-1.amazonaws.com/k",
	    "the usual region");
	how.preset = "oss";
	how.region = "cn-hangzhou";
	is_str(place(&how, "k"),
	    "https://my-bucket.s3.oss-cn-hangzhou.aliyuncs.com/k", "oss");
	how.preset = "cos";
	how.region = "ap-beijing";
	is_str(place(&how, "k"),
	    "https://my-bucket.cos.ap-beijing.myqcloud.com/k", "cos");
	how.preset = "minio";
	how.region = NULL;
	how.endpoint = "https://Minio.example:9000/";
	is_str(place(&how, "k"), "https://Minio.example:9000/my-bucket/k",
	    "minio");
	how.endpoint = "https://gw.example:443/s3/";
	is_str(place(&how, "k"), "https://gw.example/s3/my-bucket/k",
	    "an endpoint with a path; the usual port is not said");
	how.endpoint = "http://[::1]:9000";
	is_str(place(&how, "k"), "http://[::1]:9000/my-bucket/k",
	    "this machine by http");
	is_str(place(&how, "\303\274/~'!"),
	    "http://[::1]:9000/my-bucket/%C3%BC/~%27%21", "a key is escaped");
}

static void
refusals(void)
{
	struct s3_how how = { .bucket = "my-bucket", .preset = "minio" };
	struct strv regions = STRV_INIT;

	ok(strstr(place(&how, "k"), "needs its endpoint") != NULL,
	    "no endpoint");
	how.endpoint = "http://store.example";
	is_str(place(&how, "k"), "[9 nothing is sent to 'store.example' by "
	    "http, where others can read it; use https]", "http");
	how.insecure = true;
	is_str(place(&how, "k"), "http://store.example/my-bucket/k",
	    "unless it is insecure");
	how.endpoint = "ftp://store.example";
	is_int(place(&how, "k")[1], '1', "another scheme");
	how.endpoint = "https://me:secret@store.example";
	ok(strstr(place(&how, "k"), "secret") == NULL, "a user is not told");
	how.endpoint = "https://store.example";
	how.bucket = "My_Bucket";
	is_int(place(&how, "k")[1], '1', "no bucket");
	how.bucket = NULL;
	is_int(place(&how, "k")[1], '1', "none at all");
	how.bucket = "my-bucket";
	how.preset = "nowhere";
	is_int(place(&how, "k")[1], '1', "no such kind");
	how.preset = "gateway";
	how.sse = S3_SSE_S3;
	is_int(place(&how, "k")[1], '9', "what cannot encrypt");
	how.preset = NULL;
	is_int(place(&how, "../k")[1], '1', "no key");
	strv_add(&regions, "eu-west-1");
	how.regions = &regions;
	is_str(place(&how, "k"), "[9 data may not go to the region "
	    "'us-east-1']", "not there");
	how.region = "eu-west-1";
	is_str(place(&how, "k"), "https://store.example/my-bucket/k",
	    "but there");
	how.region = "../x";
	is_int(place(&how, "k")[1], '1', "no region");
	strv_release(&regions);
}

/* --- requests that come to nothing ------------------------------------- */

static int told;

static void
tell(struct s3_req *q)
{
	(void)q;
	told++;
}

static ssize_t
short_body(void *arg, void *to, size_t n, uint64_t at, struct err *e)
{
	(void)arg;
	(void)e;
	if (at >= 1000)
		return 0;
	memset(to, 'x', n);
	return n > 1000 ? 1000 : (ssize_t)n;
}

static void
requests(void)
{
	struct s3_how how = { .bucket = "my-bucket", .tries = 2,
	    .endpoint = "http://127.0.0.1:1" };
	struct strv meta = STRV_INIT;
	struct s3_put p = { .key = "a//b" }, q = { .key = "k" },
	    r = { .key = "k" };
	static volatile sig_atomic_t stop;
	struct s3 *s;
	struct err e = { 0 };

	how.stop = &stop;
	is_int(s3_open(&s, &how, &e), 0, "a store");
	p.req.done = tell;
	s3_put(s, &p);
	is_int(told, 0, "done is not called at once");
	is_int(s3_wait(s, &p.req, &e), -1, "no key");
	is_int(e.code, ERR_USAGE, "is called wrongly");
	is_int(told, 1, "done was called once");
	q.body.read = short_body;
	q.body.len = 5000;
	s3_put(s, &q);
	is_int(s3_wait(s, &q.req, &e), -1, "a body that is too short");
	ok(strstr(e.msg, "shorter than it was") != NULL, "says so");
	strv_add(&meta, "name");
	strv_add(&meta, "two\r\nlines: x");
	r.meta = &meta;
	s3_put(s, &r);
	is_int(s3_wait(s, &r.req, &e), -1, "metadata that is another header");
	is_int(e.code, ERR_USAGE, "is refused");
	r.meta = NULL;
	s3_put(s, &r);
	is_int(s3_wait(s, &r.req, &e), -1, "nobody is there");
	is_int(e.code, ERR_NET, "unreachable");
	is_int(r.req.tries, 2, "after two tries");
	s3_put(s, &q);
	s3_put(s, &r);
	stop = 1;
	is_int(s3_wait(s, &r.req, &e), -1, "interrupted");
	is_int(e.code, ERR_BUSY, "busy");
	told = 0;
	s3_free(s);
	is_int(told, 0, "what was on its way is dropped");
	strv_release(&meta);
}

/* One that is done begins the next: none waits without need. */
static void
next_one(struct s3_req *q)
{
	if (++told < 50)
		s3_put(q->s3, (struct s3_put *)(void *)q);
}

static void
chains(void)
{
	struct s3_how how = { .bucket = "my-bucket", .tries = 1,
	    .endpoint = "http://127.0.0.1:1" };
	struct s3_put refused = { .key = "a//b" }, fails = { .key = "k" };
	int64_t began = date_monotonic();
	struct s3 *s;
	struct err e = { 0 };

	is_int(s3_open(&s, &how, &e), 0, "a store");
	refused.req.done = fails.req.done = next_one;
	told = 0;
	s3_put(s, &refused);
	while (s3_step(s, 1000, &e) > 0)
		;
	is_int(told, 50, "fifty that are refused");
	told = 0;
	s3_put(s, &fails);
	while (s3_step(s, 1000, &e) > 0)
		;
	is_int(told, 50, "fifty that fail");
	ok(date_monotonic() - began < 10000, "in no time");
	s3_free(s);
}

int
main(void)
{
	json_setup();
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "a-secret-for-this-test", 1);
	unsetenv("AWS_SESSION_TOKEN");
	unsetenv("AWS_REGION");
	unsetenv("http_proxy");
	places();
	refusals();
	requests();
	chains();
	return done();
}
