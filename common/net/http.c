#include "net/http.h"

#include "base/alloc.h"
#include "net/http_way.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 10000
#define STALL_MS 60000
#define CONNECTIONS 32
#define STEP_MS 1000		/* curl's own timers are shorter */

/* --- starting ---------------------------------------------------------- */

static struct http_way *
free_way(struct http *h)
{
	struct http_way *w;

	for (w = h->all; w != NULL; w = w->next)
		if (w->call == NULL)
			return w;
	w = http_way_new(h);
	w->next = h->all;
	h->all = w;
	return w;
}

static void
add_header(struct http_way *w, const char *line)
{
	struct curl_slist *s = curl_slist_append(w->headers, line);

	if (s == NULL)
		alloc_fail();
	w->headers = s;
}

/* One of them may be a key. */
static void
drop_headers(struct http_way *w)
{
	struct curl_slist *s;

	for (s = w->headers; s != NULL; s = s->next)
		mem_wipe(s->data, strlen(s->data));
	curl_slist_free_all(w->headers);
	w->headers = NULL;
}

/* HTTPGET first: it takes back what the call before asked for. */
static void
set_method(CURL *c, const struct http_call *call)
{
	curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, NULL);
	if (call->body.read != NULL) {
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE,
		    (curl_off_t)call->body.len);
	} else if (str_eq(call->method, "HEAD")) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method);
}

void
http_start(struct http *h, struct http_call *call)
{
	struct http_way *w = free_way(h);
	struct http_url u = { .host = NULL };
	struct err ignored;	/* curl says it when it is to go there */
	size_t i;

	w->call = call;
	call->way = w;
	call->status = 0;
	call->after_s = 0;
	call->resent = false;
	call->err.msg[0] = w->error[0] = '\0';
	w->at = 0;
	w->head = 0;
	w->headed = false;
	w->stopped = false;
	w->waits = NULL;
	for (i = 0; i < call->headers->n; i++)
		add_header(w, call->headers->v[i]);
	add_header(w, "Expect:");	/* no round trip before the body */
	curl_easy_setopt(w->easy, CURLOPT_URL, call->url);
	/* nobody between us and ourselves */
	if (http_url_parse(&u, call->url, &ignored) == 0)
		curl_easy_setopt(w->easy, CURLOPT_NOPROXY,
		    u.local ? "*" : NULL);
	http_url_release(&u);
	set_method(w->easy, call);
	curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->headers);
	curl_easy_setopt(w->easy, CURLOPT_TIMEOUT_MS, (long)call->wait_ms);
	curl_multi_add_handle(h->multi, w->easy);
	h->running++;
}

/* --- their end --------------------------------------------------------- */

static enum http_end
end_of(CURLcode c)
{
	switch (c) {
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_LATE;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_SSL_CONNECT_ERROR:
	/* no HTTP at all: something on the way */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return HTTP_AGAIN;
	default:
		return HTTP_FAILED;
	}
}

/* The way is free again. */
static void
leave(struct http_way *w)
{
	curl_multi_remove_handle(w->http->multi, w->easy);
	w->http->running--;
	drop_headers(w);
	w->call->way = NULL;
	w->call = NULL;
}

void
http_stop(struct http_call *call)
{
	if (call->way != NULL)
		leave(call->way);
}

static void
finish(struct http_way *w, CURLcode c)
{
	struct http_call *call = w->call;
	struct http_url u = { .host = NULL };
	curl_off_t after = 0;
	struct err ignored;	/* then the host is not named */

	call->status = http_way_status(w);
	curl_easy_getinfo(w->easy, CURLINFO_RETRY_AFTER, &after);
	call->after_s = (int64_t)after;
	call->end = HTTP_ANSWERED;
	if (c != CURLE_OK && w->stopped) {
		call->end = HTTP_FAILED;
		call->err = w->err;
	} else if (c != CURLE_OK) {
		call->end = end_of(c);
		http_url_parse(&u, call->url, &ignored);
		err_set(&call->err, ERR_NET, "cannot ask '%s': %s%s",
		    u.host != NULL ? u.host : call->url,
		    w->error[0] != '\0' ? w->error : curl_easy_strerror(c),
		    c == CURLE_PEER_FAILED_VERIFICATION ? "; if it is the "
		    "right server, set its caFile" : "");
		http_url_release(&u);
	}
	if (c == CURLE_OK && !w->headed) {
		/* which curl takes for one with no body */
		call->end = HTTP_AGAIN;
		err_set(&call->err, ERR_NET, "the answer broke off in its "
		    "head");
	}
	leave(w);
	call->done(call);
}

