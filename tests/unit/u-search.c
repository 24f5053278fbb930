/*
 * A searcher that stays open answers as one that is opened for each query,
 * whatever is written, forgotten and indexed between.
 */
#include "search/search.h"

#include "artifact/artifact.h"
#include "base/buf.h"
#include "ingest/event_write.h"
#include "ingest/forget.h"
#include "ltm/fact.h"
#include "memory/event.h"
#include "memory/record.h"
#include "search/indexing.h"
#include "tap.h"
#include "temp-store.h"
#include "toc/toc_build.h"

static struct err e;

static void
put_event(struct store *st, int i, const char *session)
{
	struct event_writer *w = event_writer_new(st);
	struct buf text = BUF_INIT, room = BUF_INIT;
	struct event ev;
	json_t *o;

	buf_addf(&text, "{\"session_id\":\"%s\",\"timestamp\":%d,\"text\":"
	    "\"token %d of word%d%s\"}", session, 1000 + i, i, i % 7,
	    i % 3 == 0 ? " refresh refresh" : "");
	o = temp_json(text.p);
	tx_begin(st->db, &e);
	if (event_from_json(&ev, o, &room, &e) < 0 ||
	    tx_end(st->db, event_add(w, &ev, &e) < 0 ? -1 :
	    event_flush(w, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(o);
	event_writer_free(w);
	buf_release(&text);
	buf_release(&room);
}

static void
put_record(struct store *st, int id, int n)
{
	struct buf text = BUF_INIT;
	int64_t version, seq;
	json_t *o;

	buf_addf(&text, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":"
	    "\"%d\",\"record_type\":\"n\",\"title\":\"token number%d\"}", id,
	    n);
	o = temp_json(text.p);
	tx_begin(st->db, &e);
	if (tx_end(st->db, record_add(st, o, NULL, &version, &seq, &e),
	    &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(o);
	buf_release(&text);
}

static int64_t
put_fact(struct store *st, enum fact_scope scope, const char *key,
    const char *content)
{
	struct fact_new f = { .scope = scope, .key = key, .content = content,
	    .confidence = 1 };
	int64_t id = 0;

	if (fact_add(st, &f, &id, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	return id;
}

/* Its row. */
static int64_t
put_artifact(struct store *st, int n)
{
	struct artifact a = { .user = st->user_id, .created_ms = n,
	    .size = -1 };

	memset(a.id, n, sizeof a.id);
	a.id[0] = 1;
	a.body = json_pack("{s:o, s:{s:s}}", "filename",
	    json_sprintf("token-number%d.txt", n), "metadata", "about",
	    n % 2 ? "refresh word3" : "word3");
	tx_begin(st->db, &e);
	if (tx_end(st->db, artifact_insert(st, &a, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(a.body);
	return a.seq;
}

static void
turn_artifact(struct store *st, int64_t seq, enum artifact_state to)
{
	struct artifact a;

	tx_begin(st->db, &e);
	if (artifact_row(st, seq, &a, &e) != 1 ||
	    tx_end(st->db, artifact_mark(st, &a, to, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	artifact_release(&a);
}

static void
forget(struct store *st, const char *target, const char *id)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "type", "tombstone",
	    "target", target, "id", id);

	tx_begin(st->db, &e);
	if (tx_end(st->db, forget_add(st, o, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(o);
}

static void
bring_up(struct store *st)
{
	struct indexing_how how = { .wait_ms = 0 };
	struct indexing report;

	if (indexing_update(st, SOURCE_EVENT, &how, &report, &e) < 0 ||
	    indexing_update(st, SOURCE_KB, &how, &report, &e) < 0 ||
	    indexing_update(st, SOURCE_TOC, &how, &report, &e) < 0 ||
	    indexing_update(st, SOURCE_GRIP, &how, &report, &e) < 0 ||
	    indexing_update(st, SOURCE_FACT, &how, &report, &e) < 0 ||
	    indexing_update(st, SOURCE_OWN, &how, &report, &e) < 0 ||
	    indexing_update(st, SOURCE_ARTIFACT, &how, &report, &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

static void
build(struct store *st)
{
	struct toc_build_how how = { .wait_ms = 0 };
	struct toc_build report;

	if (toc_build(st, &how, &report, &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

static int
add_hit(void *arg, json_t *hit, struct err *err)
{
	struct buf *b = arg;

	(void)err;
	json_write(b, hit);
	buf_addc(b, '\n');
	return 0;
}

/* All that a search says; sr NULL: by one that is opened for it. */
static void
answer(struct buf *b, struct store *st, struct searcher *sr,
    const char *text, unsigned sources)
{
	struct search s = { .sources = sources, .limit = 10 };
	struct query q;
	int64_t found;
	int r;

	buf_reset(b);
	query_parse(&q, NULL, text, strlen(text), 0);
	query_ready(&q);
	r = sr == NULL ? search_run(st, &q, &s, add_hit, b, &found, &e) :
	    searcher_run(sr, &q, &s, add_hit, b, &found, &e);
	buf_addf(b, "%d %d%s\n", r, (int)found, r < 0 ? e.msg : "");
	query_release(&q);
}

static void
same(struct store *st, struct searcher *sr, const char *when)
{
	static const char *const queries[] = { "token refresh", "word3",
	    "\"token number7\"", "number9 -word2", "session:s1", "nothing",
	    "\"number7 token\" refresh", "" };
	static const unsigned sources[] = { 1u << SOURCE_EVENT |
	    1u << SOURCE_KB, 1u << SOURCE_KB, 1u << SOURCE_SESSION,
	    1u << SOURCE_TOC | 1u << SOURCE_GRIP,
	    1u << SOURCE_FACT | 1u << SOURCE_OWN, 1u << SOURCE_ARTIFACT };
	struct buf once = BUF_INIT, kept = BUF_INIT;
	size_t i, k;
	int differ = 0;

	for (i = 0; i < sizeof queries / sizeof *queries; i++)
		for (k = 0; k < sizeof sources / sizeof *sources; k++) {
			answer(&kept, st, sr, queries[i], sources[k]);
			answer(&once, st, NULL, queries[i], sources[k]);
			if (strcmp(once.p, kept.p) == 0)
				continue;
			differ++;
			printf("# %s:\n# %s# %s", queries[i], once.p, kept.p);
		}
	ok(differ == 0, "%s", when);
	buf_release(&once);
	buf_release(&kept);
}

int
main(void)
{
	struct store *st, *writer;
	struct searcher *sr;
	char id[ULID_LEN + 1] = "";
	struct event_iter *it;
	const struct event *ev;
	struct event_query eq = EVENT_QUERY_INIT;
	int64_t fact, file;
	char *path;
	int i;

	temp_begin();
	writer = temp_open("store", "ann", STORE_WRITE);
	put_record(writer, 1, 1);
	st = temp_open("store", "bob", STORE_READ);
	sr = searcher_open(st);
	same(st, sr, "a user who has nothing yet");
	store_close(writer);
	writer = temp_open("store", "bob", STORE_WRITE);
	for (i = 0; i < 60; i++)
		put_event(writer, i, i % 2 ? "s1" : "s2");
	put_fact(writer, FACT_TENANT, "a", "token refresh takes number7");
	fact = put_fact(writer, FACT_USER, "a", "word3 is a token");
	file = put_artifact(writer, 7);
	put_artifact(writer, 8);
	same(st, sr, "no index; the user came meanwhile");
	build(writer);
	same(st, sr, "contents were made");
	bring_up(writer);
	same(st, sr, "an index was made");
	for (; i < 70; i++)
		put_event(writer, i, "s1");
	put_record(writer, 1, 7);
	put_record(writer, 2, 9);
	put_fact(writer, FACT_TENANT, "a", "token refresh takes number9");
	put_fact(writer, FACT_USER, "b", "a token was word3");
	if (fact_expire(writer, fact, "", &e) < 0)
		printf("Bail out! %s\n", e.msg);
	build(writer);
	put_artifact(writer, 9);
	turn_artifact(writer, file, ARTIFACT_DELETING);
	same(st, sr, "a tail, and a record that is newer than the index");
	turn_artifact(writer, file, ARTIFACT_STORED);
	same(st, sr, "an artifact came back");
	if (event_open(&it, writer, &eq, &e) == 0 &&
	    event_next(it, &ev, &e) == 1)
		memcpy(id, ev->id, sizeof id);
	event_close(it);
	forget(writer, "event", id);
	same(st, sr, "an event of the index was forgotten");
	bring_up(writer);
	same(st, sr, "the index went on");
	turn_artifact(writer, file, ARTIFACT_FAILED);
	same(st, sr, "an artifact of the index failed");
	forget(writer, "session", "s2");
	forget(writer, "record", "k/1");
	same(st, sr, "a session and a record were forgotten");
	build(writer);
	same(st, sr, "and contents were made without them");
	bring_up(writer);
	same(st, sr, "and the index was brought up");
	for (; i < 500; i++)
		put_event(writer, i, "s3");
	build(writer);
	same(st, sr, "so much was written that the search brings it up");
	path = store_path(st, "index");
	file_remove_tree(path, &e);
	free(path);
	same(st, sr, "the index was taken away");
	searcher_close(sr);
	searcher_close(NULL);
	store_close(writer);
	store_close(st);
	if (temp_end() != 0)
		return 2;
	return done();
}
