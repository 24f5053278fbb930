#include "net/sigv4.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALGORITHM "AWS4-HMAC-SHA256"

/* A name and a value: of a header, or of a parameter (escaped). */
struct pair {
	const char *name, *value;	/* borrowed */
	size_t nname, nvalue;
	size_t at;			/* in the list it came from */
};

/* --- escaping ---------------------------------------------------------- */

void
sigv4_escape(struct buf *b, const char *s, size_t len, bool slash)
{
	uri_escape(b, s, len, slash ? URI_PLAIN "/" : URI_PLAIN);
}

static int
compare(const char *a, size_t n, const char *b, size_t m)
{
	int c = memcmp(a, b, n < m ? n : m);

	return c != 0 ? c : n < m ? -1 : n > m;
}

/* By name, then by value. */
static int
by_both(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int c = compare(a->name, a->nname, b->name, b->nname);

	return c != 0 ? c : compare(a->value, a->nvalue, b->value, b->nvalue);
}

/* Headers of one name keep their order. */
static int
by_name(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int c = compare(a->name, a->nname, b->name, b->nname);

	return c != 0 ? c : a->at < b->at ? -1 : a->at > b->at;
}

static void
split(struct pair *p, const char *s, char at)
{
	const char *sep = strchr(s, at);

	p->name = s;
	p->nname = sep == NULL ? strlen(s) : (size_t)(sep - s);
	p->value = sep == NULL ? "" : sep + 1;
	p->nvalue = strlen(p->value);
}

void
sigv4_query(struct buf *out, const struct strv *query)
{
	struct pair raw, *p = xcalloc(query->n + 1, sizeof *p);
	struct strv escaped = STRV_INIT;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < query->n; i++) {
		split(&raw, query->v[i], '=');
		buf_reset(&b);
		sigv4_escape(&b, raw.name, raw.nname, false);
		buf_addc(&b, '=');
		sigv4_escape(&b, raw.value, raw.nvalue, false);
		strv_add(&escaped, b.p);
	}
	for (i = 0; i < escaped.n; i++)
		split(&p[i], escaped.v[i], '=');
	qsort(p, escaped.n, sizeof *p, by_both);
	for (i = 0; i < escaped.n; i++) {
		if (i > 0)
			buf_addc(out, '&');
		buf_adds(out, p[i].name);
	}
	strv_release(&escaped);
	buf_release(&b);
	free(p);
}

/* --- what is signed ---------------------------------------------------- */

