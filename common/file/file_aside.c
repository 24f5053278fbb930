#include "file/file_aside.h"

#include "file/file_dir.h"
#include "file/file_path.h"
#include "file/file_row.h"
#include "file/file_sealed.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Where the last part of a path ends and its extension begins. */
static const char *
extension(const char *part)
{
	const char *dot = strrchr(part, '.');

	return dot != NULL && dot != part && strlen(dot) <= 16 ? dot :
	    part + strlen(part);
}

void
file_aside_path(struct buf *b, const char *path, const char *who)
{
	const char *slash = strrchr(path, '/');
	const char *part = slash != NULL ? slash + 1 : path;
	const char *ext = extension(part);
	size_t stem = (size_t)(ext - part);
	size_t more = strlen(".conflict-") + strlen(who) + strlen(ext);

	while (stem > 1 && (stem + more > FILE_PART_MAX ||
	    (part[stem] & 0xc0) == 0x80))
		stem--;		/* not within a character */
	buf_add(b, path, (size_t)(part - path));
	buf_add(b, part, stem);
	buf_addf(b, ".conflict-%s%s", who, ext);
}

static int
move(struct file_dir *d, int area, const char *path, const char *to,
    struct err *e)
{
	const char *name, *last = strrchr(to, '/');
	struct stat sb;
	int dir;

	if ((dir = file_dir_parent(d, area, path, false, &name, e)) < 0)
		return e->code == ERR_ABSENT || e->code == ERR_EXISTS ? 0 : -1;
	last = last != NULL ? last + 1 : to;
	if (fstatat(dir, name, &sb, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(sb.st_mode) ||
	    fstatat(dir, last, &sb, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	/* the folder is locked: nobody of us makes it in between */
	if (renameat(dir, name, dir, last) < 0)
		return err_sys(e, "cannot move '%s' to '%s'", path, to);
	return 1;
}

/* The bytes stay where they are; another row has them. */
static int
move_rows(struct store *st, int64_t session, int area, const char *path,
    const char *to, struct err *e)
{
	struct file_row was, other;
	int r;

	if ((r = file_row_here(st, session, area, path, &was, e)) != 1 ||
	    was.removed || was.local != FILE_HERE || (r = file_row_last(st,
	    session, area, to, &other, e)) != 0)
		return r < 0 ? -1 : 0;
	if (file_row_set_local(st, was.seq, FILE_TRIMMED, e) < 0)
		return -1;
	was.path = to;
	was.s.base_ms = 0;
	return file_row_put(st, session, &was, e) < 0 ? -1 : 1;
}

static int
move_sealed(struct store *st, const char *user, const char *session, int area,
    const char *path, const char *to, struct err *e)
{
	int64_t owner, seq;

	if (store_user(st, user, false, &owner, e) < 0 ||
	    session_row_of(st, owner, session, false, &seq, e) < 0 ||
	    tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, move_rows(st, seq, area, path, to, e), e);
}

int
file_aside(struct store *st, const char *user, const char *session, int area,
    const char *path, const char *who, struct buf *to, struct err *e)
{
	struct file_dir d;
	struct err why;
	int r;

	buf_reset(to);
	file_aside_path(to, path, who);
	if (file_path_check(to->p, &why) < 0)
		return 0;
	if ((r = file_dir_open(&d, st, user, session, false, e)) == 1 &&
	    (r = file_dir_lock(&d, e)) == 0 && (r = file_sealed(st, e)) >= 0)
		r = r == 1 ? move_sealed(st, user, session, area, path, to->p,
		    e) : move(&d, area, path, to->p, e);
	file_dir_close(&d);
	return r;
}
