/*
 * The sidecar of a sealed artifact: what is written is read, what is damaged is
 * not.  An object as it lies on the disk is held against AES-256-GCM written
 * down from the standards, over what the sidecar says of it and the headers
 * (base/seal.h, blob/artifact_codec.h) promise.
 */
#include "slow-gcm.h"
#include "tap.h"
#include "temp-store.h"

#include "artifact/artifact_put.h"
#include "artifact/artifact_read.h"
#include "base/buf.h"
#include "base/hash.h"
#include "blob/artifact_codec.h"
#include "store/keyring.h"

#include <string.h>

static struct err e;
static struct seal_key key = { .id = "k1" };

#define HEAD "{\"name\":\"aes_gcm\",\"version\":1,\"key_id\":\"k1\"," \
	"\"salt\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\","

/* --- its text ---------------------------------------------------------- */

static void
written(void)
{
	static const uint64_t sizes[] = { 0, 1, 65535, 65536, 65537, 5 << 20,
	    (uint64_t)5 << 30 };
	struct artifact_codec c, back;
	struct buf b = BUF_INIT;
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		buf_reset(&b);
		good &= artifact_codec_new(&c, &key, sizes[i], &e) == 0;
		artifact_codec_write(&c, &b);
		good &= artifact_codec_read(&back, b.p, b.len, sizes[i], &e)
		    == 0 && strcmp(back.key_id, "k1") == 0 &&
		    memcmp(back.salt, c.salt, sizeof c.salt) == 0 &&
		    back.segment == SEAL_SEGMENT && back.size == c.size &&
		    c.size == seal_size(sizes[i], SEAL_SEGMENT);
		good &= artifact_codec_read(&back, b.p, b.len, sizes[i] +
		    65536, &e) < 0 && e.code == ERR_CORRUPT;
	}
	ok(good, "what is written is read, for its size alone");
	memset(&c, 0, sizeof c);
	artifact_codec_new(&c, &key, 1, &e);
	artifact_codec_new(&back, &key, 1, &e);
	ok(memcmp(c.salt, back.salt, sizeof c.salt) != 0,
	    "each has a salt of its own");
	for (i = 0; i < SEAL_KEY; i++)
		c.salt[i] = (uint8_t)i;
	buf_reset(&b);
	artifact_codec_write(&c, &b);
	is_str(b.p, HEAD "\"segment_bytes\":65536,\"encoded_size_bytes\":17}",
	    "its form");
	buf_release(&b);
}

static void
damaged(void)
{
	static const struct {
		const char *text;
		enum err_code code;
	} t[] = {
		{ "", ERR_CORRUPT }, { "[]", ERR_CORRUPT },
		{ "{}", ERR_CORRUPT }, { "null", ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":65536,\"encoded_size_bytes\":17",
		  ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":65536,\"encoded_size_bytes\":18}",
		  ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":65536,\"encoded_size_bytes\":-1}",
		  ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":0,\"encoded_size_bytes\":17}",
		  ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":1048577,\"encoded_size_bytes\":17}",
		  ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":\"65536\",\"encoded_size_bytes\":17}",
		  ERR_CORRUPT },
		{ HEAD "\"encoded_size_bytes\":17}", ERR_CORRUPT },
		{ HEAD "\"segment_bytes\":65536}", ERR_CORRUPT },
		{ "{\"name\":\"aes_ctr\",\"version\":1}", ERR_CORRUPT },
		{ "{\"name\":\"aes_gcm\"}", ERR_CORRUPT },
		{ "{\"name\":\"aes_gcm\",\"version\":2}", ERR_VERSION },
		{ "{\"name\":\"aes_gcm\",\"version\":1,\"key_id\":\"../k\","
		  "\"salt\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}",
		  ERR_CORRUPT },
		{ "{\"name\":\"aes_gcm\",\"version\":1,\"key_id\":\"k1\","
		  "\"salt\":\"AAEC\",\"segment_bytes\":65536,"
		  "\"encoded_size_bytes\":17}", ERR_CORRUPT },
	};
	struct artifact_codec c;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		ok(artifact_codec_read(&c, t[i].text, strlen(t[i].text), 1, &e)
		    < 0 && e.code == t[i].code, "no sidecar: %s", t[i].text);
}

/* --- an object --------------------------------------------------------- */

static struct artifact put;		/* the last that was told */
static char made[26 + 1];

static int
told(void *arg, const char *given, const struct artifact *a,
    const struct err *why, struct err *err)
{
	(void)arg;
	(void)given;
	(void)err;
	if (why != NULL)
		printf("# %s\n", why->msg);
	if (a != NULL)
		ulid_from_bytes(made, a->id);
	return 0;
}

