/*
 * The change log, its consumers, and cursors of sources outside.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "store/change.h"
#include "store/cursor.h"

#include <stdlib.h>

static struct err e;
static struct buf seen = BUF_INIT;
static int stop;

static int
see(void *arg, const struct change *c, struct err *err)
{
	(void)arg;
	(void)err;
	if (c->at_ms <= 0)
		return -1;
	buf_addf(&seen, "%d:%s:%d ", (int)c->seq, change_names[c->type],
	    (int)c->ref);
	return stop;
}

static const char *
list(struct store *st, int64_t after)
{
	buf_reset(&seen);
	if (change_each(st, after, see, NULL, &e) < 0)
		return e.msg;
	return seen.p;
}

static void
push(struct store *st, enum change_type type, int64_t ref)
{
	tx_begin(st->db, &e);
	if (tx_end(st->db, change_push(st, type, ref, &e), &e) < 0)
		printf("# %s\n", e.msg);
}

static void
changes(struct store *st)
{
	int64_t n = -1;

	is_int(change_last(st, &n, &e), 0, "the last change");
	is_int(n, 0, "of none is 0");
	is_str(list(st, 0), "", "none");
	push(st, CHANGE_EVENT, 7);
	push(st, CHANGE_SESSION, 8);
	push(st, CHANGE_RECORD, 9);
	push(st, CHANGE_TOMBSTONE, 7);
	is_str(list(st, 0), "1:event:7 2:session:8 3:record:9 4:tombstone:7 ",
	    "in order");
	is_str(list(st, 2), "3:record:9 4:tombstone:7 ", "after a place");
	is_str(list(st, 4), "", "after the last");
	stop = 1;
	is_str(list(st, 0), "1:event:7 ", "until it has seen enough");
	stop = 0;
	change_last(st, &n, &e);
	is_int(n, 4, "the last is known");
	tx_begin(st->db, &e);
	change_push(st, CHANGE_EVENT, 99, &e);
	tx_end(st->db, -1, &e);
	is_str(list(st, 4), "", "what is rolled back did not change");
}

static int
see_consumer(void *arg, const struct consumer *c)
{
	(void)arg;
	buf_addf(&seen, "%s:%d:%d ", c->name, (int)c->seq, (int)c->lag);
	return 0;
}

static void
consumers(struct store *st)
{
	struct consumer c = { 0 };
	int64_t n = -1;

	is_int(change_outstanding(st, &n, &e), 0, "without consumers");
	is_int(n, 0, "nothing lags");
	is_int(consumer_get(st, "index", &c, &e), 0, "not registered");
	is_int(consumer_put(st, "index", 1, 123, &e), 0, "registers");
	is_int(consumer_put(st, "toc", 3, 0, &e), 0, "and another");
	is_int(consumer_get(st, "index", &c, &e), 1, "there");
	is_int(c.seq, 1, "its place");
	is_int(c.ts_ms, 123, "its time");
	is_int(c.lag, 3, "what it has still to see");
	ok(c.saved_ms > 0, "when it said so");
	consumer_release(&c);
	buf_reset(&seen);
	consumer_each(st, see_consumer, NULL, &e);
	is_str(seen.p, "index:1:3 toc:3:1 ", "all of them");
	change_outstanding(st, &n, &e);
	is_int(n, 3, "the slowest counts");
	is_int(change_trim(st, &n, &e), 0, "trimmed");
	is_int(n, 1, "to the slowest");
	is_str(list(st, 0), "2:session:8 3:record:9 4:tombstone:7 ", "left");
	consumer_put(st, "index", 9, 0, &e);
	is_int(consumer_get(st, "index", &c, &e), 1, "one ahead of the log");
	is_int(c.lag, 0, "has no lag below nothing");
	consumer_release(&c);
	consumer_put(st, "index", 4, 0, &e);
	consumer_put(st, "toc", 4, 0, &e);
	change_trim(st, &n, &e);
	is_str(list(st, 0), "4:tombstone:7 ", "the newest stays");
	push(st, CHANGE_EVENT, 1);
	is_str(list(st, 4), "5:event:1 ", "so that no number comes again");
	is_int(consumer_remove(st, "toc", &e), 0, "removed");
	is_int(consumer_remove(st, "toc", &e), 0, "also if it was");
	is_int(consumer_get(st, "toc", &c, &e), 0, "gone");
}

static int
see_cursor(void *arg, const char *source, const struct cursor *c)
{
	(void)arg;
	buf_addf(&seen, "%s:%d:%s ", source, (int)c->offset,
	    c->state ? c->state : "-");
	return 0;
}

static void
cursors(struct store *st, struct store *other)
{
	struct cursor c = { .offset = 5, .prefix_hash = "ab", .inode = 7,
	    .size = 9, .state = (char *)"{}" };
	struct cursor got = { 0 };

	is_int(cursor_get(st, "f", &got, &e), 0, "never read");
	is_int(cursor_put(st, "f", &c, &e), 0, "put");
	is_int(cursor_get(st, "f", &got, &e), 1, "there");
	ok(got.offset == 5 && got.inode == 7 && got.size == 9, "its numbers");
	is_str(got.prefix_hash, "ab", "its hash");
	is_str(got.state, "{}", "its state");
	cursor_release(&got);
	c.offset = 50;
	c.state = NULL;
	memset(c.prefix_hash, 'f', sizeof c.prefix_hash - 1);
	cursor_put(st, "f", &c, &e);
	cursor_put(st, "e", &c, &e);
	buf_reset(&seen);
	cursor_each(st, see_cursor, NULL, &e);
	is_str(seen.p, "e:50:- f:50:- ", "all, by source");
	cursor_get(st, "f", &got, &e);
	is_int((int64_t)strlen(got.prefix_hash), 64, "a whole hash");
	cursor_release(&got);
	is_int(cursor_get(other, "f", &got, &e), 0, "another user's are apart");
	c.offset = -1;
	is_int(cursor_put(st, "f", &c, &e), -1, "no offset below nought");
}

int
main(void)
{
	struct store *st, *other;

	temp_begin();
	st = temp_open("a", "u", STORE_WRITE);
	other = temp_open("a", "w", STORE_WRITE);
	changes(st);
	consumers(st);
	cursors(st, other);
	store_close(other);
	store_close(st);
	buf_release(&seen);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
