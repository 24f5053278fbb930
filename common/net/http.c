#include "net/http.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/str.h"
#include "config.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_MS 10000
#define FIRST_MS 500		/* before the second try; then twice as long */
#define LATER_MS 30000		/* and never longer than this */
#define LEAST_MS 200		/* not worth a try any more */

struct http {
	CURL *curl;			/* own */
	struct curl_slist *headers;	/* own; one may hold the key */
	size_t most;
	void (*again)(void *, const char *, int);
	void *arg;
	char *host;			/* own; for messages */
	struct buf *body;		/* borrowed, during a try */
	bool too_long;
	char error[CURL_ERROR_SIZE];
};

/* --- opening ----------------------------------------------------------- */

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct http *h = arg;

	n *= size;
	if (h->body->len > h->most || n > h->most - h->body->len) {
		h->too_long = true;
		return 0;
	}
	buf_add(h->body, p, n);
	return n;
}

/* Does what is sent there stay on this machine? */
static bool
is_local(const char *host)
{
	return str_same(host, "localhost") || str_eq(host, "[::1]") ||
	    (str_starts(host, "127.") &&
	    host[strspn(host, "0123456789.")] == '\0');
}

static int
check_url(struct http *h, const struct http_how *how, struct err *e)
{
	char *scheme = NULL, *user = NULL, *host = NULL;
	CURLU *u = curl_url();
	int r = 0;

	if (u == NULL)
		alloc_fail();
	if (curl_url_set(u, CURLUPART_URL, how->url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    (!str_same(scheme, "http") && !str_same(scheme, "https")))
		r = err_set(e, ERR_USAGE, "the URL does not begin with "
		    "http://HOST or https://HOST");
	else if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
		r = err_set(e, ERR_USAGE, "the URL has a user in it, which "
		    "others can see; keep the key in a file or in the "
		    "environment");
	else if (how->key != NULL && !str_same(scheme, "https") &&
	    !is_local(host))
		r = err_set(e, ERR_DENIED, "a key is not sent to '%s' by "
		    "http, where others can read it; use https", host);
	if (r == 0)
		h->host = xstrdup(host);
	curl_free(scheme);
	curl_free(user);
	curl_free(host);
	curl_url_cleanup(u);
	return r;
}

static int
add_header(struct http *h, const char *line)
{
	struct curl_slist *s = curl_slist_append(h->headers, line);

	if (s == NULL)
		alloc_fail();
	h->headers = s;
	return 0;
}

static int
add_key(struct http *h, const char *key, struct err *e)
{
	struct buf line = BUF_INIT;
	const char *p;

	for (p = key; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return err_set(e, ERR_INPUT, "the key holds a blank or "
			    "a character that no key has");
	buf_adds(&line, "Authorization: Bearer ");
	buf_adds(&line, key);
	add_header(h, line.p);
	buf_wipe(&line);
	return 0;
}

static void
set_up(struct http *h, const struct http_how *how)
{
	CURL *c = h->curl;

	curl_easy_setopt(c, CURLOPT_URL, how->url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	/* nobody between us and ourselves */
	if (is_local(h->host))
		curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	if (how->ca_file != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, how->ca_file);
		/* or the folder that curl was built with counts, too */
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "memkit/" VERSION);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
}

int
http_open(struct http **out, const struct http_how *how, struct err *e)
{
	struct http *h;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(e, ERR_SYS, "libcurl does not start");
	h = xcalloc(1, sizeof *h);
	h->most = how->most;
	h->again = how->again;
	h->arg = how->arg;
	if ((h->curl = curl_easy_init()) == NULL)
		alloc_fail();
	add_header(h, "Content-Type: application/json");
	add_header(h, "Accept: application/json");
	add_header(h, "Expect:");	/* no round trip before the body */
	r = check_url(h, how, e);
	if (r == 0 && how->key != NULL)
		r = add_key(h, how->key, e);
	if (r < 0) {
		http_free(h);
		return -1;
	}
	set_up(h, how);
	*out = h;
	return 0;
}

void
http_free(struct http *h)
{
	struct curl_slist *s;

	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	for (s = h->headers; s != NULL; s = s->next)
		mem_wipe(s->data, strlen(s->data));
	curl_slist_free_all(h->headers);
	free(h->host);
	free(h);
}

/* --- a try ------------------------------------------------------------- */

/* Is the next time likely to be better? */
static bool
passes(long status)
{
	switch (status) {
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
	case 529:
		return true;
	}
	return false;
}

static bool
may_pass(CURLcode c)
{
	switch (c) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

/*
 * 1 an answer, of *status; 0 it may be better the next time, -1 it will not:
 * e says why.  *after is what the answer asks to wait, in seconds.
 */
static int
try(struct http *h, const char *json, size_t len, int wait_ms,
    struct buf *body, long *status, curl_off_t *after, struct err *e)
{
	CURLcode c;

	*after = 0;
	buf_reset(body);
	h->body = body;
	h->too_long = false;
	h->error[0] = '\0';
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, json);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)len);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)wait_ms);
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT_MS,
	    wait_ms < CONNECT_MS ? (long)wait_ms : (long)CONNECT_MS);
	c = curl_easy_perform(h->curl);
	h->body = NULL;
	if (h->too_long)
		return err_set(e, ERR_INPUT, "'%s' answered with more than "
		    "%zu bytes", h->host, h->most);
	if (c != CURLE_OK) {
		err_set(e, ERR_NET, "cannot ask '%s': %s", h->host,
		    h->error[0] != '\0' ? h->error : curl_easy_strerror(c));
		return may_pass(c) ? 0 : -1;
	}
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, status);
	if (!passes(*status))
		return 1;
	curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, after);
	err_set(e, ERR_NET, "'%s' answered with status %ld", h->host, *status);
	return 0;
}

/* Half of it is left to chance, so that those who failed together do not come
 * back together. */
static int64_t
nap_ms(int tried, curl_off_t after)
{
	int64_t ms = FIRST_MS;
	uint32_t chance = 0;
	struct err ignored;	/* then without chance */

	while (--tried > 0 && ms < LATER_MS)
		ms *= 2;
	if (ms > LATER_MS)
		ms = LATER_MS;
	random_bytes(&chance, sizeof chance, &ignored);
	ms = ms / 2 + (int64_t)(chance % (uint64_t)(ms / 2 + 1));
	if (after > INT32_MAX / 1000)
		after = INT32_MAX / 1000;
	return after > 0 ? (int64_t)after * 1000 + ms / 4 : ms;
}

static void
nap(int64_t ms)
{
	struct timespec t = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

int
http_post(struct http *h, const char *json, size_t len, int wait_ms,
    int tries, struct buf *body, struct err *e)
{
	int64_t until = date_monotonic() + wait_ms, left, ms;
	curl_off_t after;
	long status = 0;
	int r, tried = 0;

	for (;;) {
		left = until - date_monotonic();
		r = try(h, json, len, left < 1 ? 1 : (int)left, body, &status,
		    &after, e);
		if (r != 0)
			return r < 0 ? -1 : (int)status;
		ms = nap_ms(++tried, after);
		if (tried == tries)
			return err_add(e, "tried %d times", tried);
		if (date_monotonic() + ms + LEAST_MS >= until) {
			if (after > 0)
				return err_add(e, "it asks to wait %lld "
				    "seconds", (long long)after);
			return tried > 1 ? err_add(e, "tried %d times",
			    tried) : -1;
		}
		if (h->again != NULL)
			h->again(h->arg, e->msg, (int)ms);
		nap(ms);
	}
}
