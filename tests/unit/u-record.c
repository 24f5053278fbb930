/*
 * Rows of knowledge bases: versions, what is the same, what is refused.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "ingest/forget.h"
#include "memory/record.h"
#include "store/newest.h"

#include <stdlib.h>

#define R "\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"n\""

static struct err e;
static int64_t version, seq;

static int
put(struct store *st, const char *text, const char *kb)
{
	json_t *o = temp_json(text);
	int r;

	tx_begin(st->db, &e);
	r = tx_end(st->db, record_add(st, o, kb, &version, &seq, &e), &e);
	json_decref(o);
	return r;
}

static struct buf seen = BUF_INIT;
static int stop;

static int
see(void *arg, const struct record *r, struct err *err)
{
	(void)arg;
	(void)err;
	buf_addf(&seen, "%s/%s.%d ", r->kb, r->record_id, (int)r->version);
	return stop;
}

static int
see_json(void *arg, const struct record *r, struct err *err)
{
	json_t *o = record_json(r);

	(void)arg;
	(void)err;
	buf_reset(&seen);
	json_write(&seen, o);
	json_decref(o);
	return 0;
}

static const char *
list(struct store *st, const char *kb, int64_t after)
{
	buf_reset(&seen);
	if (record_each(st, RECORD_ROW, kb, after, see, NULL, &e) < 0)
		return e.msg;
	return seen.p;
}

static void
versions(struct store *st)
{
	is_int(put(st, "{" R ",\"title\":\"a\",\"timestamp\":\"1970-01-01T00:00"
	    ":01Z\"}", NULL), 1, "new");
	is_int(version, 1, "version 1");
	is_int(put(st, "{\"timestamp\":1000,\"title\":\"a\"," R
	    ",\"type\":\"record\"}", NULL), 0, "the same in other words");
	is_int(version, 1, "is still version 1");
	is_int(put(st, "{" R ",\"title\":\"a\",\"timestamp\":1000,"
	    "\"version\":7}", NULL), 0, "a version is not content");
	is_int(put(st, "{" R ",\"title\":\"b\"}", NULL), 1, "other content");
	is_int(version, 2, "version 2");
	is_int(put(st, "{" R ",\"title\":\"a\",\"timestamp\":1000}", NULL), 1,
	    "what it was before");
	is_int(version, 3, "is version 3");
	is_int(temp_count(st, "SELECT count(*) FROM change WHERE type = 3"), 3,
	    "each has its change");
	is_int(record_find(st, "k", "1", 0, see_json, NULL, &e), 1, "newest");
	is_str(seen.p, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":"
	    "\"1\",\"record_type\":\"n\",\"version\":3,\"timestamp\":1000,"
	    "\"title\":\"a\"}", "as it was stored, type and ids first");
	is_int(record_find(st, "k", "1", 2, see_json, NULL, &e), 1, "older");
	ok(strstr(seen.p, "\"title\":\"b\"") != NULL, "%s", seen.p);
	is_int(record_find(st, "k", "1", 1, see_json, NULL, &e), 1, "first");
	is_str(seen.p, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":"
	    "\"1\",\"record_type\":\"n\",\"timestamp\":1000,"
	    "\"title\":\"a\"}", "the first names no version");
	is_int(record_find(st, "k", "1", 4, see_json, NULL, &e), 0, "none");
	is_int(record_find(st, "k", "2", 0, see_json, NULL, &e), 0, "no row");
	is_int(record_find(st, "l", "1", 0, see_json, NULL, &e), 0, "no base");
}

static void
lists(struct store *st)
{
	int64_t after;

	put(st, "{\"record_id\":\"b\",\"record_type\":\"n\"}", "k");
	put(st, "{\"record_id\":\"a\",\"record_type\":\"n\"}", "l");
	after = seq;
	put(st, "{\"record_id\":\"a\",\"record_type\":\"n\",\"x\":1}", "l");
	is_str(list(st, NULL, 0), "k/1.3 k/b.1 l/a.2 ", "newest versions");
	is_str(list(st, "k", 0), "k/1.3 k/b.1 ", "of one base");
	is_str(list(st, "none", 0), "", "of none");
	is_str(list(st, NULL, after), "l/a.2 ", "stored after");
	stop = 1;
	is_str(list(st, NULL, 0), "k/1.3 ", "until it has seen enough");
	stop = 0;
}

/* As it was when a row was stored. */
static const char *
list_at(struct store *st, int64_t at)
{
	buf_reset(&seen);
	if (record_each_at(st, RECORD_ROW, at, see, NULL, &e) < 0)
		return e.msg;
	return seen.p;
}

