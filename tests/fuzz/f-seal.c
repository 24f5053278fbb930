/*
 * Sealed bytes from anywhere: the first bytes say of which object and which
 * range they should be, the rest is read as that.  What comes out must be
 * what was sealed; so must what was sealed of the rest come back.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/seal.h"

#include <string.h>

#define HEAD 8

static const struct seal_key key = { "k1", { 1, 2, 3 } };

static int
put(void *arg, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_add(arg, p, n);
	return 0;
}

static int
run(struct seal *s, const void *p, size_t n, size_t step, struct err *e)
{
	const uint8_t *at = p;
	size_t part;
	int r = 0;

	for (; r == 0 && n > 0; at += part, n -= part) {
		part = step < n ? step : n;
		r = seal_add(s, at, part, e);
	}
	r = r == 0 ? seal_end(s, e) : r;
	seal_free(s);
	return r;
}

/* Whatever the caller says that it is. */
static void
foreign(struct seal_about *a, const uint8_t *head, const uint8_t *p, size_t n)
{
	struct buf out = BUF_INIT;
	struct seal_sink sink = { put, &out };
	uint64_t from = head[4], want = head[5];
	struct err e = { 0 };
	struct seal *s;

	a->size = (uint64_t)head[0] << (head[1] % 64);
	a->segment = (uint32_t)head[2] << (head[3] % 32);
	if (unseal_begin(&s, &key, a, from, want, &sink, &e) < 0)
		must(e.code == ERR_INPUT);
	/* nobody but who has the key can make a tag */
	else
		must(run(s, p, n, 1 + head[6], &e) < 0 &&
		    e.code == ERR_CORRUPT && out.len == 0);
	buf_release(&out);
}

/* Sealed, turned a bit of, opened. */
static void
our_own(struct seal_about *a, const uint8_t *head, const uint8_t *p, size_t n)
{
	struct buf sealed = BUF_INIT, out = BUF_INIT;
	struct seal_sink sink = { put, &sealed };
	uint64_t from = n > 0 ? head[4] % n : 0, at, len;
	struct err e = { 0 };
	struct seal *s;
	size_t i;

	a->size = n;
	a->segment = 1 + head[2];
	must(seal_begin(&s, &key, a, &sink, &e) == 0);
	must(run(s, p, n, 1 + head[6], &e) == 0);
	must(sealed.len == seal_size(n, a->segment));
	sink.arg = &out;
	must(seal_span(a, from, n - from, &at, &len, &e) == 0);
	must(at + len == sealed.len);
	must(unseal_begin(&s, &key, a, from, n - from, &sink, &e) == 0);
	must(run(s, sealed.p + at, len, 1 + head[7], &e) == 0);
	must(out.len == n - from && memcmp(out.p, p + from, out.len) == 0);
	i = (size_t)head[5] * 257 % sealed.len;
	sealed.p[i] = (char)(sealed.p[i] ^ 1);
	buf_reset(&out);
	must(unseal_begin(&s, &key, a, 0, n, &sink, &e) == 0);
	must(run(s, sealed.p, sealed.len, 1 + head[7], &e) < 0);
	must(e.code == ERR_CORRUPT && memcmp(out.p, p, out.len) == 0);
	buf_release(&sealed);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct seal_about a = { .ad = "ad", .ad_len = 2 };

	if (len < HEAD)
		return 0;
	foreign(&a, data, data + HEAD, len - HEAD);
	our_own(&a, data, data + HEAD, len - HEAD);
	return 0;
}
