#include "ltm/intake_batch.h"

#include "base/alloc.h"
#include "ltm/entry.h"

#include <string.h>

static int
emit(struct intake *in, int dim, size_t at, struct err *e)
{
	struct emit *m;

	in->emits = xgrow(in->emits, in->nemits, &in->cap_emits,
	    sizeof *in->emits);
	m = &in->emits[in->nemits];
	m->at = at;
	m->len = in->bytes.len - at;
	if (groups_get(in->gs, dim, in->name.p, in->name.len, &m->g, e) < 0)
		return -1;
	in->nemits++;
	return 0;
}

/* "project", "a", "b": the name of a group; false: one is too long. */
static bool
make_name(struct intake *in, const char *project, const char *a,
    const char *b)
{
	buf_reset(&in->name);
	buf_adds(&in->name, project);
	buf_addc(&in->name, GROUP_SEP);
	buf_adds(&in->name, a);
	if (b != NULL) {
		buf_addc(&in->name, GROUP_SEP);
		buf_adds(&in->name, b);
	}
	return strlen(project) <= ROW_VALUE_MAX && strlen(a) <= ROW_VALUE_MAX &&
	    (b == NULL || strlen(b) <= ROW_VALUE_MAX);
}

void
intake_put_list(struct buf *b, const struct row_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += strlen(l->v[i]) <= ROW_VALUE_MAX;
	entry_put_count(b, n);
	for (i = 0; i < l->n; i++)
		if (strlen(l->v[i]) <= ROW_VALUE_MAX)
			entry_put_text(b, l->v[i], strlen(l->v[i]));
}

void
intake_put_head(struct intake *in, const struct dimension *d)
{
	struct entry_head h = in->row.head;

	if (d->weight >= 0 && in->row.key[d->weight].n > 0)
		h.weight = in->row.key[d->weight].n;
	entry_put_head(&in->bytes, &h);
}

static int
emit_values(struct intake *in, int dim, struct err *e)
{
	const struct dimension *d = &in->p->dim[dim];
	const struct row_list *a = &in->row.key[d->key[0]];
	const struct row_list *b = d->key[1] >= 0 ?
	    &in->row.key[d->key[1]] : NULL;
	const char *project = row_project(&in->row);
	size_t i, j, at = in->bytes.len;

	intake_put_head(in, d);
	for (i = 0; i < d->nfacets; i++)
		intake_put_list(&in->bytes, &in->row.key[d->facet[i]]);
	for (i = 0; i < a->n; i++)
		for (j = 0; j < (b != NULL ? b->n : 1); j++)
			if (make_name(in, project, a->v[i],
			    b != NULL ? b->v[j] : NULL) &&
			    emit(in, dim, at, e) < 0)
				return -1;
	return 0;
}

static int
emit_pairs(struct intake *in, int dim, struct err *e)
{
	const struct dimension *d = &in->p->dim[dim];
	const struct row_list *l = &in->row.key[d->key[0]];
	const char *project = row_project(&in->row);
	size_t i, j, at = in->bytes.len;
	int order;

	if ((int64_t)l->n > d->most)
		return 0;
	intake_put_head(in, d);
	for (i = 0; i < d->nfacets; i++)
		intake_put_list(&in->bytes, &in->row.key[d->facet[i]]);
	for (i = 0; i < l->n; i++)
		for (j = i + 1; j < l->n; j++) {
			order = strcmp(l->v[i], l->v[j]);
			if (make_name(in, project, l->v[order < 0 ? i : j],
			    l->v[order < 0 ? j : i]) &&
			    emit(in, dim, at, e) < 0)
				return -1;
		}
	return 0;
}

/* Groups of its values, and its words. */
int
intake_emit(struct intake *in, struct err *e)
{
	const struct processor *p = in->p;
	size_t i;
	int r = 0;

	in->nemits = 0;
	for (i = 0; r == 0 && i < p->ndims; i++)
		r = p->dim[i].kind == DIM_WORDS ?
		    intake_find_words(in, (int)i, e) :
		    p->dim[i].kind == DIM_PAIRS ? emit_pairs(in, (int)i, e) :
		    emit_values(in, (int)i, e);
	return r;
}
