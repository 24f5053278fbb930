#include "docs/flow.h"

#include "base/alloc.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum what { INLINE, BLOCK, HEADING, LIST, ITEM, PRE, TABLE, THEAD, ROW, CELL,
    BREAK, IMAGE, TITLE, META, ROOT, SKIP };

/* in the order of strcmp */
static const struct element {
	const char *name;
	enum what what;
} elements[] = {
	{ "address", BLOCK }, { "article", BLOCK }, { "aside", BLOCK },
	{ "blockquote", BLOCK }, { "body", BLOCK }, { "br", BREAK },
	{ "canvas", SKIP }, { "caption", BLOCK }, { "center", BLOCK },
	{ "dd", ITEM }, { "details", BLOCK }, { "div", BLOCK },
	{ "dl", LIST }, { "dt", BLOCK }, { "fieldset", BLOCK },
	{ "figcaption", BLOCK }, { "figure", BLOCK }, { "footer", BLOCK },
	{ "form", BLOCK }, { "h1", HEADING }, { "h2", HEADING },
	{ "h3", HEADING }, { "h4", HEADING }, { "h5", HEADING },
	{ "h6", HEADING }, { "head", BLOCK }, { "header", BLOCK },
	{ "hr", BLOCK }, { "html", ROOT }, { "iframe", SKIP },
	{ "img", IMAGE }, { "legend", BLOCK }, { "li", ITEM },
	{ "main", BLOCK }, { "menu", LIST }, { "meta", META },
	{ "nav", SKIP }, { "noscript", SKIP }, { "ol", LIST },
	{ "option", BLOCK }, { "p", BLOCK }, { "pre", PRE },
	{ "script", SKIP }, { "section", BLOCK }, { "select", SKIP },
	{ "style", SKIP }, { "summary", BLOCK }, { "svg", SKIP },
	{ "table", TABLE }, { "td", CELL }, { "template", SKIP },
	{ "textarea", SKIP }, { "th", CELL }, { "thead", THEAD },
	{ "title", TITLE }, { "tr", ROW }, { "ul", LIST }
};

static int
compare(const void *key, const void *e)
{
	return strcmp(key, ((const struct element *)e)->name);
}

static enum what
what_is(const char *name)
{
	const struct element *e = bsearch(name, elements, sizeof elements /
	    sizeof elements[0], sizeof elements[0], compare);

	return e != NULL ? e->what : INLINE;
}

void
flow_init(struct flow *f, const struct docs_sink *sink,
    const struct docs_limits *limits)
{
	memset(f, 0, sizeof *f);
	f->sink = sink;
	f->most = limits->line < 64 ? 64 : (size_t)limits->line;
	buf_init(&f->text);
	buf_init(&f->row);
}

void
flow_release(struct flow *f)
{
	buf_release(&f->text);
	buf_release(&f->row);
}

static bool
in_table(const struct flow *f)
{
	return f->tables > 0 && !f->layout;
}

static void
trim_end(struct buf *b)
{
	while (b->len > 0 && (b->p[b->len - 1] == ' ' ||
	    b->p[b->len - 1] == '\n'))
		buf_cut(b, b->len - 1);
}

/* A paragraph, a heading, an item is at its end. */
static int
flush(struct flow *f, struct err *e)
{
	struct buf *b = &f->text;
	size_t from = 0;
	int64_t n;
	int r;

	f->blank = false;
	trim_end(b);
	while (f->pre > 0 && from < b->len && b->p[from] == '\n')
		from++;
	if (b->len == from)
		buf_reset(b);
	if (b->len == 0)
		return 0;
	if (in_table(f) && f->in_cell) {
		if (f->row.len > 0 && f->row.p[f->row.len - 1] != '\t')
			buf_addc(&f->row, ' ');
		for (; from < b->len; from++)
			buf_addc(&f->row, b->p[from] == '\n' ||
			    b->p[from] == '\t' ? ' ' : b->p[from]);
		r = 0;
	} else if (f->pre > 0) {
		f->fresh = false;
		r = docs_tell(f->sink, DOCS_CODE, 0, b->p + from, b->len -
		    from, e);
	} else if (f->heading > 0)
		r = docs_tell(f->sink, DOCS_HEADING, f->heading, b->p, b->len,
		    e);
	else if (f->fresh && f->lists > 0) {
		f->fresh = false;
		n = f->lists <= FLOW_LISTS ? f->list[f->lists - 1] : -1;
		if (n > 0) {
			buf_reset(&f->row);	/* in no table */
			buf_addf(&f->row, "%lld. ", (long long)n);
			buf_add(&f->row, b->p, b->len);
			r = docs_tell(f->sink, DOCS_ITEM, (int64_t)f->lists,
			    f->row.p, f->row.len, e);
			buf_reset(&f->row);
		} else
			r = docs_tell(f->sink, DOCS_ITEM, (int64_t)f->lists,
			    b->p, b->len, e);
	} else
		r = docs_tell(f->sink, DOCS_PARAGRAPH, 0, b->p, b->len, e);
	buf_reset(b);
	return r;
}

