/*
 * Values of sessions, and versions of records, that come from elsewhere take
 * their place by time and node; the last of that order counts.
 */
#include "tap.h"
#include "temp-store.h"

#include "ingest/record_merge.h"
#include "ingest/variable_merge.h"
#include "memory/record.h"
#include "memory/session.h"
#include "memory/variable.h"
#include "store/node.h"

static struct err e;

/* 1 new, 0 known, 2 a clash, too. */
static int
merge(struct store *st, int64_t session, const char *value, int64_t at,
    int64_t node, int64_t base)
{
	struct stamp s = { at, node, base };
	bool clash;
	int r;

	tx_begin(st->db, &e);
	r = variable_merge(st, session, VARIABLE_WORKING, "x", value, &s,
	    &clash, &e);
	return tx_end(st->db, r == 1 && clash ? 2 : r, &e);
}

static const char *
newest(struct store *st, int64_t session)
{
	static char room[16];
	char *v = NULL;

	variable_get(st, session, VARIABLE_WORKING, "x", &v, &e);
	snprintf(room, sizeof room, "%s", v != NULL ? v : "-");
	free(v);
	return room;
}

static void
values(struct store *st)
{
	int64_t s;

	tx_begin(st->db, &e);
	session_row(st, "s", true, &s, &e);
	tx_end(st->db, 0, &e);
	is_int(merge(st, s, "a", 10, 7, 0), 1, "the first");
	is_int(merge(st, s, "a", 10, 7, 0), 0, "is there");
	is_int(merge(st, s, "b", 20, 7, 10), 1, "one upon it");
	is_str(newest(st, s), "b", "counts");
	is_int(merge(st, s, "c", 15, 8, 10), 2, "beside it, and older");
	is_str(newest(st, s), "b", "does not count");
	is_int(merge(st, s, "c", 15, 8, 10), 0, "and is there");
	is_int(merge(st, s, "d", 20, 8, 0), 2, "of one time");
	is_str(newest(st, s), "d", "the greater node counts");
	is_int(merge(st, s, "e", 20, 6, 0), 2, "of a lesser one");
	is_str(newest(st, s), "d", "does not");
	is_int(merge(st, s, "d", 30, 9, 0), 2, "what others knew nothing of");
	is_int(merge(st, s, NULL, 40, 9, 30), 1, "unset");
	is_str(newest(st, s), "-", "counts");
	is_int(merge(st, s, NULL, 50, 8, 30), 1, "the same from both is none");
	session_set(st, "s", "x", "mine", &e);
	is_str(newest(st, s), "mine", "what is set here comes last");
	is_int(merge(st, s, "far", INT64_C(99999999999999), 9, 50), 2,
	    "a clock that is ahead");
	session_set(st, "s", "x", "now", &e);
	is_str(newest(st, s), "now", "does not stand against what comes then");
	is_int(temp_count(st, "SELECT at - base FROM variable ORDER BY seq "
	    "DESC LIMIT 1"), 1, "which is later by its time, too");
}

static int
put(struct store *st, const char *title, int64_t at, int64_t node,
    int64_t base)
{
	struct stamp s = { at, node, base };
	struct record_row *w;
	char line[200];
	int64_t seq;
	bool clash;
	json_t *o;
	int r;

	snprintf(line, sizeof line, "{\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"%s\"}", title);
	o = temp_json(line);
	w = record_row_new(o, NULL, &e);
	tx_begin(st->db, &e);
	r = record_merge(st, w, "somebody", &s, &seq, &clash, &e);
	r = tx_end(st->db, r == 1 && clash ? 2 : r, &e);
	record_row_free(w);
	json_decref(o);
	return r;
}

static int
see(void *arg, const struct record *rec, struct err *err)
{
	(void)err;
	snprintf(arg, 40, "%s at version %d", json_string_value(
	    json_object_get(rec->json, "title")), (int)rec->version);
	return 0;
}

static void
versions(struct store *st)
{
	char got[40] = "";

	is_int(put(st, "a", 10, 7, 0), 1, "a version");
	is_int(put(st, "a", 10, 7, 0), 0, "is there");
	is_int(put(st, "b", 30, 7, 10), 1, "the next");
	is_int(put(st, "c", 20, 8, 10), 2, "one between them");
	record_find(st, "k", "r", 0, see, got, &e);
	is_str(got, "b at version 4", "the last is the last");
	record_find_at(st, "k", "r", 25, see, got, &e);
	is_str(got, "c at version 3", "each has had its time");
	is_int(put(st, "b", 30, 7, 10), 0, "what stands there twice is there");
	is_int(temp_count(st, "SELECT count(*) FROM change WHERE type = 3"), 4,
	    "a change for each row");
}

int
main(void)
{
	struct store *st;

	temp_begin();
	st = temp_open("a", "u", STORE_WRITE);
	values(st);
	versions(st);
	store_close(st);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
