#include "file/file_area.h"

#include "base/file.h"
#include "file/file_dir.h"
#include "file/file_path.h"
#include "file/file_sealed.h"
#include "memory/tombstone.h"
#include "memory/session.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <stdlib.h>

static int
session_make(struct store *st, const char *id, int64_t *seq, struct err *e)
{
	int r = tombstone_has_session(st, st->user_id, id, e);

	if (r == 1)
		return err_set(e, ERR_DENIED, "session '%s' was forgotten, and "
		    "stays so; take another name", id);
	if (r < 0 || session_row(st, id, true, seq, e) < 0)
		return -1;
	return change_push(st, CHANGE_SESSION, *seq, e);
}

int
file_session(struct store *st, const char *id, int64_t *seq, struct err *e)
{
	struct err ignored;	/* whoever needs the number asks again */
	int r;

	if (name_check("the session's name", id, e) < 0 ||
	    session_row(st, id, false, seq, e) < 0)
		return -1;
	if (*seq != 0)
		return 0;
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = session_make(st, id, seq, e)) >= 0 &&
	    audit_add(st, "write", id, "a session is made", e) < 0)
		r = -1;
	if ((r = tx_end(st->db, r, e)) < 0) {
		/* Our user may have been new in it. */
		st->user_id = 0;
		store_user(st, st->user, false, &st->user_id, &ignored);
	}
	return r;
}

int
file_place(struct store *st, const char *session, int area, const char *path,
    struct buf *out, struct err *e)
{
	struct file_dir d;
	const char *name;
	int64_t seq;
	int r;

	if (file_sealed_refuse(st, e) < 0 ||
	    (path != NULL && file_path_check(path, e) < 0) ||
	    file_session(st, session, &seq, e) < 0)
		return -1;
	r = file_dir_open(&d, st, st->user, session, true, e);
	if (r == 1 && area >= 0 && file_dir_parent(&d, area, path != NULL ?
	    path : "", true, &name, e) < 0)
		r = -1;
	if (r == 1)
		r = file_dir_name(&d, area, path, out, e);
	file_dir_close(&d);
	return r < 0 ? -1 : 0;
}

static int
remove_folder(struct store *st, const char *user, const char *session,
    struct err *e)
{
	struct file_dir d;
	int r = file_dir_open(&d, st, user, session, false, e);

	if (r == 1)
		r = file_remove_tree(d.path.p, e);
	file_dir_close(&d);
	return r;
}

/* All indexes of a user: nothing tells them which of his nodes and facts are
 * no more.  (What indexed_dir says would bring with it all that indexes
 * need.) */
static int
remove_indexes(struct store *st, const char *user, struct err *e)
{
	static const char *const kinds[] = { "user", "toc", "grip", "own-fact",
	    "artifact", "graph", NULL };
	struct buf name = BUF_INIT;
	char *dir;
	int i, r = 0;

	for (i = 0; r == 0 && kinds[i] != NULL; i++) {
		buf_reset(&name);
		buf_addf(&name, "index/%s/", kinds[i]);
		name_encode(&name, user);
		dir = store_path(st, name.p);
		r = file_remove_tree(dir, e);
		free(dir);
	}
	buf_release(&name);
	return r;
}

int
file_forget(struct store *st, int64_t after, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT u.name, t.id, t.target "
	    "FROM tombstone t JOIN user u ON u.id = t.user "
	    "WHERE t.seq > :after AND t.target IN (2, 5)")) == NULL)
		return -1;
	db_int(q, ":after", after);
	while ((r = db_row(q, e)) == 1)
		if ((r = db_get_int(q, 2) == 5 ? remove_indexes(st,
		    db_get_text(q, 0), e) : remove_folder(st,
		    db_get_text(q, 0), db_get_text(q, 1), e)) < 0)
			break;
	db_end(q);
	return r;
}

int
file_forgotten(struct store *st, int64_t *seq, struct err *e)
{
	struct file_dir d;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT t.seq, u.name, t.id FROM "
	    "tombstone t JOIN user u ON u.id = t.user WHERE t.target = 2")) ==
	    NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		*seq = db_get_int(q, 0);
		r = file_dir_open(&d, st, db_get_text(q, 1), db_get_text(q, 2),
		    false, e);
		file_dir_close(&d);
		if (r != 0)
			break;
	}
	db_end(q);
	return r;
}
