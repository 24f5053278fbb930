/*
 * Manifests: the same has the same bytes, what was written is read, and a
 * field that is damaged or has a number that nobody wrote is refused.
 */
#include "tap.h"

#include "base/date.h"
#include "base/json.h"
#include "sync/sync_manifest.h"

#include <stdlib.h>
#include <string.h>

#define A "01HNAVQZC00000000000000000"
#define B "01HNAVQZC0000000000000000Z"
#define H "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct err e;

static const char good[] = "{\"type\":\"manifest\",\"format\":1,\"number\":42,"
    "\"push\":\"" B "\",\"at\":1706540400000,\"node\":\"" A "\","
    "\"address\":\"host\",\"store_id\":\"" B "\",\"tenant\":\"ac/me\","
    "\"previous\":\"" H "\",\"segments\":[{\"node\":\"" A "\",\"from\":3,"
    "\"to\":9,\"size\":383,\"name\":\"" H "\"},{\"node\":\"" A "\",\"from\":9,"
    "\"to\":10,\"size\":1,\"name\":\"" H "\"}],\"packs\":[{\"name\":\"" H
    "\",\"size\":83,\"index\":33,\"files\":3,\"bytes\":50}],\"leases\":[{\"user\":\"an\\\"n"
    "\",\"session_id\":\"s 1\",\"epoch\":2,\"hold_ms\":300000}],\"snapshot\":{"
    "\"name\":\"" H "\",\"size\":77,\"covers\":[{\"node\":\"" A "\","
    "\"upto\":12},{\"node\":\"" B "\",\"from\":0,\"upto\":3}]}}\n";

static int
reads(const char *text, size_t len, struct sync_manifest *m)
{
	e.msg[0] = '\0';
	return sync_manifest_read(m, text, len, &e);
}

static void
form(void)
{
	struct sync_manifest m;
	struct buf b = BUF_INIT;

	is_int(reads(good, sizeof good - 1, &m), 0, "one is read");
	printf("# %s\n", e.msg);
	ok(m.number == 42 && m.at_ms == 1706540400000 &&
	    m.nsegments == 2 && m.nleases == 1 && m.snapshot_size == 77,
	    "its numbers");
	is_str(m.tenant, "ac/me", "whose it is");
	is_str(m.node, A, "who wrote it");
	is_str(m.address, "host", "where he is");
	ok(m.segment[0].from == 3 && m.segment[0].to == 9 &&
	    m.segment[0].size == 383 && m.segment[1].to == 10, "segments");
	ok(m.npacks == 1 && m.pack[0].size == 83 && m.pack[0].index == 33 &&
	    m.pack[0].files == 3 && m.pack[0].bytes == 50 &&
	    strcmp(m.pack[0].name, H) == 0, "a pack");
	is_str(m.lease[0].user, "an\"n", "a lease");
	ok(m.ncovers == 2 && m.cover[0].upto == 12 && m.cover[0].from == -1 &&
	    strcmp(m.cover[0].node, A) == 0, "what only a snapshot has");
	ok(m.cover[1].from == 0 && m.cover[1].upto == 3, "what was lost");
	ok(m.lease[0].epoch == 2 && m.lease[0].hold_ms == 300000,
	    "its numbers, too");
	sync_manifest_write(&m, &b);
	is_str(b.p, good, "written it has the same bytes");
	sync_manifest_release(&m);
	buf_release(&b);
}

static void
first(void)
{
	struct sync_manifest m = { .number = 1, .tenant = strdup("t"),
	    .push = A, .node = A, .store_id = A };
	struct buf b = BUF_INIT, again = BUF_INIT;

	sync_manifest_write(&m, &b);
	sync_manifest_release(&m);
	ok(strstr(b.p, "previous") == NULL && strstr(b.p, "address") == NULL &&
	    strstr(b.p, "packs") == NULL && strstr(b.p, "snapshot") == NULL,
	    "what is not there is left out");
	is_int(reads(b.p, b.len, &m), 0, "the first one follows none");
	sync_manifest_write(&m, &again);
	is_str(again.p, b.p, "and again it is the same");
	sync_manifest_release(&m);
	buf_release(&b);
	buf_release(&again);
}

/* One that has `to` in place of `from` is refused with these words. */
static void
refused(const char *from, const char *to, const char *why)
{
	const char *at = strstr(good, from);
	struct sync_manifest m;
	struct buf b = BUF_INIT;
	int r;

	if (at == NULL) {
		ok(false, "'%s' is in it", from);
		return;
	}
	buf_add(&b, good, (size_t)(at - good));
	buf_adds(&b, to);
	buf_adds(&b, at + strlen(from));
	r = reads(b.p, b.len, &m);
	ok(r == -1 && strstr(e.msg, why) != NULL, "%.60s -> %.60s: %s", from,
	    to, r < 0 ? e.msg : "it is read");
	sync_manifest_release(&m);
	buf_release(&b);
}

