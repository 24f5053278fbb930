/*
 * Candidates come from the index and from the tail, what it does not have
 * yet; both count in the same statistics before anything is scored.
 */
#include "search/search.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/map.h"
#include "base/conf.h"
#include "search/cands.h"
#include "search/follow.h"
#include "search/fuse.h"
#include "search/searched.h"
#include "search/show.h"
#include "search/spell.h"
#include "search/tail.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>

#define SESSION_EVENTS 1000	/* best events that sessions are ranked by */

struct searcher {
	struct searched x;
};

/* --- what is found ----------------------------------------------------- */

static int64_t
number(const struct search *s, const struct cands *c)
{
	int64_t n = 0;
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		if (s->sources >> source & 1)
			n += c->n[source];
	if (s->sources >> SOURCE_SESSION & 1)
		n += (int64_t)c->session.n;
	return n;
}

/* The best of an index, or their number. */
static int
find(struct searched *x, enum source source, struct cands *c, struct err *e)
{
	const struct search *s = x->s;
	size_t k = x->best > 0 ? x->best : SIZE_MAX;
	bool sessions = s->sources >> SOURCE_SESSION & 1 &&
	    source == SOURCE_EVENT;

	if (sessions && (s->count || s->first))
		k = s->first ? 1 : SIZE_MAX;	/* to count their sessions */
	else if (s->count || s->first)
		return indexes_count(&x->of[source], s->first ? 1 : 0, c, e);
	else if (sessions && k < SESSION_EVENTS)
		k = SESSION_EVENTS;
	return indexes_find(&x->of[source], k, c, e);
}

/* What the indexes and the tail hold; rows or NULL: of each text more. */
static int
read_all(struct searched *x, const struct query *q, struct cands *c,
    struct tail_rows *rows, struct err *e)
{
	const struct search *s = x->s;
	struct tail tail = { .unread = x->unread, .first_only = s->first,
	    .rows = rows };
	int source;

	for (source = 0; source < SOURCE_SESSION; source++) {
		if (!searched_wants(s, (enum source)source))
			continue;
		tail.sources |= 1u << source;
		if (indexes_ask(&x->of[source], q, c, e) < 0)
			return -1;
	}
	return tail_scan(&tail, c, e);
}

/* --- by words alone ---------------------------------------------------- */

static int
by_words(struct searched *x, const struct query *q, struct cands *c,
    int64_t *found, struct err *e)
{
	int source;

	if (read_all(x, q, c, NULL, e) < 0)
		return -1;
	for (source = 0; source < SOURCE_SESSION; source++)
		if (x->of[source].rank != NULL &&
		    find(x, (enum source)source, c, e) < 0)
			return -1;
	if (!c->count_only) {
		cands_score(c, 0);
		if (c->sessions_wanted)
			cands_sessions(c);
	}
	*found = number(x->s, c);
	return 0;
}

/* --- by all there is --------------------------------------------------- */

/* Texts that are not indexed are looked at one by one. */
static int
is_much(struct searched *x, struct query *q, struct err *e)
{
	int64_t all = 0;
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		if (searched_wants(x->s, (enum source)source) &&
		    unread_count(&x->unread, (enum source)source,
		    FUSE_TAIL + 1, &all, e) < 0)
			return -1;
	if (all > FUSE_TAIL)
		query_note(q, "over %d texts are not indexed: ranked by their "
		    "words alone; run mem-index", FUSE_TAIL);
	return all > FUSE_TAIL;
}

/* 1 it is to be ranked by all there is, 0 by words. */
static int
wants_fuse(struct searched *x, struct query *q, struct err *e)
{
	const struct search *s = x->s;
	int r;

	if (s->mode == SEARCH_TEXT || s->count || s->first ||
	    q->match.terms == 0 || q->text.len == 0)
		return 0;
	r = is_much(x, q, e);
	return r < 0 ? -1 : r == 0;
}

static unsigned
without(const struct searched *x)
{
	static const struct {
		const char *name;
		unsigned bit;
	} parts[] = { { "vectors", FUSE_NO_VECTORS },
	    { "neighbours", FUSE_NO_BESIDE }, { "reranker", FUSE_NO_RERANK } };
	struct strv names = STRV_INIT;
	unsigned bits = 0;
	size_t i;

	conf_get_all(x->st->conf, "search.without", &names);
	for (i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strv_has(&names, parts[i].name))
			bits |= parts[i].bit;
	strv_release(&names);
	if (x->s->mode == SEARCH_VECTOR)
		bits |= FUSE_NO_WORDS | FUSE_NO_BESIDE | FUSE_NO_RERANK;
	return bits;
}

/* The candidates, scored; fuse holds what they were scored with. */
static int
by_all(struct searched *x, const struct query *q, struct cands *c,
    struct fuse *f, int64_t *found, struct err *e)
{
	unsigned sources = x->s->sources, bits = without(x);
	struct embedder *em = x->vectors && !(bits & FUSE_NO_VECTORS) ?
	    x->embedder : NULL;
	struct tail_rows rows;
	int source, r;

