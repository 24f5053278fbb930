#include "store/node.h"

#include "base/date.h"
#include "base/hash.h"
#include "store/change.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static int
name_put(struct db *db, struct err *e)
{
	char name[ULID_LEN + 1];
	struct db_query *q;
	uint8_t rest[10];

	if (random_bytes(rest, sizeof rest, e) < 0)
		return -1;
	ulid_format(name, date_real(), rest);
	if ((q = db_sql(db, e, "INSERT OR REPLACE INTO meta (name, value) "
	    "VALUES ('node', :name)")) == NULL)
		return -1;
	db_text(q, ":name", name);
	return db_run(q, e);
}

int
node_first(struct db *db, struct err *e)
{
	char name[ULID_LEN + 1] = "";
	struct db_query *q;
	int r = -1;

	if (name_put(db, e) < 0 || (q = db_sql(db, e, "SELECT value FROM meta "
	    "WHERE name = 'node'")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1)
		memcpy(name, db_get_text(q, 0), sizeof name);
	db_end(q);
	/* what an older version wrote */
	if (r < 0 || (q = db_sql(db, e, "UPDATE variable SET node = :node")) ==
	    NULL)
		return -1;
	db_int(q, ":node", node_number_of(name));
	if (db_run(q, e) < 0 || (q = db_sql(db, e, "UPDATE record SET "
	    "node = :node")) == NULL)
		return -1;
	db_int(q, ":node", node_number_of(name));
	if (db_run(q, e) < 0 || (q = db_sql(db, e, "UPDATE decision SET "
	    "node = :node")) == NULL)
		return -1;
	db_int(q, ":node", node_number_of(name));
	return db_run(q, e);
}

int
node_name_in(struct db *db, char name[ULID_LEN + 1], struct err *e)
{
	uint8_t id[ULID_BYTES];
	const char *s;
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT value FROM meta "
	    "WHERE name = 'node'")) == NULL)
		return -1;
	r = db_row(q, e);
	s = r == 1 ? db_get_text(q, 0) : NULL;
	if (r >= 0 && (s == NULL || !ulid_parse(s, id)))
		r = err_set(e, ERR_CORRUPT, "'node' in the table meta is no "
		    "name of a node; restore a backup");
	if (r == 1)
		ulid_from_bytes(name, id);
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
node_name(struct store *st, char name[ULID_LEN + 1], struct err *e)
{
	return node_name_in(st->db, name, e);
}

int64_t
node_number_of(const char *name)
{
	uint8_t id[ULID_BYTES];
	uint64_t v = 0;
	int i;

	if (!ulid_parse(name, id))
		return 0;
	for (i = 8; i < ULID_BYTES; i++)
		v = v << 8 | id[i];
	return (int64_t)(v >> 1);
}

int
node_number(struct store *st, int64_t *number, struct err *e)
{
	char name[ULID_LEN + 1];

	if (st->node == 0) {
		if (node_name(st, name, e) < 0)
			return -1;
		st->node = node_number_of(name);
	}
	*number = st->node;
	return 0;
}

/* --- what came from others --------------------------------------------- */

int
node_upto(struct store *st, const char *name, int64_t *upto, struct err *e)
{
	char own[ULID_LEN + 1];
	struct db_query *q;

	*upto = 0;
	if (node_name(st, own, e) < 0)
		return -1;
	if (strcmp(own, name) == 0)
		return change_last(st, upto, e);
	if ((q = db_sql(st->db, e, "SELECT max(upto) FROM origin "
	    "WHERE node = :node")) == NULL)
		return -1;
	db_text(q, ":node", name);
	return db_first(q, upto, e) < 0 ? -1 : 0;
}

