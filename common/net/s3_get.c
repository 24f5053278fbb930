#include "net/s3_client.h"
#include "net/s3_object.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ANEW 2		/* times that it is read anew when it was damaged */
#define PROGRESS ((uint64_t)1 << 20)

static struct s3_get *
get_of(struct s3_req *q)
{
	return (struct s3_get *)(void *)q;
}

static bool
is_whole(const struct s3_get *g)
{
	return g->from == 0 && g->len == 0;
}

static void
read_anew(struct s3_get *g)
{
	g->got = g->mark = 0;
	hash_init(&g->hash);
}

/* A try goes on where the one before broke off. */
static void
begin(struct s3_req *q)
{
	struct s3_get *g = get_of(q);
	char range[64], to[24] = "";

	/* it moves: those tries were not in vain */
	if (g->got >= g->mark + PROGRESS) {
		g->mark = g->got;
		q->tries = 1;
	}
	s3_object_clear(&g->object);
	g->checked = false;
	strv_release(&q->headers);
	if (g->len > 0)
		snprintf(to, sizeof to, "%" PRIu64, g->from + g->len - 1);
	snprintf(range, sizeof range, "bytes=%" PRIu64 "-%s",
	    g->from + g->got, to);
	if (!is_whole(g) || g->got > 0)
		s3_req_header(q, "range", range);
}

static int
head(struct s3_req *q, const char *name, const char *value, struct err *e)
{
	return s3_object_head(&get_of(q)->object, name, value, e);
}

/* All headers are here.  Is what comes the rest of what we have? */
static int
check_first(struct s3_get *g, struct err *e)
{
	struct s3_req *q = &g->req;

	if (q->status != 206 && (g->from > 0 || g->len > 0))
		return err_set(e, ERR_INPUT, "'%s' sends all of it where a "
		    "part was asked for", q->s3->host);
	if (q->status == 206 && (!g->object.part ||
	    g->object.first != g->from + g->got))
		return err_set(e, ERR_INPUT, "'%s' sends another part than was "
		    "asked for", q->s3->host);
	if (q->status != 206 && g->got > 0)
		read_anew(g);
	if (g->etag != NULL && !str_eq(g->etag, g->object.etag))
		return err_set(e, ERR_INPUT, "it is another object than was "
		    "put there");
	if (g->got == 0)
		s3_copy(g->first, sizeof g->first, g->object.etag);
	else if (!str_eq(g->first, g->object.etag))
		return err_set(e, ERR_BUSY, "it changed while it was read");
	return 0;
}

static int
take(struct s3_req *q, const void *p, size_t n, struct err *e)
{
	struct s3_get *g = get_of(q);

	if (!g->checked && check_first(g, e) < 0)
		return -1;
	g->checked = true;
	if (g->len > 0 && n > g->len - g->got)
		return err_set(e, ERR_INPUT, "'%s' sends more than was asked "
		    "for", q->s3->host);
	hash_add(&g->hash, p, n);
	if (g->take != NULL && g->take(g->arg, p, n, g->got, e) < 0)
		return -1;
	g->got += n;
	return 0;
}

static bool
again(struct s3_get *g)
{
	struct s3_req *q = &g->req;

	if (g->anew++ >= ANEW) {
		q->r = err_set(&q->err, ERR_NET, "it is not what was put: "
		    "'%s' or somebody on the way damages it", q->s3->host);
		return false;
	}
	read_anew(g);
	s3_req_again(q);
	return true;
}

/* The store's word is for what it has, the caller's for what he wants. */
static bool
answer(struct s3_req *q)
{
	struct s3_get *g = get_of(q);
	char hex[HASH_HEX + 1], want[HASH_HEX + 1] = "";
	uint8_t sum[HASH_LEN];

	if (q->r < 0 || !is_whole(g))
		return false;
	if (g->sha256 != NULL)
		hex_encode(want, g->sha256, HASH_LEN);
	if (g->object.sha256[0] == '\0' && want[0] == '\0') {
		if (g->sure)
			q->r = err_set(&q->err, ERR_INPUT, "nothing says what "
			    "it must be: memkit did not put it there");
		return false;
	}
	hash_end(&g->hash, sum);
	hex_encode(hex, sum, sizeof sum);
	if (str_eq(hex, want[0] != '\0' ? want : g->object.sha256))
		return false;
	if (want[0] == '\0' || !str_eq(hex, g->object.sha256))
		return again(g);
	q->r = err_set(&q->err, ERR_INPUT, "it is not what was asked for, but "
	    "another object");
	return false;
}

void
s3_get(struct s3 *s, struct s3_get *g)
{
	struct s3_req *q = &g->req;

	s3_req_prepare(s, q, "get", "GET", g->key);
	s3_object_version(q, g->version);
	q->begin = begin;
	q->head = head;
	q->take = take;
	q->answer = answer;
	g->anew = 0;
	read_anew(g);
	s3_req_start(q);
}
