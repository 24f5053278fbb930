#include "store/name.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/uri.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define ENCODED_MAX 255
#define CUT_HASH 16	/* bytes of the hash that stands for a long end */

int
name_check(const char *what, const char *name, struct err *e)
{
	size_t len = strlen(name), at, n;
	uint32_t c;

	if (len == 0)
		return err_set(e, ERR_USAGE, "%s is empty", what);
	if (len > NAME_MAX_IN)
		return err_set(e, ERR_USAGE, "%s is longer than %d bytes",
		    what, NAME_MAX_IN);
	if (utf8_check(name, len) != len)
		return err_set(e, ERR_USAGE, "%s is not UTF-8", what);
	for (at = 0; at < len; at += n) {
		c = utf8_decode(name + at, len - at, &n);
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
			return err_set(e, ERR_USAGE, "%s holds a control "
			    "character", what);
	}
	return 0;
}

/* The device names that DOS and Windows find in any folder. */
static bool
name_reserved(const char *s)
{
	static const char *const names[] = { "con", "prn", "aux", "nul" };
	size_t i, n = strcspn(s, ".");

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (n == 3 && memcmp(s, names[i], 3) == 0)
			return true;
	return n == 4 && (memcmp(s, "com", 3) == 0 ||
	    memcmp(s, "lpt", 3) == 0) && s[3] >= '0' && s[3] <= '9';
}

static bool
name_plain(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	    c == '-' || c == '.';
}

void
name_encode(struct buf *out, const char *name)
{
	size_t start = out->len, i, len = strlen(name), keep;
	uint8_t hash[HASH_LEN];
	char hex[2 * CUT_HASH + 1];
	bool odd;

	for (i = 0; i < len; i++) {
		odd = !name_plain((unsigned char)name[i]) ||
		    (name[i] == '.' && (i == 0 || i == len - 1)) ||
		    (i == 0 && name_reserved(name));
		if (odd)
			buf_addf(out, "%%%02x", (unsigned char)name[i]);
		else
			buf_addc(out, name[i]);
	}
	if (out->len - start <= ENCODED_MAX)
		return;
	hash_mem(name, len, hash);
	hex_encode(hex, hash, CUT_HASH);
	keep = start + ENCODED_MAX - 2 - 2 * CUT_HASH;
	/* Not through the middle of an escape. */
	while (out->p[keep - 1] == '%' || out->p[keep - 2] == '%')
		keep--;
	buf_cut(out, keep);
	buf_addf(out, "%%-%s", hex);
}

int
name_decode(struct buf *out, const char *s)
{
	return uri_unescape(out, s);
}
