/*
 * STREAM over the AES-256-GCM of base/aead, whose nonces it counts.  One
 * buffer holds what is missing of a segment; it is sealed or opened in place
 * when it is full and known to be, or not to be, the last.
 */
#include "base/seal.h"

#include "base/aead.h"
#include "base/alloc.h"
#include "base/hash.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX 7
#define SEGMENTS_MAX ((uint64_t)1 << 32)
#define LABEL "memkit seal 1"		/* with its NUL */

struct seal {
	struct aead *gcm;		/* own */
	struct seal_sink sink;
	char id[SEAL_ID_MAX + 1];	/* of the key */
	uint8_t prefix[PREFIX];
	bool open;			/* not to seal, but to open */
	bool growing;			/* to seal, of a size not known yet */
	bool failed;			/* or ended */
	uint64_t size;			/* of the plain object; so far */
	uint32_t segment;
	uint64_t i, end;		/* segments: next, behind the last */
	uint64_t skip, left;		/* plain bytes, of the range */
	bool named;
	struct hmac hmac;
	uint8_t name[SEAL_KEY];
	size_t len;			/* in buf */
	uint8_t *buf;			/* own; one segment, and a tag */
};

/* --- sizes ------------------------------------------------------------- */

/* Without x + segment, which could wrap. */
static uint64_t
segments(uint64_t size, uint32_t segment)
{
	return size == 0 ? 1 : (size - 1) / segment + 1;
}

static uint32_t
segment_of(const struct seal_about *a)
{
	return a->segment == 0 ? SEAL_SEGMENT : a->segment;
}

uint64_t
seal_size(uint64_t plain, uint32_t segment)
{
	return plain + SEAL_TAG * segments(plain, segment == 0 ?
	    SEAL_SEGMENT : segment);
}

static int
about_check(const struct seal_about *a, struct err *e)
{
	uint32_t segment = segment_of(a);

	if (segment > SEAL_SEGMENT_MAX)
		return err_set(e, ERR_INPUT, "a sealed object has segments of "
		    "%lu bytes, over %d", (unsigned long)segment,
		    SEAL_SEGMENT_MAX);
	if (segments(a->size, segment) > SEGMENTS_MAX)
		return err_set(e, ERR_INPUT, "an object of %llu bytes is too "
		    "large to be sealed", (unsigned long long)a->size);
	return 0;
}

int
seal_span(const struct seal_about *a, uint64_t from, uint64_t n,
    uint64_t *at, uint64_t *len, struct err *e)
{
	uint64_t step = (uint64_t)segment_of(a) + SEAL_TAG, first, last;

	if (about_check(a, e) < 0)
		return -1;
	if (from > a->size || n > a->size - from)
		return err_set(e, ERR_INPUT, "a range of %llu bytes from %llu "
		    "does not lie within the %llu of the object",
		    (unsigned long long)n, (unsigned long long)from,
		    (unsigned long long)a->size);
	/* at the very end it is the last segment that tells */
	first = segments(a->size, segment_of(a)) - 1;
	if (from / segment_of(a) < first)
		first = from / segment_of(a);
	last = n == 0 ? first : (from + n - 1) / segment_of(a);
	*at = first * step;
	*len = last + 1 < segments(a->size, segment_of(a)) ?
	    (last + 1 - first) * step :
	    seal_size(a->size, segment_of(a)) - *at;
	return 0;
}

/* --- keys -------------------------------------------------------------- */

static uint8_t *
put_be(uint8_t *p, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		*p++ = (uint8_t)(v >> (8 * bytes));
	return p;
}

static void
object_key(const struct seal_key *k, const struct seal_about *a,
    uint8_t out[SEAL_KEY + PREFIX])
{
	size_t id_len = strlen(k->id);
	size_t n = sizeof LABEL + 8 + 4 + 1 + id_len + a->ad_len;
	uint8_t *info = xmalloc(n), *p = info;
	struct hkdf h = { .key = k->key, .keylen = SEAL_KEY,
	    .salt = a->salt, .saltlen = SEAL_KEY, .info = info, .infolen = n };

	assert(id_len <= SEAL_ID_MAX);
	memcpy(p, LABEL, sizeof LABEL);
	p = put_be(p + sizeof LABEL, a->stream ? UINT64_MAX : a->size, 8);
	p = put_be(p, segment_of(a), 4);
	p = put_be(p, id_len, 1);
	memcpy(p, k->id, id_len);
	if (a->ad_len > 0)
		memcpy(p + id_len, a->ad, a->ad_len);
	hkdf_make(&h, out, SEAL_KEY + PREFIX);
	free(info);
}

