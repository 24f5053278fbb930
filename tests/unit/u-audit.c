#include "store/audit.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "store/audit_chain.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static char dir[] = "/tmp/memkit-u-audit.XXXXXX";

static struct store *
open_store(const char *name)
{
	char path[64];
	struct store_where where = { .dir = path, .tenant = "default",
	    .user = "ann" };
	struct store *st;
	struct err e;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (store_open(&st, &where, STORE_WRITE, &e) < 0) {
		printf("# %s\n", e.msg);
		exit(2);
	}
	return st;
}

static int
list(void *arg, const struct audit *a, struct err *e)
{
	(void)e;
	buf_addf(arg, "%s %s %s %s;", a->who, a->action,
	    a->object ? a->object : "-", a->detail ? a->detail : "-");
	return 0;
}

static int
list_tool(void *arg, const struct audit *a, struct err *e)
{
	(void)e;
	buf_addf(arg, "%s %s;", a->tool ? a->tool : "-",
	    a->outcome ? a->outcome : "-");
	return 0;
}

static int
last(void *arg, const struct audit *a, struct err *e)
{
	(void)e;
	*(struct audit *)arg = *a;
	return 0;
}

static void
add_num(struct hash *h, uint64_t n)
{
	uint8_t b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (uint8_t)(n >> (56 - 8 * i));
	hash_add(h, b, 8);
}

static void
add_str(struct hash *h, const char *s)
{
	add_num(h, strlen(s));
	hash_add(h, s, strlen(s));
}

/* The first row's hash by hand, from memkit-store(5). */
static void
by_hand(const struct audit *a)
{
	uint8_t want[HASH_LEN], zero[HASH_LEN] = { 0 };
	struct hash h;

	hash_init(&h);
	hash_add(&h, zero, HASH_LEN);
	add_num(&h, UINT64_MAX - 1);	/* -2: a row with an outcome */
	add_num(&h, 1);
	add_num(&h, (uint64_t)a->at_ms);
	add_str(&h, "ann");
	add_str(&h, "write");
	add_str(&h, "x");
	add_num(&h, UINT64_MAX);	/* NULL */
	add_num(&h, UINT64_MAX);	/* no tool has said who it is */
	add_str(&h, "done");
	hash_end(&h, want);
	ok(memcmp(want, a->hash, HASH_LEN) == 0, "the hash is as documented");
}

/* A row of before schema 6 in the first place: neither tool nor outcome, and
 * its hash says nothing of them. */
static void
old_form(struct store *st)
{
	uint8_t hash[HASH_LEN], zero[HASH_LEN] = { 0 };
	struct db_query *q;
	struct hash h;
	struct err e;

	hash_init(&h);
	hash_add(&h, zero, HASH_LEN);
	add_num(&h, 1);
	add_num(&h, 1700000000000);
	add_str(&h, "ann");
	add_str(&h, "write");
	add_num(&h, UINT64_MAX);
	add_str(&h, "stored 1");
	hash_end(&h, hash);
	q = db_sql(st->db, &e, "INSERT INTO audit (seq, at, who, action, "
	    "detail, hash) VALUES (1, 1700000000000, 'ann', 'write', "
	    "'stored 1', :hash)");
	db_blob(q, ":hash", hash, HASH_LEN);
	is_int(db_run(q, &e), 0, "a row of before schema 6");
}

static void
rows(struct store *st, const char *who, const char *action,
    const char *outcome, int (*fn)(void *, const struct audit *, struct err *),
    void *arg)
{
	struct audit_which w = { INT64_MIN, INT64_MAX, who, action, NULL,
	    outcome };
	struct err e;

	if (audit_each(st->db, &w, fn, arg, &e) < 0)
		printf("# %s\n", e.msg);
}

static int
verify(struct store *st, struct audit_chain *c, struct err *e)
{
	audit_chain_release(c);
	audit_chain_init(c);
	return audit_chain_walk(c, st->db, e);
}

/* kind: n rows of it */
static void
breaks(struct store *st, const char *sql, enum audit_fault kind, int64_t where,
    int64_t n, const char *what)
{
	struct audit_chain c;
	struct err e = { 0 };

	audit_chain_init(&c);
	tx_begin(st->db, &e);
	if (db_script(st->db, sql, &e) < 0)
		printf("# %s\n", e.msg);
	is_int(verify(st, &c, &e), 0, "%s is found", what);
	is_str(audit_faults[c.fault], audit_faults[kind], "it is called that");
	is_int(c.at, where, "at row %d", (int)where);
	is_int(c.n, n, "of %d rows", (int)n);
	tx_end(st->db, -1, &e);
	audit_chain_release(&c);
}

