/*
 * A query put to indexes: its filters in their terms, its hits as candidates.
 */
#include "search/indexes.h"

#include "artifact/artifact_entry.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/ulid.h"
#include "ltm/fact_entry.h"
#include "memory/event.h"
#include "memory/record.h"
#include "store/db.h"
#include "store/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- filters ----------------------------------------------------------- */

static const struct rank_filter all = { .kind = RANK_RANGE,
    .column = INDEXED_ROW, .min = INT64_MIN, .end = INT64_MAX };
static const struct rank_filter none = { .kind = RANK_RANGE,
    .column = INDEXED_ROW, .min = 0, .end = 0 };

static struct rank_filter
range(int64_t min, int64_t end)
{
	struct rank_filter f = { .kind = RANK_RANGE, .column = INDEXED_TIME };

	/* what has no time is in no range */
	f.min = min > INDEXED_NO_TIME ? min : INDEXED_NO_TIME + 1;
	f.end = end;
	return f;
}

/* The values as terms; in x->values, of which the pointers are made later. */
static struct rank_filter
values(struct indexes *x, const struct field *field)
{
	struct rank_filter f = { .kind = RANK_VALUES };
	struct rank_value *v = xcalloc(field->values.n + 1, sizeof *v);
	const char *s;
	size_t i, n, at;
	bool whole;

	for (i = 0; i < field->values.n; i++) {
		s = field->values.v[i];
		n = strlen(s);
		v[i].field = INDEXED_FIELD(field->kind);
		v[i].prefix = n > 0 && s[n - 1] == '*';
		at = x->values.len;
		indexed_value(&x->values, s, n - v[i].prefix, &whole);
		v[i].len = x->values.len - at;
		if (v[i].prefix && !whole)	/* longer than what is there */
			f.kind = RANK_ASK;
	}
	f.value = v;
	f.values = field->values.n;
	return f;
}

/* Does it hold for what is of a user? */
static bool
holds_of(const struct indexes *x, size_t who, const struct field *field)
{
	struct doc d = { .source = x->source };

	d.user = source_is_shared(x->source) ? NULL :
	    x->seen->user[who]->name;
	return field_holds(field, &d);
}

/* Of a session, or of none: what a column tells, but for facts. */
static struct rank_filter
scopes(const struct indexes *x, const struct field *field)
{
	struct rank_filter f = { .kind = RANK_RANGE,
	    .column = INDEXED_SESSION };
	struct doc d = { .source = x->source };
	bool user = field_holds(field, &d), session;

	d.session_row = 1;
	session = field_holds(field, &d);
	if (user == session)
		return user ? all : none;
	if (source_is_fact(x->source))
		f.kind = RANK_ASK;
	f.min = session;
	f.end = session ? INT64_MAX : 1;
	return f;
}

static struct rank_filter
filter_of(struct indexes *x, const struct field *field)
{
	struct rank_filter ask = { .kind = RANK_ASK };
	bool holds = holds_of(x, 0, field);
	size_t i;

	switch (field->kind) {
	case FIELD_SINCE:
		return range(field->start_ms, INT64_MAX);
	case FIELD_UNTIL:
		return range(INT64_MIN, field->start_ms);
	case FIELD_DATE:
		return range(field->start_ms, field->end_ms);
	case FIELD_USER:	/* the same for all of a user */
	case FIELD_SOURCE:
		for (i = 0; i < x->n; i++)
			if (holds_of(x, x->one[i]->who, field) != holds)
				return ask;
		return holds ? all : none;
	case FIELD_SCOPE:
		return scopes(x, field);
	default:
		return indexed_has(x->source, field->kind) ?
		    values(x, field) : ask;
	}
}

/* All of the query; and facts have begun. */
static void
filters(struct indexes *x)
{
	const struct query *q = x->q;
	struct rank_value *v;
	const char *p;
	size_t i, k;

	x->filter = xcalloc(q->fields + 2, sizeof *x->filter);
	for (; x->filters < q->fields; x->filters++)
		x->filter[x->filters] = filter_of(x, &q->field[x->filters]);
	if (source_is_fact(x->source))
		x->filter[x->filters++] = range(INT64_MIN, date_now() + 1);
	for (i = 0, p = x->values.p; i < x->filters; i++) {
		v = (struct rank_value *)x->filter[i].value;
		for (k = 0; k < x->filter[i].values; p += v[k++].len)
			v[k].text = p;
	}
}

