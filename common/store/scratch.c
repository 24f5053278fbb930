/*
 * Beside each folder stands its lock, NAME.lock, made before the folder and
 * removed after it: whoever gets that lock knows that nobody works there.
 */
#include "store/scratch.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".lock"
#define TRIES 16

/* Remove what belongs to one lock file, unless somebody holds it. */
static void
sweep_one(const char *tmp, const char *name)
{
	struct err ignored;	/* what is in use, or not ours, stays */
	struct lock lock = LOCK_INIT;
	struct buf path = BUF_INIT;

	file_join(&path, tmp, name);
	if (lock_take(&lock, path.p, 0, &ignored) == 0) {
		path.p[path.len - strlen(SUFFIX)] = '\0';
		if (file_remove_tree(path.p, &ignored) == 0) {
			path.p[path.len - strlen(SUFFIX)] = SUFFIX[0];
			unlink(path.p);
		}
		lock_drop(&lock);
	}
	buf_release(&path);
}

/* "backup-0123456789abcdef.lock": nothing of somebody else. */
static bool
is_ours(const char *name)
{
	const char *p = strrchr(name, '-');

	return p != NULL && strspn(p + 1, "0123456789abcdef") == 16 &&
	    str_eq(p + 17, SUFFIX);
}

static void
sweep(const char *tmp)
{
	struct dirent *d;
	DIR *dir = opendir(tmp);

	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if (is_ours(d->d_name))
			sweep_one(tmp, d->d_name);
	closedir(dir);
}

static int
scratch_name(struct scratch *s, const char *tmp, const char *what,
    struct err *e)
{
	struct buf path = BUF_INIT;
	char hex[17];
	uint8_t r[8];

	if (random_bytes(r, sizeof r, e) < 0)
		return -1;
	hex_encode(hex, r, sizeof r);
	file_join(&path, tmp, what);
	buf_addf(&path, "-%s", hex);
	free(s->path);
	free(s->lock_path);
	s->path = xstrdup(path.p);
	buf_adds(&path, SUFFIX);
	s->lock_path = buf_steal(&path);
	return 0;
}

/* Between the making of its lock's file and the lock somebody who sweeps may
 * have it, for what was left over; then another name is taken. */
static int
scratch_make(struct scratch *s, const char *tmp, const char *what,
    struct err *e)
{
	int tries, r = -1;

	for (tries = 0; tries < TRIES; tries++)
		if (scratch_name(s, tmp, what, e) < 0 ||
		    (r = lock_take(&s->lock, s->lock_path, 0, e)) == 0 ||
		    e->code != ERR_BUSY)
			break;
	if (r < 0)
		return -1;
	if (mkdir(s->path, 0700) < 0)
		return err_sys(e, "cannot make folder '%s'", s->path);
	return 0;
}

int
scratch_open(struct scratch *out, const char *store_dir, const char *what,
    struct err *e)
{
	struct scratch s = SCRATCH_INIT;
	struct buf tmp = BUF_INIT;
	int r = -1;

	file_join(&tmp, store_dir, "tmp");
	if (file_mkdirs(tmp.p, 0700, e) == 0) {
		sweep(tmp.p);
		r = scratch_make(&s, tmp.p, what, e);
	}
	buf_release(&tmp);
	if (r < 0)
		scratch_close(&s);
	else
		*out = s;
	return r;
}

void
scratch_close(struct scratch *s)
{
	struct err ignored;	/* what stays, the next one removes */

	if (s->path != NULL && s->lock.fd >= 0 &&
	    file_remove_tree(s->path, &ignored) == 0)
		unlink(s->lock_path);
	lock_drop(&s->lock);
	free(s->path);
	free(s->lock_path);
	s->path = s->lock_path = NULL;
}
