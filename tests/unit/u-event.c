/*
 * Events: read from JSON and back, their ids, stored, and found by slow
 * obvious means.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "base/ulid.h"
#include "ingest/event_write.h"
#include "memory/event.h"

#include <stdlib.h>

#define N 600

static struct err e;

/* --- the record -------------------------------------------------------- */

static int
parse(struct event *ev, json_t **o, struct buf *room, const char *text)
{
	*o = temp_json(text);
	return event_from_json(ev, *o, room, &e);
}

static void
again(const char *in, const char *want)
{
	struct buf room = BUF_INIT, out = BUF_INIT;
	struct event ev;
	json_t *o, *back;

	if (!ok(parse(&ev, &o, &room, in) == 0, "read: %s", in))
		printf("# %s\n", e.msg);
	if (ev.id[0] == '\0')
		event_make_id(&ev, "u");
	back = event_json(&ev);
	json_write(&out, back);
	is_str(out.p, want, "and back");
	json_decref(back);
	json_decref(o);
	buf_release(&room);
	buf_release(&out);
}

static void
records(void)
{
	again("{\"text\":\"t\",\"timestamp\":0,\"session_id\":\"s\"}",
	    "{\"type\":\"event\",\"event_id\":\"000000000000"
	    "03KRTJBPVPSA3Q\",\"session_id\":\"s\",\"timestamp\":0,"
	    "\"event_type\":\"user_message\",\"role\":\"user\",\"text\":\"t\"}"
	    );
	again("{\"event_id\":\"01hnavqzc0000000000000000i\",\"z\":1.50,"
	    "\"session_id\":\"s\",\"a\":{\"y\":[1],\"x\":null},\"user\":\"w\","
	    "\"agent\":\"g\",\"event_type\":\"tool_use\",\"empty\":{},"
	    "\"null\":null,\"timestamp\":\"2024-01-29T16:00:00+01:00\"}",
	    "{\"type\":\"event\",\"event_id\":\"01HNAVQZC00000000000000001\","
	    "\"session_id\":\"s\",\"timestamp\":1706540400000,"
	    "\"event_type\":\"tool_use\",\"role\":\"assistant\",\"text\":\"\","
	    "\"a\":{\"x\":null,\"y\":[1]},\"z\":1.5,\"agent\":\"g\","
	    "\"user\":\"w\"}");
}

static void
made(const char *user, const char *in, const char *want, const char *what)
{
	struct buf room = BUF_INIT;
	struct event ev;
	json_t *o;

	ok(parse(&ev, &o, &room, in) == 0, "%s", what);
	event_make_id(&ev, user);
	if (want[0] == '!')
		ok(strcmp(ev.id, want + 1) != 0, "another id");
	else
		is_str(ev.id, want, "its id");
	json_decref(o);
	buf_release(&room);
}

/* The example of memkit-json(5), whose hash is made there with sha256sum. */
static void
ids(void)
{
	static const char id[] = "01M4GEE7N0000T9F2EH5RGMDH3";
	char not[40];

	snprintf(not, sizeof not, "!%s", id);
	made("maren", "{\"session_id\":\"s1\",\"timestamp\":1791553380000,"
	    "\"text\":\"Decision: redis goes.\","
	    "\"metadata\":{\"source_id\":\"msg-7#1\"}}", id,
	    "the example of the page");
	made("maren", "{\"session_id\":\"s1\",\"timestamp\":1791553380000,"
	    "\"text\":\"told otherwise\",\"agent\":\"a\","
	    "\"metadata\":{\"source_id\":\"msg-7#1\"}}", id,
	    "the source counts, not the text");
	made("paul", "{\"session_id\":\"s1\",\"timestamp\":1791553380000,"
	    "\"text\":\"\",\"metadata\":{\"source_id\":\"msg-7#1\"}}", not,
	    "another user");
	made("maren", "{\"session_id\":\"s1\",\"timestamp\":1791553380000,"
	    "\"role\":\"tool\",\"text\":\"\","
	    "\"metadata\":{\"source_id\":\"msg-7#1\"}}", not, "another role");
	made("maren", "{\"session_id\":\"s1\",\"timestamp\":1791553380000,"
	    "\"text\":\"\",\"metadata\":{\"source_id\":\"msg-7#2\"}}", not,
	    "another part");
	made("maren", "{\"session_id\":\"s1\",\"timestamp\":1791553380000,"
	    "\"text\":\"\",\"metadata\":{\"source_id\":\"msg-7#65536\"}}",
	    "01M4GEE7N00009GQD7SFTR1H4E", "a number too large is no part");
	made("u", "{\"session_id\":\"s\",\"timestamp\":-5,\"text\":\"t\"}",
	    "000000000000029FMZC668ZKJ4", "before 1970 the time is hashed");
}

