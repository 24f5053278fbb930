#include "store/audit.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static char dir[] = "/tmp/memkit-u-audit.XXXXXX";

static struct store *
open_store(void)
{
	char path[64];
	struct store_where where = { path, "default", "ann", NULL };
	struct store *st;
	struct err e;

	snprintf(path, sizeof path, "%s/store", dir);
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
	add_num(&h, 1);
	add_num(&h, (uint64_t)a->at_ms);
	add_str(&h, "ann");
	add_str(&h, "write");
	add_str(&h, "x");
	add_num(&h, UINT64_MAX);	/* NULL */
	hash_end(&h, want);
	ok(memcmp(want, a->hash, HASH_LEN) == 0, "the hash is as documented");
}

static void
broken(struct store *st, const char *sql, int64_t where, const char *what)
{
	int64_t rows, bad = 0;
	struct err e;

	tx_begin(st->db, &e);
	db_script(st->db, sql, &e);
	is_int(audit_verify(st, &rows, &bad, &e), 0, "%s is found", what);
	is_int(bad, where, "at row %d", (int)where);
	tx_end(st->db, -1, &e);
}

int
main(void)
{
	struct audit a = { 0 };
	struct buf b = BUF_INIT;
	int64_t rows, bad = 0;
	struct store *st;
	struct err e;

	if (mkdtemp(dir) == NULL)
		return 2;
	st = open_store();
	is_int(audit_verify(st, &rows, &bad, &e), 1, "an empty log is whole");
	is_int(rows, 0, "of no rows");
	is_int(audit_add(st, "write", "x", NULL, &e), 0, "a row");
	audit_each(st, INT64_MIN, INT64_MAX, NULL, NULL, last, &a, &e);
	by_hand(&a);
	is_int(audit_add(st, "delete", "y", "3 rows", &e), 0, "another");
	tx_begin(st->db, &e);
	audit_add(st, "lost", NULL, NULL, &e);
	tx_end(st->db, -1, &e);
	is_int(audit_add(st, "write", NULL, "", &e), 0, "and a third");
	audit_each(st, INT64_MIN, INT64_MAX, NULL, NULL, list, &b, &e);
	is_str(b.p, "ann write x -;ann delete y 3 rows;ann write - ;",
	    "what was rolled back is not there");
	buf_reset(&b);
	audit_each(st, INT64_MIN, INT64_MAX, "ann", "delete", list, &b, &e);
	is_str(b.p, "ann delete y 3 rows;", "by action");
	buf_reset(&b);
	audit_each(st, INT64_MIN, INT64_MAX, "bob", NULL, list, &b, &e);
	audit_each(st, INT64_MIN, 1000, NULL, NULL, list, &b, &e);
	is_str(b.p, "", "none by somebody else, none of 1970");
	is_int(audit_verify(st, &rows, &bad, &e), 1, "the chain is whole");
	is_int(rows, 3, "over three rows");

	broken(st, "UPDATE audit SET detail = '2 rows' WHERE seq = 2", 2,
	    "a changed row");
	broken(st, "UPDATE audit SET who = 'bob' WHERE seq = 1", 1,
	    "another name");
	broken(st, "UPDATE audit SET at = at + 1 WHERE seq = 3", 3,
	    "another time");
	broken(st, "UPDATE audit SET object = NULL, detail = 'y3 rows' "
	    "WHERE seq = 2", 2, "text moved between fields");
	broken(st, "DELETE FROM audit WHERE seq = 2", 2, "a row taken out");
	broken(st, "UPDATE audit SET seq = -1 WHERE seq = 1; UPDATE audit SET "
	    "seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = -1", 1,
	    "two that changed places");
	broken(st, "UPDATE audit SET seq = 4 WHERE seq = 3; INSERT INTO audit "
	    "SELECT 3, at, who, action, object, detail, hash FROM audit "
	    "WHERE seq = 2", 3, "a row put between");
	store_close(st);
	buf_release(&b);
	file_remove_tree(dir, &e);
	return done();
}
