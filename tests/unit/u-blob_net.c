/* A provider that is a program: what it answers, and what it may do to us. */
#include "tap.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "blob/blob_line.h"
#include "blob/blob_net.h"
#include "store/store.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/memkit-u-blob_net.XXXXXX";
static struct store st = { .dir = dir, .tenant = (char *)"default" };
static struct blob_provider b;
static struct err e;

/* A program of these lines of sh(1); the provider is it from here on. */
static void
program(const char *script)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	static int n;

	if (b.p != NULL)
		b.kind->close(b.p);
	buf_addf(&path, "%s/prog%d", dir, ++n);
	buf_addf(&text, "#!/bin/sh\n%s\n", script);
	if (file_replace(path.p, text.p, text.len, &e) < 0 ||
	    chmod(path.p, 0700) < 0 || blob_net_open(&b, path.p, &st, NULL, &e) < 0)
		printf("# %s\n", e.msg);
	buf_release(&path);
	buf_release(&text);
}

/* --- questions --------------------------------------------------------- */

/* Says of each key what it is: "a..." absent, "d..." denied, others there. */
#define ANSWERS "exec python3 -c '\n" \
	"import json, sys\n" \
	"for line in sys.stdin:\n" \
	"	q = json.loads(line)\n" \
	"	out = []\n" \
	"	for o in q.get(\"objects\", []):\n" \
	"		a = {\"key\": o[\"key\"]}\n" \
	"		k = o[\"key\"][0]\n" \
	"		if k == \"d\":\n" \
	"			a.update(error=\"no\", code=\"denied\")\n" \
	"		elif k == \"a\" or q[\"type\"] == \"blob_delete\":\n" \
	"			a.update(where=\"absent\")\n" \
	"		else:\n" \
	"			a.update(where=\"there\", size_bytes=\n" \
	"			 o.get(\"size_bytes\", 7), said={\n" \
	"			 \"n\": len(q[\"objects\"])})\n" \
	"		out.insert(0, a)\n" \
	"	print(json.dumps({\"type\": \"blob\", \"id\": q[\"id\"],\n" \
	"		\"objects\": out}), flush=True)\n" \
	"'"

static void
test_questions(void)
{
	struct blob o[3] = { { .key = "x" }, { .key = "a" }, { .key = "d" } };

	program(ANSWERS);
	is_int(b.kind->check(b.p, &e), 0, "it is asked whether it can be used");
	is_int(b.kind->head(b.p, o, 3, &e), 0, "it is asked");
	ok(o[0].r == 0 && o[0].where == BLOB_THERE && o[0].size == 7 &&
	    !o[0].has_sum, "there");
	ok(o[1].r == 0 && o[1].where == BLOB_ABSENT, "absent");
	ok(o[2].r == -1 && o[2].err.code == ERR_DENIED, "denied");
	is_int(b.kind->drop(b.p, o, 2, &e), 0, "asked again");
	ok(o[0].r == 0 && o[0].where == BLOB_ABSENT, "deleted");
	json_decref(o[0].said);
}

static void
test_many(void)
{
	struct blob *o = xcalloc(150, sizeof *o);
	char (*keys)[16] = xcalloc(150, sizeof *keys);
	json_int_t n[150];
	size_t i;

	for (i = 0; i < 150; i++) {
		snprintf(keys[i], sizeof keys[i], "k%zu", i);
		o[i].key = keys[i];
	}
	is_int(b.kind->head(b.p, o, 150, &e), 0, "150 of them");
	for (i = 0; i < 150; i++) {
		n[i] = json_integer_value(json_object_get(o[i].said, "n"));
		json_decref(o[i].said);
	}
	ok(n[0] == 64 && n[63] == 64 && n[64] == 64 && n[128] == 22 &&
	    n[149] == 22, "in three questions");
	free(o);
	free(keys);
}

/* As many bytes as fit, in as many questions as that takes. */
static void
test_bytes(void)
{
	struct blob o[4] = { { .key = "k1" }, { .key = "k2" },
	    { .key = "k3" }, { .key = "k4" } };
	char *room = xcalloc(1, BLOB_BYTES + 1);
	size_t i;

	for (i = 0; i < 4; i++) {
		o[i].mem = room;
		o[i].size = BLOB_BYTES / 2;
		o[i].has_sum = true;
	}
	is_int(b.kind->put(b.p, o, 4, &e), 0, "bytes in memory");
	for (i = 0; i < 4; i++) {
		ok(o[i].r == 0 && o[i].where == BLOB_THERE &&
		    json_integer_value(json_object_get(o[i].said, "n")) == 2,
		    "%zu: put, two at a time", i);
		json_decref(o[i].said);
		o[i].said = NULL;
	}
	o[0].size = BLOB_BYTES + 1;
	is_int(b.kind->put(b.p, o, 1, &e), -1, "more than may be at once");
	is_int(e.code, ERR_USAGE, "is told");
	o[0].size = 1;
	o[1].size = BLOB_BYTES + 1;
	is_int(b.kind->put(b.p, o, 2, &e), 0, "the one before it is done");
	ok(o[0].r == 0 && o[1].r == -1 && o[1].err.code == ERR_USAGE,
	    "and it alone is not");
	json_decref(o[0].said);
	free(room);
}

