/*
 * Numbers of users, agents and knowledge bases.
 */
#include "store/store.h"

#include <string.h>

/* The two statements are literals, as db_prepare wants them. */
static int
intern(struct store *st, const char *select, const char *insert,
    const char *name, bool make, int64_t *id, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_prepare(st->db, select, e)) == NULL)
		return -1;
	db_text(q, ":name", name);
	r = db_row(q, e);
	*id = r == 1 ? db_get_int(q, 0) : 0;
	db_end(q);
	if (r != 0 || !make)
		return r < 0 ? -1 : 0;
	if ((q = db_prepare(st->db, insert, e)) == NULL)
		return -1;
	db_text(q, ":name", name);
	if (db_run(q, e) < 0)
		return -1;
	*id = db_last_id(st->db);
	return 0;
}

int
store_user(struct store *st, const char *name, bool make, int64_t *id,
    struct err *e)
{
	if (st->user_id != 0 && strcmp(name, st->user) == 0) {
		*id = st->user_id;
		return 0;
	}
	return intern(st, "SELECT id FROM user WHERE name = :name",
	    "INSERT INTO user (name) VALUES (:name)", name, make, id, e);
}

int
store_agent(struct store *st, const char *name, bool make, int64_t *id,
    struct err *e)
{
	return intern(st, "SELECT id FROM agent WHERE name = :name",
	    "INSERT INTO agent (name) VALUES (:name)", name, make, id, e);
}

int
store_kb(struct store *st, const char *name, bool make, int64_t *id,
    struct err *e)
{
	return intern(st, "SELECT id FROM kb WHERE name = :name",
	    "INSERT INTO kb (name) VALUES (:name)", name, make, id, e);
}

int
store_user_name(struct store *st, int64_t id, struct buf *out, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT name FROM user WHERE id = :id")) ==
	    NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1)
		buf_adds(out, db_get_text(q, 0));
	db_end(q);
	return r;
}
