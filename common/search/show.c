#include "search/show.h"

#include "search/fold.h"
#include "search/hit.h"

#include <stdlib.h>

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

/*
 * The first SEARCH_FOLD, or as many as make the limit of hits.  Returns how
 * many were looked at.
 */
static int
fold(struct hits *h, struct fold *w, const struct rank *rank, size_t n,
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
			fold_add(w, hit);
			if (!h->search->chunks)
				fold_document(w, &h->doc);
		} else if (r == 2)
			fold_same(w, h->like, id);
		else if (r == 3)
			fold_chunk(w, h->of, id);
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
	struct fold w;
	struct tokens tokens;
	struct rank *rank;
	struct hits hits;
	json_t *hit;
	int r = 0;

	n = cands_rank(c, s->sources, folds(s) && limit < SEARCH_FOLD ?
	    SEARCH_FOLD : limit, &rank);
	tokens_init(&tokens, c->q->match.language);
	fold_init(&w);
	hits_init(&hits, seen, c, s, &tokens);
	if (folds(s))
		r = fold(&hits, &w, rank, n, &i, e);
	shown = w.n;
	if (r == 0 && folds(s) && shown < limit && n >= had &&
	    had < SEARCH_FOLD)
		r = 1;
	else if (r == 0)
		r = fold_end(&w, fn, arg, e);
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
	fold_release(&w);
	free(rank);
	return r;
}
