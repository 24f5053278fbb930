#include "engine/find.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/blend.h"
#include "engine/doc.h"
#include "engine/look.h"
#include "engine/mapping.h"
#include "engine/shown.h"
#include "index/embed.h"
#include "search/embedder.h"
#include "search/follow.h"
#include "search/fuse.h"
#include "search/show.h"
#include "store/access.h"
#include "store/change.h"
#include "store/db.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_EVENTS 1000	/* best events that sessions are ranked by */
#define PAGE 50			/* records that are asked for at once */

struct engine_finder {
	struct store *st;
	struct engine *en;
	struct buf alias;
	struct seen seen;
	struct embedder *embedder;	/* own; NULL: no vectors */
	bool asked_embedder;
	bool checked;			/* what its index is */
	bool vectors;			/* it has those of our model */
	bool asked;			/* it is not the first search */
};

int
engine_finder_open(struct engine_finder **out, struct store *st,
    const char *name, struct err *e)
{
	struct engine_finder *x = xcalloc(1, sizeof *x);

	x->st = st;
	buf_init(&x->alias);
	seen_init(&x->seen, st);
	if (engine_open(&x->en, st, name, e) < 0) {
		engine_finder_close(x);
		return -1;
	}
	if (engine_conf(x->en)->kind == ENGINE_NEO4J) {
		engine_finder_close(x);
		return err_set(e, ERR_USAGE, "'%s' is a graph database; "
		    "engine.%s.kind of a search engine is opensearch or "
		    "elasticsearch", name, name);
	}
	engine_alias(&x->alias, engine_conf(x->en)->index, st->tenant);
	*out = x;
	return 0;
}

void
engine_finder_close(struct engine_finder *x)
{
	if (x == NULL)
		return;
	engine_close(x->en);
	embedder_free(x->embedder);
	seen_release(&x->seen);
	buf_release(&x->alias);
	free(x);
}

/* --- what the index is ------------------------------------------------- */

static void
open_embedder(struct engine_finder *x, struct query *q)
{
	struct err e;

	if (x->embedder != NULL && embedder_failed(x->embedder)) {
		embedder_free(x->embedder);
		x->embedder = NULL;
		x->asked_embedder = false;
	}
	if (!x->asked_embedder &&
	    embedder_open(&x->embedder, x->st, &e) < 0)
		query_note(q, "searched without vectors: %s", e.msg);
	x->asked_embedder = true;
}

/* Of one index behind the alias: there may be more than one. */
static int
check_index(struct engine_finder *x, const json_t *mapping,
    const struct engine_meta *ours, struct query *q, struct err *e)
{
	const char *name = engine_conf(x->en)->name;
	struct engine_meta m;

	if (engine_meta_read(&m, mapping) != 1)
		return err_set(e, ERR_INPUT, "'%s' has an index '%s' that "
		    "mem-index did not make; name another prefix "
		    "(engine.%s.index)", name, x->alias.p, name);
	if (!engine_meta_words(&m, ours))
		return err_set(e, ERR_VERSION, "the words of the index in "
		    "'%s' are those of another memkit, or of another "
		    "language; mem-index --to %s --rebuild makes it again",
		    name, name);
	if (x->embedder != NULL && !engine_meta_model(&m, ours)) {
		x->vectors = false;
		query_note(q, "the index in '%s' has no vectors of the "
		    "model '%s'; mem-index --to %s --rebuild makes them",
		    name, ours->model, name);
	}
	return 0;
}

static int
check_mapping(struct engine_finder *x, const json_t *all, struct query *q,
    struct err *e)
{
	const struct language *language;
	struct engine_meta ours;
	const char *index;
	json_t *mapping;

	if (language_configured(x->st, &language, e) < 0 ||
	    engine_meta_make(&ours, "", language, x->embedder == NULL ?
	    NULL : embedder_model(x->embedder), e) < 0)
		return -1;
	x->vectors = x->embedder != NULL;
	if (json_object_size(all) == 0)
		return engine_wrong(x->en, "question for the mapping", e);
	/* a cast: the macro is not made for const */
	json_object_foreach((json_t *)all, index, mapping)
		if (check_index(x, mapping, &ours, q, e) < 0)
			return -1;
	x->checked = true;
	return 0;
}