static void
broken(struct store *st, const char *sql, int64_t where, const char *what)
{
	breaks(st, sql, AUDIT_CHANGED, where, 1, what);
}

/* What is true of a log of rows of both forms. */
static void
both_forms(void)
{
	struct store *st = open_store("both");
	struct audit a = { .who = "ann", .action = "read", .object = "z",
	    .tool = "other" };
	struct audit_chain c;
	struct buf b = BUF_INIT;
	struct err e;

	audit_chain_init(&c);
	old_form(st);
	is_int(verify(st, &c, &e), 1, "it fits");
	audit_tool = "u-audit";
	is_int(audit_add(st, "write", NULL, "stored 1", &e), 0, "one of now");
	is_int(audit_deny(st, "read", "x", "why", &e), 0, "a denial");
	is_int(audit_add_db(st->db, &a, &e), 0, "by another tool");
	is_int(verify(st, &c, &e), 1, "they go on from it");
	is_int(c.rows, 4, "all four of them");
	rows(st, NULL, NULL, AUDIT_DENIED, list, &b);
	rows(st, NULL, NULL, NULL, list_tool, &b);
	is_str(b.p, "ann read x why;- -;u-audit done;u-audit denied;"
	    "other done;", "tool and outcome are kept");
	broken(st, "UPDATE audit SET tool = 'mem-log' WHERE seq = 3", 3,
	    "another tool");
	broken(st, "UPDATE audit SET outcome = 'done' WHERE seq = 3", 3,
	    "another outcome");
	broken(st, "UPDATE audit SET tool = 'mem-log', outcome = 'done' "
	    "WHERE seq = 1", 1, "a new form for an old row");
	broken(st, "UPDATE audit SET outcome = '' WHERE seq = 1", 1,
	    "an empty outcome for an old row");
	broken(st, "UPDATE audit SET tool = NULL, outcome = NULL WHERE seq = 2",
	    2, "an old form for a new row");
	broken(st, "UPDATE audit SET tool = NULL WHERE seq = 2", 2,
	    "a new row without its tool");
	broken(st, "UPDATE audit SET object = 'zother', tool = '' "
	    "WHERE seq = 4", 4, "text moved to the tool");
	audit_tool = NULL;
	audit_chain_release(&c);
	store_close(st);
	buf_release(&b);
}

/* Rows moved as somebody would who knows SQL and has no SHA-256. */
#define UP(n, by) "UPDATE audit SET seq = -seq WHERE seq >= " #n "; " \
	"UPDATE audit SET seq = -seq + (" #by ") WHERE seq < 0; "
#define COPY(from, to) "INSERT INTO audit SELECT " #to ", at, who, action, " \
	"object, detail, hash, tool, outcome FROM audit WHERE seq = " #from ";"

