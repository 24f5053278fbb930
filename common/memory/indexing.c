/*
 * Segments are kept in falling sizes: one that is less than twice all the
 * smaller ones together is merged with them, and never are there more than
 * four.  So each document is written again a few times at most, and a search
 * has few files to open.
 */
#include "memory/indexing.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/lock.h"
#include "index/segment_make.h"
#include "memory/event.h"
#include "memory/indexed.h"
#include "memory/record.h"
#include "store/db.h"
#include "store/store.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIVE 4			/* segments */
#define MEMORY ((size_t)96 << 20)
#define STEP 1024		/* rows between two calls of progress */

struct update {
	struct store *st;
	enum source source;
	const struct indexing_how *how;
	struct indexing *report;
	char *dir;			/* own */
	struct manifest m;
	struct segment_maker *maker;	/* own */
	struct tokens tokens;
	struct buf key, value;
	int64_t last, all;		/* rows */
	bool more;
};

/* --- documents --------------------------------------------------------- */

struct value {
	struct update *u;
	enum field_kind kind;
};

static int
add_value(void *arg, const char *s, size_t len)
{
	struct value *v = arg;
	bool whole;

	buf_reset(&v->u->value);
	indexed_value(&v->u->value, s, len, &whole);
	segment_doc_value(v->u->maker, INDEXED_FIELD(v->kind),
	    v->u->value.p, v->u->value.len);
	return 0;
}

static void
add_session(struct update *u, int64_t row)
{
	char key[8];

	indexed_session(key, row);
	segment_doc_value(u->maker, INDEXED_OF_SESSION, key, sizeof key);
}

static int
add_doc(struct update *u, struct doc *d, struct err *e)
{
	int64_t column[INDEXED_COLUMNS];
	struct value v = { .u = u };
	size_t i;
	int kind;

	column[INDEXED_ROW] = d->seq;
	column[INDEXED_TIME] = d->has_time ? d->ts_ms : INDEXED_NO_TIME;
	column[INDEXED_SESSION] = d->session_row;
	column[INDEXED_TRAITS] = doc_traits(d);
	indexed_key(&u->key, u->source, d->kb, d->id);
	if (segment_doc(u->maker, u->key.p, u->key.len, column, e) < 0)
		return -1;
	for (i = 0; i < d->pieces; i++)
		segment_doc_text(u->maker, &u->tokens, d->piece[i].text,
		    d->piece[i].len, d->piece[i].times);
	for (kind = 0; kind < FIELD_N; kind++) {
		v.kind = (enum field_kind)kind;
		if (indexed_has(v.kind))
			doc_values(d, v.kind, add_value, &v);
	}
	if (u->source == SOURCE_EVENT)
		add_session(u, d->session_row);
	segment_doc_end(u->maker);
	u->report->docs++;
	if (u->how->progress != NULL && u->report->docs % STEP == 0)
		return u->how->progress(u->how->arg, u->report->docs, u->all,
		    e) != 0 ? -1 : 0;
	return 0;
}

static bool
is_full(const struct update *u)
{
	size_t most = u->how->memory > 0 ? u->how->memory : MEMORY;

	return segment_maker_memory(u->maker) >= most;
}