/* 1, 0 the tag does not fit, -1 failed. */
static int
gcm_segment(struct seal *s, size_t n, bool last, struct err *e)
{
	uint8_t nonce[AEAD_NONCE];

	memcpy(nonce, s->prefix, PREFIX);
	put_be(put_be(nonce + PREFIX, s->i, 4), last, 1);
	if (s->open)
		return aead_open(s->gcm, nonce, NULL, 0, s->buf, n + SEAL_TAG,
		    s->buf, e);
	return aead_seal(s->gcm, nonce, NULL, 0, s->buf, n, s->buf, e) < 0 ?
	    -1 : 1;
}

/* --- an object --------------------------------------------------------- */

static int
begin(struct seal **out, const struct seal_key *k,
    const struct seal_about *a, const struct seal_sink *sink, bool open,
    struct err *e)
{
	uint8_t key[SEAL_KEY + PREFIX];
	struct seal *s = xcalloc(1, sizeof *s);
	int r;

	s->sink = *sink;
	s->open = open;
	s->size = a->size;
	s->segment = segment_of(a);
	s->end = segments(a->size, s->segment);
	memcpy(s->id, k->id, sizeof s->id);
	if ((s->named = a->naming != NULL && !open)) {
		hmac_init(&s->hmac, a->naming, SEAL_KEY);
		memcpy(s->name, a->salt, SEAL_KEY);
	}
	s->buf = xmalloc((size_t)s->segment + SEAL_TAG);
	object_key(k, a, key);
	memcpy(s->prefix, key + SEAL_KEY, PREFIX);
	r = aead_new(&s->gcm, AEAD_GCM, key, e);
	mem_wipe(key, sizeof key);
	if (r < 0)
		seal_free(s);
	else
		*out = s;
	return r;
}

int
seal_begin(struct seal **out, const struct seal_key *k,
    const struct seal_about *a, const struct seal_sink *sink, struct err *e)
{
	if (about_check(a, e) < 0 || begin(out, k, a, sink, false, e) < 0)
		return -1;
	assert(!a->stream || (a->size == 0 && a->naming == NULL));
	(*out)->growing = a->stream;
	return 0;
}

int
unseal_begin(struct seal **out, const struct seal_key *k,
    const struct seal_about *a, uint64_t from, uint64_t n,
    const struct seal_sink *sink, struct err *e)
{
	uint64_t at, len, step = (uint64_t)segment_of(a) + SEAL_TAG;

	if (seal_span(a, from, n, &at, &len, e) < 0 ||
	    begin(out, k, a, sink, true, e) < 0)
		return -1;
	(*out)->i = at / step;
	(*out)->end = (at + len - 1) / step + 1;
	(*out)->skip = from - (*out)->i * segment_of(a);
	(*out)->left = n;
	return 0;
}

void
seal_free(struct seal *s)
{
	if (s == NULL)
		return;
	aead_free(s->gcm);
	mem_wipe(s->buf, (size_t)s->segment + SEAL_TAG);
	free(s->buf);
	mem_wipe(s, sizeof *s);
	free(s);
}

static bool
is_last(const struct seal *s)
{
	return s->i + 1 == segments(s->size, s->segment);
}

/* Plain bytes of the next segment. */
static size_t
plain_len(const struct seal *s)
{
	return is_last(s) ? (size_t)(s->size - s->i * s->segment) : s->segment;
}

static int
deliver_plain(struct seal *s, size_t n, struct err *e)
{
	size_t skip = s->skip < n ? (size_t)s->skip : n;
	size_t part = s->left < n - skip ? (size_t)s->left : n - skip;

	s->skip -= skip;
	s->left -= part;
	return part == 0 ? 0 :
	    s->sink.put(s->sink.arg, s->buf + skip, part, e);
}

