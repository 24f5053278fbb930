/*
 * Objects in clear and sealed: names, forms, ranges, and what does not open.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/hash.h"
#include "store/keyring.h"
#include "sync/sealing.h"

#include <fcntl.h>
#include <string.h>

static struct err e;
static char plain[200001];	/* over three segments */

static struct store *
with_key(const char *dir, const char *id)
{
	struct store *st = temp_open(dir, "ann", STORE_WRITE);
	char name[SEAL_ID_MAX + 1];

	snprintf(name, sizeof name, "%s", id);
	if (keyring_new(st, name, &e) < 0)
		printf("# %s\n", e.msg);
	return st;
}

static struct sealing *
on(const struct store *st, bool seal)
{
	struct sealing *sl = NULL;

	if (sealing_open(&sl, st, seal, &e) < 0)
		printf("# %s\n", e.msg);
	return sl;
}

/* --- in clear ---------------------------------------------------------- */

static void
in_clear(struct store *st)
{
	struct sealing *sl = on(st, false);
	struct buf b = BUF_INIT, back = BUF_INIT;
	uint8_t name[HASH_LEN], sum[HASH_LEN];

	sealing_name(sl, "abc", 3, name);
	hash_mem("abc", 3, sum);
	ok(memcmp(name, sum, HASH_LEN) == 0, "in clear a name is the SHA-256");
	is_int((int64_t)sealing_size(sl, 3), 3, "and the size is the size");
	is_int(sealing_pack(sl, "piece", "abc", 3, name, &b, &e), 0,
	    "an object");
	is_str(b.p, "abc", "is its bytes");
	is_int(sealing_unpack(sl, "piece", b.p, b.len, name, &back, &e), 0,
	    "is read");
	is_str(back.p, "abc", "as it is");
	b.p[1] = 'B';
	is_int(sealing_unpack(sl, "piece", b.p, b.len, name, &back, &e), -1,
	    "another one under its name is not");
	is_int((int)e.code, ERR_INPUT, "it was damaged");
	buf_release(&b);
	buf_release(&back);
	sealing_free(sl);
}

/* --- sealed ------------------------------------------------------------ */

static void
there_and_back(struct sealing *sl, size_t n)
{
	struct buf b = BUF_INIT, again = BUF_INIT, back = BUF_INIT;
	uint8_t name[HASH_LEN];

	sealing_name(sl, plain, n, name);
	sealing_pack(sl, "piece", plain, n, name, &b, &e);
	sealing_pack(sl, "piece", plain, n, NULL, &again, &e);
	ok(b.len == again.len && memcmp(b.p, again.p, b.len) == 0,
	    "%zu bytes: the same object each time", n);
	is_int((int64_t)sealing_size(sl, n), (int64_t)b.len,
	    "its size was known");
	is_int(sealing_unpack(sl, "piece", b.p, b.len, name, &back, &e), 1,
	    "it opens");
	ok(back.len == n && (n == 0 || memcmp(back.p, plain, n) == 0),
	    "and is what it was");
	buf_release(&b);
	buf_release(&again);
	buf_release(&back);
}

/* How it ends where what is asked for, or what is there, is another one. */
static void
refused(struct sealing *sl, const char *kind, const struct buf *b,
    const uint8_t *name, int code, const char *why)
{
	struct buf back = BUF_INIT;

	is_int(sealing_unpack(sl, kind, b->p, b->len, name, &back, &e), -1,
	    "%s", why);
	is_int((int)e.code, code, "%s", e.msg);
	buf_release(&back);
}

static void
others(struct store *st, struct sealing *sl)
{
	struct store *none = temp_open("none", "ann", STORE_WRITE);
	struct store *forged = with_key("forged", "k");
	struct store_where w = { .dir = st->dir, .tenant = "other",
	    .user = "ann" };
	struct store *tenant = NULL;
	struct sealing *x;
	struct buf b = BUF_INIT;
	uint8_t name[HASH_LEN], other[HASH_LEN] = { 1 };

	sealing_name(sl, plain, 1000, name);
	sealing_pack(sl, "piece", plain, 1000, name, &b, &e);
	refused(sl, "segment", &b, name, ERR_CORRUPT, "of another kind");
	refused(sl, "piece", &b, other, ERR_INPUT, "under another name");
	b.len--;
	refused(sl, "piece", &b, name, ERR_INPUT, "without its last byte");
	b.len++;
	b.p[b.len - 1] ^= 1;
	refused(sl, "piece", &b, name, ERR_CORRUPT, "with another last bit");
	b.p[b.len - 1] ^= 1;
	store_open(&tenant, &w, STORE_WRITE, &e);
	x = on(tenant, false);
	refused(x, "piece", &b, name, ERR_CORRUPT, "of another tenant");
	sealing_free(x);
	x = on(none, false);
	refused(x, "piece", &b, name, ERR_ABSENT, "without the key");
	ok(strstr(e.msg, "'k'") != NULL, "its id is told");
	sealing_free(x);
	x = on(forged, false);
	refused(x, "piece", &b, name, ERR_CORRUPT, "with another of this id");
	sealing_free(x);
	x = NULL;
	is_int(sealing_open(&x, none, true, &e), -1, "none to seal with");
	is_int((int)e.code, ERR_ABSENT, "%s", e.msg);
	buf_release(&b);
	store_close(none);
	store_close(forged);
	store_close(tenant);
}

