#include "search/fold.h"

#include "base/alloc.h"
#include "ltm/fact.h"
#include "search/search.h"

#include <stdlib.h>
#include <string.h>

void
fold_init(struct fold *f)
{
	memset(f, 0, sizeof *f);
	near_init(&f->near);
}

void
fold_release(struct fold *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		json_decref(f->hit[i]);
	free(f->hit);
	free(f->of);
	free(f->document);
	free(f->document_hit);
	near_release(&f->near);
}

void
fold_add(struct fold *f, json_t *hit)
{
	if (f->near.texts > f->ofs) {
		f->of = xgrow(f->of, f->ofs, &f->of_cap, sizeof *f->of);
		f->of[f->ofs++] = f->n;
	}
	f->hit = xgrow(f->hit, f->n, &f->cap, sizeof *f->hit);
	f->hit[f->n++] = hit;
}

void
fold_document(struct fold *f, const struct doc *d)
{
	if (d->source != SOURCE_DOCUMENT)
		return;
	f->document = xgrow(f->document, f->documents, &f->document_cap,
	    sizeof *f->document);
	f->document_hit = xgrow(f->document_hit, f->documents, &f->hit_cap,
	    sizeof *f->document_hit);
	f->document[f->documents] = d->session_row;
	f->document_hit[f->documents++] = f->n - 1;
}

/* One more that belongs to a hit. */
static void
tell_with(json_t *hit, const char *list, const char *count, const char *id)
{
	json_t *ids = json_object_get(hit, list);
	json_int_t n = json_integer_value(json_object_get(hit, count));

	if (ids == NULL) {
		ids = json_array();
		json_object_set_new(hit, list, ids);
	}
	if (json_array_size(ids) < SEARCH_SAME)
		json_array_append_new(ids, json_string(id));
	json_object_set_new(hit, count, json_integer(n + 1));
}

void
fold_same(struct fold *f, size_t like, const char *id)
{
	tell_with(f->hit[f->of[like]], "same", "same_n", id);
}

void
fold_chunk(struct fold *f, size_t document, const char *id)
{
	tell_with(f->hit[f->document_hit[document]], "chunks", "chunks_n", id);
}

/* Facts are made by rule, and one word may be all that two differ in: only
 * the same sentence is the same. */
static void
tell_fact(struct near *near, const struct doc *d)
{
	char name[FACT_ID_LEN + 1];

	fact_id_format(name, fact_id_of((const char *const[]){
	    d->pieces == 0 ? "" : d->piece[0].text, NULL }));
	near_tell(near, name, strlen(name));
}

/* Without what else is searched in it: when an event was said makes it no
 * other, nor does a record's name, nor what a node is called. */
static void
tell(struct near *near, const struct doc *d)
{
	size_t i;

	for (i = 0; i < d->pieces; i++)
		if (!d->piece[i].aside && (d->source == SOURCE_EVENT ||
		    d->piece[i].len != strlen(d->id) ||
		    memcmp(d->piece[i].text, d->id, d->piece[i].len) != 0))
			near_tell(near, d->piece[i].text, d->piece[i].len);
}

bool
fold_again(struct near *near, const struct doc *d, size_t *like)
{
	bool fact = source_is_fact(d->source);

	if (fact)
		tell_fact(near, d);
	else
		tell(near, d);
	return near_again(near, fact ? SOURCE_FACT : (int)d->source, like);
}

int
fold_end(struct fold *f, int (*fn)(void *, json_t *, struct err *), void *arg,
    struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < f->n && r >= 0; i++)
		r = fn(arg, f->hit[i], e);
	for (i = 0; i < f->n; i++)
		json_decref(f->hit[i]);
	f->n = 0;
	return r < 0 ? -1 : 0;
}