/* The segment in buf is whole. */
static int
settle(struct seal *s, struct err *e)
{
	size_t n = plain_len(s);
	int r = gcm_segment(s, n, is_last(s), e);

	if (r == 0)
		return err_set(e, ERR_CORRUPT, "sealed bytes do not open, "
		    "segment %llu: they were altered, or are of another "
		    "object, or key '%s' is another one than that which they "
		    "were sealed with", (unsigned long long)s->i, s->id);
	if (r < 0)
		return -1;
	s->i++;
	s->len = 0;
	return s->open ? deliver_plain(s, n, e) :
	    s->sink.put(s->sink.arg, s->buf, n + SEAL_TAG, e);
}

static int
too_many(const struct seal *s, struct err *e)
{
	if (s->open)
		return err_set(e, ERR_CORRUPT, "there are more sealed bytes "
		    "than the object has");
	return err_set(e, ERR_INPUT, "there are more bytes than the %llu that "
	    "were to be sealed", (unsigned long long)s->size);
}

/* A stream is so much longer. */
static int
grow(struct seal *s, size_t n, struct err *e)
{
	if (!s->growing)
		return 0;
	s->size += n;
	s->end = segments(s->size, s->segment);
	return s->end <= SEGMENTS_MAX ? 0 : err_set(e, ERR_INPUT, "a stream "
	    "of over %llu bytes is too large to be sealed",
	    (unsigned long long)(SEGMENTS_MAX * s->segment));
}

static int
add(struct seal *s, const uint8_t *p, size_t n, struct err *e)
{
	size_t want, part;

	if (grow(s, n, e) < 0)
		return -1;
	for (; n > 0; p += part, n -= part) {
		if (s->i == s->end)
			return too_many(s, e);
		want = plain_len(s) + (s->open ? SEAL_TAG : 0);
		/* full, and not the last after all */
		if (s->growing && s->len == s->segment) {
			if (settle(s, e) < 0)
				return -1;
			part = 0;
			continue;
		}
		/* an empty object: its only segment waits for the end */
		if (want == s->len)
			return too_many(s, e);
		part = n < want - s->len ? n : want - s->len;
		memcpy(s->buf + s->len, p, part);
		s->len += part;
		if (s->named)
			hmac_add(&s->hmac, p, part);
		if (s->len == want && !(s->growing && is_last(s)) &&
		    settle(s, e) < 0)
			return -1;
	}
	return 0;
}

static int
failed_before(struct err *e)
{
	return err_set(e, ERR_INPUT, "sealing or opening has ended or failed "
	    "before");
}

int
seal_add(struct seal *s, const void *p, size_t n, struct err *e)
{
	if (s->failed)
		return failed_before(e);
	if (add(s, p, n, e) < 0)
		s->failed = true;
	return s->failed ? -1 : 0;
}

static int
name_check(struct seal *s, struct err *e)
{
	uint8_t name[SEAL_KEY];

	hmac_end(&s->hmac, name);
	if (!hash_same(name, s->name, sizeof name))
		return err_set(e, ERR_INPUT, "the bytes changed while they "
		    "were being sealed; try again");
	return 0;
}

static int
end(struct seal *s, struct err *e)
{
	/* no byte was added that could have settled the only one; of a stream
	 * the last is known now */
	if (!s->open && (s->growing || (s->size == 0 && s->i == 0)) &&
	    settle(s, e) < 0)
		return -1;
	if (s->i < s->end && s->open)
		return err_set(e, ERR_CORRUPT, "sealed bytes end too early");
	if (s->i < s->end)
		return err_set(e, ERR_INPUT, "there are fewer bytes than the "
		    "%llu that were to be sealed",
		    (unsigned long long)s->size);
	return s->named ? name_check(s, e) : 0;
}

int
seal_end(struct seal *s, struct err *e)
{
	int r = s->failed ? failed_before(e) : end(s, e);

	s->failed = true;	/* nothing more may come */
	return r;
}
