#include "docs/epub.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "docs/epub_toc.h"
#include "docs/html.h"
#include "docs/prose.h"
#include "docs/partxml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct epub {
	struct parts *parts;	/* own */
	const struct docs_limits *limits;
	const struct docs_sink *to;
	struct prose f;
	char *opf;		/* own; the part that says what there is */
	struct map items;	/* by id; own names of parts */
	struct map locked;	/* parts that are encrypted */
	struct strv spine;	/* ids */
	char *nav, *ncx;	/* own; a part, an id */
	struct epub_toc toc;
	const char *part;	/* that is read */
	char *section;		/* own; as told last */
	bool by_toc;		/* it is of the table of contents */
	bool begun;		/* a block of the part was told */
	struct buf title;	/* of the part */
};

/* --- what there is ----------------------------------------------------- */

static int
take_container(void *arg, struct markup *m, struct err *e)
{
	struct epub *b = arg;
	const char *s;

	(void)e;
	if (markup_is(m, "rootfile") && b->opf == NULL &&
	    (s = markup_attr(m, "full-path")) != NULL)
		b->opf = xstrdup(s);
	return 0;
}

static int
take_locked(void *arg, struct markup *m, struct err *e)
{
	struct buf part = BUF_INIT;
	struct epub *b = arg;
	const char *s;
	int made;

	(void)e;
	if (markup_is(m, "CipherReference") &&
	    (s = markup_attr(m, "URI")) != NULL &&
	    (int64_t)b->locked.n < b->limits->entries &&
	    parts_path(&part, "", s, true) == 1)
		map_put(&b->locked, part.p, &made);
	buf_release(&part);
	return 0;
}

static int
take_item(struct epub *b, struct markup *m, struct err *e)
{
	struct buf part = BUF_INIT;
	union map_value *v;
	const char *s;
	int made, good;

	if ((int64_t)b->items.n >= b->limits->entries)
		return err_set(e, ERR_INPUT, "lists more than %" PRId64
		    " files (docs.maxEntries)", b->limits->entries);
	good = (s = markup_attr(m, "href")) != NULL &&
	    parts_path(&part, b->opf, s, true) == 1;
	if (good && (s = markup_attr(m, "properties")) != NULL &&
	    strstr(s, "nav") != NULL && b->nav == NULL)
		b->nav = xstrdup(part.p);
	if (good && (s = markup_attr(m, "id")) != NULL) {
		v = map_put(&b->items, s, &made);
		if (made)
			v->p = xstrdup(part.p);
	}
	buf_release(&part);
	return 0;
}

/* opf:event of EPUB 2: creation, publication, modification. */
static int
take_date(struct epub *b, struct markup *m, struct err *e)
{
	const char *s = markup_attr(m, "event");

	return partxml_told(m, b->to, s != NULL && str_starts(s, "modif") ?
	    DOCS_MODIFIED : DOCS_CREATED, e);
}

static int
take_opf(void *arg, struct markup *m, struct err *e)
{
	static const struct { const char *name; enum docs_meta what; } is[] = {
		{ "title", DOCS_TITLE }, { "creator", DOCS_AUTHOR },
		{ "language", DOCS_LANGUAGE }, { "subject", DOCS_TAG } };
	struct epub *b = arg;
	const char *s;
	size_t i;

	for (i = 0; i < sizeof is / sizeof *is; i++)
		if (markup_is(m, is[i].name))
			return partxml_told(m, b->to, is[i].what, e);
	if (markup_is(m, "date"))
		return take_date(b, m, e);
	if (markup_is(m, "meta") && (s = markup_attr(m, "property")) != NULL &&
	    strcmp(s, "dcterms:modified") == 0)
		return partxml_told(m, b->to, DOCS_MODIFIED, e);
	if (markup_is(m, "item"))
		return take_item(b, m, e);
	if (markup_is(m, "spine") && b->ncx == NULL &&
	    (s = markup_attr(m, "toc")) != NULL)
		b->ncx = xstrdup(s);
	if (markup_is(m, "itemref") && (s = markup_attr(m, "idref")) != NULL) {
		if ((int64_t)b->spine.n >= b->limits->entries)
			return err_set(e, ERR_INPUT, "has more than %" PRId64
			    " chapters (docs.maxEntries)", b->limits->entries);
		strv_add(&b->spine, s);
	}
	return 0;
}

