/*
 * Storage keys: what is made is taken, with any prefix and form; what is not of
 * the form, as a peer may send it, is not.  Owners are of a tenant, a user and
 * a store, and nothing of them is to be read there.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "blob/artifact_key.h"

#include <string.h>

#define O "0123456789abcdef0123456789abcdef"
#define U "01HNAVQZC00000000000000000"

static struct err e;

static void
made(void)
{
	static const char *const prefixes[] = { "", "memkit", "a/b", "A-_.9",
	    "x/y.z/0" };
	static const int64_t forms[] = { 1, 2, 9, 10, 99999, 1000000 };
	struct buf b = BUF_INIT;
	uint8_t id[ULID_BYTES];
	size_t i, k;
	bool good = true;

	ulid_parse(U, id);
	for (i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		ok(artifact_prefix_wrong(prefixes[i]) == NULL, "prefix '%s'",
		    prefixes[i]);
		for (k = 0; k < sizeof forms / sizeof *forms; k++) {
			artifact_key(&b, prefixes[i], O, id, forms[k]);
			good &= artifact_key_form(b.p) == forms[k] &&
			    b.len <= ARTIFACT_KEY_MAX;
		}
	}
	ok(good, "each key that is made has its form");
	artifact_key(&b, "memkit", O, id, 1);
	is_str(b.p, "memkit/s/" O "/" U ".bin", "the first form");
	artifact_key(&b, "", O, id, 2);
	is_str(b.p, "s/" O "/" U ".2.bin", "the second, without a prefix");
	buf_release(&b);
}

static void
longest(void)
{
	char prefix[ARTIFACT_PREFIX_MAX + 2];
	struct buf b = BUF_INIT;
	uint8_t id[ULID_BYTES];

	ulid_parse(U, id);
	memset(prefix, 'p', sizeof prefix);
	prefix[ARTIFACT_PREFIX_MAX] = '\0';
	artifact_key(&b, prefix, O, id, 1000000);
	ok(artifact_prefix_wrong(prefix) == NULL && b.len <= ARTIFACT_KEY_MAX &&
	    artifact_key_good(b.p), "the longest prefix");
	prefix[ARTIFACT_PREFIX_MAX] = 'p';
	prefix[ARTIFACT_PREFIX_MAX + 1] = '\0';
	artifact_key(&b, prefix, O, id, 1);
	ok(artifact_prefix_wrong(prefix) != NULL && !artifact_key_good(b.p),
	    "a byte more is too much");
	buf_release(&b);
}

static void
refused(void)
{
	static const char *const keys[] = { "", "/", "x", "s", "s/",
	    "s/" O, "s/" O "/", "s/" O "/" U, "s/" O "/" U ".bi",
	    "s/" O "/" U ".bin/", "s/" O "/" U ".bin ", " s/" O "/" U ".bin",
	    "/s/" O "/" U ".bin", "//s/" O "/" U ".bin",
	    "a//s/" O "/" U ".bin", "/a/s/" O "/" U ".bin",
	    "../s/" O "/" U ".bin", "a/../s/" O "/" U ".bin",
	    "./s/" O "/" U ".bin", ".hidden/s/" O "/" U ".bin",
	    "a b/s/" O "/" U ".bin", "a\\b/s/" O "/" U ".bin",
	    "a\nb/s/" O "/" U ".bin", "\xc3\xa4/s/" O "/" U ".bin",
	    "as/" O "/" U ".bin", "a/t/" O "/" U ".bin",
	    "s/" O "0/" U ".bin", "s/0123/" U ".bin",
	    "s/0123456789ABCDEF0123456789abcdef/" U ".bin",
	    "s/0123456789abcdef0123456789abcde./" U ".bin",
	    "s/" O "/01hnavqzc00000000000000000.bin",
	    "s/" O "/01HNAVQZC0000000000000000I.bin",
	    "s/" O "/81HNAVQZC00000000000000000.bin",
	    "s/" O "/" U ".1.bin", "s/" O "/" U ".0.bin",
	    "s/" O "/" U ".02.bin", "s/" O "/" U ".-2.bin",
	    "s/" O "/" U ".+2.bin", "s/" O "/" U ". 2.bin",
	    "s/" O "/" U ".2 .bin", "s/" O "/" U "..bin",
	    "s/" O "/" U ".2.2.bin", "s/" O "/" U ".1000001.bin",
	    "s/" O "/" U ".99999999.bin", "s/" O "/" U ".x.bin",
	    "s/" O "/../" U ".bin", "s/" O "/./" U ".bin" };
	size_t i, taken = 0;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (artifact_key_good(keys[i])) {
			printf("# taken: '%s'\n", keys[i]);
			taken++;
		}
	is_int((int64_t)taken, 0, "%zu that are none", i);
	ok(artifact_key_form("s/" O "/" U ".bin") == 1 &&
	    artifact_key_form("s/s/" O "/" U ".bin") == 1,
	    "what they were made from is one");
}

static void
prefixes(void)
{
	static const char *const wrong[] = { "/", "a/", "/a", "a//b", ".",
	    "..", "a/..", "a/.b", "a b", "a\tb", "\xc3\xa4", "a\\b", "a:b",
	    "a?b", "%2e%2e" };
	size_t i;

	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(artifact_prefix_wrong(wrong[i]) != NULL, "no prefix: '%s'",
		    wrong[i]);
}

static void
owner_of(const char *dir, const char *user, const char *tenant, char owner[])
{
	struct store_where w = { .dir = dir, .tenant = tenant, .user = user };
	struct store *st = NULL;

	if (store_open(&st, &w, STORE_WRITE, &e) < 0 ||
	    artifact_owner(st, owner, &e) < 0)
		printf("# %s\n", e.msg);
	store_close(st);
}

static void
owners(void)
{
	char v[5][ARTIFACT_OWNER + 1] = { "" }, again[ARTIFACT_OWNER + 1] = "";
	size_t i, k, same = 0;

	owner_of("a", "ann", NULL, v[0]);
	owner_of("a", "bob", NULL, v[1]);
	owner_of("a", "ann", "other", v[2]);
	owner_of("b", "ann", NULL, v[3]);
	/* where one name ends and the next begins */
	owner_of("a", "rann", "othe", v[4]);
	for (i = 0; i < 5; i++)
		for (k = 0; k < i; k++)
			same += strcmp(v[i], v[k]) == 0;
	is_int((int64_t)same, 0, "users, tenants and stores have their own");
	ok(strlen(v[0]) == ARTIFACT_OWNER && strspn(v[0], "0123456789abcdef")
	    == ARTIFACT_OWNER, "32 hex digits");
	owner_of("a", "ann", NULL, again);
	is_str(again, v[0], "and stay so");
}

int
main(void)
{
	temp_begin();
	made();
	longest();
	refused();
	prefixes();
	owners();
	return temp_end() | done();
}
