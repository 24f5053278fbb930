/*
 * Objects into the folder: written beside, synced, renamed.
 */
#define _GNU_SOURCE		/* syncfs */

#include "blob/blob_local_own.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct put {
	struct blob_local *l;
	struct blob *b;
	char name[32];		/* in tmp; "": it is a file elsewhere */
	int fd;			/* to be synced, or -1 */
};

static int
hash_more(void *h, const void *p, size_t n, struct err *e)
{
	(void)e;
	hash_add(h, p, n);
	return 0;
}

/* What is there already: 1 the same, 0 nothing. */
static int
look(struct blob_local *l, const struct blob *b, struct err *e)
{
	uint8_t sum[HASH_LEN];
	struct hash h;
	struct stat sb;
	int fd = blob_local_object(l, b->key, &sb, e), r;

	if (fd < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	r = 0;
	if ((uint64_t)sb.st_size == b->size) {
		hash_init(&h);
		r = blob_local_send(l, fd, b->key, 0, b->size, hash_more, &h,
		    e);
		hash_end(&h, sum);
		r = r < 0 ? -1 : memcmp(sum, b->sha256, HASH_LEN) == 0;
	}
	close(fd);
	return r != 0 ? r : err_set(e, ERR_EXISTS, "there is another object "
	    "of this key: '%.100s'", b->key);
}

/* The bytes of a file that is not ours to move, compared on the way. */
static int
copy(struct put *p, struct err *e)
{
	const struct blob *b = p->b;
	uint8_t sum[HASH_LEN];
	char *buf = blob_local_room(p->l);
	uint64_t left = b->size;
	struct hash h;
	ssize_t n = 0;
	int in = open(b->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), r = 0;

	if (in < 0)
		return err_sys(e, "cannot open '%.200s'", b->path);
	hash_init(&h);
	while (r == 0 && left > 0) {
		n = read(in, buf, left < BLOB_PIECE ? (size_t)left :
		    BLOB_PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		hash_add(&h, buf, (size_t)n);
		r = file_write(p->fd, buf, (size_t)n, b->key, e);
		left -= (uint64_t)n;
	}
	hash_end(&h, sum);
	if (r == 0 && n < 0)
		r = err_sys(e, "cannot read '%.200s'", b->path);
	else if (r == 0 && memcmp(sum, b->sha256, HASH_LEN) != 0)
		r = err_set(e, ERR_INPUT, "'%.200s' changed while it was "
		    "read; try again", b->path);
	close(in);
	return r;
}

static int
write_one(struct put *p, struct err *e)
{
	const struct blob *b = p->b;
	int r = look(p->l, b, e);

	p->fd = -1;
	p->name[0] = '\0';
	if (r != 0)
		return r;
	if (b->mem == NULL && b->moves) {
		if ((p->fd = open(b->path, O_RDONLY | O_NOFOLLOW |
		    O_CLOEXEC)) < 0)
			return err_sys(e, "cannot open '%.200s'", b->path);
		return 0;
	}
	snprintf(p->name, sizeof p->name, "put%lld",
	    (long long)p->l->count++);
	if ((p->fd = openat(p->l->tmp_fd, p->name, O_WRONLY | O_CREAT |
	    O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0) {
		err_sys(e, "cannot make a file in '%s'", p->l->tmp.path);
		p->name[0] = '\0';
		return -1;
	}
	return b->mem != NULL ? file_write(p->fd, b->mem, (size_t)b->size,
	    b->key, e) : copy(p, e);
}

/* All that was written is on the disk after this. */
static int
sync_all(struct blob_local *l, struct put *v, size_t n)
{
	size_t i, open = 0;

	for (i = 0; i < n; i++)
		open += v[i].fd >= 0;
#ifdef __linux__
	if (open > 1 && syncfs(l->tmp_fd) == 0)
		return 0;
#endif
	for (i = 0; i < n; i++)
		if (v[i].fd >= 0)
			file_sync_soon(v[i].fd);
	for (i = 0; i < n; i++)
		if (v[i].fd >= 0 && file_sync(v[i].fd, v[i].b->key,
		    &v[i].b->err) < 0)
			v[i].b->r = -1;
	return 0;
}

static int
place(struct put *p, struct err *e)
{
	const char *name;
	int at = blob_local_enter(p->l, p->b->key, true, &name, e), r;

	if (at < 0)
		return -1;
	r = p->name[0] != '\0' ? renameat(p->l->tmp_fd, p->name, at, name) :
	    renameat(AT_FDCWD, p->b->path, at, name);
	if (r < 0)
		return err_sys(e, "cannot make object '%.100s'", p->b->key);
	p->l->dirty = true;
	p->name[0] = '\0';
	p->b->where = BLOB_THERE;
	return 0;
}

int
blob_local_put(void *arg, struct blob *v, size_t n, struct err *e)
{
	struct blob_local *l = arg;
	struct put *p;
	struct blob *b;
	size_t i;
	int r;

	if (blob_local_tmp(l, e) < 0)
		return -1;
	p = xcalloc(n, sizeof *p);
	for (i = 0; i < n; i++) {
		b = &v[i];
		p[i] = (struct put){ .l = l, .b = b, .fd = -1 };
		b->where = BLOB_ABSENT;
		r = write_one(&p[i], &b->err);
		b->r = r < 0 ? -1 : 0;
		if (r == 1)
			b->where = BLOB_THERE;
	}
	r = sync_all(l, p, n);
	for (i = 0; i < n; i++)
		if (v[i].r == 0 && v[i].where != BLOB_THERE)
			v[i].r = place(&p[i], &v[i].err);
	if (blob_local_leave(l, e) < 0)
		r = -1;
	for (i = 0; i < n; i++) {
		if (p[i].fd >= 0)
			close(p[i].fd);
		if (p[i].name[0] != '\0')
			unlinkat(l->tmp_fd, p[i].name, 0);
	}
	free(p);
	return r;
}
