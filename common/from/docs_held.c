#include "from/docs_held.h"

#include "base/buf.h"

#include <string.h>

#define MEMORY ((size_t)1 << 20)
#define PIECE 16384

void
docs_held_init(struct docs_held *h)
{
	spool_init(&h->lines, MEMORY);
	*h->id = '\0';
}

void
docs_held_release(struct docs_held *h)
{
	spool_release(&h->lines);
}

void
docs_held_forget(struct docs_held *h)
{
	if (*h->id == '\0')
		return;
	spool_release(&h->lines);
	docs_held_init(h);
}

int
docs_held_add(struct docs_held *h, const char *id, const char *p, size_t len,
    struct err *e)
{
	size_t n = strlen(id);

	if (strcmp(h->id, id) != 0)
		docs_held_forget(h);
	if (n < sizeof h->id)
		memcpy(h->id, id, n + 1);
	if (spool_add(&h->lines, p, len, e) == 0 &&
	    spool_add(&h->lines, "\n", 1, e) == 0)
		return 0;
	e->code = ERR_INPUT;	/* of this document, and no other */
	return -1;
}

int
docs_held_each(const struct docs_held *h, const char *id,
    int (*fn)(void *, const char *, size_t, struct err *), void *arg,
    struct err *e)
{
	struct buf line = BUF_INIT;
	char room[PIECE], *p, *end;
	int64_t at = 0, n = 0;
	int r = 0;

	if (strcmp(h->id, id) != 0)
		return 0;
	while (r == 0 && (n = spool_read(&h->lines, at, room, sizeof room,
	    e)) > 0) {
		at += n;
		for (p = room; r == 0 && (end = memchr(p, '\n', (size_t)(room +
		    n - p))) != NULL; p = end + 1) {
			buf_add(&line, p, (size_t)(end - p));
			r = fn(arg, line.p, line.len, e);
			buf_reset(&line);
		}
		buf_add(&line, p, (size_t)(room + n - p));
	}
	buf_release(&line);
	return n < 0 ? -1 : r;
}
