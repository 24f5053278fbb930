/*
 * Output is gathered in a buffer and written in large pieces; to a
 * terminal, and with --follow, after every record.
 */
#include "cmd/out.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/term.h"
#include "base/utf8.h"
#include "cmd/cmd.h"

#define PIECE ((size_t)64 << 10)	/* bytes of one write */

static struct err lost;		/* code is ERR_NONE: nothing was */

void
out_init(struct out *o)
{
	bool tty = isatty(1) == 1;

	memset(o, 0, sizeof *o);
	buf_init(&o->b);
	o->tty = o->text = tty;
	if (cmd.format != NULL)
		o->text = strcmp(cmd.format, "text") == 0;
	if (cmd.json)
		o->text = false;
	if (cmd.text)
		o->text = true;
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
out_flush(struct out *o, struct err *e)
{
	int r;

	r = file_write(1, o->b.p, o->b.len, "standard output", e);
	/* what failed once is not tried again */
	buf_reset(&o->b);
	return r;
}

static int
end_line(struct out *o, struct err *e)
{
	buf_addc(&o->b, o->zero ? '\0' : '\n');
	if (o->flush || o->b.len >= PIECE)
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

int
out_record(struct out *o, const json_t *rec, struct err *e)
{
	if (o->text)
		render(o, rec);
	else if (o->tty)
		put_json_safe(o, rec);
	else
		json_write(&o->b, rec);
	return end_line(o, e);
}

int
out_line(struct out *o, const char *line, struct err *e)
{
	if (o->tty)
		term_puts(&o->b, line, strlen(line), false);
	else
		buf_adds(&o->b, line);
	return end_line(o, e);
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
