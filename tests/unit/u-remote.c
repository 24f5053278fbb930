/* Keys of a remote, and operations that are dropped, nested or refused. */
#include "tap.h"

#include "base/str.h"
#include "sync/remote.h"
#include "sync/remote_key.h"
#include "temp-store.h"

#include <signal.h>
#include <sys/stat.h>

static bool
right(const char *key)
{
	return remote_key_wrong(key, strlen(key)) == NULL;
}

static void
keys(void)
{
	static const char *const good[] = { "a", "a/b/c.txt", ".memkit/x",
	    "a-b_c.d%20e/0", "..a", "...b", "%41", ".tmp", "a.tmp-" };
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".",
	    "..", "a/..", "./a", "A", "a b", "a\\b", "\303\274", "a\n",
	    "a:b", "a.", "a./b", ".tmp-", "a/.tmp-x/b", "a+b", "a?b" };
	char part[300];
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++)
		ok(right(good[i]), "'%s' is a key", good[i]);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!right(bad[i]), "a bad one, %zu", i);
	memset(part, 'a', sizeof part);
	ok(remote_key_wrong(part, 255) == NULL, "a part of 255 bytes");
	ok(remote_key_wrong(part, 256) != NULL, "not of 256");
	ok(remote_key_wrong("a\0b", 3) != NULL, "no NUL");
	ok(remote_prefix_wrong("", 0) == NULL &&
	    remote_prefix_wrong("a/b/", 4) == NULL, "beginnings");
	ok(remote_prefix_wrong("a", 1) != NULL &&
	    remote_prefix_wrong("/", 1) != NULL &&
	    remote_prefix_wrong("a//", 3) != NULL, "and what is none");
}

