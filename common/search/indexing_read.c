/*
 * New rows of the store on their way into a segment.
 */
#include "search/indexing_work.h"

#include "artifact/artifact_entry.h"
#include "base/alloc.h"
#include "ltm/fact_entry.h"
#include "memory/event.h"
#include "memory/record.h"
#include "search/indexed.h"
#include "store/newest.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY ((size_t)96 << 20)
#define STEP 1024		/* rows between two calls of progress */
#define PENDING 1024		/* texts that are embedded together */
#define PENDING_BYTES ((size_t)1 << 20)

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
add_of(struct update *u, int64_t row)
{
	char key[8];

	indexed_row(key, row);
	segment_doc_value(u->maker, INDEXED_OF, key, sizeof key);
}

static int
take_vector(void *arg, size_t i, const float *v, const uint32_t *piece,
    size_t n, struct err *e)
{
	struct update *u = arg;

	(void)i;
	(void)e;
	vector_maker_add(u->vectors, v, piece, n);
	return 0;
}

/* Many at once: the tables of words and those of the model would push each
 * other out of the caches. */
static void
embed_pending(struct update *u)
{
	struct embedder_text *text = xcalloc(u->pending + 1, sizeof *text);
	struct err e;
	size_t i, at = 0;

	for (i = 0; i < u->pending; at = u->end[i++]) {
		text[i].text = u->texts.p + at;
		text[i].len = u->end[i] - at;
	}
	if (u->vectors != NULL && u->pending > 0 &&
	    embedder_texts(u->embedder, text, u->pending, take_vector, u,
	    &e) < 0)
		update_trouble(u, &e);
	free(text);
	u->pending = 0;
	buf_reset(&u->texts);
}

static void
add_vector(struct update *u, const struct doc *d)
{
	if (u->vectors == NULL)
		return;
	doc_vector_text(d, &u->text);
	buf_add(&u->texts, u->text.p, u->text.len);
	u->end = xgrow(u->end, u->pending, &u->end_cap, sizeof *u->end);
	u->end[u->pending++] = u->texts.len;
	if (u->pending == PENDING || u->texts.len >= PENDING_BYTES)
		embed_pending(u);
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
	if (source_is_fact(u->source))
		column[INDEXED_UNTIL] = d->until_ms;
	column[INDEXED_TRAITS] = doc_traits(d);
	indexed_key(&u->key, u->source, d->within, d->id);
	if (segment_doc(u->maker, u->key.p, u->key.len, column, e) < 0)
		return -1;
	for (i = 0; i < d->pieces; i++)
		segment_doc_text(u->maker, &u->tokens, d->piece[i].text,
		    d->piece[i].len, d->piece[i].times);
	for (kind = 0; kind < FIELD_N; kind++) {
		v.kind = (enum field_kind)kind;
		if (indexed_has(u->source, v.kind))
			doc_values(d, v.kind, add_value, &v);
	}
	if ((u->source == SOURCE_EVENT && !d->unsaid) ||
	    u->source == SOURCE_OWN || u->source == SOURCE_ARTIFACT ||
	    u->source == SOURCE_DOCUMENT)
		add_of(u, d->session_row);
	else if (source_is_contents(u->source))
		add_of(u, d->seq);
	if (d->until_ms != 0)
		segment_doc_value(u->maker, INDEXED_OF, INDEXED_ENDS,
		    strlen(INDEXED_ENDS));
	segment_doc_end(u->maker);
	add_vector(u, d);
	u->report->docs++;
	if (u->how->progress != NULL && u->report->docs % STEP == 0)
		return u->how->progress(u->how->arg, u->report->docs, u->all,
		    e) != 0 ? -1 : 0;
	return 0;
}

size_t
update_memory(const struct update *u)
{
	return u->how->memory > 0 ? u->how->memory : MEMORY;
}

static bool
is_full(const struct update *u)
{
	size_t n = segment_maker_memory(u->maker);

	if (u->vectors != NULL)
		n += vector_maker_memory(u->vectors);
	return n >= update_memory(u);
}

static int
read_events(struct update *u, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	struct doc d = { 0 };
	struct newest newest;
	int r;

	if (newest_rows(u->st, &newest, e) < 0 ||
	    event_open_rows(&it, u->st, u->st->user_id, u->m.events, e) < 0)
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
	/* past what others stored: a search need not look there again */
	if (r == 0 && newest.event > u->last)
		u->last = newest.event;
	return r < 0 ? -1 : 0;
}

