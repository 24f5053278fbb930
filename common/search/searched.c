#include "search/searched.h"

#include "search/doubt.h"
#include "search/fuse.h"
#include "search/indexing.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_ROWS 300		/* of more, the index is brought up first */

bool
searched_wants(const struct search *s, enum source source)
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

	if (doubt_there(st, source))	/* it would be looked through */
		return;
	if (indexing_lag(st, source, TAIL_ROWS + 1, &rows, &ignored) == 1 &&
	    rows > TAIL_ROWS)
		indexing_update(st, source, &how, &report, &ignored);
}

void
searched_init(struct searched *x, struct store *st)
{
	int source;

	memset(x, 0, sizeof *x);
	x->st = st;
	seen_init(&x->seen, st);
	for (source = 0; source < SOURCE_SESSION; source++)
		indexes_init(&x->of[source], &x->seen, (enum source)source);
}

static void
drop_all(struct indexes *of)
{
	size_t i;

	for (i = 0; i < of->n; i++)
		indexes_drop(of->one[i]);
}

/* What may be seen now, the indexes as they are. */
static void
join(struct searched *x)
{
	struct unread_mark *mark;
	struct indexed *one;
	int source;
	size_t i;

	unread_release(&x->unread);
	unread_init(&x->unread, &x->seen);
	x->unread.past = x->s->past;
	x->unread.as_of_ms = x->s->as_of_ms;
	for (source = 0; source < SOURCE_SESSION; source++) {
		indexes_join(&x->of[source], x->vectors);
		for (i = 0; i < x->seen.users; i++) {
			one = indexes_of(&x->of[source], i);
			mark = &x->unread.mark[i];
			if (one != NULL)
				mark->after[source] = one->after;
			if (one != NULL && source == SOURCE_ARTIFACT)
				mark->turned = one->turned;
		}
	}
}

/*
 * One that is open can be used once more.  One that lags answers right, too:
 * what it lacks is in the tail.  So a manifest that is replaced meanwhile
 * does no harm.
 */
static void
open_one(struct searched *x, enum source source, size_t who, struct query *q)
{
	struct store *st = &x->seen.user[who]->in.st;
	struct indexes_one *one = indexes_place(&x->of[source], who);
	char *dir = indexed_dir(st, source);
	uint64_t stamp = manifest_stamp(dir);	/* before it is read */
	struct err e;
	int r;

	free(dir);
	if (x->keep && one->open && stamp != 0 && stamp == one->stamp)
		return;
	indexes_drop(one);
	one->stamp = stamp;
	r = indexed_open(&one->x, st, source, &e);
	one->open = r == 1;
	/* what is wrong with another user's is his affair */
	if (r < 0 && who == 0)
		query_note(q, "searched without the index: %s", e.msg);
}

/* The index has the newest versions of what has any, and no others. */
static bool
too_new(struct searched *x, enum source source, struct query *q)
{
	char *dir;

	if (!x->s->past || source == SOURCE_EVENT ||
	    source == SOURCE_ARTIFACT)
		return false;
	dir = indexed_dir(x->st, source);
	if (manifest_stamp(dir) != 0)
		query_note(q, "%s are searched without the index, which "
		    "has only their newest versions", source == SOURCE_KB ?
		    "records" : source == SOURCE_DOCUMENT ? "documents" :
		    source_is_fact(source) ? "facts" :
		    "contents");
	free(dir);
	return true;
}

/* -1, 0 there are none; 1. */
static int
one_vectors(struct searched *x, struct indexes_one *one, struct query *q)
{
	struct err e;
	int r;

	if (one->x.vector != NULL)
		return 1;
	r = indexed_vectors(&one->x, x->embedder, &e);
	if (r == 1)
		return 1;
	/* another user's: what he lets read is few, and is read without */
	if (one->who > 0 && indexed_live(&one->x) <= FUSE_TAIL) {
		indexes_drop(one);
		return 1;
	}
	if (r < 0)
		query_note(q, "searched without vectors: %s", e.msg);
	else
		query_note(q, "the index has no vectors of the model '%s'; "
		    "mem-index makes them", embedder_model(x->embedder)->name);
	return r;
}

