#include "memory/tail.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "memory/artifact_entry.h"
#include "memory/doc.h"
#include "memory/embedder.h"
#include "memory/event.h"
#include "memory/fact_entry.h"
#include "memory/indexed.h"
#include "memory/kept.h"
#include "memory/record.h"
#include "memory/toc_entry.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

struct scan {
	const struct tail *tail;
	const struct query *q;
	struct cands *c;
	struct tokens tokens;
	struct match_text text;
	struct doc doc;
	bool read;		/* has the query words to look for? */
	const char *user;	/* whose facts; NULL: the tenant's */
	int64_t bound;		/* artifact_bound */
	int64_t now;
};

static bool
filter(void *arg, int i)
{
	struct scan *s = arg;

	return field_holds(&s->q->field[i], &s->doc);
}

/* --- more of each text -------------------------------------------------- */

void
tail_rows_init(struct tail_rows *t, const struct store *st,
    struct embedder *em)
{
	memset(t, 0, sizeof *t);
	t->st = st;
	t->embedder = em;
	t->wide = em == NULL ? 0 : vector_wide(embedder_model(em));
	buf_init(&t->text);
	buf_init(&t->texts);
	t->batch = em == NULL ? 0 : embedder_batch(em);
	t->wait = xcalloc(t->batch + 1, sizeof *t->wait);
}

void
tail_rows_release(struct tail_rows *t)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++) {
		free(t->df[source]);
		kept_close(t->kept[source], t->done);
	}
	free(t->row);
	free(t->q);
	free(t->wait);
	buf_release(&t->text);
	buf_release(&t->texts);
	memset(t, 0, sizeof *t);
}

struct embedded {
	struct tail_rows *to;
	const struct embedder_text *text;
	enum source source;
};

static int
embedded(void *arg, size_t number, const float *v, const uint32_t *piece,
    size_t pieces, struct err *e)
{
	struct embedded *x = arg;
	const struct vector_model *m = embedder_model(x->to->embedder);
	uint32_t **df = &x->to->df[x->source];
	size_t i, at = x->to->wait[number].row;
	struct tail_row *row = &x->to->row[at];
	int8_t *q = x->to->q + at * x->to->wide;

	(void)e;
	if (v != NULL)
		embed_quantise(v, m->dim, q, &row->scale);
	if (x->to->kept[x->source] != NULL)
		kept_add(x->to->kept[x->source], x->text[number].text,
		    x->text[number].len, q, row->scale);
	if (v == NULL)
		return 0;
	x->to->vectors[x->source] += row->scale > 0;
	if (*df == NULL)
		*df = xcalloc((size_t)m->pieces + 1, sizeof **df);
	for (i = 0; i < pieces && row->scale > 0; i++)
		if (piece[i] < m->pieces)
			(*df)[piece[i]]++;
	return 0;
}

/* Vectors of the rows that wait for them, all of one source. */
static int
embed_waiting(struct tail_rows *t, enum source source, struct err *e)
{
	struct embedder_text *text = xcalloc(t->waiting + 1, sizeof *text);
	struct embedded x = { t, text, source };
	size_t i, at = 0, n = t->waiting;
	int r;

	for (i = 0; i < n; at = t->wait[i++].end) {
		text[i].text = t->texts.p + at;
		text[i].len = t->wait[i].end - at;
	}
	r = n == 0 ? 0 : embedder_texts(t->embedder, text, n, embedded, &x, e);
	free(text);
	t->waiting = 0;
	buf_reset(&t->texts);
	return r < 0 ? -1 : 0;
}

/* Was its vector made by a search before this one? */
static bool
was_kept(struct tail_rows *t, enum source source, struct tail_row *row)
{
	const struct vector_model *m = embedder_model(t->embedder);

	if (m->pieces > 0)		/* made in passing */
		return false;
	if (t->kept[source] == NULL)
		t->kept[source] = kept_open(t->st, source, m);
	if (!kept_find(t->kept[source], t->text.p, t->text.len,
	    t->q + (t->n - 1) * t->wide, &row->scale))
		return false;
	t->vectors[source] += row->scale > 0;
	return true;
}