static int
end_row(struct flow *f, struct err *e)
{
	struct buf *b = &f->row;
	size_t i;
	int r = 0;

	if (flush(f, e) < 0)
		return -1;
	f->in_cell = false;
	for (i = 0; i < b->len && (b->p[i] == '\t' || b->p[i] == ' '); i++)
		;
	if (i < b->len)
		r = docs_tell(f->sink, DOCS_ROW, f->cells > 0 && (f->thead ||
		    f->heads == f->cells), b->p, b->len, e);
	buf_reset(b);
	f->cells = f->heads = 0;
	return r;
}

/* Something stands in a cell that no cell of data has. */
static int
make_layout(struct flow *f, struct err *e)
{
	struct buf *b = &f->row;
	size_t i;
	int r = 0;

	if (!in_table(f))
		return 0;
	if (flush(f, e) < 0)
		return -1;
	f->layout = true;
	f->in_cell = false;
	for (i = 0; i < b->len; i++)
		if (b->p[i] == '\t')
			b->p[i] = ' ';
	trim_end(b);
	if (b->len > 0)
		r = docs_tell(f->sink, DOCS_PARAGRAPH, 0, b->p, b->len, e);
	buf_reset(b);
	f->cells = f->heads = 0;
	return r;
}

static bool
is_hidden(flow_attr *attr, void *arg)
{
	const char *v;

	if (attr(arg, "hidden") != NULL)
		return true;
	if ((v = attr(arg, "aria-hidden")) != NULL && strcmp(v, "true") == 0)
		return true;
	/* the number of a note, and the way back from it */
	if ((v = attr(arg, "role")) != NULL &&
	    (strcmp(v, "doc-noteref") == 0 ||
	    strcmp(v, "doc-backlink") == 0))
		return true;
	return (v = attr(arg, "style")) != NULL &&
	    (strstr(v, "display:none") != NULL ||
	    strstr(v, "display: none") != NULL);
}

static int
tell_meta(struct flow *f, flow_attr *attr, void *arg, struct err *e)
{
	static const struct {
		const char *name;
		enum docs_meta what;
	} names[] = {
		{ "author", DOCS_AUTHOR }, { "article:author", DOCS_AUTHOR },
		{ "dc.creator", DOCS_AUTHOR }, { "dcterms.creator",
		    DOCS_AUTHOR }, { "keywords", DOCS_TAG },
		{ "article:tag", DOCS_TAG }, { "dc.subject", DOCS_TAG },
		{ "date", DOCS_CREATED }, { "dc.date", DOCS_CREATED },
		{ "dcterms.date", DOCS_CREATED },
		{ "dcterms.created", DOCS_CREATED },
		{ "dcterms.issued", DOCS_CREATED },
		{ "article:published_time", DOCS_CREATED },
		{ "datepublished", DOCS_CREATED },
		{ "last-modified", DOCS_MODIFIED },
		{ "dcterms.modified", DOCS_MODIFIED },
		{ "article:modified_time", DOCS_MODIFIED },
		{ "datemodified", DOCS_MODIFIED },
		{ "content-language", DOCS_LANGUAGE },
		{ "dc.language", DOCS_LANGUAGE }, { "dc.title", DOCS_TITLE },
		{ "og:title", DOCS_TITLE }
	};
	const char *value = attr(arg, "content"), *name;
	size_t i, len;
	char *copy;
	int r = 0;

	if (value == NULL)
		return 0;
	copy = xstrdup(value);		/* attr may keep one value only */
	if ((name = attr(arg, "name")) == NULL &&
	    (name = attr(arg, "property")) == NULL &&
	    (name = attr(arg, "itemprop")) == NULL &&
	    (name = attr(arg, "http-equiv")) == NULL)
		name = "";
	len = strlen(copy);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!str_same(names[i].name, name))
			continue;
		if (names[i].what == DOCS_TAG)
			r = docs_told_tags(f->sink, copy, len, e);
		else if (names[i].what == DOCS_CREATED ||
		    names[i].what == DOCS_MODIFIED)
			r = docs_told_time(f->sink, names[i].what, copy, len,
			    e);
		else
			r = docs_told(f->sink, names[i].what, copy, len, e);
	}
	free(copy);
	return r;
}

static void
push_list(struct flow *f, const char *name, flow_attr *attr, void *arg)
{
	const char *start;
	int64_t n = 0;

	if (strcmp(name, "ol") != 0)
		n = -1;
	else if ((start = attr(arg, "start")) != NULL) {
		if (!str_int(start, 1, 1000000, &n))
			n = 1;
		n--;
	}
	if (f->lists < FLOW_LISTS)
		f->list[f->lists] = n;
	f->lists++;
	f->fresh = false;
}

