/*
 * What a call goes over, for http.c and http_way.c alone: one of curl's
 * handles, kept for the next call.
 */
#ifndef NET_HTTP_WAY_H
#define NET_HTTP_WAY_H

#include "net/http.h"
#include "net/pace.h"

#include <curl/curl.h>

/* Over which one call goes at a time. */
struct http_way {
	struct http_way *next;		/* in http.all */
	struct http *http;		/* borrowed */
	CURL *easy;			/* own */
	struct curl_slist *headers;	/* own, during a call */
	struct http_call *call;		/* borrowed; NULL: it is free */
	struct err err;			/* of who read, or took */
	uint64_t at;			/* of the body */
	size_t head;			/* bytes of headers */
	bool headed;			/* the head of the answer has its end */
	bool stopped;			/* by us */
	struct pace *waits;		/* paused until it is open; or NULL */
	char error[CURL_ERROR_SIZE];
};

struct http {
	CURLM *multi;			/* own */
	struct http_way *all;		/* own */
	char *ca_file, *cert_file, *key_file, *proxy;	/* own */
	long connect_ms, stall_s;
	bool unpack;
	struct pace up, down;		/* of bodies */
	struct http_way *turn;		/* who moved last; borrowed */
	int running;
};

/* A new one, free. */
struct http_way *http_way_new(struct http *);
int	http_way_status(const struct http_way *);

#endif