void
update_begin(struct update *u)
{
	segment_maker_free(u->maker);
	u->maker = segment_maker_new(INDEXED_COLUMNS);
	vector_maker_free(u->vectors);
	u->vectors = NULL;
	u->pending = 0;
	buf_reset(&u->texts);
	if (u->embedder != NULL && embedder_batch(u->embedder) == 1)
		u->vectors = vector_maker_new(embedder_model(u->embedder));
}

int
update_flush(struct update *u, struct err *e)
{
	uint32_t docs = segment_maker_docs(u->maker);
	uint64_t number = u->m.next;
	struct manifest_segment *s;
	char *path;
	int r;

	if (docs == 0)
		return 0;
	embed_pending(u);
	path = manifest_path(u->dir, number);
	r = segment_maker_write(u->maker, path, &u->seal, e);
	free(path);
	if (r == 0 && u->vectors != NULL) {
		path = manifest_vectors_path(u->dir, number);
		r = vector_maker_write(u->vectors,
		    segment_maker_order(u->maker), path, &u->seal, e);
		free(path);
	}
	if (r == 0) {
		s = manifest_add(&u->m, number, docs);
		if (u->vectors != NULL)
			s->vectors = MANIFEST_ALL;
	}
	update_begin(u);
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
	return is_full(s->u) ? update_flush(s->u, e) : 0;
}

/* In the order of their ids: all of them, before the mark moves, which is
 * one for rows and for chunks. */
static int
read_records(struct update *u, struct err *e)
{
	struct record_scan s = { .u = u };
	struct newest newest;
	int r = newest_rows(u->st, &newest, e);

	if (r == 0)
		r = record_each(u->st, u->source == SOURCE_DOCUMENT ?
		    RECORD_CHUNK : RECORD_ROW, NULL, u->m.records, read_record,
		    &s, e);
	if (r == 0 && newest.record > u->last)
		u->last = newest.record;
	doc_release(&s.doc);
	return r;
}

static int
read_entry(void *arg, const struct toc_entry *t, struct err *e)
{
	struct record_scan *s = arg;

	doc_toc(&s->doc, t);
	if (add_doc(s->u, &s->doc, e) < 0)
		return -1;
	return is_full(s->u) ? update_flush(s->u, e) : 0;
}

/* All of them, too: nodes that were touched together have one number. */
static int
read_contents(struct update *u, struct err *e)
{
	struct record_scan s = { .u = u };
	struct toc_reader *toc;
	int r;

	if (toc_touched(u->st, &u->last, e) < 0 ||
	    toc_reader_open(&toc, u->st, TOC_NOW, e) < 0)
		return -1;
	r = toc_reader_each(toc, u->source == SOURCE_GRIP, u->m.contents,
	    read_entry, &s, e);
	toc_reader_close(toc);
	doc_release(&s.doc);
	return r;
}

static int
read_fact(void *arg, const struct fact *f, struct err *e)
{
	struct record_scan *s = arg;

	doc_fact(&s->doc, f, NULL);
	if (add_doc(s->u, &s->doc, e) < 0)
		return -1;
	return is_full(s->u) ? update_flush(s->u, e) : 0;
}

static int
read_facts(struct update *u, struct err *e)
{
	struct record_scan s = { .u = u };
	int r;

	r = fact_entries(u->st, u->source == SOURCE_OWN, u->m.facts, FACT_NOW,
	    read_fact, &s, e);
	doc_release(&s.doc);
	/* what others put down, too */
	return r < 0 ? -1 : fact_newest(u->st, &u->last, e);
}

static int
read_artifact(void *arg, const struct artifact *a, const char *session,
    struct err *e)
{
	struct record_scan *s = arg;

	doc_artifact(&s->doc, a, session, NULL);
	if (add_doc(s->u, &s->doc, e) < 0)
		return -1;
	return is_full(s->u) ? update_flush(s->u, e) : 0;
}

/* Those that came, and those that came back. */
static int
read_artifacts(struct update *u, struct err *e)
{
	struct artifact_reach after = { u->m.artifacts, u->turned }, newest;
	struct record_scan s = { .u = u };
	int r = artifact_newest(u->st, &newest, e);

	if (r == 0)
		r = artifact_entries(u->st, &after, read_artifact, &s, e);
	doc_release(&s.doc);
	if (r == 0)
		u->last = newest.row;
	return r;
}

int
update_read(struct update *u, struct err *e)
{
	if (source_is_fact(u->source))
		return read_facts(u, e);
	if (u->source == SOURCE_ARTIFACT)
		return read_artifacts(u, e);
	return u->source == SOURCE_EVENT ? read_events(u, e) :
	    source_is_rows(u->source) ? read_records(u, e) :
	    read_contents(u, e);
}
