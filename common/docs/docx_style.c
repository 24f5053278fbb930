#include "docs/docx_style.h"

#include "base/alloc.h"
#include "base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN 32		/* styles, each based on the next */

static const struct docx_style nothing = { -1, -1, -1, false, false, false,
    0 };

void
docx_styles_init(struct docx_styles *s)
{
	*s = (struct docx_styles){ .ids = MAP_INIT };
}

void
docx_styles_release(struct docx_styles *s)
{
	free(s->v);
	map_release(&s->ids);
	docx_styles_init(s);
}

/* The style of an id, made if it is not there: one may be based on a later
 * one. */
static int
by_id(struct docx_styles *s, const char *id, size_t *at, struct err *e)
{
	int made;
	union map_value *v = map_put(&s->ids, id, &made);

	if (made) {
		if ((int64_t)s->n >= s->most)
			return err_set(e, ERR_INPUT, "has more than %" PRId64
			    " styles (docs.maxEntries)", s->most);
		s->v = xgrow(s->v, s->n, &s->cap, sizeof *s->v);
		s->v[s->n++] = nothing;
		v->i = (int64_t)s->n;
	}
	*at = (size_t)v->i;
	return 0;
}

/* Names of the styles that Word has built in are English everywhere, and so
 * are those of LibreOffice and pandoc in files. */
static void
by_name(struct docx_style *st, const char *name)
{
	char n[40];

	if (strlen(name) >= sizeof n)
		return;
	memcpy(n, name, strlen(name) + 1);
	str_lower(n);
	if (str_starts(n, "heading ") && isdigit((unsigned char)n[8]) &&
	    n[8] > '0' && n[9] == '\0' && st->outline < 0)
		st->outline = n[8] - '1';
	else if (strcmp(n, "title") == 0)
		st->title = true;
	else if (str_starts(n, "toc ") && isdigit((unsigned char)n[4]))
		st->contents = true;
	else if (strcmp(n, "source code") == 0 || strcmp(n, "code") == 0 ||
	    strcmp(n, "html preformatted") == 0 ||
	    strcmp(n, "preformatted text") == 0 ||
	    strcmp(n, "plain text") == 0)
		st->code = true;
}

int
docx_numbering(struct markup *m, struct docx_style *st, struct err *e)
{
	int depth = markup_depth(m), what;

	while ((what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth))
		if (what != MARKUP_OPEN)
			continue;
		else if (markup_is(m, "ilvl"))
			markup_number(m, "val", 0, 8, &st->depth);
		else if (markup_is(m, "numId"))
			markup_number(m, "val", 0, INT32_MAX, &st->list);
	return what < 0 ? -1 : 0;
}

static int
read_style(struct docx_styles *s, struct markup *m, struct err *e)
{
	int depth = markup_depth(m), what;
	const char *p = markup_attr(m, "styleId");
	size_t at, base;

	if (p == NULL)
		return 0;
	if (by_id(s, p, &at, e) < 0)
		return -1;
	if (markup_on(m, "default", false))
		s->usual = at;
	while ((what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth)) {
		if (what != MARKUP_OPEN)
			continue;
		if (markup_is(m, "name")) {
			if ((p = markup_attr(m, "val")) != NULL)
				by_name(&s->v[at - 1], p);
		} else if (markup_is(m, "basedOn")) {
			if ((p = markup_attr(m, "val")) == NULL)
				continue;
			if (by_id(s, p, &base, e) < 0)
				return -1;
			s->v[at - 1].based_on = base;
		} else if (markup_is(m, "outlineLvl"))
			markup_number(m, "val", 0, 9,
			    &s->v[at - 1].outline);
		else if (markup_is(m, "numPr") &&
		    docx_numbering(m, &s->v[at - 1], e) < 0)
			return -1;
	}
	return what < 0 ? -1 : 0;
}

static int
take(void *arg, struct markup *m, struct err *e)
{
	struct docx_styles *s = arg;
	const char *p;

	if (markup_is(m, "style"))
		return (p = markup_attr(m, "type")) == NULL ||
		    strcmp(p, "paragraph") == 0 ? read_style(s, m, e) :
		    markup_skip(m, e);
	/* of docDefaults: outside of a style there is no other */
	if (markup_is(m, "lang") && (p = markup_attr(m, "val")) != NULL)
		return partxml_tell_meta(s->to, DOCS_LANGUAGE, p, strlen(p),
		    e);
	return 0;
}

int
docx_styles_load(struct docx_styles *s, struct ooxml *o, struct err *e)
{
	s->to = o->to;
	s->most = o->limits->entries;
	return ooxml_each(o, "styles", take, s, e) < 0 ? -1 : 0;
}

struct docx_style
docx_styles_get(const struct docx_styles *s, const char *id)
{
	union map_value *v = id != NULL ? map_get(&s->ids, id) : NULL;
	struct docx_style got = nothing;
	size_t at = v != NULL ? (size_t)v->i : s->usual;
	const struct docx_style *st;
	int i;

	for (i = 0; at != 0 && i < CHAIN; i++, at = st->based_on) {
		st = &s->v[at - 1];
		if (got.outline < 0)
			got.outline = st->outline;
		if (got.list < 0)
			got.list = st->list;
		if (got.depth < 0)
			got.depth = st->depth;
		got.code = got.code || st->code;
		/* "Subtitle" may be based on it and is none */
		if (i == 0) {
			got.title = st->title;
			got.contents = st->contents;
		}
	}
	return got;
}
