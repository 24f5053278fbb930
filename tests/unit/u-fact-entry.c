/*
 * Facts as search sees them: whose they are, which versions count, what
 * comes back when a version is forgotten, and what an index is told of it.
 */
#include "ltm/fact_entry.h"
#include "tests/unit/tap.h"

#include "base/buf.h"
#include "base/date.h"
#include "search/doc.h"
#include "temp-store.h"

#include <inttypes.h>
#include <string.h>

#define MINUTE INT64_C(60000)

static struct err e;
static int64_t now;

/* A version of the fact of this number, from a time on; its row. */
static int64_t
put(struct store *st, int64_t id, enum fact_scope scope, const char *content,
    int64_t from_ms, int64_t until_ms)
{
	struct fact f = { .id = id, .scope = scope, .valid_until_ms = until_ms,
	    .confidence = 1, .gone = content == NULL,
	    .user_id = scope == FACT_TENANT ? 0 : st->user_id,
	    .session = scope == FACT_SESSION ? st->session : NULL };

	f.body = json_pack("{s:s, s:[s]}", "content", content == NULL ? "x" :
	    content, "tags", content != NULL && *content == '!' ? "verdict" :
	    "t");
	tx_begin(st->db, &e);
	if (tx_end(st->db, fact_put_at(st, &f, from_ms, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(f.body);
	return f.seq;
}

static void
forget_version(struct store *st, int64_t seq, int64_t id, int64_t version,
    int64_t from_ms)
{
	struct fact f = { .seq = seq, .id = id, .version = version,
	    .valid_from_ms = from_ms };

	tx_begin(st->db, &e);
	if (tx_end(st->db, fact_forget_version(st, &f, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

static int
see(void *arg, const struct fact *f, struct err *err)
{
	struct buf *b = arg;

	(void)err;
	buf_addf(b, "%s ", get_str(f->body, "content", NULL));
	return 0;
}

/* What they say, one after the other. */
static const char *
seen(struct store *st, bool own, int64_t after, int64_t as_of_ms)
{
	static struct buf b;

	buf_release(&b);
	buf_adds(&b, "");
	if (fact_entries(st, own, after, as_of_ms, see, &b, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	return b.p;
}

static int64_t
number(struct store *st, const char *sql)
{
	int64_t n = -1;
	struct db_query *q = db_prepare(st->db, sql, &e);

	if (q != NULL && db_row(q, &e) == 1)
		n = db_get_int(q, 0);
	db_end(q);
	return n;
}

static void
test_whose(struct store *ann, struct store *bob)
{
	int64_t n;

	put(ann, 1, FACT_TENANT, "all", now - 9, INT64_MAX);
	put(ann, 2, FACT_USER, "ann", now - 9, INT64_MAX);
	put(ann, 3, FACT_TENANT, "!verdict", now - 9, INT64_MAX);
	put(ann, 4, FACT_TENANT, NULL, now - 9, INT64_MAX);
	put(ann, 5, FACT_USER, "ended", now - 9, now - 5);
	put(ann, 6, FACT_USER, "later", now + MINUTE, INT64_MAX);
	is_str(seen(ann, false, 0, FACT_NOW), "all ", "the tenant's");
	is_str(seen(ann, true, 0, FACT_NOW), "ann later ", "the user's");
	is_str(seen(ann, true, 0, now - 6), "ann ended ", "as of then");
	is_str(seen(ann, true, 0, now - 10), "", "and before");
	is_str(seen(bob, false, 0, FACT_NOW), "all ", "the same for another");
	is_str(seen(bob, true, 0, FACT_NOW), "", "who has none");
	is_int(bob->user_id, 0, "and is not known");
	is_int(fact_owner(bob, true), -1, "so he owns nothing");
	is_int(fact_newest(ann, &n, &e), 0, "the newest");
	is_int(n, 6, "is the last that was put down");
	is_int(fact_count_after(ann, true, 0, 0, &n, &e), 0, "counting");
	is_int(n, 3, "rows of the user");
	is_int(fact_count_after(ann, false, 1, 1, &n, &e), 0, "counting");
	is_int(n, 1, "no further than that");
	is_int(fact_count_after(ann, false, 6, 0, &n, &e), 0, "counting");
	is_int(n, 0, "nothing after the last");
}

static void
test_one(struct store *ann, struct store *bob)
{
	struct buf b = BUF_INIT;

	is_int(fact_entry(ann, 2, FACT_NOW, see, &b, &e), 1, "by its row");
	is_str(b.p, "ann ", "it is that");
	is_int(fact_entry(bob, 2, FACT_NOW, see, &b, &e), 0, "not another's");
	is_int(fact_entry(bob, 1, FACT_NOW, see, &b, &e), 1, "the tenant's");
	is_int(fact_entry(ann, 99, FACT_NOW, see, &b, &e), 0, "no such row");
	buf_release(&b);
}

static void
test_versions(struct store *ann)
{
	int64_t one, two, three, mark;

	one = put(ann, 20, FACT_USER, "one", now - MINUTE, INT64_MAX);
	two = put(ann, 20, FACT_USER, "two", now - MINUTE / 2, INT64_MAX);
	is_str(seen(ann, true, one - 1, FACT_NOW), "two ", "the one before");
	is_str(seen(ann, true, one, FACT_NOW), "two ", "has ended");
	is_int(fact_newest(ann, &mark, &e), 0, "a mark");
	three = put(ann, 20, FACT_USER, "three", now + MINUTE, INT64_MAX);
	is_str(seen(ann, true, mark, FACT_NOW), "three two ",
	    "one that ends some day only is read again");
	forget_version(ann, three, 20, 3, now + MINUTE);
	is_str(seen(ann, true, mark, FACT_NOW), "two ", "and holds again");
	is_int(number(ann, "SELECT count(*) FROM tombstone WHERE target = 4"),
	    2, "two rows went");
	is_int(number(ann, "SELECT min(ref) FROM tombstone WHERE target = 4"),
	    two, "its own,");
	is_int(number(ann, "SELECT max(ref) FROM tombstone WHERE target = 4"),
	    three, "and that of the one forgotten");
	is_int(number(ann, "SELECT valid_until IS NULL FROM fact WHERE "
	    "id = 20 AND version = 2"), 1, "which is open again");
	is_int(number(ann, "SELECT count(*) FROM fact WHERE id = 20"), 2,
	    "none is twice");
	/* one in the middle: what is before it ends where the next begins */
	put(ann, 20, FACT_USER, "three", now - MINUTE / 4, INT64_MAX);
	forget_version(ann, number(ann, "SELECT seq FROM fact WHERE id = 20 "
	    "AND version = 2"), 20, 2, now - MINUTE / 2);
	is_int(number(ann, "SELECT valid_until FROM fact WHERE id = 20 AND "
	    "version = 1"), now - MINUTE / 4, "until the next");
	tx_begin(ann->db, &e);
	is_int(tx_end(ann->db, fact_forget(ann, 20, &e), &e), 0,
	    "all of an id");
	is_int(number(ann, "SELECT count(*) FROM fact WHERE id = 20"), 0,
	    "are gone");
	is_int(number(ann, "SELECT count(*) FROM tombstone t JOIN user u "
	    "ON u.id = t.user WHERE target = 4 AND u.name = 'ann'"), 6,
	    "each is told of");
}

static int
value(void *arg, const char *s, size_t len)
{
	struct buf *b = arg;

	buf_add(b, s, len);
	buf_addc(b, ' ');
	return 0;
}

static const char *
values(struct doc *d, enum field_kind kind)
{
	static struct buf b;

	buf_reset(&b);
	buf_adds(&b, "");
	doc_values(d, kind, value, &b);
	return b.p;
}

static void
test_doc(void)
{
	struct fact f = { .seq = 77, .id = 5, .scope = FACT_SESSION,
	    .session = "S1", .valid_from_ms = 3, .valid_until_ms = 9 };
	struct doc d = { 0 };
	struct buf b = BUF_INIT;

	f.body = temp_json("{\"content\":\"It is so.\",\"tags\":[\"a:b\",\"c\""
	    "],\"metadata\":{\"kb\":\"k\",\"extraction_type\":\"x\"}}");
	doc_fact(&d, &f, "ann");
	is_int(d.source, SOURCE_OWN, "of the user");
	is_str(d.id, "fact:0000000000000005", "its id");
	is_str(d.within, "77", "its row");
	is_int(d.until_ms, 9, "its end");
	is_int(d.ts_ms, 3, "its time");
	is_str(values(&d, FIELD_TAG), "a:b c ", "tags");
	is_str(values(&d, FIELD_KB), "k ", "the knowledge base");
	is_str(values(&d, FIELD_TYPE), "x ", "the type");
	is_str(values(&d, FIELD_SESSION), "S1 ", "the session");
	is_str(values(&d, FIELD_USER), "ann ", "the user");
	is_str(values(&d, FIELD_SOURCE), "fact ", "the source");
	is_str(values(&d, FIELD_STATUS), "", "no status");
	is_int((int64_t)d.pieces, 3, "what it says, and its tags");
	ok(!d.piece[0].aside && d.piece[1].aside && d.piece[2].aside,
	    "which are aside");
	doc_vector_text(&d, &b);
	is_str(b.p, "It is so.", "the text of its vector");
	is_int(d.session_row, doc_session("S1"), "a number of its session");
	ok(doc_session("S1") != doc_session("s1") && doc_session("") != 0,
	    "which is no other's");
	f.scope = FACT_TENANT;
	f.session = NULL;
	f.valid_until_ms = INT64_MAX;
	doc_fact(&d, &f, NULL);
	is_int(d.source, SOURCE_FACT, "of the tenant");
	is_int(d.session_row, 0, "of no session");
	is_int(d.until_ms, 0, "open");
	json_decref(f.body);
	doc_release(&d);
	buf_release(&b);
}

int
main(void)
{
	struct store *ann, *bob;

	temp_begin();
	now = date_now();
	ann = temp_open("store", "ann", STORE_WRITE);
	if (tx_begin(ann->db, &e) < 0 || tx_end(ann->db, store_user(ann, "ann",
	    true, &ann->user_id, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	bob = temp_open("store", "bob", STORE_READ);
	test_whose(ann, bob);
	test_one(ann, bob);
	test_versions(ann);
	test_doc();
	store_close(bob);
	store_close(ann);
	if (temp_end() != 0)
		return 2;
	return done();
}