static int
read_events(struct update *u, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	struct doc d = { 0 };
	int r;

	if (event_open_tail(&it, u->st, u->m.events, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		doc_event(&d, ev);
		if (add_doc(u, &d, e) < 0) {
			r = -1;
			break;
		}
		u->last = ev->seq;
		if ((u->more = is_full(u)))
			break;
	}
	doc_release(&d);
	event_close(it);
	return r < 0 ? -1 : 0;
}

/* --- segments ---------------------------------------------------------- */

/* What was made becomes a segment of the manifest (which is not written). */
static int
flush(struct update *u, struct err *e)
{
	uint32_t docs = segment_maker_docs(u->maker);
	char *path;
	int r;

	if (docs == 0)
		return 0;
	path = manifest_path(u->dir, u->m.next);
	r = segment_maker_write(u->maker, path, e);
	free(path);
	if (r == 0)
		manifest_add(&u->m, u->m.next, docs);
	segment_maker_free(u->maker);
	u->maker = segment_maker_new(INDEXED_COLUMNS);
	return r;
}

struct record_scan {
	struct update *u;
	struct doc doc;
};

static int
read_record(void *arg, const struct record *rec, struct err *e)
{
	struct record_scan *s = arg;

	doc_record(&s->doc, rec);
	if (add_doc(s->u, &s->doc, e) < 0)
		return -1;
	if (rec->seq > s->u->last)
		s->u->last = rec->seq;
	return is_full(s->u) ? flush(s->u, e) : 0;
}

/* In the order of their ids: all of them, before the mark moves. */
static int
read_records(struct update *u, struct err *e)
{
	struct record_scan s = { .u = u };
	int r = record_each(u->st, NULL, u->m.records, read_record, &s, e);

	doc_release(&s.doc);
	return r;
}

/* --- merging ----------------------------------------------------------- */

static int
by_docs(const void *a, const void *b)
{
	const struct manifest_segment *x = a, *y = b;

	if (x->docs != y->docs)
		return x->docs > y->docs ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* From which on the segments, greatest first, are to become one; n: none. */
static size_t
merge_from(const struct manifest *m)
{
	uint64_t sum = 0;
	size_t i, from = m->n;

	for (i = m->n; i-- > 0; sum += m->segment[i].docs) {
		if (i + 1 < m->n && m->segment[i].docs < 2 * sum)
			from = i;
		/* an eighth of it gone is worth writing it again */
		if (m->segment[i].ndead > m->segment[i].docs / 8)
			from = i < from ? i : from;
	}
	if (from > LIVE - 1 && m->n > LIVE)
		from = LIVE - 1;
	return from;
}

static int
merge_stop(void *arg, struct err *e)
{
	struct update *u = arg;

	if (u->how->progress == NULL)
		return 0;
	return u->how->progress(u->how->arg, u->report->docs, u->all, e);
}

/* Segments [from, from + n) become one. */
static int
merge(struct update *u, size_t from, size_t n, struct err *e)
{
	struct manifest_segment *ms = u->m.segment + from;
	struct segment **s = xcalloc(n + 1, sizeof *s);
	const uint64_t **dead = xcalloc(n + 1, sizeof *dead);
	uint32_t docs = 0;
	char *path;
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		path = manifest_path(u->dir, ms[i].number);
		r = segment_open(&s[i], path, e);
		free(path);
		dead[i] = ms[i].dead;
		docs += ms[i].docs - ms[i].ndead;
	}
	path = manifest_path(u->dir, u->m.next);
	if (r == 0 && docs > 0)
		r = segment_merge(s, dead, n, path, merge_stop, u, e);
	free(path);
	for (i = 0; i < n; i++)
		segment_close(s[i]);
	free(s);
	free(dead);
	if (r < 0)
		return -1;
	while (n-- > 0)
		manifest_drop(&u->m, from);
	if (docs > 0)
		manifest_add(&u->m, u->m.next, docs);
	u->report->merged += docs;
	return 0;
}

static int
merge_all(struct update *u, struct err *e)
{
	size_t from;

	if (u->m.n > 1)
		qsort(u->m.segment, u->m.n, sizeof *u->m.segment, by_docs);
	from = merge_from(&u->m);
	if (from >= u->m.n)
		return 0;
	return merge(u, from, u->m.n - from, e);
}

/* --- the folder -------------------------------------------------------- */

static bool
is_live(const struct manifest *m, const char *name)
{
	char *end;
	uint64_t number = strtoull(name, &end, 10);
	size_t i;

	if (end == name || strcmp(end, ".seg") != 0)
		return false;
	for (i = 0; i < m->n; i++)
		if (m->segment[i].number == number)
			return true;
	return false;
}

/* Segments that are of no manifest any more, and what an interrupted run
 * left: we hold the lock, so that no file in the making is another's. */
static void
sweep(const struct update *u)
{
	struct dirent *d;
	struct buf path = BUF_INIT;
	DIR *dir = opendir(u->dir);

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (strncmp(d->d_name, ".tmp-", 5) != 0 &&
		    (strstr(d->d_name, ".seg") == NULL ||
		    is_live(&u->m, d->d_name)))
			continue;
		buf_reset(&path);
		file_join(&path, u->dir, d->d_name);
		unlink(path.p);
	}
	if (dir != NULL)
		closedir(dir);
	buf_release(&path);
}

/* The next one is greater than that of any file: none is written over. */
static int
next_number(struct update *u, struct err *e)
{
	struct dirent *d;
	uint64_t number;
	DIR *dir = opendir(u->dir);

	if (dir == NULL)
		return err_sys(e, "cannot open folder '%s'", u->dir);
	while ((d = readdir(dir)) != NULL) {
		number = strtoull(d->d_name, NULL, 10);
		if (number >= u->m.next && number < UINT64_MAX / 2)
			u->m.next = number + 1;
	}
	closedir(dir);
	return 0;
}

/* --- an update --------------------------------------------------------- */

