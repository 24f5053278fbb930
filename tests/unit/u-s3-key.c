/* Names of objects and buckets: which are refused, and why. */
#include "tap.h"

#include "net/s3_key.h"
#include "net/s3_preset.h"

#include <stdbool.h>

static void
keys(void)
{
	static const struct {
		const char *key;
		size_t len;		/* 0: strlen */
		bool right;
	} t[] = {
		{ "a", 0, true }, { "a/b/c.txt", 0, true },
		{ "\303\274/\342\202\254", 0, true }, { ".a/..b/c.", 0, true },
		{ "a b+c&d=e?f#g%h", 0, true }, { "...", 0, true },
		{ "", 0, false }, { "/", 0, false }, { "/a", 0, false },
		{ "a/", 0, false }, { "a//b", 0, false }, { ".", 0, false },
		{ "..", 0, false }, { "./a", 0, false }, { "a/..", 0, false },
		{ "a/../b", 0, false }, { "a/./b", 0, false },
		{ "a\0b", 3, false }, { "a\nb", 0, false },
		{ "a\177", 0, false }, { "\377", 0, false },
		{ "\303", 0, false }
	};
	char part[400], whole[1100];
	size_t i, n;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		n = t[i].len > 0 ? t[i].len : strlen(t[i].key);
		ok((s3_key_wrong(t[i].key, n) == NULL) == t[i].right,
		    "key %zu is %s", i, t[i].right ? "taken" : "refused");
	}
	memset(part, 'a', sizeof part);
	ok(s3_key_wrong(part, 255) == NULL, "a part of 255 bytes");
	ok(s3_key_wrong(part, 256) != NULL, "and of one more");
	memset(whole, 'b', sizeof whole);
	for (i = 200; i < sizeof whole; i += 200)
		whole[i] = '/';
	ok(s3_key_wrong(whole, 1024) == NULL, "1024 bytes");
	ok(s3_key_wrong(whole, 1025) != NULL, "and one more");
}

static void
prefixes(void)
{
	ok(s3_prefix_wrong("", 0) == NULL, "no prefix");
	ok(s3_prefix_wrong("a/", 2) == NULL, "a folder");
	ok(s3_prefix_wrong("a/b", 3) == NULL, "the beginning of a name");
	ok(s3_prefix_wrong("/", 1) != NULL, "'/' alone");
	ok(s3_prefix_wrong("a//", 3) != NULL, "'//'");
	ok(s3_prefix_wrong("../", 3) != NULL, "'..'");
}

static void
buckets(void)
{
	static const char *const right[] = { "abc", "a-b.c", "0123456789",
	    "my-bucket-1250000000", NULL };
	static const char *const wrong[] = { "", "ab", "Abc", "a_b", "-abc",
	    "abc-", ".abc", "a..b", "a/b", "a b", "\303\274ber",
	    "a123456789012345678901234567890123456789012345678901234567890123",
	    NULL };
	int i;

	for (i = 0; right[i] != NULL; i++)
		ok(s3_bucket_wrong(right[i]) == NULL, "'%s'", right[i]);
	for (i = 0; wrong[i] != NULL; i++)
		ok(s3_bucket_wrong(wrong[i]) != NULL, "not '%s'", wrong[i]);
}

static void
presets(void)
{
	const struct s3_preset *p;

	for (p = s3_presets; p->name != NULL; p++) {
		ok(s3_preset(p->name) == p, "%s is found", p->name);
		ok(p->source != NULL && p->about != NULL, "says from where");
		ok(strstr(p->once, ": ") != NULL, "and how to put once");
		ok(p->endpoint == NULL ||
		    (strstr(p->endpoint, "https://") == p->endpoint &&
		    strstr(p->endpoint, "%s") != NULL), "its endpoint has a "
		    "place for the region");
	}
	ok(s3_preset("nowhere") == NULL, "no other");
}

int
main(void)
{
	keys();
	prefixes();
	buckets();
	presets();
	return done();
}
