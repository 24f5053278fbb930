#include "search/hit.h"

#include "artifact/artifact.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "ltm/fact_entry.h"
#include "memory/document_place.h"
#include "memory/record.h"
#include "memory/session.h"
#include "search/fold.h"
#include "search/fuse.h"
#include "search/snippet.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
hits_init(struct hits *h, struct seen *seen, const struct cands *c,
    const struct search *s, struct tokens *t)
{
	const struct match *m = &c->q->match;
	int64_t n = 0, df;
	size_t i;
	int k;

	memset(h, 0, sizeof *h);
	h->seen = seen;
	h->tocs = seen->users;
	h->toc = xcalloc(h->tocs + 1, sizeof *h->toc);
	h->c = c;
	h->search = s;
	h->tokens = t;
	h->places = document_places_new(seen->st, s->past ? s->as_of_ms :
	    INT64_MAX);
	h->worth = xcalloc(m->terms + 1, sizeof *h->worth);
	for (k = 0; k < SOURCE_SESSION; k++)
		n += c->scope[k].texts;
	for (i = 0; i < m->terms; i++) {
		for (df = 0, k = 0; k < SOURCE_SESSION; k++)
			df += c->df[k][i];
		h->worth[i] = m->term[i].weight * score_idf(n, df);
	}
}

void
hits_release(struct hits *h)
{
	size_t i;

	event_close(h->it);
	for (i = 0; i < h->tocs; i++)
		toc_reader_close(h->toc[i]);
	free(h->toc);
	doc_release(&h->doc);
	document_places_free(h->places);
	free(h->worth);
	memset(h, 0, sizeof *h);
}

/* --- why --------------------------------------------------------------- */

static json_t *
why_term(const struct match *m, const struct cand_term *t)
{
	const struct match_term *mt = &m->term[t->term];

	return json_pack("{s:s%, s:s, s:f, s:I, s:I, s:f, s:f}",
	    "term", mt->text, mt->len,
	    "kind", mt->kind == MATCH_PREFIX ? "prefix" : "stem",
	    "weight", mt->weight, "tf", (json_int_t)t->tf,
	    "df", (json_int_t)t->df, "idf", t->idf, "score", t->score);
}

/* The sum, term by term, and all that goes into the formula. */
static json_t *
why_text(const struct cands *c, const struct cand *k)
{
	const struct score_params *p = cands_params((enum source)k->source);
	const struct score_scope *s =
	    &c->scope[cands_scope((enum source)k->source)];
	json_t *terms = json_array();
	struct cand_term t;
	size_t i;

	for (i = 0; cand_term(c, k, i, &t); i++)
		json_array_append_new(terms, why_term(&c->q->match, &t));
	return json_pack("{s:s, s:f, s:f, s:I, s:f, s:I, s:o}",
	    "formula", "bm25", "k1", p->k1, "b", p->b,
	    "texts", (json_int_t)s->texts,
	    "average_length", score_average(s),
	    "length", (json_int_t)score_length(k->length), "terms", terms);
}

static json_t *
why_session(const struct cands *c, const struct cand_session *s)
{
	json_t *events = json_array(), *o;
	char id[ULID_LEN + 1];
	double weight = 1;
	size_t i;

	for (i = 0; i < CANDS_SESSION_BEST; i++, weight /= 2) {
		if (s->best[i] == SIZE_MAX)
			break;
		ulid_from_bytes(id, c->cand[s->best[i]].id);
		json_array_append_new(events, json_pack("{s:s, s:f, s:f}",
		    "event_id", id, "weight", weight,
		    "score", c->fuse != NULL ?
		    c->fuse->turn[s->best[i]].h : c->cand[s->best[i]].score));
	}
	o = json_pack("{s:s, s:o, s:o*}", "formula", "best events",
	    "events", events, "parts", c->fuse == NULL ? NULL :
	    json_pack("[{s:s, s:f, s:f}]", "part", "reranker",
	    "weight", FUSE_SESSION, "value", s->more));
	return c->fuse == NULL ? o : fuse_why_session(c->fuse, s, o);
}

/* --- what is shown of a record ----------------------------------------- */

/* The memory of the user that a candidate is of. */
static struct store *
memory_of(struct hits *h, const struct cand *k)
{
	return &h->seen->user[k->who]->in.st;
}