static int
check(struct engine_finder *x, struct query *q, struct err *e)
{
	const char *name = engine_conf(x->en)->name;
	struct buf path = BUF_INIT, got = BUF_INIT;
	struct engine_req req = { .method = "GET" };
	json_t *all = NULL;
	int status, r;

	engine_path(&path, x->alias.p);
	buf_adds(&path, "/_mapping?filter_path=*.mappings._meta");
	req.path = path.p;
	status = engine_ask_json(x->en, &req, &got, &all, NULL, e);
	if (status == 404)
		r = err_set(e, ERR_ABSENT, "'%s' has nothing of tenant '%s'; "
		    "mem-index --to %s puts it there", name, x->st->tenant,
		    name);
	else
		r = status < 0 ? -1 : status != 200 ? engine_refused(x->en,
		    status, &got, "question for the mapping", e) :
		    check_mapping(x, all, q, e);
	json_decref(all);
	buf_release(&path);
	buf_release(&got);
	return r;
}

/* --- vectors ----------------------------------------------------------- */

/* How rare a piece is, is not told: all weigh what the model says. */
static int
no_df(void *arg, uint32_t id, uint64_t *df, struct err *e)
{
	(void)arg;
	(void)id;
	(void)e;
	*df = 0;
	return 0;
}

static void
set_vector(struct engine_finder *x, struct engine_look *look,
    struct query *q)
{
	size_t dim = embedder_model(x->embedder)->dim;
	float scale, *v = xcalloc(dim + 1, sizeof *v);
	struct err e;
	int r;

	r = embedder_query(x->embedder, q->text.p, q->text.len, 0, no_df,
	    NULL, v, &e);
	if (r < 0)
		query_note(q, "searched without vectors: %s", e.msg);
	if (r == 1) {
		look->v = xmalloc(dim);
		look->dim = dim;
		embed_quantise(v, dim, look->v, &scale);
		if (scale <= 0) {
			free(look->v);
			look->v = NULL;
		}
	}
	free(v);
}

/* --- hits -------------------------------------------------------------- */

struct showing {
	struct engine_finder *x;
	struct engine_look *look;
	struct engine_cands *c;
	struct engine_blend blend;
	struct engine_rank *rank;
	size_t n, at;			/* looked at so far */
	struct engine_shown shown;
	struct fold fold;
	json_t **source;		/* own; of a page, in order; NULL:
					   it did not come back */
	size_t from, page;		/* of ranks */
	size_t next, most;		/* of the next page, and of any */
	json_t **hit;			/* own; of a page, to be told */
	size_t hits;
	int64_t told;
	int (*fn)(void *, json_t *, struct err *);
	void *arg;
};

/* An event may stand for itself, and for its session. */
static int
take_source(void *arg, size_t cand, const json_t *source, struct err *e)
{
	struct showing *s = arg;
	size_t i;

	(void)e;
	for (i = 0; i < s->page; i++)
		if (s->rank[s->from + i].i == cand)
			s->source[i] = json_deep_copy(source);
	return 0;
}

static json_t *
new_hit(struct showing *s, const struct engine_rank *r)
{
	const struct engine_cand *k = &s->c->v[r->i];
	json_t *hit = json_pack("{s:s, s:s, s:s, s:f}", "type", "hit", "id",
	    r->source == SOURCE_SESSION ? k->session : k->id, "source",
	    source_names[r->source], "score", r->score);

	if (s->look->s->explain)
		json_object_set_new(hit, "why", engine_why(&s->blend, s->c,
		    r));
	return hit;
}

/* One rank, in a view of the store. */
static int
show_one(struct showing *s, size_t i, struct err *e)
{
	const struct engine_rank *r = &s->rank[s->from + i];
	const struct engine_cand *k = &s->c->v[r->i];
	bool folds = s->shown.fold != NULL;
	json_t *hit;
	int got;

	if (s->source[i] == NULL)
		return 0;
	hit = new_hit(s, r);
	got = engine_show(&s->shown, k->source, s->source[i],
	    r->source == SOURCE_SESSION, hit, e);
	if (got == 1 && folds) {
		fold_add(&s->fold, json_incref(hit));
		if (r->source != SOURCE_SESSION && !s->look->s->chunks)
			fold_document(&s->fold, &s->shown.doc);
	} else if (got == 1)
		s->hit[s->hits++] = json_incref(hit);
	else if (got == 2)
		fold_same(&s->fold, s->shown.like, k->id);
	else if (got == 3)
		fold_chunk(&s->fold, s->shown.like, k->id);
	json_decref(hit);
	return got < 0 ? -1 : 0;
}

/* Enough hits?  Of those that are folded, that is their number. */
static bool
is_full(const struct showing *s)
{
	int64_t limit = s->look->s->limit;

	return limit > 0 && s->told + (int64_t)s->hits +
	    (int64_t)s->fold.n >= limit;
}

