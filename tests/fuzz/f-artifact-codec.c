/*
 * Sidecars of sealed artifacts, as they come with a row from elsewhere: what is
 * taken has sizes that agree and an id that is one, is read again as it was
 * written, and tells the sealing no more than it can bear.
 */
#include "fuzz.h"

#include "base/json.h"
#include "blob/artifact_codec.h"

#include <string.h>

static void
taken(const struct artifact_codec *c, uint64_t plain)
{
	static const uint8_t id[ULID_BYTES] = { 1 };
	struct artifact_codec back;
	struct seal_about about;
	uint8_t ad[ARTIFACT_AD];
	struct buf text = BUF_INIT;
	uint64_t at, n;
	struct err e;

	must(seal_id_check(c->key_id, &e) == 0);
	must(c->segment >= 1 && c->segment <= SEAL_SEGMENT_MAX);
	must(c->size == seal_size(plain, c->segment) && c->size > plain);
	artifact_codec_write(c, &text);
	must(artifact_codec_read(&back, text.p, text.len, plain, &e) == 0);
	must(strcmp(back.key_id, c->key_id) == 0 && back.size == c->size &&
	    back.segment == c->segment &&
	    memcmp(back.salt, c->salt, sizeof c->salt) == 0);
	artifact_codec_about(c, id, plain, ad, &about);
	if (seal_span(&about, 0, plain, &at, &n, &e) == 0)
		must(at == 0 && n == c->size);
	buf_release(&text);
}

/* The plain size is before the first newline. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	const uint8_t *nl = memchr(data, '\n', len);
	struct artifact_codec c;
	uint64_t plain = 0;
	const uint8_t *p;
	struct err e;

	json_setup();
	if (nl == NULL || nl - data > 15)
		return 0;
	for (p = data; p < nl && *p >= '0' && *p <= '9'; p++)
		plain = plain * 10 + (uint64_t)(*p - '0');
	nl++;
	if (artifact_codec_read(&c, text + (nl - data), len -
	    (size_t)(nl - data), plain, &e) == 0)
		taken(&c, plain);
	else
		must(e.code == ERR_CORRUPT || e.code == ERR_VERSION);
	return 0;
}
