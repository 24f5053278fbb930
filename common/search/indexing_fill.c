/*
 * Vectors of documents that are indexed and have none yet.  Their texts are
 * read from the store again; as many as fit the memory become a file, and
 * all files one.
 */
#include "search/indexing_work.h"

#include "artifact/artifact_entry.h"
#include "base/alloc.h"
#include "ltm/fact_entry.h"
#include "memory/event.h"
#include "memory/record.h"
#include "search/indexed.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 1024	/* texts between two calls of progress */
#define PARTS 200	/* most files of one segment: all are open at once */

struct fill {
	struct update *u;		/* borrowed, as the next */
	struct manifest_segment *ms;
	struct segment *s;		/* own */
	struct vector *old;		/* own; NULL: none */
	uint64_t *asked;		/* own; a bit for each document */
	uint32_t asked_n;
	/* of the batch */
	struct buf texts;
	size_t *end;			/* own; of each text */
	struct embedder_text *text;	/* own */
	size_t n, batch;
	/* of the file */
	struct vector_maker *maker;	/* own */
	uint32_t *rows;			/* own; of each file written */
	size_t parts, parts_cap;
	uint32_t made;			/* rows in all */
	bool trouble;			/* the embedder's, or to be ended */
	/* of the texts */
	struct event_iter *it;		/* own */
	struct toc_reader *toc;		/* own; NULL until asked for */
	struct buf key;
	struct doc doc;
	int64_t row;			/* that a record must have */
	/* of what becomes one */
	uint32_t next, part, part_row;
};

/* --- which ------------------------------------------------------------- */

static int
choose(struct fill *f, struct err *e)
{
	const struct manifest_segment *s = f->ms;
	uint32_t d;
	int has = 0;

	f->asked = xcalloc((size_t)s->docs / 64 + 1, sizeof *f->asked);
	for (d = 0; d < s->docs; d++) {
		if (s->dead != NULL && (s->dead[d / 64] >> (d % 64) & 1))
			continue;
		if (f->old != NULL &&
		    (has = vector_present(f->old, d, e)) < 0)
			return -1;
		if (has == 1)
			continue;
		f->asked[d / 64] |= UINT64_C(1) << (d % 64);
		f->asked_n++;
	}
	return 0;
}

static bool
is_asked(const struct fill *f, uint32_t d)
{
	return f->asked[d / 64] >> (d % 64) & 1;
}

/* --- texts ------------------------------------------------------------- */

static int
take_record(void *arg, const struct record *rec, struct err *e)
{
	struct fill *f = arg;

	(void)e;
	if (rec->seq != f->row)		/* a newer one, of another segment */
		return 0;
	doc_record(&f->doc, rec);
	doc_vector_text(&f->doc, &f->u->text);
	return 0;
}

static int
take_fact(void *arg, const struct fact *fact, struct err *e)
{
	struct fill *f = arg;

	(void)e;
	doc_fact(&f->doc, fact, NULL);
	doc_vector_text(&f->doc, &f->u->text);
	return 0;
}

static int
take_artifact(void *arg, const struct artifact *a, const char *session,
    struct err *e)
{
	struct fill *f = arg;

	(void)e;
	doc_artifact(&f->doc, a, session, NULL);
	doc_vector_text(&f->doc, &f->u->text);
	return 0;
}

static int
read_contents(struct fill *f, const char *id, struct err *e)
{
	const struct toc_entry *t;
	int r;

	if (f->toc == NULL &&
	    toc_reader_open(&f->toc, f->u->st, TOC_NOW, e) < 0)
		return -1;
	if ((r = toc_reader_find(f->toc, id, &t, e)) != 1)
		return r;
	doc_toc(&f->doc, t);
	doc_vector_text(&f->doc, &f->u->text);
	return 0;
}

/* Into u->text; of what is no more, nothing. */
static int
read_text(struct fill *f, uint32_t d, struct err *e)
{
	struct update *u = f->u;
	const struct event *ev;
	int r;

	buf_reset(&u->text);
	if (segment_value(f->s, INDEXED_ROW, d, &f->row, e) < 0)
		return -1;
	if (u->source == SOURCE_EVENT) {
		if ((r = event_get_any(&f->it, u->st, f->row, &ev, e)) !=
		    1)
			return r;
		doc_event(&f->doc, ev);
		doc_vector_text(&f->doc, &u->text);
		return 0;
	}
	if (source_is_fact(u->source)) {
		r = fact_entry(u->st, f->row, FACT_NOW, take_fact, f, e);
		return r < 0 ? -1 : 0;
	}
	if (segment_key(f->s, d, &f->key, e) < 0)
		return -1;
	if (memchr(f->key.p, '\0', f->key.len) == NULL)
		return err_set(e, ERR_INDEX, "the index has a wrong key; "
		    "mem-index --rebuild makes it again");
	if (source_is_contents(u->source))
		return read_contents(f, f->key.p, e);
	r = u->source == SOURCE_ARTIFACT ? artifact_entry(u->st, f->key.p,
	    take_artifact, f, e) : record_find(u->st, f->key.p +
	    strlen(f->key.p) + 1, f->key.p, 0, take_record, f, e);
	return r < 0 ? -1 : 0;
}