/* What is read by a graft says so. */
static void
set_graft(struct hits *h, json_t *hit, const struct graft *by)
{
	if (by == NULL)
		return;
	access_shown(h->seen->st, by->session, by->id);
	json_object_set_new(hit, "graft", json_string(by->id));
}

/* A record that is read by a graft says so, too, and whose it is; rec is taken
 * over. */
static void
set_record(struct hits *h, const struct cand *k, json_t *hit, json_t *rec)
{
	json_t *graft = json_object_get(hit, "graft");

	if (graft != NULL && json_object_get(rec, "user") == NULL)
		json_object_set_new(rec, "user",
		    json_string(h->seen->user[k->who]->name));
	if (graft != NULL)
		json_object_set(rec, "graft", graft);
	json_object_set_new(hit, "record", rec);
}

/* ->doc is what the hit is of: may it still be seen? */
static int
is_seen(struct hits *h, const struct cand *k, json_t *hit, struct err *e)
{
	const struct graft *by;
	int r;

	h->doc.who = k->who;
	if ((r = seen_doc(h->seen, &h->doc, &by, e)) == 1)
		set_graft(h, hit, by);
	return r;
}

static void
set_snippet(struct hits *h, json_t *hit)
{
	struct buf b = BUF_INIT;

	snippet_add(&b, &h->doc, &h->c->q->match, h->worth, h->tokens);
	/* NULL for what is not UTF-8: then there is none */
	if (b.len > 0)
		json_object_set_new(hit, "snippet", json_stringn(b.p, b.len));
	buf_release(&b);
}

static int
set_context(struct hits *h, const struct event *ev, json_t *hit,
    struct err *e)
{
	json_t *around = json_array();
	struct event_iter *it;
	const struct event *near;
	int64_t seq = ev->seq;
	int r;

	json_object_set_new(hit, "context", around);
	if (event_around(&it, h->seen->st, ev, h->search->context,
	    h->search->context, e) < 0)
		return -1;
	while ((r = event_next(it, &near, e)) == 1)
		if (near->seq != seq && (!h->search->past ||
		    near->ts_ms <= h->search->as_of_ms))
			json_array_append_new(around, event_json(near));
	event_close(it);
	return r;
}

/* Is its text nearly that of one before? */
static bool
is_again(struct hits *h)
{
	return h->near != NULL && fold_again(h->near, &h->doc, &h->like);
}

static int
fill_event(struct hits *h, const struct cand *k, json_t *hit, struct err *e)
{
	const struct event *ev;
	json_t *rec;
	int r;

	if ((r = event_get(&h->it, h->seen->st, k->ref, &ev, e)) != 1)
		return r;
	doc_event(&h->doc, ev);
	if ((r = is_seen(h, k, hit, e)) != 1)
		return r;
	if (is_again(h))
		return 2;
	if (h->search->bare)
		return 1;
	if ((rec = event_json(ev)) == NULL)
		return err_set(e, ERR_CORRUPT, "event %s is not UTF-8; run "
		    "mem-admin check", ev->id);
	set_snippet(h, hit);
	json_object_set_new(hit, "record", rec);
	if (h->search->context > 0 && set_context(h, ev, hit, e) < 0)
		return -1;
	return 1;
}

struct fill {
	struct hits *h;
	const struct cand *k;
	json_t *hit;
	bool again, hidden, shown;
};

/* Is it a chunk of a document that was shown? */
static bool
document_shown(struct hits *h)
{
	if (h->doc.source != SOURCE_DOCUMENT)
		return false;
	for (h->of = 0; h->of < h->documents; h->of++)
		if (h->document[h->of] == h->doc.session_row)
			return true;
	return false;
}

struct around {
	const struct document_places *places;
	json_t *list;
};

static int
add_around(void *arg, const struct record *rec, struct err *e)
{
	const struct around *to = arg;
	json_t *o = record_json(rec);

	(void)e;
	if (o != NULL)
		json_object_set_new(o, "seq", json_integer(document_place(
		    to->places, rec)));
	/* NULL for what is not UTF-8: then it is not shown */
	json_array_append_new(to->list, o);
	return 0;
}

