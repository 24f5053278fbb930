#include "blob/artifact_key.h"

#include "base/alloc.h"
#include "base/str.h"

#include <string.h>

#define FORM_MAX 1000000

void
artifact_key(struct buf *b, const char *prefix, const char *owner,
    const uint8_t id[ULID_BYTES], int64_t form)
{
	char name[ULID_LEN + 1];

	ulid_from_bytes(name, id);
	buf_reset(b);
	if (*prefix != '\0')
		buf_addf(b, "%s/", prefix);
	buf_addf(b, "s/%s/%s", owner, name);
	if (form > 1)
		buf_addf(b, ".%lld", (long long)form);
	buf_adds(b, ".bin");
}

const char *
artifact_prefix_wrong(const char *p)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n;

	if (strlen(p) > ARTIFACT_PREFIX_MAX)
		return "it is longer than 256 bytes";
	if (*p == '\0')
		return NULL;
	for (;; p += n + 1) {
		n = strspn(p, good);
		if (n == 0 || *p == '.')
			return "a part of it is empty, or begins with a dot";
		if (p[n] == '\0')
			return NULL;
		if (p[n] != '/')
			return "only letters, digits, '.', '_', '-' and '/' "
			    "may be in it";
	}
}

/* "ID.bin" or "ID.N.bin": N, or 1; 0 it is neither. */
static int64_t
form_of(const char *name)
{
	char id[ULID_LEN + 1];
	uint8_t bytes[ULID_BYTES];
	int64_t form;
	size_t n;

	if (strlen(name) < ULID_LEN + 4)
		return 0;
	memcpy(id, name, ULID_LEN);
	id[ULID_LEN] = '\0';
	if (!ulid_parse(id, bytes))
		return 0;
	ulid_from_bytes(id, bytes);	/* as we write it, no other case */
	if (memcmp(id, name, ULID_LEN) != 0)
		return 0;
	name += ULID_LEN;
	if (str_eq(name, ".bin"))
		return 1;
	n = strlen(name);
	if (*name != '.' || n < 6 || n > 12 || !str_ends(name, ".bin") ||
	    name[1] == '0')
		return 0;
	memcpy(id, name + 1, n - 5);
	id[n - 5] = '\0';
	return str_int(id, 2, FORM_MAX, &form) ? form : 0;
}

int64_t
artifact_key_form(const char *key)
{
	char prefix[ARTIFACT_PREFIX_MAX + 1];
	const char *slash = strrchr(key, '/'), *p;
	size_t n;

	if (slash == NULL || slash - key < ARTIFACT_OWNER + 2)
		return 0;
	p = slash - ARTIFACT_OWNER;
	if (strspn(p, "0123456789abcdef") != ARTIFACT_OWNER ||
	    memcmp(p - 2, "s/", 2) != 0)
		return 0;
	n = (size_t)(p - 2 - key);
	if (n > sizeof prefix || (n > 0 && p[-3] != '/'))
		return 0;
	memcpy(prefix, key, n);
	prefix[n > 0 ? n - 1 : 0] = '\0';
	if ((n == 1) || artifact_prefix_wrong(prefix) != NULL)
		return 0;
	return form_of(slash + 1);
}

bool
artifact_key_good(const char *key)
{
	return artifact_key_form(key) > 0;
}
