#include "sync/remote_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- getting ----------------------------------------------------------- */

static int
copy_out(struct remote *r, int fd, struct remote_get *g, struct hash *h,
    struct err *e)
{
	struct remote_dir *own = r->own;
	uint64_t end = g->size, at = g->from;
	ssize_t n;

	if (g->len > 0 && g->len < g->size - g->from)
		end = g->from + g->len;
	for (; at < end; at += (uint64_t)n) {
		n = pread(fd, own->room, end - at < own->piece ?
		    (size_t)(end - at) : own->piece, (off_t)at);
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n < 0)
			return remote_dir_fail(e, "read", g->key);
		if (n == 0)
			return err_set(e, ERR_BUSY, "'%.200s' became shorter "
			    "while it was read", g->key);
		if (remote_dir_pace(r, &own->down, (size_t)n, e) < 0)
			return -1;
		hash_add(h, own->room, (size_t)n);
		if (g->take != NULL && g->take(g->arg, own->room, (size_t)n,
		    at - g->from, e) < 0)
			return -1;
	}
	return 0;
}

static int
get_file(struct remote *r, int fd, struct remote_get *g, struct err *e)
{
	uint8_t sum[HASH_LEN];
	struct stat st;
	struct hash h;

	if (fstat(fd, &st) < 0)
		return remote_dir_fail(e, "look at", g->key);
	g->size = (uint64_t)st.st_size;
	if (g->from > 0 && g->from >= g->size)
		return err_set(e, ERR_INPUT, "'%.200s' has no such part",
		    g->key);
	hash_init(&h);
	if (copy_out(r, fd, g, &h, e) < 0)
		return -1;
	hash_end(&h, sum);
	if (g->sha256 != NULL && memcmp(sum, g->sha256, HASH_LEN) != 0)
		return err_set(e, ERR_INPUT, "'%.200s' is not what was put: "
		    "its SHA-256 is another", g->key);
	return 0;
}

int
remote_dir_get(struct remote *r, struct remote_get *g, struct err *e)
{
	const char *name;
	int dir = remote_dir_of(r, g->key, false, &name, e), fd, ret;

	if (dir < 0)
		return -1;
	fd = remote_dir_file(dir, name, g->key, e);
	close(dir);
	if (fd < 0)
		return -1;
	ret = get_file(r, fd, g, e);
	close(fd);
	return ret;
}

int
remote_dir_head(struct remote *r, struct remote_head *h, struct err *e)
{
	const char *name;
	struct stat st;
	int dir = remote_dir_of(r, h->key, false, &name, e), ret = 0;

	if (dir < 0)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		ret = remote_dir_fail(e, "look at", h->key);
	else if (!S_ISREG(st.st_mode))
		ret = err_set(e, ERR_INPUT, "'%.200s' is no file", h->key);
	close(dir);
	if (ret < 0)
		return -1;
	h->size = (uint64_t)st.st_size;
	h->modified_ms = remote_dir_time(&st);
	return 0;
}

/* --- deleting ---------------------------------------------------------- */

/* Bytes of a key that name its folder. */
static size_t
folder_len(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash == NULL ? 0 : (size_t)(slash - key);
}

/* Folders that became empty go, up to the first that is not. */
static void
prune(struct remote *r, const char *key)
{
	size_t n = folder_len(key);
	char path[S3_KEY_MAX + 1];
	struct err ignored;	/* then it stays, and nobody minds */
	const char *name;
	int dir, ret = 0;

	memcpy(path, key, n);
	path[n] = '\0';
	while (ret == 0 && path[0] != '\0') {
		dir = remote_dir_of(r, path, false, &name, &ignored);
		if (dir < 0)
			return;
		ret = unlinkat(dir, name, AT_REMOVEDIR);
		close(dir);
		path[folder_len(path)] = '\0';
	}
}

/* last: no other one of its folder follows, so that this is the time to
 * have them on the disk. */
static int
delete_one(struct remote *r, const char *key, bool last, struct err *e)
{
	const char *name;
	int dir = remote_dir_of(r, key, false, &name, e), ret = 0;

	if (dir < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		ret = remote_dir_fail(e, "delete", key);
	if (last && remote_dir_sync(dir) < 0 && ret == 0)
		ret = remote_dir_fail(e, "sync the folder of", key);
	close(dir);
	if (last)
		prune(r, key);
	return ret;
}

static bool
same_folder(const char *a, const char *b)
{
	size_t n = folder_len(a);

	return n == folder_len(b) && memcmp(a, b, n) == 0;
}

int
remote_dir_delete(struct remote *r, struct remote_delete *d, struct err *e)
{
	const struct strv *k = d->keys;
	struct err why;
	bool last;
	size_t i;
	int ret = 0;

	for (i = 0; i < k->n; i++) {
		last = i + 1 == k->n || !same_folder(k->v[i], k->v[i + 1]);
		if (delete_one(r, k->v[i], last, &why) == 0)
			continue;
		if (d->failed != NULL) {
			d->failed(d->arg, k->v[i], why.msg);
		} else if (ret == 0) {
			*e = why;
			ret = -1;
		}
	}
	return ret;
}
