#include "engine/push_work.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/node.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <stdlib.h>
#include <string.h>

#define SAVE_MS 1000		/* between two writes of the marks */
#define LOSSES 500		/* that are looked for together */

static void
note(struct push *p, const char *what)
{
	if (p->how->note != NULL)
		p->how->note(p->how->arg, what);
}

/* --- which index ------------------------------------------------------- */

static int
other_words(struct push *p, struct err *e)
{
	const struct engine_meta *is = &p->index.meta, *ours = &p->meta;
	const char *name = engine_conf(p->engine)->name;

	if (!engine_meta_words(is, ours))
		return err_set(e, ERR_VERSION, "the index of engine '%s' is "
		    "of another memkit, or for texts in '%s', not '%s'; make "
		    "it anew with --rebuild", name, is->language,
		    ours->language);
	if (!engine_meta_model(is, ours))
		return err_set(e, ERR_VERSION, "the vectors in engine '%s' "
		    "are of the model '%s', and this store's of '%s'; make "
		    "the index anew with --rebuild", name, is->model[0] != '\0'
		    ? is->model : "none", ours->model[0] != '\0' ?
		    ours->model : "none");
	return 0;
}

/* A new one, from now on.  1: another was quicker, and that is the one. */
static int
make_index(struct push *p, bool aside, struct err *e)
{
	char *name;
	int r;

	if (engine_index_make(&p->index, &p->meta, &name, e) < 0)
		return -1;
	if (aside) {
		p->target = name;
		p->aside = true;
		return 0;
	}
	r = engine_index_first(&p->index, name, &p->meta, e);
	free(name);
	return r;
}

static int
choose_index(struct push *p, struct err *e)
{
	int there = engine_index_find(&p->index, p->engine, p->st->tenant,
	    p->how->rebuild, e);

	if (there < 0)
		return -1;
	if (there == 1 && p->how->rebuild) {
		engine_index_sweep(&p->index, &p->meta);
		if (make_index(p, true, e) < 0)
			return -1;
		/* the file says what the old one has until this is whole */
		engine_state_begin(&p->state, p->meta.generation, p->node,
		    false);
		return 0;
	}
	if (there == 0) {
		if (p->state.generation[0] != '\0')
			note(p, "the engine has nothing of this tenant any "
			    "more; all is pushed again");
		if ((there = make_index(p, false, e)) < 0)
			return -1;
	}
	if (there == 0) {
		p->target = xstrdup(p->index.alias);
		engine_state_begin(&p->state, p->meta.generation, p->node,
		    true);
		return engine_state_write(&p->state, e);
	}
	if (other_words(p, e) < 0)
		return -1;
	p->meta = p->index.meta;
	p->target = xstrdup(p->index.alias);
	if (strcmp(p->state.generation, p->meta.generation) == 0 &&
	    strcmp(p->state.node, p->node) == 0)
		return 0;
	if (p->state.generation[0] != '\0')
		note(p, "the index of the engine is another than it was; all "
		    "is pushed again");
	engine_state_begin(&p->state, p->meta.generation, p->node, false);
	return engine_state_write(&p->state, e);
}

/* --- open -------------------------------------------------------------- */

static int
set_up(struct push *p, const char *engine, struct err *e)
{
	const struct language *l;
	int r;

	if (engine_open(&p->engine, p->st, engine, e) < 0)
		return -1;
	if (engine_conf(p->engine)->kind == ENGINE_NEO4J)
		return err_set(e, ERR_USAGE, "engine '%s' is neo4j, which "
		    "takes no texts; mem-graph push has it the graph",
		    engine);
	if (node_name(p->st, p->node, e) < 0 ||
	    language_configured(p->st, &l, e) < 0 ||
	    engine_state_open(&p->state, p->st, engine, p->how->wait_ms,
	    p->how->note, p->how->arg, e) < 0 ||
	    (r = embedder_open(&p->embedder, p->st, e)) < 0 ||
	    engine_meta_make(&p->meta, p->node, l, r == 1 ?
	    embedder_model(p->embedder) : NULL, e) < 0)
		return -1;
	engine_doc_init(&p->doc, l, p->node);
	if (choose_index(p, e) < 0)
		return -1;
	bulk_init(&p->bulk, p->engine, p->target, p->aside, &p->counts,
	    p->how->note, p->how->arg);
	/* first: what was forgotten here is then looked for in it, too */
	return p->aside ? push_copy(p, p->index.alias, e) : 0;
}

