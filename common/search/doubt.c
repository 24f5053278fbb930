#include "search/doubt.h"

#include "base/buf.h"
#include "base/file.h"
#include "search/indexed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void
path_of(struct buf *b, const struct store *st, enum source source)
{
	char *dir = indexed_dir(st, source);

	file_join(b, dir, "doubt");
	free(dir);
}

void
doubt_raise(const struct store *st, enum source source)
{
	struct buf path = BUF_INIT;
	int fd;

	path_of(&path, st, source);
	/* a store may be there to be read only */
	fd = open(path.p, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		close(fd);
	buf_release(&path);
}

bool
doubt_there(const struct store *st, enum source source)
{
	struct buf path = BUF_INIT;
	bool there;

	path_of(&path, st, source);
	there = file_exists(path.p);
	buf_release(&path);
	return there;
}

void
doubt_settle(const struct store *st, enum source source)
{
	struct buf path = BUF_INIT;

	path_of(&path, st, source);
	unlink(path.p);
	buf_release(&path);
}
