#include "docs/docx.h"

#include "base/str.h"
#include "docs/docx_note.h"
#include "docs/docx_style.h"
#include "docs/prose.h"
#include "docs/ooxml.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES 16		/* tables of one column, in each other */

enum pages { UNKNOWN, RENDERED, BY_HAND };

struct docx {
	struct ooxml o;
	struct docx_styles styles;
	struct docx_notes notes;
	struct prose f;
	struct markup *m;	/* of the main part */
	bool in_text;
	enum pages pages;
	/* of the paragraph */
	bool properties;	/* what it is is known */
	bool title;
	bool goes_on;		/* its end was deleted */
	bool section;		/* a new one begins behind it */
	/* of the table, the row, the cell; of the outermost */
	bool look, first_row, row_broke;
	int64_t span;
	/* tables of one column frame what is in them, and are none */
	int frame[FRAMES];	/* where they stand: markup_depth */
	int frames;
	int table;		/* the same, of the outermost one that is none
				   of them */
};

/* --- paragraphs -------------------------------------------------------- */

static int
set_kind(struct docx *d, const struct docx_style *st, struct err *e)
{
	struct prose *f = &d->f;

	if (f->asides > 0)
		return 0;
	d->title = st->title;
	if (st->title)
		return prose_kind(f, DOCS_HEADING, 1, e);
	if (st->outline >= 0 && st->outline < 9)
		return prose_kind(f, DOCS_HEADING, st->outline + 1, e);
	if (st->list > 0)
		return prose_kind(f, DOCS_ITEM, st->depth > 0 ? st->depth + 1 :
		    1, e);
	return prose_kind(f, st->code ? DOCS_CODE : DOCS_PARAGRAPH, 0, e);
}

