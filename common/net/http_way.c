#include "net/http_way.h"

#include "base/alloc.h"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 262144L		/* of a transfer, in bytes */

/* --- what curl calls --------------------------------------------------- */

static size_t
on_read(char *p, size_t size, size_t n, void *arg)
{
	struct http_way *w = arg;
	const struct http_body *b = &w->call->body;
	struct pace *pace = &w->http->up;
	ssize_t got;

	n *= size;
	if (n > b->len - w->at)
		n = (size_t)(b->len - w->at);
	if (n == 0)
		return 0;
	if (!pace_open(pace)) {
		w->waits = pace;
		return CURL_READFUNC_PAUSE;
	}
	if (n > pace_piece(pace))
		n = pace_piece(pace);
	got = b->read(b->arg, p, n, w->at, &w->err);
	if (got == 0)
		err_set(&w->err, ERR_INPUT, "what was to be sent is shorter "
		    "than it was");
	if (got <= 0) {
		w->stopped = true;
		return CURL_READFUNC_ABORT;
	}
	pace_spend(pace, (size_t)got);
	w->at += (uint64_t)got;
	return (size_t)got;
}

/* A kept connection was gone: curl begins again on a new one. */
static int
on_seek(void *arg, curl_off_t at, int whence)
{
	struct http_way *w = arg;

	if (whence != SEEK_SET || at < 0 || (uint64_t)at > w->call->body.len)
		return CURL_SEEKFUNC_CANTSEEK;
	w->at = (uint64_t)at;
	w->call->resent = true;
	return CURL_SEEKFUNC_OK;
}

int
http_way_status(const struct http_way *w)
{
	long status = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t
on_write(char *p, size_t size, size_t n, void *arg)
{
	struct http_way *w = arg;

	n *= size;
	if (!pace_open(&w->http->down)) {	/* it comes again */
		w->waits = &w->http->down;
		return CURL_WRITEFUNC_PAUSE;
	}
	pace_spend(&w->http->down, n);
	w->call->status = http_way_status(w);
	if (w->call->take == NULL ||
	    w->call->take(w->call, p, n, &w->err) == 0)
		return n;
	w->stopped = true;
	return 0;
}

/* "name: value" without the blanks around the value */
static int
tell_header(struct http_way *w, char *line)
{
	char *colon = strchr(line, ':');

	if (colon == NULL)
		return 0;
	*colon = '\0';
	return w->call->head(w->call, line, str_trim(colon + 1), &w->err);
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_way *w = arg;
	char *line;
	int r = 0;

	n *= size;
	if (n > 0 && (p[0] == '\r' || p[0] == '\n'))
		w->headed = true;
	else if (n > 5 && memcmp(p, "HTTP/", 5) == 0)
		w->headed = false;	/* there was one of 100 Continue */
	w->head += n;		/* with those of 100 Continue, however many */
	if (w->head > HTTP_HEAD) {
		r = err_set(&w->err, ERR_INPUT, "it answered with more than "
		    "%zu bytes of headers", HTTP_HEAD);
	} else if (w->call->head != NULL && memchr(p, '\0', n) == NULL) {
		w->call->status = http_way_status(w);
		line = xstrndup(p, n);
		r = tell_header(w, line);
		free(line);
	}
	if (r < 0)
		w->stopped = true;
	return r < 0 ? 0 : n;
}

/* --- setting up -------------------------------------------------------- */

static void
set_up(struct http *h, struct http_way *w)
{
	CURL *c = w->easy;

#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(c, CURLOPT_PRIVATE, w);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* a stream of its own each: one that is stuck holds up nobody */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	if (h->ca_file != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
		/* or the folder that curl was built with counts, too */
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	if (h->cert_file != NULL) {
		curl_easy_setopt(c, CURLOPT_SSLCERT, h->cert_file);
		curl_easy_setopt(c, CURLOPT_SSLKEY,
		    h->key_file != NULL ? h->key_file : h->cert_file);
	}
	if (h->proxy != NULL)
		curl_easy_setopt(c, CURLOPT_PROXY, h->proxy);
	if (h->unpack)
		curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "memkit/" VERSION);
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, ROOM);
	/* what is read at once counts at once */
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE,
	    pace_piece(&h->down) < ROOM ? (long)pace_piece(&h->down) : ROOM);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, h->connect_ms);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_SLOW);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, h->stall_s);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, w->error);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(c, CURLOPT_READDATA, w);
	curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(c, CURLOPT_SEEKDATA, w);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, w);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, w);
}

struct http_way *
http_way_new(struct http *h)
{
	struct http_way *w = xcalloc(1, sizeof *w);

	if ((w->easy = curl_easy_init()) == NULL)
		alloc_fail();
	w->http = h;
	set_up(h, w);
	return w;
}
