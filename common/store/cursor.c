#include "store/cursor.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

/* Columns as all queries below list them. */
static void
cursor_read(struct db_query *q, struct cursor *c)
{
	const char *hash = db_get_text(q, 2);

	c->offset = db_get_int(q, 1);
	snprintf(c->prefix_hash, sizeof c->prefix_hash, "%s",
	    hash != NULL ? hash : "");
	c->inode = db_get_int(q, 3);
	c->size = db_get_int(q, 4);
	c->state = db_dup(q, 5);
}

void
cursor_release(struct cursor *c)
{
	free(c->state);
	c->state = NULL;
}

int
cursor_get(struct store *st, const char *source, struct cursor *out,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT source, off, prefix_hash, inode, "
	    "size, " OPEN_CURSOR " FROM cursor WHERE user = :user "
	    "AND source = :source")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":source", source);
	if ((r = db_row(q, e)) == 1)
		cursor_read(q, out);
	db_end(q);
	return r;
}

int
cursor_put(struct store *st, const char *source, const struct cursor *c,
    struct err *e)
{
	struct db_query *q;

	if (store_user(st, st->user, true, &st->user_id, e) < 0 ||
	    (q = db_sql(st->db, e, "INSERT INTO cursor (user, source, off, "
	    "prefix_hash, inode, size, state, saved) VALUES (:user, :source, "
	    ":off, :hash, :inode, :size, " SEAL_CURSOR ", :now) "
	    "ON CONFLICT (user, "
	    "source) DO UPDATE SET off = :off, prefix_hash = :hash, "
	    "inode = :inode, size = :size, state = excluded.state, "
	    "saved = :now"))
	    == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":source", source);
	db_int(q, ":off", c->offset);
	db_text(q, ":hash", c->prefix_hash);
	db_int(q, ":inode", c->inode);
	db_int(q, ":size", c->size);
	db_text(q, ":state", c->state);
	db_int(q, ":now", date_real());
	return db_run(q, e);
}

int
cursor_each(struct store *st, int (*fn)(void *, const char *,
    const struct cursor *), void *arg, struct err *e)
{
	struct cursor c;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT source, off, prefix_hash, inode, "
	    "size, " OPEN_CURSOR " FROM cursor WHERE user = :user "
	    "ORDER BY source")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1) {
		cursor_read(q, &c);
		r = fn(arg, db_get_text(q, 0), &c);
		cursor_release(&c);
		if (r != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}