/* --- what it may do ---------------------------------------------------- */

static int
head_of(const char *script)
{
	struct blob o = { .key = "k" };
	int r;

	program(script);
	r = b.kind->head(b.p, &o, 1, &e);
	if (r < 0)
		printf("# %d %s\n", e.code, e.msg);
	json_decref(o.said);
	return r;
}

static void
test_wrong(void)
{
	is_int(head_of("read q; echo nonsense; read q"), -1, "no JSON");
	ok(e.code == ERR_INPUT && strstr(e.msg, "answered wrongly"),
	    "is told");
	is_int(head_of("read q; echo '{\"type\":\"blob\",\"id\":1,"
	    "\"objects\":[]}'; read q"), -1, "the object is missing");
	is_int(head_of("read q; echo '{\"type\":\"blob\",\"id\":1,"
	    "\"objects\":[{\"key\":\"j\",\"where\":\"absent\"}]}'; read q"),
	    -1, "another one");
	is_int(head_of("read q; echo '{\"type\":\"blob\",\"id\":2,"
	    "\"objects\":[{\"key\":\"k\",\"where\":\"absent\"}]}'; read q"),
	    -1, "another question");
	is_int(head_of("read q; echo no key >&2; exit 3"), -1, "it ends");
	ok(e.code == ERR_NET && strstr(e.msg, "status 3") &&
	    strstr(e.msg, "no key"), "is told, with what it said");
	is_int(head_of("kill -9 $$"), -1, "it is killed");
	is_int(e.code, ERR_NET, "is told");
	is_int(head_of("read q; head -c 5000000 /dev/zero | tr '\\0' x; "
	    "read q"), -1, "it answers too much");
	is_int(e.code, ERR_INPUT, "is told");
	is_int(head_of("read q; echo '{\"type\":\"error\",\"id\":1,\"error\":"
	    "\"artifact.s3.url is not set\",\"code\":\"usage\"}'; read q"), -1,
	    "its settings are wrong");
	ok(e.code == ERR_USAGE && strcmp(e.msg, "artifact.s3.url is not set")
	    == 0, "is told as it said it");
	is_int(head_of("read q; echo '{\"type\":\"blob\",\"id\":1,"
	    "\"objects\":[{\"key\":\"k\",\"where\":\"absent\"}]}'; read q"),
	    0, "and a right one is right");
}

static void
test_absent(void)
{
	struct blob o = { .key = "k" };

	b.kind->close(b.p);
	blob_net_open(&b, "/no/such/program", &st, NULL, &e);
	is_int(b.kind->head(b.p, &o, 1, &e), -1, "there is no such program");
	is_int(e.code, ERR_SYS, "is told");
}

/* It is asked once, and dies; the next question starts another one. */
static void
test_again(void)
{
	struct blob o = { .key = "k" };

	program("read q; d=$(dirname \"$0\"); if [ -e $d/once ]; then echo "
	    "'{\"type\":\"blob\",\"id\":2,\"objects\":[{\"key\":\"k\","
	    "\"where\":\"absent\"}]}'; read q; else : >$d/once; fi");
	is_int(b.kind->head(b.p, &o, 1, &e), -1, "it died");
	is_int(b.kind->head(b.p, &o, 1, &e), 0, "and is started anew");
}

/* The second of two questions fails: the first one's objects are done. */
static void
test_half(void)
{
	struct blob *o = xcalloc(100, sizeof *o);
	char (*keys)[16] = xcalloc(100, sizeof *keys);
	struct buf script = BUF_INIT;
	size_t i, done = 0, failed = 0;

	buf_adds(&script, "read q; echo '{\"type\":\"blob\",\"id\":1,"
	    "\"objects\":[");
	for (i = 0; i < 100; i++) {
		snprintf(keys[i], sizeof keys[i], "k%zu", i);
		o[i].key = keys[i];
		if (i < 64)
			buf_addf(&script, "%s{\"key\":\"%s\",\"where\":"
			    "\"absent\"}", i > 0 ? "," : "", keys[i]);
	}
	buf_adds(&script, "]}'; exit 1");
	program(script.p);
	is_int(b.kind->drop(b.p, o, 100, &e), 0, "half of them");
	for (i = 0; i < 100; i++) {
		done += i < 64 && o[i].r == 0;
		failed += i >= 64 && o[i].r == -1 && o[i].err.code == ERR_NET;
	}
	ok(done == 64 && failed == 36, "%zu done, %zu not", done, failed);
	buf_release(&script);
	free(o);
	free(keys);
}

/* --- bytes ------------------------------------------------------------- */

static int
sink(void *arg, const void *p, size_t n, struct err *err)
{
	struct buf *out = arg;

	if (out->len + n > 100000)
		return err_set(err, ERR_SYS, "it is full");
	buf_add(out, p, n);
	return 0;
}

