/*
 * Candidates come from the index and from the tail, what it does not have
 * yet; both count in the same statistics before anything is scored.
 */
#include "memory/search.h"

#include "memory/cands.h"
#include "memory/hit.h"
#include "memory/indexed.h"
#include "memory/indexing.h"
#include "memory/tail.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>

#define TAIL_ROWS 300		/* of more, the index is brought up first */
#define SESSION_EVENTS 1000	/* best events that sessions are ranked by */

struct searched {
	struct store *st;
	const struct search *s;
	struct indexed of[SOURCE_SESSION];	/* event, kb */
	bool open[SOURCE_SESSION];
};

/* --- the indexes ------------------------------------------------------- */

/* Events of the user, or records: are they asked for? */
static bool
wanted(const struct search *s, enum source source)
{
	return s->sources >> source & 1 || (source == SOURCE_EVENT &&
	    (s->sources >> SOURCE_SESSION & 1));
}

/*
 * An index that lags far behind is brought up first; one that nobody asked
 * for (mem-index) is not made.  Whatever goes wrong is no reason not to
 * search: the tail has it all.
 */
static void
bring_up(struct store *st, enum source source)
{
	struct indexing_how how = { .wait_ms = 0 };
	struct indexing report;
	struct err ignored;
	int64_t rows;

	if (indexing_lag(st, source, TAIL_ROWS + 1, &rows, &ignored) == 1 &&
	    rows > TAIL_ROWS)
		indexing_update(st, source, &how, &report, &ignored);
}

static void
open_indexes(struct searched *x, struct query *q)
{
	struct err e;
	int source, r;

	for (source = 0; source < SOURCE_SESSION; source++) {
		x->open[source] = false;
		if (!wanted(x->s, (enum source)source))
			continue;
		bring_up(x->st, (enum source)source);
		r = indexed_open(&x->of[source], x->st, (enum source)source,
		    &e);
		x->open[source] = r == 1;
		if (r < 0)
			query_note(q, "searched without the index: %s", e.msg);
	}
}

static void
close_indexes(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++) {
		if (x->open[source])
			indexed_close(&x->of[source]);
		x->open[source] = false;
	}
}

/* Pages are checked when they are read first: one may turn out damaged in
 * the middle of a search.  1: go on without the index. */
static int
give_up_index(struct searched *x, struct query *q, const struct err *e)
{
	int source, any = 0;

	for (source = 0; source < SOURCE_SESSION; source++)
		any |= x->open[source];
	if (!any || e->code != ERR_CORRUPT)
		return 0;
	query_note(q, "searched without the index: %s", e->msg);
	close_indexes(x);
	return 1;
}

/* --- a search ---------------------------------------------------------- */

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

/* The best of an index, or their number. */
static int
find(struct searched *x, enum source source, struct cands *c, struct err *e)
{
	const struct search *s = x->s;
	size_t k = s->limit > 0 ? (size_t)s->limit : SIZE_MAX;
	bool sessions = s->sources >> SOURCE_SESSION & 1 &&
	    source == SOURCE_EVENT;

	if (sessions && (s->count || s->first))
		k = s->first ? 1 : SIZE_MAX;	/* to count their sessions */
	else if (s->count || s->first)
		return indexed_count(&x->of[source], s->first ? 1 : 0, c, e);
	else if (sessions && k < SESSION_EVENTS)
		k = SESSION_EVENTS;
	return indexed_find(&x->of[source], k, c, e);
}

static int
candidates(struct searched *x, const struct query *q, struct cands *c,
    struct err *e)
{
	const struct search *s = x->s;
	struct tail tail = { .session = s->session, .first_only = s->first };
	int source;

	for (source = 0; source < SOURCE_SESSION; source++) {
		if (wanted(s, (enum source)source))
			tail.sources |= 1u << source;
		if (x->open[source] && indexed_ask(&x->of[source], q,
		    s->session, c, e) < 0)
			return -1;
	}
	if (x->open[SOURCE_EVENT])
		tail.event_after = x->of[SOURCE_EVENT].after;
	if (x->open[SOURCE_KB])
		tail.record_after = x->of[SOURCE_KB].after;
	if (tail_scan(x->st, &tail, c, e) < 0)
		return -1;
	for (source = 0; source < SOURCE_SESSION; source++)
		if (x->open[source] &&
		    find(x, (enum source)source, c, e) < 0)
			return -1;
	return 0;
}

static int
search_once(struct searched *x, struct query *q,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	const struct search *s = x->s;
	struct cands c;
	int r, again;

	do {
		cands_init(&c, q, s->sources >> SOURCE_SESSION & 1,
		    s->count || s->first);
		r = candidates(x, q, &c, e);
		again = r < 0 && give_up_index(x, q, e);
		if (again)
			cands_release(&c);
	} while (again);
	if (r == 0 && !c.count_only) {
		cands_score(&c);
		r = show(x->st, s, &c, fn, arg, e);
	}
	*found = number(s, &c);
	cands_release(&c);
	return r;
}

/* Inside the view of the store. */
static int
search_view(struct searched *x, struct query *q,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	int source, r;

	for (source = 0; source < SOURCE_SESSION; source++)
		if (x->open[source] &&
		    indexed_view(&x->of[source], e) < 0 &&
		    !give_up_index(x, q, e))
			return -1;
	r = search_once(x, q, fn, arg, found, e);
	if (r == 0 && *found == 0 && !x->s->count && !x->s->first &&
	    query_relax(q))
		r = search_once(x, q, fn, arg, found, e);
	return r;
}

int
search_run(struct store *st, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	struct searched x = { .st = st, .s = s };
	int r = -1;

	*found = 0;
	if (q->nothing)
		return 0;
	/* before the view: what the index has, the view has, too */
	open_indexes(&x, q);
	if (tx_read(st->db, e) == 0)
		r = tx_end(st->db, search_view(&x, q, fn, arg, found, e), e);
	close_indexes(&x);
	return r < 0 ? -1 : *found > 0;
}
