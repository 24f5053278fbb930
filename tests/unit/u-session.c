/*
 * Sessions: rows, what is set about them, and what is shown.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "memory/event.h"
#include "ingest/event_write.h"
#include "ingest/forget.h"
#include "memory/tombstone.h"
#include "memory/session.h"

#include <stdlib.h>

static struct err e;

/* Store a session record in a transaction of its own. */
static int
put(struct store *st, const char *text)
{
	json_t *o = temp_json(text);
	int r;

	tx_begin(st->db, &e);
	r = tx_end(st->db, session_add(st, o, &e), &e);
	json_decref(o);
	return r;
}

static void
event(struct store *st, const char *session, int64_t ts, const char *agent)
{
	struct event_writer *w = event_writer_new(st);
	struct event ev = { .session = session, .ts_ms = ts, .agent = agent,
	    .text = "" };

	tx_begin(st->db, &e);
	if (event_add(w, &ev, &e) != 1 || event_flush(w, &e) < 0)
		printf("# %s\n", e.msg);
	tx_end(st->db, 0, &e);
	event_writer_free(w);
}

struct seen {
	struct store *st;
	struct buf names;	/* of the sessions, a blank behind each */
	struct buf json;	/* of the last one */
	int64_t stop;		/* after so many; 0: never */
};

static int
see(void *arg, const struct session *s, struct err *err)
{
	struct seen *seen = arg;
	json_t *o = session_json(seen->st, s, err);

	if (o == NULL)
		return -1;
	buf_addf(&seen->names, "%s ", s->id);
	buf_reset(&seen->json);
	json_write(&seen->json, o);
	json_decref(o);
	return seen->stop > 0 && --seen->stop == 0;
}

static const char *
list(struct seen *seen, const struct session_query *q)
{
	buf_reset(&seen->names);
	if (session_each(seen->st, q, see, seen, &e) < 0)
		return e.msg;
	return seen->names.p;
}

static void
variables(struct store *st)
{
	char *v = NULL;

	is_int(session_get(st, "s", "k", &v, &e), 0, "nothing is set yet");
	is_int(session_set(st, "s", "k", "1", &e), 1, "set");
	is_int(session_set(st, "s", "k", "1", &e), 0, "set to what it is");
	is_int(session_set(st, "s", "k", "2", &e), 1, "set to another");
	is_int(session_get(st, "s", "k", &v, &e), 1, "there");
	is_str(v, "2", "the last one counts");
	free(v);
	is_int(session_set(st, "s", "k", NULL, &e), 1, "unset");
	is_int(session_get(st, "s", "k", &v, &e), 0, "gone");
	ok(v == NULL, "no value");
	is_int(session_set(st, "s", "k", NULL, &e), 0, "gone already");
	is_int(session_set(st, "none", "k", NULL, &e), 0, "in no session");
	is_int(temp_count(st, "SELECT count(*) FROM session"), 1,
	    "which is not made by that");
	is_int(temp_count(st, "SELECT count(*) FROM variable"), 3,
	    "the history is kept");
	is_int(session_set(st, "s", "", "x", &e), -1, "a name is not empty");
	is_int(e.code, ERR_USAGE, "%s", e.msg);
	is_int(session_set(st, "s", "k", "\xff", &e), -1, "nor a value bytes");
	is_int(e.code, ERR_USAGE, "%s", e.msg);
	ok(!tx_active(st->db), "no transaction is left open");
}

