#include "docs/epub_toc.h"

#include "base/alloc.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_MOST 1024		/* bytes */

void
epub_toc_init(struct epub_toc *t, const struct docs_limits *limits)
{
	*t = (struct epub_toc){ .labels = MAP_INIT, .limits = limits,
	    .label = BUF_INIT };
}

void
epub_toc_release(struct epub_toc *t)
{
	size_t i;

	for (i = 0; i < t->labels.n; i++)
		free(t->labels.e[i].v.p);
	map_release(&t->labels);
	buf_release(&t->label);
}

/* The first that names a file counts: later ones are of places in it. */
static void
add(struct epub_toc *t, const char *ref, char *label)
{
	struct buf part = BUF_INIT;
	union map_value *v;
	int made;

	label = str_trim(label);
	if (*label != '\0' && (int64_t)t->labels.n < t->limits->entries &&
	    parts_path(&part, t->part, ref, true) == 1) {
		v = map_put(&t->labels, part.p, &made);
		if (made)
			v->p = xstrdup(label);
	}
	buf_release(&part);
}

static int
take(void *arg, struct markup *m, struct err *e)
{
	struct epub_toc *t = arg;
	const char *s;
	char *ref;
	int r = 0;

	if (markup_is(m, "navLabel") || markup_is(m, "docTitle")) {
		buf_reset(&t->label);
		return markup_content(m, &t->label, LABEL_MOST, e);
	}
	if (markup_is(m, "content") && (s = markup_attr(m, "src")) != NULL)
		add(t, s, t->label.p);
	if (markup_is(m, "nav"))
		t->in_toc = (s = markup_attr(m, "type")) != NULL &&
		    strstr(s, "toc") != NULL;
	if (t->in_toc && markup_is(m, "a") &&
	    (s = markup_attr(m, "href")) != NULL) {
		ref = xstrdup(s);
		buf_reset(&t->label);
		if ((r = markup_content(m, &t->label, LABEL_MOST, e)) == 0)
			add(t, ref, t->label.p);
		free(ref);
	}
	return r;
}

int
epub_toc_load(struct epub_toc *t, struct parts *p, const char *part,
    struct err *e)
{
	t->part = part;
	t->in_toc = false;
	return partxml_each(p, part, t->limits, take, t, e) < 0 ? -1 : 0;
}

const char *
epub_toc_get(const struct epub_toc *t, const char *part)
{
	union map_value *v = map_get(&t->labels, part);

	return v != NULL ? v->p : NULL;
}
