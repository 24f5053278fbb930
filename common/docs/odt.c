#include "docs/odt.h"

#include "base/alloc.h"
#include "base/map.h"
#include "docs/prose.h"
#include "docs/partxml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN 32		/* styles, each based on the next */

enum { TITLE = 1, CODE = 2, BREAK = 4 };	/* what a style may do */

struct style {
	int does;
	char *parent;		/* own; NULL: none */
};

struct odt {
	struct parts *parts;	/* own */
	const struct docs_limits *limits;
	const struct docs_sink *to;
	struct prose f;
	struct markup *m;	/* of the part that is read */
	struct map names;	/* of styles: index + 1 */
	struct style *style;	/* own */
	size_t n, cap;
	size_t now;		/* the style that is read: index + 1 */
	int64_t pages;		/* as meta.xml says; 0: it does not */
	bool breaks;		/* a style begins a page */
	bool in_body;
	int paragraphs;		/* that are open */
	int lists;		/* the same */
	bool first;		/* of its item */
	bool title;
	bool header;		/* rows name the columns */
	int64_t times;		/* that the cell stands there */
};

/* --- styles ------------------------------------------------------------ */

static int
take_style(void *arg, struct markup *m, struct err *e)
{
	struct odt *o = arg;
	const char *name, *s;
	int made;
	union map_value *v;

	if (markup_is(m, "paragraph-properties") && o->now > 0) {
		s = markup_attr(m, "break-before");
		if (s != NULL && strcmp(s, "page") == 0) {
			o->style[o->now - 1].does |= BREAK;
			o->breaks = true;
		}
		return 0;
	}
	if (!markup_is(m, "style"))
		return 0;
	o->now = 0;
	if ((s = markup_attr(m, "family")) == NULL ||
	    strcmp(s, "paragraph") != 0 ||
	    (name = markup_attr(m, "name")) == NULL)
		return 0;
	if ((int64_t)o->n >= o->limits->entries)
		return err_set(e, ERR_INPUT, "has more than %" PRId64
		    " styles (docs.maxEntries)", o->limits->entries);
	v = map_put(&o->names, name, &made);
	if (!made)
		return 0;
	o->style = xgrow(o->style, o->n, &o->cap, sizeof *o->style);
	o->style[o->n] = (struct style){ 0, NULL };
	if ((s = markup_attr(m, "parent-style-name")) != NULL)
		o->style[o->n].parent = xstrdup(s);
	v->i = (int64_t)++o->n;
	o->now = o->n;
	return 0;
}

/* These are what the standard's programs call them, in every language. */
static int
name_does(const char *name)
{
	return strcmp(name, "Title") == 0 ? TITLE :
	    strcmp(name, "Preformatted_20_Text") == 0 ||
	    strcmp(name, "Source_20_Code") == 0 ? CODE : 0;
}

static int
style_does(const struct odt *o, const char *name)
{
	const struct style *st;
	union map_value *v;
	int does = 0, i;

	for (i = 0; name != NULL && i < CHAIN; i++, name = st->parent) {
		/* one that is based on the title's is the title if it was made
		 * by hand, for one paragraph: its parent is named */
		does |= name_does(name) & (i > 1 ? CODE : TITLE | CODE);
		if ((v = map_get(&o->names, name)) == NULL)
			break;
		st = &o->style[v->i - 1];
		does |= i > 1 ? 0 : st->does;
	}
	return does;
}

/* --- paragraphs -------------------------------------------------------- */

static int
begin_paragraph(struct odt *o, bool heading, struct err *e)
{
	int does = style_does(o, markup_attr(o->m, "style-name"));
	struct prose *f = &o->f;
	int64_t level = 1;
	bool item;

	if (o->paragraphs++ > 0 || f->asides > 0)
		return 0;
	if ((does & BREAK) && prose_page(f, e) < 0)
		return -1;
	o->title = !heading && (does & TITLE);
	item = o->first && o->lists > 0;
	o->first = false;
	if (heading) {
		markup_number(o->m, "outline-level", 1, 99, &level);
		return prose_kind(f, DOCS_HEADING, level, e);
	}
	if (o->title)
		return prose_kind(f, DOCS_HEADING, 1, e);
	if (item)
		return prose_kind(f, DOCS_ITEM, o->lists, e);
	return prose_kind(f, does & CODE ? DOCS_CODE : DOCS_PARAGRAPH, 0, e);
}