/* --- files ------------------------------------------------------------- */

static char *
part_path(const struct fill *f, size_t i)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%" PRIu64 ".vec.%zu", f->u->dir, f->ms->number, i);
	return buf_steal(&b);
}

static int
write_part(struct fill *f, struct err *e)
{
	uint32_t n = vector_maker_rows(f->maker);
	char *path;
	int r;

	if (n == 0)
		return 0;
	path = part_path(f, f->parts);
	r = vector_maker_write(f->maker, NULL, path, &f->u->seal, e);
	free(path);
	f->rows = xgrow(f->rows, f->parts, &f->parts_cap, sizeof *f->rows);
	f->rows[f->parts++] = n;
	vector_maker_free(f->maker);
	f->maker = vector_maker_new(&f->u->m.model);
	return r;
}

static int
take_vector(void *arg, size_t i, const float *v, const uint32_t *piece,
    size_t n, struct err *e)
{
	struct fill *f = arg;

	(void)i;
	(void)e;
	vector_maker_add(f->maker, v, piece, n);
	f->made++;
	return 0;
}

static int
embed_batch(struct fill *f, struct err *e)
{
	struct update *u = f->u;
	struct err why;
	size_t i, at = 0;

	for (i = 0; i < f->n; at = f->end[i++]) {
		f->text[i].text = f->texts.p + at;
		f->text[i].len = f->end[i] - at;
	}
	/* nobody who writes waits while a program thinks */
	event_rest(f->it);
	if (f->n > 0 && embedder_texts(u->embedder, f->text, f->n, take_vector,
	    f, &why) < 0) {
		update_trouble(u, &why);
		f->trouble = true;
		return 0;
	}
	f->n = 0;
	buf_reset(&f->texts);
	/* files are few: one that asks for more memory gets it */
	if (vector_maker_memory(f->maker) < update_memory(u) ||
	    f->parts == PARTS)
		return 0;
	return write_part(f, e);
}

/* 1: it is to be ended, with an error set. */
static int
embed_all(struct fill *f, struct err *e)
{
	struct update *u = f->u;
	uint32_t d, done = 0;

	for (d = 0; d < f->ms->docs && !f->trouble; d++) {
		if (!is_asked(f, d))
			continue;
		if (read_text(f, d, e) < 0)
			return -1;
		buf_add(&f->texts, u->text.p, u->text.len);
		f->end[f->n++] = f->texts.len;
		if (f->n == f->batch && embed_batch(f, e) < 0)
			return -1;
		if (++done % STEP == 0 && u->how->progress != NULL &&
		    u->how->progress(u->how->arg, done, f->asked_n, e) != 0) {
			f->trouble = true;
			return 1;
		}
	}
	return f->trouble ? 0 : embed_batch(f, e);
}

/* What was not made was not asked for: that comes another time. */
static void
ask_no_more(struct fill *f)
{
	uint32_t d, n = 0;

	for (d = 0; d < f->ms->docs; d++)
		if (is_asked(f, d) && n++ >= f->made)
			f->asked[d / 64] &= ~(UINT64_C(1) << (d % 64));
	f->asked_n = f->made;
}

/* --- one file ---------------------------------------------------------- */

/* Sources: the parts, then what was there. */
static int
filled_row(void *arg, uint32_t *source, uint32_t *row, struct err *e)
{
	struct fill *f = arg;
	uint32_t d = f->next;

	(void)e;
	if (d == f->ms->docs)
		return 0;
	f->next++;
	if (!is_asked(f, d)) {
		*source = f->old != NULL ? (uint32_t)f->parts :
		    VECTOR_NOTHING;
		*row = d;
		return 1;
	}
	while (f->part < f->parts && f->part_row == f->rows[f->part]) {
		f->part++;
		f->part_row = 0;
	}
	*source = f->part;
	*row = f->part_row++;
	return 1;
}