/* Where a chunk is in its document, and what is beside it, if that is to be
 * shown; one that its document does not name is hidden. */
static int
find_place(struct fill *f, const struct record *rec, int64_t *place,
    struct err *e)
{
	const struct search *s = f->h->search;
	json_t *around = json_array();
	struct around to = { f->h->places, around };
	int r;

	if (rec->kind != RECORD_CHUNK)
		r = 0;
	else if ((r = document_around(f->h->places, rec, s->bare ? 0 :
	    s->context, place, add_around, &to, e)) == 0)
		f->hidden = *place < 0;
	if (r == 0 && rec->kind == RECORD_CHUNK && !s->bare && s->context > 0)
		json_object_set(f->hit, "context", around);
	json_decref(around);
	return r;
}

static int
fill_record(void *arg, const struct record *rec, struct err *e)
{
	struct fill *f = arg;
	int64_t place = -1;
	json_t *o;

	doc_record(&f->h->doc, rec);
	if (find_place(f, rec, &place, e) < 0)
		return -1;
	if (f->hidden || (f->shown = document_shown(f->h)) ||
	    (f->again = is_again(f->h)) || f->h->search->bare)
		return 0;
	if ((o = record_json(rec)) == NULL)
		return err_set(e, ERR_CORRUPT, "record %" PRId64 " is not "
		    "UTF-8; run mem-admin check", rec->seq);
	set_snippet(f->h, f->hit);
	json_object_set_new(f->hit, "record", o);
	if (place >= 0)
		json_object_set_new(o, "seq", json_integer(place));
	return 0;
}

/* A node or a grip. */
static int
fill_contents(struct hits *h, const struct cand *k, const char *id,
    json_t *hit, struct err *e)
{
	const struct search *s = h->search;
	struct toc_reader **toc = &h->toc[k->who];
	const struct toc_entry *t;
	json_t *rec;
	int r;

	if (*toc == NULL && toc_reader_open(toc, memory_of(h, k),
	    s->past ? s->as_of_ms : TOC_NOW, e) < 0)
		return -1;
	if ((r = toc_reader_find(*toc, id, &t, e)) != 1)
		return r;
	doc_toc(&h->doc, t);
	if ((r = is_seen(h, k, hit, e)) != 1)
		return r;
	if (is_again(h))
		return 2;
	if (s->bare)
		return 1;
	if ((rec = toc_reader_json(*toc, t, e)) == NULL)
		return -1;
	/* of a graft of a time, what it lies in may begin before */
	if (t->is_grip && !seen_row(h->seen, k->who, SOURCE_TOC,
	    t->node.session, t->node.start_ms, t->node.end_ms, NULL))
		json_object_del(rec, "toc_node_id");
	set_snippet(h, hit);
	set_record(h, k, hit, rec);
	return 1;
}

static int
fill_fact(void *arg, const struct fact *fact, struct err *e)
{
	struct fill *f = arg;
	json_t *o;

	int r;

	doc_fact(&f->h->doc, fact, NULL);
	if ((r = is_seen(f->h, f->k, f->hit, e)) < 0)
		return -1;
	if ((f->hidden = r == 0))
		return 0;
	if ((f->again = is_again(f->h)) || f->h->search->bare)
		return 0;
	if ((o = fact_json_seen(f->h->seen->st, fact, e)) == NULL)
		return -1;
	set_snippet(f->h, f->hit);
	set_record(f->h, f->k, f->hit, o);
	return 0;
}

/* Each is another file, whatever its name: none is the same as another. */
static int
fill_artifact(struct hits *h, const struct cand *k, const char *id,
    json_t *hit, struct err *e)
{
	struct artifact a;
	json_t *rec;
	int r;

	if (h->search->bare && h->seen->plain)
		return 1;
	if (artifact_find(memory_of(h, k), id, &a, e) < 0)
		return -1;
	doc_artifact(&h->doc, &a, NULL, NULL);
	r = is_seen(h, k, hit, e);
	if (r == 1 && !h->search->bare) {
		set_snippet(h, hit);
		rec = artifact_json(memory_of(h, k), &a, e);
		if (rec != NULL)
			set_record(h, k, hit, rec);
		else
			r = -1;
	}
	doc_release(&h->doc);		/* it borrows of the next */
	artifact_release(&a);
	return r;
}

