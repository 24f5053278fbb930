/*
 * The file of a segment in the making, and postings on their way to it.
 */
#include "index/segment_write.h"

#include "base/alloc.h"
#include "base/crc.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM ((size_t)256 * SEG_PAGE)

/* --- postings ---------------------------------------------------------- */

void
seg_postings_release(struct seg_postings *p)
{
	free(p->doc);
	free(p->tf);
	free(p->pos);
	free(p->form);
	memset(p, 0, sizeof *p);
}

void
seg_postings_reset(struct seg_postings *p)
{
	p->n = p->npos = 0;
}

void
seg_postings_doc(struct seg_postings *p, uint32_t doc, uint32_t tf)
{
	if (p->n == p->cap) {
		p->cap = p->cap > 0 ? 2 * p->cap : 1024;
		p->doc = xreallocarray(p->doc, p->cap, sizeof *p->doc);
		p->tf = xreallocarray(p->tf, p->cap, sizeof *p->tf);
	}
	p->doc[p->n] = doc;
	p->tf[p->n++] = tf;
}

void
seg_postings_pos(struct seg_postings *p, uint32_t pos, uint8_t form)
{
	if (p->npos == p->pos_cap) {
		p->pos_cap = p->pos_cap > 0 ? 2 * p->pos_cap : 4096;
		p->pos = xreallocarray(p->pos, p->pos_cap, sizeof *p->pos);
		p->form = xrealloc(p->form, p->pos_cap);
	}
	p->pos[p->npos] = pos;
	p->form[p->npos++] = form;
}

struct place {
	uint32_t doc, tf;
	size_t pos;
};

static int
by_doc(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

void
seg_postings_sort(struct seg_postings *p)
{
	struct place *place;
	uint32_t *pos = NULL;
	uint8_t *form = NULL;
	size_t i, at = 0;

	for (i = 1; i < p->n && p->doc[i] > p->doc[i - 1]; i++)
		;
	if (i >= p->n)
		return;
	place = xcalloc(p->n, sizeof *place);
	for (i = 0; i < p->n; i++) {
		place[i] = (struct place){ p->doc[i], p->tf[i], at };
		if (p->npos > 0)
			at += p->tf[i];
	}
	qsort(place, p->n, sizeof *place, by_doc);
	if (p->npos > 0) {
		pos = xcalloc(p->pos_cap, sizeof *pos);
		form = xmalloc(p->pos_cap);
	}
	for (i = at = 0; i < p->n; i++) {
		p->doc[i] = place[i].doc;
		p->tf[i] = place[i].tf;
		if (p->npos == 0)
			continue;
		memcpy(pos + at, p->pos + place[i].pos,
		    p->tf[i] * sizeof *pos);
		memcpy(form + at, p->form + place[i].pos, p->tf[i]);
		at += p->tf[i];
	}
	if (p->npos > 0) {
		free(p->pos);
		free(p->form);
		p->pos = pos;
		p->form = form;
	}
	free(place);
}

/* --- the file ---------------------------------------------------------- */

int
seg_out_open(struct seg_out *o, const char *path, const char *suffix,
    struct buf *checks, struct err *e)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s%s", path, suffix);
	o->name = buf_steal(&name);
	o->checks = checks;
	o->n = 0;
	o->at = 0;
	o->room = xmalloc(ROOM);
	unlink(o->name);	/* of a run that was killed */
	o->fd = open(o->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	return o->fd < 0 ? err_sys(e, "%s", o->name) : 0;
}

void
seg_out_close(struct seg_out *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	free(o->room);
	free(o->name);
	o->room = NULL;
	o->name = NULL;
}

/* Whole pages but at the end. */
int
seg_out_flush(struct seg_out *o, struct err *e)
{
	uint8_t sum[4];
	size_t i, n;

	for (i = 0; o->checks != NULL && i < o->n; i += SEG_PAGE) {
		n = o->n - i < SEG_PAGE ? o->n - i : SEG_PAGE;
		put32(sum, crc32c(0, o->room + i, n));
		buf_add(o->checks, sum, sizeof sum);
	}
	if (file_write(o->fd, o->room, o->n, o->name, e) < 0)
		return -1;
	o->at += o->n;
	o->n = 0;
	return 0;
}

int
seg_out_add(struct seg_out *o, const void *data, size_t len, struct err *e)
{
	const uint8_t *p = data;
	size_t n;

	while (len > 0) {
		n = ROOM - o->n < len ? ROOM - o->n : len;
		memcpy(o->room + o->n, p, n);
		o->n += n;
		p += n;
		len -= n;
		if (o->n == ROOM && seg_out_flush(o, e) < 0)
			return -1;
	}
	return 0;
}

uint64_t
seg_out_at(const struct seg_out *o)
{
	return o->at + o->n;
}

/* All of another file. */
int
seg_out_copy(struct seg_out *o, struct seg_out *from, struct err *e)
{
	uint8_t *room;
	off_t at = 0;
	ssize_t n;
	int r = 0;

	if (seg_out_flush(from, e) < 0)
		return -1;
	room = xmalloc(ROOM);
	while (r == 0 && (n = pread(from->fd, room, ROOM, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_sys(e, "%s", from->name);
		else
			r = seg_out_add(o, room, (size_t)n, e);
		at += n > 0 ? n : 0;
	}
	free(room);
	return r;
}
