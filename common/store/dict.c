/*
 * 32 kB: measured on 22,000 passages of 486 bytes, blocks of 32 kB packed
 * at level 12 took 0.352 of the text with the dictionary that we ship,
 * 0.314, 0.304 and 0.295 with one of 32, 64 and 110 kB trained on the
 * texts; every cold process pays for loading it.
 */
#include "store/dict.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/zip.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/payload.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>

extern const unsigned char data_dict_event_dict[];
extern const size_t data_dict_event_dict_len;

#define DICT_BYTES ((size_t)32 << 10)
#define SAMPLES_MIN 1000
#define SAMPLES_MAX 10000
#define SAMPLE_MAX ((size_t)4 << 10)	/* bytes taken of one text */
#define TEXT_MIN ((size_t)200 << 10)	/* of all samples */
#define TEXT_MAX ((size_t)4 << 20)
#define HELD_OUT 8			/* every eighth only judges */
#define GROWTH 8			/* train again */
#define KEEP_PERCENT 97			/* of the size before */
#define LEVEL 1				/* as bodies are first written */
#define BATCH 500			/* bodies in a transaction, at most */
#define BATCH_BYTES ((size_t)4 << 20)	/* and this much text, about */
#define BODY_MAX ((size_t)64 << 20)	/* of a record; an event has less */

int
dict_stale(struct store *st, int64_t *id, struct err *e)
{
	/* rows = 0 is one that we ship: it knows nothing of anybody; ref = 0
	 * is of something that was never here */
	return db_number(st->db, e, "SELECT max(id) FROM dict WHERE rows > 0 "
	    "AND made <= (SELECT max(at) FROM tombstone WHERE ref <> 0)", 0,
	    id);
}

/* --- training ---------------------------------------------------------- */

/* How many rows were ever stored; never falls. */
static int
rows_ever(struct store *st, int64_t *n, struct err *e)
{
	return db_number(st->db, e, "SELECT ifnull((SELECT max(seq) FROM "
	    "event), 0) + ifnull((SELECT max(seq) FROM record), 0)", 0, n);
}

int
dict_due(struct store *st, bool *due, struct err *e)
{
	int64_t rows, then;

	if (rows_ever(st, &rows, e) < 0 || db_number(st->db, e,
	    "SELECT CAST(value AS INTEGER) FROM meta WHERE "
	    "name = 'dict_rows'", 0, &then) < 0)
		return -1;
	*due = rows >= SAMPLES_MIN && rows >= then * GROWTH;
	return 0;
}

struct samples {
	struct buf text;
	size_t *len;
	size_t n, cap;
	int64_t bytes;		/* of the judging ones */
};

static void
samples_add(struct samples *s, const char *p, size_t n)
{
	n = n < SAMPLE_MAX ? n : SAMPLE_MAX;
	if (n == 0 || s->text.len + n > TEXT_MAX)
		return;
	buf_add(&s->text, p, n);
	s->len = xgrow(s->len, s->n, &s->cap, sizeof *s->len);
	s->len[s->n++] = n;
}

/* One row in so many, from the whole range of numbers. */
static int
sample_events(struct store *st, struct samples *s, int64_t step,
    struct err *e)
{
	struct packs packs;
	struct buf body = BUF_INIT;
	int64_t after = 0, last;
	struct db_query *q;
	int r = 1;

	if (db_number(st->db, e, "SELECT max(seq) FROM event", 0, &last) < 0)
		return -1;
	packs_init(&packs);
	while (r == 1 && after < last) {
		if ((q = db_sql(st->db, e, "SELECT dict, body, pack, off, len, "
		    "seq FROM event WHERE seq > :after AND key = 0 "
		    "ORDER BY seq LIMIT 1")) == NULL) {
			r = -1;
			break;
		}
		db_int(q, ":after", after);
		buf_reset(&body);
		if ((r = db_row(q, e)) == 1) {
			after = db_get_int(q, 5) + step - 1;
			if (packs_body(&packs, st, q, 0, &body, e) < 0)
				r = -1;
		}
		db_end(q);
		if (r == 1)
			samples_add(s, body.p, body.len);
	}
	buf_release(&body);
	packs_release(&packs);
	return r < 0 ? -1 : 0;
}

