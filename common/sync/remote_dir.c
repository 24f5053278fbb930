/*
 * A remote in a folder, on a disk or on NFS; anybody's tools can read it.
 *
 * The folder was opened once; all else is reached from there part by part,
 * never through a symbolic link, so that nobody who can write below it leads
 * us out of it.  Operations are done one after the other, in remote_step:
 * what they wait for is the disk, and several would wait no shorter.
 */
#include "sync/remote_dir.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define PIECE ((size_t)256 << 10)
#define LOOK_MS 100		/* how often we look whether to stop */

/* --- errors, the disk -------------------------------------------------- */

int
remote_dir_fail(struct err *e, const char *doing, const char *key)
{
	err_sys(e, "cannot %s '%.200s'", doing, key);
	switch (errno) {
	case ENOENT:
		e->code = ERR_ABSENT;
		break;
	case ELOOP:
	case ENOTDIR:
	case EISDIR:
		/* Linux says ENOTDIR of a link where a folder must be */
		e->code = ERR_DENIED;
		break;
	case EACCES:
	case EPERM:
	case EROFS:
		e->code = ERR_DENIED;
		break;
	case ESTALE:		/* somebody replaced it while we read (NFS) */
		e->code = ERR_BUSY;
		break;
	default:
		break;
	}
	return -1;
}

/* Some file systems know no fsync of a folder; nothing to be done. */
int
remote_dir_sync(int fd)
{
	int r;

	while ((r = fsync(fd)) < 0 && errno == EINTR)
		;
	return r < 0 && (errno == EINVAL || errno == ENOTSUP) ? 0 : r;
}

static bool
stopped(const struct remote *r)
{
	return r->stop != NULL && *r->stop;
}

int
remote_dir_pace(struct remote *r, struct pace *p, size_t n, struct err *e)
{
	struct timespec t;
	int ms;

	while (!stopped(r) && (ms = pace_wait_ms(p)) > 0) {
		if (ms > LOOK_MS)
			ms = LOOK_MS;
		t.tv_sec = 0;
		t.tv_nsec = ms * 1000000L;
		nanosleep(&t, NULL);
	}
	pace_spend(p, n);
	return stopped(r) ? err_set(e, ERR_BUSY, "interrupted") : 0;
}

int64_t
remote_dir_time(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 +
	    st->st_mtim.tv_nsec / 1000000;
}

int
remote_dir_temp(char out[REMOTE_DIR_TEMP], struct err *e)
{
	uint8_t r[12];
	char hex[2 * sizeof r + 1];

	if (random_bytes(r, sizeof r, e) < 0)
		return -1;
	hex_encode(hex, r, sizeof r);
	snprintf(out, REMOTE_DIR_TEMP, REMOTE_TEMP "%s", hex);
	return 0;
}

/* --- where it is ------------------------------------------------------- */

/* A new folder is on the disk with its parent, or what is put into it could
 * go with it in a power cut. */
static int
enter(int dir, const char *part, bool make)
{
	int fd = openat(dir, part, DIR_FLAGS);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	if (mkdirat(dir, part, 0700) < 0 && errno != EEXIST)
		return -1;
	if (remote_dir_sync(dir) < 0)
		return -1;
	return openat(dir, part, DIR_FLAGS);
}

int
remote_dir_open(const struct remote *r, const char *folder, size_t len,
    bool make, struct err *e)
{
	const struct remote_dir *own = r->own;
	const char *at = folder, *end = folder + len;
	char part[S3_PART_MAX + 1];
	int fd = openat(own->top, ".", DIR_FLAGS), next;
	size_t n;

	while (fd >= 0 && at < end) {
		n = strcspn(at, "/");
		if (n > (size_t)(end - at))
			n = (size_t)(end - at);
		memcpy(part, at, n);
		part[n] = '\0';
		next = enter(fd, part, make);
		close(fd);
		fd = next;
		at += n + 1;
	}
	return fd >= 0 ? fd : remote_dir_fail(e, "open the folder of", folder);
}

int
remote_dir_of(const struct remote *r, const char *key, bool make,
    const char **name, struct err *e)
{
	const char *slash = strrchr(key, '/');

	*name = slash == NULL ? key : slash + 1;
	return remote_dir_open(r, key, slash == NULL ? 0 :
	    (size_t)(slash - key), make, e);
}

/* Not to wait for who might open the other end of a pipe: O_NONBLOCK. */
int
remote_dir_file(int dir, const char *name, const char *key, struct err *e)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);

	if (fd < 0)
		return remote_dir_fail(e, "open", key);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(e, ERR_INPUT, "'%.200s' is no file", key);
}

/* --- operations -------------------------------------------------------- */

static void
start(struct remote *r, struct remote_op *op)
{
	struct remote_dir *own = r->own;

	*own->last = op;
	own->last = &op->next;
}

static int
run(struct remote *r, struct remote_op *op)
{
	struct err *e = &op->err;
	void *p = op;

	switch (op->what) {
	case REMOTE_PUT:
		return remote_dir_put(r, p, e);
	case REMOTE_GET:
		return remote_dir_get(r, p, e);
	case REMOTE_HEAD:
		return remote_dir_head(r, p, e);
	case REMOTE_LIST:
		return remote_dir_list(r, p, e);
	case REMOTE_DELETE:
		break;
	}
	return remote_dir_delete(r, p, e);
}

/* The first of those that wait is no longer among them. */
static struct remote_op *
take_first(struct remote_dir *own)
{
	struct remote_op *op = own->first;

	if (op != NULL && (own->first = op->next) == NULL)
		own->last = &own->first;
	return op;
}

static int
step(struct remote *r, int wait_ms, struct err *e)
{
	struct remote_op *op;

	(void)wait_ms;		/* there is always something to do */
	if (stopped(r))
		return err_set(e, ERR_BUSY, "interrupted");
	if ((op = take_first(r->own)) == NULL)
		return 0;
	op->r = run(r, op);
	remote_done(op);
	return 0;
}

static void
drop(struct remote *r, struct remote_op *op)
{
	struct remote_dir *own = r->own;
	struct remote_op **p = &own->first;

	while (*p != NULL && *p != op)
		p = &(*p)->next;
	if (*p == op && (*p = op->next) == NULL)
		own->last = p;
}

/* --- opening ----------------------------------------------------------- */

static int
open_dir(struct remote *r, struct err *e)
{
	struct remote_dir *own = xcalloc(1, sizeof *own);

	own->last = &own->first;
	pace_init(&own->up, r->conf.s3.limit);
	pace_init(&own->down, r->conf.s3.limit);
	own->piece = pace_piece(&own->up) < PIECE ? pace_piece(&own->up) :
	    PIECE;
	own->room = xmalloc(own->piece);
	r->own = own;
	/* the last part may be a link: the user named it */
	own->top = open(r->conf.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own->top >= 0)
		return 0;
	if (errno == ENOENT)
		return err_set(e, ERR_ABSENT, "the folder '%s' is not there: "
		    "mount it, or make it (mkdir)", r->conf.path);
	return err_sys(e, "cannot open the folder '%s'", r->conf.path);
}

static void
close_dir(struct remote *r)
{
	struct remote_dir *own = r->own;

	if (own == NULL)
		return;
	if (own->top >= 0)
		close(own->top);
	free(own->room);
	free(own);
}

const struct remote_kind remote_dir = {
	.can = { .kind = "folder" },
	.open = open_dir, .close = close_dir, .start = start, .step = step,
	.drop = drop, .sweep = remote_dir_sweep
};