static int
add_row(struct scan *s, bool matches, bool allowed, struct err *e)
{
	struct tail_rows *t = s->tail->rows;
	struct tail_row *row;

	t->row = xgrow(t->row, t->n, &t->cap, sizeof *t->row);
	row = &t->row[t->n];
	memset(row, 0, sizeof *row);
	row->session = s->doc.session_row;
	row->ts_ms = s->doc.has_time ? s->doc.ts_ms : INDEXED_NO_TIME;
	row->traits = doc_traits(&s->doc);
	row->matches = matches;
	row->allowed = allowed;
	if (t->embedder == NULL) {
		t->n++;
		return 0;
	}
	t->q = xgrow(t->q, t->n, &t->q_cap, t->wide);
	memset(t->q + t->n * t->wide, 0, t->wide);
	t->n++;
	doc_vector_text(&s->doc, &t->text);
	if (was_kept(t, s->doc.source, row))
		return 0;
	buf_add(&t->texts, t->text.p, t->text.len);
	t->wait[t->waiting].row = t->n - 1;
	t->wait[t->waiting++].end = t->texts.len;
	return t->waiting < t->batch ? 0 :
	    embed_waiting(t, s->doc.source, e);
}

/* Is it of another session than the call is bound to, or of later? */
static bool
is_other(const struct scan *s)
{
	const struct doc *d = &s->doc;
	bool fact = source_is_fact(d->source);

	if (d->source == SOURCE_ARTIFACT)
		return !artifact_seen(s->bound, d->session_row);
	if (fact && d->ts_ms > s->now)
		return true;
	return s->tail->session != NULL && d->source != SOURCE_KB &&
	    !(fact && d->session == NULL) &&
	    !str_eq(s->tail->session, d->session);
}

/* It is a candidate, even if it does not match. */
static int
look_further(struct scan *s, struct err *e)
{
	bool allowed = !is_other(s) &&
	    match_holds_but(&s->text, s->q->plain, filter, s);
	bool matches = allowed && match_holds(&s->text, filter, s);

	if (matches)
		cands_add(s->c, &s->doc, &s->text);
	else
		cands_put(s->c, &s->doc, &s->text);
	return add_row(s, matches, allowed, e);
}

/* --- the scan ---------------------------------------------------------- */

/* Look at s->doc: 1 it is a hit and one is enough. */
static int
look(struct scan *s, struct err *e)
{
	struct doc *d = &s->doc;
	size_t i;

	match_text_reset(&s->text);
	for (i = 0; s->read && i < d->pieces; i++)
		match_text_add(&s->text, &s->tokens, d->piece[i].text,
		    d->piece[i].len, d->piece[i].times);
	cands_count(s->c, d->source, &s->text);
	if (s->tail->rows != NULL)
		return look_further(s, e);
	if (is_other(s) || !match_holds(&s->text, filter, s))
		return 0;
	cands_add(s->c, d, &s->text);
	return s->tail->first_only;
}

static int
scan_events(struct store *st, struct scan *s, struct err *e)
{
	const struct event *ev;
	struct event_query all = EVENT_QUERY_INIT;
	struct event_iter *it;
	int r;

	/* all of a user who has no index: they are few, maybe, among many */
	r = s->tail->after[SOURCE_EVENT] == 0 ?
	    event_open(&it, st, &all, e) :
	    event_open_tail(&it, st, s->tail->after[SOURCE_EVENT], e);
	if (r < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		doc_event(&s->doc, ev);
		if ((r = look(s, e)) != 0)
			break;
	}
	event_close(it);
	return r < 0 ? -1 : 0;
}

static int
scan_record(void *arg, const struct record *rec, struct err *e)
{
	struct scan *s = arg;

	doc_record(&s->doc, rec);
	return look(s, e);
}

static int
scan_records(struct store *st, struct scan *s, struct err *e)
{
	const struct tail *t = s->tail;

	return t->past ? record_each_at(st, t->as_of_ms, scan_record, s, e) :
	    record_each(st, NULL, t->after[SOURCE_KB], scan_record, s, e);
}

static int
scan_entry(void *arg, const struct toc_entry *entry, struct err *e)
{
	struct scan *s = arg;

	doc_toc(&s->doc, entry);
	return look(s, e);
}

