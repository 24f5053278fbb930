/*
 * Locks.  An open-file lock (F_OFD_SETLK) belongs to the descriptor: two
 * in one process exclude each other, and closing another descriptor of the
 * file does not drop it.  Where there is none, the process lock of POSIX
 * does what it can.  The system does not say who has an open-file lock, so
 * the holder writes "pid host" into the file; that is for people, nothing
 * is decided by it.
 */
#define _GNU_SOURCE		/* F_OFD_SETLK; POSIX has it since 2024 */

#include "base/lock.h"

#include "base/date.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOST_MAX 255
#define NAP_FIRST_MS 1
#define NAP_MAX_MS 50

static void
nap(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);	/* a signal only makes us look earlier */
}

/* 1 taken, 0 somebody has it, -1 failed with errno. */
static int
lock_try(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int r = -1;

#ifdef F_OFD_SETLK
	r = fcntl(fd, F_OFD_SETLK, &l);
	if (r < 0 && errno == EINVAL)	/* not on this file system */
#endif
		r = fcntl(fd, F_SETLK, &l);
	if (r == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES || errno == EINTR ? 0 : -1;
}

/* Is this still the file of that name?  It may have been removed between
 * our open and our lock, and then somebody else locks another one. */
static bool
lock_same(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 &&
	    mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static void
lock_sign(int fd)
{
	char host[HOST_MAX + 1], text[HOST_MAX + 32];
	int n;

	if (gethostname(host, sizeof host) < 0)
		host[0] = '\0';
	host[HOST_MAX] = '\0';
	n = snprintf(text, sizeof text, "%ld %s\n", (long)getpid(), host);
	/* A full disk does not keep us from holding the lock. */
	if (pwrite(fd, text, (size_t)n, 0) < n)
		n = 0;
	(void)!ftruncate(fd, n);
}

/* What the holder wrote, if it looks like that. */
static int
lock_busy(int fd, const char *path, struct err *e)
{
	char text[HOST_MAX + 32];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	size_t digits, host;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 10 || text[digits] != ' ')
		return err_set(e, ERR_BUSY,
		    "'%s' is locked by another process; try again later", path);
	host = strspn(text + digits + 1, "0123456789-._"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return err_set(e, ERR_BUSY,
	    "'%s' is locked by process %.*s on '%.*s'; try again later", path,
	    (int)digits, text, (int)host, text + digits + 1);
}

/* One try on the file that has the name now.  1 held, 0 not, -1 failed;
 * *fd is open unless it failed. */
static int
lock_open(const char *path, int *fd, struct err *e)
{
	int r;

	do
		*fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	while (*fd < 0 && errno == EINTR);
	if (*fd < 0)
		return err_sys(e, "cannot open lock '%s'", path);
	if ((r = lock_try(*fd)) < 0) {
		err_sys(e, "cannot lock '%s'", path);
		close(*fd);
		return -1;
	}
	return r == 1 && lock_same(*fd, path);
}

int
lock_take(struct lock *l, const char *path, int wait_ms, struct err *e)
{
	int64_t until = date_monotonic() + wait_ms, left;
	int fd, r, pause_ms = NAP_FIRST_MS;

	while ((r = lock_open(path, &fd, e)) == 0) {
		left = until - date_monotonic();
		if (wait_ms >= 0 && left <= 0) {
			r = lock_busy(fd, path, e);
			close(fd);
			return r;
		}
		close(fd);
		if (wait_ms >= 0 && pause_ms > left)
			pause_ms = (int)left;
		nap(pause_ms);
		pause_ms = pause_ms * 2 < NAP_MAX_MS ? pause_ms * 2 :
		    NAP_MAX_MS;
	}
	if (r < 0)
		return -1;
	lock_sign(fd);
	l->fd = fd;
	return 0;
}

void
lock_drop(struct lock *l)
{
	if (l->fd < 0)
		return;
	/* The file stays: removing it would let two hold "the" lock. */
	(void)!ftruncate(l->fd, 0);
	close(l->fd);
	l->fd = -1;
}