/* --- storing ----------------------------------------------------------- */

static int
add(struct event_writer *w, struct event *ev, int64_t ts, const char *id,
    const char *session, const char *text)
{
	memset(ev, 0, sizeof *ev);
	ev->ts_ms = ts;
	if (id != NULL)
		snprintf(ev->id, sizeof ev->id, "%s", id);
	ev->session = session;
	ev->text = text;
	ev->text_len = strlen(text);
	ev->type = EVENT_USER_MESSAGE;
	return event_add(w, ev, &e);
}

static void
adding(struct store *st)
{
	static const char id[] = "01HNAVQZC00000000000000001";
	struct event_writer *w = event_writer_new(st);
	struct event ev;

	tx_begin(st->db, &e);
	is_int(add(w, &ev, 5, NULL, "s", "x"), 1, "a new event");
	ok(ev.seq > 0 && ev.id[0] != '\0', "has a row and an id");
	is_int(add(w, &ev, 5, NULL, "s", "x"), 0, "the same is there");
	is_int(add(w, &ev, 6, NULL, "s", "x"), 1, "at another time it is not");
	is_int(add(w, &ev, 1706540400000, id, "s", "a"), 1, "one with an id");
	is_int(add(w, &ev, 1706540400000, id, "s", "b"), -1, "another text");
	is_int(e.code, ERR_EXISTS, "%s", e.msg);
	is_int(add(w, &ev, 1706540400000, id, "none", "a"), -1,
	    "another session");
	is_int(add(w, &ev, 9, id, "s", "a"), -1, "another time");
	is_int(e.code, ERR_EXISTS, "%s", e.msg);
	is_int(add(w, &ev, 9, "01HNAVQZC00000000000000002", "s", "a"), 1,
	    "an id of another time");
	is_int(add(w, &ev, 1706540400000, "01HNAVQZC00000000000000002", "s",
	    "a"), -1, "which is not free at its own");
	is_int(event_flush(w, &e), 0, "the batch ends");
	is_int(tx_end(st->db, 0, &e), 0, "and is there");
	is_int(temp_count(st, "SELECT count(*) FROM event"), 4, "four rows");
	is_int(temp_count(st, "SELECT count(*) FROM change"), 4, "and changes");
	is_int(temp_count(st, "SELECT count(*) FROM session"), 1,
	    "one session");
	is_int(temp_count(st, "SELECT events FROM session"), 4, "of four");
	is_int(temp_count(st, "SELECT start_ms FROM session"), 5, "from 5 on");

	tx_begin(st->db, &e);
	is_int(add(w, &ev, 7, NULL, "gone", "x"), 1, "one more");
	tx_end(st->db, -1, &e);
	event_writer_clear(w);
	tx_begin(st->db, &e);
	is_int(add(w, &ev, 7, NULL, "gone", "x"), 1,
	    "after a rollback it is new again");
	event_flush(w, &e);
	is_int(tx_end(st->db, 0, &e), 0, "stored");
	is_int(temp_count(st, "SELECT count(*) FROM session "
	    "WHERE name = 'gone' AND events = 1"), 1, "with its session");
	event_writer_free(w);
}

