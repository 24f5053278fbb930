/*
 * Packs: an index is one frame of zstd that jq could read, says where each
 * file is, and is refused with any byte of it changed; what is no index is
 * refused with the reason.
 */
#include "tap.h"

#include "base/zip.h"
#include "sync/packfile.h"

#include <string.h>

#define S "{\"sha256\":\""
#define A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

static struct err e;

static int
reads(const char *text, size_t len, struct packfile *p)
{
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT;
	int r;

	e.msg[0] = '\0';
	zip_pack(zip, &b, text, len, 1);
	r = packfile_read(p, b.p, b.len, &e);
	zip_free(zip);
	buf_release(&b);
	return r;
}

static void
form(void)
{
	struct packfile p = PACKFILE_INIT, q = PACKFILE_INIT;
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct zip *zip = zip_new(NULL, 0);
	uint8_t sum[HASH_LEN];

	hash_mem("a", 1, sum);
	packfile_add(&p, sum, 1);
	hash_mem("", 0, sum);
	packfile_add(&p, sum, 0);
	hash_mem("b", 1, sum);
	packfile_add(&p, sum, 4000000000);
	is_int((int64_t)p.bytes, 4000000001, "bytes of all");
	packfile_write(&p, &b);
	is_int(zip_unpack(zip, &text, b.p, b.len, 10000, &e), 0,
	    "the index is a frame of zstd");
	is_str(text.p, "{\"type\":\"pack\",\"format\":1,\"files\":3,"
	    "\"bytes\":4000000001}\n"
	    S A "\",\"size\":1}\n"
	    S "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	    "\",\"size\":0}\n"
	    S "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
	    "\",\"size\":4000000000}\n", "of these lines");
	is_int(packfile_read(&q, b.p, b.len, &e), 0, "it is read");
	ok(q.n == 3 && q.bytes == p.bytes && q.v[0].offset == 0 &&
	    q.v[1].offset == 1 && q.v[2].offset == 1 && q.v[2].size ==
	    4000000000, "where each is");
	packfile_release(&q);
	packfile_clear(&p);
	ok(p.n == 0 && p.bytes == 0, "empty again");
	packfile_release(&p);
	buf_release(&b);
	buf_release(&text);
	zip_free(zip);
}

static void
refused(const char *text, size_t len, const char *why)
{
	struct packfile p = PACKFILE_INIT;

	ok(reads(text, len, &p) == -1 && e.code == ERR_CORRUPT &&
	    strstr(e.msg, why) != NULL, "%s", e.msg);
	packfile_release(&p);
}
#define REFUSED(text, why) refused(text, sizeof text - 1, why)

#define HEAD(f, n, b) "{\"type\":\"pack\",\"format\":" f ",\"files\":" n \
	",\"bytes\":" b "}\n"
#define LINE(n) S A "\",\"size\":" n "}\n"

static void
wrong(void)
{
	static const char newer[] = HEAD("2", "1", "1") "{\"new\":1}\n";
	static const char good[] = HEAD("1", "1", "1") LINE("1");
	struct packfile p = PACKFILE_INIT;

	is_int(reads(good, sizeof good - 1, &p), 0, "one is right");
	packfile_release(&p);
	ok(reads(newer, sizeof newer - 1, &p) == -1 && e.code == ERR_VERSION,
	    "%s", e.msg);
	packfile_release(&p);
	REFUSED("", "does not say");
	REFUSED("{\"type\":\"snapshot\"}\n", "does not say");
	REFUSED(HEAD("1", "0", "0"), "first line");
	REFUSED(HEAD("1", "16385", "0"), "first line");
	REFUSED(HEAD("1", "1", "9223372036854775807"), "first line");
	REFUSED(HEAD("1", "1", "99999999999999999999"), "first line");
	REFUSED(HEAD("1", "1", "01") LINE("1"), "as it is written");
	REFUSED(HEAD("1", "2", "1") LINE("1"), "first line");
	REFUSED(HEAD("1", "1", "2") LINE("1"), "first line");
	REFUSED(HEAD("1", "1", "1") LINE("1") LINE("0"), "a line");
	REFUSED(HEAD("1", "1", "1") LINE("2"), "a line");
	REFUSED(HEAD("1", "2", "1") LINE("1")
	    LINE("18446744073709551615"), "a line");
	REFUSED(HEAD("1", "1", "1") S "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8"
	    "147C4E72B9807785AFEE48BB\",\"size\":1}\n", "");
	REFUSED(HEAD("1", "1", "1") S "ca97\",\"size\":1}\n", "a line");
	REFUSED(HEAD("1", "1", "1") LINE("1") "\0", "as it is written");
	REFUSED(HEAD("1", "1", "1") "\n" LINE("1"), "a line");
}

/* Each byte of one, changed; and each that is cut off. */
static void
damaged(void)
{
	struct packfile p = PACKFILE_INIT;
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];
	size_t i, taken = 0;

	for (i = 0; i < 3; i++) {
		hash_mem(&i, sizeof i, sum);
		packfile_add(&p, sum, i * 1000);
	}
	packfile_write(&p, &b);
	packfile_release(&p);
	for (i = 0; i < b.len; i++) {
		b.p[i] ^= 0x55;
		taken += packfile_read(&p, b.p, b.len, &e) == 0;
		packfile_release(&p);
		b.p[i] ^= 0x55;
		taken += packfile_read(&p, b.p, i, &e) == 0;
		packfile_release(&p);
	}
	is_int((int64_t)taken, 0, "any byte that is another, or missing");
	buf_addc(&b, 0);
	is_int(packfile_read(&p, b.p, b.len, &e), -1, "or one more");
	packfile_release(&p);
	buf_release(&b);
}

/* As many as there may be, of which none is like another. */
static void
most(void)
{
	struct packfile p = PACKFILE_INIT, q = PACKFILE_INIT;
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];
	size_t i;

	for (i = 0; i < PACK_FILES; i++) {
		hash_mem(&i, sizeof i, sum);
		packfile_add(&p, sum, i % 2 == 0 ? 0 : INT64_C(500000000000));
	}
	packfile_write(&p, &b);
	ok(b.len <= PACK_INDEX_MAX, "the largest index has %zu bytes", b.len);
	is_int(packfile_read(&q, b.p, b.len, &e), 0, "and is read");
	packfile_release(&p);
	packfile_release(&q);
	buf_release(&b);
}

int
main(void)
{
	form();
	wrong();
	damaged();
	most();
	return done();
}