static int
scan_contents(struct store *st, struct scan *s, enum source source,
    struct err *e)
{
	const struct tail *t = s->tail;
	struct toc_reader *toc;
	int64_t newest;
	int r;

	if (toc_touched(st, &newest, e) < 0)
		return -1;
	if (!t->past && newest <= t->after[source])
		return 0;
	if (toc_reader_open(&toc, st, t->past ? t->as_of_ms : TOC_NOW, e) < 0)
		return -1;
	r = toc_reader_each(toc, source == SOURCE_GRIP,
	    t->past ? 0 : t->after[source], scan_entry, s, e);
	toc_reader_close(toc);
	return r;
}

static int
scan_fact(void *arg, const struct fact *f, struct err *e)
{
	struct scan *s = arg;

	doc_fact(&s->doc, f, s->user);
	return look(s, e);
}

static int
scan_facts(struct store *st, struct scan *s, bool own, struct err *e)
{
	const struct tail *t = s->tail;

	s->user = own ? st->user : NULL;
	return fact_entries(st, own, t->past ? 0 :
	    t->after[own ? SOURCE_OWN : SOURCE_FACT],
	    t->past ? t->as_of_ms : FACT_NOW, scan_fact, s, e);
}

static int
scan_artifact(void *arg, const struct artifact *a, const char *session,
    struct err *e)
{
	struct scan *s = arg;

	doc_artifact(&s->doc, a, session, s->user);
	return look(s, e);
}

static int
scan_artifacts(struct store *st, struct scan *s, struct err *e)
{
	struct artifact_reach after = { s->tail->after[SOURCE_ARTIFACT],
	    s->tail->turned };

	s->user = st->user;
	return artifact_bound(st, &s->bound, e) < 0 ? -1 :
	    artifact_entries(st, &after, scan_artifact, s, e);
}

static int
scan_source(struct store *st, struct scan *s, enum source source,
    struct err *e)
{
	if (source_is_fact(source))
		return scan_facts(st, s, source == SOURCE_OWN, e);
	if (source == SOURCE_ARTIFACT)
		return scan_artifacts(st, s, e);
	return source == SOURCE_EVENT ? scan_events(st, s, e) :
	    source == SOURCE_KB ? scan_records(st, s, e) :
	    scan_contents(st, s, source, e);
}

int
tail_scan(struct store *st, const struct tail *t, struct cands *c,
    struct err *e)
{
	struct scan s = { .tail = t, .q = c->q, .c = c,
	    .now = t->past ? t->as_of_ms : date_now() };
	int64_t found = 0;
	int source, r = 0;

	s.read = c->q->match.terms > 0 || c->q->match.phrases > 0;
	tokens_init(&s.tokens, c->q->match.language);
	match_text_init(&s.text, &c->q->match);
	for (source = 0; source < SOURCE_SESSION && r == 0; source++) {
		if (!(t->sources >> source & 1) ||
		    (t->first_only && found > 0))
			continue;
		r = scan_source(st, &s, (enum source)source, e);
		if (r == 0 && t->rows != NULL)
			r = embed_waiting(t->rows, (enum source)source, e);
		found += c->n[source];
	}
	if (t->rows != NULL)
		t->rows->done = r == 0;
	doc_release(&s.doc);
	match_text_release(&s.text);
	tokens_release(&s.tokens);
	return r < 0 ? -1 : 0;
}

int
tail_count(struct store *st, enum source source, int64_t after, int64_t most,
    int64_t *n, struct err *e)
{
	struct artifact_reach mark = { after, INT64_MAX };
	struct newest newest;
	struct db_query *q;

	*n = 0;
	if (source == SOURCE_ARTIFACT)
		return artifact_count_after(st, &mark, most, n, e);
	if (source_is_fact(source))
		return fact_count_after(st, source == SOURCE_OWN, after, most,
		    n, e);
	if (source_is_contents(source))
		return toc_count_touched(st, source == SOURCE_GRIP, after,
		    most, n, e);
	if (newest_rows(st, &newest, e) < 0)
		return -1;
	if ((source == SOURCE_EVENT ? newest.event : newest.record) <= after)
		return 0;
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
	return db_first(q, n, e) < 0 ? -1 : 0;
}