/* --- going on ---------------------------------------------------------- */

/* Those that wait for the limit go on, as far as bytes may move, beginning
 * behind the one that did last. */
static void
resume(struct http *h)
{
	struct http_way *first = h->turn != NULL && h->turn->next != NULL ?
	    h->turn->next : h->all, *w = first;

	if (h->up.rate == 0 || w == NULL)
		return;
	do {
		if (w->call != NULL && w->waits != NULL &&
		    pace_open(w->waits)) {
			w->waits = NULL;
			h->turn = w;
			curl_easy_pause(w->easy, CURLPAUSE_CONT);
		}
		w = w->next != NULL ? w->next : h->all;
	} while (w != first);
}

/* Nobody wakes us when bytes may move again. */
static int
until_open(struct http *h, int wait_ms)
{
	struct http_way *w;
	int ms;

	for (w = h->all; w != NULL && h->up.rate > 0; w = w->next) {
		if (w->call == NULL || w->waits == NULL)
			continue;
		ms = pace_wait_ms(w->waits);
		if (ms < wait_ms)
			wait_ms = ms;
	}
	return wait_ms;
}

int
http_step(struct http *h, int wait_ms, struct err *e)
{
	struct http_way *w;
	CURLMcode c;
	CURLMsg *m;
	int n;

	resume(h);
	if ((c = curl_multi_perform(h->multi, &n)) == CURLM_OK && wait_ms > 0 &&
	    n == h->running) {
		c = curl_multi_poll(h->multi, NULL, 0, until_open(h, wait_ms),
		    NULL);
		if (c == CURLM_OK)
			c = curl_multi_perform(h->multi, &n);
	}
	if (c != CURLM_OK)
		return err_set(e, ERR_SYS, "libcurl: %s",
		    curl_multi_strerror(c));
	while ((m = curl_multi_info_read(h->multi, &n)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &w);
		finish(w, m->data.result);
	}
	return h->running;
}

void
http_run(struct http *h, struct http_call *call)
{
	http_start(h, call);
	while (call->way != NULL)
		if (http_step(h, STEP_MS, &call->err) < 0) {
			call->end = HTTP_FAILED;
			return;
		}
}

/* --- opening ----------------------------------------------------------- */

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static void
limit(struct http *h, int64_t bytes)
{
	if (bytes > 0 && bytes < HTTP_LIMIT)
		bytes = HTTP_LIMIT;
	pace_init(&h->up, bytes);
	pace_init(&h->down, bytes);
}

int
http_open(struct http **out, const struct http_how *how, struct err *e)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(e, ERR_SYS, "libcurl does not start");
	h = xcalloc(1, sizeof *h);
	if ((h->multi = curl_multi_init()) == NULL)
		alloc_fail();
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	    how->connections > 0 ? (long)how->connections : CONNECTIONS);
	h->ca_file = copy(how->ca_file);
	h->cert_file = copy(how->cert_file);
	h->key_file = copy(how->key_file);
	h->proxy = copy(how->proxy);
	h->connect_ms = how->connect_ms > 0 ? how->connect_ms : CONNECT_MS;
	h->stall_s = ((how->stall_ms > 0 ? how->stall_ms : STALL_MS) + 999) /
	    1000;
	h->unpack = how->unpack;
	limit(h, how->limit);
	*out = h;
	return 0;
}

void
http_free(struct http *h)
{
	struct http_way *w;

	if (h == NULL)
		return;
	while ((w = h->all) != NULL) {
		h->all = w->next;
		if (w->call != NULL)
			leave(w);
		curl_easy_cleanup(w->easy);
		free(w);
	}
	curl_multi_cleanup(h->multi);
	free(h->ca_file);
	free(h->cert_file);
	free(h->key_file);
	if (h->proxy != NULL)		/* it may have a password */
		mem_wipe(h->proxy, strlen(h->proxy));
	free(h->proxy);
	free(h);
}