void
sigv4_time(char out[SIGV4_TIME], int64_t ms)
{
	struct date d;

	date_split_utc(ms, &d);
	snprintf(out, SIGV4_TIME, "%04u%02u%02uT%02u%02u%02uZ",
	    (unsigned)d.year % 10000u, (unsigned)d.month % 100u,
	    (unsigned)d.day % 100u, (unsigned)d.hour % 100u,
	    (unsigned)d.min % 100u, (unsigned)d.sec % 100u);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without blanks at its ends, and one for those within. */
static void
add_value(struct buf *b, const char *s, size_t n)
{
	size_t i;

	for (; n > 0 && is_blank(*s); s++)
		n--;
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	for (i = 0; i < n; i++)
		if (!is_blank(s[i]))
			buf_addc(b, s[i]);
		else if (!is_blank(s[i + 1]))
			buf_addc(b, ' ');
}

static struct pair *
sorted_headers(const struct strv *headers)
{
	struct pair *p = xcalloc(headers->n + 1, sizeof *p);
	size_t i;

	for (i = 0; i < headers->n; i++) {
		split(&p[i], headers->v[i], ':');
		p[i].at = i;
	}
	qsort(p, headers->n, sizeof *p, by_name);
	return p;
}

static bool
same_name(const struct pair *a, const struct pair *b)
{
	return compare(a->name, a->nname, b->name, b->nname) == 0;
}

/* "host;x-amz-date": each once, sorted */
static void
add_names(struct buf *b, const struct strv *headers)
{
	struct pair *p = sorted_headers(headers);
	size_t i;

	for (i = 0; i < headers->n; i++) {
		if (i > 0 && same_name(&p[i], &p[i - 1]))
			continue;
		if (i > 0)
			buf_addc(b, ';');
		buf_add(b, p[i].name, p[i].nname);
	}
	free(p);
}

static void
add_headers(struct buf *b, const struct strv *headers)
{
	struct pair *p = sorted_headers(headers);
	size_t i;

	for (i = 0; i < headers->n; i++) {
		if (i > 0 && same_name(&p[i], &p[i - 1])) {
			buf_cut(b, b->len - 1);
			buf_addc(b, ',');
		} else {
			buf_add(b, p[i].name, p[i].nname);
			buf_addc(b, ':');
		}
		add_value(b, p[i].value, p[i].nvalue);
		buf_addc(b, '\n');
	}
	free(p);
}

void
sigv4_canonical(const struct sigv4_request *r, struct buf *b)
{
	size_t room = strlen(r->method) + strlen(r->path) + strlen(r->query) +
	    strlen(r->payload) + 8, i;

	/* a buffer that grows would leave a copy of the token behind */
	for (i = 0; i < r->headers->n; i++)
		room += 2 * strlen(r->headers->v[i]) + 4;
	buf_reserve(b, room);
	buf_adds(b, r->method);
	buf_addc(b, '\n');
	buf_adds(b, r->path);
	buf_addc(b, '\n');
	buf_adds(b, r->query);
	buf_addc(b, '\n');
	add_headers(b, r->headers);
	buf_addc(b, '\n');
	add_names(b, r->headers);
	buf_addc(b, '\n');
	buf_adds(b, r->payload);
}

/* "20150830/us-east-1/s3/aws4_request" */
static void
add_scope(const struct sigv4 *s, const char time[SIGV4_TIME], struct buf *b)
{
	buf_add(b, time, 8);
	buf_addc(b, '/');
	buf_adds(b, s->region);
	buf_addc(b, '/');
	buf_adds(b, s->service);
	buf_adds(b, "/aws4_request");
}

void
sigv4_to_sign(const struct sigv4 *s, const struct sigv4_request *r,
    const struct buf *canonical, struct buf *b)
{
	char time[SIGV4_TIME], hex[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];

	sigv4_time(time, r->time_ms);
	hash_mem(canonical->p, canonical->len, sum);
	hex_encode(hex, sum, sizeof sum);
	buf_adds(b, ALGORITHM "\n");
	buf_adds(b, time);
	buf_addc(b, '\n');
	add_scope(s, time, b);
	buf_addc(b, '\n');
	buf_adds(b, hex);
}

/* --- signing ----------------------------------------------------------- */

static void
day_key(struct sigv4 *s, const char time[SIGV4_TIME])
{
	struct buf secret = BUF_INIT;

	if (memcmp(s->day, time, 8) == 0)
		return;
	memcpy(s->day, time, 8);
	s->day[8] = '\0';
	buf_adds(&secret, "AWS4");
	buf_adds(&secret, s->secret);
	hmac_mem(secret.p, secret.len, s->day, 8, s->key);
	buf_wipe(&secret);
	hmac_mem(s->key, HASH_LEN, s->region, strlen(s->region), s->key);
	hmac_mem(s->key, HASH_LEN, s->service, strlen(s->service), s->key);
	hmac_mem(s->key, HASH_LEN, "aws4_request", 12, s->key);
}

void
sigv4_release(struct sigv4 *s)
{
	mem_wipe(s->key, sizeof s->key);
	s->day[0] = '\0';
}

static void
signature(struct sigv4 *s, const struct sigv4_request *r,
    char hex[HASH_HEX + 1])
{
	struct buf canonical = BUF_INIT, text = BUF_INIT;
	char time[SIGV4_TIME];
	uint8_t sum[HASH_LEN];

	sigv4_time(time, r->time_ms);
	day_key(s, time);
	sigv4_canonical(r, &canonical);
	sigv4_to_sign(s, r, &canonical, &text);
	hmac_mem(s->key, HASH_LEN, text.p, text.len, sum);
	hex_encode(hex, sum, sizeof sum);
	buf_wipe(&canonical);		/* the token is in there */
	buf_release(&text);
}

void
sigv4_header(struct sigv4 *s, const struct sigv4_request *r, struct buf *b)
{
	char hex[HASH_HEX + 1], time[SIGV4_TIME];

	sigv4_time(time, r->time_ms);
	signature(s, r, hex);
	buf_adds(b, ALGORITHM " Credential=");
	buf_adds(b, s->key_id);
	buf_addc(b, '/');
	add_scope(s, time, b);
	buf_adds(b, ", SignedHeaders=");
	add_names(b, r->headers);
	buf_adds(b, ", Signature=");
	buf_adds(b, hex);
}

static void
add_parameter(struct strv *query, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, name);
	buf_addc(&b, '=');
	buf_adds(&b, value);
	strv_add(query, b.p);
	buf_wipe(&b);
}

void
sigv4_presign(struct sigv4 *s, const struct sigv4_request *r,
    const struct strv *query, int expires_s, struct buf *out)
{
	struct sigv4_request full = *r;
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct strv all = STRV_INIT;
	char hex[HASH_HEX + 1], time[SIGV4_TIME], expires[16];
	size_t i;

	sigv4_time(time, r->time_ms);
	snprintf(expires, sizeof expires, "%d", expires_s);
	for (i = 0; i < query->n; i++)
		strv_add(&all, query->v[i]);
	buf_adds(&b, s->key_id);
	buf_addc(&b, '/');
	add_scope(s, time, &b);
	add_parameter(&all, "X-Amz-Algorithm", ALGORITHM);
	add_parameter(&all, "X-Amz-Credential", b.p);
	add_parameter(&all, "X-Amz-Date", time);
	add_parameter(&all, "X-Amz-Expires", expires);
	if (s->token != NULL)
		add_parameter(&all, "X-Amz-Security-Token", s->token);
	buf_reset(&b);
	add_names(&b, r->headers);
	add_parameter(&all, "X-Amz-SignedHeaders", b.p);
	sigv4_query(&text, &all);
	full.query = text.p;
	signature(s, &full, hex);
	buf_adds(out, text.p);
	buf_adds(out, "&X-Amz-Signature=");
	buf_adds(out, hex);
	for (i = 0; i < all.n; i++)
		mem_wipe(all.v[i], strlen(all.v[i]));
	strv_release(&all);
	buf_wipe(&text);
	buf_release(&b);
}
