/* The lines between a tool and a provider's program. */
#include "tap.h"

#include "base/alloc.h"
#include "base/json.h"
#include "blob/blob_line.h"

#include <stdlib.h>

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct err e;

static int
ask(const char *line)
{
	struct blob_question q;
	int r = blob_line_question(&q, line, strlen(line), &e);

	if (r < 0)
		printf("# %s\n", e.msg);
	blob_question_release(&q);
	return r;
}

/* --- there and back ---------------------------------------------------- */

static void
test_put(void)
{
	struct blob o[2] = { { .key = "p/s/a/1.bin", .mem = "a\0\xff", .size =
	    3, .has_sum = true }, { .key = "p/s/a/2.bin", .path = "/x \"y",
	    .size = 5, .has_sum = true, .cid = "bafy" } };
	struct blob_question q = { .ask = BLOB_PUT, .id = 7, .objects = o,
	    .n = 2 }, got;
	struct buf b = BUF_INIT;

	hash_mem("a\0\xff", 3, o[0].sha256);
	o[1].said = json_pack("{s:s}", "etag", "x");
	blob_line_ask(&b, &q);
	printf("# %s\n", b.p);
	is_int(blob_line_question(&got, b.p, b.len, &e), 0, "a put is read");
	ok(got.ask == BLOB_PUT && got.id == 7 && got.n == 2, "as it was asked");
	ok(got.objects[0].size == 3 && got.objects[0].path == NULL &&
	    memcmp(got.objects[0].mem, "a\0\xff", 3) == 0 &&
	    memcmp(got.objects[0].sha256, o[0].sha256, HASH_LEN) == 0,
	    "bytes come as they were");
	is_str(got.objects[1].path, "/x \"y", "a file by its name");
	is_str(got.objects[1].cid, "bafy", "its cid");
	ok(got.objects[1].mem == NULL && json_equal(got.objects[1].said,
	    o[1].said), "what was said comes back");
	blob_question_release(&got);
	json_decref(o[1].said);
	buf_release(&b);
}

static void
test_nothing(void)
{
	struct blob o = { .key = "k", .mem = "", .has_sum = true };
	struct blob_question q = { .ask = BLOB_PUT, .id = 1, .objects = &o,
	    .n = 1 }, got;
	struct buf b = BUF_INIT;

	blob_line_ask(&b, &q);
	is_int(blob_line_question(&got, b.p, b.len, &e), 0,
	    "an object may be empty");
	ok(got.n == 1 && got.objects[0].mem != NULL &&
	    got.objects[0].size == 0, "and is");
	blob_question_release(&got);
	buf_release(&b);
}

static void
test_answer(void)
{
	struct blob was[3] = { { .key = "k/1" }, { .key = "k/2" },
	    { .key = "k/3" } }, o[3] = { { .key = "k/1" }, { .key = "k/2" },
	    { .key = "k/3" } };
	struct blob_question told = { .ask = BLOB_HEAD, .id = 3, .objects =
	    was, .n = 3 }, q = { .ask = BLOB_HEAD, .id = 3, .objects = o,
	    .n = 3 };
	struct buf b = BUF_INIT;

	was[0].where = BLOB_THERE;
	was[0].size = 1 << 20;
	was[0].has_sum = true;
	was[0].sha256[31] = 9;
	was[0].said = json_pack("{s:s}", "etag", "n\xc3\xa9w");
	o[0].said = json_pack("{s:s}", "etag", "old");
	was[1].r = err_set(&was[1].err, ERR_DENIED, "it says \"no\"\x01");
	o[2].said = json_pack("{s:s}", "etag", "kept");
	blob_line_tell(&b, &told);
	printf("# %s", b.p);
	is_int(blob_line_answer(&q, b.p, b.len, &e), 0, "an answer is read");
	ok(o[0].r == 0 && o[0].where == BLOB_THERE && o[0].size == 1 << 20 &&
	    o[0].has_sum && o[0].sha256[31] == 9, "what is there");
	is_str(json_string_value(json_object_get(o[0].said, "etag")),
	    "n\xc3\xa9w", "what is said anew");
	ok(o[1].r == -1 && o[1].err.code == ERR_DENIED, "a code");
	is_str(o[1].err.msg, "it says \"no\"\x01", "and its text");
	ok(o[2].r == 0 && o[2].where == BLOB_ABSENT, "absent");
	is_str(json_string_value(json_object_get(o[2].said, "etag")), "kept",
	    "what was said before stays");
	json_decref(was[0].said);
	json_decref(o[0].said);
	json_decref(o[2].said);
	buf_release(&b);
}

