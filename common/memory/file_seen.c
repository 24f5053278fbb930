#include "memory/file_seen.h"

#include "memory/file_dir.h"
#include "memory/file_path.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* One that is swapped for a FIFO or a link meanwhile is none that is read. */
static int
open_file(struct file_dir *d, int area, const char *path, struct err *e)
{
	const char *name;
	struct stat sb;
	int at, fd;

	if ((at = file_dir_parent(d, area, path, false, &name, e)) < 0)
		return -1;
	while ((fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "no file '%s/%s'",
		    file_areas[area], path);
	if (fd < 0 && errno != ELOOP && errno != EMLINK)
		return err_sys(e, "cannot open '%s/%s'", file_areas[area],
		    path);
	if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return err_set(e, ERR_DENIED, "'%s/%s' is no file",
	    file_areas[area], path);
}

int
file_seen_open(struct store *st, const struct file_owner *o, int area,
    const char *path, struct err *e)
{
	struct file_dir d;
	int fd = -1, r;

	if (file_path_check(path, e) < 0)
		return -1;
	r = file_dir_open(&d, st, o->user, o->session, false, e);
	if (r == 0)
		err_set(e, ERR_ABSENT, "no file '%s/%s'", file_areas[area],
		    path);
	if (r == 1 && (fd = open_file(&d, area, path, e)) < 0 &&
	    e->code == ERR_ABSENT)
		err_set(e, ERR_ABSENT, "no file '%s/%s'", file_areas[area],
		    path);
	file_dir_close(&d);
	return fd;
}

int
file_seen_place(struct store *st, const struct file_owner *o, int area,
    const char *path, struct buf *out, struct err *e)
{
	struct file_dir d;
	int r;

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
