/*
 * Paths of an index that was read lie in its bytes, a NUL put behind each:
 * over the first byte of the next entry, once that was read.
 */
#include "file/file_index.h"

#include "base/alloc.h"
#include "base/crc.h"
#include "base/file.h"
#include "file/file_dir.h"
#include "file/file_path.h"
#include "index/le.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "mkfiles1"
#define MAGIC_LEN 8
#define HEAD (MAGIC_LEN + 3 * 8)
#define ENTRY (4 + 4 * 8 + HASH_LEN)	/* without its path */
#define INDEX_MAX ((size_t)1 << 31)

static const char index_name[] = ".index";

void
file_index_release(struct file_index *x)
{
	size_t i;

	for (i = 0; i < x->npaths; i++)
		free(x->paths[i]);
	free(x->paths);
	free(x->v);
	buf_release(&x->bytes);
	*x = (struct file_index)FILE_INDEX_INIT;
}

int
file_order(int area, const char *path, int area2, const char *path2)
{
	return area != area2 ? area - area2 : strcmp(path, path2);
}

void
file_index_add(struct file_index *x, const struct file_entry *t)
{
	x->v = xgrow(x->v, x->n, &x->cap, sizeof *x->v);
	x->v[x->n++] = *t;
}

const char *
file_index_path(struct file_index *x, const char *path)
{
	x->paths = xgrow(x->paths, x->npaths, &x->paths_cap, sizeof *x->paths);
	return x->paths[x->npaths++] = xstrdup(path);
}

/* Of one path the one that came last is first. */
static int
by_path(const void *a, const void *b)
{
	const struct file_entry *x = *(struct file_entry *const *)a;
	const struct file_entry *y = *(struct file_entry *const *)b;
	int order = file_order(x->area, x->path, y->area, y->path);

	return order != 0 ? order : x < y ? 1 : -1;
}

void
file_index_merge(struct file_index *x, struct file_index *put,
    int64_t clock_ns)
{
	struct file_entry **order = xmalloc((put->n + 1) * sizeof *order), *t;
	struct file_index out = { .upto = x->upto, .odd = x->odd };
	size_t i, at = 0;
	int cmp;

	for (i = 0; i < put->n; i++)
		order[i] = &put->v[i];
	qsort(order, put->n, sizeof *order, by_path);
	for (i = 0; i < put->n; i++) {
		t = order[i];
		if (i > 0 && file_order(t->area, t->path, order[i - 1]->area,
		    order[i - 1]->path) == 0)
			continue;
		for (cmp = -1; cmp < 0 && at < x->n; at += cmp <= 0)
			if ((cmp = file_order(x->v[at].area, x->v[at].path,
			    t->area, t->path)) < 0)
				file_index_add(&out, &x->v[at]);
		if (t->stat.ctime_ns < clock_ns)
			file_index_add(&out, t);
		else
			out.odd++;
	}
	for (; at < x->n; at++)
		file_index_add(&out, &x->v[at]);
	free(order);
	/* the paths stay whose they are */
	free(x->v);
	x->v = out.v;
	x->n = out.n;
	x->cap = out.cap;
	x->odd = out.odd;
}

/* --- reading ----------------------------------------------------------- */

/* The entry at p, with its path where the whole of it is there; its length,
 * 0: it is not whole. */
static size_t
read_entry(struct file_entry *t, const char *p, size_t n, size_t *path_len)
{
	const uint8_t *b = (const uint8_t *)p;

	if (n < ENTRY)
		return 0;
	*path_len = (size_t)(b[2] | b[3] << 8);
	if (*path_len > FILE_PATH_MAX || n - ENTRY < *path_len)
		return 0;
	t->area = b[0];
	t->stat.exec = b[1] != 0;
	t->stat.size = (int64_t)le64_get(b + 4);
	t->stat.mtime_ns = (int64_t)le64_get(b + 12);
	t->stat.ctime_ns = (int64_t)le64_get(b + 20);
	t->stat.inode = le64_get(b + 28);
	memcpy(t->sha256, b + 36, HASH_LEN);
	t->path = p + ENTRY;
	return ENTRY + *path_len;
}

static bool
entry_good(const struct file_index *x, const struct file_entry *t)
{
	const struct file_entry *last = x->n > 0 ? &x->v[x->n - 1] : NULL;
	struct err ignored;	/* it is believed or not */

	return t->area < FILE_AREAS && t->stat.size >= 0 &&
	    file_path_check(t->path, &ignored) == 0 && (last == NULL ||
	    file_order(last->area, last->path, t->area, t->path) < 0);
}

