/*
 * Files of keys: a ring, lines of keys, a sealed export.  A line that is wrong
 * is named by its number alone: no message has a part of it, which may be a
 * key.  What can be read is printed, and read again it is the same.
 */
#include "fuzz.h"

#include "store/keyring.h"

#include <string.h>

/* What is longer than a message's own digits would be theirs. */
static void
tells_nothing(const char *text, size_t len, const struct err *e)
{
	char piece[9];
	size_t i;

	for (i = 0; i + 8 <= len; i++) {
		memcpy(piece, text + i, 8);
		piece[8] = '\0';
		if (strspn(piece, "QWXZqwxz0123456789-_") == 8)
			must(strstr(e->msg, piece) == NULL);
	}
}

static void
plain(const char *text, size_t len)
{
	struct keyring *kr = calloc(1, sizeof *kr);
	struct keyring *back = calloc(1, sizeof *back);
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e = { 0 };

	must(kr != NULL && back != NULL);
	if (keyring_parse(kr, text, len, "fuzz", &e) == 0) {
		keyring_print(kr, &a);
		must(keyring_parse(back, a.p, a.len, "fuzz", &e) == 0);
		keyring_print(back, &b);
		must(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	} else {
		must(e.code == ERR_INPUT || e.code == ERR_VERSION ||
		    e.code == ERR_EXISTS);
		/* which names the id; it was read as one */
		if (e.code != ERR_EXISTS)
			tells_nothing(text, len, &e);
	}
	keyring_free(kr);
	keyring_free(back);
	buf_wipe(&a);
	buf_wipe(&b);
}

/* Not with what would take seconds: two digits of N are enough. */
static bool
is_quick(const char *text, size_t len)
{
	const char *p = memchr(text, '\n', len);

	return p == NULL || (size_t)(text + len - p) < 14 ||
	    memcmp(p, "\nscrypt 1 1 1\n", 14) == 0;
}

static void
sealed(const char *text, size_t len)
{
	struct buf pass = BUF_INIT, out = BUF_INIT;
	struct err e = { 0 };

	if (!keyring_is_sealed(text, len) || !is_quick(text, len))
		return;
	buf_adds(&pass, "a passphrase");
	if (keyring_unseal(text, len, "fuzz", &pass, &out, &e) == 0)
		plain(out.p, out.len);
	else
		must(out.len == 0 && (e.code == ERR_INPUT ||
		    e.code == ERR_DENIED || e.code == ERR_VERSION));
	buf_wipe(&pass);
	buf_wipe(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	plain((const char *)data, len);
	sealed((const char *)data, len);
	return 0;
}
