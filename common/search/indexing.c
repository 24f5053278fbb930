#include "search/indexing.h"

#include "artifact/artifact_entry.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/lock.h"
#include "search/doubt.h"
#include "search/indexed.h"
#include "search/indexing_work.h"
#include "search/kept.h"
#include "search/tail.h"
#include "store/db.h"
#include "store/inside.h"
#include "text/language_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Leave out what was forgotten or replaced since.  Text that was forgotten
 * must not lie in a file any longer: segments with something dead are written
 * again, for what was replaced before may be of the forgotten.
 */
static int
leave_out(struct update *u, struct err *e)
{
	struct indexed x;
	uint32_t *was = xcalloc(u->m.n + 1, sizeof *was), now;
	int64_t tombstones = u->m.tombstones;
	size_t i;
	int r;

	for (i = 0; i < u->m.n; i++)
		was[i] = u->m.segment[i].ndead;
	r = indexed_open_as(&x, u->st, u->source, &u->m, e);
	if (r == 0)
		r = indexed_view(&x, e);
	index_close_segments(&x.x);
	u->m = x.x.m;
	manifest_init(&x.x.m);
	indexed_close(&x);
	for (i = u->m.n; i-- > 0 && r == 0; ) {
		now = u->m.segment[i].ndead;
		u->report->gone += now - was[i];
		if (now > 0 && u->m.tombstones > tombstones)
			r = update_merge(u, i, 1, e);
	}
	free(was);
	return r;
}

/* One view of the store: as many rows as fit the memory. */
static int
batch(struct update *u, struct err *e)
{
	int r;

	u->more = false;
	u->turned = u->m.tombstones;
	u->last = *indexed_mark(&u->m, u->source);
	if (tx_read(u->st->db, e) < 0)
		return -1;
	r = leave_out(u, e);
	if (r == 0)
		r = update_read(u, e);
	if (tx_end(u->st->db, r, e) < 0 || update_flush(u, e) < 0 ||
	    update_merge_all(u, e) < 0)
		return -1;
	*indexed_mark(&u->m, u->source) = u->last;
	/* the old index is there until the new one is whole */
	if (u->how->rebuild && u->more)
		return 0;
	return update_write(u, e);
}

/* The index has other words than ours. */
static void
start_anew(struct update *u)
{
	if (u->how->note != NULL && u->m.n > 0)
		u->how->note(u->how->arg, u->m.words != MANIFEST_WORDS ?
		    "the index is that of another memkit; it is made anew" :
		    "index.language has changed; the index is made anew");
	manifest_release(&u->m);
}

/* Somebody met a damaged page: which are there? */
static int
look_through(struct update *u, struct err *e)
{
	struct segment *s;
	char *path;
	size_t i;
	int r = 0;

	for (i = 0; i < u->m.n && r == 0; i++) {
		path = manifest_path(u->dir, u->m.segment[i].number);
		r = segment_open(&s, path, &u->seal, e);
		free(path);
		if (r == 0) {
			r = segment_verify(s, e);
			segment_close(s);
		}
		if (r == 0)
			r = update_vectors_verify(u, &u->m.segment[i], e);
		else if (e->code == ERR_ABSENT)	/* we hold the lock */
			e->code = ERR_INDEX;
	}
	return r;
}

static int
start(struct update *u, struct err *e)
{
	int r = 0;

	manifest_init(&u->m);
	if (!u->how->rebuild)
		r = manifest_read(&u->m, u->dir, &u->seal, e);
	if (r == 1 && !manifest_serves(&u->m, u->language))
		start_anew(u);
	snprintf(u->m.language, sizeof u->m.language, "%s", u->language->name);
	if (r >= 0 && update_next_number(u, e) < 0)
		r = -1;
	tokens_init(&u->tokens, u->language);
	buf_init(&u->key);
	buf_init(&u->value);
	buf_init(&u->text);
	buf_init(&u->texts);
	if (r < 0)
		return -1;
	update_vectors_begin(u);
	update_begin(u);
	return doubt_there(u->st, u->source) ? look_through(u, e) : 0;
}