/* Each bit of a small one, and each end of it. */
static void
bits(struct sealing *sl)
{
	struct buf b = BUF_INIT, back = BUF_INIT;
	uint8_t name[HASH_LEN];
	size_t i, bad = 0;

	sealing_name(sl, plain, 50, name);
	sealing_pack(sl, "piece", plain, 50, name, &b, &e);
	for (i = 0; i < b.len * 8; i++) {
		b.p[i / 8] ^= (char)(1 << i % 8);
		bad += sealing_unpack(sl, "piece", b.p, b.len, name, &back,
		    &e) < 0;
		b.p[i / 8] ^= (char)(1 << i % 8);
	}
	is_int((int64_t)bad, (int64_t)b.len * 8, "each bit counts");
	for (bad = i = 0; i < b.len; i++)
		bad += sealing_unpack(sl, "piece", b.p, i, name, &back,
		    &e) < 0;
	is_int((int64_t)bad, (int64_t)b.len, "and each byte");
	is_int((int64_t)back.len, 0, "and nothing came of it");
	buf_release(&b);
	buf_release(&back);
}

/* --- parts ------------------------------------------------------------- */

static bool
part_is(struct sealing *sl, const struct buf *b, const uint8_t *name,
    uint64_t from, uint64_t n)
{
	struct sealing_part part;
	struct buf back = BUF_INIT;
	uint64_t at = 0, len = 0;
	bool same;

	if (sealing_part(sl, "pack", b->p, b->len < SEALING_HEAD ? b->len :
	    SEALING_HEAD, b->len, name, &part, &e) < 0 ||
	    sealing_span(&part, from, n, &at, &len, &e) < 0 ||
	    sealing_open_part(&part, from, n, b->p + at, (size_t)len, &back,
	    &e) < 0)
		printf("# %s\n", e.msg);
	same = part.size == sizeof plain && back.len == n &&
	    (n == 0 || memcmp(back.p, plain + from, n) == 0);
	sealing_part_release(&part);
	buf_release(&back);
	return same;
}

static void
parts(struct sealing *sl, const char *how)
{
	static const uint64_t at[] = { 0, 1, 65535, 65536, 65537, 131072,
	    200000, 200001 };
	struct buf b = BUF_INIT;
	uint8_t name[HASH_LEN];
	size_t i, j;
	int bad = 0;

	sealing_name(sl, plain, sizeof plain, name);
	sealing_pack(sl, "pack", plain, sizeof plain, name, &b, &e);
	for (i = 0; i < sizeof at / sizeof *at; i++)
		for (j = i; j < sizeof at / sizeof *at; j++)
			bad += !part_is(sl, &b, name, at[i], at[j] - at[i]);
	is_int(bad, 0, "%s: each part is what it was", how);
	buf_release(&b);
}

static void
out_of_range(struct sealing *sl)
{
	struct sealing_part part;
	struct buf b = BUF_INIT;
	uint64_t at, len;

	sealing_pack(sl, "pack", plain, 100, NULL, &b, &e);
	sealing_part(sl, "pack", b.p, b.len, b.len, NULL, &part, &e);
	is_int(sealing_span(&part, 90, 11, &at, &len, &e), -1, "over its end");
	is_int(sealing_span(&part, UINT64_MAX, 2, &at, &len, &e), -1,
	    "around zero");
	sealing_part_release(&part);
	if (sealing_on(sl)) {
		is_int(sealing_part(sl, "pack", b.p, b.len, b.len + 1, NULL,
		    &part, &e), -1, "of another size");
		sealing_part_release(&part);
	}
	buf_release(&b);
}

/* --- files ------------------------------------------------------------- */

static int
to_buf(void *arg, const void *p, size_t n, struct err *err)
{
	(void)err;
	buf_add(arg, p, n);
	return 0;
}

static void
files(struct sealing *sl)
{
	struct buf b = BUF_INIT, want = BUF_INIT;
	const struct seal_sink sink = { to_buf, &b };
	uint8_t name[HASH_LEN], same[HASH_LEN];
	int fd;

	file_replace("f", plain, sizeof plain, &e);
	fd = open("f", O_RDWR);
	sealing_name(sl, plain, sizeof plain, same);
	is_int(sealing_name_fd(sl, fd, sizeof plain, name, &e), 0, "a file");
	ok(memcmp(name, same, HASH_LEN) == 0, "has the name of its bytes");
	sealing_pack(sl, "pack", plain, sizeof plain, name, &want, &e);
	is_int(sealing_pack_fd(sl, "pack", fd, sizeof plain, name, &sink, &e),
	    0, "is sealed");
	ok(b.len == want.len && memcmp(b.p, want.p, b.len) == 0,
	    "as they are");
	is_int(sealing_name_fd(sl, fd, sizeof plain + 1, name, &e), -1,
	    "one that is shorter");
	if (sealing_on(sl)) {
		is_int(pwrite(fd, "x", 1, 100000), 1, "a byte of it");
		is_int(sealing_pack_fd(sl, "pack", fd, sizeof plain, same,
		    &sink, &e), -1, "one that was changed meanwhile");
		is_int((int)e.code, ERR_INPUT, "%s", e.msg);
	}
	close(fd);
	buf_release(&b);
	buf_release(&want);
}

int
main(void)
{
	struct sealing *sl, *clear;
	struct store *st;
	size_t i;

	temp_begin();
	st = with_key("st", "k");
	for (i = 0; i < sizeof plain; i++)
		plain[i] = (char)(i * 31 >> 4);
	in_clear(st);
	sl = on(st, true);
	clear = on(st, false);
	there_and_back(sl, 0);
	there_and_back(sl, 1);
	there_and_back(sl, 65536);
	there_and_back(sl, sizeof plain);
	others(st, sl);
	bits(sl);
	parts(sl, "sealed");
	parts(clear, "in clear");
	out_of_range(sl);
	out_of_range(clear);
	files(sl);
	files(clear);
	sealing_free(sl);
	sealing_free(clear);
	store_close(st);
	return temp_end() | done();
}