/* All have vectors, or none are used: two scales do not mix. */
static void
open_vectors(struct searched *x, struct query *q)
{
	struct indexes *of;
	struct err e;
	int source, r = 1;
	size_t i;

	if (x->embedder != NULL && embedder_failed(x->embedder)) {
		embedder_free(x->embedder);
		x->embedder = NULL;
		x->asked_embedder = false;
	}
	if (!x->asked_embedder &&
	    embedder_open(&x->embedder, x->st, &e) < 0)
		query_note(q, "searched without vectors: %s", e.msg);
	x->asked_embedder = true;
	if (x->embedder == NULL)
		return;
	for (source = 0; source < SOURCE_SESSION; source++) {
		of = &x->of[source];
		for (i = 0; i < of->n && r == 1; i++)
			if (of->one[i]->open)
				r = one_vectors(x, of->one[i], q);
	}
	x->vectors = r == 1;
}

int
searched_open(struct searched *x, struct query *q, struct err *e)
{
	int source;
	size_t i;

	if (seen_look(&x->seen, e) < 0)
		return -1;
	for (source = 0; source < SOURCE_SESSION; source++) {
		if (!searched_wants(x->s, (enum source)source) ||
		    too_new(x, (enum source)source, q)) {
			drop_all(&x->of[source]);
			continue;
		}
		bring_up(x->st, (enum source)source);
		for (i = 0; i < x->seen.users; i++)
			if (seen_any(&x->seen, i, (enum source)source))
				open_one(x, (enum source)source, i, q);
			else
				indexes_drop(indexes_place(&x->of[source], i));
	}
	x->vectors = false;
	if (x->s->mode != SEARCH_TEXT && !x->s->count && !x->s->first)
		open_vectors(x, q);
	return 0;
}

static int
view_one(struct searched *x, struct indexes_one *one, struct err *e)
{
	if (indexed_view(&one->x, e) < 0 ||
	    indexed_see(&one->x, &x->seen, one->who, e) < 0)
		return -1;
	return x->vectors ? indexed_vectors_view(&one->x, e) : 0;
}

int
searched_view(struct searched *x, struct query *q, struct err *e)
{
	struct indexes *of;
	int source;
	size_t i;

	if (seen_look(&x->seen, e) < 0)
		return -1;
	for (source = 0; source < SOURCE_SESSION; source++) {
		of = &x->of[source];
		for (i = 0; i < of->n; i++) {
			if (!of->one[i]->open)
				continue;
			if (view_one(x, of->one[i], e) == 0)
				continue;
			if (of->one[i]->who > 0 && e->code == ERR_INDEX)
				indexes_drop(of->one[i]);
			else if (!searched_give_up(x, q, e))
				return -1;
		}
	}
	join(x);
	return 0;
}

static void
close_indexes(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		drop_all(&x->of[source]);
}

void
searched_close(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		indexes_close(&x->of[source]);
	unread_release(&x->unread);
	seen_release(&x->seen);
	embedder_free(x->embedder);
	x->embedder = NULL;
	x->asked_embedder = false;
}

void
searched_forget(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		indexes_forget(&x->of[source]);
	linked_release(&x->linked);
}

int
searched_give_up(struct searched *x, struct query *q, const struct err *e)
{
	int source, any = 0;
	size_t i;

	if (x->vectors && embedder_failed(x->embedder)) {
		query_note(q, "searched without vectors: %s", e->msg);
		x->vectors = false;
		join(x);
		return 1;
	}
	for (source = 0; source < SOURCE_SESSION; source++)
		for (i = 0; i < x->of[source].n; i++)
			any |= x->of[source].one[i]->open;
	if (!any || e->code != ERR_INDEX)
		return 0;
	for (source = 0; source < SOURCE_SESSION; source++)
		if (indexes_of(&x->of[source], 0) != NULL)
			doubt_raise(x->st, (enum source)source);
	if (x->vectors) {	/* the index may be sound */
		query_note(q, "searched without vectors: %s", e->msg);
		x->vectors = false;
		join(x);
		return 1;
	}
	query_note(q, "searched without the index: %s", e->msg);
	close_indexes(x);
	join(x);
	return 1;
}
