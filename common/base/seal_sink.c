/*
 * Who takes what comes out of a seal, or goes into the next one.
 */
#include "base/seal.h"

#include "base/buf.h"
#include "base/file.h"

static int
to_fd(void *arg, const void *p, size_t n, struct err *e)
{
	const struct seal_fd *to = arg;

	return file_write(to->fd, p, n, to->name, e);
}

struct seal_sink
seal_to_fd(struct seal_fd *to)
{
	return (struct seal_sink){ to_fd, to };
}

static int
to_buf(void *arg, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_add(arg, p, n);
	return 0;
}

struct seal_sink
seal_to_buf(struct buf *to)
{
	return (struct seal_sink){ to_buf, to };
}

static int
to_seal(void *arg, const void *p, size_t n, struct err *e)
{
	return seal_add(arg, p, n, e);
}

struct seal_sink
seal_to_seal(struct seal *to)
{
	return (struct seal_sink){ to_seal, to };
}
