#include "memory/show.h"

#include "base/alloc.h"
#include "memory/hit.h"
#include "memory/near.h"

#include <stdlib.h>
#include <string.h>

/* Hits that wait for others that are the same. */
struct waiting {
	json_t **hit;		/* own */
	size_t n, cap;
	size_t *of;		/* own; the hit of each text of near */
	size_t ofs, of_cap;
	struct near near;
	int64_t *document;	/* own; that were shown, and their hits */
	size_t *document_hit;	/* own */
	size_t documents, document_cap, hit_cap;
};

static bool
folds(const struct search *s)
{
	return s->fold && s->limit > 0;
}

size_t
show_wants(const struct search *s)
{
	if (!folds(s) || s->limit >= SEARCH_FOLD)
		return (size_t)s->limit;
	/* half of what agents log was there before */
	return 2 * (size_t)s->limit;
}

size_t
show_more(size_t had)
{
	return had < SEARCH_FOLD / 4 ? 4 * had : SEARCH_FOLD;
}

/* hit is taken over. */
static void
wait_add(struct waiting *w, json_t *hit)
{
	if (w->near.texts > w->ofs) {	/* else it is a session */
		w->of = xgrow(w->of, w->ofs, &w->of_cap, sizeof *w->of);
		w->of[w->ofs++] = w->n;
	}
	w->hit = xgrow(w->hit, w->n, &w->cap, sizeof *w->hit);
	w->hit[w->n++] = hit;
}

/* The hit that was added last is the best of a document. */
static void
wait_document(struct waiting *w, const struct doc *d)
{
	if (d->source != SOURCE_DOCUMENT)
		return;
	w->document = xgrow(w->document, w->documents, &w->document_cap,
	    sizeof *w->document);
	w->document_hit = xgrow(w->document_hit, w->documents, &w->hit_cap,
	    sizeof *w->document_hit);
	w->document[w->documents] = d->session_row;
	w->document_hit[w->documents++] = w->n - 1;
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

static int
wait_end(struct waiting *w, int (*fn)(void *, json_t *, struct err *),
    void *arg, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < w->n && r >= 0; i++)
		r = fn(arg, w->hit[i], e);
	for (i = 0; i < w->n; i++)
		json_decref(w->hit[i]);
	w->n = 0;
	return r < 0 ? -1 : 0;
}

static void
wait_release(struct waiting *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		json_decref(w->hit[i]);
	free(w->hit);
	free(w->of);
	free(w->document);
	free(w->document_hit);
	near_release(&w->near);
}

/*
 * The first SEARCH_FOLD, or as many as make the limit of hits.  Returns how
 * many were looked at.
 */
static int
fold(struct hits *h, struct waiting *w, const struct rank *rank, size_t n,
    size_t *at, struct err *e)
{
	size_t limit = (size_t)h->search->limit;
	char room[ULID_LEN + 1];
	const char *id;
	json_t *hit;
	int r = 0;

	h->near = &w->near;
	for (*at = 0; *at < n && *at < SEARCH_FOLD && w->n < limit && r >= 0;
	    ++*at) {
		id = cands_rank_id(h->c, &rank[*at], room);
		h->document = w->document;
		h->documents = w->documents;
		r = hit_json(h, &rank[*at], &hit, e);
		if (r == 1) {
			wait_add(w, hit);
			if (!h->search->chunks)
				wait_document(w, &h->doc);
		} else if (r == 2)
			tell_with(w->hit[w->of[h->like]], "same", "same_n",
			    id);
		else if (r == 3)
			tell_with(w->hit[w->document_hit[h->of]], "chunks",
			    "chunks_n", id);
	}
	h->near = NULL;
	h->document = NULL;
	h->documents = 0;
	return r < 0 ? -1 : 0;
}

int
show_hits(struct seen *seen, const struct search *s, const struct cands *c,
    size_t had, int (*fn)(void *, json_t *, struct err *), void *arg,
    struct err *e)
{
	size_t limit = (size_t)s->limit, i = 0, n, shown;
	struct waiting w = { 0 };
	struct tokens tokens;
	struct rank *rank;
	struct hits hits;
	json_t *hit;
	int r = 0;

	n = cands_rank(c, s->sources, folds(s) && limit < SEARCH_FOLD ?
	    SEARCH_FOLD : limit, &rank);
	tokens_init(&tokens, c->q->match.language);
	near_init(&w.near);
	hits_init(&hits, seen, c, s, &tokens);
	if (folds(s))
		r = fold(&hits, &w, rank, n, &i, e);
	shown = w.n;
	if (r == 0 && folds(s) && shown < limit && n >= had &&
	    had < SEARCH_FOLD)
		r = 1;
	else if (r == 0)
		r = wait_end(&w, fn, arg, e);
	for (; r == 0 && i < n && (limit == 0 || shown < limit); i++) {
		if ((r = hit_json(&hits, &rank[i], &hit, e)) != 1)
			continue;
		shown++;
		r = fn(arg, hit, e);
		json_decref(hit);
		r = r < 0 ? -1 : 0;
	}
	hits_release(&hits);
	tokens_release(&tokens);
	wait_release(&w);
	free(rank);
	return r;
}