static void
past(struct store *st)
{
	struct newest newest;

	/* one a second, in the order in which they came */
	db_script(st->db, "UPDATE record SET at = seq * 1000", &e);
	is_str(list_at(st, 999), "", "before there was anything");
	is_str(list_at(st, 1000), "k/1.1 ", "the first version");
	is_str(list_at(st, 2999), "k/1.2 ", "the second");
	is_str(list_at(st, 5000), "k/1.3 k/b.1 l/a.1 ", "before the last");
	is_str(list_at(st, 6000), list(st, NULL, 0), "all there is");
	buf_reset(&seen);
	is_int(record_find_at(st, "k", "1", 2500, see, NULL, &e), 1, "one");
	is_str(seen.p, "k/1.2 ", "in its version of then");
	is_int(record_find_at(st, "k", "b", 2500, see, NULL, &e), 0,
	    "and one that was not there");
	ok(newest_rows(st, &newest, &e) == 0 && newest.record ==
	    temp_count(st, "SELECT max(seq) FROM record") &&
	    newest.event == 0, "the newest row");
}

static void
refused(struct store *st)
{
	static const char *const bad[] = {
		"{\"record_id\":\"1\",\"record_type\":\"n\"}",
		"{\"kb\":\"k\",\"record_type\":\"n\"}",
		"{\"kb\":\"k\",\"record_id\":\"1\"}",
		"{\"kb\":\"a/b\",\"record_id\":\"1\",\"record_type\":\"n\"}",
		"{\"kb\":\"\",\"record_id\":\"1\",\"record_type\":\"n\"}",
		"{\"kb\":5,\"record_id\":\"1\",\"record_type\":\"n\"}",
		"{" R ",\"title\":[]}", "{" R ",\"status\":1}",
		"{" R ",\"timestamp\":\"x\"}", "{" R ",\"version\":\"2\"}",
	};
	int64_t rows = temp_count(st, "SELECT count(*) FROM record");
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		is_int(put(st, bad[i], NULL), -1, "%s", bad[i]);
		is_int(e.code, ERR_INPUT, "%s", e.msg);
	}
	is_int(temp_count(st, "SELECT count(*) FROM record"), rows,
	    "no row is made");
	is_int(temp_count(st, "SELECT count(*) FROM kb"), 2, "and no base");
}

static void
forgotten(struct store *st)
{
	json_t *o = temp_json("{\"type\":\"tombstone\",\"target\":\"record\","
	    "\"id\":\"k/1\"}");

	tx_begin(st->db, &e);
	is_int(tx_end(st->db, forget_add(st, o, &e), &e), 1, "forgotten");
	tx_begin(st->db, &e);
	is_int(tx_end(st->db, forget_add(st, o, &e), &e), 0, "once");
	json_decref(o);
	is_str(list(st, NULL, 0), "k/b.1 l/a.2 ", "all its versions are gone");
	is_int(put(st, "{" R "}", NULL), -1, "and none comes back");
	is_int(e.code, ERR_DENIED, "%s", e.msg);
}

int
main(void)
{
	struct store *st;

	temp_begin();
	st = temp_open("a", "u", STORE_WRITE);
	versions(st);
	lists(st);
	past(st);
	refused(st);
	forgotten(st);
	store_close(st);
	buf_release(&seen);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
