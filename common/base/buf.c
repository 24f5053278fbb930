/*
 * A growing run of bytes.  An empty one points at a shared "", so that it
 * costs nothing until the first byte; the first growth copies what is
 * there, so a buf may also start on borrowed bytes with cap 0.
 */
#include "base/buf.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUF_MIN 64
#define READ_STEP 16384		/* bytes asked for when the size is unknown */

char buf_empty[1];

void
buf_init(struct buf *b)
{
	b->p = buf_empty;
	b->len = b->cap = 0;
}

void
buf_release(struct buf *b)
{
	if (b->cap > 0)
		free(b->p);
	buf_init(b);
}

void
buf_wipe(struct buf *b)
{
	if (b->cap > 0)
		mem_wipe(b->p, b->cap);
	buf_release(b);
}

void
buf_reset(struct buf *b)
{
	if (b->cap == 0) {
		buf_init(b);
		return;
	}
	b->len = 0;
	b->p[0] = '\0';
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (n >= SIZE_MAX - b->len)
		alloc_fail();
	need = b->len + n + 1;
	if (need <= b->cap)
		return b->p + b->len;
	cap = b->cap + b->cap / 2;
	if (cap < need)		/* also when the sum above wrapped */
		cap = need;
	if (cap < BUF_MIN)
		cap = BUF_MIN;
	if (b->cap > 0)
		b->p = xrealloc(b->p, cap);
	else {
		p = xmalloc(cap);
		memcpy(p, b->p, b->len);
		b->p = p;
	}
	b->cap = cap;
	b->p[b->len] = '\0';
	return b->p + b->len;
}

char *
buf_steal(struct buf *b)
{
	char *p;

	buf_reserve(b, 0);	/* makes it ours */
	p = b->p;
	buf_init(b);
	return p;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to;

	if (n == 0)
		return;
	to = buf_reserve(b, n);
	memcpy(to, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, int c)
{
	if (b->len + 1 >= b->cap)
		buf_reserve(b, 1);
	b->p[b->len++] = (char)c;
	b->p[b->len] = '\0';
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	size_t room;
	va_list ap;
	int n;

	buf_reserve(b, BUF_MIN);
	room = b->cap - b->len;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->len, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room) {
		buf_reserve(b, (size_t)n);
		va_start(ap, fmt);
		n = vsnprintf(b->p + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	/* Only a wide string or a width over INT_MAX can fail; we use none. */
	assert(n >= 0);
	b->len += n > 0 ? (size_t)n : 0;
	b->p[b->len] = '\0';
}

void
buf_add_int(struct buf *b, int64_t i)
{
	char s[20];		/* of INT64_MIN */
	char *p = s + sizeof s;
	uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (i < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(s + sizeof s - p));
}

void
buf_cut(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (len == b->len)
		return;
	buf_reserve(b, 0);	/* borrowed bytes are not ours to end */
	b->len = len;
	b->p[len] = '\0';
}

int
buf_read_file(struct buf *b, const char *path, size_t max, struct err *e)
{
	int fd, r;

	while ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "cannot open '%s': %s", path,
		    strerror(errno));
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	r = buf_read_fd(b, fd, path, max, e);
	close(fd);
	return r;
}

/* How many bytes to ask for: what is left of a file and one more, by which
 * its end is seen without a second growth. */
static size_t
read_hint(int fd, size_t max)
{
	struct stat sb;
	off_t at;

	if (fstat(fd, &sb) < 0 || !S_ISREG(sb.st_mode) ||
	    (at = lseek(fd, 0, SEEK_CUR)) < 0 || sb.st_size <= at)
		return READ_STEP;
	if ((uintmax_t)(sb.st_size - at) > max)
		return max < READ_STEP ? READ_STEP : max;
	return (size_t)(sb.st_size - at) + 1;
}

int
buf_read_fd(struct buf *b, int fd, const char *name, size_t max,
    struct err *e)
{
	size_t start = b->len, want = read_hint(fd, max);
	ssize_t n;

	for (;;) {
		buf_reserve(b, want);
		n = read(fd, b->p + b->len, b->cap - b->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		b->len += (size_t)n;
		b->p[b->len] = '\0';
		if (b->len - start > max) {
			buf_cut(b, start);
			return err_set(e, ERR_INPUT,
			    "'%s' is longer than %zu bytes", name, max);
		}
		want = b->cap - b->len > READ_STEP / 4 ? 1 : READ_STEP;
	}
	if (n < 0) {
		err_sys(e, "cannot read '%s'", name);
		buf_cut(b, start);
		return -1;
	}
	return 0;
}