static int
report_segment(struct update *u, const struct manifest_segment *ms,
    struct err *e)
{
	char *path = manifest_path(u->dir, ms->number);
	struct segment *s;
	int r = segment_open(&s, path, &u->seal, e);

	free(path);
	if (r < 0)
		return -1;
	u->report->segments++;
	u->report->live += ms->docs - ms->ndead;
	u->report->bytes += (int64_t)segment_bytes(s);
	segment_close(s);
	return ms->vectors == MANIFEST_NONE ? 0 :
	    update_vectors_report(u, ms, e);
}

static int
report(struct update *u, struct err *e)
{
	size_t i;

	for (i = 0; i < u->m.n; i++)
		if (report_segment(u, &u->m.segment[i], e) < 0)
			return -1;
	return 0;
}

/* How much it has still to do, looking no further than most. */
static int
lag(struct store *st, enum source source, struct manifest *m, int64_t most,
    int64_t *rows, struct err *e)
{
	struct artifact_reach after = { m->artifacts, m->tombstones };

	return source == SOURCE_ARTIFACT ? artifact_count_after(st, &after,
	    most, rows, e) : tail_count(st, source, *indexed_mark(m, source),
	    most, rows, e);
}

static int
update(struct update *u, struct err *e)
{
	int r = start(u, e);

	if (r == 0)
		r = lag(u->st, u->source, &u->m, 0, &u->all, e);
	do {
		if (r == 0)
			r = batch(u, e);
	} while (r == 0 && u->more);
	if (r == 0)
		r = update_vectors_fill(u, e);
	if (r == 0)
		r = report(u, e);
	segment_maker_free(u->maker);
	vector_maker_free(u->vectors);
	embedder_free(u->embedder);
	tokens_release(&u->tokens);
	buf_release(&u->key);
	buf_release(&u->value);
	buf_release(&u->text);
	buf_release(&u->texts);
	free(u->end);
	manifest_release(&u->m);
	return r;
}

/* An index has all of its user's, whatever part of it the call sees, and
 * nothing of another's. */
int
indexing_update(struct store *call, enum source source,
    const struct indexing_how *how, struct indexing *report, struct err *e)
{
	struct inside in;
	struct store *st = &in.st;
	struct update u = { .st = st, .source = source, .how = how,
	    .report = report };
	struct lock lock = LOCK_INIT;
	struct buf path = BUF_INIT;
	int r;

	inside_own(&in, call);
	memset(report, 0, sizeof *report);
	u.dir = indexed_dir(st, source);
	file_join(&path, u.dir, "lock");
	r = language_configured(st, &u.language, e);
	if (r == 0 && indexed_seal(st, source, &u.seal, e) < 0)
		r = -1;
	if (r == 0)
		r = file_mkdirs(u.dir, 0700, e);
	if (r == 0 && (r = lock_take(&lock, path.p, how->wait_ms, e)) == 0)
		r = update(&u, e);
	if (r == 0) {
		doubt_settle(st, source);
		kept_remove(st, source);
	}
	lock_drop(&lock);
	mem_wipe(&u.seal, sizeof u.seal);
	buf_release(&path);
	free(u.dir);
	return r;
}

bool
indexing_there(const struct store *st, enum source source)
{
	char *dir = indexed_dir(st, source);
	bool there = manifest_stamp(dir) != 0;

	free(dir);
	return there;
}

int
indexing_lag(struct store *call, enum source source, int64_t most,
    int64_t *rows, struct err *e)
{
	struct inside in;
	struct store *st = &in.st;
	const struct language *l;
	struct blockfile_key key;
	struct manifest m;
	char *dir;
	int there, r = 0;

	*rows = 0;
	inside_own(&in, call);
	if (language_configured(st, &l, e) < 0 ||
	    indexed_seal(st, source, &key, e) < 0)
		return -1;
	dir = indexed_dir(st, source);
	there = manifest_read(&m, dir, &key, e);
	mem_wipe(&key, sizeof key);
	free(dir);
	if (there != 1)
		return there;
	if (manifest_serves(&m, l))
		r = lag(st, source, &m, most, rows, e) < 0 ? -1 : 1;
	manifest_release(&m);
	return r;
}
