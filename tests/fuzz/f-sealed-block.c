/*
 * Sealed files of an index.  The first byte says what the others are:
 *
 *	0	a file as it is
 *	1	changes of a good one: two bytes of offset, one of value, again
 *		and again
 *	2	the same, and it is cut off at the last offset
 *	3	the header's size (8 bytes) and bytes of a block (4), with a tag
 *		that fits, before blocks of the good one
 *	4	plain bytes of a segment, of vectors and of a manifest, which
 *		somebody sealed who has the key
 *
 * In 0 to 3 what is read is what was sealed, or it is refused.
 */
#include "fuzz.h"

#include "base/aead.h"
#include "base/file.h"
#include "base/hash.h"
#include "index/blockfile.h"
#include "index/le.h"
#include "index/manifest.h"
#include "index/segment.h"
#include "index/vector.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIZE (2 * BLOCKFILE_BLOCK + 100)

static const struct blockfile_key key = { .sealed = true, .key = { 1, 2 } };
static char dir[] = "/tmp/memkit-fuzz.XXXXXX";
static char path[64];
static uint8_t plain[SIZE];
static struct buf good;

static void
begin(void)
{
	struct err e;
	size_t i;

	must(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/1.seg", dir);
	for (i = 0; i < SIZE; i++)
		plain[i] = (uint8_t)(i * i >> 3);
	buf_init(&good);
	must(blockfile_replace(path, plain, SIZE, &key, &e) == 0 &&
	    buf_read_file(&good, path, 1 << 20, &e) == 0);
}

/* As the header says it. */
static void
tag(uint8_t *h)
{
	static const char info[] = "memkit index file 1\0001.seg";
	static const uint8_t nonce[AEAD_NONCE] = { 255, 255, 255, 255, 255,
	    255, 255, 255 };
	struct hkdf k = { .key = key.key, .keylen = sizeof key.key,
	    .salt = h + 16, .saltlen = 32, .info = info,
	    .infolen = sizeof info - 1 };
	struct aead *a;
	uint8_t own[AEAD_KEY];
	struct err e;

	hkdf_make(&k, own, sizeof own);
	must(aead_new(&a, AEAD_GCM, own, &e) == 0 &&
	    aead_seal(a, nonce, h, 56, NULL, 0, h + 56, &e) == 0);
	aead_free(a);
}

static void
must_be_ours(const void *p, size_t at, size_t n)
{
	must(at + n <= SIZE && memcmp(p, plain + at, n) == 0);
}

/* Whole, and in pieces. */
static void
try_read(bool any_size)
{
	static uint8_t out[SIZE];
	struct blockfile *f;
	struct err e = { 0 };
	size_t at, n;

	if (blockfile_open(&f, path, &key, &e) < 0) {
		must(e.code == ERR_INDEX || e.code == ERR_VERSION);
		return;
	}
	must(blockfile_size(f) == SIZE || any_size);
	for (at = 0; at < SIZE; at += n) {
		n = at % 3 == 0 ? 20000 : 700;
		n = n < SIZE - at ? n : SIZE - at;
		if (blockfile_read(f, at, out, n, &e) == 0)
			must_be_ours(out, at, n);
		else
			must(e.code == ERR_INDEX);
	}
	must(blockfile_read(f, blockfile_size(f), out, 1, &e) < 0);
	blockfile_close(f);
}

static void
try_plain(const uint8_t *p, size_t n)
{
	struct segment *s;
	struct vector *v;
	struct manifest m;
	struct buf name = BUF_INIT;
	struct err e = { 0 };

	must(blockfile_replace(path, p, n, &key, &e) == 0);
	if (segment_open(&s, path, &key, &e) == 0) {
		(void)segment_verify(s, &e);
		segment_close(s);
	}
	if (vector_open(&v, path, &key, &e) == 0) {
		(void)vector_verify(v, &e);
		vector_close(v);
	}
	file_join(&name, dir, "manifest");
	must(blockfile_replace(name.p, p, n, &key, &e) == 0);
	if (manifest_read(&m, dir, &key, &e) == 1)
		manifest_release(&m);
	unlink(name.p);
	buf_release(&name);
}

static void
change(struct buf *b, const uint8_t *p, size_t n, bool cut)
{
	size_t at = 0;

	for (; n >= 3; p += 3, n -= 3) {
		at = (size_t)(p[0] | p[1] << 8) * 11 % b->len;
		b->p[at] = (char)(b->p[at] ^ p[2]);
	}
	if (cut)
		buf_cut(b, at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;
	struct err e;
	int how;

	if (len == 0)
		return 0;
	if (path[0] == '\0')
		begin();
	how = *data++ % 5;
	len--;
	if (how == 4) {
		try_plain(data, len);
		return 0;
	}
	if (how == 0)
		buf_add(&b, data, len);
	else
		buf_add(&b, good.p, good.len);
	if (how == 1 || how == 2)
		change(&b, data, len, how == 2);
	if (how == 3 && len >= 12) {
		memcpy(b.p + 48, data, 8);
		memcpy(b.p + 12, data + 8, 4);
		tag((uint8_t *)b.p);
	}
	must(file_replace(path, b.p, b.len, &e) == 0);
	try_read(how == 3);
	buf_release(&b);
	return 0;
}
