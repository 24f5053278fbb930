#define _GNU_SOURCE		/* F_OFD_SETLK; POSIX has it since 2024 */

#include "blob/artifact_lock.h"

#include "base/buf.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void
artifact_lock_close(struct artifact_lock *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static int
open_file(struct artifact_lock *l, const struct store *st, struct err *e)
{
	char *path = store_path(st, "artifact.lock");

	do
		l->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	while (l->fd < 0 && errno == EINTR);
	if (l->fd < 0)
		err_sys(e, "cannot open lock '%s'", path);
	free(path);
	return l->fd < 0 ? -1 : 0;
}

/* An open-file lock where the system has them: two in one process exclude each
 * other then, too. */
static int
set(int fd, short type, int64_t seq, int64_t n)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = (off_t)seq, .l_len = (off_t)n };
	int r = -1;

#ifdef F_OFD_SETLK
	r = fcntl(fd, F_OFD_SETLK, &l);
	if (r < 0 && errno == EINVAL)	/* not on this file system */
#endif
		r = fcntl(fd, F_SETLK, &l);
	return r;
}

int
artifact_lock_try(struct artifact_lock *l, const struct store *st,
    int64_t seq, int64_t n, struct err *e)
{
	if (l->fd < 0 && open_file(l, st, e) < 0)
		return -1;
	if (set(l->fd, F_WRLCK, seq, n) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 :
	    err_sys(e, "cannot lock an artifact");
}

void
artifact_lock_drop(struct artifact_lock *l, int64_t seq, int64_t n)
{
	if (l->fd >= 0)
		set(l->fd, F_UNLCK, seq, n);
}
