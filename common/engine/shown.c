#include "engine/shown.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/record.h"
#include "ltm/fact.h"
#include "memory/document_place.h"
#include "memory/event.h"
#include "memory/event_iter.h"
#include "memory/record.h"
#include "memory/session.h"
#include "search/snippet.h"
#include "store/access.h"
#include "store/store.h"
#include "toc/toc.h"

#include <stdlib.h>
#include <string.h>

void
engine_shown_init(struct engine_shown *x, struct seen *seen,
    const struct query *q, const struct search *s)
{
	size_t i;

	memset(x, 0, sizeof *x);
	x->seen = seen;
	x->q = q;
	x->s = s;
	x->places = document_places_new(seen->st, INT64_MAX);
	tokens_init(&x->tokens, q->match.language);
	/* how rare they are is not told: a snippet has as many as it can */
	x->worth = xcalloc(q->match.terms + 1, sizeof *x->worth);
	for (i = 0; i < q->match.terms; i++)
		x->worth[i] = q->match.term[i].weight;
}

void
engine_shown_release(struct engine_shown *x)
{
	tokens_release(&x->tokens);
	doc_release(&x->doc);
	document_places_free(x->places);
	free(x->worth);
	memset(x, 0, sizeof *x);
}

/* --- what is read by a graft, or in a part ------------------------------ */

/* Whose it is, and by what it is read. */
static void
set_graft(struct engine_shown *x, json_t *hit, json_t *rec,
    const struct engine_found *d, const struct graft *by)
{
	if (by == NULL)
		return;
	access_shown(x->seen->st, by->session, by->id);
	json_object_set_new(hit, "graft", json_string(by->id));
	if (rec == NULL)
		return;
	if (json_object_get(rec, "user") == NULL)
		json_object_set_new(rec, "user", json_string(d->user));
	json_object_set_new(rec, "graft", json_string(by->id));
}

/* The segment of a grip: may it be seen, too?  One that is not here is not
 * told. */
static int
may_node(struct engine_shown *x, size_t who, const char *id, struct err *e)
{
	struct seen_user *u = x->seen->user[who];
	struct toc_node n;
	int r;

	if (id == NULL || (r = toc_find(&u->in.st, id, &n, e)) == 0)
		return 0;
	return r < 0 ? -1 : seen_row(x->seen, who, SOURCE_TOC, n.session,
	    n.start_ms, n.end_ms, NULL);
}

/* Events that a fact rests on, and may not be seen. */
static int
hide_events(struct engine_shown *x, json_t *rec, size_t who, struct err *e)
{
	static const char *const lists[] = { "source_event_ids", "grips",
	    NULL };
	const struct fact f = { .scope = FACT_USER,
	    .user_id = x->seen->user[who]->user };
	json_t *meta = json_object_get(rec, "metadata"), *list;
	int i;

	for (i = 0; lists[i] != NULL; i++) {
		list = json_object_get(meta, lists[i]);
		if (list != NULL && !json_is_array(list))
			json_object_del(meta, lists[i]);
		else if (list != NULL &&
		    fact_hide_events(x->seen->st, &f, list, e) < 0)
			return -1;
	}
	return 0;
}

/* The record is as its user has it: what another one, or a bound call, may
 * not see of it goes. */
static int
take_out(struct engine_shown *x, const struct engine_found *d, size_t who,
    json_t *rec, struct err *e)
{
	int r;

	json_object_del(rec, "graft");
	json_object_del(rec, "children");	/* which no hit has */
	if (source_is_shared(d->source) || x->seen->user[who]->whole)
		return 0;
	json_object_del(rec, "child_node_ids");
	if (d->source == SOURCE_OWN)
		return hide_events(x, rec, who, e);
	if (d->source == SOURCE_GRIP) {
		if ((r = may_node(x, who, get_str(rec, "toc_node_id", NULL),
		    e)) < 0)
			return -1;
		if (r == 0)
			json_object_del(rec, "toc_node_id");
	}
	return 0;
}

/* --- what is around it ------------------------------------------------- */

static int
add_events(struct engine_shown *x, const char *id, json_t *around,
    struct err *e)
{
	struct event_iter *it = NULL, *near = NULL;
	const struct event *ev;
	int64_t n = x->s->context, seq;
	int r;

	if ((r = event_find(&it, x->seen->st, id, &ev, e)) == 1) {
		seq = ev->seq;
		r = event_around(&near, x->seen->st, ev, n, n, e);
		while (r >= 0 && (r = event_next(near, &ev, e)) == 1)
			if (ev->seq != seq)
				json_array_append_new(around, event_json(ev));
	}
	event_close(near);
	event_close(it);
	return r < 0 ? -1 : 0;
}

