#include "memory/searched.h"

#include "memory/doubt.h"
#include "memory/indexing.h"
#include "store/store.h"

#include <stdlib.h>

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
		    "records" : source_is_fact(source) ? "facts" :
		    "contents");
	free(dir);
	return true;
}

/* All have vectors, or none are used: two scales do not mix. */
static void
open_vectors(struct searched *x, struct query *q)
{
	struct err e;
	int source, r = 1;

	x->vectors = false;
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
	for (source = 0; source < SOURCE_SESSION && r == 1; source++) {
		if (!x->open[source] || x->of[source].vector != NULL)
			continue;
		r = indexed_vectors(&x->of[source], x->embedder, &e);
		if (r < 0)
			query_note(q, "searched without vectors: %s", e.msg);
		else if (r == 0)
			query_note(q, "the index has no vectors of the model "
			    "'%s'; mem-index makes them",
			    embedder_model(x->embedder)->name);
	}
	x->vectors = r == 1;
}

void
searched_open(struct searched *x, struct query *q)
{
	struct err e;
	int source, r;

	for (source = 0; source < SOURCE_SESSION; source++) {
		if (!searched_wants(x->s, (enum source)source) ||
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
	if (x->s->mode != SEARCH_TEXT && !x->s->count && !x->s->first)
		open_vectors(x, q);
}

int
searched_view(struct searched *x, struct query *q, struct err *e)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++) {
		if (!x->open[source])
			continue;
		if (indexed_view(&x->of[source], e) < 0)
			return searched_give_up(x, q, e) ? 0 : -1;
		if (x->vectors &&
		    indexed_vectors_view(&x->of[source], e) < 0 &&
		    !searched_give_up(x, q, e))
			return -1;
	}
	return 0;
}

static void
close_indexes(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		close_index(x, (enum source)source);
}

void
searched_close(struct searched *x)
{
	close_indexes(x);
	embedder_free(x->embedder);
	x->embedder = NULL;
	x->asked_embedder = false;
}

void
searched_forget(struct searched *x)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		if (x->open[source])
			indexed_forget(&x->of[source]);
}

int
searched_give_up(struct searched *x, struct query *q, const struct err *e)
{
	int source, any = 0;

	if (x->vectors && embedder_failed(x->embedder)) {
		query_note(q, "searched without vectors: %s", e->msg);
		x->vectors = false;
		return 1;
	}
	for (source = 0; source < SOURCE_SESSION; source++)
		any |= x->open[source];
	if (!any || e->code != ERR_INDEX)
		return 0;
	for (source = 0; source < SOURCE_SESSION; source++)
		if (x->open[source])
			doubt_raise(x->st, (enum source)source);
	if (x->vectors) {	/* the index may be sound */
		query_note(q, "searched without vectors: %s", e->msg);
		x->vectors = false;
		return 1;
	}
	query_note(q, "searched without the index: %s", e->msg);
	close_indexes(x);
	return 1;
}