static int
show_page(struct showing *s, struct err *e)
{
	struct store *st = s->x->st;
	size_t i = 0;
	int r;

	if (tx_read(st->db, e) < 0)
		return -1;
	r = seen_look(&s->x->seen, e);
	for (; r == 0 && i < s->page && !is_full(s); i++)
		r = show_one(s, i, e);
	s->at = s->from + i;
	return tx_end(st->db, r, e);
}

/* Not in the view: who is told may take his time. */
static int
tell_page(struct showing *s, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < s->hits; i++) {
		if (r >= 0)
			r = s->fn(s->arg, s->hit[i], e);
		json_decref(s->hit[i]);
	}
	s->told += (int64_t)s->hits;
	s->hits = 0;
	return r < 0 ? -1 : 0;
}

/* As many as are wanted; then more and more, for most of them are left out. */
static size_t
page_of(struct showing *s, size_t left)
{
	int64_t limit = s->look->s->limit, had = s->told + (int64_t)s->fold.n;
	size_t n = s->next;

	if (n == 0)
		n = limit > 0 && limit - had < PAGE ? (size_t)(limit - had) :
		    PAGE;
	s->next = n < PAGE / 2 ? 2 * n : PAGE;
	n = n < s->most ? n : s->most;
	return n < left ? n : left;
}

/* The records of a page, which is less of it where they are too large for one
 * answer. */
static int
ask_page(struct showing *s, size_t end, struct err *e)
{
	size_t which[PAGE], i;
	int r;

	s->from = s->at;
	s->page = page_of(s, end - s->at);
	for (;;) {
		for (i = 0; i < s->page; i++)
			which[i] = s->rank[s->from + i].i;
		memset(s->source, 0, PAGE * sizeof *s->source);
		r = engine_look_records(s->look, s->c, which, s->page,
		    take_source, s, e);
		if (r == 0 || e->code != ERR_INPUT || s->page <= 1)
			return r;
		for (i = 0; i < s->page; i++)
			json_decref(s->source[i]);
		s->most = s->page /= 2;
	}
}

static int
next_page(struct showing *s, size_t end, struct err *e)
{
	size_t i;
	int r;

	if ((r = ask_page(s, end, e)) == 0)
		r = show_page(s, e);
	/* what was shown last borrows of it */
	doc_release(&s->shown.doc);
	for (i = 0; i < s->page; i++)
		json_decref(s->source[i]);
	return r < 0 || tell_page(s, e) < 0 ? -1 : 0;
}

static bool
folds(const struct search *s)
{
	return s->fold && s->limit > 0;
}

/* As show_hits: 1, there is to be more to choose from. */
static int
show_all(struct showing *s, struct err *e)
{
	const struct search *how = s->look->s;
	size_t had = s->look->best, end;
	int r = 0;

	if (folds(how)) {
		s->shown.fold = &s->fold;
		end = s->n < SEARCH_FOLD ? s->n : SEARCH_FOLD;
		while (r == 0 && s->at < end && !is_full(s))
			r = next_page(s, end, e);
		if (r == 0 && !is_full(s) && s->n >= had &&
		    had < SEARCH_FOLD)
			return 1;
		s->shown.fold = NULL;
		s->told = (int64_t)s->fold.n;
		if (r == 0)
			r = fold_end(&s->fold, s->fn, s->arg, e);
	}
	while (r == 0 && s->at < s->n && !is_full(s))
		r = next_page(s, s->n, e);
	return r;
}

static int
show(struct engine_finder *x, struct engine_look *look,
    struct engine_cands *c, int (*fn)(void *, json_t *, struct err *),
    void *arg, int64_t *told, struct err *e)
{
	struct showing s = { .x = x, .look = look, .c = c, .fn = fn,
	    .arg = arg, .most = PAGE };
	int r;

	s.n = engine_blend(&s.blend, look, c, &s.rank);
	s.source = xcalloc(PAGE, sizeof *s.source);
	s.hit = xcalloc(PAGE, sizeof *s.hit);
	fold_init(&s.fold);
	engine_shown_init(&s.shown, &x->seen, look->q, look->s);
	r = show_all(&s, e);
	*told = s.told;
	engine_shown_release(&s.shown);
	fold_release(&s.fold);
	free(s.source);
	free(s.hit);
	free(s.rank);
	return r;
}

/* --- a search ---------------------------------------------------------- */