static void
test_error(void)
{
	struct blob_question q = { .ask = BLOB_CHECK, .id = 5 };
	struct err said;
	struct buf b = BUF_INIT;

	err_set(&said, ERR_USAGE, "artifact.s3.url is not set");
	blob_line_fail(&b, 5, &said);
	is_int(blob_line_answer(&q, b.p, b.len, &e), 1, "an error of all");
	ok(e.code == ERR_USAGE, "its code");
	is_str(e.msg, said.msg, "its text");
	q.id = 6;
	is_int(blob_line_answer(&q, b.p, b.len, &e), -1,
	    "not of another question");
	buf_release(&b);
}

/* --- what is refused --------------------------------------------------- */

static void
test_questions(void)
{
	static const char *const bad[] = {
		"", "{}", "[]", "{\"type\":\"blob_put\"}",
		"{\"type\":\"blob_head\",\"id\":\"1\",\"objects\":[]}",
		"{\"type\":\"blob_eat\",\"id\":1,\"objects\":[]}",
		"{\"type\":\"blob_head\",\"id\":1}",
		"{\"type\":\"blob_head\",\"id\":1,\"objects\":[1]}",
		"{\"type\":\"blob_head\",\"id\":1,\"objects\":[{}]}",
		"{\"type\":\"blob_head\",\"id\":1,\"objects\":[{\"key\":"
		    "\"../a\"}]}",
		"{\"type\":\"blob_head\",\"id\":1,\"objects\":[{\"key\":"
		    "\"a\\u0000b\"}]}",
		"{\"type\":\"blob_head\",\"id\":1,\"objects\":[{\"key\":"
		    "\"a\",\"said\":[]}]}",
		"{\"type\":\"blob_head\",\"id\":1,\"objects\":[{\"key\":"
		    "\"a\"},{\"key\":\"a\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"file\":\"x\",\"size_bytes\":1,\"sha256\":\"" SUM
		    "\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"file\":\"/x\",\"size_bytes\":-1,\"sha256\":\"" SUM
		    "\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"file\":\"/x\",\"size_bytes\":1,\"sha256\":\"00\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"size_bytes\":1,\"sha256\":\"" SUM "\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"bytes\":\"AAA\",\"size_bytes\":1,\"sha256\":\"" SUM
		    "\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"bytes\":\"AA\",\"file\":\"/x\",\"size_bytes\":1,"
		    "\"sha256\":\"" SUM "\"}]}",
		"{\"type\":\"blob_put\",\"id\":1,\"objects\":[{\"key\":\"a\","
		    "\"bytes\":\"\",\"size_bytes\":9223372036854775807,"
		    "\"sha256\":\"" SUM "\"}]}", NULL
	};
	size_t i;

	for (i = 0; bad[i] != NULL; i++)
		ok(ask(bad[i]) < 0 && e.code == ERR_INPUT, "refused: %s",
		    bad[i]);
	ok(ask("{\"type\":\"blob_check\",\"id\":1,\"more\":2}") == 0,
	    "keys that are not known are passed over");
}

static void
test_many(void)
{
	struct buf b = BUF_INIT;
	int i;

	buf_adds(&b, "{\"type\":\"blob_head\",\"id\":1,\"objects\":[");
	for (i = 0; i <= BLOB_MANY; i++)
		buf_addf(&b, "%s{\"key\":\"k/%d\"}", i > 0 ? "," : "", i);
	buf_adds(&b, "]}");
	is_int(ask(b.p), -1, "more objects than may be");
	buf_reset(&b);
	buf_adds(&b, "{\"type\":\"blob_head\",\"id\":1,\"objects\":[{\"key\":"
	    "\"k\",\"said\":{\"a\":\"");
	for (i = 0; i <= BLOB_SAID; i++)
		buf_addc(&b, 'a');
	buf_adds(&b, "\"}}]}");
	is_int(ask(b.p), -1, "it says more than may be");
	buf_release(&b);
}

/* Of one object "k", 5 bytes with the sum of none. */
static int
answer(enum blob_ask what, const char *line, struct blob *o)
{
	struct blob_question q = { .ask = what, .id = 1, .objects = o,
	    .n = 1 };
	int r;

	memset(o, 0, sizeof *o);
	o->key = "k";
	o->size = 5;
	o->r = 77;
	hash_mem("", 0, o->sha256);
	r = blob_line_answer(&q, line, strlen(line), &e);
	if (r < 0)
		printf("# %s\n", e.msg);
	json_decref(o->said);
	return r;
}

