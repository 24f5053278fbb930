#include "file/file_seen.h"

#include "file/file_dir.h"
#include "file/file_path.h"
#include "file/file_row.h"
#include "file/file_sealed.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 10

void
file_owner_release(struct file_owner *o)
{
	free(o->user);
	free(o->session);
	memset(o, 0, sizeof *o);
}

static int
read_owner(struct store *st, int64_t session, struct file_owner *o,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT u.name, s.name FROM session s "
	    "JOIN user u ON u.id = s.user WHERE s.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", session);
	if ((r = db_row(q, e)) == 1) {
		o->user = db_dup(q, 0);
		o->session = db_dup(q, 1);
	}
	db_end(q);
	return r;
}

int
file_seen(struct store *st, const char *name, struct file_owner *o,
    struct err *e)
{
	struct session_refs refs = { 0 };
	const struct graft *by;
	size_t i;
	int r = session_seen(st, name, &refs, e), found = 0;

	memset(o, 0, sizeof *o);
	for (i = 0; r == 0 && !found && i < refs.n; i++) {
		if (access_session(st, GRAFT_FILE, refs.v[i].user,
		    refs.v[i].seq, &by) != 1)
			continue;
		if (by != NULL) {
			memcpy(o->graft, by->id, sizeof by->id);
			access_shown(st, refs.v[i].seq, by->id);
		}
		if ((r = read_owner(st, refs.v[i].seq, o, e)) == 1) {
			found = 1;
			r = 0;
		}
	}
	session_refs_release(&refs);
	return r < 0 ? -1 : found;
}

/* What of it is here: in a sealed tenant the rows tell. */
static int
find_row(struct store *st, const struct file_owner *o, struct file_row *f,
    struct err *e)
{
	const char *path = f->path;
	int64_t owner, session;
	int r;

	if ((r = file_sealed(st, e)) != 1)
		return r < 0 ? -1 : 1;
	if (store_user(st, o->user, false, &owner, e) < 0 ||
	    session_row_of(st, owner, o->session, false, &session, e) < 0)
		return -1;
	r = file_row_here(st, session, f->area, path, f, e);
	return r == 1 ? !f->removed && f->local == FILE_HERE : r;
}

int
file_seen_open(struct store *st, const struct file_owner *o, int area,
    const char *path, struct file_bytes **out, struct err *e)
{
	struct file_row f = { .area = area, .path = path };
	struct file_dir d;
	int r, tries = 0;

	if (file_path_check(path, e) < 0)
		return -1;
	file_dir_init(&d);
	if ((r = find_row(st, o, &f, e)) == 1 &&
	    (r = file_dir_open(&d, st, o->user, o->session, false, e)) == 1) {
		/* a sealed one that is replaced meanwhile goes, and its row
		 * says what came */
		while ((r = file_bytes_open(out, st, &d, &f, e)) == 0 &&
		    f.key != 0 && tries++ < TRIES &&
		    (r = find_row(st, o, &f, e)) == 1)
			;
	}
	file_dir_close(&d);
	return r;
}

int
file_seen_place(struct store *st, const struct file_owner *o, int area,
    const char *path, struct buf *out, struct err *e)
{
	struct file_dir d;
	int r;

	if (file_sealed_refuse(st, e) < 0)
		return -1;
	if (!st->access->owner)
		return err_set(e, ERR_DENIED, "files of others are read by "
		    "mem-session content, wherever they are");
	if (path != NULL && file_path_check(path, e) < 0)
		return -1;
	r = file_dir_open(&d, st, o->user, o->session, false, e);
	if (r == 0)
		r = err_set(e, ERR_ABSENT, "the session has no files");
	if (r == 1)
		r = file_dir_name(&d, area, path, out, e);
	file_dir_close(&d);
	return r < 0 ? -1 : 0;
}
