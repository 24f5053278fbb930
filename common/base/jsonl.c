/*
 * One buffer: lines are found in place, the rest of the last chunk is
 * moved to the front before more is read.  It grows only for a line
 * longer than what it holds, and is given back after a very long one.
 */
#include "base/jsonl.h"

#include "base/date.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHUNK	((size_t)64 << 10)	/* bytes asked of read(2) */
#define KEEP	((size_t)1 << 20)	/* a larger buffer is given back */

void
jsonl_init(struct jsonl *r, int fd, const char *name)
{
	memset(r, 0, sizeof *r);
	r->fd = fd;
	r->name = name;
	r->max = JSONL_MAX;
	r->end = '\n';
	buf_init(&r->b);
}

void
jsonl_release(struct jsonl *r)
{
	buf_release(&r->b);
	r->at = r->seen = 0;
	r->eof = true;
}

/* 1 readable (or its end, or an error: read tells), 0 not in time. */
static int
wait_for(struct jsonl *r, int64_t until, struct err *e)
{
	struct pollfd f = { .fd = r->fd, .events = POLLIN };
	int64_t left = -1;
	int n;

	do {
		if (until >= 0 && (left = until - date_monotonic()) < 0)
			left = 0;
		n = poll(&f, 1, (int)left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "cannot wait for '%s'", r->name);
	return n > 0;
}

/* Room for a chunk: move what is left to the front, then grow. */
static char *
make_room(struct jsonl *r)
{
	size_t left = r->b.len - r->at;
	struct buf less = BUF_INIT;

	if (r->b.cap > KEEP && left < CHUNK) {
		buf_add(&less, r->b.p + r->at, left);
		buf_release(&r->b);
		r->b = less;
	} else if (r->at > 0) {
		memmove(r->b.p, r->b.p + r->at, left);
		buf_cut(&r->b, left);
	}
	r->seen -= r->at;
	r->at = 0;
	return buf_reserve(&r->b, CHUNK);
}

/*
 * Read one chunk.  1 read, 0 nothing came in time, -1 failed; the end of
 * the input is 1 with eof set.  until is a clock_ms, -1 is for ever.
 */
static int
fill(struct jsonl *r, int64_t until, struct err *e)
{
	char *p = make_room(r);
	ssize_t n;
	int w;

	if (until >= 0 && (w = wait_for(r, until, e)) <= 0)
		return w;
	while ((n = read(r->fd, p, CHUNK)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return err_sys(e, "cannot read '%s'", r->name);
		if ((w = wait_for(r, until, e)) <= 0)
			return w;
	}
	r->eof = n == 0;
	r->b.len += (size_t)n;
	r->b.p[r->b.len] = '\0';
	return 1;
}

/* b[at .. at + len) was given out or dropped, with its newline. */
static void
advance(struct jsonl *r, size_t len)
{
	r->at += len;
	r->seen = r->at;
	r->offset += (int64_t)len;
}

/* The line b[at .. at + len), which a newline follows if ended. */
static enum jsonl_got
give(struct jsonl *r, size_t len, bool ended, char **p, size_t *n)
{
	char *s = r->b.p + r->at;
	bool over = r->skipping;

	advance(r, len + ended);
	r->line_no++;
	r->skipping = false;
	if (ended && r->end == '\n' && len > 0 && s[len - 1] == '\r')
		len--;
	if (over || len > r->max)
		return JSONL_LONG;
	s[len] = '\0';
	if (r->line_no == 1 && r->end == '\n' && len >= 3 &&
	    memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		len -= 3;
	}
	*p = s;
	*n = len;
	return JSONL_LINE;
}

enum jsonl_got
jsonl_next(struct jsonl *r, int wait_ms, char **p, size_t *n, bool *ended,
    struct err *e)
{
	int64_t until = wait_ms < 0 ? -1 : date_monotonic() + wait_ms;
	bool dummy;
	char *nl;
	int w;

	if (ended == NULL)
		ended = &dummy;
	for (;;) {
		nl = memchr(r->b.p + r->seen, r->end, r->b.len - r->seen);
		if (nl != NULL) {
			*ended = true;
			return give(r, (size_t)(nl - r->b.p) - r->at, true,
			    p, n);
		}
		r->seen = r->b.len;
		/* One more than max: it may be the \r of the end. */
		if (r->skipping || r->b.len - r->at > r->max + 1) {
			r->skipping = true;
			advance(r, r->b.len - r->at);
		}
		if (r->eof) {
			if (r->at == r->b.len && !r->skipping)
				return JSONL_EOF;
			*ended = false;
			return give(r, r->b.len - r->at, false, p, n);
		}
		if ((w = fill(r, until, e)) < 0)
			return JSONL_FAIL;
		if (w == 0)
			return JSONL_WAIT;
	}
}

int
jsonl_bytes(struct jsonl *r, struct buf *out, size_t n, struct err *e)
{
	size_t take;

	for (;;) {
		take = r->b.len - r->at;
		if (take > n)
			take = n;
		buf_add(out, r->b.p + r->at, take);
		advance(r, take);
		if ((n -= take) == 0)
			return 0;
		if (r->eof)
			return err_set(e, ERR_INPUT, "'%s' ends %zu bytes too "
			    "early", r->name, n);
		if (fill(r, -1, e) < 0)
			return -1;
	}
}
