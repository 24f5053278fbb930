#include "net/http.h"

#include "base/alloc.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Does what is sent there stay on this machine? */
static bool
is_local(const char *host)
{
#if LIBCURL_VERSION_NUM >= 0x074d00
	if (str_ends(host, ".localhost"))	/* RFC 6761: curl asks nobody */
		return true;
#endif
	return str_same(host, "localhost") || str_eq(host, "[::1]") ||
	    (str_starts(host, "127.") &&
	    host[strspn(host, "0123456789.")] == '\0');
}

static bool
has(CURLU *u, CURLUPart part)
{
	char *s = NULL;
	bool there = curl_url_get(u, part, &s, 0) == CURLUE_OK;

	curl_free(s);
	return there;
}

int
http_url_parse(struct http_url *out, const char *url, struct err *e)
{
	char *scheme = NULL, *host = NULL, *path = NULL, *port = NULL;
	CURLU *u = curl_url();
	int r = 0;

	if (u == NULL)
		alloc_fail();
	if (curl_url_set(u, CURLUPART_URL, url, CURLU_PATH_AS_IS) !=
	    CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PATH, &path, 0) != CURLUE_OK ||
	    (!str_same(scheme, "http") && !str_same(scheme, "https"))) {
		r = err_set(e, ERR_USAGE, "the URL does not begin with "
		    "http://HOST or https://HOST");
	} else if (has(u, CURLUPART_USER) || has(u, CURLUPART_PASSWORD)) {
		r = err_set(e, ERR_USAGE, "the URL has a user in it, which "
		    "others can see; keep the key in a file or in the "
		    "environment");
	} else {
		curl_url_get(u, CURLUPART_PORT, &port,
		    CURLU_NO_DEFAULT_PORT);
		out->host = xstrdup(host);
		out->path = xstrdup(path);
		out->port = port == NULL ? 0 : atoi(port);
		out->tls = str_same(scheme, "https");
		out->local = is_local(host);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(path);
	curl_free(port);
	curl_url_cleanup(u);
	return r;
}

void
http_url_release(struct http_url *u)
{
	free(u->host);
	free(u->path);
	memset(u, 0, sizeof *u);
}

int64_t
http_date(const char *s)
{
	time_t t = curl_getdate(s, NULL);

	return t > 0 ? (int64_t)t * 1000 : 0;
}
