/*
 * The folder of a store, and the file in it that says what it is.
 */
#include "store/store_own.h"

#include "base/date.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/ulid.h"
#include "store/access.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define ROOM_KB 512		/* that an empty store takes, and its log */

int
store_free_folder(const char *path)
{
	struct dirent *d;
	DIR *dir = opendir(path);
	int empty = 1;

	if (dir == NULL)
		return errno == ENOENT;
	while (empty && (d = readdir(dir)) != NULL)
		/* A first writer that was killed leaves the lock, and the
		 * marker under its temporary name, a restore the folder tmp;
		 * a file system of its own is born with lost+found. */
		empty = strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0 ||
		    strcmp(d->d_name, "lock") == 0 ||
		    strcmp(d->d_name, "tmp") == 0 ||
		    strcmp(d->d_name, "lost+found") == 0 ||
		    strncmp(d->d_name, ".tmp-", 5) == 0;
	closedir(dir);
	return empty;
}

int
store_marker_read(struct store *st, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	uint8_t id[ULID_BYTES];
	char name[27] = "";
	int format = 0, r = -1;

	if (buf_read_file(&b, path, 4096, e) == 0) {
		if (sscanf(b.p, "memkit %d %26s", &format, name) < 1)
			err_set(e, ERR_CORRUPT, "'%s' does not say that '%s' "
			    "is a store", path, st->dir);
		else if (format > STORE_FORMAT_ACCESS)
			err_set(e, ERR_VERSION, "store '%s' was made by a "
			    "newer memkit (format %d, this is %d); upgrade "
			    "memkit", st->dir, format, STORE_FORMAT_ACCESS);
		else if (format < 1 || !ulid_parse(name, id))
			err_set(e, ERR_CORRUPT, "'%s' is damaged; restore it "
			    "from a backup", path);
		else
			r = 0;
	}
	if (r == 0) {
		memcpy(st->id, name, sizeof st->id);
		st->format = format;
	}
	buf_release(&b);
	return r;
}

static int
marker_of(struct store *st, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	file_join(&path, st->dir, "memkit");
	r = store_marker_read(st, path.p, e);
	if (r < 0 && e->code == ERR_ABSENT)
		err_set(e, ERR_ABSENT, "no store at '%s'; make one with "
		    "mem-admin init, or name another with --store", st->dir);
	buf_release(&path);
	return r;
}

int
store_id(const char *dir, char id[27], struct err *e)
{
	struct store st = { .dir = (char *)dir };
	int r = marker_of(&st, e);

	if (r == 0)
		memcpy(id, st.id, sizeof st.id);
	return r;
}

int
store_guarded(const char *dir, struct err *e)
{
	struct store st = { .dir = (char *)dir };

	return marker_of(&st, e) < 0 ? -1 : st.format == STORE_FORMAT_ACCESS;
}

static int
marker_write(const struct store *st, const char *path, int format,
    struct err *e)
{
	char line[64];
	int n;

	n = snprintf(line, sizeof line, "memkit %d %s\n", format, st->id);
	return file_replace(path, line, (size_t)n, e);
}

static int
marker_make(struct store *st, const char *path, struct err *e)
{
	uint8_t rest[10];

	if (random_bytes(rest, sizeof rest, e) < 0)
		return -1;
	ulid_format(st->id, date_real(), rest);
	st->format = STORE_FORMAT;
	return marker_write(st, path, st->format, e);
}

int
store_folder_foreign(const struct store *st, struct err *e)
{
	struct stat sb;
	DIR *dir;

	if (stat(st->dir, &sb) == 0 && !S_ISDIR(sb.st_mode))
		return err_set(e, ERR_EXISTS, "'%s' is not a folder", st->dir);
	if ((dir = opendir(st->dir)) == NULL)
		return err_sys(e, "cannot open '%s'", st->dir);
	closedir(dir);
	return err_set(e, ERR_EXISTS, "'%s' holds other things and is no "
	    "store; name an empty or a new folder", st->dir);
}

/* A disk too full for an empty store says so before the half of one is
 * made. */
static int
folder_has_room(const struct store *st, struct err *e)
{
	struct statvfs v;
	int64_t free_kb;

	if (statvfs(st->dir, &v) < 0)
		return 0;	/* writing will tell */
	free_kb = (int64_t)v.f_bavail * (int64_t)v.f_frsize / 1024;
	if (free_kb >= ROOM_KB)
		return 0;
	return err_set(e, ERR_SYS, "cannot make a store in '%s': no space "
	    "left on device: %" PRId64 " KiB free, about %d KiB needed",
	    st->dir, free_kb, ROOM_KB);
}

int
store_folder_make(struct store *st, const char *marker, struct err *e)
{
	if (!store_free_folder(st->dir))
		return store_folder_foreign(st, e);
	if (folder_has_room(st, e) < 0)
		return -1;
	return marker_make(st, marker, e);
}

int
store_guard(struct store *st, int (*make)(void *, struct err *), void *arg,
    struct err *e)
{
	struct lock lock = LOCK_INIT;
	struct buf path = BUF_INIT;
	int r;

	file_join(&path, st->dir, "lock");
	r = lock_take(&lock, path.p, STORE_BUSY_MS, e);
	buf_release(&path);
	file_join(&path, st->dir, "memkit");
	if (r == 0)
		r = store_marker_read(st, path.p, e);
	if (r == 0 && st->format == STORE_FORMAT_ACCESS &&
	    st->access->owner)
		r = err_set(e, ERR_BUSY, "somebody else gave this store its "
		    "first credential just now; try again with it");
	if (r == 0)
		r = make(arg, e);
	if (r == 0 && st->format != STORE_FORMAT_ACCESS)
		r = marker_write(st, path.p, STORE_FORMAT_ACCESS, e);
	lock_drop(&lock);
	buf_release(&path);
	return r;
}
