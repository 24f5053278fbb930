#include "sync/sealing.h"

#include "base/alloc.h"
#include "base/json.h"
#include "store/audit_note.h"
#include "store/keyring.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT 1
#define BEGIN "{\"type\":\"sealed\","
#define PURPOSE "memkit objects"
#define STEP ((size_t)256 << 10)	/* of a file, at once */

struct sealing {
	const struct store *st;
	const char *tenant;		/* borrowed */
	bool on;
	struct keyring *ring;		/* own; NULL: not read yet */
	const struct seal_key *active;	/* in it, where on */
	uint8_t naming[SEAL_KEY];	/* where on */
};

/* --- keys -------------------------------------------------------------- */

int
sealing_open(struct sealing **out, const struct store *st, bool seal,
    struct err *e)
{
	struct sealing *sl = xcalloc(1, sizeof *sl);

	sl->st = st;
	sl->tenant = st->tenant;
	sl->on = seal;
	if (seal && (keyring_open(&sl->ring, st, e) < 0 ||
	    keyring_active(sl->ring, &sl->active, e) < 0 ||
	    (!keyring_find_secret(sl->ring, PURPOSE, sl->naming) &&
	    keyring_secret(st, PURPOSE, sl->naming, e) < 0))) {
		sealing_free(sl);
		return -1;
	}
	*out = sl;
	return 0;
}

void
sealing_of(struct sealing *sl, const char *tenant)
{
	sl->tenant = tenant;
}

void
sealing_free(struct sealing *sl)
{
	if (sl == NULL)
		return;
	keyring_free(sl->ring);
	mem_wipe(sl, sizeof *sl);
	free(sl);
}

bool
sealing_on(const struct sealing *sl)
{
	return sl != NULL && sl->on;
}

static int
find_key(struct sealing *sl, const char *id, const struct seal_key **k,
    struct err *e)
{
	if (sl->ring == NULL && keyring_open(&sl->ring, sl->st, e) < 0)
		return -1;
	if (keyring_find(sl->ring, id, k, e) < 0)
		return -1;
	audit_key_use(sl->st, id);
	return 0;
}

/* What it is for, and whose. */
static void
add_purpose(const struct sealing *sl, const char *kind, struct buf *ad)
{
	buf_addf(ad, "memkit %s", kind);
	buf_addc(ad, '\0');
	buf_adds(ad, sl->tenant);
}

/* --- names ------------------------------------------------------------- */

struct naming {
	bool sealed;
	struct hmac hmac;
	struct hash hash;
};

static void
naming_begin(struct naming *n, const struct sealing *sl)
{
	if ((n->sealed = sealing_on(sl)))
		hmac_init(&n->hmac, sl->naming, SEAL_KEY);
	else
		hash_init(&n->hash);
}

static void
naming_end(struct naming *n, uint8_t name[HASH_LEN])
{
	if (n->sealed)
		hmac_end(&n->hmac, name);
	else
		hash_end(&n->hash, name);
}

void
sealing_name(const struct sealing *sl, const void *p, size_t n,
    uint8_t name[HASH_LEN])
{
	if (sealing_on(sl))
		seal_name(sl->naming, p, n, name);
	else
		hash_mem(p, n, name);
}

/* --- files ------------------------------------------------------------- */

struct part_of {
	int fd;
	uint64_t len;
};

/* A seal_source: of a file, its first bytes. */
static int
give_part(void *arg, const struct seal_sink *to, struct err *e)
{
	const uint64_t len = ((struct part_of *)arg)->len;
	const int fd = ((struct part_of *)arg)->fd;
	uint8_t *room = xmalloc(STEP);
	uint64_t at = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && at < len) {
		n = pread(fd, room, len - at < STEP ? (size_t)(len - at) :
		    STEP, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_sys(e, "cannot read");
		else if (n == 0)
			r = err_set(e, ERR_INPUT, "a file became shorter "
			    "while it was read");
		else
			r = to->put(to->arg, room, (size_t)n, e);
		at += n > 0 ? (uint64_t)n : 0;
	}
	free(room);
	return r;
}

static int
name_step(void *arg, const void *p, size_t n, struct err *e)
{
	struct naming *naming = arg;

	(void)e;
	if (naming->sealed)
		hmac_add(&naming->hmac, p, n);
	else
		hash_add(&naming->hash, p, n);
	return 0;
}

int
sealing_name_of(const struct sealing *sl, seal_source *from, void *arg,
    uint8_t name[HASH_LEN], struct err *e)
{
	struct naming naming;
	const struct seal_sink sink = { name_step, &naming };
	int r;

	naming_begin(&naming, sl);
	r = from(arg, &sink, e);
	naming_end(&naming, name);
	return r;
}

int
sealing_name_fd(const struct sealing *sl, int fd, uint64_t len,
    uint8_t name[HASH_LEN], struct err *e)
{
	struct part_of from = { fd, len };

	return sealing_name_of(sl, give_part, &from, name, e);
}

/* --- the line in front ------------------------------------------------- */