static bool
wants_vectors(const struct engine_finder *x, const struct engine_look *look)
{
	const struct query *q = look->q;

	return x->vectors && look->s->mode != SEARCH_TEXT && q->text.len > 0 &&
	    q->match.terms > 0 && look->best > 0 &&
	    look->best <= ENGINE_LOOK_MOST;
}

static size_t
best_of(const struct search *s, size_t wants)
{
	size_t least = s->sources >> SOURCE_SESSION & 1 ?
	    SESSION_EVENTS : s->mode == SEARCH_TEXT ? 0 : FUSE_BEST;

	return wants == 0 || wants > least ? wants : least;
}

static int
look_and_show(struct engine_finder *x, struct engine_look *look,
    struct query *q, int (*fn)(void *, json_t *, struct err *), void *arg,
    int64_t *found, struct err *e)
{
	struct engine_cands c;
	int64_t told = 0;
	int r;

	engine_cands_init(&c);
	if (wants_vectors(x, look) && look->v == NULL)
		set_vector(x, look, q);
	if (look->v == NULL && look->s->mode == SEARCH_VECTOR)
		query_note(q, "there are no vectors; searched by words");
	r = engine_look_best(look, &c, e);
	if (r == 0)
		r = show(x, look, &c, fn, arg, &told, e);
	/* not what it says, where all of that may not be seen */
	*found = told == 0 ? 0 : c.found > told && !look->loose ? c.found :
	    told;
	if (look->loose)
		query_note(q, "grafts of too many different times are not "
		    "told to '%s': what else it found of their sessions is "
		    "left out, and hits may be missing",
		    engine_conf(x->en)->name);
	else if (c.wrong > 0)
		query_note(q, "'%s' sent %" PRId64 " documents that it was "
		    "not asked for, or that may not be seen; they are left "
		    "out", engine_conf(x->en)->name, c.wrong);
	engine_cands_release(&c);
	return r;
}

/* What this call sees, as it is now, and whether the store has more. */
static int
look_in(struct engine_finder *x, struct query *q, struct err *e)
{
	struct consumer c;
	struct buf name = BUF_INIT;
	int r;

	if (tx_read(x->st->db, e) < 0)
		return -1;
	buf_addf(&name, "engine:%s", engine_conf(x->en)->name);
	r = seen_look(&x->seen, e);
	if (r == 0 && (r = consumer_get(x->st, name.p, &c, e)) == 1) {
		if (c.lag > 0)
			query_note(q, "%" PRId64 " changes of this store are "
			    "not in '%s' yet; mem-index --to %s puts them "
			    "there", c.lag, engine_conf(x->en)->name,
			    engine_conf(x->en)->name);
		consumer_release(&c);
		r = 0;
	}
	buf_release(&name);
	return tx_end(x->st->db, r, e);
}

static int
run(void *arg_, struct query *q, const struct search *s,
    int (*fn)(void *, json_t *, struct err *), void *arg, int64_t *found,
    struct err *e)
{
	struct engine_finder *x = arg_;
	struct engine_look look;
	size_t wants = show_wants(s);
	int r;

	r = engine_look_init(&look, x->en, &x->seen, q, s, x->alias.p, e);
	if (r == 0 && look.loose && (s->count || s->first))
		r = err_set(e, ERR_USAGE, "'%s' cannot count for grafts of "
		    "so many different times; mem-search --engine '' counts "
		    "in the store, or leave out -c", engine_conf(x->en)->name);
	else if (r == 0 && (s->count || s->first)) {
		if ((r = engine_look_count(&look, found, e)) == 0 &&
		    *found > 0)
			seen_counted(&x->seen, s->sources);
	} else if (r == 0) {
		do {
			look.best = best_of(s, wants);
			r = look_and_show(x, &look, q, fn, arg, found, e);
			wants = show_more(wants);
		} while (r == 1);
	}
	engine_look_release(&look);
	return r;
}

int
engine_finder_run(struct engine_finder *x, struct query *q,
    const struct search *s, int (*fn)(void *, json_t *, struct err *),
    void *arg, int64_t *found, struct err *e)
{
	struct store *st = x->st;

	*found = 0;
	if (q->nothing)
		return 0;
	if (x->asked && access_still(st, e) < 0)
		return -1;
	x->asked = true;
	if ((st->user_id == 0 && store_user(st, st->user, false,
	    &st->user_id, e) < 0) || look_in(x, q, e) < 0)
		return -1;
	if (s->mode != SEARCH_TEXT)
		open_embedder(x, q);
	if (!x->checked && check(x, q, e) < 0)
		return -1;
	return follow_run(q, s, run, x, fn, arg, found, e) < 0 ? -1 :
	    *found > 0;
}