static bool
read_entries(struct file_index *x, char *p, size_t n)
{
	size_t len, path_len = 0, next_len = 0;
	struct file_entry t, next;

	if ((len = read_entry(&t, p, n, &path_len)) == 0)
		return n == 0;
	for (;;) {
		p += len;
		n -= len;
		len = n > 0 ? read_entry(&next, p, n, &next_len) : 0;
		*p = '\0';
		if (strlen(t.path) != path_len || !entry_good(x, &t))
			return false;
		file_index_add(x, &t);
		if (len == 0)
			return n == 0;
		t = next;
		path_len = next_len;
	}
}

int
file_index_parse(struct file_index *x, struct buf *own)
{
	size_t n = own->len;
	int64_t entries = 0;
	bool good = false;
	char *p = own->p;

	file_index_release(x);
	x->bytes = *own;
	buf_init(own);
	if (n >= HEAD + 4 && memcmp(p, MAGIC, MAGIC_LEN) == 0 &&
	    crc32c(0, p, n - 4) == le32_get(p + n - 4)) {
		x->upto = (int64_t)le64_get(p + MAGIC_LEN);
		x->odd = (int64_t)le64_get(p + MAGIC_LEN + 8);
		entries = (int64_t)le64_get(p + MAGIC_LEN + 16);
		good = read_entries(x, p + HEAD, n - HEAD - 4);
	}
	if (good && entries == (int64_t)x->n && x->upto >= 0 && x->odd >= 0)
		return 1;
	file_index_release(x);
	return 0;
}

int
file_index_read(struct file_index *x, struct file_dir *d, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err ignored;	/* what cannot be read is made again */
	int fd;

	(void)e;
	file_index_release(x);
	if (d->top < 0 || (fd = openat(d->top, index_name, O_RDONLY |
	    O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) < 0)
		return 0;
	if (buf_read_fd(&b, fd, index_name, INDEX_MAX, &ignored) == 0)
		file_index_parse(x, &b);
	close(fd);
	buf_release(&b);
	return 0;
}

/* --- writing ----------------------------------------------------------- */

static void
put_number(struct buf *b, uint64_t n)
{
	uint8_t room[8];

	le64_put(room, n);
	buf_add(b, room, sizeof room);
}

static void
put_entry(struct buf *b, const struct file_entry *t)
{
	size_t n = strlen(t->path);

	buf_addc(b, t->area);
	buf_addc(b, t->stat.exec);
	buf_addc(b, (int)(n & 0xff));
	buf_addc(b, (int)(n >> 8));
	put_number(b, (uint64_t)t->stat.size);
	put_number(b, (uint64_t)t->stat.mtime_ns);
	put_number(b, (uint64_t)t->stat.ctime_ns);
	put_number(b, t->stat.inode);
	buf_add(b, t->sha256, HASH_LEN);
	buf_add(b, t->path, n);
}

int
file_index_write(const struct file_index *x, struct file_dir *d,
    struct err *e)
{
	struct buf b = BUF_INIT;
	char temp[FILE_NEW_LEN];
	uint8_t sum[4];
	size_t i;
	int fd, r;

	buf_add(&b, MAGIC, MAGIC_LEN);
	put_number(&b, (uint64_t)x->upto);
	put_number(&b, (uint64_t)x->odd);
	put_number(&b, (uint64_t)x->n);
	for (i = 0; i < x->n; i++)
		put_entry(&b, &x->v[i]);
	le32_put(sum, crc32c(0, b.p, b.len));
	buf_add(&b, sum, sizeof sum);
	if ((fd = file_dir_new(d, temp, e)) < 0)
		r = -1;
	else {
		r = file_write(fd, b.p, b.len, index_name, e);
		if (close(fd) < 0 && r == 0 && errno != EINTR)
			r = err_sys(e, "cannot write '%s/%s'", d->path.p,
			    index_name);
		if (r == 0 && renameat(d->fresh, temp, d->top, index_name) <
		    0)
			r = err_sys(e, "cannot replace '%s/%s'", d->path.p,
			    index_name);
		if (r < 0)
			file_dir_drop(d, temp);
	}
	buf_release(&b);
	return r;
}
