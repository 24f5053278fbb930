/*
 * zstd frames: what goes in comes out, and damage never does.
 */
#include "tap.h"

#include "base/zip.h"

static const char text[] = "the same words again and again: the same words "
    "again and again, and then some others that were not there before";

static void
plain(void)
{
	struct zip *z = zip_new(NULL, 0);
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e = { 0 };
	size_t one;

	buf_adds(&a, "head");
	zip_pack(z, &a, text, sizeof text, 3);
	buf_adds(&b, "before ");
	ok(zip_unpack(z, &b, a.p + 4, a.len - 4, sizeof text, &e) == 0 &&
	    b.len == 7 + sizeof text && strcmp(b.p + 7, text) == 0,
	    "a frame is appended and comes back behind what is there");
	ok(memcmp(a.p, "head\x28\xb5\x2f\xfd", 8) == 0 &&
	    (a.p[8] & 0xe7) == 0x24,	/* RFC 8878, 3.1.1.1.1 */
	    "single segment with size and checksum, no dictionary id");
	one = a.len;
	zip_pack(z, &a, "", 0, 19);
	buf_reset(&b);
	ok(zip_unpack(z, &b, a.p + one, a.len - one, 0, &e) == 0 && b.len == 0,
	    "nothing too, at another level");
	ok(zip_unpack(z, &b, a.p + 4, one - 4, sizeof text - 1, &e) < 0 &&
	    e.code == ERR_CORRUPT && b.len == 0, "over the limit");
	ok(zip_unpack(z, &b, a.p + 4, a.len - 4, 1000, &e) < 0 && b.len == 0,
	    "two frames are refused");
	ok(zip_unpack(z, &b, "", 0, 1000, &e) < 0, "no bytes are no frame");
	/* a skippable frame of four bytes: RFC 8878, 3.1.2 */
	ok(zip_unpack(z, &b, "\x50\x2a\x4d\x18\4\0\0\0abcd", 12, 1000, &e) < 0,
	    "a skippable frame is refused");
	/* a frame without its size, made by `printf hi | zstd` */
	ok(zip_unpack(z, &b, "\x28\xb5\x2f\xfd\x04\x58\x11\0\0hi\xfa\x38\x26"
	    "\xea", 15, 1000, &e) < 0 && b.len == 0, "unknown size is refused");
	zip_free(z);
	zip_free(NULL);
	buf_release(&a);
	buf_release(&b);
}

/* Every single bit of a frame turned over. */
static void
damage(void)
{
	struct zip *z = zip_new(NULL, 0);
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e;
	size_t i, taken = 0, changed = 0;

	zip_pack(z, &a, text, sizeof text, 3);
	for (i = 0; i < a.len * 8; i++) {
		a.p[i / 8] ^= (char)(1 << i % 8);
		buf_reset(&b);
		if (zip_unpack(z, &b, a.p, a.len, 1 << 20, &e) == 0) {
			taken++;
			changed += b.len != sizeof text ||
			    memcmp(b.p, text, b.len) != 0;
		}
		a.p[i / 8] ^= (char)(1 << i % 8);
	}
	is_int(changed, 0, "no damaged frame gives other bytes");
	/* unused bits: of the header, of the code table */
	ok(taken <= 32, "%zu of %zu flips do not matter", taken, i);
	for (i = 0, taken = 0; i < a.len; i++)
		taken += zip_unpack(z, &b, a.p, i, 1 << 20, &e) == 0;
	is_int(taken, 0, "no cut frame is taken");
	zip_free(z);
	buf_release(&a);
	buf_release(&b);
}

static void
dictionary(void)
{
	struct buf s = BUF_INIT, d = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	size_t len[2000], i, small;
	struct zip *z, *none = zip_new(NULL, 0);
	struct err e = { 0 };
	int r;

	for (i = 0; i < 2000; i++) {
		len[i] = s.len;
		buf_addf(&s, "user %zu asked for the token of session %zu and "
		    "the assistant refreshed it in attempt %zu",
		    i * 7919 % 1000, i * 104729 % 997, i % 7);
		len[i] = s.len - len[i];
	}
	r = zip_train(&d, 4096, s.p, len, 2000, &e);
	ok(r == 0 && d.len > 100 && d.len <= 4096, "a dictionary of %zu bytes",
	    d.len);
	z = zip_new(d.p, d.len);
	zip_pack(z, &a, s.p, len[0], 3);
	ok(zip_unpack(z, &b, a.p, a.len, 1000, &e) == 0 && b.len == len[0] &&
	    memcmp(b.p, s.p, b.len) == 0, "comes back");
	small = a.len;
	buf_reset(&b);
	ok(zip_unpack(none, &b, a.p, a.len, 1000, &e) < 0 &&
	    e.code == ERR_CORRUPT && b.len == 0, "not without the dictionary");
	buf_reset(&a);
	zip_pack(none, &a, s.p, len[0], 3);
	ok(small < a.len * 3 / 4, "%zu bytes with it, %zu without", small,
	    a.len);
	buf_reset(&b);
	ok(zip_unpack(z, &b, a.p, a.len, 1000, &e) == 0,
	    "a frame without it is read with it");
	buf_reset(&a);
	buf_reset(&b);
	zip_pack(z, &a, s.p, len[0], 19);
	zip_pack(z, &b, s.p, len[0], 3);
	is_int(b.len, small, "levels may change");
	buf_reset(&b);
	ok(zip_unpack(z, &b, a.p, a.len, 1000, &e) == 0, "and be read");
	ok(zip_train(&b, 4096, s.p, len, 3, &e) < 0 && e.code == ERR_INPUT,
	    "three samples are too few");
	memset(len, 0, sizeof len);
	ok(zip_train(&b, 4096, s.p, len, 2000, &e) < 0, "so are empty ones");
	zip_free(z);
	zip_free(none);
	buf_release(&s);
	buf_release(&d);
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	plain();
	damage();
	dictionary();
	return done();
}
