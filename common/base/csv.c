/*
 * A state machine over bytes.  Runs that hold nothing special are copied at
 * once; a row that is too long is still followed to its end, because only
 * its quotes tell where the next one begins.
 */
#include "base/csv.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

/* Where in a cell we are: nothing of it yet, bare, inside quotes, behind a
 * quote that closes it unless another one follows. */
enum place { START, BARE, QUOTED, CLOSED };

void
csv_init(struct csv *c, int fd, const char *name)
{
	memset(c, 0, sizeof *c);
	c->fd = fd;
	c->name = name;
	c->sep = ',';
	c->max = CSV_ROW_MAX;
	c->chunk = CHUNK;
	c->line = 1;
	buf_init(&c->in);
	buf_init(&c->row);
}

void
csv_release(struct csv *c)
{
	buf_release(&c->in);
	buf_release(&c->row);
	free(c->cell);
	c->cell = NULL;
	c->n = c->cap = c->at = 0;
	c->eof = true;
}

/* 1 there is a byte at in.p[at], 0 the end, -1 failed. */
static int
fill(struct csv *c, struct err *e)
{
	ssize_t n;
	char *p;

	if (c->at < c->in.len)
		return 1;
	if (c->eof)
		return 0;
	buf_reset(&c->in);
	c->at = 0;
	p = buf_reserve(&c->in, c->chunk);
	while ((n = read(c->fd, p, c->chunk)) < 0)
		if (errno != EINTR)
			return err_sys(e, "cannot read '%s'", c->name);
	c->eof = n == 0;
	c->in.len = (size_t)n;
	return n > 0;
}

static int
skip_mark(struct csv *c, struct err *e)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct buf head = BUF_INIT;
	int i, r = 1;

	/* the mark may come in pieces */
	for (i = 0; i < 3 && (r = fill(c, e)) == 1; i++) {
		if (c->in.p[c->at] != mark[i])
			break;
		buf_addc(&head, c->in.p[c->at++]);
	}
	if (r >= 0 && i < 3 && head.len > 0) {
		buf_add(&head, c->in.p + c->at, c->in.len - c->at);
		buf_release(&c->in);
		c->in = head;
		c->at = 0;
		buf_init(&head);
	}
	buf_release(&head);
	c->begun = true;
	return r < 0 ? -1 : 0;
}

struct reading {
	enum place place;
	size_t start;		/* of the cell, in row */
	bool any;		/* there is a byte of the row */
	bool over;		/* it is too long: nothing is kept */
	bool cr;		/* the byte before was a CR */
};

static void
keep(struct csv *c, struct reading *r, const char *p, size_t n)
{
	if (r->over)
		return;
	if (n > c->max || c->row.len > c->max - n) {
		r->over = true;
		return;
	}
	buf_add(&c->row, p, n);
}

static void
end_cell(struct csv *c, struct reading *r)
{
	if (c->n >= CSV_CELLS_MAX)
		r->over = true;
	if (!r->over) {
		c->cell = xgrow(c->cell, c->n, &c->cap, sizeof *c->cell);
		c->cell[c->n].at = r->start;
		c->cell[c->n].len = c->row.len - r->start;
		c->n++;
		buf_addc(&c->row, '\0');
	}
	r->start = c->row.len;
	r->place = START;
}

/* Bytes from at on that mean nothing where we are. */
static size_t
plain(const struct csv *c, enum place place)
{
	const char *p = c->in.p + c->at, *end = c->in.p + c->in.len;
	const char *s = p;

	if (place == QUOTED)
		while (p < end && *p != '"' && *p != '\n' && *p != '\r')
			p++;
	else
		while (p < end && *p != c->sep && *p != '\n' && *p != '\r' &&
		    (*p != '"' || place == BARE))
			p++;
	return (size_t)(p - s);
}

/* One byte that may mean something.  1: the row ends. */
static int
step(struct csv *c, struct reading *r)
{
	char b = c->in.p[c->at++];

	if (b == '\n' || b == '\r')
		c->line += b == '\r' || !r->cr;
	r->cr = b == '\r';
	if (r->place == QUOTED) {
		if (b == '"')
			r->place = CLOSED;
		else
			keep(c, r, &b, 1);
		return 0;
	}
	if (b == '"' && (r->place == START || r->place == CLOSED)) {
		if (r->place == CLOSED)
			keep(c, r, &b, 1);
		r->place = QUOTED;
		r->any = true;
		return 0;
	}
	if (b == '\n' || b == '\r') {
		if (r->any)
			end_cell(c, r);
		return r->any;
	}
	r->any = true;
	if (b == c->sep)
		end_cell(c, r);
	else {
		keep(c, r, &b, 1);
		r->place = BARE;
	}
	return 0;
}

enum csv_got
csv_next(struct csv *c, struct err *e)
{
	struct reading r = { 0 };
	bool torn = false;
	size_t n;
	int got;

	if (!c->begun && skip_mark(c, e) < 0)
		return CSV_FAIL;
	buf_reset(&c->row);
	c->n = 0;
	while ((got = fill(c, e)) == 1) {
		if (!r.any)
			c->line_no = c->line;
		if ((n = plain(c, r.place)) > 0) {
			keep(c, &r, c->in.p + c->at, n);
			c->at += n;
			r.any = true;
			r.cr = false;
			if (r.place != QUOTED)
				r.place = BARE;
			continue;
		}
		if (step(c, &r))
			break;
	}
	if (got < 0)
		return CSV_FAIL;
	if (got == 0 && !r.any)
		return CSV_END;
	if (got == 0) {
		torn = r.place == QUOTED;
		end_cell(c, &r);
	} else if (r.cr && fill(c, e) == 1 && c->in.p[c->at] == '\n')
		c->at++;
	if (r.over)
		return CSV_LONG;
	return torn ? CSV_TORN : CSV_ROW;
}

const char *
csv_cell(const struct csv *c, size_t i)
{
	return i < c->n ? c->row.p + c->cell[i].at : "";
}

char
csv_guess(const char *p, size_t len)
{
	static const char seps[] = ",;\t|";
	size_t count[4] = { 0 }, i, best = 0;
	bool quoted = false;
	const char *s;

	for (i = 0; i < len && (quoted || (p[i] != '\n' && p[i] != '\r'));
	    i++) {
		if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] != '\0' &&
		    (s = strchr(seps, p[i])) != NULL)
			count[s - seps]++;
	}
	for (i = 1; i < 4; i++)
		if (count[i] > count[best])
			best = i;
	return seps[best];
}