/*
 * Leave out what was forgotten or replaced since.  Text that was forgotten
 * must not lie in a file any longer: those segments are written again.
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
		if (now > was[i] && u->m.tombstones > tombstones)
			r = merge(u, i, 1, e);
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
	u->last = u->source == SOURCE_EVENT ? u->m.events : u->m.records;
	if (tx_read(u->st->db, e) < 0)
		return -1;
	r = leave_out(u, e);
	if (r == 0)
		r = u->source == SOURCE_EVENT ? read_events(u, e) :
		    read_records(u, e);
	if (tx_end(u->st->db, r, e) < 0 || flush(u, e) < 0 ||
	    merge_all(u, e) < 0)
		return -1;
	if (u->source == SOURCE_EVENT)
		u->m.events = u->last;
	else
		u->m.records = u->last;
	/* the old index is there until the new one is whole */
	if (u->how->rebuild && u->more)
		return 0;
	if (manifest_write(&u->m, u->dir, e) < 0)
		return -1;
	sweep(u);
	return 0;
}

static int
start(struct update *u, struct err *e)
{
	int r = 0;

	manifest_init(&u->m);
	if (!u->how->rebuild)
		r = manifest_read(&u->m, u->dir, e);
	if (r == 1 && u->m.words != MANIFEST_WORDS)
		manifest_release(&u->m);
	if (r >= 0 && next_number(u, e) < 0)
		r = -1;
	u->maker = segment_maker_new(INDEXED_COLUMNS);
	tokens_init(&u->tokens);
	buf_init(&u->key);
	buf_init(&u->value);
	return r < 0 ? -1 : 0;
}

static int
finish(struct update *u, struct err *e)
{
	struct segment *s;
	char *path;
	size_t i;
	int r = 0;

	u->report->segments = (int64_t)u->m.n;
	for (i = 0; i < u->m.n && r == 0; i++) {
		u->report->live += u->m.segment[i].docs -
		    u->m.segment[i].ndead;
		path = manifest_path(u->dir, u->m.segment[i].number);
		if ((r = segment_open(&s, path, e)) == 0) {
			u->report->bytes += (int64_t)segment_bytes(s);
			segment_close(s);
		}
		free(path);
	}
	return r;
}

/* Rows of a scope; looks no further than most (0: at all). */
static int
rows_after(struct store *st, enum source source, int64_t after, int64_t most,
    int64_t *rows, struct err *e)
{
	struct db_query *q;
	int r;

	q = source == SOURCE_EVENT ? db_sql(st->db, e, "SELECT count(*) FROM "
	    "(SELECT 1 FROM event NOT INDEXED WHERE seq > :after "
	    "AND user = :user LIMIT :most)") : db_sql(st->db, e,
	    "SELECT count(*) FROM (SELECT 1 FROM record WHERE seq > :after "
	    "AND :user >= 0 LIMIT :most)");
	if (q == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":user", st->user_id);
	db_int(q, ":most", most > 0 ? most : -1);
	if ((r = db_row(q, e)) == 1)
		*rows = db_get_int(q, 0);
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
update(struct update *u, struct err *e)
{
	int r = start(u, e);

	if (r == 0)
		r = rows_after(u->st, u->source, u->source == SOURCE_EVENT ?
		    u->m.events : u->m.records, 0, &u->all, e);
	do {
		if (r == 0)
			r = batch(u, e);
	} while (r == 0 && u->more);
	if (r == 0)
		r = finish(u, e);
	segment_maker_free(u->maker);
	tokens_release(&u->tokens);
	buf_release(&u->key);
	buf_release(&u->value);
	manifest_release(&u->m);
	return r;
}

int
indexing_update(struct store *st, enum source source,
    const struct indexing_how *how, struct indexing *report, struct err *e)
{
	struct update u = { .st = st, .source = source, .how = how,
	    .report = report };
	struct lock lock = LOCK_INIT;
	struct buf path = BUF_INIT;
	int r;

	memset(report, 0, sizeof *report);
	u.dir = indexed_dir(st, source);
	file_join(&path, u.dir, "lock");
	r = file_mkdirs(u.dir, 0700, e);
	if (r == 0 && (r = lock_take(&lock, path.p, how->wait_ms, e)) == 0)
		r = update(&u, e);
	lock_drop(&lock);
	buf_release(&path);
	free(u.dir);
	return r;
}

int
indexing_lag(struct store *st, enum source source, int64_t most,
    int64_t *rows, struct err *e)
{
	struct manifest m;
	char *dir = indexed_dir(st, source);
	int64_t after;
	int there;

	*rows = 0;
	there = manifest_read(&m, dir, e);
	free(dir);
	if (there != 1)
		return there;
	after = m.words != MANIFEST_WORDS ? 0 : source == SOURCE_EVENT ?
	    m.events : m.records;
	manifest_release(&m);
	return rows_after(st, source, after, most, rows, e) < 0 ? -1 : 1;
}