static int
sample_records(struct store *st, struct samples *s, int64_t step,
    struct err *e)
{
	struct buf body = BUF_INIT;
	int64_t after = 0, last;
	struct db_query *q;
	const void *p;
	size_t n;
	int r = 1;

	if (db_number(st->db, e, "SELECT max(seq) FROM record", 0, &last) < 0)
		return -1;
	while (r == 1 && after < last) {
		if ((q = db_sql(st->db, e, "SELECT dict, body, seq FROM record "
		    "WHERE seq > :after AND key = 0 ORDER BY seq LIMIT 1"))
		    == NULL) {
			r = -1;
			break;
		}
		db_int(q, ":after", after);
		buf_reset(&body);
		if ((r = db_row(q, e)) == 1) {
			p = db_get_blob(q, 1, &n);
			if (store_unpack(st, &body, p, n, db_get_int(q, 0),
			    BODY_MAX, e) < 0)
				r = -1;
			after = db_get_int(q, 2) + step - 1;
		}
		db_end(q);
		if (r == 1)
			samples_add(s, body.p, body.len);
	}
	buf_release(&body);
	return r < 0 ? -1 : 0;
}

/* Into those to learn from and those to judge by; returns how many learn. */
static size_t
split(const struct samples *s, struct buf *learn, size_t *learn_len,
    struct buf *judge, size_t *judge_len)
{
	size_t i, at = 0, nlearn = 0, njudge = 0;

	for (i = 0; i < s->n; at += s->len[i++]) {
		if (i % HELD_OUT == HELD_OUT - 1) {
			buf_add(judge, s->text.p + at, s->len[i]);
			judge_len[njudge++] = s->len[i];
		} else {
			buf_add(learn, s->text.p + at, s->len[i]);
			learn_len[nlearn++] = s->len[i];
		}
	}
	return nlearn;
}

static size_t
packed_size(const void *dict, size_t dict_len, const struct buf *text,
    const size_t *len, size_t n)
{
	struct zip *zip = zip_new(dict, dict_len);
	struct buf out = BUF_INIT;
	size_t i, at = 0, sum = 0;

	for (i = 0; i < n; at += len[i++]) {
		buf_reset(&out);
		zip_pack(zip, &out, text->p + at, len[i], LEVEL);
		sum += out.len;
	}
	buf_release(&out);
	zip_free(zip);
	return sum;
}

static int
newest(struct store *st, struct buf *out, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT data FROM dict ORDER BY id DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		buf_add(out, p, n);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* 1 a better one is in *out, 0 there is none. */
static int
learn(struct store *st, const struct samples *s, bool must, struct buf *out,
    struct err *e)
{
	struct buf text = BUF_INIT, judge = BUF_INIT, old = BUF_INIT;
	size_t *lens = xreallocarray(NULL, 2 * s->n + 1, sizeof *lens);
	size_t n, njudge, was, is;
	struct err why;		/* too uniform to learn from: none, then */
	int r;

	n = split(s, &text, lens, &judge, lens + s->n);
	njudge = s->n - n;
	r = newest(st, &old, e);
	if (r == 0 && zip_train(out, DICT_BYTES, text.p, lens, n, &why) == 0) {
		was = packed_size(old.p, old.len, &judge, lens + s->n, njudge);
		is = packed_size(out->p, out->len, &judge, lens + s->n,
		    njudge);
		r = must || is * 100 <= was * KEEP_PERCENT;
	}
	free(lens);
	buf_release(&text);
	buf_release(&judge);
	buf_release(&old);
	return r;
}

/* The new one (data NULL: there is none), and that it was tried. */
static int
put(struct store *st, const void *data, size_t len, int64_t rows,
    int64_t made_ms, int64_t ever, int64_t *id, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO meta (name, value) VALUES "
	    "('dict_rows', :ever) ON CONFLICT (name) DO UPDATE SET "
	    "value = :ever")) == NULL)
		return -1;
	db_int(q, ":ever", ever);
	if (db_run(q, e) < 0 || data == NULL)
		return data == NULL ? 0 : -1;
	if ((q = db_sql(st->db, e, "INSERT INTO dict (made, rows, data) "
	    "VALUES (:made, :rows, :data)")) == NULL)
		return -1;
	db_int(q, ":made", made_ms);
	db_int(q, ":rows", rows);
	db_blob(q, ":data", data, len);
	if (db_run(q, e) < 0)
		return -1;
	*id = db_last_id(st->db);
	return 0;
}