static int
end_paragraph(struct odt *o, struct err *e)
{
	struct prose *f = &o->f;

	/* what was opened before the body is none */
	if (o->paragraphs == 0)
		return 0;
	if (--o->paragraphs > 0 || f->asides > 0)
		return prose_mark(f, f->asides > 0 ? '\n' : ' ', e);
	if (o->title && f->tables == 0 && partxml_tell_meta(o->to, DOCS_TITLE,
	    f->text.p, f->text.len, e) < 0)
		return -1;
	return prose_end(f, e);
}

/* --- the text ---------------------------------------------------------- */

enum { ALPHA_INDEX, ANNOTATION, AUTO_STYLES, BODY, COVERED, FORMS, H,
    LINE_BREAK, LIST, LIST_HEADER, LIST_ITEM, NOTE_BODY, NOTE_CITATION,
    NUMBER, P, RUBY_TEXT, S, SOFT_BREAK, TAB, TABLE, TABLE_CELL, HEADER_ROWS,
    CONTENTS, ROW, TEXT, TEXT_BOX, TRACKED, NAMES };

static const char *const names[NAMES] = { "alphabetical-index", "annotation",
    "automatic-styles", "body", "covered-table-cell", "forms", "h",
    "line-break", "list", "list-header", "list-item", "note-body",
    "note-citation", "number", "p", "ruby-text", "s", "soft-page-break",
    "tab", "table", "table-cell", "table-header-rows", "table-of-content",
    "table-row", "text", "text-box", "tracked-changes" };

/* Part 3, 6.1.3: so many of them; they matter in code. */
static int
add_blanks(struct odt *o, struct err *e)
{
	int64_t n = 1;

	markup_number(o->m, "c", 1, 256, &n);
	for (; n > 0; n--)
		if (prose_mark(&o->f, ' ', e) < 0)
			return -1;
	return 0;
}

static int
on_open(struct odt *o, struct err *e)
{
	struct prose *f = &o->f;
	struct markup *m = o->m;
	int which = markup_which(m, names, NAMES);

	if (!o->in_body) {
		o->in_body = which == BODY;
		return which == BODY ? 0 : take_style(o, m, e);
	}
	switch (which) {
	case H:
	case P:
		return begin_paragraph(o, which == H, e);
	case TEXT:
		return o->pages == 1 || o->breaks ||
		    markup_on(m, "use-soft-page-breaks", false) ?
		    prose_pages(f, e) : 0;
	case S:
		return add_blanks(o, e);
	case TAB:
		return prose_mark(f, '\t', e);
	case LINE_BREAK:
		return prose_mark(f, '\n', e);
	case SOFT_BREAK:
		return prose_page(f, e);
	case LIST:
		o->lists++;
		return 0;
	case LIST_HEADER:
	case LIST_ITEM:
		o->first = true;
		return 0;
	case NOTE_BODY:
	case TEXT_BOX:
		prose_aside(f);
		return 0;
	case TABLE:
		return prose_table(f, e);
	case HEADER_ROWS:
		if (f->tables == 1 && f->asides == 0)
			o->header = true;
		return 0;
	case ROW:
		return prose_row(f, o->header, e);
	case TABLE_CELL:
	case COVERED:
		if (f->tables == 1 && f->asides == 0 &&
		    !markup_number(m, "number-columns-repeated", 1, INT64_MAX,
		    &o->times))
			o->times = 1;
		return 0;
	case ALPHA_INDEX:
	case ANNOTATION:
	case CONTENTS:
	case FORMS:
	case NOTE_CITATION:
	case NUMBER:
	case RUBY_TEXT:
	case TRACKED:
		return markup_skip(m, e);
	default:
		return 0;
	}
}