static void
kinds(void)
{
	struct store *st = open_store("kinds");
	struct audit_mark marks[] = { { 0, { 0 }, AUDIT_UNSEEN },
	    { 5, { 0 }, AUDIT_UNSEEN }, { 5, { 1 }, AUDIT_UNSEEN },
	    { 21, { 0 }, AUDIT_UNSEEN } };
	struct audit_chain c;
	char object[8];
	struct err e;
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(object, sizeof object, "o%d", i);
		audit_add(st, "write", object, NULL, &e);
	}
	breaks(st, "DELETE FROM audit WHERE seq = 5", AUDIT_DROPPED, 5, 1,
	    "a row taken out");
	breaks(st, "DELETE FROM audit WHERE seq < 5", AUDIT_DROPPED, 1, 4,
	    "the beginning taken out");
	breaks(st, "DELETE FROM audit WHERE seq = 5; " UP(6, -1),
	    AUDIT_DROPPED, 5, 1, "one taken out, the rest numbered anew");
	breaks(st, "DELETE FROM audit WHERE seq BETWEEN 5 AND 9; " UP(10, -5),
	    AUDIT_DROPPED, 5, 5, "five taken out, the rest numbered anew");
	breaks(st, UP(5, 1) COPY(2, 5), AUDIT_INSERTED, 5, 1,
	    "a row of before put between");
	breaks(st, UP(5, 1) "INSERT INTO audit VALUES (5, 1, 'ann', 'x', NULL,"
	    " NULL, zeroblob(32), NULL, NULL)", AUDIT_INSERTED, 5, 1,
	    "one of his own put between");
	breaks(st, UP(5, 2) COPY(2, 5) COPY(3, 6), AUDIT_INSERTED, 5, 2,
	    "two put between");
	breaks(st, COPY(2, -3), AUDIT_INSERTED, -3, 1, "one put in front");
	breaks(st, "UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET "
	    "seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = -1",
	    AUDIT_REORDERED, 5, 1, "two that changed places");
	breaks(st, "UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET "
	    "seq = 5 WHERE seq = 15; UPDATE audit SET seq = 15 WHERE seq = -1",
	    AUDIT_REORDERED, 5, 1, "two that are far apart");
	breaks(st, "UPDATE audit SET hash = zeroblob(32) WHERE seq = 5",
	    AUDIT_CHANGED, 5, 1, "another hash");
	breaks(st, "UPDATE audit SET who = 'bob' WHERE seq = 20",
	    AUDIT_CHANGED, 20, 1, "the last row changed");
	breaks(st, "UPDATE audit SET who = 'ann' || char(0) || 'x' "
	    "WHERE seq = 5", AUDIT_CHANGED, 5, 1, "what stands behind a NUL");
	breaks(st, "INSERT INTO meta VALUES ('audit_start', '4 ' || (SELECT "
	    "lower(hex(hash)) FROM audit WHERE seq = 4)); DELETE FROM audit "
	    "WHERE seq < 5", AUDIT_UNTIED, 5, 0,
	    "a beginning that no row tells of");

	audit_chain_init(&c);
	is_int(audit_chain_walk(&c, st->db, &e), 1, "whole as it is");
	memcpy(marks[1].hash, c.hash, HASH_LEN);
	tx_begin(st->db, &e);
	db_script(st->db, "DELETE FROM audit WHERE seq > 5", &e);
	audit_chain_release(&c);
	audit_chain_init(&c);
	audit_chain_walk(&c, st->db, &e);
	memcpy(marks[1].hash, c.hash, HASH_LEN);
	tx_end(st->db, -1, &e);
	audit_chain_release(&c);
	audit_chain_init(&c);
	c.marks = marks;
	c.nmarks = 4;
	is_int(audit_chain_walk(&c, st->db, &e), 1, "marks are no fault");
	is_int(marks[0].found, AUDIT_THERE, "of a log without rows");
	is_int(marks[1].found, AUDIT_THERE, "of a row in the middle");
	is_int(marks[2].found, AUDIT_OTHER, "with another hash");
	is_int(marks[3].found, AUDIT_CUT, "of a row that is not there");
	audit_chain_release(&c);
	store_close(st);
}

int
main(void)
{
	struct audit_which early = { .since_ms = INT64_MIN, .until_ms = 1000 };
	struct audit a = { 0 };
	struct buf b = BUF_INIT;
	struct audit_chain c;
	struct store *st;
	struct err e;

	audit_chain_init(&c);
	if (mkdtemp(dir) == NULL)
		return 2;
	st = open_store("store");
	is_int(verify(st, &c, &e), 1, "an empty log is whole");
	is_int(c.rows, 0, "of no rows");
	is_int(audit_add(st, "write", "x", NULL, &e), 0, "a row");
	rows(st, NULL, NULL, NULL, last, &a);
	by_hand(&a);
	is_int(audit_add(st, "delete", "y", "3 rows", &e), 0, "another");
	tx_begin(st->db, &e);
	audit_add(st, "lost", NULL, NULL, &e);
	tx_end(st->db, -1, &e);
	is_int(audit_add(st, "write", NULL, "", &e), 0, "and a third");
	rows(st, NULL, NULL, NULL, list, &b);
	is_str(b.p, "ann write x -;ann delete y 3 rows;ann write - ;",
	    "what was rolled back is not there");
	buf_reset(&b);
	rows(st, "ann", "delete", NULL, list, &b);
	is_str(b.p, "ann delete y 3 rows;", "by action");
	buf_reset(&b);
	rows(st, "bob", NULL, NULL, list, &b);
	audit_each(st->db, &early, list, &b, &e);
	is_str(b.p, "", "none by somebody else, none of 1970");
	is_int(verify(st, &c, &e), 1, "the chain is whole");
	is_int(c.rows, 3, "over three rows");

	broken(st, "UPDATE audit SET detail = '2 rows' WHERE seq = 2", 2,
	    "a changed row");
	broken(st, "UPDATE audit SET who = 'bob' WHERE seq = 1", 1,
	    "another name");
	broken(st, "UPDATE audit SET at = at + 1 WHERE seq = 3", 3,
	    "another time");
	broken(st, "UPDATE audit SET object = NULL, detail = 'y3 rows' "
	    "WHERE seq = 2", 2, "text moved between fields");
	store_close(st);
	buf_release(&b);
	both_forms();
	kinds();
	audit_chain_release(&c);
	file_remove_tree(dir, &e);
	return done();
}