/* By the headers alone: info, key, prefix, nonces. */
static void
slow_object(const struct artifact_codec *c, const struct artifact *a,
    const struct buf *plain, struct buf *out)
{
	static uint8_t room[SEAL_SEGMENT + 16];
	uint8_t okm[39], info[128] = "memkit seal 1", nonce[12];
	size_t n = plain->len, idlen = strlen(c->key_id), len = 14, at, part;
	uint32_t i;
	int k;

	for (k = 0; k < 8; k++)
		info[len++] = (uint8_t)((uint64_t)n >> (56 - 8 * k));
	for (k = 0; k < 4; k++)
		info[len++] = (uint8_t)(c->segment >> (24 - 8 * k));
	info[len++] = (uint8_t)idlen;
	memcpy(info + len, c->key_id, idlen);
	len += idlen;
	memcpy(info + len, "memkit artifact\0", 16);
	memcpy(info + len + 16, a->id, ULID_BYTES);
	len += 16 + ULID_BYTES;
	hkdf_make(&(struct hkdf){ .key = key.key, .keylen = SEAL_KEY,
	    .salt = c->salt, .saltlen = SEAL_KEY, .info = info,
	    .infolen = len }, okm, sizeof okm);
	memcpy(nonce, okm + 32, 7);
	for (i = 0, at = 0; i == 0 || at < n; i++, at += part) {
		part = n - at < c->segment ? n - at : c->segment;
		for (k = 0; k < 4; k++)
			nonce[7 + k] = (uint8_t)(i >> (24 - 8 * k));
		nonce[11] = at + part == n;
		slow_gcm(okm, nonce, (const uint8_t *)plain->p + at, part,
		    room);
		buf_add(out, room, part + 16);
	}
}

static void
one_object(struct artifacts *ar, size_t n)
{
	struct artifact_input in = { .path = "plain" };
	struct buf plain = BUF_INIT, slow = BUF_INIT, file = BUF_INIT;
	struct buf path = BUF_INIT;
	struct artifact_codec c;
	struct artifact_put *p = NULL;
	uint8_t sum[HASH_LEN];
	size_t i;
	FILE *f;

	for (i = 0; i < n; i++)
		buf_addc(&plain, (char)(i * 7 + i / 256));
	f = fopen("plain", "wb");
	fwrite(plain.p, 1, n, f);
	fclose(f);
	if (artifact_put_new(&p, ar, false, told, NULL, &e) < 0 ||
	    artifact_put_add(p, &in, "plain", &e) < 0 ||
	    artifact_put_end(p, &e) < 0)
		printf("# %s\n", e.msg);
	artifact_put_free(p);
	if (artifact_find(ar->st, made, &put, &e) < 0 ||
	    artifact_codec_read(&c, put.codec, strlen(put.codec),
	    (uint64_t)put.size, &e) < 0)
		printf("# %s\n", e.msg);
	buf_addf(&path, "%s/%s", ar->conf.dir, put.object);
	buf_read_file(&file, path.p, 1 << 20, &e);
	slow_object(&c, &put, &plain, &slow);
	ok(file.len == slow.len && memcmp(file.p, slow.p, slow.len) == 0,
	    "%zu bytes lie there as the standards have them", n);
	hash_mem(file.p, file.len, sum);
	ok((size_t)put.size == n && (size_t)put.osize == file.len &&
	    memcmp(sum, put.sum, HASH_LEN) == 0, "and as the row says");
	artifact_release(&put);
	buf_release(&plain);
	buf_release(&slow);
	buf_release(&file);
	buf_release(&path);
}

static void
objects(void)
{
	static const char conf[] = "[artifact]\n\tmode = managed_blob\n"
	    "\tprovider = local_fs\n\tcodec = aes_gcm\n";
	struct store *st = temp_open("s", "ann", STORE_WRITE);
	const struct seal_key *active;
	struct artifacts ar;
	FILE *f;

	keyring_new(st, key.id, &e);
	store_close(st);
	f = fopen("s/config", "ab");
	fputs(conf, f);
	fclose(f);
	st = temp_open("s", "ann", STORE_WRITE);
	if (artifacts_open(&ar, st, &e) < 0 ||
	    artifact_active_key(&ar.conf, st, &active, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	key = *active;
	one_object(&ar, 0);
	one_object(&ar, 1);
	one_object(&ar, 1000);
	one_object(&ar, SEAL_SEGMENT + 1);
	artifacts_close(&ar);
	store_close(st);
}

int
main(void)
{
	temp_begin();
	written();
	damaged();
	objects();
	return temp_end() | done();
}
