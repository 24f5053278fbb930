#include "file/file_read.h"

#include "base/alloc.h"
#include "base/seal.h"
#include "file/file_dir.h"
#include "file/file_index.h"
#include "file/file_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROOM ((size_t)128 << 10)
#define TRIES 3
#define TICK_MS 2
/* The coarsest clock of a file system that is in use is FAT's: 2 s. */
#define WAIT_MS 2100

void
file_reader_release(struct file_reader *rd)
{
	free(rd->room);
	rd->room = NULL;
}

int
file_read_into(struct file_reader *rd, int fd, const struct seal_sink *to,
    const char *name, int64_t *size, uint8_t sha256[HASH_LEN], struct err *e)
{
	struct hash h;
	ssize_t n;

	if (rd->room == NULL)
		rd->room = xmalloc(ROOM);
	*size = 0;
	hash_init(&h);
	while ((n = read(fd, rd->room, ROOM)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read '%s'", name);
		hash_add(&h, rd->room, (size_t)n);
		if (to != NULL && to->put(to->arg, rd->room, (size_t)n, e) <
		    0)
			return -1;
		*size += n;
		rd->bytes += n;
	}
	hash_end(&h, sha256);
	return 0;
}

int
file_read_fd(struct file_reader *rd, int fd, int to, const char *name,
    int64_t *size, uint8_t sha256[HASH_LEN], struct err *e)
{
	struct seal_fd where = { to, name };
	const struct seal_sink sink = seal_to_fd(&where);

	return file_read_into(rd, fd, to >= 0 ? &sink : NULL, name, size,
	    sha256, e);
}

/* Until the clock has passed a time; false: that is too far away. */
static int
wait_past(struct file_reader *rd, struct file_dir *d, int64_t ns, bool *safe,
    struct err *e)
{
	struct timespec tick = { 0, TICK_MS * 1000000 };
	int waited = 0;

	while (rd->clock_ns <= ns) {
		if (file_dir_clock(d, &rd->clock_ns, e) < 0)
			return -1;
		if (rd->clock_ns > ns)
			break;
		if (waited >= WAIT_MS || ns - rd->clock_ns >
		    (int64_t)WAIT_MS * 1000000) {
			*safe = false;
			return 0;
		}
		nanosleep(&tick, NULL);
		waited += TICK_MS;
	}
	*safe = true;
	return 0;
}

static int
hash_once(struct file_reader *rd, struct file_dir *d, int fd,
    struct file_entry *t, bool *safe, struct err *e)
{
	struct file_stat after;
	struct stat sb;
	int64_t size;

	if (fstat(fd, &sb) < 0)
		return err_sys(e, "cannot look at '%s'", t->path);
	if (!S_ISREG(sb.st_mode))
		return FILE_READ_REFUSED;
	t->stat = file_stat_of(&sb);
	*safe = false;
	if (d != NULL && wait_past(rd, d, t->stat.ctime_ns, safe, e) < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "cannot read '%s'", t->path);
	if (file_read_fd(rd, fd, -1, t->path, &size, t->sha256, e) < 0)
		return -1;
	if (fstat(fd, &sb) < 0)
		return err_sys(e, "cannot look at '%s'", t->path);
	after = file_stat_of(&sb);
	return size == t->stat.size && file_stat_same(&after, &t->stat) ?
	    FILE_READ_DONE : FILE_READ_BUSY;
}

int
file_read_hash(struct file_reader *rd, struct file_dir *d,
    const struct file_met *m, struct file_entry *t, bool *safe,
    struct err *e)
{
	int fd, i, r = FILE_READ_BUSY;

	/* a FIFO that was put there since would keep us waiting */
	while ((fd = openat(m->dir, m->name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0)
		return errno == ENOENT ? FILE_READ_GONE : FILE_READ_REFUSED;
	for (i = 0; r == FILE_READ_BUSY && i < TRIES; i++)
		r = hash_once(rd, d, fd, t, safe, e);
	close(fd);
	return r;
}
