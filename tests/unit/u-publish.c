/*
 * Publishing: two that add a manifest at the same moment both get theirs in,
 * one after the other, and the later one was made of what the first one said.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "sync/publish.h"
#include "sync/sync.h"

#include <string.h>

static struct err e;
static volatile sig_atomic_t stop;

struct side {
	struct store *st;
	struct sync *s;
};

static struct side
side(const char *dir)
{
	struct sync_watch watch = { .stop = &stop };
	struct store *st = temp_open(dir, "ann", STORE_WRITE);
	struct buf b = BUF_INIT, path = BUF_INIT;
	struct side x;

	store_close(st);
	buf_addf(&path, "%s/config", dir);
	buf_addf(&b, "[remote \"main\"]\n\turl = file://%s/remote\n",
	    temp_top);
	if (file_replace(path.p, b.p, b.len, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	buf_release(&b);
	buf_release(&path);
	x.st = temp_open(dir, "ann", STORE_WRITE);
	if (sync_open(&x.s, x.st, NULL, &watch, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	return x;
}

static void
end(struct side *x)
{
	sync_close(x->s);
	store_close(x->st);
}

static int64_t
number(struct side *x)
{
	struct journal_head h;

	return journal_head(x->s->journal, &h, &e) == 0 ? h.number : -1;
}

/* --- what is published -------------------------------------------------- */

struct fill {
	struct side *other;	/* who gets in between, or NULL */
	int times;		/* so many times */
	int calls;
	int64_t number;		/* that was tried last */
	bool nothing;
};

static int
fill_one(void *arg, struct sync_manifest *m, struct err *err)
{
	(void)arg;
	(void)err;
	sync_manifest_add_lease(m, "bob", "s2", 1, 0);
	return 1;
}

static int
fill(void *arg, struct sync_manifest *m, struct err *err)
{
	struct fill *f = arg;

	(void)err;
	f->calls++;
	f->number = m->number;
	if (f->nothing)
		return 0;
	if (f->other != NULL && f->calls <= f->times)
		is_int(publish(f->other->s, fill_one, NULL, &e), 1,
		    "another one is faster");
	sync_manifest_add_lease(m, "ann", "s1", 1, 0);
	return 1;
}

static void
alone(struct side *a, struct side *b)
{
	struct fill f = { 0 };

	f.nothing = true;
	is_int(publish(a->s, fill, &f, &e), 0, "nothing to publish");
	ok(number(a) == 0 && access("remote/default", F_OK) < 0,
	    "and nothing is there");
	f.nothing = false;
	is_int(publish(a->s, fill, &f, &e), 1, "the first one");
	is_int(number(a), 1, "has number 1");
	is_int(sync_look(b->s, &e), 0, "another one looks");
	is_int(number(b), 1, "and sees it");
}

static void
between(struct side *a, struct side *b)
{
	struct fill f = { .other = b, .times = 3 };
	struct journal_lease l;
	struct journal_head ha, hb;

	is_int(publish(a->s, fill, &f, &e), 1, "published in the end");
	is_int(f.calls, 4, "asked anew each time");
	is_int(f.number, 5, "behind the others'");
	is_int(number(a), 5, "which it knows");
	is_int(journal_lease(a->s->journal, "bob", "s2", &l, &e), 1,
	    "what they said, too");
	is_int(l.number, 4, "the last of them");
	journal_lease_release(&l);
	sync_look(b->s, &e);
	journal_head(a->s->journal, &ha, &e);
	journal_head(b->s->journal, &hb, &e);
	ok(hb.number == 5 && strcmp(ha.hash, hb.hash) == 0,
	    "both know the same");
}

static int
stop_it(void *arg, struct sync_manifest *m, struct err *err)
{
	stop = 1;
	return fill(arg, m, err);
}

static void
stopped(struct side *a, struct side *b)
{
	struct fill f = { 0 };
	int64_t before = number(a);

	ok(publish(a->s, stop_it, &f, &e) == -1 && e.code == ERR_BUSY,
	    "interrupted: %s", e.msg);
	stop = 0;
	is_int(number(a), before, "nothing is known of it");
	is_int(sync_look(a->s, &e), 0, "nor is it taken for somebody else's");
	is_int(sync_look(b->s, &e), 0, "others see what there is");
	is_int(number(a), number(b), "which is the same");
	f.calls = 0;
	is_int(publish(a->s, fill, &f, &e), 1, "it goes on");
	is_int(f.calls, 1, "at once");
}

/* Somebody puts other bytes in the place of the last one. */
static void
replaced(struct side *a)
{
	struct fill f = { 0 };
	struct buf path = BUF_INIT, was = BUF_INIT;

	a->s->sure = false;
	buf_adds(&path, "remote/default/.memkit/manifest/");
	sync_manifest_name(&path, number(a));
	if (buf_read_file(&was, path.p, 1 << 20, &e) < 0 ||
	    file_replace(path.p, "{}", 2, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	ok(publish(a->s, fill, &f, &e) == -1 && e.code == ERR_CORRUPT,
	    "%s", e.msg);
	file_replace(path.p, was.p, was.len, &e);
	is_int(publish(a->s, fill, &f, &e), 1, "made well it goes on");
	buf_release(&path);
	buf_release(&was);
}

int
main(void)
{
	struct side a, b;

	temp_begin();
	if (file_mkdirs("remote", 0700, &e) < 0)
		return 2;
	a = side("a");
	b = side("b");
	alone(&a, &b);
	between(&a, &b);
	stopped(&a, &b);
	replaced(&a);
	end(&a);
	end(&b);
	return temp_end() + done();
}
