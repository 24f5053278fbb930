#include "search/tail.h"

#include "artifact/artifact_entry.h"
#include "base/alloc.h"
#include "base/date.h"
#include "ltm/fact_entry.h"
#include "memory/record_row.h"
#include "search/doc.h"
#include "search/embedder.h"
#include "search/indexed.h"
#include "search/kept.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <stdlib.h>
#include <string.h>

struct scan {
	const struct tail *tail;
	const struct query *q;
	struct cands *c;
	struct tokens tokens;
	struct match_text text;
	struct doc *doc;	/* that is looked at */
	bool read;		/* has the query words to look for? */
	int64_t now;
};

static bool
filter(void *arg, int i)
{
	struct scan *s = arg;

	return field_holds(&s->q->field[i], s->doc);
}

/* --- more of each text -------------------------------------------------- */

void
tail_rows_init(struct tail_rows *t, struct store *st,
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
	if (x->to->kept[x->source] != NULL && x->to->wait[number].own)
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
	row->session = s->doc->session_row;
	row->ts_ms = s->doc->has_time ? s->doc->ts_ms : INDEXED_NO_TIME;
	row->traits = doc_traits(s->doc);
	row->matches = matches;
	row->allowed = allowed;
	if (t->embedder == NULL) {
		t->n++;
		return 0;
	}
	t->q = xgrow(t->q, t->n, &t->q_cap, t->wide);
	memset(t->q + t->n * t->wide, 0, t->wide);
	t->n++;
	doc_vector_text(s->doc, &t->text);
	/* what is another's is not kept among one's own */
	if (s->doc->who == 0 && was_kept(t, s->doc->source, row))
		return 0;
	buf_add(&t->texts, t->text.p, t->text.len);
	t->wait[t->waiting].row = t->n - 1;
	t->wait[t->waiting].own = s->doc->who == 0;
	t->wait[t->waiting++].end = t->texts.len;
	return t->waiting < t->batch ? 0 :
	    embed_waiting(t, s->doc->source, e);
}

/* A fact of later counts, and is no hit yet. */
static bool
is_later(const struct scan *s)
{
	return source_is_fact(s->doc->source) && s->doc->ts_ms > s->now;
}

/* It is a candidate, even if it does not match. */
static int
look_further(struct scan *s, struct err *e)
{
	bool allowed = !is_later(s) &&
	    match_holds_but(&s->text, s->q->plain, filter, s);
	bool matches = allowed && match_holds(&s->text, filter, s);

	if (matches)
		cands_add(s->c, s->doc, &s->text);
	else
		cands_put(s->c, s->doc, &s->text);
	return add_row(s, matches, allowed, e);
}

/* --- the scan ---------------------------------------------------------- */

/* 1: it is a hit, and one is enough. */
static int
look(void *arg, struct doc *d, struct err *e)
{
	struct scan *s = arg;
	size_t i;

	s->doc = d;
	match_text_reset(&s->text);
	for (i = 0; s->read && i < d->pieces; i++)
		match_text_add(&s->text, &s->tokens, d->piece[i].text,
		    d->piece[i].len, d->piece[i].times);
	cands_count(s->c, d->source, &s->text);
	if (s->tail->rows != NULL)
		return look_further(s, e);
	if (is_later(s) || !match_holds(&s->text, filter, s))
		return 0;
	cands_add(s->c, d, &s->text);
	return s->tail->first_only;
}

int
tail_scan(const struct tail *t, struct cands *c, struct err *e)
{
	struct scan s = { .tail = t, .q = c->q, .c = c,
	    .now = t->unread.past ? t->unread.as_of_ms : date_now() };
	int64_t found = 0;
	int source, r = 0;

	s.read = c->q->match.terms > 0 || c->q->match.phrases > 0;
	tokens_init(&s.tokens, c->q->match.language);
	match_text_init(&s.text, &c->q->match);
	for (source = 0; source < SOURCE_SESSION && r == 0; source++) {
		if (!(t->sources >> source & 1) ||
		    (t->first_only && found > 0))
			continue;
		r = unread_each(&t->unread, (enum source)source, look, &s, e);
		if (r == 0 && t->rows != NULL)
			r = embed_waiting(t->rows, (enum source)source, e);
		found += c->n[source];
	}
	if (t->rows != NULL)
		t->rows->done = r == 0 && t->unread.seen->user[0]->whole;
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
	int r;

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
	if (source == SOURCE_EVENT &&
	    (r = newest_may(st, st->user_id, after, e)) != 1)
		return r;
	q = source == SOURCE_EVENT ? db_sql(st->db, e, "SELECT count(*) FROM "
	    "(SELECT 1 FROM event NOT INDEXED WHERE seq > :after "
	    "AND user = :user LIMIT :most)") : db_sql(st->db, e,
	    "SELECT count(*) FROM (SELECT 1 FROM record WHERE seq > :after "
	    "AND :user >= 0 AND " RECORD_IS("") " LIMIT :most)");
	if (q == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":user", st->user_id);
	if (source_is_rows(source))
		db_int(q, ":kind", source == SOURCE_DOCUMENT ? RECORD_CHUNK :
		    RECORD_ROW);
	db_int(q, ":most", most > 0 ? most : -1);
	return db_first(q, n, e) < 0 ? -1 : 0;
}
