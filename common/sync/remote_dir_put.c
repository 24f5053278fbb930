/*
 * A put: a temporary file beside the object, on the disk before it gets its
 * name by rename(2), or by link(2) where nothing may be replaced.  Both are
 * done at once for everybody, over NFS too.  There the answer of either may
 * be lost, and the one that is asked again says that the name is taken, or
 * the temporary one gone: so what counts is whose inode the name has.
 *
 * open(2) with O_EXCL would make the name first and the bytes later.
 */
#include "sync/remote_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRIES 10	/* of a put whose folder others delete */

/* --- the bytes --------------------------------------------------------- */

/* Up to n bytes of a body; 0: it is shorter than it was. */
static ssize_t
read_body(const struct remote_body *b, char *to, size_t n, uint64_t at)
{
	ssize_t got;

	if (b->mem != NULL) {
		memcpy(to, (const char *)b->mem + at, n);
		return (ssize_t)n;
	}
	while ((got = pread(b->fd, to, n, (off_t)(b->from + at))) < 0 &&
	    errno == EINTR)
		;
	return got;
}

static int
write_all(int fd, const char *p, size_t n, const char *key, struct err *e)
{
	ssize_t done;

	for (; n > 0; p += done, n -= (size_t)done) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done == 0)
			errno = EIO;
		if (done < 0 || (done == 0 && errno == EIO))
			return remote_dir_fail(e, "write", key);
	}
	return 0;
}

static int
write_body(struct remote *r, int fd, const struct remote_put *p,
    uint8_t sum[HASH_LEN], struct err *e)
{
	const struct remote_body *b = &p->body;
	const char *name = b->name != NULL ? b->name : p->key;
	struct remote_dir *own = r->own;
	uint64_t at = 0;
	struct hash h;
	ssize_t n;

	hash_init(&h);
	while (at < b->len) {
		n = read_body(b, own->room, b->len - at < own->piece ?
		    (size_t)(b->len - at) : own->piece, at);
		if (n < 0)
			return err_sys(e, "cannot read '%.200s'", name);
		if (n == 0)
			return err_set(e, ERR_INPUT, "'%.200s' is shorter than "
			    "it was", name);
		if (remote_dir_pace(r, &own->up, (size_t)n, e) < 0 ||
		    write_all(fd, own->room, (size_t)n, p->key, e) < 0)
			return -1;
		hash_add(&h, own->room, (size_t)n);
		at += (uint64_t)n;
	}
	hash_end(&h, sum);
	if (p->sha256 != NULL && memcmp(sum, p->sha256, HASH_LEN) != 0)
		return err_set(e, ERR_INPUT, "'%.200s' is not what it was when "
		    "its SHA-256 was taken", name);
	return 0;
}

/* *ours: which file it is.  Nothing is left of one that failed. */
static int
write_temp(struct remote *r, int dir, const char *temp,
    const struct remote_put *p, uint8_t sum[HASH_LEN], struct stat *ours,
    struct err *e)
{
	int fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600), ret;

	if (fd < 0)
		return remote_dir_fail(e, "make", p->key);
	ret = write_body(r, fd, p, sum, e);
	if (ret == 0 && remote_dir_sync(fd) < 0)
		ret = remote_dir_fail(e, "sync", p->key);
	if (ret == 0 && fstat(fd, ours) < 0)
		ret = remote_dir_fail(e, "look at", p->key);
	/* NFS and quotas tell of a lost write only here */
	if (close(fd) < 0 && ret == 0 && errno != EINTR)
		ret = remote_dir_fail(e, "write", p->key);
	if (ret < 0)
		unlinkat(dir, temp, 0);
	return ret;
}

/* --- the name ---------------------------------------------------------- */

static bool
is_ours(int dir, const char *name, const struct stat *ours)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == ours->st_dev && st.st_ino == ours->st_ino;
}

/* Another one is there: with the same bytes all is as it was to be. */
static int
meet(struct remote *r, struct remote_put *p, const uint8_t sum[HASH_LEN],
    struct err *e)
{
	struct remote_get g = { .key = p->key, .sha256 = sum };

	p->made = REMOTE_THERE;
	if (remote_dir_get(r, &g, e) == 0)
		return 0;
	if (e->code == ERR_ABSENT)	/* it went meanwhile */
		e->code = ERR_BUSY;
	if (e->code != ERR_INPUT)
		return -1;
	return err_set(e, ERR_EXISTS, "cannot put '%.200s': it is there "
	    "already", p->key);
}

static int
give_name(struct remote *r, struct remote_put *p, int dir, const char *temp,
    const char *name, const struct stat *ours, const uint8_t sum[HASH_LEN],
    struct err *e)
{
	struct stat st;
	int ret;

	if (!p->once && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return err_set(e, ERR_DENIED, "will not replace '%.200s': it "
		    "is a symbolic link", p->key);
	ret = p->once ? linkat(dir, temp, dir, name, 0) :
	    renameat(dir, temp, dir, name);
	if (ret < 0) {
		p->made = errno == EEXIST || errno == EISDIR ||
		    errno == ENOSPC || errno == EDQUOT || errno == EPERM ||
		    errno == EACCES || errno == ENOTSUP ?
		    REMOTE_NOT_MADE : REMOTE_UNSURE;
		if (p->once && errno == EEXIST && !is_ours(dir, name, ours))
			return meet(r, p, sum, e);
		remote_dir_fail(e, p->once ? "link" : "rename", p->key);
		if (!is_ours(dir, name, ours))
			return -1;
	}
	p->made = REMOTE_UNSURE;
	if (remote_dir_sync(dir) < 0)
		return remote_dir_fail(e, "sync the folder of", p->key);
	p->made = REMOTE_MADE;
	return 0;
}

static int
put_at(struct remote *r, struct remote_put *p, int dir, const char *name,
    struct err *e)
{
	uint8_t sum[HASH_LEN];
	char temp[REMOTE_DIR_TEMP];
	struct stat ours;
	int ret;

	if (remote_dir_temp(temp, e) < 0 ||
	    write_temp(r, dir, temp, p, sum, &ours, e) < 0)
		return -1;
	ret = give_name(r, p, dir, temp, name, &ours, sum, e);
	if (ret < 0 || p->once)
		unlinkat(dir, temp, 0);
	return ret;
}

int
remote_dir_put(struct remote *r, struct remote_put *p, struct err *e)
{
	const char *name;
	int ret = -1, tries, dir;

	/* a folder that became empty is removed, maybe right now */
	for (tries = 0; tries < TRIES; tries++) {
		dir = remote_dir_of(r, p->key, true, &name, e);
		ret = dir < 0 ? -1 : put_at(r, p, dir, name, e);
		if (dir >= 0)
			close(dir);
		if (ret == 0 || e->code != ERR_ABSENT ||
		    p->made != REMOTE_NOT_MADE)
			return ret;
	}
	e->code = ERR_BUSY;
	return ret;
}
