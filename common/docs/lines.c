#include "docs/lines.h"

#include <string.h>

void
docs_lines_init(struct docs_lines *l, struct docs_in *from,
    const struct docs_limits *limits, bool feeds)
{
	memset(l, 0, sizeof *l);
	l->decode = docs_decode_new(from, feeds, &l->in);
	l->most = limits->line < 64 ? 64 : (size_t)limits->line;
	buf_init(&l->room);
}

void
docs_lines_release(struct docs_lines *l)
{
	docs_decode_free(l->decode);
	buf_release(&l->room);
}

/* One step more; what was taken goes. */
static int
more(struct docs_lines *l, struct err *e)
{
	struct buf *b = &l->room;
	int64_t n;

	if (l->at > 0) {
		memmove(b->p, b->p + l->at, b->len - l->at);
		buf_cut(b, b->len - l->at);
		l->at = 0;
	}
	n = docs_in_read(&l->in, buf_reserve(b, DOCS_PEEK), DOCS_PEEK, e);
	if (n < 0)
		return -1;
	b->len += (size_t)n;
	b->p[b->len] = '\0';
	l->ended = (size_t)n < DOCS_PEEK;
	return 0;
}

/* There are more bytes than that. */
static size_t
cut(const char *p, size_t most)
{
	size_t n;

	for (n = most; n > most / 2; n--)
		if (p[n - 1] == ' ' || p[n - 1] == '\t')
			return n;
	for (n = most; n > 1 && ((unsigned char)p[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

int
docs_lines_next(struct docs_lines *l, const char **p, size_t *len,
    struct err *e)
{
	size_t seen = 0, left;
	const char *end;

	for (;;) {
		left = l->room.len - l->at;
		*p = l->room.p + l->at;
		end = memchr(*p + seen, '\n', left - seen);
		if ((end != NULL ? (size_t)(end - *p) : left) > l->most) {
			*len = cut(*p, l->most);
			l->at += *len;
			return 1;
		}
		if (end != NULL) {
			*len = (size_t)(end - *p);
			l->at += *len + 1;
			return 1;
		}
		if (l->ended) {
			*len = left;
			l->at += left;
			return left > 0;
		}
		seen = left;
		if (more(l, e) < 0)
			return -1;
	}
}

int
docs_lines_peek(struct docs_lines *l, const char **p, size_t *len,
    struct err *e)
{
	if (!l->ended && l->room.len - l->at < DOCS_PEEK && more(l, e) < 0)
		return -1;
	*p = l->room.p + l->at;
	*len = l->room.len - l->at;
	return 0;
}

void
docs_lines_skip(struct docs_lines *l, size_t n)
{
	l->at += n;
}