/* --- documents --------------------------------------------------------- */

struct asked {
	const struct field *field;
	struct seen_user *u;		/* whose it is */
	int holds;
};

static int
ask_record(void *arg, const struct record *rec, struct err *e)
{
	struct asked *a = arg;
	struct doc d = { 0 };

	(void)e;
	doc_record(&d, rec);
	a->holds = field_holds(a->field, &d);
	doc_release(&d);
	return 0;
}

static size_t
who_of(const struct indexes *x, size_t part)
{
	return x->one[x->of[part]]->who;
}

static int
key_of(struct indexes *x, size_t part, uint32_t doc, struct buf *key,
    struct err *e)
{
	if (segment_key(x->part[part].s, doc, key, e) < 0)
		return -1;
	if (x->source == SOURCE_EVENT ? key->len != ULID_BYTES :
	    memchr(key->p, '\0', key->len) == NULL)
		return err_set(e, ERR_INDEX, "the index has a wrong key; "
		    "mem-index --rebuild makes it again");
	return 0;
}

static int	session_name(struct indexes *, int64_t row, struct buf *,
		    struct err *);

static int
ask_fact(void *arg, const struct fact *f, struct err *e)
{
	struct asked *a = arg;
	struct doc d = { 0 };

	(void)e;
	doc_fact(&d, f, f->scope == FACT_TENANT ? NULL : a->u->name);
	a->holds = field_holds(a->field, &d);
	doc_release(&d);
	return 0;
}

static int
ask_artifact(void *arg, const struct artifact *artifact, const char *session,
    struct err *e)
{
	struct asked *a = arg;
	struct doc d = { 0 };

	(void)e;
	doc_artifact(&d, artifact, session, a->u->name);
	a->holds = field_holds(a->field, &d);
	doc_release(&d);
	return 0;
}

/* Of contents all that a filter may ask for is here. */
static int
ask_contents(struct indexes *x, size_t part, uint32_t doc, const char *id,
    struct asked *a, struct err *e)
{
	struct buf session = BUF_INIT;
	struct doc d = { .source = x->source, .id = id,
	    .user = a->u->name };
	int64_t row;
	int r;

	if ((r = segment_value(x->part[part].s, INDEXED_SESSION, doc, &row,
	    e)) == 0 && row != 0)
		r = session_name(x, row, &session, e);
	d.session = session.len > 0 ? session.p : NULL;
	if (r == 0)
		a->holds = field_holds(a->field, &d);
	buf_release(&session);
	return r;
}

/* What the index does not have: read it. */
static int
ask(void *arg, size_t part, uint32_t doc, int filter, struct err *e)
{
	struct indexes *x = arg;
	struct seen_user *u = x->seen->user[who_of(x, part)];
	struct asked a = { &x->q->field[filter], u, 0 };
	struct event_iter *it = NULL;
	const struct event *ev;
	struct buf key = BUF_INIT;
	struct doc d = { 0 };
	int64_t row;
	int r = -1;

	if (segment_value(x->part[part].s, INDEXED_ROW, doc, &row, e) < 0)
		return -1;
	if (x->source == SOURCE_EVENT) {
		if ((r = event_get(&it, &u->in.st, row, &ev, e)) == 1) {
			doc_event(&d, ev);
			a.holds = field_holds(a.field, &d);
		}
		doc_release(&d);
		event_close(it);
	} else if (source_is_fact(x->source)) {
		r = fact_entry(&u->in.st, row, FACT_NOW, ask_fact, &a, e);
	} else if (key_of(x, part, doc, &key, e) < 0) {
		r = -1;
	} else if (x->source == SOURCE_ARTIFACT) {
		r = artifact_entry(&u->in.st, key.p,
		    ask_artifact, &a, e);
	} else if (!source_is_rows(x->source)) {
		r = ask_contents(x, part, doc, key.p, &a, e);
	} else {
		r = record_find(x->st, key.p + strlen(key.p) + 1, key.p, 0,
		    ask_record, &a, e);
	}
	buf_release(&key);
	return r < 0 ? -1 : a.holds;
}

/* --- the query --------------------------------------------------------- */

