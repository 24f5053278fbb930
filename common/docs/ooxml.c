#include "docs/ooxml.h"

#include "base/alloc.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME 4096		/* bytes of the name of a part */

void
rels_init(struct rels *r)
{
	*r = (struct rels){ .ids = MAP_INIT };
}

void
rels_release(struct rels *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->v[i].type);
		free(r->v[i].part);
	}
	free(r->v);
	map_release(&r->ids);
	rels_init(r);
}

static int
add_rel(struct rels *r, const char *id, const char *uri, const char *target,
    struct err *e)
{
	const char *type = strrchr(uri, '/');
	struct buf part = BUF_INIT;
	union map_value *v;
	int made;

	if ((int64_t)r->n >= r->most)
		return err_set(e, ERR_INPUT, "has more than %" PRId64
		    " relations (docs.maxEntries)", r->most);
	if (strlen(target) > NAME ||
	    parts_path(&part, r->from, target, false) != 1) {
		buf_release(&part);
		return 0;
	}
	v = map_put(&r->ids, id, &made);
	if (!made) {		/* the first counts */
		buf_release(&part);
		return 0;
	}
	v->i = (int64_t)r->n + 1;
	r->v = xgrow(r->v, r->n, &r->cap, sizeof *r->v);
	r->v[r->n].id = r->ids.e[r->ids.n - 1].key;
	r->v[r->n].type = xstrdup(type != NULL ? type + 1 : uri);
	r->v[r->n++].part = buf_steal(&part);
	return 0;
}

static int
take_rel(void *arg, struct markup *m, struct err *e)
{
	const char *s;
	char *id, *type;
	int r = 0;

	if (!markup_is(m, "Relationship") ||
	    ((s = markup_attr(m, "TargetMode")) != NULL &&
	    str_same(s, "External")) || (s = markup_attr(m, "Id")) == NULL)
		return 0;
	id = xstrdup(s);
	type = xstrdup((s = markup_attr(m, "Type")) != NULL ? s : "");
	if ((s = markup_attr(m, "Target")) != NULL)
		r = add_rel(arg, id, type, s, e);
	free(id);
	free(type);
	return r;
}

int
rels_load(struct rels *r, struct parts *p, const char *from,
    const struct docs_limits *limits, struct err *e)
{
	const char *base = strrchr(from, '/');
	struct buf name = BUF_INIT;
	int rc;

	base = base != NULL ? base + 1 : from;
	buf_add(&name, from, (size_t)(base - from));
	buf_addf(&name, "_rels/%s.rels", base);
	rels_release(r);
	r->from = from;
	r->most = limits->entries;
	rc = partxml_each(p, name.p, limits, take_rel, r, e);
	r->from = NULL;
	buf_release(&name);
	return rc < 0 ? -1 : 0;
}

const char *
rels_by_id(const struct rels *r, const char *id)
{
	union map_value *v = id != NULL ? map_get(&r->ids, id) : NULL;

	return v != NULL ? r->v[v->i - 1].part : NULL;
}

const char *
rels_by_type(const struct rels *r, const char *type)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->v[i].type, type) == 0)
			return r->v[i].part;
	return NULL;
}

/* --- a document -------------------------------------------------------- */

/* Part 2, 11: core properties. */
static int
take_core(void *arg, struct markup *m, struct err *e)
{
	static const struct { const char *name; enum docs_meta what; } is[] = {
		{ "title", DOCS_TITLE }, { "creator", DOCS_AUTHOR },
		{ "language", DOCS_LANGUAGE }, { "created", DOCS_CREATED },
		{ "modified", DOCS_MODIFIED }, { "keywords", DOCS_TAG },
		{ "category", DOCS_TAG } };
	struct ooxml *o = arg;
	size_t i;

	for (i = 0; i < sizeof is / sizeof *is; i++)
		if (markup_is(m, is[i].name))
			return partxml_told(m, o->to, is[i].what, e);
	return 0;
}

static int
read_about(struct ooxml *o, const struct rels *top, struct err *e)
{
	const char *core = rels_by_type(top, "core-properties");

	if (core == NULL)	/* strict */
		core = rels_by_type(top, "coreProperties");
	return core != NULL && partxml_each(o->parts, core, o->limits,
	    take_core, o, e) < 0 ? -1 : 0;
}

int
ooxml_open(struct ooxml *o, struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	const char *part;
	struct rels top;
	int r = -1;

	*o = (struct ooxml){ .limits = limits, .to = to };
	rels_init(&o->rels);
	rels_init(&top);
	if (parts_open(&o->parts, in, limits, e) < 0 ||
	    rels_load(&top, o->parts, "", limits, e) < 0)
		goto out;
	if ((part = rels_by_type(&top, "officeDocument")) == NULL ||
	    !parts_has(o->parts, part)) {
		err_set(e, ERR_INPUT, "is no document of Office Open XML: "
		    "it names no main part");
		goto out;
	}
	o->main = xstrdup(part);
	if (read_about(o, &top, e) == 0)
		r = rels_load(&o->rels, o->parts, o->main, limits, e);
out:
	rels_release(&top);
	if (r < 0)
		ooxml_close(o);
	return r;
}

void
ooxml_close(struct ooxml *o)
{
	parts_close(o->parts);
	free(o->main);
	rels_release(&o->rels);
	o->parts = NULL;
	o->main = NULL;
}

int
ooxml_each(struct ooxml *o, const char *type,
    int (*take)(void *, struct markup *, struct err *), void *arg,
    struct err *e)
{
	const char *part = rels_by_type(&o->rels, type);

	return part == NULL ? 0 :
	    partxml_each(o->parts, part, o->limits, take, arg, e);
}