static struct buf got;

static int
get(const char *script, bool known, uint64_t from, uint64_t len)
{
	struct blob o = { .key = "the/key", .size = 10, .has_sum = known };
	int r;

	o.said = json_pack("{s:s}", "etag", "a b'c");
	program(script);
	buf_reset(&got);
	r = b.kind->get(b.p, &o, from, len, sink, &got, &e);
	if (r < 0)
		printf("# %d %s\n", e.code, e.msg);
	json_decref(o.said);
	return r;
}

static void
test_get(void)
{
	char want[600];

	is_int(get("printf 0123456789", true, 0, 0), 0, "all of it");
	is_str(got.p, "0123456789", "as it is");
	is_int(get("printf '%s|' \"$@\"", false, 3, 0), 0, "from there on");
	snprintf(want, sizeof want, "--store|%s|--tenant|default|--get|the/key|"
	    "--from|3|--length|0|--said|{\"etag\":\"a b'c\"}|", dir);
	is_str(got.p, want, "what it is called with");
	is_int(get("shift 12; [ $1$3$4 = --sha256--size10 ] && "
	    "[ ${#2} = 64 ] && printf 56", true, 5, 2), 0,
	    "and with what it must be");
	is_str(got.p, "56", "a part");
}

static void
test_get_wrong(void)
{
	is_int(get("printf 012345678", true, 0, 0), -1, "a byte is missing");
	ok(e.code == ERR_CORRUPT && strstr(e.msg, "9 bytes where there must be "
	    "10"), "is told");
	is_int(get("printf 01234567890", true, 0, 0), -1, "one is too much");
	is_int(e.code, ERR_CORRUPT, "is told");
	is_int(get("printf 012", true, 8, 0), -1, "more than to the end");
	is_int(get("printf 89", true, 8, 5), 0, "as far as it goes");
	is_int(get("printf 0123", false, 0, 3), -1, "more than was asked for");
	is_int(get("printf 0123; exit 2", false, 0, 0), -1, "it fails");
	is_int(e.code, ERR_NET, "and says nothing");
	is_int(get("echo \"${0##*/}: absent: cannot get it\" >&2; exit 2",
	    true, 0, 0), -1, "it is not there");
	ok(e.code == ERR_ABSENT && strcmp(e.msg, "cannot get it") == 0,
	    "is told by its code");
	is_int(get("echo 'something: else' >&2; exit 2", true, 0, 0), -1,
	    "it says something else");
	ok(e.code == ERR_INPUT && strcmp(e.msg, "something: else") == 0,
	    "is told as it is");
	is_int(get("printf 0123456789; kill -9 $$", true, 0, 0), -1,
	    "it is killed at its end");
	is_int(e.code, ERR_NET, "is told");
	is_int(get("while echo 0123456789; do :; done", false, 0, 0), -1,
	    "who reads gives up");
	is_str(e.msg, "it is full", "by its own error");
}

/* --- keys -------------------------------------------------------------- */

static int
found(void *arg, const char *key, uint64_t size, int64_t time_ms,
    struct err *err)
{
	(void)err;
	buf_addf(arg, "%s %d %d\n", key, (int)size, (int)time_ms);
	return 0;
}

static int
list(const char *script)
{
	int r;

	program(script);
	buf_reset(&got);
	r = b.kind->list(b.p, "p/", found, &got, &e);
	if (r < 0)
		printf("# %d %s\n", e.code, e.msg);
	return r;
}

#define ITEM "'{\"key\":\"p/a\",\"size_bytes\":1,\"timestamp\":2}'"

static void
test_list(void)
{
	is_int(list("echo " ITEM "; sleep 0.1; echo " ITEM
	    " | sed 's/a\"/b\"/'"), 0, "a list");
	is_str(got.p, "p/a 1 2\np/b 1 2\n", "of what there is");
	is_int(list(":"), 0, "of nothing");
	is_int(list("printf '%s' " ITEM), -1, "it breaks off");
	is_int(e.code, ERR_INPUT, "is told");
	is_int(list("echo " ITEM " | sed s/p/q/"), -1, "not asked for");
	is_int(list("head -c 20000 /dev/zero | tr '\\0' x"), -1,
	    "a line without end");
	is_int(list("echo " ITEM "; exit 2"), -1, "it fails in the end");
	is_int(list("printf '%.20s' " ITEM "; sleep 0.1; echo " ITEM
	    " | cut -c 21-"), 0, "a line in two pieces");
	is_str(got.p, "p/a 1 2\n", "is one");
}

int
main(void)
{
	json_setup();
	if (mkdtemp(dir) == NULL)
		return 1;
	buf_init(&got);
	test_questions();
	test_many();
	test_bytes();
	test_wrong();
	test_absent();
	test_again();
	test_half();
	test_get();
	test_get_wrong();
	test_list();
	b.kind->close(b.p);
	buf_release(&got);
	file_remove_tree(dir, &e);
	return done();
}
