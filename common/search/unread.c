/*
 * Of a user of whom all is seen the tail is read as it comes.  Else what lies
 * behind a mark is read as it comes, too, and left out where it may not be
 * seen; unless few sessions are seen of much, which are read one by one.
 */
#include "search/unread.h"

#include "artifact/artifact_entry.h"
#include "base/alloc.h"
#include "ltm/fact_entry.h"
#include "memory/event.h"
#include "memory/record.h"
#include "search/tail.h"
#include "store/db.h"
#include "store/newest.h"
#include "toc/toc_entry.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 64		/* that are read over for what a session costs */

void
unread_init(struct unread *x, struct seen *seen)
{
	memset(x, 0, sizeof *x);
	x->seen = seen;
	x->marks = seen->users;
	x->mark = xcalloc(x->marks + 1, sizeof *x->mark);
}

void
unread_release(struct unread *x)
{
	free(x->mark);
	memset(x, 0, sizeof *x);
}

struct each {
	const struct unread *x;
	size_t who;
	struct seen_user *u;
	struct doc doc;
	int (*fn)(void *, struct doc *, struct err *);
	void *arg;
};

/* ->doc: may it be seen? */
static int
give(struct each *w, struct err *e)
{
	int r;

	w->doc.who = (unsigned)w->who;
	r = seen_doc(w->x->seen, &w->doc, NULL, e);
	return r == 1 ? w->fn(w->arg, &w->doc, e) : r;
}

static int64_t
after(const struct each *w, enum source source)
{
	return w->x->mark[w->who].after[source];
}

/* --- events ------------------------------------------------------------ */

static int
give_events(struct each *w, struct event_iter *it, struct err *e)
{
	const struct event *ev;
	int r;

	while ((r = event_next(it, &ev, e)) == 1) {
		doc_event(&w->doc, ev);
		if ((r = give(w, e)) != 0)
			break;
	}
	event_close(it);
	return r;
}

/* Are the sessions seen few beside what came after the mark? */
static int
is_few(const struct each *w, enum source source, struct err *e)
{
	struct newest newest;

	if (w->u->whole)
		return 0;
	if (newest_rows(w->x->seen->st, &newest, e) < 0)
		return -1;
	return w->u->sessions < (uint64_t)(newest.event -
	    after(w, source)) / ROWS;
}

static int
sessions(struct each *w, struct err *e)
{
	struct event_query q = EVENT_QUERY_INIT;
	struct event_iter *it;
	size_t i;
	int r = 0;

	q.after_seq = after(w, SOURCE_EVENT);
	for (i = 0; i < w->u->sessions && r == 0; i++) {
		if (seen_session(w->x->seen, w->who, SOURCE_EVENT,
		    w->u->session[i].row) == SEEN_NONE)
			continue;
		if ((q.session = seen_name(w->x->seen, w->who, i, e)) ==
		    NULL || event_open(&it, &w->u->in.st, &q, e) < 0)
			return -1;
		r = give_events(w, it, e);
	}
	return r;
}

static int
events(struct each *w, struct err *e)
{
	struct event_query all = EVENT_QUERY_INIT;
	int64_t from = after(w, SOURCE_EVENT);
	struct event_iter *it;
	int r = newest_may(w->x->seen->st, w->u->user, from, e);

	if (r != 1 || (r = is_few(w, SOURCE_EVENT, e)) < 0)
		return r;
	if (r == 1)
		return sessions(w, e);
	/* all of a user who has no index: they are few, maybe, among many */
	r = from == 0 ? event_open(&it, &w->u->in.st, &all, e) :
	    event_open_tail(&it, &w->u->in.st, from, e);
	return r < 0 ? -1 : give_events(w, it, e);
}

/* --- the others -------------------------------------------------------- */

static int
take_record(void *arg, const struct record *rec, struct err *e)
{
	struct each *w = arg;

	doc_record(&w->doc, rec);
	return give(w, e);
}

static int
records(struct each *w, enum source source, struct err *e)
{
	const struct unread *x = w->x;

	enum record_kind kind = source == SOURCE_DOCUMENT ? RECORD_CHUNK :
	    RECORD_ROW;

	return x->past ? record_each_at(x->seen->st, kind, x->as_of_ms,
	    take_record, w, e) : record_each(x->seen->st, kind, NULL,
	    after(w, source), take_record, w, e);
}

static int
take_entry(void *arg, const struct toc_entry *t, struct err *e)
{
	struct each *w = arg;

	doc_toc(&w->doc, t);
	return give(w, e);
}

static int
contents(struct each *w, enum source source, struct err *e)
{
	const struct unread *x = w->x;
	struct toc_reader *toc;
	int64_t newest;
	int r;

	if (toc_touched(&w->u->in.st, &newest, e) < 0)
		return -1;
	if (!x->past && newest <= after(w, source))
		return 0;
	if (toc_reader_open(&toc, &w->u->in.st, x->past ? x->as_of_ms :
	    TOC_NOW, e) < 0)
		return -1;
	r = toc_reader_each(toc, source == SOURCE_GRIP, x->past ? 0 :
	    after(w, source), take_entry, w, e);
	toc_reader_close(toc);
	return r;
}

static int
take_fact(void *arg, const struct fact *f, struct err *e)
{
	struct each *w = arg;

	doc_fact(&w->doc, f, f->scope == FACT_TENANT ? NULL : w->u->name);
	return give(w, e);
}

static int
facts(struct each *w, enum source source, struct err *e)
{
	const struct unread *x = w->x;

	return fact_entries(&w->u->in.st, source == SOURCE_OWN, x->past ? 0 :
	    after(w, source), x->past ? x->as_of_ms : FACT_NOW, take_fact, w,
	    e);
}

