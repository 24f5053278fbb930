#include "docs/prose.h"

#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define COLUMNS 16384		/* of a sheet, at most: [MS-OI29500] 2.1 */
#define REPEATS 256		/* of one cell with text */

void
prose_init(struct prose *f, const struct docs_sink *to,
    const struct docs_limits *limits)
{
	*f = (struct prose){ .to = to, .limits = limits,
	    .kind = DOCS_PARAGRAPH, .text = BUF_INIT, .cell = BUF_INIT,
	    .row = BUF_INIT, .aside = BUF_INIT };
}

void
prose_release(struct prose *f)
{
	buf_release(&f->text);
	buf_release(&f->cell);
	buf_release(&f->row);
	buf_release(&f->aside);
}

/* --- telling ----------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static int
tell(struct prose *f, enum docs_kind kind, int64_t number, const char *p,
    size_t n, struct err *e)
{
	f->told += (int64_t)n;
	if (f->told > f->limits->bytes)
		return err_set(e, ERR_INPUT, "says more than %" PRId64
		    " bytes (docs.maxBytes)", f->limits->bytes);
	return docs_tell(f->to, kind, number, p, n, e);
}

/* Without the blanks around it; of code, and of rows, only those behind. */
static int
tell_trimmed(struct prose *f, enum docs_kind kind, int64_t number,
    const char *p, size_t n, struct err *e)
{
	while (n > 0 && is_blank(p[n - 1]))
		n--;
	if (kind != DOCS_CODE && kind != DOCS_ROW)
		for (; n > 0 && is_blank(*p); n--)
			p++;
	return n == 0 ? 0 : tell(f, kind, number, p, n, e);
}

