/*
 * Candidates come from the tail; an index is to add its own to the same
 * cands, with its share of the statistics, before they are scored.
 */
#include "memory/search.h"

#include "memory/cands.h"
#include "memory/hit.h"
#include "memory/tail.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>

static int
show(struct store *st, const struct search *s, const struct cands *c,
    int (*fn)(void *, json_t *, struct err *), void *arg, struct err *e)
{
	struct tokens tokens;
	struct hits hits;
	struct rank *rank;
	json_t *hit;
	size_t i, n;
	int r = 0;

	n = cands_rank(c, s->sources, (size_t)s->limit, &rank);
	tokens_init(&tokens);
	hits_init(&hits, st, c, s, &tokens);
	for (i = 0; i < n && r >= 0; i++) {
		if ((r = hit_json(&hits, &rank[i], &hit, e)) != 1)
			continue;
		r = fn(arg, hit, e);
		json_decref(hit);
	}
	hits_release(&hits);
	tokens_release(&tokens);
	free(rank);
	return r < 0 ? -1 : 0;
}

static int64_t
number(const struct search *s, const struct cands *c)
{
	int64_t n = 0;

	if (s->sources >> SOURCE_EVENT & 1)
		n += c->n[SOURCE_EVENT];
	if (s->sources >> SOURCE_KB & 1)
		n += c->n[SOURCE_KB];
	if (s->sources >> SOURCE_SESSION & 1)
		n += (int64_t)c->session.n;
	return n;
}

/* One scan, inside the view of the store. */
static int
search_once(struct store *st, const struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	bool sessions = s->sources >> SOURCE_SESSION & 1;
	struct tail tail = { .session = s->session, .first_only = s->first };
	struct cands c;
	int r;

	tail.sources = s->sources & (1u << SOURCE_EVENT | 1u << SOURCE_KB);
	if (sessions)
		tail.sources |= 1u << SOURCE_EVENT;
	cands_init(&c, q, sessions, s->count || s->first);
	r = tail_scan(st, &tail, &c, e);
	if (r == 0 && !c.count_only) {
		cands_score(&c);
		r = show(st, s, &c, fn, arg, e);
	}
	*found = number(s, &c);
	cands_release(&c);
	return r;
}

int
search_run(struct store *st, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	int r;

	*found = 0;
	if (q->nothing)
		return 0;
	if (tx_read(st->db, e) < 0)
		return -1;
	r = search_once(st, q, s, fn, arg, found, e);
	if (r == 0 && *found == 0 && !s->count && !s->first && query_relax(q))
		r = search_once(st, q, s, fn, arg, found, e);
	if (tx_end(st->db, r, e) < 0)
		return -1;
	return *found > 0;
}
