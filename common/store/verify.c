#include "store/verify.h"

#include "base/hash.h"
#include "base/str.h"
#include "store/db.h"
#include "store/schema.h"

#include <string.h>

int
verify_pages(struct db *db, const char *name, struct err *e)
{
	const char *s;
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "PRAGMA quick_check(1)")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		s = db_get_text(q, 0);
		r = str_eq(s, "ok") ? 0 : err_set(e, ERR_CORRUPT,
		    "'%s' is damaged: %.200s; see RECOVERY in "
		    "memkit-store(5)", name, s != NULL ? s : "");
	}
	db_end(q);
	return r;
}

/* Both lists are sorted: the first place where they part. */
static int
compare(struct db_query *a, struct db_query *b, struct buf *what,
    struct err *e)
{
	int ra, rb, order;

	for (;;) {
		if ((ra = db_row(a, e)) < 0 || (rb = db_row(b, e)) < 0)
			return -1;
		if (ra == 0 && rb == 0)
			return 1;
		order = ra == 0 ? 1 : rb == 0 ? -1 :
		    strcmp(db_get_text(a, 0), db_get_text(b, 0));
		if (order < 0)
			buf_addf(what, "%s is not ours", db_get_text(a, 0));
		else if (order > 0)
			buf_addf(what, "%s is missing", db_get_text(b, 0));
		else if (!str_eq(db_get_text(a, 1), db_get_text(b, 1)))
			buf_addf(what, "%s is not made as it should be",
			    db_get_text(a, 0));
		else
			continue;
		return 0;
	}
}

#define LIST "SELECT type || ' ' || name, ifnull(sql, '') " \
	"FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1"

static int
make_ours(struct db *db, struct err *e)
{
	return schema_migrate(db, "a fresh schema", e);
}

int
verify_sum(struct db *db, char sum[HASH_HEX + 1], struct err *e)
{
	struct db_query *q;
	struct hash h;
	uint8_t out[HASH_LEN];
	int r;

	if ((q = db_sql(db, e, LIST)) == NULL)
		return -1;
	hash_init(&h);
	while ((r = db_row(q, e)) == 1) {
		hash_add_field(&h, db_get_text(q, 0));
		hash_add_field(&h, db_get_text(q, 1));
	}
	db_end(q);
	hash_end(&h, out);
	hex_encode(sum, out, sizeof out);
	return r;
}

int
verify_schema(struct db *db, struct buf *what, struct err *e)
{
	char sum[HASH_HEX + 1];

	if (verify_sum(db, sum, e) < 0)
		return -1;
	if (strcmp(sum, SCHEMA_SUM) == 0)
		return 1;
	return verify_made(db, make_ours, what, e);
}

int
verify_made(struct db *db, int (*make_schema)(struct db *, struct err *),
    struct buf *what, struct err *e)
{
	struct db_query *a = NULL, *b = NULL;
	struct db *fresh = NULL;
	int r = -1;

	if (db_open(&fresh, ":memory:", DB_CREATE, 0, e) == 0 &&
	    make_schema(fresh, e) == 0 &&
	    (a = db_sql(db, e, LIST)) != NULL &&
	    (b = db_sql(fresh, e, LIST)) != NULL)
		r = compare(a, b, what, e);
	db_end(a);
	db_end(b);
	db_close(fresh);
	return r;
}

int
verify_copy(struct db *db, const char *name, struct err *e)
{
	struct buf what = BUF_INIT;
	int64_t version;
	int r;

	if (schema_check(db, name, e) < 0 ||
	    db_number(db, e, "PRAGMA user_version", 0, &version) < 0)
		return -1;
	if (version == 0)
		return err_set(e, ERR_CORRUPT, "'%s' is not a memkit database",
		    name);
	if (schema_migrate(db, name, e) < 0)
		return -1;
	if ((r = verify_schema(db, &what, e)) == 0)
		err_set(e, ERR_CORRUPT, "'%s' is not as memkit makes it: %s",
		    name, what.p);
	buf_release(&what);
	return r == 1 ? verify_pages(db, name, e) : -1;
}
