/*
 * Objects on a remote: what is sealed opens as what was sealed, or is refused;
 * what is not is what it is.  What begins like one says its size within its
 * bytes, and so are the parts of it.
 */
#include "fuzz.h"

#include "base/file.h"
#include "base/json.h"
#include "store/keyring.h"
#include "store/store.h"
#include "sync/sealing.h"

#include <string.h>

/* The objects of the corpus are of it, with this key. */
static const char key[] = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
static const char text[] = "what is sealed";

static char folder[] = "/tmp/memkit-fuzz.XXXXXX";

static void
clean(void)
{
	struct err e;

	file_remove_tree(folder, &e);
}

static struct sealing *
begin(void)
{
	static struct store_where w = { .dir = folder, .user = "ann" };
	static struct store *st;
	struct keyring *kr = calloc(1, sizeof *kr);
	struct keyring_merged m;
	struct sealing *sl;
	struct err e;

	json_setup();
	must(kr != NULL && mkdtemp(folder) != NULL);
	atexit(clean);
	must(store_open(&st, &w, STORE_FOLDER, &e) == 0);
	must(keyring_parse(kr, key, sizeof key - 1, "key", &e) == 0);
	must(keyring_merge(st, kr, false, &m, &e) == 0);
	must(sealing_open(&sl, st, false, &e) == 0);
	keyring_free(kr);
	return sl;
}

static void
look_at_part(struct sealing *sl, const uint8_t *data, size_t len)
{
	struct sealing_part part;
	uint64_t at, n;
	struct err e;

	if (sealing_part(sl, "piece", data, len < SEALING_HEAD ? len :
	    SEALING_HEAD, len, NULL, &part, &e) == 0) {
		must(part.head <= len && part.size <= len - part.head);
		must(sealing_span(&part, 0, part.size, &at, &n, &e) == 0);
		must(at >= part.head && at <= len && n == len - at);
		must(sealing_span(&part, part.size, 1, &at, &n, &e) < 0);
	}
	sealing_part_release(&part);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sealing *sl;
	struct buf b = BUF_INIT;
	struct err e;
	int r;

	if (sl == NULL)
		sl = begin();
	r = sealing_unpack(sl, "piece", data, len, NULL, &b, &e);
	if (r == 1)
		must(b.len == strlen(text) && memcmp(b.p, text, b.len) == 0);
	if (r == 0)
		must(b.len == len && (len == 0 || memcmp(b.p, data, len) == 0));
	if (r < 0)
		must(b.len == 0 && e.msg[0] != '\0');
	look_at_part(sl, data, len);
	buf_release(&b);
	return 0;
}