void
indexes_forget(struct indexes *x)
{
	size_t i;

	rank_close(x->rank);
	x->rank = NULL;
	for (i = 0; i < x->filters; i++)
		free((void *)x->filter[i].value);
	free(x->filter);
	x->filter = NULL;
	x->filters = 0;
	buf_reset(&x->values);
}

/* Does it ask for words?  The tail does not read texts for less, and so
 * their lengths are not told. */
static bool
reads(const struct query *q)
{
	return q->match.terms > 0 || q->match.phrases > 0;
}

int
indexes_ask(struct indexes *x, const struct query *q, struct cands *c,
    struct err *e)
{
	enum source of = cands_scope(x->source);
	struct score_scope *scope = &c->scope[of];
	int64_t length = scope->length;

	indexes_forget(x);
	x->q = q;
	filters(x);
	if (rank_open(&x->rank, &q->match, x->filter, q->fields,
	    x->filters - q->fields, x->part, x->parts, ask, x, e) < 0 ||
	    rank_stats(x->rank, scope, c->df[of], e) < 0)
		return -1;
	x->also = x->filters > q->fields;
	if (!reads(q))
		scope->length = length;
	return 0;
}

/* The session of an event, by its row. */
static int
session_name(struct indexes *x, int64_t row, struct buf *name, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(x->st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", row);
	buf_reset(name);
	if ((r = db_row(q, e)) == 1)
		buf_adds(name, db_get_text(q, 0));
	db_end(q);
	return r < 0 ? -1 : 0;
}

struct add {
	struct indexes *x;
	struct cands *c;
	struct match_text text;
	struct buf key, session;
	int64_t session_row;	/* that ->session is the name of */
};

static int
add_hit(struct add *a, const struct rank_hit *h, struct err *e)
{
	struct indexes *x = a->x;
	struct doc d = { .source = x->source,
	    .who = (unsigned)who_of(x, h->part) };
	struct segment *s = x->part[h->part].s;
	uint8_t length;
	int64_t session;

	if (rank_terms(x->rank, h->part, h->doc, a->text.tf, &length, e) < 0 ||
	    key_of(x, h->part, h->doc, &a->key, e) < 0 ||
	    segment_value(s, INDEXED_ROW, h->doc, &d.seq, e) < 0)
		return -1;
	a->text.found = 1;
	a->text.length = reads(x->q) ? score_length(length) : 0;
	if (x->source != SOURCE_EVENT) {
		d.id = a->key.p;
		d.within = a->key.p + strlen(a->key.p) + 1;
		cands_put(a->c, &d, &a->text);
		return 0;
	}
	d.ulid = (const uint8_t *)a->key.p;
	if (a->c->sessions_wanted) {
		if (segment_value(s, INDEXED_SESSION, h->doc, &session,
		    e) < 0 || (session != a->session_row &&
		    session_name(x, session, &a->session, e) < 0))
			return -1;
		a->session_row = session;
		d.session = a->session.p;
	}
	cands_put(a->c, &d, &a->text);
	return 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct rank_hit *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return (x->doc > y->doc) - (x->doc < y->doc);
}

int
indexes_add(struct indexes *x, const struct rank_hit *hit, size_t n,
    struct cands *c, struct err *e)
{
	struct add a = { .x = x, .c = c };
	size_t i;
	int r = 0;

	match_text_init(&a.text, &x->q->match);
	buf_init(&a.key);
	buf_init(&a.session);
	for (i = 0; i < n && r == 0; i++)
		r = add_hit(&a, &hit[i], e);
	match_text_release(&a.text);
	buf_release(&a.key);
	buf_release(&a.session);
	return r;
}

int
indexes_find(struct indexes *x, size_t k, struct cands *c, struct err *e)
{
	enum source of = cands_scope(x->source);
	struct rank_hit *hit;
	size_t n;
	int r;

	if (rank_top(x->rank, cands_params(x->source), &c->scope[of],
	    c->df[of], k, false, &hit, &n, e) < 0)
		return -1;
	/* in the order of the lists, which are read forward */
	if (n > 1)
		qsort(hit, n, sizeof *hit, by_place);
	c->n[x->source] += (int64_t)n;
	r = indexes_add(x, hit, n, c, e);
	free(hit);
	return r;
}

int
indexes_count(struct indexes *x, int64_t most, struct cands *c, struct err *e)
{
	int64_t n;

	if (rank_count(x->rank, most, &n, e) < 0)
		return -1;
	c->n[x->source] += n;
	return 0;
}