/* Of the mark at the paragraph's end; in rPr of pPr. */
static int
read_mark(struct docx *d, struct err *e)
{
	int depth = markup_depth(d->m), what;

	while ((what = markup_next(d->m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(d->m) > depth)) {
		if (what != MARKUP_OPEN)
			continue;
		if (markup_is(d->m, "del") && d->f.asides == 0)
			d->goes_on = true;
		if (markup_skip(d->m, e) < 0)
			return -1;
	}
	return what < 0 ? -1 : 0;
}

static int
read_section(struct docx *d, struct err *e)
{
	int depth = markup_depth(d->m), what;
	bool page = true;
	const char *s;

	while ((what = markup_next(d->m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(d->m) > depth))
		if (what == MARKUP_OPEN && markup_is(d->m, "type") &&
		    (s = markup_attr(d->m, "val")) != NULL)
			page = strcmp(s, "continuous") != 0;
	d->section = page && d->f.asides == 0;
	return what < 0 ? -1 : 0;
}

static int
page_by_hand(struct docx *d, struct err *e)
{
	return d->pages == BY_HAND ? prose_page(&d->f, e) : 0;
}

/* 17.3.1: what a paragraph is, by its style and by itself. */
static int
read_paragraph(struct docx *d, struct err *e)
{
	struct docx_style st = docx_styles_get(&d->styles, NULL), own = st;
	int depth = markup_depth(d->m), what, r = 0;
	struct markup *m = d->m;
	bool contents = false;
	const char *s;

	own.outline = own.list = own.depth = -1;
	while (r == 0 && (what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth)) {
		if (what != MARKUP_OPEN)
			continue;
		if (markup_is(m, "pStyle")) {
			if ((s = markup_attr(m, "val")) != NULL)
				st = docx_styles_get(&d->styles, s);
			contents = st.contents;
			r = markup_skip(m, e);
		} else if (markup_is(m, "outlineLvl")) {
			markup_number(m, "val", 0, 9, &own.outline);
		} else if (markup_is(m, "numPr")) {
			r = docx_numbering(m, &own, e);
		} else if (markup_is(m, "rPr")) {
			r = read_mark(d, e);
		} else if (markup_is(m, "sectPr")) {
			r = read_section(d, e);
		} else if (markup_is(m, "pageBreakBefore")) {
			if (markup_on(m, "val", true) && d->f.asides == 0)
				r = page_by_hand(d, e);
		} else
			r = markup_skip(m, e);
	}
	if (r < 0 || what < 0)
		return -1;
	if (d->f.asides == 0)
		d->properties = true;
	if (own.outline >= 0)
		st.outline = own.outline;
	if (own.list >= 0)
		st.list = own.list;
	if (own.depth >= 0)
		st.depth = own.depth;
	if (set_kind(d, &st, e) < 0)
		return -1;
	d->f.silent = contents && d->f.asides == 0;
	return 0;
}

/* What it is its properties say, which come first; most have some. */
static int
begin_paragraph(struct docx *d)
{
	if (d->f.asides == 0) {
		d->properties = d->goes_on;
		d->goes_on = d->section = false;
	}
	return 0;
}

static int
begin_run(struct docx *d, struct err *e)
{
	struct docx_style st;

	if (d->f.asides > 0 || d->properties)
		return 0;
	d->properties = true;
	st = docx_styles_get(&d->styles, NULL);
	return set_kind(d, &st, e);
}

static int
end_paragraph(struct docx *d, struct err *e)
{
	struct prose *f = &d->f;
	char *s;

	if (f->asides > 0)
		return prose_end(f, e);
	if (d->goes_on)
		return 0;
	if (d->title && f->tables == 0) {
		s = strndup(f->text.p, f->text.len);
		if (s != NULL && partxml_tell_meta(f->to, DOCS_TITLE, s,
		    strlen(s), e) < 0) {
			free(s);
			return -1;
		}
		free(s);
	}
	d->title = false;
	if (prose_end(f, e) < 0)
		return -1;
	f->silent = false;
	return d->section ? page_by_hand(d, e) : 0;
}

static int
note(struct docx *d, char kind, struct err *e)
{
	const char *id = markup_attr(d->m, "id"), *p;
	size_t n;
	int r;

	if (id == NULL ||
	    (p = docx_notes_get(&d->notes, kind, id, &n)) == NULL)
		return 0;
	prose_aside(&d->f);
	r = prose_add(&d->f, p, n, e);
	prose_aside_end(&d->f);
	return r;
}

/* --- tables ------------------------------------------------------------ */

/* 17.4.55: the first row is set off; bit 5 in the older form. */
static bool
has_first_row(struct markup *m)
{
	const char *s = markup_attr(m, "firstRow");

	if (s != NULL)
		return markup_on(m, "firstRow", false);
	return (s = markup_attr(m, "val")) != NULL &&
	    (strtoul(s, NULL, 16) & 0x20) != 0;
}

static int
read_row(struct docx *d, struct err *e)
{
	int depth = markup_depth(d->m), what;
	bool outer = d->f.tables == 1 && d->f.asides == 0;
	int64_t before = 0;

	while ((what = markup_next(d->m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(d->m) > depth)) {
		if (what != MARKUP_OPEN || !outer)
			continue;
		if (markup_is(d->m, "tblHeader"))
			d->f.header = markup_on(d->m, "val", true);
		else if (markup_is(d->m, "del"))
			prose_row_drop(&d->f);
		else if (markup_is(d->m, "gridBefore") &&
		    markup_number(d->m, "val", 1, 1000, &before) &&
		    prose_cell_end(&d->f, before, e) < 0)
			return -1;
	}
	return what < 0 ? -1 : 0;
}

/* 17.4.48: the columns of a table, which come before its rows. */
static int
read_grid(struct docx *d, struct err *e)
{
	int depth = markup_depth(d->m), what, columns = 0;
	struct prose *f = &d->f;

	while ((what = markup_next(d->m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(d->m) > depth))
		columns += what == MARKUP_OPEN && markup_is(d->m, "gridCol");
	if (columns == 1 && f->tables == 1 && f->asides == 0 &&
	    d->table == depth - 1 && d->frames < FRAMES) {
		d->frame[d->frames++] = depth - 1;
		f->tables--;
	}
	return what < 0 ? -1 : 0;
}

static int
end_table(struct docx *d, struct err *e)
{
	if (d->frames == 0 ||
	    d->frame[d->frames - 1] != markup_depth(d->m))
		return prose_table_end(&d->f, e);
	d->frames--;
	return 0;
}

static int
end_cell(struct docx *d, struct err *e)
{
	int64_t span = d->span;

	if (prose_cell_end(&d->f, 1, e) < 0)
		return -1;
	if (d->f.tables != 1 || d->f.asides > 0)
		return 0;
	d->span = 1;
	return span > 1 ? prose_cell_end(&d->f, span - 1, e) : 0;
}

/* --- the text ---------------------------------------------------------- */

enum { ALTERNATE_FALLBACK, BR, CR, DEL, ENDNOTE, FOOTNOTE, GRID_SPAN,
    RENDERED_BREAK, MOVE_FROM, NO_BREAK_HYPHEN, P, P_PR, PTAB, R, R_PR, RT,
    SDT_PR, SECT_PR, T, TAB, TBL, TBL_GRID, TBL_LOOK, TC, TR, TR_PR,
    TXBX, NAMES };

static const char *const names[NAMES] = { "Fallback", "br", "cr", "del",
    "endnoteReference", "footnoteReference", "gridSpan",
    "lastRenderedPageBreak", "moveFrom", "noBreakHyphen", "p", "pPr", "ptab",
    "r", "rPr", "rt", "sdtPr", "sectPr", "t", "tab", "tbl", "tblGrid",
    "tblLook", "tc", "tr", "trPr", "txbxContent" };

static int
on_break(struct docx *d, struct err *e)
{
	const char *s = markup_attr(d->m, "type");

	if (s == NULL || strcmp(s, "page") != 0)
		return prose_mark(&d->f, '\n', e);
	return d->f.asides > 0 ? 0 : page_by_hand(d, e);
}

/* Cells of one row that a page ends in say so each. */
static int
on_rendered_break(struct docx *d, struct err *e)
{
	if (d->pages != RENDERED || d->f.asides > 0 ||
	    (d->f.tables > 0 && d->row_broke))
		return 0;
	d->row_broke = true;
	return prose_page(&d->f, e);
}

static int
begin_row(struct docx *d, struct err *e)
{
	bool header = d->look && d->first_row;

	if (d->f.tables != 1 || d->f.asides > 0)
		return 0;
	d->first_row = d->row_broke = false;
	d->span = 1;
	return prose_row(&d->f, header, e);
}

static int
on_open(struct docx *d, struct err *e)
{
	struct prose *f = &d->f;
	bool outer = f->tables == 1 && f->asides == 0;

	switch (markup_which(d->m, names, NAMES)) {
	case P:
		return begin_paragraph(d);
	case P_PR:
		return read_paragraph(d, e);
	case R:
		return begin_run(d, e);
	case T:
		d->in_text = true;
		return 0;
	case TAB:
	case PTAB:
		return prose_mark(f, '\t', e);
	case BR:
		return on_break(d, e);
	case CR:
		return prose_mark(f, '\n', e);
	case NO_BREAK_HYPHEN:
		return prose_add(f, "-", 1, e);
	case RENDERED_BREAK:
		return on_rendered_break(d, e);
	case FOOTNOTE:
		return note(d, 'f', e);
	case ENDNOTE:
		return note(d, 'e', e);
	case TBL:
		if (f->tables == 0 && f->asides == 0) {
			d->look = false;
			d->first_row = true;
			d->table = markup_depth(d->m);
		}
		return prose_table(f, e);
	case TBL_GRID:
		return read_grid(d, e);
	case TBL_LOOK:
		if (outer)
			d->look = has_first_row(d->m);
		return 0;
	case TR:
		return begin_row(d, e);
	case TR_PR:
		return read_row(d, e);
	case GRID_SPAN:
		if (outer)
			markup_number(d->m, "val", 1, 1000, &d->span);
		return 0;
	case TXBX:
		prose_aside(f);
		return 0;
	/* of two forms of the same the first is read */
	case ALTERNATE_FALLBACK:
	case DEL:
	case MOVE_FROM:
	case R_PR:
	case RT:
	case SDT_PR:
	case SECT_PR:
		return markup_skip(d->m, e);
	default:
		return 0;
	}
}

static int
on_close(struct docx *d, struct err *e)
{
	switch (markup_which(d->m, names, NAMES)) {
	case P:
		return end_paragraph(d, e);
	case T:
		d->in_text = false;
		return 0;
	case TBL:
		return end_table(d, e);
	case TR:
		return prose_row_end(&d->f, e);
	case TC:
		return end_cell(d, e);
	case TXBX:
		prose_aside_end(&d->f);
		return 0;
	default:
		return 0;
	}
}

static int
read_main(struct docx *d, struct err *e)
{
	struct partxml x;
	const char *p;
	int what, r = 0;
	size_t n;

	if (partxml_open(&x, d->o.parts, d->o.main, d->o.limits, e) != 1)
		return -1;
	d->m = x.m;
	while (r == 0 && (what = markup_next(x.m, e)) > MARKUP_END)
		if (what == MARKUP_OPEN)
			r = on_open(d, e);
		else if (what == MARKUP_CLOSE)
			r = on_close(d, e);
		else if (d->in_text) {
			p = markup_text(x.m, &n);
			r = prose_add(&d->f, p, n, e);
		}
	partxml_close(&x);
	if (r < 0 || what < 0)
		return err_add(e, "part '%s'", d->o.main);
	d->goes_on = false;
	return end_paragraph(d, e) < 0 ? -1 : prose_settle(&d->f, e);
}

/* --- pages ------------------------------------------------------------- */

static bool
holds(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word);
	const char *end = p + n;

	for (; (p = memchr(p, word[0], (size_t)(end - p))) != NULL &&
	    (size_t)(end - p) >= len; p++)
		if (memcmp(p, word, len) == 0)
			return true;
	return false;
}

/* How pages can be told is to be known before the first block. */
static int
find_pages(struct docx *d, struct err *e)
{
	static const char *const by_hand[] = { "type=\"page\"",
	    "type='page'", "pageBreakBefore" };
	char room[16384 + 32];
	struct docs_in *in;
	size_t kept = 0, i;
	int64_t n;

	if (parts_begin(d->o.parts, d->o.main, &in, e) != 1)
		return -1;
	while ((n = docs_in_read(in, room + kept, 16384, e)) > 0) {
		n += (int64_t)kept;
		if (holds(room, (size_t)n, "lastRenderedPageBreak")) {
			d->pages = RENDERED;
			break;
		}
		for (i = 0; i < sizeof by_hand / sizeof *by_hand; i++)
			if (holds(room, (size_t)n, by_hand[i]))
				d->pages = BY_HAND;
		kept = n < 32 ? (size_t)n : 32;
		memmove(room, room + (size_t)n - kept, kept);
	}
	parts_end(in);
	if (n < 0)
		return -1;
	return d->pages != UNKNOWN ? prose_pages(&d->f, e) : 0;
}

int
docs_read_docx(struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	struct docx d = { .span = 1 };
	int r = -1;

	if (ooxml_open(&d.o, in, to, limits, e) < 0)
		return -1;
	docx_styles_init(&d.styles);
	docx_notes_init(&d.notes);
	prose_init(&d.f, to, limits);
	d.f.join = true;
	if (docx_styles_load(&d.styles, &d.o, e) == 0 &&
	    docx_notes_load(&d.notes, &d.o, e) == 0 &&
	    find_pages(&d, e) == 0)
		r = read_main(&d, e);
	prose_release(&d.f);
	docx_notes_release(&d.notes);
	docx_styles_release(&d.styles);
	ooxml_close(&d.o);
	return r;
}