static int
open_block(struct flow *f, enum what what, const char *name, flow_attr *attr,
    void *arg, struct err *e)
{
	switch (what) {
	case HEADING:
		f->heading = name[1] - '0';
		break;
	case LIST:
		push_list(f, name, attr, arg);
		break;
	case ITEM:
		if (f->lists == 0)
			push_list(f, "ul", attr, arg);
		if (f->lists <= FLOW_LISTS && f->list[f->lists - 1] >= 0)
			f->list[f->lists - 1]++;
		f->fresh = true;
		break;
	case PRE:
		f->pre++;
		break;
	case TABLE:
		if (f->tables++ == 0)
			f->layout = f->thead = f->in_cell = false;
		break;
	case THEAD:
		f->thead = true;
		break;
	case ROW:
		return in_table(f) ? end_row(f, e) : 0;
	case CELL:
		if (!in_table(f))
			break;
		if (f->cells++ > 0)
			buf_addc(&f->row, '\t');
		f->heads += name[1] == 'h';
		f->in_cell = true;
		break;
	default:
		break;
	}
	return 0;
}

int
flow_open(struct flow *f, const char *name, flow_attr *attr, void *arg,
    struct err *e)
{
	enum what what = what_is(name);
	const char *v;

	if (f->skip > 0 || what == SKIP || is_hidden(attr, arg)) {
		/* those that never close are told as closed, too */
		f->skip++;
		return 0;
	}
	switch (what) {
	case INLINE:
		return 0;
	case BREAK:
		buf_addc(&f->text, '\n');
		f->blank = false;
		return 0;
	case IMAGE:
		v = attr(arg, "alt");
		return v != NULL && v[0] != '\0' ? flow_text(f, v, strlen(v),
		    e) : 0;
	case META:
		return tell_meta(f, attr, arg, e);
	case ROOT:
		if ((v = attr(arg, "lang")) == NULL)
			return 0;
		return docs_told(f->sink, DOCS_LANGUAGE, v, strlen(v), e);
	case TITLE:
		f->in_title = true;
		return flush(f, e);
	case HEADING:
	case LIST:
	case PRE:
	case TABLE:
		if (make_layout(f, e) < 0)
			return -1;
		break;
	default:
		break;
	}
	return flush(f, e) < 0 ? -1 : open_block(f, what, name, attr, arg, e);
}

static int
close_table(struct flow *f, struct err *e)
{
	if (f->tables == 0)
		return 0;
	if (in_table(f) && end_row(f, e) < 0)
		return -1;
	if (--f->tables == 0)
		f->layout = f->in_cell = false;
	return 0;
}

int
flow_close(struct flow *f, const char *name, struct err *e)
{
	enum what what = what_is(name);

	if (f->skip > 0) {
		f->skip--;
		return 0;
	}
	if (what == TITLE && f->in_title) {
		f->in_title = f->blank = false;
		trim_end(&f->text);
		if (docs_told(f->sink, DOCS_TITLE, f->text.p, f->text.len, e) <
		    0)
			return -1;
		buf_reset(&f->text);
		return 0;
	}
	if (what == INLINE || what == BREAK || what == IMAGE || what == META ||
	    what == ROOT)
		return 0;
	if (flush(f, e) < 0)
		return -1;
	switch (what) {
	case HEADING:
		f->heading = 0;
		break;
	case LIST:
		f->lists -= f->lists > 0;
		f->fresh = false;
		break;
	case ITEM:
		f->fresh = false;
		break;
	case PRE:
		f->pre -= f->pre > 0;
		break;
	case TABLE:
		return close_table(f, e);
	case THEAD:
		f->thead = false;
		break;
	case ROW:
		return in_table(f) ? end_row(f, e) : 0;
	case CELL:
		f->in_cell = false;
		break;
	default:
		break;
	}
	return 0;
}

/* What stays of a character; *n its bytes, blank: it is one. */
static bool
keeps(const char *p, size_t left, size_t *n, bool *blank)
{
	unsigned char c = (unsigned char)*p;

	*n = 1;
	*blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
	if (c == 0xc2 && left > 1 && (unsigned char)p[1] <= 0xa0) {
		*n = 2;
		*blank = (unsigned char)p[1] == 0xa0;
		return false;
	}
	return !*blank && c >= ' ' && c != 0x7f;
}

int
flow_text(struct flow *f, const char *p, size_t len, struct err *e)
{
	struct buf *b = &f->text;
	size_t i, n;
	bool blank;

	if (f->skip > 0)
		return 0;
	/* between the rows and cells of a table */
	if (in_table(f) && !f->in_cell && f->cells > 0)
		return 0;
	for (i = 0; i < len; i += n) {
		if (keeps(p + i, len - i, &n, &blank)) {
			if (f->blank && b->len > 0 && b->p[b->len - 1] != '\n')
				buf_addc(b, ' ');
			f->blank = false;
			buf_addc(b, p[i]);
		} else if (f->pre > 0 && blank)
			buf_addc(b, p[i] == '\n' || p[i] == '\t' ? p[i] : ' ');
		else if (blank)
			f->blank = true;
	}
	return b->len > f->most && !f->in_title && (f->blank || f->pre > 0) ?
	    flush(f, e) : 0;
}

int
flow_end(struct flow *f, struct err *e)
{
	if (in_table(f) && end_row(f, e) < 0)
		return -1;
	return flush(f, e);
}