static void
fields(void)
{
	static const struct {
		const char *from, *to, *why;
	} t[] = {
		{ "\"manifest\"", "\"manifes\"", "that it is one" },
		{ "\"type\":\"manifest\",", "", "that it is one" },
		{ "\"format\":1", "\"format\":0", "that it is one" },
		{ "\"format\":1", "\"format\":\"1\"", "that it is one" },
		{ "\"number\":42", "\"number\":0", "number" },
		{ "\"number\":42", "\"number\":-1", "number" },
		{ "\"number\":42", "\"number\":1.5", "number" },
		{ "\"number\":42", "\"number\":1000000000000", "number" },
		{ "\"number\":42,", "", "number" },
		{ "\"push\":\"0", "\"push\":\"9", "push" },
		{ "\"push\":\"0", "\"push\":\"", "push" },
		{ "\"at\":1706540400000", "\"at\":253402300800000", "at" },
		{ "\"at\":1706540400000", "\"at\":\"now\"", "at" },
		{ "\"node\":\"0", "\"node\":\"*", "node" },
		{ "\"address\":\"host\"", "\"address\":\"\"", "address" },
		{ "\"address\":\"host\"", "\"address\":\"\\u001b[2J\"",
		    "address" },
		{ "\"store_id\":\"0", "\"store_id\":\"", "store_id" },
		{ "\"tenant\":\"ac/me\",", "", "tenant" },
		{ "\"tenant\":\"ac/me\"", "\"tenant\":7", "tenant" },
		{ "\"packs\":[", "\"packs\":[7,", "packs" },
		{ "\"packs\":[{", "\"packs\":{\"a\":[{", "" },
		{ "\"size\":83", "\"size\":0", "packs" },
		{ "\"index\":33", "\"index\":0", "packs" },
		{ "\"index\":33", "\"index\":2097153", "packs" },
		{ "\"files\":3", "\"files\":0", "packs" },
		{ "\"files\":3", "\"files\":16385", "packs" },
		{ "\"bytes\":50", "\"bytes\":-1", "packs" },
		{ "\"bytes\":50", "\"bytes\":9223372036854775807", "packs" },
		{ "\"upto\":12", "\"upto\":0", "covers" },
		{ "\"upto\":12", "\"upto\":\"12\"", "covers" },
		{ ",\"covers\":[{", ",\"cover\":[{", "covers" },
		{ "\"previous\":\"0", "\"previous\":\"", "previous" },
		{ "\"previous\":\"0", "\"previous\":\"g", "previous" },
		{ "\"previous\":", "\"another\":", "previous" },
		{ "\"segments\":", "\"segment\":", "segments" },
		{ "\"segments\":[{", "\"segments\":[7,{", "segments" },
		{ "\"from\":3", "\"from\":-1", "segments" },
		{ "\"from\":3", "\"from\":9", "segments" },
		{ "\"from\":3", "\"from\":10", "segments" },
		{ "\"from\":3", "\"from\":9223372036854775807", "segments" },
		{ "\"to\":9", "\"to\":9223372036854775808", "number" },
		{ "\"to\":9", "\"to\":3", "segments" },
		{ "\"size\":383", "\"size\":0", "segments" },
		{ "\"size\":383", "\"size\":-5", "segments" },
		{ "\"size\":383,\"name\":\"0", "\"size\":383,\"name\":\"",
		    "segments" },
		{ "\"size\":383,\"name\":\"0", "\"size\":383,\"name\":\"/",
		    "segments" },
		{ "\"leases\":[", "\"leases\":7,\"x\":[", "leases" },
		{ "\"user\":\"an\\\"n\"", "\"user\":\"\"", "leases" },
		{ "\"session_id\":\"s 1\"", "\"session_id\":\"\\u0000\"",
		    "" },
		{ "\"epoch\":2", "\"epoch\":0", "leases" },
		/* one more with each manifest, at most */
		{ "\"epoch\":2", "\"epoch\":43", "leases" },
		{ "\"epoch\":2", "\"epoch\":9223372036854775807", "leases" },
		{ "\"hold_ms\":300000", "\"hold_ms\":-1", "leases" },
		{ "\"hold_ms\":300000", "\"hold_ms\":9223372036854775807",
		    "leases" },
		{ "\"hold_ms\":300000", "\"hold_ms\":86400001", "leases" },
		{ "\"snapshot\":{", "\"snapshot\":7,\"x\":{", "" },
		{ "\"size\":77", "\"size\":0", "size" },
		{ "}\n", "", "" },
		{ "}\n", "}}\n", "" },
		{ "{\"type\"", "[{\"type\"", "" },
		{ "host", "ho\xffst", "" },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		refused(t[i].from, t[i].to, t[i].why);
	refused("\"format\":1", "\"format\":2", "upgrade memkit");
	is_int(e.code, ERR_VERSION, "a newer one is told from a damaged one");
	refused("\"number\":42", "\"number\":x", "");
	is_int(e.code, ERR_CORRUPT, "damage is called so");
}

/* Each cut, and each byte another one: no crash, and a cut one is none. */
static void
damage(void)
{
	char *copy;
	struct sync_manifest m;
	size_t i, n = sizeof good - 1;
	int bad = 0;

	for (i = 0; i + 1 < n; i++) {
		copy = malloc(i + 1);
		memcpy(copy, good, i);
		bad += reads(copy, i, &m) == 0;
		sync_manifest_release(&m);
		free(copy);
	}
	is_int(bad, 0, "no beginning of one is one");
	copy = malloc(n);
	for (i = 0; i < n; i++) {
		memcpy(copy, good, n);
		copy[i] = (char)(copy[i] ^ 0x11);
		reads(copy, n, &m);
		sync_manifest_release(&m);
	}
	free(copy);
}

static void
names(void)
{
	struct buf b = BUF_INIT;
	int64_t n = 0;

	sync_manifest_name(&b, 42);
	is_str(b.p, "000000000042", "the name of one");
	ok(sync_manifest_number(b.p, &n) && n == 42, "and back");
	ok(sync_manifest_number("999999999999", &n) && n == MANIFEST_LAST,
	    "the last");
	ok(!sync_manifest_number("000000000000", &n) &&
	    !sync_manifest_number("00000000042", &n) &&
	    !sync_manifest_number("0000000000042", &n) &&
	    !sync_manifest_number("+00000000042", &n) &&
	    !sync_manifest_number("00000000004x", &n) &&
	    !sync_manifest_number("", &n), "others are none");
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	form();
	first();
	fields();
	damage();
	names();
	return done();
}