static int
take_artifact(void *arg, const struct artifact *a, const char *session,
    struct err *e)
{
	struct each *w = arg;

	doc_artifact(&w->doc, a, session, w->u->name);
	return give(w, e);
}

static int
artifacts(struct each *w, struct err *e)
{
	struct artifact_reach mark = { after(w, SOURCE_ARTIFACT),
	    w->x->mark[w->who].turned };

	return artifact_entries(&w->u->in.st, &mark, take_artifact, w, e);
}

int
unread_each(const struct unread *x, enum source source, int (*fn)(void *,
    struct doc *, struct err *), void *arg, struct err *e)
{
	struct each w = { .x = x, .fn = fn, .arg = arg };
	int r = 0;

	for (; w.who < x->marks && r == 0; w.who++) {
		if (!seen_any(x->seen, w.who, source))
			continue;
		w.u = x->seen->user[w.who];
		r = source == SOURCE_EVENT ? events(&w, e) :
		    source_is_rows(source) ? records(&w, source, e) :
		    source_is_fact(source) ? facts(&w, source, e) :
		    source == SOURCE_ARTIFACT ? artifacts(&w, e) :
		    contents(&w, source, e);
	}
	doc_release(&w.doc);
	return r < 0 ? -1 : 0;
}

/* --- how many ---------------------------------------------------------- */

/* Rows that are no text yet: where they are, and of what. */
static struct db_query *
rows(const struct unread *x, size_t who, enum source source, struct err *e)
{
	struct db *db = x->seen->st->db;
	struct db_query *q;

	q = source == SOURCE_EVENT ? db_sql(db, e, "SELECT session, ts, "
	    "ts + 1, NULL FROM event NOT INDEXED WHERE seq > :after AND "
	    "user = :user AND :grips >= 0") : source == SOURCE_OWN ?
	    db_sql(db, e, "SELECT 0, 0, 0, session FROM fact WHERE "
	    "user = :user AND seq > :after AND :grips >= 0") :
	    source == SOURCE_ARTIFACT ? db_sql(db, e, "SELECT session, "
	    "created, created + 1, NULL FROM artifact WHERE user = :user AND "
	    "seq > :after AND :grips >= 0") : db_sql(db, e, "SELECT session, "
	    "start_ms, end_ms, NULL FROM toc_node WHERE user = :user AND "
	    "touched > :after AND (:grips = 0 OR level = 0)");
	if (q == NULL)
		return NULL;
	db_int(q, ":after", x->mark[who].after[source]);
	db_int(q, ":user", x->seen->user[who]->user);
	db_int(q, ":grips", source == SOURCE_GRIP);
	return q;
}

static int
is_seen(const struct unread *x, size_t who, enum source source,
    struct db_query *q, struct err *e)
{
	if (source == SOURCE_OWN)
		return seen_fact(x->seen, who, db_get_text(q, 3), NULL, e);
	if (source == SOURCE_ARTIFACT)
		return seen_row(x->seen, who, source, db_get_int(q, 0),
		    DATE_MIN, DATE_MAX + 1, NULL);
	return seen_row(x->seen, who, source, db_get_int(q, 0),
	    db_get_int(q, 1), db_get_int(q, 2), NULL);
}

static int
count_rows(const struct unread *x, size_t who, enum source source,
    int64_t most, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r = 0, seen = 0;

	if ((q = rows(x, who, source, e)) == NULL)
		return -1;
	while (seen >= 0 && (most == 0 || *n < most) &&
	    (r = db_row(q, e)) == 1) {
		seen = is_seen(x, who, source, q, e);
		*n += seen == 1;
	}
	db_end(q);
	return seen < 0 ? -1 : r < 0 ? -1 : 0;
}

/* The same of events, session by session. */
static int
count_sessions(const struct each *w, int64_t most, int64_t *n,
    struct err *e)
{
	struct db_query *q;
	size_t i;
	int r = 0;

	for (i = 0; i < w->u->sessions && r >= 0; i++) {
		if ((q = db_sql(w->x->seen->st->db, e, "SELECT ts FROM event "
		    "INDEXED BY event_session WHERE session = :session AND "
		    "seq > :after")) == NULL)
			return -1;
		db_int(q, ":session", w->u->session[i].row);
		db_int(q, ":after", after(w, SOURCE_EVENT));
		while ((most == 0 || *n < most) && (r = db_row(q, e)) == 1)
			*n += seen_row(w->x->seen, w->who, SOURCE_EVENT,
			    w->u->session[i].row, db_get_int(q, 0),
			    db_get_int(q, 0) + 1, NULL);
		db_end(q);
	}
	return r < 0 ? -1 : 0;
}

static int
count_part(const struct each *w, enum source source, int64_t most,
    int64_t *n, struct err *e)
{
	int r = 0;

	if (source == SOURCE_EVENT &&
	    ((r = newest_may(w->x->seen->st, w->u->user, after(w, source),
	    e)) != 1 || (r = is_few(w, source, e)) < 0))
		return r;
	return r < 0 ? -1 : r ? count_sessions(w, most, n, e) :
	    count_rows(w->x, w->who, source, most, n, e);
}

int
unread_count(const struct unread *x, enum source source, int64_t most,
    int64_t *n, struct err *e)
{
	struct each w = { .x = x };
	int64_t one;

	for (; w.who < x->marks && (most == 0 || *n < most); w.who++) {
		if (!seen_any(x->seen, w.who, source))
			continue;
		w.u = x->seen->user[w.who];
		if (!w.u->whole && !source_is_shared(source)) {
			if (count_part(&w, source, most, n, e) < 0)
				return -1;
			continue;
		}
		if (tail_count(&w.u->in.st, source, after(&w, source),
		    most == 0 ? 0 : most - *n, &one, e) < 0)
			return -1;
		*n += one;
	}
	return 0;
}
