#include "docs/docx_note.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
docx_notes_init(struct docx_notes *d)
{
	*d = (struct docx_notes){ .text = BUF_INIT, .at = MAP_INIT };
}

void
docx_notes_release(struct docx_notes *d)
{
	buf_release(&d->text);
	map_release(&d->at);
	free(d->v);
	docx_notes_init(d);
}

static void
key_of(char key[32], char kind, const char *id)
{
	snprintf(key, 32, "%c%.30s", kind, id);
}

/* One note, to its end. */
static int
read_note(struct docx_notes *d, struct markup *m, struct err *e)
{
	int depth = markup_depth(m), what;
	bool in_text = false;
	const char *p;
	size_t n;

	while ((what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth)) {
		if (what == MARKUP_TEXT && in_text) {
			p = markup_text(m, &n);
			buf_add(&d->text, p, n);
		} else if (what == MARKUP_OPEN && (markup_is(m, "pPr") ||
		    markup_is(m, "rPr") || markup_is(m, "del") ||
		    markup_is(m, "moveFrom"))) {
			if (markup_skip(m, e) < 0)
				return -1;
		} else if (what == MARKUP_OPEN && (markup_is(m, "tab") ||
		    markup_is(m, "br")))
			buf_addc(&d->text, ' ');
		else if (what == MARKUP_CLOSE && markup_is(m, "p"))
			buf_addc(&d->text, '\n');
		if (markup_is(m, "t"))
			in_text = what == MARKUP_OPEN;
		if ((int64_t)d->text.len > d->most)
			return err_set(e, ERR_INPUT, "notes have more than %"
			    PRId64 " bytes (docs.maxPart)", d->most);
	}
	return what < 0 ? -1 : 0;
}

static int
take(void *arg, struct markup *m, struct err *e)
{
	struct docx_notes *d = arg;
	char key[32];
	const char *s;
	size_t at = d->text.len;
	union map_value *v;
	int made;

	if (!markup_is(m, "footnote") && !markup_is(m, "endnote"))
		return 0;
	if (((s = markup_attr(m, "type")) != NULL &&
	    strcmp(s, "normal") != 0) || (s = markup_attr(m, "id")) == NULL)
		return markup_skip(m, e);
	key_of(key, d->kind, s);
	if (read_note(d, m, e) < 0)
		return -1;
	v = map_put(&d->at, key, &made);
	if (!made)
		return 0;
	v->i = (int64_t)d->n;
	d->v = xgrow(d->v, d->n, &d->cap, sizeof *d->v);
	d->v[d->n].at = at;
	d->v[d->n++].len = d->text.len - at;
	return 0;
}

int
docx_notes_load(struct docx_notes *d, struct ooxml *o, struct err *e)
{
	d->most = o->limits->part;
	d->kind = 'f';
	if (ooxml_each(o, "footnotes", take, d, e) < 0)
		return -1;
	d->kind = 'e';
	return ooxml_each(o, "endnotes", take, d, e) < 0 ? -1 : 0;
}

const char *
docx_notes_get(const struct docx_notes *d, char kind, const char *id,
    size_t *len)
{
	union map_value *v;
	char key[32];

	key_of(key, kind, id);
	if ((v = map_get(&d->at, key)) == NULL)
		return NULL;
	*len = d->v[v->i].len;
	return d->text.p + d->v[v->i].at;
}