int
push_open(struct push **out, struct store *st, const char *engine,
    const struct push_how *how, struct err *e)
{
	struct push *p = xcalloc(1, sizeof *p);

	p->st = st;
	p->how = how;
	p->state.lock = (struct lock)LOCK_INIT;
	buf_init(&p->ids);
	buf_init(&p->docs);
	buf_init(&p->texts);
	buf_init(&p->id);
	buf_init(&p->text);
	buf_init(&p->bulk.body);
	*out = p;
	if (set_up(p, engine, e) == 0)
		return 0;
	push_close(p);
	*out = NULL;
	return -1;
}

void
push_close(struct push *p)
{
	int i;

	if (p == NULL)
		return;
	if (p->aside)
		engine_index_drop(&p->index, p->target);
	for (i = 0; i < FEED_LOST; i++)
		strv_release(&p->lost[i]);
	map_release(&p->told);
	bulk_release(&p->bulk);
	bulk_counts_release(&p->counts);
	engine_doc_release(&p->doc);
	embedder_free(p->embedder);
	engine_index_release(&p->index);
	engine_state_close(&p->state);
	engine_close(p->engine);
	buf_release(&p->ids);
	buf_release(&p->docs);
	buf_release(&p->texts);
	buf_release(&p->id);
	buf_release(&p->text);
	free(p->item);
	free(p->vector);
	free(p->scale);
	free(p->target);
	free(p);
}

const struct bulk_counts *
push_counts(const struct push *p)
{
	return &p->counts;
}

/* --- a scope ----------------------------------------------------------- */

static bool
is_full(void *arg)
{
	const struct push *p = arg;
	size_t vectors = p->embedder == NULL ? 0 : p->items *
	    embedder_model(p->embedder)->dim * 4;

	return p->bulk.body.len + p->docs.len + vectors >=
	    (size_t)engine_conf(p->engine)->batch || p->losses >= LOSSES;
}

/* All that was told is with the engine. */
static int
settle(struct push *p, struct err *e)
{
	if (push_embed(p, e) < 0 || bulk_send(&p->bulk, e) < 0 ||
	    push_find_lost(p, e) < 0)
		return -1;
	return p->how->progress == NULL ? 0 : p->how->progress(p->how->arg,
	    p->counts.pushed, e);
}

static int
save(struct push *p, bool now, struct err *e)
{
	int64_t ms = date_real();

	/* of a new index nothing is kept until it is whole */
	if (p->aside || (!now && ms >= p->saved_ms &&
	    ms < p->saved_ms + SAVE_MS))
		return 0;
	p->saved_ms = ms;
	return engine_state_write(&p->state, e);
}

static bool
is_nothing(const struct feed_mark *m)
{
	int i;

	for (i = 0; i < FEED_PARTS && m->after[i] == 0; i++)
		;
	return i == FEED_PARTS;
}

static int
feed_all(struct push *p, struct feed *f, struct feed_mark *mark,
    struct err *e)
{
	const struct feed_to to = { push_doc, push_gone, push_lost, is_full,
	    p };
	int more, r;

	do {
		more = feed_read(f, &to, e);
		r = more < 0 ? -1 : settle(p, e);
		if (r == 0) {
			*mark = f->mark;
			p->first = f->first;
			r = save(p, more == 0, e);
		}
	} while (r == 0 && more == 1);
	return r;
}

int
push_scope(struct push *p, struct store *st, bool shared, struct err *e)
{
	struct feed_mark *mark = shared ? &p->state.shared :
	    engine_state_user(&p->state, st->user);
	struct feed f;
	int r;

	p->user = shared ? NULL : st->user;
	p->first = p->state.fresh && is_nothing(mark);
	feed_init(&f, st, shared, mark, p->node, p->first);
	if ((r = feed_waits(&f, e)) == 1)
		r = feed_all(p, &f, mark, e);
	feed_release(&f);
	return r;
}

/* What was written is found from now on; else the engine takes a second. */
static int
show_all(struct push *p, struct err *e)
{
	return p->counts.pushed + p->counts.gone == 0 ? 0 :
	    engine_index_refresh(&p->index, p->target, e);
}

int
push_end(struct push *p, struct err *e)
{
	if (p->aside) {
		/* what was not refreshed is not found yet */
		if (engine_index_refresh(&p->index, p->target, e) < 0 ||
		    engine_index_check(&p->index, p->target, &p->meta,
		    e) < 0 ||
		    engine_index_use(&p->index, p->target, &p->meta, e) < 0)
			return -1;
		p->aside = false;
	} else {
		if (show_all(p, e) < 0)
			return -1;
		if (!p->state.fresh)
			return 0;
	}
	p->state.fresh = false;
	return save(p, true, e);
}
