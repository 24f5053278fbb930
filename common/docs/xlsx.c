/*
 * Sheets may be far larger than memory: a row is told as it ends, and styles
 * and shared strings, which are read before, are bounded.
 */
#include "docs/xlsx.h"

#include "base/alloc.h"
#include "base/str.h"
#include "docs/prose.h"
#include "docs/ooxml.h"
#include "docs/xlsx_format.h"
#include "docs/xlsx_string.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 16384		/* XFD: [MS-OI29500] 2.1 */

struct sheet {
	char *name, *part;	/* own */
	bool hidden;
};

struct xlsx {
	struct ooxml o;
	struct prose f;
	struct xlsx_strings strings;
	struct map codes;	/* of formats of its own, by number */
	struct xlsx_format *format;	/* own; of each style of cells */
	size_t formats, formats_cap;
	bool in_cell_styles;
	bool from_1904;
	struct sheet *sheet;	/* own */
	size_t sheets, sheets_cap;
	struct buf value;	/* of the cell */
	/* of the sheet that is read */
	bool begun;		/* a row was told */
	int64_t column;		/* where the next cell stands, from 0 */
	int64_t texts, others;	/* cells of the row */
};

/* --- the workbook ------------------------------------------------------ */

static int
take_book(void *arg, struct markup *m, struct err *e)
{
	struct xlsx *x = arg;
	const char *part, *s;

	if (markup_is(m, "workbookPr"))
		x->from_1904 = markup_on(m, "date1904", false);
	part = markup_is(m, "sheet") ? rels_by_id(&x->o.rels,
	    markup_attr_in(m, OOXML_R, "id")) : NULL;
	if (part == NULL)
		return 0;
	if ((int64_t)x->sheets >= x->o.limits->entries)
		return err_set(e, ERR_INPUT, "has more than %" PRId64
		    " sheets (docs.maxEntries)", x->o.limits->entries);
	x->sheet = xgrow(x->sheet, x->sheets, &x->sheets_cap,
	    sizeof *x->sheet);
	s = markup_attr(m, "name");
	x->sheet[x->sheets].name = xstrdup(s != NULL ? s : "");
	x->sheet[x->sheets].part = xstrdup(part);
	x->sheet[x->sheets++].hidden = (s = markup_attr(m, "state")) != NULL &&
	    strcmp(s, "visible") != 0;
	return 0;
}

static int
take_style(void *arg, struct markup *m, struct err *e)
{
	struct xlsx_format f = { XLSX_GENERAL, 0 };
	struct xlsx *x = arg;
	const char *id, *code;
	union map_value *v;
	int64_t n = 0;
	char *key;
	int made;

	if (markup_is(m, "numFmt")) {
		if ((id = markup_attr(m, "numFmtId")) == NULL)
			return 0;
		key = xstrdup(id);
		if ((code = markup_attr(m, "formatCode")) != NULL)
			f = xlsx_format_of(code);
		if ((int64_t)x->codes.n < x->o.limits->entries)
			map_put(&x->codes, key, &made)->i = f.kind << 8 |
			    f.decimals;
		free(key);
	} else if (markup_is(m, "cellXfs"))
		x->in_cell_styles = true;
	else if (markup_is(m, "cellStyles") || markup_is(m, "dxfs"))
		x->in_cell_styles = false;
	else if (markup_is(m, "xf") && x->in_cell_styles) {
		if ((int64_t)x->formats >= x->o.limits->entries)
			return err_set(e, ERR_INPUT, "has more than %" PRId64
			    " styles (docs.maxEntries)", x->o.limits->entries);
		x->format = xgrow(x->format, x->formats, &x->formats_cap,
		    sizeof *x->format);
		id = markup_attr(m, "numFmtId");
		if (id != NULL && (v = map_get(&x->codes, id)) != NULL) {
			f.kind = (enum xlsx_kind)(v->i >> 8);
			f.decimals = (int)(v->i & 0xff);
		} else if (id != NULL && str_int(id, 0, 1000, &n) == 1)
			f = xlsx_format_id(n);
		x->format[x->formats++] = f;
	}
	return 0;
}

/* --- cells ------------------------------------------------------------- */

/* "BC7": 54, from 0; -1: it is none. */
static int64_t
column_of(const char *ref)
{
	int64_t n = 0;

	for (; ref != NULL && *ref >= 'A' && *ref <= 'Z' && n <= COLUMNS;
	    ref++)
		n = n * 26 + (*ref - 'A' + 1);
	return n >= 1 && n <= COLUMNS ? n - 1 : -1;
}

/* What it says goes to the row; text: it is no number. */
static int
show_cell(struct xlsx *x, char type, int64_t style, bool *text,
    struct err *e)
{
	static const struct xlsx_format general = { XLSX_GENERAL, 0 };
	const struct xlsx_format *f = style < (int64_t)x->formats ?
	    &x->format[style] : &general;
	const char *p = x->value.p;
	size_t len = x->value.len;
	char shown[XLSX_SHOWN];
	int64_t i;
	int r;