static int
on_close(struct odt *o, struct err *e)
{
	struct prose *f = &o->f;

	if (!o->in_body)
		return 0;
	switch (markup_which(o->m, names, NAMES)) {
	case H:
	case P:
		return end_paragraph(o, e);
	case LIST:
		o->lists -= o->lists > 0;
		o->first = false;
		return 0;
	case NOTE_BODY:
	case TEXT_BOX:
		if (f->asides > 0)
			prose_aside_end(f);
		/* a box that stands in no paragraph */
		return o->paragraphs == 0 && f->asides == 0 ?
		    prose_end(f, e) : 0;
	case TABLE:
		return prose_table_end(f, e);
	case HEADER_ROWS:
		if (f->tables == 1 && f->asides == 0)
			o->header = false;
		return 0;
	case ROW:
		return prose_row_end(f, e);
	case TABLE_CELL:
	case COVERED:
		return prose_cell_end(f, o->times, e);
	default:
		return 0;
	}
}

static int
read_content(struct odt *o, struct err *e)
{
	struct partxml x;
	int what = 0, r;
	const char *p;
	size_t n;

	if ((r = partxml_open(&x, o->parts, "content.xml", o->limits, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_INPUT, "is no OpenDocument: it has no "
		    "content.xml");
	o->m = x.m;
	o->now = 0;
	r = 0;
	while (r == 0 && (what = markup_next(x.m, e)) > MARKUP_END)
		if (what == MARKUP_OPEN)
			r = on_open(o, e);
		else if (what == MARKUP_CLOSE)
			r = on_close(o, e);
		else if (o->paragraphs > 0) {
			p = markup_text(x.m, &n);
			r = prose_add(&o->f, p, n, e);
		}
	partxml_close(&x);
	return r < 0 || what < 0 ? err_add(e, "part 'content.xml'") :
	    prose_settle(&o->f, e);
}

/* --- what is known ----------------------------------------------------- */

static int
take_meta(void *arg, struct markup *m, struct err *e)
{
	static const struct { const char *name; enum docs_meta what; } is[] = {
		{ "title", DOCS_TITLE }, { "initial-creator", DOCS_AUTHOR },
		{ "creator", DOCS_AUTHOR }, { "language", DOCS_LANGUAGE },
		{ "creation-date", DOCS_CREATED }, { "date", DOCS_MODIFIED },
		{ "keyword", DOCS_TAG } };
	struct odt *o = arg;
	size_t i;

	if (markup_is(m, "document-statistic"))
		markup_number(m, "page-count", 0, INT32_MAX, &o->pages);
	for (i = 0; i < sizeof is / sizeof *is; i++)
		if (markup_is(m, is[i].name))
			return partxml_told(m, o->to, is[i].what, e);
	return 0;
}

/* Part 2, 4.8.1: who encrypts says so of each file. */
static int
take_manifest(void *arg, struct markup *m, struct err *e)
{
	(void)arg;
	return markup_is(m, "encryption-data") ? err_set(e, ERR_INPUT,
	    "is encrypted; save it without a password") : 0;
}

static int
read_all(struct odt *o, struct err *e)
{
	if (partxml_each(o->parts, "META-INF/manifest.xml", o->limits,
	    take_manifest, o, e) < 0 ||
	    partxml_each(o->parts, "meta.xml", o->limits, take_meta, o, e) <
	    0 || partxml_each(o->parts, "styles.xml", o->limits, take_style,
	    o, e) < 0)
		return -1;
	/* those of styles.xml are seldom used: a template has them */
	o->breaks = false;
	return read_content(o, e);
}

int
docs_read_odt(struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	struct odt o = { .limits = limits, .to = to, .names = MAP_INIT,
	    .times = 1 };
	size_t i;
	int r;

	if (parts_open(&o.parts, in, limits, e) < 0)
		return -1;
	prose_init(&o.f, to, limits);
	o.f.join = true;
	r = read_all(&o, e);
	prose_release(&o.f);
	for (i = 0; i < o.n; i++)
		free(o.style[i].parent);
	free(o.style);
	map_release(&o.names);
	parts_close(o.parts);
	return r;
}