int
dict_train(struct store *st, bool must, int64_t *id, struct err *e)
{
	/* as of before the samples: what is forgotten meanwhile counts */
	int64_t ever, step, made = date_real();
	struct samples s = { .text = BUF_INIT };
	struct buf dict = BUF_INIT;
	bool due;
	int r;

	*id = 0;
	if (dict_due(st, &due, e) < 0)
		return -1;
	if (!due && !must)
		return 0;
	if (rows_ever(st, &ever, e) < 0)
		return -1;
	step = ever / SAMPLES_MAX + 1;
	r = sample_events(st, &s, step, e) < 0 ||
	    sample_records(st, &s, step, e) < 0 ? -1 : 0;
	if (r == 0 && s.n >= SAMPLES_MIN && s.text.len >= TEXT_MIN)
		r = learn(st, &s, must, &dict, e);
	if (r >= 0 && tx_begin(st->db, e) == 0) {
		if (r == 1)
			r = put(st, dict.p, dict.len, (int64_t)s.n, made, ever,
			    id, e);
		else if (must)
			r = put(st, data_dict_event_dict,
			    data_dict_event_dict_len, 0, made, ever, id, e);
		else
			r = put(st, NULL, 0, 0, made, ever, id, e);
		r = tx_end(st->db, r, e);
	} else
		r = -1;
	payload_release(st);
	buf_wipe(&s.text);
	free(s.len);
	buf_release(&dict);
	return r;
}

/* --- writing anew ------------------------------------------------------ */

struct frame {
	int64_t seq, old, dict;
	struct buf data;
};

struct batch {
	struct frame v[BATCH];
	size_t n;
	int64_t after;		/* last row looked at */
	bool more;
};

/* The next bodies of a table; the query has :after and :upto. */
static int
batch_read(struct store *st, struct batch *b, struct db_query *q,
    int64_t upto, struct err *e)
{
	struct buf body = BUF_INIT;
	size_t n, bytes = 0;
	struct frame *f;
	const void *p;
	int r = 1;

	b->n = 0;
	db_int(q, ":after", b->after);
	db_int(q, ":upto", upto);
	while (b->n < BATCH && bytes < BATCH_BYTES &&
	    (r = db_row(q, e)) == 1) {
		f = &b->v[b->n];
		f->seq = db_get_int(q, 0);
		f->old = db_get_int(q, 1);
		p = db_get_blob(q, 2, &n);
		buf_reset(&body);
		buf_reset(&f->data);
		if (store_unpack(st, &body, p, n, f->old, BODY_MAX, e) < 0
		    || store_pack(st, &f->data, body.p, body.len, &f->dict, e)
		    < 0) {
			r = -1;
			break;
		}
		b->after = f->seq;
		b->n++;
		bytes += body.len;
	}
	db_end(q);
	buf_wipe(&body);
	b->more = r == 1;
	return r < 0 ? -1 : 0;
}

enum table { OF_EVENT, OF_RECORD, OF_CONTENTS, NTABLES };

