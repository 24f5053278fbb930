/*
 * The tail of a search, over and over: what it reads is what is new.
 */
#include "search/watch.h"

#include "base/alloc.h"
#include "memory/event.h"
#include "memory/record.h"
#include "search/cands.h"
#include "search/hit.h"
#include "search/tail.h"
#include "store/access.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <stdlib.h>

struct watch {
	struct store *st;		/* borrowed, as the next two */
	const struct query *q;
	const struct search *s;
	int64_t event, record;		/* rows seen */
	struct seen seen;
};

/* The last rows there are.  They never go back: a row that is forgotten
 * does not give its number to another. */
static int
move_on(struct watch *w, struct err *e)
{
	struct newest newest;

	if (newest_rows(w->st, &newest, e) < 0)
		return -1;
	if (newest.event > w->event)
		w->event = newest.event;
	if (newest.record > w->record)
		w->record = newest.record;
	return 0;
}

int
watch_open(struct watch **out, struct store *st, const struct query *q,
    const struct search *s, struct err *e)
{
	struct watch *w = xcalloc(1, sizeof *w);

	w->st = st;
	w->q = q;
	w->s = s;
	seen_init(&w->seen, st);
	if (tx_read(st->db, e) < 0 || tx_end(st->db, move_on(w, e), e) < 0) {
		watch_close(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	seen_release(&w->seen);
	free(w);
}

static int
by_number(const void *pa, const void *pb)
{
	const size_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* Candidates in the order in which they were stored: events by their rows,
 * whosever they are, then the others as they came. */
static size_t *
in_order(const struct cands *c)
{
	size_t *order = xcalloc(2 * c->cands + 1, sizeof *order), i, n = 0;

	/* row and number, so that one sort does for both */
	for (i = 0; i < c->cands; i++)
		if (c->cand[i].source == SOURCE_EVENT) {
			order[2 * n] = (size_t)c->cand[i].ref;
			order[2 * n++ + 1] = i;
		}
	if (n > 1)
		qsort(order, n, 2 * sizeof *order, by_number);
	for (i = 0; i < n; i++)
		order[i] = order[2 * i + 1];
	for (i = 0; i < c->cands; i++)
		if (c->cand[i].source != SOURCE_EVENT)
			order[n++] = i;
	return order;
}

static int
show(struct watch *w, const struct cands *c,
    int (*fn)(void *, json_t *, struct err *), void *arg, struct err *e)
{
	struct rank rank = { .score = 0 };
	size_t *order = in_order(c), k;
	struct tokens tokens;
	struct hits hits;
	json_t *hit;
	int r = 0;

	tokens_init(&tokens, c->q->match.language);
	hits_init(&hits, &w->seen, c, w->s, &tokens);
	for (k = 0; k < c->cands && r == 0; k++) {
		rank.i = order[k];
		rank.source = (enum source)c->cand[rank.i].source;
		if ((r = hit_json(&hits, &rank, &hit, e)) != 1)
			continue;
		json_object_del(hit, "score");
		r = fn(arg, hit, e);
		json_decref(hit);
	}
	hits_release(&hits);
	tokens_release(&tokens);
	free(order);
	return r;
}

/* Inside a view. */
static int
look(struct watch *w, int (*fn)(void *, json_t *, struct err *), void *arg,
    struct err *e)
{
	struct tail tail = { .first_only = false };
	struct cands c;
	size_t i;
	int r;

	if (seen_look(&w->seen, e) < 0)
		return -1;
	unread_init(&tail.unread, &w->seen);
	for (i = 0; i < tail.unread.marks; i++) {
		tail.unread.mark[i].after[SOURCE_EVENT] = w->event;
		tail.unread.mark[i].after[SOURCE_KB] = w->record;
	}
	tail.sources = w->s->sources & (1u << SOURCE_EVENT | 1u << SOURCE_KB);
	cands_init(&c, w->q, false, false);
	if ((r = move_on(w, e)) == 0 &&
	    (r = tail_scan(&tail, &c, e)) == 0)
		r = show(w, &c, fn, arg, e);
	cands_release(&c);
	unread_release(&tail.unread);
	return r;
}

int
watch_look(struct watch *w, int (*fn)(void *, json_t *, struct err *),
    void *arg, struct err *e)
{
	struct store *st = w->st;

	if (w->q->nothing)
		return 0;
	if (access_still(st, e) < 0)
		return -1;
	/* the user may have nothing until now */
	if (store_user(st, st->user, false, &st->user_id, e) < 0 ||
	    tx_read(st->db, e) < 0)
		return -1;
	return tx_end(st->db, look(w, fn, arg, e), e);
}
