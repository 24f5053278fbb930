#include "docs/pptx.h"

#include "base/alloc.h"
#include "base/str.h"
#include "docs/prose.h"
#include "docs/ooxml.h"

#include <inttypes.h>
#include <string.h>

#define TITLE_MOST 4096		/* bytes */

/* What a shape is for: 19.7.10, as far as it matters. */
enum holder { NO_HOLDER, HOLDS_TITLE, HOLDS_BULLETS, HOLDS_TEXT, HOLDS_NONE };

struct pptx {
	struct ooxml o;
	struct prose f;
	struct strv slides;	/* parts, in their order */
	int64_t number;		/* of the slide */
	/* of the part that is read */
	struct markup *m;
	bool notes, diagram;
	enum holder holder;
	bool in_text;
	bool first_row, look;
	/* of the slide */
	struct buf title;
	bool hidden, main_title;
};

static enum holder
holder_of(struct markup *m)
{
	static const struct { const char *name; enum holder is; } types[] = {
		{ "title", HOLDS_TITLE }, { "ctrTitle", HOLDS_TITLE },
		{ "subTitle", HOLDS_TEXT }, { "dt", HOLDS_NONE },
		{ "ftr", HOLDS_NONE }, { "hdr", HOLDS_NONE },
		{ "sldNum", HOLDS_NONE }, { "sldImg", HOLDS_NONE } };
	const char *s = markup_attr(m, "type");
	size_t i;

	for (i = 0; s != NULL && i < sizeof types / sizeof *types; i++)
		if (strcmp(s, types[i].name) == 0)
			return types[i].is;
	return HOLDS_BULLETS;
}

/* --- the title, which is told before the rest -------------------------- */

/* A text body, to its end, as one line. */
static int
read_title(struct pptx *d, struct markup *m, struct err *e)
{
	int depth = markup_depth(m), what;
	bool in_text = false;
	const char *p;
	size_t n;

	while ((what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth))
		if (what == MARKUP_TEXT && in_text) {
			p = markup_text(m, &n);
			if (d->title.len + n <= TITLE_MOST)
				buf_add(&d->title, p, n);
		} else if (what != MARKUP_TEXT) {
			in_text = what == MARKUP_OPEN && markup_is(m, "t");
			if (markup_is(m, "br") || markup_is(m, "p"))
				buf_addc(&d->title, ' ');
		}
	return what < 0 ? -1 : 0;
}

static int
take_title(void *arg, struct markup *m, struct err *e)
{
	struct pptx *d = arg;
	const char *s;

	if (markup_is(m, "sld"))
		d->hidden = !markup_on(m, "show", true);
	else if (markup_is(m, "sp"))
		d->holder = NO_HOLDER;
	else if (markup_is(m, "ph")) {
		d->holder = holder_of(m);
		if (d->holder == HOLDS_TITLE)
			d->main_title = (s = markup_attr(m, "type")) != NULL &&
			    strcmp(s, "ctrTitle") == 0;
	} else if (markup_is(m, "txBody") && d->holder == HOLDS_TITLE)
		return read_title(d, m, e);
	return 0;
}

static int
tell_title(struct pptx *d, const char *part, struct err *e)
{
	struct buf label = BUF_INIT;
	int r;

	buf_reset(&d->title);
	d->hidden = d->main_title = false;
	d->holder = NO_HOLDER;
	if (partxml_each(d->o.parts, part, d->o.limits, take_title, d, e) < 0)
		return -1;
	buf_addf(&label, "%s%s", str_trim(d->title.p),
	    d->hidden ? " (hidden)" : "");
	r = prose_tell(&d->f, DOCS_PAGE, d->number, label.p, label.len, e);
	/* one without a title is not of the slide before it */
	buf_reset(&label);
	buf_adds(&label, str_trim(d->title.p));
	if (label.len == 0)
		buf_addf(&label, "Slide %" PRId64, d->number);
	if (r == 0 && d->main_title && d->number == 1)
		r = partxml_tell_meta(d->o.to, DOCS_TITLE, label.p, label.len,
		    e);
	if (r == 0)
		r = prose_tell(&d->f, DOCS_HEADING, d->main_title &&
		    d->number == 1 ? 1 : 2, label.p, label.len, e);
	buf_release(&label);
	return r;
}

/* --- the rest ---------------------------------------------------------- */

enum { FALLBACK, BR, FLD, P, P_PR, PH, R_PR, SP, T, TBL, TBL_PR, TC, TR,
    TX_BODY, NAMES };

static const char *const names[NAMES] = { "Fallback", "br", "fld", "p", "pPr",
    "ph", "rPr", "sp", "t", "tbl", "tblPr", "tc", "tr", "txBody" };

static int
begin_paragraph(struct pptx *d, bool item, int64_t level, struct err *e)
{
	return prose_kind(&d->f, item ? DOCS_ITEM : DOCS_PARAGRAPH,
	    item ? level + 1 : 0, e);
}

static bool
is_item(const struct pptx *d)
{
	return d->diagram || (!d->notes && d->holder == HOLDS_BULLETS);
}