static const char *
item(const struct epub *b, const char *id)
{
	union map_value *v = id != NULL ? map_get(&b->items, id) : NULL;

	return v != NULL ? v->p : NULL;
}

static int
read_about(struct epub *b, struct err *e)
{
	const char *ncx;

	if (partxml_each(b->parts, "META-INF/container.xml", b->limits,
	    take_container, b, e) < 0 || partxml_each(b->parts,
	    "META-INF/encryption.xml", b->limits, take_locked, b, e) < 0)
		return -1;
	if (b->opf == NULL || !parts_has(b->parts, b->opf))
		return err_set(e, ERR_INPUT, "is no EPUB: it names no package "
		    "document");
	if (partxml_each(b->parts, b->opf, b->limits, take_opf, b, e) < 0)
		return -1;
	if (b->nav != NULL && epub_toc_load(&b->toc, b->parts, b->nav, e) < 0)
		return -1;
	ncx = item(b, b->ncx);
	return ncx != NULL && b->toc.labels.n == 0 ?
	    epub_toc_load(&b->toc, b->parts, ncx, e) : 0;
}

/* --- the chapters ------------------------------------------------------ */

/* Before the first block of a file, when its title is known. */
static int
begin_section(struct epub *b, struct err *e)
{
	const char *label = epub_toc_get(&b->toc, b->part), *slash;

	b->begun = true;
	/* one that the contents do not name goes on with what is before it */
	if (label == NULL && b->by_toc)
		return 0;
	b->by_toc = label != NULL;
	if (label == NULL)
		label = b->title.len > 0 ? b->title.p :
		    (slash = strrchr(b->part, '/')) != NULL ? slash + 1 :
		    b->part;
	if (b->section != NULL && strcmp(b->section, label) == 0)
		return 0;
	free(b->section);
	b->section = xstrdup(label);
	return prose_tell(&b->f, DOCS_SECTION, 0, label, strlen(label), e);
}

static int
on_block(void *arg, const struct docs_block *block, struct err *e)
{
	struct epub *b = arg;

	if (!b->begun && begin_section(b, e) < 0)
		return -1;
	return b->to->block(b->to->arg, block, e);
}

/* A file is no document of its own: what it knows is not of the book. */
static int
on_meta(void *arg, enum docs_meta what, const char *p, size_t n,
    struct err *e)
{
	struct epub *b = arg;

	(void)e;
	if (what == DOCS_TITLE && b->title.len == 0)
		buf_add(&b->title, p, n);
	return 0;
}

static int
read_chapter(struct epub *b, struct err *e)
{
	struct docs_sink to = { on_block, on_meta, b };
	struct docs_in *in;
	int r;

	if (map_get(&b->locked, b->part) != NULL)
		return err_set(e, ERR_INPUT, "is encrypted by who sold it; "
		    "only its reader can open it");
	if ((r = parts_begin(b->parts, b->part, &in, e)) != 1)
		return r;
	b->begun = false;
	buf_reset(&b->title);
	r = docs_read_html(in, &to, b->limits, e);
	parts_end(in);
	return r < 0 ? err_add(e, "part '%s'", b->part) : 0;
}

static int
read_chapters(struct epub *b, struct err *e)
{
	size_t i;

	for (i = 0; i < b->spine.n; i++) {
		b->part = item(b, b->spine.v[i]);
		/* the table of contents says nothing else */
		if (b->part == NULL || str_eq(b->nav, b->part))
			continue;
		if (read_chapter(b, e) < 0)
			return -1;
	}
	return 0;
}

int
docs_read_epub(struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	struct epub b = { .limits = limits, .to = to, .items = MAP_INIT,
	    .locked = MAP_INIT, .spine = STRV_INIT,
	    .title = BUF_INIT };
	size_t i;
	int r;

	if (parts_open(&b.parts, in, limits, e) < 0)
		return -1;
	prose_init(&b.f, to, limits);
	epub_toc_init(&b.toc, limits);
	if ((r = read_about(&b, e)) == 0)
		r = read_chapters(&b, e);
	for (i = 0; i < b.items.n; i++)
		free(b.items.e[i].v.p);
	map_release(&b.items);
	map_release(&b.locked);
	strv_release(&b.spine);
	epub_toc_release(&b.toc);
	prose_release(&b.f);
	free(b.opf);
	free(b.nav);
	free(b.ncx);
	free(b.section);
	buf_release(&b.title);
	parts_close(b.parts);
	return r;
}
