#include "text/redact_mask.h"

#include "base/map.h"

#include "tap.h"

static int
is(const char *masked, const char *text)
{
	return mask_of(masked, strlen(masked), text, strlen(text));
}

int
main(void)
{
	struct map kinds = MAP_INIT;
	const char *two = "a [redacted:aws-key] b [redacted:jwt] "
	    "[redacted:jwt] [redacted:] [redacted:x";

	ok(is("the key is [redacted:aws-key], keep it",
	    "the key is AKIAQ3EGWRTY7UZXN5M2, keep it"), "one in the middle");
	ok(is("[redacted:a]", "anything"), "all of it");
	ok(is("[redacted:a]", ""), "nothing stood there");
	ok(is("a[redacted:x]", "ab"), "at the end");
	ok(is("[redacted:x]b", "ab"), "at the begin");
	ok(is("[redacted:x] and [redacted:y]", "one and two and three"),
	    "two, the first as early as it can");
	ok(is("a [redacted:x] b [redacted:y] c", "a 1 b 2 b 3 c"), "between");
	ok(is("[redacted:x] [redacted:y]", "[redacted:x] s"), "one more");
	ok(!is("same", "same"), "no mask of itself");
	ok(!is("a", "b"), "other words");
	ok(!is("other [redacted:x]", "the text"), "other words in front");
	ok(!is("the [redacted:x] end", "the text"), "other words behind");
	ok(!is("the [redacted:x] z [redacted:y]", "the text"), "between");
	ok(!is("abc", "abcd"), "without a token nothing may be missing");
	ok(!is("ab[redacted:x]ba", "aba"), "no byte counts twice");
	ok(!is("a[redacted:]b", "axb"), "no kind, no token");
	ok(is("a  b", "a <private>x</private> b"), "private, dropped");
	ok(!is("b a", "a <private>x</private> b"), "in another order");
	ok(!is("a  c", "a <private>x</private> b"), "words of its own");
	ok(mask_of("x\0[redacted:k]}", 15, "x\0{\"p\":1}", 9),
	    "over a NUL");

	mask_count(&kinds, two, strlen(two), 1);
	ok(kinds.n == 2 && map_get(&kinds, "jwt")->i == 2 &&
	    map_get(&kinds, "aws-key")->i == 1, "counted by kind");
	mask_count(&kinds, two, strlen(two), -1);
	ok(map_get(&kinds, "jwt")->i == 0, "and back");
	map_release(&kinds);
	return done();
}