static int
fill_session_row(void *arg, const struct session *s, struct err *e)
{
	struct fill *f = arg;
	json_t *rec = session_json(f->h->seen->st, s, e);

	if (rec == NULL)
		return -1;
	json_object_set_new(f->hit, "record", rec);
	return 0;
}

/* A session shows the snippet of its best event. */
static int
fill_session(struct hits *h, const struct cand_session *s, json_t *hit,
    struct err *e)
{
	const struct cand *k = &h->c->cand[s->best[0]];
	struct fill f = { .h = h, .k = k, .hit = hit };
	const struct event *ev;
	int r;

	r = event_get(&h->it, h->seen->st, k->ref, &ev, e);
	if (r != 1)
		return r;
	doc_event(&h->doc, ev);
	if ((r = is_seen(h, k, hit, e)) != 1 || h->search->bare)
		return r;
	set_snippet(h, hit);
	return session_find_row(h->seen->st, ev->session_seq,
	    fill_session_row, &f, e);
}

/* A record, or a fact. */
static int
fill_row(struct hits *h, const struct cand *k, json_t *hit, struct err *e)
{
	const struct search *s = h->search;
	const char *within = cand_within(h->c, k);
	const char *id = cand_record_id(h->c, k);
	struct fill f = { .h = h, .k = k, .hit = hit };
	struct store *st = h->seen->st;
	int r;

	if (source_is_fact((enum source)k->source))
		r = fact_entry(memory_of(h, k), strtoll(within, NULL, 10),
		    s->past ? s->as_of_ms : FACT_NOW, fill_fact, &f, e);
	else
		r = s->past ? record_find_at(st, within, id, s->as_of_ms,
		    fill_record, &f, e) :
		    record_find(st, within, id, 0, fill_record, &f, e);
	return r != 1 ? r : f.hidden ? 0 : f.shown ? 3 : f.again ? 2 : 1;
}

static int
fill(struct hits *h, const struct cand *k, const char *id, json_t *hit,
    struct err *e)
{
	return k->source == SOURCE_EVENT ? fill_event(h, k, hit, e) :
	    k->source == SOURCE_ARTIFACT ? fill_artifact(h, k, id, hit, e) :
	    source_is_contents((enum source)k->source) ?
	    fill_contents(h, k, id, hit, e) : fill_row(h, k, hit, e);
}

/* What links it to what the query names; a session, its event that is linked
 * best. */
static void
set_linked(const struct cands *c, const struct rank *rank, json_t *hit)
{
	size_t of = rank->i;
	json_t *list;

	if (rank->source == SOURCE_SESSION) {
		if (c->by_session[of].linked == 0)
			return;
		of = c->by_session[of].linked - 1;
	}
	if ((list = fuse_linked_json(c->fuse, of)) != NULL)
		json_object_set_new(hit, "linked", list);
}

int
hit_json(struct hits *h, const struct rank *rank, json_t **out,
    struct err *e)
{
	const struct cands *c = h->c;
	const struct cand_session *s = NULL;
	const struct cand *k = NULL;
	char room[ULID_LEN + 1];
	const char *id;
	json_t *hit;
	int r = 1;

	id = cands_rank_id(c, rank, room);
	if (rank->source == SOURCE_SESSION)
		s = &c->by_session[rank->i];
	else
		k = &c->cand[rank->i];
	hit = json_pack("{s:s, s:s, s:s, s:f}", "type", "hit",
	    "id", id, "source", source_names[rank->source],
	    "score", rank->score);
	if (h->search->bare && h->near == NULL && h->seen->plain &&
	    rank->source != SOURCE_DOCUMENT)
		;	/* the id is all that is told */
	else if (s != NULL)
		r = fill_session(h, s, hit, e);
	else
		r = fill(h, k, id, hit, e);
	if (r == 1 && c->fuse != NULL && !h->search->bare)
		set_linked(c, rank, hit);
	if (r == 1 && h->search->explain)
		json_object_set_new(hit, "why", s != NULL ?
		    why_session(c, s) : c->fuse == NULL ? why_text(c, k) :
		    fuse_why(c->fuse, rank->i, why_text(c, k)));
	if (r == 1)
		*out = hit;
	else
		json_decref(hit);
	return r;
}
