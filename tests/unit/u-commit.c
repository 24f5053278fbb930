#include "history/commit.h"

#include "base/json.h"
#include "tap.h"

#include <stdlib.h>

#define ID "0123456789abcdef0123456789abcdef01234567"

static void
there_and_back(void)
{
	struct commit c = { .id = ID, .time_ms = 1700000000000,
	    .authored_ms = -1000, .parents = 1, .known = true,
	    .subject = "Fix \"it\" \xff\n" }, d = { 0 };
	struct commit_file *f;
	struct buf b = BUF_INIT;
	struct err e;
	json_t *o;

	f = commit_add(&c);
	*f = (struct commit_file){ COMMIT_CHANGED, "a\tb", NULL };
	f = commit_add(&c);
	*f = (struct commit_file){ COMMIT_RENAMED, "new", "old" };
	commit_write(&b, &c);
	is_str(b.p, "{\"type\":\"commit\",\"commit\":\"" ID "\",\"time\":"
	    "1700000000000,\"authored\":-1000,\"parents\":1,\"subject\":"
	    "\"Fix \\\"it\\\" \xef\xbf\xbd\\n\",\"files\":[[\"M\",\"a\\tb\"],"
	    "[\"R\",\"new\",\"old\"]]}\n", "as a record");
	o = json_read(b.p, b.len, &e);
	ok(commit_from_json(&d, o, &e) == 0 && d.known && d.nfiles == 2 &&
	    d.time_ms == c.time_ms && d.authored_ms == -1000, "and back");
	is_str(d.files[0].path, "a\tb", "a file");
	is_str(d.files[1].was, "old", "a name before");
	json_decref(o);
	c.known = false;
	buf_reset(&b);
	commit_write(&b, &c);
	ok(strstr(b.p, "files") == NULL, "of what cannot be told nothing is");
	commit_release(&c);
	commit_release(&d);
	buf_release(&b);
}

static void
refuses(const char *text, const char *what)
{
	struct commit c = { 0 };
	struct err e = { 0 };
	json_t *o = json_read(text, strlen(text), &e);

	ok(o != NULL && commit_from_json(&c, o, &e) == -1 &&
	    e.code == ERR_INPUT, "%s: %s", what, e.msg);
	json_decref(o);
	commit_release(&c);
}
#define HEAD "{\"commit\":\"" ID "\",\"time\":1,\"authored\":1,\"parents\":"

static void
paths(void)
{
	struct buf b = BUF_INIT, raw = BUF_INIT;

	path_text(&b, "a\xff/\xc3\xa4%\x80", 7);
	is_str(b.p, "a%FF/\xc3\xa4%%80", "bytes that are no UTF-8");
	buf_reset(&b);
	path_text(&b, "a%FF\xff%25%20%2%ff", 16);
	is_str(b.p, "a%25FF%FF%2525%20%2%25ff", "what would be taken for them");
	path_raw(&raw, b.p);
	is_str(raw.p, "a%FF\xff%25%20%2%ff", "and back");
	buf_release(&raw);
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	there_and_back();
	refuses("{}", "nothing");
	refuses("{\"commit\":\"12\",\"time\":1,\"authored\":1,\"parents\":1,"
	    "\"subject\":\"\"}", "a short id");
	refuses(HEAD "-1,\"subject\":\"\"}", "parents");
	refuses(HEAD "1}", "no subject");
	refuses(HEAD "1,\"subject\":\"\",\"files\":[[\"X\",\"a\"]]}",
	    "a letter");
	refuses(HEAD "1,\"subject\":\"\",\"files\":[[\"R\",\"a\"]]}",
	    "half a rename");
	refuses(HEAD "1,\"subject\":\"\",\"files\":[[\"MM\",\"a\"]]}",
	    "two letters");
	refuses(HEAD "1,\"subject\":\"\",\"files\":[1]}", "no file");
	paths();
	return done();
}