static void
write_head(const char *id, const uint8_t salt[SEAL_KEY], uint64_t size,
    struct buf *b)
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, salt, SEAL_KEY);
	buf_addf(b, BEGIN "\"format\":%d,\"key\":\"%s\",\"salt\":\"%s\","
	    "\"size\":%" PRIu64 "}\n", FORMAT, id, hex, size);
}

static int
bad(struct err *e, const char *why)
{
	return err_set(e, ERR_INPUT, "no sealed object: %s", why);
}

struct head {
	char id[SEAL_ID_MAX + 1];
	uint8_t salt[SEAL_KEY];
	uint64_t size;
};

static int
read_members(struct head *h, const json_t *o, struct err *e)
{
	const char *id = get_str(o, "key", NULL);
	const char *salt = get_str(o, "salt", NULL);
	int64_t format, size;
	struct err why;

	if (get_int(o, "format", &format) != 1 || format < 1)
		return bad(e, "it has no format");
	if (format > FORMAT)
		return err_set(e, ERR_VERSION, "a sealed object of format %"
		    PRId64 " (this is %d); upgrade memkit", format, FORMAT);
	if (id == NULL || seal_id_check(id, &why) < 0)
		return bad(e, "it does not name its key");
	if (salt == NULL || strlen(salt) != HASH_HEX ||
	    !hex_decode(h->salt, salt, SEAL_KEY))
		return bad(e, "it has no salt");
	if (get_int(o, "size", &size) != 1 || size < 0)
		return bad(e, "it has no size");
	memcpy(h->id, id, strlen(id) + 1);
	h->size = (uint64_t)size;
	return 0;
}

/* Bytes of the line, or -1.  Only one way to write it is right. */
static int
read_head(struct head *h, const void *p, size_t n, struct err *e)
{
	const char *nl = memchr(p, '\n', n < SEALING_HEAD ? n : SEALING_HEAD);
	struct buf again = BUF_INIT;
	struct err why;
	size_t len;
	json_t *o;
	int r;

	if (nl == NULL)
		return bad(e, "its first line does not end");
	len = (size_t)(nl - (const char *)p);
	if ((o = json_read(p, len, &why)) == NULL)
		return bad(e, why.msg);
	r = read_members(h, o, e);
	json_decref(o);
	if (r < 0)
		return -1;
	write_head(h->id, h->salt, h->size, &again);
	if (again.len != len + 1 || memcmp(again.p, p, again.len) != 0)
		r = bad(e, "it does not begin as memkit writes it");
	buf_release(&again);
	return r < 0 ? -1 : (int)len + 1;
}

/* --- to seal ----------------------------------------------------------- */

uint64_t
sealing_size(const struct sealing *sl, uint64_t plain)
{
	static const uint8_t salt[SEAL_KEY];
	struct buf head = BUF_INIT;
	uint64_t n;

	if (!sealing_on(sl))
		return plain;
	write_head(sl->active->id, salt, plain, &head);
	n = head.len + seal_size(plain, 0);
	buf_release(&head);
	return n;
}

/* The line goes out, and what is added to *s behind it. */
static int
begin(const struct sealing *sl, const char *kind, uint64_t len,
    const uint8_t name[HASH_LEN], const struct seal_sink *sink,
    struct seal **s, struct err *e)
{
	struct buf ad = BUF_INIT, head = BUF_INIT;
	struct seal_about about = { .size = len, .naming = sl->naming };
	int r;

	memcpy(about.salt, name, SEAL_KEY);
	add_purpose(sl, kind, &ad);
	about.ad = ad.p;
	about.ad_len = ad.len;
	write_head(sl->active->id, name, len, &head);
	audit_key_use(sl->st, sl->active->id);
	if ((r = sink->put(sink->arg, head.p, head.len, e)) == 0)
		r = seal_begin(s, sl->active, &about, sink, e);
	buf_release(&head);
	buf_release(&ad);
	return r;
}

int
sealing_pack(const struct sealing *sl, const char *kind, const void *p,
    size_t n, const uint8_t name[HASH_LEN], struct buf *out, struct err *e)
{
	const struct seal_sink sink = seal_to_buf(out);
	uint8_t made[HASH_LEN];
	struct seal *s = NULL;
	int r = 0;

	if (!sealing_on(sl)) {
		buf_add(out, p, n);
		return 0;
	}
	if (name == NULL) {
		sealing_name(sl, p, n, made);
		name = made;
	}
	buf_reserve(out, (size_t)sealing_size(sl, n));
	if (begin(sl, kind, n, name, &sink, &s, e) < 0 ||
	    seal_add(s, p, n, e) < 0 || seal_end(s, e) < 0)
		r = -1;
	seal_free(s);
	return r;
}

void
sealing_sum(const struct sealing *sl, const uint8_t name[HASH_LEN],
    const void *object, size_t n, uint8_t sum[HASH_LEN])
{
	if (sealing_on(sl))
		hash_mem(object, n, sum);
	else
		memcpy(sum, name, HASH_LEN);
}