static int
join_parts(struct fill *f, const char *path, struct err *e)
{
	struct vector **v = xcalloc(f->parts + 1, sizeof *v);
	char *part;
	size_t i;
	int r = 0;

	for (i = 0; i < f->parts && r == 0; i++) {
		part = part_path(f, i);
		r = vector_open(&v[i], part, &f->u->seal, e);
		free(part);
	}
	if (r == 0) {
		v[f->parts] = f->old;
		r = vector_merge(v, f->parts + (f->old != NULL), f->ms->docs,
		    filled_row, f, path, e);
	}
	for (i = 0; i < f->parts; i++) {
		vector_close(v[i]);
		part = part_path(f, i);
		unlink(part);
		free(part);
	}
	free(v);
	return r;
}

/* What was made is a row for each document: it is the file as it is. */
static bool
is_whole(const struct fill *f)
{
	return f->parts == 0 && f->old == NULL && f->asked_n == f->ms->docs;
}

static int
finish(struct fill *f, struct err *e)
{
	char *path = manifest_vectors_path(f->u->dir, f->ms->number);
	int r;

	if (is_whole(f)) {
		r = vector_maker_write(f->maker, NULL, path, &f->u->seal, e);
	} else if (f->asked_n == 0 && f->old != NULL) {
		r = 0;
	} else {
		/* a file of several is of one at least */
		if (f->asked_n == 0)
			vector_maker_add(f->maker, NULL, NULL, 0);
		r = write_part(f, e);
		if (r == 0)
			r = join_parts(f, path, e);
	}
	free(path);
	return r;
}

/* --- a segment --------------------------------------------------------- */

static int
fill_open(struct fill *f, struct err *e)
{
	struct update *u = f->u;
	char *path = manifest_path(u->dir, f->ms->number);
	int r = segment_open(&f->s, path, &u->seal, e);

	free(path);
	if (r == 0 && f->ms->vectors == MANIFEST_SOME) {
		path = manifest_vectors_path(u->dir, f->ms->number);
		r = vector_open(&f->old, path, &u->seal, e);
		free(path);
	}
	f->batch = embedder_batch(u->embedder);
	f->end = xcalloc(f->batch, sizeof *f->end);
	f->text = xcalloc(f->batch, sizeof *f->text);
	f->maker = vector_maker_new(&u->m.model);
	return r < 0 ? -1 : choose(f, e);
}

static void
fill_release(struct fill *f)
{
	event_close(f->it);
	toc_reader_close(f->toc);
	doc_release(&f->doc);
	buf_release(&f->key);
	buf_release(&f->texts);
	vector_maker_free(f->maker);
	vector_close(f->old);
	segment_close(f->s);
	free(f->asked);
	free(f->end);
	free(f->text);
	free(f->rows);
}

/* The file, and the manifest that says so. */
static int
save(struct fill *f, struct err *e)
{
	char *df;

	if (finish(f, e) < 0)
		return -1;
	/* they are of what was there before */
	df = manifest_df_path(f->u->dir, f->ms);
	unlink(df);
	free(df);
	f->ms->vectors = f->trouble ? MANIFEST_SOME : MANIFEST_ALL;
	return update_write(f->u, e);
}

static int
fill_once(struct update *u, struct manifest_segment *ms, struct err *e)
{
	struct fill f = { .u = u, .ms = ms, .texts = BUF_INIT,
	    .key = BUF_INIT };
	struct err why;
	int r = fill_open(&f, e);

	if (r == 0)
		r = embed_all(&f, e);
	if (r >= 0 && f.trouble)
		ask_no_more(&f);
	if (r >= 0 && (!f.trouble || f.made > 0) && save(&f, &why) < 0) {
		if (r == 0)	/* else the first error is the one to tell */
			*e = why;
		r = -1;
	}
	fill_release(&f);
	return r == 0 ? 0 : -1;
}

static int
fill(struct update *u, struct manifest_segment *ms, struct err *e)
{
	int r = fill_once(u, ms, e);

	/* without those that are there, if it is for them that it fails */
	if (r < 0 && ms->vectors == MANIFEST_SOME &&
	    (e->code == ERR_INDEX || e->code == ERR_ABSENT)) {
		update_vectors_drop(u, ms, e);
		r = fill_once(u, ms, e);
	}
	return r;
}

int
update_vectors_fill(struct update *u, struct err *e)
{
	size_t i;

	for (i = 0; i < u->m.n && u->embedder != NULL; i++)
		if (u->m.segment[i].vectors != MANIFEST_ALL &&
		    fill(u, &u->m.segment[i], e) < 0)
			return -1;
	return 0;
}
