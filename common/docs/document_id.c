#include "docs/document_id.h"

#include "base/hash.h"
#include "base/uri.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define HASHED 8		/* bytes of the hash that cuts it short */

static bool
is_plain(const char *s, size_t len, size_t *n)
{
	uint32_t c = utf8_decode(s, len, n);

	if (*n == 1 && (unsigned char)*s >= 0x80)
		return false;
	return c >= 0x20 && c != 0x7f && (c < 0x80 || c >= 0xa0);
}

void
docs_put_plain(struct buf *b, const char *s, size_t len)
{
	size_t i, k, n;

	for (i = 0; i < len; i += n) {
		if (is_plain(s + i, len - i, &n))
			buf_add(b, s + i, n);
		else
			for (k = 0; k < n; k++)
				uri_escape_byte(b, s[i + k]);
	}
}

void
docs_id_of(char id[DOCS_ID_MAX + 1], const char *path)
{
	uint8_t sum[HASH_LEN];
	size_t n = strlen(path), keep = DOCS_ID_MAX - 2 - 2 * HASHED;

	if (n <= DOCS_ID_MAX) {
		memcpy(id, path, n + 1);
		return;
	}
	hash_mem(path, n, sum);
	n = utf8_cut(path, n, keep);
	memcpy(id, path, n);
	memcpy(id + n, "%-", 2);
	hex_encode(id + n + 2, sum, HASHED);
}