int
sealing_pack_of(const struct sealing *sl, const char *kind,
    seal_source *from, void *arg, uint64_t len, const uint8_t name[HASH_LEN],
    const struct seal_sink *sink, struct err *e)
{
	struct seal_sink sealed;
	struct seal *s = NULL;
	int r;

	if (!sealing_on(sl))
		return from(arg, sink, e);
	if ((r = begin(sl, kind, len, name, sink, &s, e)) == 0) {
		sealed = seal_to_seal(s);
		r = from(arg, &sealed, e);
	}
	if (r == 0)
		r = seal_end(s, e);
	seal_free(s);
	return r;
}

int
sealing_pack_fd(const struct sealing *sl, const char *kind, int fd,
    uint64_t len, const uint8_t name[HASH_LEN], const struct seal_sink *sink,
    struct err *e)
{
	struct part_of from = { fd, len };

	return sealing_pack_of(sl, kind, give_part, &from, len, name, sink, e);
}

/* --- to open ----------------------------------------------------------- */

static bool
is_sealed(const void *p, size_t n)
{
	return n >= strlen(BEGIN) && memcmp(p, BEGIN, strlen(BEGIN)) == 0;
}

int
sealing_part(struct sealing *sl, const char *kind, const void *first,
    size_t n, uint64_t object_size, const uint8_t name[HASH_LEN],
    struct sealing_part *part, struct err *e)
{
	const struct seal_key *key;
	struct head h;
	int len;

	memset(part, 0, sizeof *part);
	buf_init(&part->ad);
	part->size = object_size;
	if (!is_sealed(first, n))
		return 0;
	if ((len = read_head(&h, first, n, e)) < 0)
		return -1;
	if (name != NULL && memcmp(name, h.salt, SEAL_KEY) != 0)
		return bad(e, "it is another one than its name says");
	if (h.size > object_size ||
	    (uint64_t)len + seal_size(h.size, 0) != object_size)
		return bad(e, "it has not the bytes that it says");
	if (find_key(sl, h.id, &key, e) < 0)
		return err_add(e, "what is there is sealed: ");
	part->sealed = true;
	part->head = (uint64_t)len;
	part->size = h.size;
	part->key = *key;
	add_purpose(sl, kind, &part->ad);
	memcpy(part->about.salt, h.salt, SEAL_KEY);
	part->about.size = h.size;
	part->about.ad = part->ad.p;
	part->about.ad_len = part->ad.len;
	return 0;
}

void
sealing_part_release(struct sealing_part *part)
{
	buf_release(&part->ad);
	mem_wipe(&part->key, sizeof part->key);
}

int
sealing_span(const struct sealing_part *part, uint64_t from, uint64_t n,
    uint64_t *at, uint64_t *len, struct err *e)
{
	if (part->sealed) {
		if (seal_span(&part->about, from, n, at, len, e) < 0)
			return -1;
		*at += part->head;
		return 0;
	}
	if (from > part->size || n > part->size - from)
		return err_set(e, ERR_INPUT, "a range of %" PRIu64 " bytes "
		    "from %" PRIu64 " does not lie within the %" PRIu64
		    " of the object", n, from, part->size);
	*at = from;
	*len = n;
	return 0;
}

int
sealing_open_part(const struct sealing_part *part, uint64_t from, uint64_t n,
    const void *p, size_t len, struct buf *out, struct err *e)
{
	const struct seal_sink sink = seal_to_buf(out);
	struct seal *s = NULL;
	int r = 0;

	if (!part->sealed) {
		if (len != n)
			return err_set(e, ERR_INPUT, "a part of %" PRIu64
			    " bytes has %zu", n, len);
		buf_add(out, p, len);
		return 0;
	}
	if (unseal_begin(&s, &part->key, &part->about, from, n, &sink, e) < 0 ||
	    seal_add(s, p, len, e) < 0 || seal_end(s, e) < 0)
		r = -1;
	seal_free(s);
	return r;
}

static int
check_clear(const void *p, size_t n, const uint8_t name[HASH_LEN],
    struct err *e)
{
	uint8_t sum[HASH_LEN];

	if (name == NULL)
		return 0;
	hash_mem(p, n, sum);
	if (memcmp(sum, name, HASH_LEN) == 0)
		return 0;
	return err_set(e, ERR_INPUT, "its bytes are not those that its name "
	    "says; it was damaged, or altered");
}

int
sealing_unpack(struct sealing *sl, const char *kind, const void *p, size_t n,
    const uint8_t name[HASH_LEN], struct buf *out, struct err *e)
{
	struct sealing_part part;
	const char *bytes = p;
	int r;

	if (!is_sealed(p, n)) {
		if (check_clear(p, n, name, e) < 0)
			return -1;
		buf_add(out, p, n);
		return 0;
	}
	if ((r = sealing_part(sl, kind, p, n, n, name, &part, e)) == 0) {
		buf_reserve(out, (size_t)part.size);
		r = sealing_open_part(&part, 0, part.size, bytes + part.head,
		    n - (size_t)part.head, out, e);
	}
	sealing_part_release(&part);
	return r < 0 ? -1 : 1;
}