/* --- finding ----------------------------------------------------------- */

struct row {
	int64_t ts, seq;
	char id[ULID_LEN + 1];
	int session, role;
};
static struct row rows[N];

static uint32_t
chance(uint32_t n)
{
	static uint32_t x = 7;

	x = x * 1664525 + 1013904223;
	return (x >> 8) % n;
}

static int
cmp_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Few times, many events: order within one matters. */
static void
fill(struct store *st)
{
	struct event_writer *w = event_writer_new(st);
	char session[8], text[32], id[ULID_LEN + 1];
	uint8_t bytes[ULID_BYTES];
	struct event ev;
	int i, k;

	tx_begin(st->db, &e);
	for (i = 0; i < N; i++) {
		rows[i].ts = chance(40) * 1000;
		rows[i].session = (int)chance(4);
		rows[i].role = (int)chance(ROLE_NROLES);
		for (k = 0; k < ULID_BYTES; k++)
			bytes[k] = (uint8_t)chance(256);
		bytes[0] &= 0x7f;
		ulid_from_bytes(id, bytes);
		snprintf(session, sizeof session, "s%d", rows[i].session);
		snprintf(text, sizeof text, "text %d", i);
		memset(&ev, 0, sizeof ev);
		snprintf(ev.id, sizeof ev.id, "%s", id);
		ev.ts_ms = rows[i].ts;
		ev.session = session;
		ev.role = (enum event_role)rows[i].role;
		ev.text = text;
		ev.text_len = strlen(text);
		if (event_add(w, &ev, &e) != 1)
			ok(0, "%s", e.msg);
		rows[i].seq = ev.seq;
		memcpy(rows[i].id, id, sizeof id);
	}
	event_flush(w, &e);
	tx_end(st->db, 0, &e);
	event_writer_free(w);
	qsort(rows, N, sizeof *rows, cmp_rows);
}

static bool
matches(const struct event_query *q, const struct row *r)
{
	char session[8];

	snprintf(session, sizeof session, "s%d", r->session);
	return r->ts >= q->since_ms && r->ts < q->until_ms &&
	    r->seq > q->after_seq &&
	    (q->roles == 0 || (q->roles >> r->role & 1)) &&
	    (q->session == NULL || strcmp(session, q->session) == 0);
}

/* The same rows in the same order as a walk over all of them gives? */
static bool
same_rows(struct store *st, const struct event_query *q)
{
	const struct event *ev;
	struct event_iter *it;
	int64_t n = 0;
	bool good = true;
	int i, k, r = 0;

	if (event_open(&it, st, q, &e) < 0)
		return false;
	for (i = 0; i < N; i++) {
		k = q->reverse ? N - 1 - i : i;
		if (!matches(q, &rows[k]) || (q->limit > 0 && n == q->limit))
			continue;
		n++;
		if ((r = event_next(it, &ev, &e)) != 1 ||
		    strcmp(ev->id, rows[k].id) != 0 || ev->seq != rows[k].seq)
			good = false;
	}
	r = event_next(it, &ev, &e);
	event_close(it);
	return good && r == 0;
}

static void
ranges(struct store *st)
{
	static const char *const sessions[] = { NULL, "s0", "s3", "none" };
	int i, bad = 0;

	for (i = 0; i < 400; i++) {
		struct event_query q = EVENT_QUERY_INIT;

		if (chance(2)) {
			q.since_ms = (int64_t)chance(45000) - 2000;
			q.until_ms = q.since_ms + (int64_t)chance(30000);
		}
		q.session = sessions[chance(4)];
		q.roles = chance(2) ? chance(16) : 0;
		q.reverse = chance(2);
		q.after_seq = chance(3) ? 0 : (int64_t)chance(N);
		q.limit = chance(2) ? 0 : (int64_t)chance(50);
		if (!same_rows(st, &q) && bad++ == 0)
			printf("# since %" PRId64 " until %" PRId64 " session "
			    "%s roles %u reverse %d limit %" PRId64 "\n",
			    q.since_ms, q.until_ms,
			    q.session ? q.session : "-", q.roles, q.reverse,
			    q.limit);
	}
	is_int(bad, 0, "400 queries give what a walk over all rows gives");
}

