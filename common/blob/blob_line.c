#include "blob/blob_line_own.h"

#include "base/json.h"

#include <string.h>

const char *const blob_asks[] = { "blob_put", "blob_head", "blob_delete",
    "blob_check" };
const char *const blob_wheres[] = { "absent", "there", "pending",
    "failed" };

static const struct {
	const char *name;
	enum err_code code;
} codes[] = {
	{ "usage", ERR_USAGE }, { "input", ERR_INPUT },
	{ "absent", ERR_ABSENT }, { "exists", ERR_EXISTS },
	{ "busy", ERR_BUSY }, { "sys", ERR_SYS }, { "corrupt", ERR_CORRUPT },
	{ "net", ERR_NET }, { "denied", ERR_DENIED }
};

const char *
blob_code_name(enum err_code code)
{
	size_t i;

	for (i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "input";
}

enum err_code
blob_code(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strlen(codes[i].name) == len &&
		    memcmp(codes[i].name, name, len) == 0)
			return codes[i].code;
	return ERR_INPUT;
}

bool
blob_key_right(const char *key)
{
	const char *p = key;
	size_t n;

	for (; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p == 0x7f)
			return false;
	if (p == key || (size_t)(p - key) > BLOB_KEY)
		return false;
	for (p = key;; p += n + 1) {
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		if (p[n] == '\0')
			return true;
	}
}

/* --- members ----------------------------------------------------------- */

int
blob_line_wrong(const char *key, struct err *e)
{
	return err_set(e, ERR_INPUT, "'%s' is not what it must be", key);
}

int
blob_read_size(const json_t *o, const char *key, uint64_t *out, struct err *e)
{
	int64_t n;
	int r = get_int(o, key, &n);

	if (r < 0 || (r == 1 && n < 0))
		return blob_line_wrong(key, e);
	if (r == 1)
		*out = (uint64_t)n;
	return r;
}

int
blob_read_sum(const json_t *o, uint8_t out[HASH_LEN], struct err *e)
{
	const char *bad = NULL, *hex = get_str(o, "sha256", &bad);

	if (bad != NULL)
		return blob_line_wrong(bad, e);
	if (hex == NULL)
		return 0;
	if (strlen(hex) != HASH_HEX || !hex_is(hex, HASH_HEX))
		return blob_line_wrong("sha256", e);
	hex_decode(out, hex, HASH_LEN);
	return 1;
}

int
blob_said_right(const json_t *said)
{
	struct buf b = BUF_INIT;
	int r;

	if (!json_is_object(said))
		return 0;
	json_write(&b, said);
	r = b.len <= BLOB_SAID;
	buf_release(&b);
	return r;
}

int
blob_read_said(const json_t *o, json_t **out, struct err *e)
{
	json_t *said = json_object_get(o, "said");

	*out = NULL;
	if (said == NULL || json_is_null(said))
		return 0;
	if (!blob_said_right(said))
		return blob_line_wrong("said", e);
	*out = json_incref(said);
	return 1;
}

json_t *
blob_said_read(const char *p, size_t len, struct err *e)
{
	json_t *o = json_read(p, len, e);

	if (o != NULL && !blob_said_right(o)) {
		blob_line_wrong("said", e);
		json_decref(o);
		o = NULL;
	}
	return o;
}

const char *
blob_read_key(const json_t *o, struct err *e)
{
	const json_t *v = json_object_get(o, "key");
	const char *key = json_string_value(v);

	if (key == NULL || strlen(key) != json_string_length(v) ||
	    !blob_key_right(key)) {
		blob_line_wrong("key", e);
		return NULL;
	}
	return key;
}

void
blob_add_key(struct buf *b, const char *key)
{
	buf_adds(b, "{\"key\":");
	json_quote(b, key, strlen(key));
}

void
blob_add_sum(struct buf *b, const uint8_t sum[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, sum, HASH_LEN);
	json_add_text(b, "sha256", hex);
}

void
blob_add_said(struct buf *b, const json_t *said)
{
	if (said == NULL)
		return;
	buf_adds(b, ",\"said\":");
	json_write(b, said);
}