int
node_each_in(struct db *db, int (*fn)(void *, const char *, int64_t),
    void *arg, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT node, max(upto) FROM origin "
	    "GROUP BY node UNION ALL SELECT value, ifnull((SELECT max(seq) "
	    "FROM change), 0) FROM meta WHERE name = 'node' ORDER BY 1"))
	    == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if ((r = fn(arg, db_get_text(q, 0), db_get_int(q, 1))) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
node_each(struct store *st, int (*fn)(void *, const char *, int64_t),
    void *arg, struct err *e)
{
	return node_each_in(st->db, fn, arg, e);
}

int
node_came(struct store *st, const char *name, int64_t upto, int64_t first,
    int64_t last, struct err *e)
{
	struct db_query *q;

	/* what one node sent in several pieces is one range */
	if ((q = db_sql(st->db, e, "UPDATE origin SET last = :last, "
	    "upto = :upto WHERE last = :before AND node = :node "
	    "AND own = 0")) == NULL)
		return -1;
	db_int(q, ":last", last);
	db_int(q, ":upto", upto);
	db_int(q, ":before", first - 1);
	db_text(q, ":node", name);
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(st->db) > 0)
		return 0;
	if ((q = db_sql(st->db, e, "INSERT INTO origin (last, first, node, "
	    "upto) VALUES (:last, :first, :node, :upto)")) == NULL)
		return -1;
	db_int(q, ":last", last);
	db_int(q, ":first", first);
	db_text(q, ":node", name);
	db_int(q, ":upto", upto);
	return db_run(q, e);
}

int
node_own_after(struct store *st, int64_t after, int64_t *own, struct err *e)
{
	struct db_query *q;
	int r;

	*own = after + 1;
	do {
		if ((q = db_sql(st->db, e, "SELECT last + 1 FROM (SELECT "
		    "first, last FROM origin WHERE last >= :seq ORDER BY last "
		    "LIMIT 1) WHERE first <= :seq")) == NULL)
			return -1;
		db_int(q, ":seq", *own);
		r = db_first(q, own, e);
	} while (r == 1);
	return r;
}

/* --- a copy that goes on by itself ------------------------------------- */

/* [first, last] is of the node that this copy was. */
static int
give_name(struct store *st, const char *name, int64_t first, int64_t last,
    int64_t upto, bool own, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO origin (last, first, node, "
	    "upto, own) VALUES (:last, :first, :node, :upto, :own)")) == NULL)
		return -1;
	db_int(q, ":last", last);
	db_int(q, ":first", first);
	db_text(q, ":node", name);
	db_int(q, ":upto", upto);
	db_int(q, ":own", own);
	return db_run(q, e);
}

/* All that is between the ranges of others, up to the newest. */
static int
name_own(struct store *st, const char *name, int64_t newest, struct err *e)
{
	struct db_query *q;
	int64_t own, next, end = 0;

	for (;;) {
		if (node_own_after(st, end, &own, e) < 0)
			return -1;
		if (own > newest)
			return 0;
		next = newest + 1;
		if ((q = db_sql(st->db, e, "SELECT min(first) FROM origin "
		    "WHERE first > :own HAVING count(*) > 0")) == NULL)
			return -1;
		db_int(q, ":own", own);
		if (db_first(q, &next, e) < 0)
			return -1;
		end = next - 1 < newest ? next - 1 : newest;
		if (give_name(st, name, own, end, end, true, e) < 0)
			return -1;
	}
}

static int
renew(struct store *st, int64_t upto, struct err *e)
{
	char name[ULID_LEN + 1];
	int64_t last;

	if (node_name(st, name, e) < 0 || change_last(st, &last, e) < 0)
		return -1;
	if (upto > last)
		upto = last;
	/* a change by which it is known how far that one is here */
	if (upto > 0 && (name_own(st, name, upto, e) < 0 ||
	    change_push(st, CHANGE_SEGMENT, 0, e) < 0 ||
	    give_name(st, name, last + 1, last + 1, upto, false, e) < 0))
		return -1;
	return name_put(st->db, e);
}

int
node_renew(struct store *st, int64_t upto, struct err *e)
{
	if (tx_begin(st->db, e) < 0)
		return -1;
	st->node = 0;
	return tx_end(st->db, renew(st, upto, e), e);
}

int
node_formers(struct store *st, struct strv *names, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT DISTINCT node FROM origin "
	    "WHERE own = 1 ORDER BY node")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		strv_add(names, db_get_text(q, 0));
	db_end(q);
	return r;
}

int
node_former_after(struct store *st, const char *name, int64_t after,
    int64_t *seq, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT max(first, :after + 1) FROM origin "
	    "WHERE last > :after AND node = :node AND own = 1 ORDER BY last "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":after", after);
	db_text(q, ":node", name);
	return db_first(q, seq, e);
}