#define OF_ONE(x) "{\"type\":\"blob\",\"id\":1,\"objects\":[" x "]}"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void
test_lies(void)
{
	static const struct {
		enum blob_ask ask;
		const char *line, *what;
	} bad[] = {
		{ BLOB_PUT, "nonsense", "no JSON" },
		{ BLOB_PUT, "{\"type\":\"blob\",\"id\":2,\"objects\":[]}",
		    "another id" },
		{ BLOB_PUT, "{\"type\":\"blob\",\"objects\":[]}", "no id" },
		{ BLOB_PUT, "{\"type\":\"vectors\",\"id\":1}",
		    "another type" },
		{ BLOB_PUT, "{\"type\":\"blob\",\"id\":1}", "no objects" },
		{ BLOB_PUT, OF_ONE(""), "the object is missing" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"j\",\"where\":\"there\","
		    "\"size_bytes\":5}"), "another object" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5},{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5}"), "the object twice" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\"}"), "no where" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"here\","
		    "\"size_bytes\":5}"), "no where that is known" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"absent\"}"),
		    "put, and absent" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":4}"), "put with another length" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"there\"}"),
		    "put without a length" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5,\"sha256\":\"" ZEROS "\"}"),
		    "put with another hash" },
		{ BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5,\"sha256\":\"" SUM "0\"}"),
		    "a hash that is none" },
		{ BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":-5}"), "a length that is none" },
		{ BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5.0}"), "a length with a fraction" },
		{ BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5,\"said\":7}"), "said is no object" },
		{ BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"error\":\"x\"}"),
		    "an error without a code" },
		{ BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"error\":\"\","
		    "\"code\":\"net\"}"), "an error without a text" },
		{ BLOB_DROP, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
		    "\"size_bytes\":5}"), "deleted, and there" },
		{ BLOB_CHECK, "{\"type\":\"error\",\"id\":1}",
		    "an error that says nothing" }
	};
	struct blob o;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(answer(bad[i].ask, bad[i].line, &o) == -1 && o.r == 77 &&
		    e.code == ERR_INPUT, "refused: %s", bad[i].what);
	ok(answer(BLOB_PUT, OF_ONE("{\"key\":\"k\",\"where\":\"there\","
	    "\"size_bytes\":5,\"sha256\":\"" SUM "\"}"), &o) == 0 && o.r == 0 &&
	    o.where == BLOB_THERE, "what is right is taken");
	ok(answer(BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"where\":\"pending\"}"),
	    &o) == 0 && o.where == BLOB_PENDING, "pending, of no length yet");
	ok(answer(BLOB_HEAD, OF_ONE("{\"key\":\"k\",\"error\":\"x\","
	    "\"code\":\"new\"}"), &o) == 0 && o.r == -1 &&
	    o.err.code == ERR_INPUT, "a code that is not known");
}

static void
test_items(void)
{
	static const char good[] = "{\"key\":\"p/a\",\"size_bytes\":3,"
	    "\"timestamp\":-1}";
	static const char *const bad[] = { "", "{}",
	    "{\"key\":\"q/a\",\"size_bytes\":3,\"timestamp\":1}",
	    "{\"key\":\"p/../a\",\"size_bytes\":3,\"timestamp\":1}",
	    "{\"key\":\"p/a\",\"size_bytes\":-3,\"timestamp\":1}",
	    "{\"key\":\"p/a\",\"size_bytes\":3}", NULL };
	struct blob_item item;
	struct buf b = BUF_INIT;
	size_t i;

	is_int(blob_line_item(&item, "p/", good, strlen(good), &e), 0,
	    "one of a list");
	ok(item.size == 3 && item.time_ms == -1, "its size and its time");
	is_str(item.key, "p/a", "its key");
	for (i = 0; bad[i] != NULL; i++)
		is_int(blob_line_item(&item, "p/", bad[i], strlen(bad[i]),
		    &e), -1, "none of a list: %s", bad[i]);
	blob_line_list(&b, "p/\"", 9, 8);
	is_int(blob_line_item(&item, "", b.p, b.len - 1, &e), 0,
	    "as it is written");
	is_str(item.key, "p/\"", "whatever the key");
	buf_release(&b);
}

static void
test_keys(void)
{
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".",
	    "..", "a/./b", "a/..", "a\nb", "a\x7f", NULL };
	char key[BLOB_KEY + 2];
	size_t i;

	for (i = 0; bad[i] != NULL; i++)
		ok(!blob_key_right(bad[i]), "no key: %zu", i);
	ok(blob_key_right("a/s/0123/01.bin") && blob_key_right("...") &&
	    blob_key_right("a/.b"), "keys");
	memset(key, 'k', sizeof key);
	key[BLOB_KEY + 1] = '\0';
	ok(!blob_key_right(key), "too long");
	key[BLOB_KEY] = '\0';
	ok(blob_key_right(key), "as long as may be");
}

static void
test_codes(void)
{
	int c;

	for (c = ERR_USAGE; c <= ERR_DENIED; c++)
		is_int(blob_code(blob_code_name((enum err_code)c),
		    strlen(blob_code_name((enum err_code)c))), c,
		    "code %d comes back", c);
}

int
main(void)
{
	json_setup();
	test_put();
	test_nothing();
	test_answer();
	test_error();
	test_questions();
	test_many();
	test_lies();
	test_items();
	test_keys();
	test_codes();
	return done();
}
