#include "docs/document_id.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <string.h>

#define HASHED 8		/* bytes of the hash that cuts it short */

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