/* 21.1.2.2.7: a paragraph's level, and its bullet if that is its own. */
static int
read_paragraph(struct pptx *d, struct err *e)
{
	int depth = markup_depth(d->m), what;
	bool item = is_item(d);
	int64_t level = 0;

	markup_number(d->m, "lvl", 0, 8, &level);
	while ((what = markup_next(d->m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(d->m) > depth))
		if (what != MARKUP_OPEN)
			continue;
		else if (markup_is(d->m, "buNone"))
			item = false;
		else if (markup_is(d->m, "buChar") ||
		    markup_is(d->m, "buAutoNum") || markup_is(d->m, "buBlip"))
			item = true;
	return what < 0 ? -1 : begin_paragraph(d, item, level, e);
}

/* What a program fills in: the number of the slide, the date. */
static int
on_field(struct pptx *d, struct err *e)
{
	const char *s = markup_attr(d->m, "type");

	return s != NULL && (strcmp(s, "slidenum") == 0 ||
	    str_starts(s, "datetime")) ? markup_skip(d->m, e) : 0;
}

static int
on_open(struct pptx *d, struct err *e)
{
	struct prose *f = &d->f;

	switch (markup_which(d->m, names, NAMES)) {
	case SP:
		d->holder = NO_HOLDER;
		return 0;
	case PH:
		d->holder = holder_of(d->m);
		return 0;
	case TX_BODY:
		return f->tables == 0 && (d->holder == HOLDS_NONE ||
		    d->holder == HOLDS_TITLE) ? markup_skip(d->m, e) : 0;
	case P:
		return begin_paragraph(d, is_item(d), 0, e);
	case P_PR:
		return read_paragraph(d, e);
	case T:
		d->in_text = true;
		return 0;
	case BR:
		return prose_mark(f, '\n', e);
	case FLD:
		return on_field(d, e);
	case TBL:
		d->look = false;
		d->first_row = true;
		return prose_table(f, e);
	case TBL_PR:
		d->look = markup_on(d->m, "firstRow", false);
		return 0;
	case TR:
		d->look = d->look && d->first_row;
		d->first_row = false;
		return prose_row(f, d->look, e);
	case FALLBACK:
	case R_PR:
		return markup_skip(d->m, e);
	default:
		return 0;
	}
}

static int
on_close(struct pptx *d, struct err *e)
{
	switch (markup_which(d->m, names, NAMES)) {
	case P:
		return prose_end(&d->f, e);
	case T:
		d->in_text = false;
		return 0;
	case TBL:
		return prose_table_end(&d->f, e);
	case TR:
		return prose_row_end(&d->f, e);
	case TC:
		return prose_cell_end(&d->f, 1, e);
	default:
		return 0;
	}
}

static int
read_part(struct pptx *d, const char *part, struct err *e)
{
	struct partxml x;
	int what = 0, r;
	const char *p;
	size_t n;

	if ((r = partxml_open(&x, d->o.parts, part, d->o.limits, e)) != 1)
		return r;
	d->m = x.m;
	d->holder = NO_HOLDER;
	r = 0;
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
	return r < 0 || what < 0 ? err_add(e, "part '%s'", part) :
	    prose_end(&d->f, e);
}

static int
read_slide(struct pptx *d, const char *part, struct err *e)
{
	const char *notes;
	struct rels rels;
	int r = -1;
	size_t i;

	d->number++;
	rels_init(&rels);
	if (tell_title(d, part, e) < 0 || read_part(d, part, e) < 0 ||
	    rels_load(&rels, d->o.parts, part, d->o.limits, e) < 0)
		goto out;
	d->diagram = true;
	for (i = 0; i < rels.n; i++)
		if (strcmp(rels.v[i].type, "diagramData") == 0 &&
		    read_part(d, rels.v[i].part, e) < 0)
			goto out;
	d->diagram = false;
	d->notes = true;
	r = (notes = rels_by_type(&rels, "notesSlide")) != NULL ?
	    read_part(d, notes, e) : 0;
	d->notes = false;
out:
	rels_release(&rels);
	return r;
}

static int
take_order(void *arg, struct markup *m, struct err *e)
{
	struct pptx *d = arg;
	const char *part = markup_is(m, "sldId") ? rels_by_id(&d->o.rels,
	    markup_attr_in(m, OOXML_R, "id")) : NULL;

	if (part == NULL)
		return 0;
	if ((int64_t)d->slides.n >= d->o.limits->entries)
		return err_set(e, ERR_INPUT, "has more than %" PRId64
		    " slides (docs.maxEntries)", d->o.limits->entries);
	strv_add(&d->slides, part);
	return 0;
}

int
docs_read_pptx(struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	struct pptx d = { .slides = STRV_INIT, .title = BUF_INIT };
	size_t i;
	int r;

	if (ooxml_open(&d.o, in, to, limits, e) < 0)
		return -1;
	prose_init(&d.f, to, limits);
	r = partxml_each(d.o.parts, d.o.main, limits, take_order, &d, e);
	for (i = 0; r >= 0 && i < d.slides.n; i++)
		r = read_slide(&d, d.slides.v[i], e);
	strv_release(&d.slides);
	buf_release(&d.title);
	prose_release(&d.f);
	ooxml_close(&d.o);
	return r < 0 ? -1 : 0;
}