static void
names(void)
{
	struct buf b = BUF_INIT;
	char text[1025];
	int c;

	remote_key_add(&b, "Acme & Co");
	remote_key_add(&b, "bob");
	remote_key_path(&b, "Reports/2026 Q3.pdf");
	is_str(b.p, "%41cme%20%26%20%43o/bob/%52eports/2026%20%513.pdf",
	    "names are escaped");
	ok(right(b.p), "and then a key");
	for (c = 1; c < 256; c++) {
		snprintf(text, sizeof text, "%c", c);
		buf_reset(&b);
		remote_key_add(&b, text);
		if (!right(b.p))
			ok(0, "the byte %d", c);
	}
	for (c = 0; c < 4; c++) {
		static const char *const odd[] = { ".", "..", ".tmp-x",
		    "a." };

		buf_reset(&b);
		remote_key_add(&b, odd[c]);
		ok(right(b.p), "'%s' is '%s'", odd[c], b.p);
	}
	memset(text, 'Z', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	buf_reset(&b);
	remote_key_add(&b, text);
	ok(right(b.p), "a long name");
	buf_release(&b);
}

/* --- operations -------------------------------------------------------- */

static volatile sig_atomic_t stop;
static int told;

static void
count(struct remote_op *op)
{
	struct err e;

	told++;
	ok(remote_step(op->remote, 0, &e) == -1 && e.code == ERR_USAGE,
	    "nobody steps from within a step");
}

static struct remote *
open_folder(struct store *st)
{
	struct remote *r = NULL;
	struct err e;

	if (remote_open(&r, st, "main", &stop, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	else
		remote_only(r, NULL);
	return r;
}

static void
several(struct remote *r)
{
	struct remote_put p[3] = { { .key = "a" }, { .key = "b" },
	    { .key = "B" } };
	struct remote_get g = { .key = "b" };
	struct buf b = BUF_INIT;
	struct remote_room room = { &b, 3 };
	struct err e;
	int i;

	for (i = 0; i < 3; i++) {
		p[i].body.mem = "text";
		p[i].body.len = 4;
		p[i].op.done = i < 2 ? count : NULL;
		remote_put(r, &p[i]);
	}
	ok(remote_wait(r, &p[2].op, &e) == -1 && e.code == ERR_USAGE,
	    "one that is refused ends by itself");
	while (remote_step(r, 0, &e) > 0)
		;
	is_int(told, 2, "each is told once");
	ok(p[0].made == REMOTE_MADE && p[1].made == REMOTE_MADE &&
	    p[2].made == REMOTE_NOT_MADE, "what became of them");
	g.take = remote_into_buf;
	g.arg = &room;
	remote_get(r, &g);
	ok(remote_wait(r, &g.op, &e) == -1 && e.code == ERR_INPUT,
	    "more than there is room for");
	room.most = 4;
	buf_reset(&b);
	remote_get(r, &g);
	ok(remote_wait(r, &g.op, &e) == 0 && g.size == 4, "in a buffer");
	is_str(b.p, "text", "all of it");
	buf_release(&b);
}

static void
wrong_sum(struct remote *r)
{
	static const uint8_t none[HASH_LEN];
	struct remote_put p = { .key = "sum", .sha256 = none };
	struct remote_head h = { .key = "sum" };
	struct remote_get g = { .key = "a", .sha256 = none, .from = 1 };
	struct err e;

	p.body.mem = "text";
	p.body.len = 4;
	remote_put(r, &p);
	ok(remote_wait(r, &p.op, &e) == -1 && e.code == ERR_INPUT &&
	    p.made == REMOTE_NOT_MADE, "bytes that changed are not put");
	remote_head(r, &h);
	ok(remote_wait(r, &h.op, &e) == -1 && e.code == ERR_ABSENT,
	    "nothing of them is there");
	remote_get(r, &g);
	ok(remote_wait(r, &g.op, &e) == -1 && e.code == ERR_USAGE,
	    "a part has no SHA-256 to compare");
	p.once = true;
	p.body.len = REMOTE_ONCE_MAX + 1;
	remote_put(r, &p);
	ok(remote_wait(r, &p.op, &e) == -1 && e.code == ERR_USAGE &&
	    p.made == REMOTE_NOT_MADE, "too large to be put once");
}

static void
interrupted(struct store *st)
{
	struct remote_put p = { .key = "never" }, q = { .key = "dropped" };
	struct remote *r = open_folder(st);
	struct err e;
	int before = told;

	p.op.done = q.op.done = count;
	remote_put(r, &p);
	remote_put(r, &q);
	stop = 1;
	ok(remote_wait(r, &p.op, &e) == -1 && e.code == ERR_BUSY,
	    "interrupted");
	stop = 0;
	remote_close(r);
	is_int(told, before, "nobody is told of what was dropped");
	ok(!file_exists("remote/never") && !file_exists("remote/dropped"),
	    "and it was not done");
}

/* How many operations are worth starting. */
static void
at_once(struct store *st)
{
	struct remote *r = NULL;
	struct err e;

	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	ok(remote_open(&r, st, "far", NULL, &e) == 0, "a bucket");
	is_int(remote_can(r)->at_once, 4, "a limit leaves each its share");
	ok(remote_can(r)->sums && remote_can(r)->resume, "what it can");
	remote_close(r);
	r = open_folder(st);
	is_int(remote_can(r)->at_once, 1, "a folder: one after the other");
	ok(!remote_can(r)->sums, "it keeps no sums");
	remote_close(r);
}

int
main(void)
{
	struct store *st;
	struct remote *r = NULL;
	struct err e;

	temp_begin();
	keys();
	names();
	st = temp_open("store", "u", STORE_WRITE);
	mkdir("remote", 0700);
	ok(remote_open(&r, st, "main", NULL, &e) == -1 &&
	    e.code == ERR_ABSENT, "no such remote");
	store_close(st);
	{
		struct buf b = BUF_INIT;

		buf_addf(&b, "%s/remote", temp_top);
		ok(conf_edit("store/config", "remote.main.url", b.p, &e) >= 0,
		    "a remote is set up");
		buf_release(&b);
	}
	ok(conf_edit("store/config", "remote.far.url", "s3://bucket/prod",
	    &e) >= 0 && conf_edit("store/config", "remote.far.endpoint",
	    "https://127.0.0.1:1", &e) >= 0 && conf_edit("store/config",
	    "remote.far.limit", "100k", &e) >= 0, "and one far away");
	st = temp_open("store", "u", STORE_WRITE);
	if ((r = open_folder(st)) != NULL) {
		several(r);
		wrong_sum(r);
	}
	remote_close(r);
	at_once(st);
	interrupted(st);
	store_close(st);
	return done() | temp_end();
}