int
prose_tell(struct prose *f, enum docs_kind kind, int64_t number, const char *p,
    size_t n, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int r;

	assert(!f->held);
	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] > ' ')
			buf_addc(&b, p[i]);
		else if (b.len > 0 && b.p[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	if (b.len > 0 && b.p[b.len - 1] == ' ')
		buf_cut(&b, b.len - 1);
	n = utf8_cut(b.p, b.len, (size_t)f->limits->line);
	/* what only says where one is may be empty */
	r = n == 0 && kind != DOCS_PAGE && kind != DOCS_SECTION ? 0 :
	    tell(f, kind, number, b.p, n, e);
	buf_release(&b);
	return r;
}

/* As much of what has grown too long as ends with a word, or a character. */
static int
tell_part(struct prose *f, struct buf *b, enum docs_kind kind, int64_t number,
    struct err *e)
{
	size_t most = (size_t)f->limits->line, n, i;

	while (b->len > most) {
		if ((n = utf8_cut(b->p, b->len, most)) == 0)
			n = b->len;		/* a limit of 3 bytes */
		for (i = n; i > n / 2 && !is_blank(b->p[i - 1]); i--)
			;
		if (i > n / 2)
			n = i;
		if (tell_trimmed(f, kind, number, b->p, n, e) < 0)
			return -1;
		memmove(b->p, b->p + n, b->len - n);
		buf_cut(b, b->len - n);
	}
	return 0;
}

/* --- paragraphs -------------------------------------------------------- */

static struct buf *
current(struct prose *f)
{
	return f->asides > 0 ? &f->aside : f->tables > 0 ? &f->cell :
	    &f->text;
}

/* Text in a table, or aside, is bounded without being told: it is cut. */
static int
bound(struct prose *f, struct buf *b, struct err *e)
{
	if ((int64_t)b->len <= f->limits->line)
		return 0;
	if (b == &f->text && f->silent)
		buf_reset(b);
	else if (b == &f->text)
		return tell_part(f, b, f->kind, f->number, e);
	else if (b == &f->aside)
		return tell_part(f, b, DOCS_PARAGRAPH, 0, e);
	else if (!f->dropped)
		return tell_part(f, b, DOCS_ROW, f->header, e);
	else
		buf_reset(b);
	return 0;
}

static void
add_blank(struct buf *b, char c)
{
	char *last = b->len > 0 ? &b->p[b->len - 1] : NULL;

	if (last == NULL || !is_blank(*last))
		buf_addc(b, c);
	else if (c == '\n' || *last == ' ')
		*last = c;
}

int
prose_add(struct prose *f, const char *p, size_t n, struct err *e)
{
	struct buf *b = current(f);
	bool code = b == &f->text && f->kind == DOCS_CODE;
	size_t i, from;

	for (i = 0; i < n; ) {
		for (from = i; i < n && (unsigned char)p[i] > ' ' &&
		    p[i] != 0x7f; i++)
			;
		buf_add(b, p + from, i - from);
		if (i < n) {
			if (code)
				buf_addc(b, is_blank(p[i]) ? p[i] : ' ');
			else if (b->len == 0 || !is_blank(b->p[b->len - 1]))
				buf_addc(b, ' ');
			i++;
		}
	}
	return bound(f, b, e);
}

int
prose_mark(struct prose *f, int c, struct err *e)
{
	struct buf *b = current(f);

	if (b == &f->text && f->kind == DOCS_CODE)
		buf_addc(b, c);
	else
		add_blank(b, b == &f->cell ? ' ' : (char)c);
	return bound(f, b, e);
}

static int
tell_pages(struct prose *f, struct err *e)
{
	for (; f->pages > 0; f->pages--)
		if (f->page > 0 &&
		    tell(f, DOCS_PAGE, ++f->page, "", 0, e) < 0)
			return -1;
	return 0;
}

static int
tell_paragraph(struct prose *f, struct err *e)
{
	int r;

	f->held = false;
	r = f->silent ? 0 : tell_trimmed(f, f->kind, f->number, f->text.p,
	    f->text.len, e);
	buf_reset(&f->text);
	f->kind = DOCS_PARAGRAPH;
	f->number = 0;
	if (r == 0)
		r = tell_trimmed(f, DOCS_PARAGRAPH, 0, f->aside.p,
		    f->aside.len, e);
	buf_reset(&f->aside);
	return r == 0 ? tell_pages(f, e) : r;
}

int
prose_end(struct prose *f, struct err *e)
{
	if (f->asides > 0 || f->tables > 0) {
		add_blank(current(f), f->asides > 0 ? '\n' : ' ');
		return 0;
	}
	if (f->kind == DOCS_CODE && f->join && f->pages == 0) {
		buf_addc(&f->text, '\n');
		f->held = true;
		return 0;
	}
	return tell_paragraph(f, e);
}

int
prose_settle(struct prose *f, struct err *e)
{
	return f->held ? tell_paragraph(f, e) : 0;
}

int
prose_kind(struct prose *f, enum docs_kind kind, int64_t number, struct err *e)
{
	if (f->asides > 0 || f->tables > 0)
		return 0;
	if (kind != DOCS_CODE && prose_settle(f, e) < 0)
		return -1;
	f->kind = kind;
	f->number = number;
	return 0;
}

void
prose_aside(struct prose *f)
{
	/* notes of one paragraph do not run into each other */
	if (f->asides++ == 0 && f->aside.len > 0)
		add_blank(&f->aside, '\n');
}

void
prose_aside_end(struct prose *f)
{
	assert(f->asides > 0);
	if (--f->asides > 0 || f->tables == 0)
		return;
	/* in a cell there is no place behind the paragraph */
	add_blank(&f->cell, ' ');
	buf_add(&f->cell, f->aside.p, f->aside.len);
	add_blank(&f->cell, ' ');
	buf_reset(&f->aside);
}

/* --- tables ------------------------------------------------------------ */

static void
one_line(struct buf *b)
{
	size_t i, n = 0, from = 0;

	while (b->len > 0 && is_blank(b->p[b->len - 1]))
		buf_cut(b, b->len - 1);
	while (from < b->len && is_blank(b->p[from]))
		from++;
	for (i = from; i < b->len; i++)
		b->p[n++] = is_blank(b->p[i]) ? ' ' : b->p[i];
	buf_cut(b, n);
}

/* What stood in no cell. */
static int
tell_between(struct prose *f, struct err *e)
{
	int r;

	one_line(&f->cell);
	r = f->cell.len == 0 ? 0 : tell(f, DOCS_PARAGRAPH, 0, f->cell.p,
	    f->cell.len, e);
	buf_reset(&f->cell);
	return r;
}

int
prose_table(struct prose *f, struct err *e)
{
	if (f->asides > 0)
		return 0;
	if (f->tables++ > 0)
		add_blank(&f->cell, ' ');
	return prose_settle(f, e);
}

int
prose_table_end(struct prose *f, struct err *e)
{
	if (f->asides > 0 || f->tables == 0)
		return 0;
	if (--f->tables > 0) {
		add_blank(&f->cell, ' ');
		return 0;
	}
	return tell_between(f, e) < 0 ? -1 : tell_pages(f, e);
}

int
prose_row(struct prose *f, bool header, struct err *e)
{
	if (f->asides > 0 || f->tables != 1)
		return 0;
	if (tell_between(f, e) < 0)
		return -1;
	buf_reset(&f->row);
	f->empty = 0;
	f->dropped = false;
	f->header = header;
	return 0;
}

void
prose_row_drop(struct prose *f)
{
	if (f->asides == 0 && f->tables == 1)
		f->dropped = true;
}

int
prose_cell_end(struct prose *f, int64_t times, struct err *e)
{
	if (f->asides > 0 || f->tables != 1) {
		if (f->asides == 0)
			add_blank(&f->cell, ' ');
		return 0;
	}
	if (times < 1)
		times = 1;
	if (times > COLUMNS)
		times = COLUMNS;
	one_line(&f->cell);
	if (f->cell.len == 0) {
		if ((f->empty += times) > COLUMNS)
			f->empty = COLUMNS;
		return 0;
	}
	if (times > REPEATS)
		times = REPEATS;
	for (; f->empty > 0; f->empty--)
		buf_addc(&f->row, '\t');
	for (; times > 0 && !f->dropped; times--) {
		buf_add(&f->row, f->cell.p, f->cell.len);
		buf_addc(&f->row, '\t');
		if (tell_part(f, &f->row, DOCS_ROW, f->header, e) < 0)
			return -1;
	}
	buf_reset(&f->cell);
	return 0;
}

int
prose_row_end(struct prose *f, struct err *e)
{
	int r = 0;

	if (f->asides > 0 || f->tables != 1)
		return 0;
	buf_reset(&f->cell);
	if (!f->dropped)
		r = tell_trimmed(f, DOCS_ROW, f->header, f->row.p,
		    f->row.len, e);
	buf_reset(&f->row);
	f->dropped = false;
	return r == 0 ? tell_pages(f, e) : r;
}

/* --- pages ------------------------------------------------------------- */

int
prose_pages(struct prose *f, struct err *e)
{
	if (f->page > 0)
		return 0;
	f->page = 1;
	return tell(f, DOCS_PAGE, 1, "", 0, e);
}

int
prose_page(struct prose *f, struct err *e)
{
	if (f->held && f->asides == 0) {	/* it goes on behind it */
		if (prose_settle(f, e) < 0)
			return -1;
		f->kind = DOCS_CODE;
	}
	f->pages++;
	if (f->asides > 0 || f->tables > 1 ||
	    (f->tables == 1 ? f->row.len + f->cell.len : f->text.len) > 0)
		return 0;
	return tell_pages(f, e);
}
