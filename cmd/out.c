/*
 * Output is gathered in a buffer and written in large pieces; to a
 * terminal, and with --follow, after every record.
 */
#include "cmd/out.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/term.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "store/audit_note.h"

#define PIECE ((size_t)64 << 10)	/* bytes of one write */
/* The same where rows of the audit log go before it: each time is a
 * transaction. */
#define PIECE_NOTED ((size_t)4 << 20)

int (*out_may)(struct err *);

static struct err lost;		/* code is ERR_NONE: nothing was */

void
out_init(struct out *o)
{
	bool tty = isatty(1) == 1;

	memset(o, 0, sizeof *o);
	buf_init(&o->b);
	o->tty = o->text = tty;
	if (cmd.format != NULL) {
		o->text = strcmp(cmd.format, "text") == 0;
		o->csv = strcmp(cmd.format, "csv") == 0;
		o->ids = strcmp(cmd.format, "ids") == 0;
	}
	if (cmd.json || cmd.text) {
		o->text = cmd.text;
		o->csv = o->ids = false;
	}
	o->colour = o->text && term_colour(1);
	o->zero = cmd.zero;
	o->flush = tty;
	o->full = cmd.verbose > 0;
	o->width = tty ? term_width(1) : 0;
	o->last_day = INT64_MIN;
}

void
out_release(struct out *o)
{
	struct err e;

	if (o->b.len > 0 && out_flush(o, &e) < 0 && lost.code == ERR_NONE)
		lost = e;
	buf_release(&o->b);
}

int
out_raw(const void *p, size_t n, struct err *e)
{
	if (n > 0 && out_may != NULL && out_may(e) < 0)
		return -1;
	return file_write(1, p, n, "standard output", e);
}

int
out_flush(struct out *o, struct err *e)
{
	int r;

	r = out_raw(o->b.p, o->b.len, e);
	/* what failed once is not tried again */
	buf_reset(&o->b);
	return r;
}

static int
end_line(struct out *o, struct err *e)
{
	o->begun = true;
	if (o->csv && !o->zero)
		buf_addc(&o->b, '\r');
	buf_addc(&o->b, o->zero ? '\0' : '\n');
	if (o->flush || o->b.len >= PIECE_NOTED || (o->b.len >= PIECE &&
	    audit_waiting() == 0))
		return out_flush(o, e);
	return 0;
}

/*
 * JSON with the characters that could steer or deceive a terminal as \u
 * escapes: the same value.  They stand in strings only.
 */
static void
put_json_safe(struct out *o, const json_t *rec)
{
	struct buf line = BUF_INIT;
	uint32_t c;
	size_t i, n;

	json_write(&line, rec);
	for (i = 0; i < line.len; i += n) {
		c = utf8_decode(line.p + i, line.len - i, &n);
		if (!utf8_unsafe(c))
			buf_add(&o->b, line.p + i, n);
		else if (c < 0x10000)
			buf_addf(&o->b, "\\u%04x", (unsigned)c);
		else
			buf_addf(&o->b, "\\u%04x\\u%04x",
			    (unsigned)(0xd7c0 + (c >> 10)),
			    (unsigned)(0xdc00 | (c & 0x3ff)));
	}
	buf_release(&line);
}

static void
put_json(struct out *o, const json_t *rec)
{
	json_t *some = NULL;

	if (o->fields != NULL)
		rec = some = fields_pick(rec, o->fields);
	if (o->tty)
		put_json_safe(o, rec);
	else
		json_write(&o->b, rec);
	json_decref(some);
}

static void
put_line(struct out *o, const char *line, size_t len)
{
	if (o->tty)
		term_puts(&o->b, line, len, false);
	else
		buf_add(&o->b, line, len);
}

static void
put_row(struct out *o, const json_t *rec)
{
	struct buf row = BUF_INIT;

	fields_row(&row, rec, o->fields);
	put_line(o, row.p, row.len);
	buf_release(&row);
}

static void
put_record(struct out *o, const json_t *rec)
{
	const char *id;

	if (o->ids && (id = get_str(rec, "id", NULL)) != NULL)
		put_line(o, id, strlen(id));
	else if (o->csv)
		put_row(o, rec);
	else if (o->text)
		render(o, rec);
	else
		put_json(o, rec);
}

int
out_record(struct out *o, const json_t *rec, struct err *e)
{
	if (o->csv && !o->begun) {
		put_row(o, NULL);
		if (end_line(o, e) < 0)
			return -1;
	}
	put_record(o, rec);
	return end_line(o, e);
}

int
out_json(struct out *o, const char *json, size_t len, struct err *e)
{
	json_t *rec;
	int r;

	if (!o->text && !o->csv && !o->ids && !o->tty && o->fields == NULL) {
		buf_add(&o->b, json, len);
		return end_line(o, e);
	}
	if ((rec = json_read(json, len, e)) == NULL)
		return -1;
	r = out_record(o, rec, e);
	json_decref(rec);
	return r;
}

int
out_line(struct out *o, const char *line, struct err *e)
{
	put_line(o, line, strlen(line));
	return end_line(o, e);
}

int
out_heading(struct out *o, const char *line, struct err *e)
{
	if (!o->text)
		return 0;
	if (o->begun && !o->zero)
		buf_addc(&o->b, '\n');
	o->last_day = INT64_MIN;
	if (o->colour)
		buf_adds(&o->b, "\033[1m");
	term_puts(&o->b, line, strlen(line), false);
	if (o->colour)
		buf_adds(&o->b, "\033[0m");
	return end_line(o, e);
}

/* The bytes added since then, and the end of a line; they go again. */
static size_t
take_back(struct out *o, size_t at)
{
	size_t n = o->b.len - at;

	buf_cut(&o->b, at);
	return n + 1 + (o->csv && !o->zero);
}

json_t *
out_text(const char *s)
{
	json_t *v = json_string(s), *list;
	struct buf b = BUF_INIT;
	struct err ignored;	/* json_quote writes JSON */

	if (v != NULL)
		return v;
	buf_addc(&b, '[');
	json_quote(&b, s, strlen(s));
	buf_addc(&b, ']');
	list = json_read(b.p, b.len, &ignored);
	v = json_incref(json_array_get(list, 0));
	json_decref(list);
	buf_release(&b);
	return v;
}

size_t
out_record_size(struct out *o, const json_t *rec)
{
	size_t at = o->b.len;

	put_record(o, rec);
	return take_back(o, at);
}

size_t
out_line_size(struct out *o, const char *line)
{
	size_t at = o->b.len;

	put_line(o, line, strlen(line));
	return take_back(o, at);
}

int
out_wait(struct out *o, int ms, struct err *e)
{
	struct pollfd p = { .fd = 1 };

	if (o->b.len > 0 && out_flush(o, e) < 0)
		return -1;
	if (poll(&p, 1, ms) <= 0 ||
	    (p.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0)
		return 0;
	raise(SIGPIPE);
	return 1;
}

int
out_close(struct err *e)
{
	struct err first = lost;

	lost.code = ERR_NONE;
	/* EBADF: it was never open, and a write would have failed */
	if (close(1) < 0 && errno != EBADF && first.code == ERR_NONE)
		return err_sys(e, "cannot write standard output");
	if (first.code == ERR_NONE)
		return 0;
	*e = first;
	return -1;
}
