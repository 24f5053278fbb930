/*
 * Candidates come from the index and from the tail, what it does not have
 * yet; both count in the same statistics before anything is scored.
 */
#include "memory/search.h"

#include "base/alloc.h"
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
	bool keep;			/* they are used again */
	uint64_t stamp[SOURCE_SESSION];	/* manifests of those kept */
};

struct searcher {
	struct searched x;
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
close_index(struct searched *x, enum source source)
{
	if (x->open[source])
		indexed_close(&x->of[source]);
	x->open[source] = false;
}

/*
 * Is one open that can be used once more?  One that lags answers right, too:
 * what it lacks is in the tail.  So a manifest that is replaced meanwhile
 * does no harm.
 */
static bool
still_good(struct searched *x, enum source source)
{
	char *dir;
	uint64_t stamp;

	if (!x->keep)
		return false;
	dir = indexed_dir(x->st, source);
	stamp = manifest_stamp(dir);	/* before the manifest is read */
	free(dir);
	if (x->open[source] && stamp != 0 && stamp == x->stamp[source])
		return true;
	close_index(x, source);
	x->stamp[source] = stamp;
	return false;
}

/* The index has the newest versions of records, and no others. */
static bool
too_new(struct searched *x, enum source source, struct query *q)
{
	char *dir;

	if (!x->s->past || source != SOURCE_KB)
		return false;
	dir = indexed_dir(x->st, source);
	if (manifest_stamp(dir) != 0)
		query_note(q, "records are searched without the index, which "
		    "has only their newest versions");
	free(dir);
	return true;
}

static void
open_indexes(struct searched *x, struct query *q)
{
	struct err e;
	int source, r;

	for (source = 0; source < SOURCE_SESSION; source++) {
		if (!wanted(x->s, (enum source)source) ||
		    too_new(x, (enum source)source, q)) {
			close_index(x, (enum source)source);
			continue;
		}
		bring_up(x->st, (enum source)source);
		if (still_good(x, (enum source)source))
			continue;
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

	for (source = 0; source < SOURCE_SESSION; source++)
		close_index(x, (enum source)source);
}

/* What they hold of the query, which its owner may now release. */
static void
forget_query(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		if (x->open[source])
			indexed_forget(&x->of[source]);
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
	struct tail tail = { .session = s->session, .first_only = s->first,
	    .past = s->past, .as_of_ms = s->as_of_ms };
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

/* A user who had nothing when the store was opened may have come since. */
static int
find_user(struct store *st, struct err *e)
{
	return st->user_id != 0 ? 0 :
	    store_user(st, st->user, false, &st->user_id, e);
}

static int
search_in(struct searched *x, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	int r = -1;

	*found = 0;
	if (q->nothing)
		return 0;
	if (find_user(x->st, e) < 0)
		return -1;
	x->s = s;
	/* before the view: what the index has, the view has, too */
	open_indexes(x, q);
	if (tx_read(x->st->db, e) == 0)
		r = tx_end(x->st->db, search_view(x, q, fn, arg, found, e), e);
	forget_query(x);
	return r < 0 ? -1 : *found > 0;
}

int
search_run(struct store *st, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	struct searched x = { .st = st };
	int r;

	r = search_in(&x, q, s, fn, arg, found, e);
	close_indexes(&x);
	return r;
}

struct searcher *
searcher_open(struct store *st)
{
	struct searcher *sr = xcalloc(1, sizeof *sr);

	sr->x.st = st;
	sr->x.keep = true;
	return sr;
}

int
searcher_run(struct searcher *sr, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	return search_in(&sr->x, q, s, fn, arg, found, e);
}

void
searcher_close(struct searcher *sr)
{
	if (sr == NULL)
		return;
	close_indexes(&sr->x);
	free(sr);
}
