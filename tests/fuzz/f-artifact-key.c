/*
 * Storage keys and prefixes out of any bytes: what is taken is a path below
 * wherever it is put, of the length that is promised, and is that of its owner,
 * id and form, made anew.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/ulid.h"
#include "blob/artifact_key.h"

#include <string.h>

/* No part of it is empty, or begins with a dot; nothing else is in it than
 * these. */
static void
is_safe(const char *path)
{
	const char *p = path;
	size_t n;

	must(*p != '/');
	for (;; p += n + 1) {
		n = strcspn(p, "/");
		must(n > 0 && *p != '.');
		must(strspn(p, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n);
		if (p[n] == '\0')
			return;
	}
}

static void
key(const char *text)
{
	const char *slash = strrchr(text, '/');
	int64_t form = artifact_key_form(text);
	char owner[ARTIFACT_OWNER + 1] = "", id[ULID_LEN + 1] = "";
	struct buf prefix = BUF_INIT, again = BUF_INIT;
	uint8_t bytes[ULID_BYTES];

	must(artifact_key_good(text) == (form > 0));
	if (form == 0)
		return;
	must(form > 0 && strlen(text) <= ARTIFACT_KEY_MAX);
	is_safe(text);
	memcpy(id, slash + 1, ULID_LEN);
	memcpy(owner, slash - ARTIFACT_OWNER, ARTIFACT_OWNER);
	must(ulid_parse(id, bytes));
	if (slash - ARTIFACT_OWNER - 2 > text)
		buf_add(&prefix, text, (size_t)(slash - ARTIFACT_OWNER - 3 -
		    text));
	must(artifact_prefix_wrong(prefix.p) == NULL);
	artifact_key(&again, prefix.p, owner, bytes, form);
	must(strcmp(again.p, text) == 0);
	buf_release(&prefix);
	buf_release(&again);
}

static void
prefix(const char *text)
{
	static const uint8_t id[ULID_BYTES] = { 1 };
	struct buf b = BUF_INIT;

	if (artifact_prefix_wrong(text) != NULL)
		return;
	if (*text != '\0')
		is_safe(text);
	artifact_key(&b, text, "0123456789abcdef0123456789abcdef", id, 1);
	must(artifact_key_form(b.p) == 1);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	key(text);
	prefix(text);
	free(text);
	return 0;
}
