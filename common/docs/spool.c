#include "docs/spool.h"

#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef P_tmpdir		/* an XSI name */
#define P_tmpdir "/tmp"
#endif
#define PIECE ((size_t)64 << 10)

void
spool_init(struct spool *s, size_t most)
{
	*s = (struct spool){ .end = BUF_INIT, .most = most, .fd = -1 };
}

void
spool_release(struct spool *s)
{
	buf_release(&s->end);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->filed = 0;
}

int64_t
spool_len(const struct spool *s)
{
	return s->filed + (int64_t)s->end.len;
}

static int
to_file(struct spool *s, struct err *e)
{
	if (s->fd < 0 &&
	    (s->fd = file_scratch(P_tmpdir "/memkit-docs", e)) < 0)
		return -1;
	if (file_write(s->fd, s->end.p, s->end.len, P_tmpdir, e) < 0)
		return -1;
	s->filed += (int64_t)s->end.len;
	buf_release(&s->end);
	if (s->most > PIECE)
		s->most = PIECE;
	return 0;
}

int
spool_add(struct spool *s, const void *p, size_t n, struct err *e)
{
	if (s->end.len > 0 && (n > s->most || s->end.len > s->most - n) &&
	    to_file(s, e) < 0)
		return -1;
	buf_add(&s->end, p, n);
	return s->end.len > s->most ? to_file(s, e) : 0;
}

int64_t
spool_read(const struct spool *s, int64_t at, void *to, size_t n,
    struct err *e)
{
	int64_t left = spool_len(s) - at;
	size_t got = 0, k;
	ssize_t r;
	char *p = to;

	if (at < 0 || left <= 0)
		return 0;
	if ((int64_t)n > left)
		n = (size_t)left;
	while (got < n && at + (int64_t)got < s->filed) {
		k = n - got;
		if ((int64_t)k > s->filed - at - (int64_t)got)
			k = (size_t)(s->filed - at - (int64_t)got);
		if ((r = pread(s->fd, p + got, k, at + (off_t)got)) < 0 &&
		    errno == EINTR)
			continue;
		if (r <= 0)
			return err_sys(e, "cannot read what was kept in "
			    P_tmpdir);
		got += (size_t)r;
	}
	if (got < n)
		memcpy(p + got, s->end.p + (at + (int64_t)got - s->filed),
		    n - got);
	return (int64_t)n;
}
