#include "blob/artifact_codec.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"

#include <string.h>

static const char purpose[16] = "memkit artifact";

int
artifact_codec_new(struct artifact_codec *c, const struct seal_key *key,
    uint64_t plain, struct err *e)
{
	memset(c, 0, sizeof *c);
	memcpy(c->key_id, key->id, sizeof c->key_id);
	c->segment = SEAL_SEGMENT;
	c->size = seal_size(plain, c->segment);
	return seal_random_salt(c->salt, e);
}

void
artifact_codec_write(const struct artifact_codec *c, struct buf *b)
{
	char salt[2 * SEAL_KEY];

	base64url_encode(salt, c->salt, sizeof c->salt);
	buf_addf(b, "{\"name\":\"aes_gcm\",\"version\":1,\"key_id\":\"%s\","
	    "\"salt\":\"%s\",\"segment_bytes\":%lu,"
	    "\"encoded_size_bytes\":%llu}", c->key_id, salt,
	    (unsigned long)c->segment, (unsigned long long)c->size);
}

static int
bad(struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "what is known of how an artifact is "
	    "sealed is damaged: %s", what);
}

static int
read_object(struct artifact_codec *c, const json_t *o, uint64_t plain,
    struct err *e)
{
	const char *id = get_str(o, "key_id", NULL);
	const char *salt = get_str(o, "salt", NULL);
	int64_t version, segment, size;
	struct err ignored;

	if (!str_eq(get_str(o, "name", NULL), "aes_gcm"))
		return bad(e, "it names no codec");
	if (get_int(o, "version", &version) != 1)
		return bad(e, "it has no version");
	if (version != 1)
		return err_set(e, ERR_VERSION, "an artifact was sealed by a "
		    "newer memkit; upgrade memkit");
	if (id == NULL || seal_id_check(id, &ignored) < 0)
		return bad(e, "its key's id is none");
	memcpy(c->key_id, id, strlen(id) + 1);
	if (salt == NULL || !base64url_decode(c->salt, sizeof c->salt, salt,
	    strlen(salt)))
		return bad(e, "its salt is none");
	if (get_int(o, "segment_bytes", &segment) != 1 || segment < 1 ||
	    segment > SEAL_SEGMENT_MAX)
		return bad(e, "segments are of no size that can be");
	c->segment = (uint32_t)segment;
	c->size = seal_size(plain, c->segment);
	if (get_int(o, "encoded_size_bytes", &size) != 1 || size < 0 ||
	    (uint64_t)size != c->size)
		return bad(e, "its sizes do not agree");
	return 0;
}

int
artifact_codec_read(struct artifact_codec *c, const char *text, size_t len,
    uint64_t plain, struct err *e)
{
	struct err why;
	json_t *o = json_read(text, len, &why);
	int r;

	memset(c, 0, sizeof *c);
	r = json_is_object(o) ? read_object(c, o, plain, e) :
	    bad(e, "it is no JSON");
	json_decref(o);
	return r;
}

void
artifact_codec_about(const struct artifact_codec *c,
    const uint8_t id[ULID_BYTES], uint64_t plain, uint8_t *ad,
    struct seal_about *about)
{
	memcpy(ad, purpose, sizeof purpose);
	memcpy(ad + sizeof purpose, id, ULID_BYTES);
	*about = (struct seal_about){ .size = plain, .segment = c->segment,
	    .ad = ad, .ad_len = ARTIFACT_AD };
	memcpy(about->salt, c->salt, sizeof about->salt);
}