	*text = type != 'n' && type != 'b' && type != 'd';
	if (type == 's') {
		if (str_int(str_trim(x->value.p), 0, INT64_MAX, &i) != 1)
			return 0;
		if ((r = xlsx_strings_get(&x->strings, i, &p, &len, e)) != 1)
			return r;
	} else if (type == 'b') {
		p = strcmp(p, "1") == 0 ? "TRUE" : "FALSE";
		len = strlen(p);
	} else if (type == 'n' && len > 0 && len < 40) {
		xlsx_show(shown, f, p, x->from_1904);
		p = shown;
		len = strlen(p);
	}
	return prose_add(&x->f, p, len, e);
}

/* The letter of a type: 18.18.11. */
static char
type_of(const char *s)
{
	static const struct { const char *name; char letter; } types[] = {
		{ "s", 's' }, { "inlineStr", 'i' }, { "str", 'i' },
		{ "b", 'b' }, { "e", 'e' }, { "d", 'd' } };
	size_t i;

	for (i = 0; s != NULL && i < sizeof types / sizeof *types; i++)
		if (strcmp(s, types[i].name) == 0)
			return types[i].letter;
	return 'n';
}

static int
read_cell(struct xlsx *x, struct markup *m, struct err *e)
{
	int depth = markup_depth(m), what, r = 0;
	int64_t style = 0, column = column_of(markup_attr(m, "r"));
	char type = type_of(markup_attr(m, "t"));
	bool text;

	markup_number(m, "s", 0, INT32_MAX, &style);
	buf_reset(&x->value);
	while (r == 0 && (what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth))
		if (what != MARKUP_OPEN)
			continue;
		else if (markup_is(m, "v"))
			r = markup_content(m, &x->value,
			    (size_t)x->o.limits->line, e);
		else if (markup_is(m, "is"))
			r = xlsx_string_read(m, &x->value,
			    (size_t)x->o.limits->line, e);
		else
			r = markup_skip(m, e);	/* its formula */
	if (r < 0 || what < 0)
		return -1;
	if (column > x->column) {
		if (prose_cell_end(&x->f, column - x->column, e) < 0)
			return -1;
		x->column = column;
	}
	x->column++;
	if (x->value.len == 0)
		return prose_cell_end(&x->f, 1, e);
	if (show_cell(x, type, style, &text, e) < 0)
		return -1;
	if (text)
		x->texts += x->f.cell.len > 0;
	else
		x->others++;
	return prose_cell_end(&x->f, 1, e);
}

static int
read_sheet(struct xlsx *x, struct markup *m, struct err *e)
{
	int what, r = 0;

	if (prose_table(&x->f, e) < 0)
		return -1;
	while (r == 0 && (what = markup_next(m, e)) > MARKUP_END)
		if (what == MARKUP_OPEN && markup_is(m, "row")) {
			r = prose_row(&x->f, false, e);
			x->column = x->texts = x->others = 0;
		} else if (what == MARKUP_OPEN && markup_is(m, "c"))
			r = read_cell(x, m, e);
		else if (what == MARKUP_CLOSE && markup_is(m, "row")) {
			x->f.header = !x->begun && x->texts > 1 &&
			    x->others == 0;
			/* what names a sheet stands above its columns */
			if (x->texts > 1 || x->others > 0)
				x->begun = true;
			r = prose_row_end(&x->f, e);
		}
	return r < 0 || what < 0 ? -1 : prose_table_end(&x->f, e);
}

static int
tell_sheet(struct xlsx *x, const struct sheet *s, struct err *e)
{
	struct buf name = BUF_INIT;
	struct partxml part;
	int r;

	buf_addf(&name, "%s%s", s->name, s->hidden ? " (hidden)" : "");
	r = prose_tell(&x->f, DOCS_SECTION, 0, name.p, name.len, e);
	buf_release(&name);
	if (r < 0 || (r = partxml_open(&part, x->o.parts, s->part,
	    x->o.limits, e)) != 1)
		return r;
	x->begun = false;
	r = read_sheet(x, part.m, e);
	partxml_close(&part);
	return r < 0 ? err_add(e, "part '%s'", s->part) : 0;
}

static int
read_all(struct xlsx *x, struct err *e)
{
	size_t i;

	if (partxml_each(x->o.parts, x->o.main, x->o.limits, take_book, x,
	    e) < 0 || ooxml_each(&x->o, "styles", take_style, x, e) < 0 ||
	    xlsx_strings_load(&x->strings, &x->o, e) < 0)
		return -1;
	for (i = 0; i < x->sheets; i++)
		if (tell_sheet(x, &x->sheet[i], e) < 0)
			return -1;
	return 0;
}

int
docs_read_xlsx(struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	struct xlsx x = { .codes = MAP_INIT, .value = BUF_INIT };
	size_t i;
	int r;

	if (ooxml_open(&x.o, in, to, limits, e) < 0)
		return -1;
	prose_init(&x.f, to, limits);
	xlsx_strings_init(&x.strings, limits);
	r = read_all(&x, e);
	for (i = 0; i < x.sheets; i++) {
		free(x.sheet[i].name);
		free(x.sheet[i].part);
	}
	free(x.sheet);
	free(x.format);
	map_release(&x.codes);
	buf_release(&x.value);
	xlsx_strings_release(&x.strings);
	prose_release(&x.f);
	ooxml_close(&x.o);
	return r;
}