static void
records(struct store *st, struct seen *seen)
{
	is_int(put(st, "{\"session_id\":\"r\"}"), 1, "a record makes one");
	is_int(put(st, "{\"session_id\":\"r\"}"), 0, "once");
	is_int(put(st, "{\"session_id\":\"r\",\"title\":\"T\",\"x\":{\"b\":1,"
	    "\"a\":2},\"events\":9,\"variables\":{\"k\":\"v\",\"n\":null}}"), 1,
	    "with a title, a key of its own, a variable");
	is_int(put(st, "{\"session_id\":\"r\",\"x\":{\"a\":2,\"b\":1}}"), 0,
	    "the order of keys is not content");
	is_int(session_find(st, "r", see, seen, &e), 1, "found");
	is_str(seen->json.p, "{\"type\":\"session\",\"session_id\":\"r\","
	    "\"user\":\"u\",\"title\":\"T\",\"events\":0,\"state\":\"active\","
	    "\"x\":{\"a\":2,\"b\":1},\"variables\":{\"k\":\"v\"}}",
	    "and shown; counts are not taken from a record");
	is_int(session_find(st, "none", see, seen, &e), 0, "absent");
	is_int(put(st, "{\"session_id\":\"r\",\"title\":5}"), -1, "bad title");
	is_int(e.code, ERR_INPUT, "%s", e.msg);
	is_int(put(st, "{\"session_id\":\"q\",\"variables\":{\"k\":5}}"), -1,
	    "bad variable");
	is_int(session_find(st, "q", see, seen, &e), 0, "nothing of it stays");
	is_int(put(st, "{\"session_id\":\"r\",\"user\":\"w\"}"), 1,
	    "of another user it is another one");
	is_int(temp_count(st, "SELECT count(DISTINCT user) FROM session"), 2,
	    "two users");
}

static void
lists(struct store *st, struct seen *seen)
{
	struct session_query q = { .since_ms = DATE_MIN,
	    .until_ms = DATE_MAX + 1 };

	event(st, "early", 1000, "a");
	event(st, "early", 3000, "b");
	event(st, "early", 2000, NULL);
	event(st, "late", 5000, NULL);
	event(st, "long", 0, "a");
	event(st, "long", 9000, "a");
	is_str(list(seen, &q), "long early late ", "by their start");
	q.reverse = true;
	is_str(list(seen, &q), "late early long ", "the newest first");
	q.reverse = false;
	q.limit = 2;
	is_str(list(seen, &q), "long early ", "so many");
	q.limit = 0;
	q.agent = "b";
	is_str(list(seen, &q), "early ", "of an agent: that of the last event");
	q.agent = NULL;
	q.since_ms = 3001;
	q.until_ms = 5000;
	is_str(list(seen, &q), "long ", "those that overlap");
	q.since_ms = 3000;
	q.until_ms = 5001;
	is_str(list(seen, &q), "long early late ", "ends and starts count");
	seen->stop = 1;
	is_str(list(seen, &q), "long ", "until it has seen enough");
	seen->stop = 0;
	is_int(session_find(st, "early", see, seen, &e), 1, "one of them");
	ok(strstr(seen->json.p, "\"agent\":\"b\",\"start\":1000,\"end\":3000,"
	    "\"events\":3,") != NULL, "%s", seen->json.p);
}

static void
forgotten(struct store *st, struct seen *seen)
{
	json_t *o = temp_json("{\"type\":\"tombstone\",\"target\":\"session\","
	    "\"id\":\"early\"}");
	char *v;

	session_set(st, "early", "k", "v", &e);
	tx_begin(st->db, &e);
	is_int(tx_end(st->db, forget_add(st, o, &e), &e), 1, "forgotten");
	json_decref(o);
	is_int(session_find(st, "early", see, seen, &e), 0, "it is gone");
	is_int(session_get(st, "early", "k", &v, &e), 0, "its variables too");
	is_int(put(st, "{\"session_id\":\"early\"}"), -1, "no record");
	is_int(e.code, ERR_DENIED, "%s", e.msg);
	is_int(session_set(st, "early", "k", "v", &e), -1, "and no variable");
	is_int(e.code, ERR_DENIED, "%s", e.msg);
	is_int(session_set(st, "early", "k", NULL, &e), 0, "to unset is a no");
	is_int(tombstone_has_session(st, st->user_id, "early", &e), 1, "known");
	is_int(tombstone_has_session(st, st->user_id, "late", &e), 0, "not that");
}

int
main(void)
{
	struct seen seen = { .names = BUF_INIT, .json = BUF_INIT };
	int64_t seq;

	temp_begin();
	seen.st = temp_open("a", "u", STORE_WRITE);
	variables(seen.st);
	records(seen.st, &seen);
	store_close(seen.st);
	seen.st = temp_open("b", "u", STORE_WRITE);
	is_int(session_row(seen.st, "x", false, &seq, &e), 0, "no row");
	is_int(seq, 0, "is number 0");
	lists(seen.st, &seen);
	forgotten(seen.st, &seen);
	store_close(seen.st);
	buf_release(&seen.names);
	buf_release(&seen.json);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