	if (sources >> SOURCE_SESSION & 1)
		sources |= 1u << SOURCE_EVENT;
	tail_rows_init(&rows, x->st, em);
	r = read_all(x, q, c, &rows, e);
	if (r == 0) {
		fuse_init(f, q, c, &rows);
		f->embedder = em;
		f->without = bits;
		f->linked = x->s->linker == NULL ? NULL : &x->linked;
		f->recent_days = x->s->recent_days;
		f->now = date_now();
		f->limit = x->best;
		if (c->sessions_wanted)
			f->best = FUSE_BEST_SESSIONS;
		if (x->best > 0 && x->best < f->best)
			x->best = f->best;
		for (source = 0; source < SOURCE_SESSION; source++)
			if (x->of[source].parts > 0)
				f->of[source] = &x->of[source];
		f->seen = &x->seen;
		r = fuse_run(f, sources, found, e);
	}
	tail_rows_release(&rows);
	return r;
}

/* --- a search ---------------------------------------------------------- */

static int
search_once(struct searched *x, struct query *q,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	const struct search *s = x->s;
	struct fuse fuse = { 0 };
	struct cands c;
	int r, again;

	do {
		cands_init(&c, q, s->sources >> SOURCE_SESSION & 1,
		    s->count || s->first);
		r = wants_fuse(x, q, e);
		if (r == 1)
			r = by_all(x, q, &c, &fuse, found, e);
		else if (r == 0)
			r = by_words(x, q, &c, found, e);
		again = r < 0 && searched_give_up(x, q, e);
		if (again) {
			fuse_release(&fuse);
			cands_release(&c);
		}
	} while (again);
	if (r == 0 && c.count_only && *found > 0)
		seen_counted(&x->seen, s->sources);
	if (r == 0 && !c.count_only && *found > 0)
		r = show_hits(&x->seen, s, &c, x->best, fn, arg, e);
	fuse_release(&fuse);
	cands_release(&c);
	return r;
}

/* Again with more candidates, where too many are the same. */
static int
search_enough(struct searched *x, struct query *q,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	int r;

	x->best = show_wants(x->s);
	while ((r = search_once(x, q, fn, arg, found, e)) == 1)
		x->best = show_more(x->best);
	return r;
}

/* Words that no text has are replaced, where the answer is more than a yes
 * or no, and not about what there once was. */
static int
spelling(struct searched *x, struct query *q, struct err *e)
{
	struct spell_in in = { .st = x->st, .of = x->of,
	    .unread = &x->unread };
	bool on = true;
	int source;

	if (x->s->count || x->s->first || x->s->past)
		return 0;
	if (conf_get_bool(x->st->conf, "search.spelling", &on, e) < 0)
		return -1;
	for (source = 0; source < SOURCE_SESSION; source++)
		if (searched_wants(x->s, (enum source)source))
			in.sources |= 1u << source;
	return on && spell_repair(q, &in, e) < 0 &&
	    !searched_give_up(x, q, e) ? -1 : 0;
}

/* --- all of it --------------------------------------------------------- */

static int
search_for(void *x_, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	struct searched *x = x_;

	x->s = s;
	return search_enough(x, q, fn, arg, found, e);
}

/* What is linked to what the query names. */
static int
ask_links(struct searched *x, const struct query *q, struct err *e)
{
	const struct linker *by = x->s->linker;

	if (by == NULL || q->text.len == 0)
		return 0;
	if (by->ask(by->arg, q->text.p, q->text.len, &x->linked, e) < 0)
		return -1;
	linked_ready(&x->linked);
	return 0;
}

/* Inside the view of the store. */
static int
search_view(struct searched *x, struct query *q,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	const struct search *s = x->s;
	int r;

	if (searched_view(x, q, e) < 0 || spelling(x, q, e) < 0 ||
	    ask_links(x, q, e) < 0)
		return -1;
	r = follow_run(q, s, search_for, x, fn, arg, found, e);
	x->s = s;
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
	/* of many searches each is asked for anew */
	if (x->keep && x->asked && access_still(x->st, e) < 0)
		return -1;
	x->asked = true;
	if (find_user(x->st, e) < 0)
		return -1;
	x->s = s;
	if (s->linker != NULL && s->linker->before(s->linker->arg, e) < 0)
		return -1;
	/* before the view: what the index has, the view has, too */
	if (searched_open(x, q, e) < 0)
		return -1;
	if (tx_read(x->st->db, e) == 0)
		r = tx_end(x->st->db, search_view(x, q, fn, arg, found, e), e);
	searched_forget(x);
	return r < 0 ? -1 : *found > 0;
}

int
search_run(struct store *st, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	struct searched x;
	int r;

	searched_init(&x, st);
	r = search_in(&x, q, s, fn, arg, found, e);
	searched_close(&x);
	return r;
}

struct searcher *
searcher_open(struct store *st)
{
	struct searcher *sr = xcalloc(1, sizeof *sr);

	searched_init(&sr->x, st);
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
	searched_close(&sr->x);
	free(sr);
}
