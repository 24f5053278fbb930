#include "search/linked.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static void
why_release(struct linked_why *w)
{
	free(w->named);
	free(w->entity);
	free(w->entity_id);
	free(w->relation);
	strv_release(&w->evidence);
}

static void
text_release(struct linked_text *t)
{
	free(t->within);
	free(t->id);
}

void
linked_release(struct linked *l)
{
	size_t i;

	for (i = 0; i < l->whys; i++)
		why_release(&l->why[i]);
	for (i = 0; i < l->texts; i++)
		text_release(&l->text[i]);
	free(l->why);
	free(l->text);
	map_release(&l->by_id);
	memset(l, 0, sizeof *l);
}

/* --- putting together -------------------------------------------------- */

struct linked_why *
linked_why(struct linked *l)
{
	l->why = xgrow(l->why, l->whys, &l->why_cap, sizeof *l->why);
	memset(&l->why[l->whys], 0, sizeof *l->why);
	return &l->why[l->whys++];
}

size_t
linked_text(struct linked *l, const char *within, const char *id)
{
	struct linked_text *t;

	l->text = xgrow(l->text, l->texts, &l->text_cap, sizeof *l->text);
	t = &l->text[l->texts];
	memset(t, 0, sizeof *t);
	t->within = within == NULL ? NULL : xstrdup(within);
	t->id = xstrdup(id);
	return l->texts++;
}

void
linked_add(struct linked *l, size_t text, double weight, size_t why)
{
	struct linked_text *t = &l->text[text];
	size_t i;

	if (t->last == why + 1)
		return;
	t->last = why + 1;
	t->weight = 1 - (1 - t->weight) * (1 - weight);
	i = t->whys;
	if (i == LINKED_WHYS && t->why_weight[--i] >= weight)
		return;
	for (; i > 0 && t->why_weight[i - 1] < weight; i--) {
		t->why[i] = t->why[i - 1];
		t->why_weight[i] = t->why_weight[i - 1];
	}
	t->why[i] = why;
	t->why_weight[i] = weight;
	if (t->whys < LINKED_WHYS)
		t->whys++;
}

static int
by_weight(const void *pa, const void *pb)
{
	const struct linked_text *a = pa, *b = pb;
	int d;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if ((d = strcmp(a->id, b->id)) != 0)
		return d;
	return strcmp(a->within == NULL ? "" : a->within,
	    b->within == NULL ? "" : b->within);
}

/* Names have no NUL. */
static void
name(struct buf *b, const char *within, const char *id)
{
	buf_reset(b);
	buf_add(b, id, strlen(id) + 1);
	buf_adds(b, within == NULL ? "" : within);
}

void
linked_ready(struct linked *l)
{
	struct buf b = BUF_INIT;
	size_t i;
	int made;

	if (l->texts > 1)
		qsort(l->text, l->texts, sizeof *l->text, by_weight);
	while (l->texts > LINKED_TEXTS)
		text_release(&l->text[--l->texts]);
	for (i = 0; i < l->texts; i++) {
		name(&b, l->text[i].within, l->text[i].id);
		map_put_n(&l->by_id, b.p, b.len, &made)->i = (int64_t)i;
	}
	buf_release(&b);
}

/* --- asking ------------------------------------------------------------ */

size_t
linked_find(const struct linked *l, const char *within, const char *id)
{
	struct buf b = BUF_INIT;
	union map_value *v;

	name(&b, within, id);
	v = map_get_n(&l->by_id, b.p, b.len);
	buf_release(&b);
	return v == NULL ? SIZE_MAX : (size_t)v->i;
}

static json_t *
why_json(const struct linked_why *w)
{
	json_t *ids = json_array(), *o;
	size_t i;

	for (i = 0; i < w->evidence.n; i++)
		json_array_append_new(ids, json_string(w->evidence.v[i]));
	o = json_pack("{s:s, s:s, s:s, s:s}", "named", w->named, "entity",
	    w->entity, "entity_id", w->entity_id, "relation", w->relation);
	if (w->inverse)
		json_object_set_new(o, "inverse", json_true());
	json_object_set_new(o, "weight", json_real(w->weight));
	json_object_set_new(o, "evidence", ids);
	return o;
}

json_t *
linked_json(const struct linked *l, size_t text)
{
	const struct linked_text *t = &l->text[text];
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < t->whys; i++)
		json_array_append_new(list, why_json(&l->why[t->why[i]]));
	return list;
}