static bool
same_around(struct store *st, int at, int64_t before, int64_t after)
{
	struct event_iter *one = NULL, *it = NULL;
	const struct event *ev;
	int first = at, last = at, i;
	int64_t n;
	bool good = false;

	for (n = 0; n < before; n++) {
		for (i = first - 1; i >= 0; i--)
			if (rows[i].session == rows[at].session)
				break;
		if (i < 0)
			break;
		first = i;
	}
	for (n = 0; n < after; n++) {
		for (i = last + 1; i < N; i++)
			if (rows[i].session == rows[at].session)
				break;
		if (i == N)
			break;
		last = i;
	}
	if (event_find(&one, st, rows[at].id, &ev, &e) != 1 ||
	    event_around(&it, st, ev, before, after, &e) < 0)
		goto out;
	event_rest(one);
	good = true;
	for (i = first; i <= last; i++)
		if (rows[i].session == rows[at].session &&
		    (event_next(it, &ev, &e) != 1 ||
		    strcmp(ev->id, rows[i].id) != 0))
			good = false;
	if (event_next(it, &ev, &e) != 0)
		good = false;
out:
	event_close(it);
	event_close(one);
	return good;
}

static void
singles(struct store *st)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	int i, bad = 0, good = 0;

	for (i = 0; i < 200; i++)
		bad += !same_around(st, (int)chance(N), chance(12),
		    chance(12));
	is_int(bad, 0, "200 neighbourhoods, as a walk finds them");
	ok(same_around(st, 5, 0, 0), "itself alone");
	ok(same_around(st, N / 2, INT64_MAX, INT64_MAX), "all of a session");
	for (i = 0; i < N; i += 7)
		good += event_find(&it, st, rows[i].id, &ev, &e) == 1 &&
		    ev->seq == rows[i].seq &&
		    event_get(&it, st, rows[i].seq, &ev, &e) == 1 &&
		    strcmp(ev->id, rows[i].id) == 0;
	is_int(good, (N + 6) / 7, "by id and by row");
	event_rest(it);
	is_int(event_find(&it, st, "01HNAVQZC00000000000000000", &ev, &e), 0,
	    "an id that is not there");
	is_int(event_find(&it, st, "", &ev, &e), 0, "an empty one");
	is_int(event_find(&it, st, "evt:", &ev, &e), 0, "half a key");
	is_int(event_get(&it, st, 999999, &ev, &e), 0, "a row that is not");
	event_close(it);
	event_close(NULL);
	event_rest(NULL);

	is_int(event_open_tail(&it, st, N - 5, &e), 0, "the last five rows");
	for (i = N - 4; event_next(it, &ev, &e) == 1; i++)
		if (ev->seq != i)
			ok(0, "row %" PRId64 ", not %d", ev->seq, i);
	is_int(i, N + 1, "come in the order in which they were stored");
	event_close(it);
}

int
main(void)
{
	struct store *st;

	temp_begin();
	records();
	ids();
	st = temp_open("adding", "u", STORE_WRITE);
	adding(st);
	store_close(st);
	st = temp_open("finding", "u", STORE_WRITE);
	fill(st);
	ranges(st);
	singles(st);
	store_close(st);
	/* what one writes, another user does not see */
	st = temp_open("finding", "other", STORE_READ);
	ok(st->user_id == 0, "another user has nothing");
	{
		struct event_iter *it = NULL;
		const struct event *ev;

		is_int(event_find(&it, st, rows[0].id, &ev, &e), 0,
		    "and finds nothing by id");
		is_int(event_get(&it, st, rows[0].seq, &ev, &e), 0, "or row");
		event_close(it);
	}
	store_close(st);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