struct chunk {
	struct engine_shown *x;
	json_t *around;
};

static int
add_chunk(void *arg, const struct record *rec, struct err *e)
{
	struct chunk *c = arg;
	json_t *o = record_json(rec);

	(void)e;
	if (o != NULL)
		json_object_set_new(o, "seq", json_integer(document_place(
		    c->x->places, rec)));
	json_array_append_new(c->around, o);
	return 0;
}

static int
around_chunk(void *arg, const struct record *rec, struct err *e)
{
	struct chunk *c = arg;
	int64_t place;

	return document_around(c->x->places, rec, c->x->s->context, &place,
	    add_chunk, c, e);
}

/* Where the store has it, too. */
static int
set_context(struct engine_shown *x, const struct engine_found *d, json_t *hit,
    struct err *e)
{
	struct chunk c = { .x = x };
	int r;

	if (x->s->context == 0 || (d->source != SOURCE_EVENT &&
	    d->source != SOURCE_DOCUMENT))
		return 0;
	c.around = json_array();
	json_object_set_new(hit, "context", c.around);
	r = d->source == SOURCE_EVENT ? add_events(x, d->id, c.around, e) :
	    record_find(x->seen->st, d->within, d->id, 0, around_chunk, &c,
	    e);
	return r < 0 ? -1 : 0;
}

static void
set_snippet(struct engine_shown *x, json_t *hit)
{
	struct buf b = BUF_INIT;

	snippet_add(&b, &x->doc, &x->q->match, x->worth, &x->tokens);
	if (b.len > 0)
		json_object_set_new(hit, "snippet", json_stringn(b.p, b.len));
	buf_release(&b);
}

/* --- sessions ---------------------------------------------------------- */

static int
take_session(void *arg, const struct session *s, struct err *e)
{
	struct engine_shown *x = ((void **)arg)[0];
	json_t **rec = ((void **)arg)[1];

	*rec = session_json(x->seen->st, s, e);
	return *rec == NULL ? -1 : 0;
}

/* As the store has it, or, where it is on another copy, no more than its
 * name. */
static int
set_session(struct engine_shown *x, const struct engine_found *d, size_t who,
    json_t *hit, struct err *e)
{
	struct seen_user *u = x->seen->user[who];
	json_t *rec = NULL;
	void *arg[] = { x, &rec };
	int64_t row = 0;
	int r;

	if (u->user != 0 && session_row_of(&u->in.st, u->user, d->session,
	    false, &row, e) < 0)
		return -1;
	r = row == 0 ? 0 : session_find_row(x->seen->st, row, take_session,
	    arg, e);
	if (r >= 0 && rec == NULL)
		rec = json_pack("{s:s, s:s, s:s}", "type", "session",
		    "session_id", d->session, "user", d->user);
	json_object_set_new(hit, "record", rec);
	return r < 0 ? -1 : 1;
}

/* --- a hit ------------------------------------------------------------- */

/* What stands in the way of a hit: 2 or 3, else 1. */
static int
is_told(struct engine_shown *x)
{
	if (x->fold == NULL)
		return 1;
	if (x->doc.source == SOURCE_DOCUMENT && !x->s->chunks)
		for (x->like = 0; x->like < x->fold->documents; x->like++)
			if (x->fold->document[x->like] == x->doc.session_row)
				return 3;
	/* of artifacts each is another file, whatever its name */
	return x->doc.source != SOURCE_ARTIFACT && fold_again(
	    &x->fold->near, &x->doc, &x->like) ? 2 : 1;
}

int
engine_show(struct engine_shown *x, enum source source, const json_t *o,
    bool session, json_t *hit, struct err *e)
{
	json_t *rec = json_object_get(o, "record");
	const struct graft *by;
	struct engine_found d;
	size_t who;
	int r;

	doc_release(&x->doc);
	if (!engine_found_read(&d, source, o) || !engine_record_is(rec, &d))
		return 0;
	if ((r = engine_may(x->seen, &d, &who, &by, e)) == 1)
		r = engine_known(x->seen, &d, who, rec, e);
	if (r != 1)
		return r;
	engine_record_doc(&x->doc, rec, &d);
	x->doc.who = (unsigned)who;
	if (!session && (r = is_told(x)) != 1)
		return r;
	if (!session && take_out(x, &d, who, rec, e) < 0)
		return -1;
	set_graft(x, hit, session ? NULL : rec, &d, by);
	if (x->s->bare)
		return 1;
	set_snippet(x, hit);
	if (session)
		return set_session(x, &d, who, hit, e);
	json_object_set_new(hit, "record", engine_record_order(rec));
	return set_context(x, &d, hit, e) < 0 ? -1 : 1;
}