static struct db_query *
prepare_read(struct store *st, enum table of, struct err *e)
{
	switch (of) {
	case OF_RECORD:
		return db_sql(st->db, e, "SELECT seq, dict, body FROM record "
		    "WHERE seq > :after AND dict <= :upto AND key = 0 "
		    "ORDER BY seq");
	case OF_CONTENTS:
		return db_sql(st->db, e, "SELECT seq, dict, body FROM "
		    "toc_version WHERE seq > :after AND dict <= :upto AND "
		    "key = 0 ORDER BY seq");
	default:
		return db_sql(st->db, e, "SELECT seq, dict, body FROM event "
		    "WHERE seq > :after AND dict <= :upto AND key = 0 "
		    "AND pack IS NULL ORDER BY seq");
	}
}

/* A row that went away in between is no longer found. */
static struct db_query *
prepare_write(struct store *st, enum table of, struct err *e)
{
	switch (of) {
	case OF_RECORD:
		return db_sql(st->db, e, "UPDATE record SET body = :body, "
		    "dict = :dict WHERE seq = :seq AND dict = :old");
	case OF_CONTENTS:
		return db_sql(st->db, e, "UPDATE toc_version SET "
		    "body = :body, dict = :dict WHERE seq = :seq "
		    "AND dict = :old");
	default:
		return db_sql(st->db, e, "UPDATE event SET body = :body, "
		    "dict = :dict WHERE seq = :seq AND dict = :old");
	}
}

static int
batch_write(struct store *st, struct batch *b, enum table of,
    int64_t *bodies, struct err *e)
{
	struct db_query *q;
	struct frame *f;
	size_t i;

	for (i = 0; i < b->n; i++) {
		f = &b->v[i];
		if ((q = prepare_write(st, of, e)) == NULL)
			return -1;
		db_blob(q, ":body", f->data.p, f->data.len);
		db_int(q, ":dict", f->dict);
		db_int(q, ":seq", f->seq);
		db_int(q, ":old", f->old);
		if (db_run(q, e) < 0)
			return -1;
		*bodies += db_changes(st->db);
	}
	return 0;
}

static int
replace_table(struct store *st, struct batch *b, enum table of, int64_t upto,
    int64_t *bodies, struct err *e)
{
	struct db_query *q;

	b->after = 0;
	do {
		q = prepare_read(st, of, e);
		if (q == NULL || batch_read(st, b, q, upto, e) < 0)
			return -1;
		if (b->n > 0 && (tx_begin(st->db, e) < 0 || tx_end(st->db,
		    batch_write(st, b, of, bodies, e), e) < 0))
			return -1;
	} while (b->more);
	return 0;
}

int
dict_replace(struct store *st, int64_t *bodies, struct err *e)
{
	struct batch *b;
	int64_t upto;
	size_t i;
	int of, r = 0;

	*bodies = 0;
	if (db_number(st->db, e, "SELECT max(id) FROM dict WHERE "
	    "id < (SELECT max(id) FROM dict)", 0, &upto) < 0)
		return -1;
	if (upto == 0)
		return 0;
	b = xcalloc(1, sizeof *b);
	for (i = 0; i < BATCH; i++)
		buf_init(&b->v[i].data);
	for (of = OF_EVENT; of < NTABLES && r == 0; of++)
		r = replace_table(st, b, (enum table)of, upto, bodies, e);
	for (i = 0; i < BATCH; i++)
		buf_release(&b->v[i].data);
	free(b);
	return r;
}

#define UNUSED "id < (SELECT max(id) FROM dict) AND id NOT IN " \
	"(SELECT dict FROM event WHERE dict IS NOT NULL " \
	"UNION SELECT dict FROM record UNION SELECT dict FROM pack " \
	"UNION SELECT dict FROM toc_version)"

int
dict_delete(struct store *st, int64_t *n, struct err *e)
{
	struct db_query *q;

	/* looked for first without the write lock: it reads every row */
	if (db_number(st->db, e, "SELECT count(*) FROM dict WHERE " UNUSED, 0,
	    n) < 0)
		return -1;
	if (*n == 0)
		return 0;
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((q = db_sql(st->db, e, "DELETE FROM dict WHERE " UNUSED)) == NULL ||
	    db_run(q, e) < 0)
		return tx_end(st->db, -1, e);
	*n = db_changes(st->db);
	return tx_end(st->db, 0, e);
}
