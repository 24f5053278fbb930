#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
is_private(const struct stat *sb, const char *path, struct err *e)
{
	if (sb->st_uid != geteuid() && sb->st_uid != 0)
		return err_set(e, ERR_DENIED, "'%s' holds secrets and belongs "
		    "to another user; chown it", path);
	if ((sb->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(e, ERR_DENIED, "'%s' holds secrets and is open "
		    "to other users; chmod go= it", path);
	return 0;
}

int
file_private_dir(const char *path, struct err *e)
{
	struct stat sb;

	if (lstat(path, &sb) < 0)
		return errno == ENOENT ? err_set(e, ERR_ABSENT,
		    "there is no folder '%s'", path) :
		    err_sys(e, "cannot look at '%s'", path);
	if (!S_ISDIR(sb.st_mode))
		return err_set(e, ERR_DENIED, "'%s' is not a folder, or a "
		    "link to one", path);
	return is_private(&sb, path, e);
}

static int
open_private(const char *path, struct err *e)
{
	int fd;

	/* a FIFO would keep us waiting */
	while ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "there is no file '%s'", path);
	if (fd < 0 && (errno == ELOOP || errno == EMLINK))
		return err_set(e, ERR_DENIED, "'%s' holds secrets and is a "
		    "symbolic link; name the file itself", path);
	return fd < 0 ? err_sys(e, "cannot open '%s'", path) : fd;
}

/* All that is left of it; the room is there. */
static int
read_reserved(struct buf *b, int fd, const char *path, size_t max,
    struct err *e)
{
	size_t start = b->len;
	ssize_t n;

	while ((n = read(fd, b->p + b->len, start + max + 1 - b->len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read '%s'", path);
		if ((size_t)n > start + max - b->len)
			return err_set(e, ERR_INPUT, "'%s' is longer than %zu "
			    "bytes", path, max);
		b->len += (size_t)n;
		b->p[b->len] = '\0';
	}
	return 0;
}

int
file_read_private(struct buf *b, const char *path, size_t max, struct err *e)
{
	int fd = open_private(path, e), r;
	size_t start = b->len;
	struct stat sb;

	if (fd < 0)
		return -1;
	if (fstat(fd, &sb) < 0)
		r = err_sys(e, "cannot look at '%s'", path);
	else if (!S_ISREG(sb.st_mode))
		r = err_set(e, ERR_DENIED, "'%s' is not a file", path);
	else if ((r = is_private(&sb, path, e)) == 0) {
		/* at once: growing would leave copies behind */
		buf_reserve(b, max + 1);
		r = read_reserved(b, fd, path, max, e);
	}
	close(fd);
	if (r < 0)
		buf_cut(b, start);
	return r;
}
