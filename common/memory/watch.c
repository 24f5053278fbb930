/*
 * The tail of a search, over and over: what it reads is what is new.
 */
#include "memory/watch.h"

#include "base/alloc.h"
#include "memory/cands.h"
#include "memory/event.h"
#include "memory/hit.h"
#include "memory/record.h"
#include "memory/tail.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <stdlib.h>

struct watch {
	struct store *st;		/* borrowed, as the next two */
	const struct query *q;
	const struct search *s;
	int64_t event, record;		/* rows seen */
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
	if (tx_read(st->db, e) < 0 || tx_end(st->db, move_on(w, e), e) < 0) {
		free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
watch_close(struct watch *w)
{
	free(w);
}

static int
show(struct watch *w, const struct cands *c,
    int (*fn)(void *, json_t *, struct err *), void *arg, struct err *e)
{
	struct rank rank = { .score = 0 };
	struct tokens tokens;
	struct hits hits;
	json_t *hit;
	int r = 0;

	tokens_init(&tokens, c->q->match.language);
	hits_init(&hits, w->st, c, w->s, &tokens);
	for (; rank.i < c->cands && r == 0; rank.i++) {
		rank.source = (enum source)c->cand[rank.i].source;
		if ((r = hit_json(&hits, &rank, &hit, e)) != 1)
			continue;
		json_object_del(hit, "score");
		r = fn(arg, hit, e);
		json_decref(hit);
	}
	hits_release(&hits);
	tokens_release(&tokens);
	return r;
}

/* Inside a view. */
static int
look(struct watch *w, int (*fn)(void *, json_t *, struct err *), void *arg,
    struct err *e)
{
	struct tail tail = { .after = { w->event, w->record },
	    .session = w->s->session };
	struct cands c;
	int r;

	tail.sources = w->s->sources & (1u << SOURCE_EVENT | 1u << SOURCE_KB);
	cands_init(&c, w->q, false, false);
	if ((r = move_on(w, e)) == 0 &&
	    (r = tail_scan(w->st, &tail, &c, e)) == 0)
		r = show(w, &c, fn, arg, e);
	cands_release(&c);
	return r;
}

int
watch_look(struct watch *w, int (*fn)(void *, json_t *, struct err *),
    void *arg, struct err *e)
{
	struct store *st = w->st;

	if (w->q->nothing)
		return 0;
	/* the user may have nothing until now */
	if (store_user(st, st->user, false, &st->user_id, e) < 0 ||
	    tx_read(st->db, e) < 0)
		return -1;
	return tx_end(st->db, look(w, fn, arg, e), e);
}
