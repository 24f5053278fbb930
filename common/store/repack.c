/*
 * Blocks of 32 kB at level 12: measured on 22,000 passages of 486 bytes
 * with a dictionary of their own (size as part of the text; CPU per
 * passage to pack, to unpack a whole block per passage in order):
 *
 *		level 9		level 12	level 15	level 19
 *	16 kB	.323 12 us	.321 21 us	.312 49 us	.311 59 us
 *	32 kB	.316 12 us	.314 23 us	.305 48 us	.304 60 us
 *	64 kB	.312 11 us	.309 26 us	.300 50 us	.298 65 us
 *
 * (one by one: .426).  One event out of a block of 32 kB costs about 30 us,
 * out of one of 64 kB twice that.
 *
 * Bodies are read and packed outside of the write transaction, which then
 * takes over only rows that are still as they were: somebody may have
 * forgotten one in between.
 */
#include "store/repack.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/payload.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 12
#define BLOCK_FULL ((size_t)32 << 10)	/* bytes of content that end a block */
#define BLOCK_MIN ((size_t)16 << 10)	/* a smaller rest waits */
#define BLOCKS 64			/* in a transaction, at most */
#define BLOCKS_LONG 32			/* and of single long events */
#define BATCH_BYTES ((size_t)4 << 20)	/* and this much content, about */
#define RETRIES 10

struct row {
	int64_t seq, off, len;
	int64_t old;		/* its pack before, or 0 */
};

struct block {
	struct row *row;	/* own */
	size_t n, cap;
	struct buf data;	/* packed */
	int64_t dict;
	size_t bytes;		/* of content */
};

struct work {
	struct store *st;
	struct repack_sums *sums;
	void (*progress)(int64_t);
	int64_t fence;		/* packs up to this one are made anew */
	int64_t freed;		/* bytes of bodies that this batch takes away */
	struct packs packs;
	struct block block[BLOCKS + BLOCKS_LONG];
	size_t n;		/* blocks in this batch */
	struct buf content;	/* of the block that is being filled */
	struct buf body;	/* of one event */
	size_t bytes;		/* of content in this batch */
	/* where the next batch begins: after this key of this user */
	int64_t user, ts;
	uint8_t id[16];
	bool more;
};

/* --- gathering --------------------------------------------------------- */

static void
batch_clear(struct work *w)
{
	w->n = 0;
	w->bytes = 0;
	w->freed = 0;
	buf_reset(&w->content);
	packs_release(&w->packs);
}

static void
block_begin(struct work *w)
{
	w->block[w->n].n = 0;
	w->block[w->n].bytes = 0;
}

static void
block_row(struct block *b, const struct row *row)
{
	b->row = xgrow(b->row, b->n, &b->cap, sizeof *b->row);
	b->row[b->n++] = *row;
}

static int
block_end(struct work *w, const struct buf *content, struct err *e)
{
	struct block *b = &w->block[w->n];

	b->bytes = content->len;
	buf_reset(&b->data);
	if (store_pack_level(w->st, &b->data, content->p, content->len, LEVEL,
	    &b->dict, e) < 0)
		return -1;
	w->bytes += b->bytes;
	w->n++;
	return 0;
}

/* A long event gets a pack of its own, before the one being filled: its
 * neighbours should not cost an unpacking of megabytes. */
static int
block_alone(struct work *w, const struct row *row, struct err *e)
{
	struct block *b = &w->block[w->n], filling = b[0];

	b[0] = b[1];
	b[1] = filling;
	block_begin(w);
	block_row(b, row);
	return block_end(w, &w->body, e);
}

/* Of a rest: rows that were packed are packed again, the others wait. */
static bool
must_pack(const struct block *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->row[i].old != 0)
			return true;
	return false;
}

/* Add the event at which q stands. */
static int
block_add(struct work *w, struct db_query *q, struct err *e)
{
	struct row row;
	const void *id;
	size_t n;

	buf_reset(&w->body);
	if (packs_body(&w->packs, w->st, q, 3, &w->body, e) < 0)
		return err_add(e, "event row %" PRId64 ": ", db_get_int(q, 0));
	row.seq = db_get_int(q, 0);
	row.off = 0;
	row.len = (int64_t)w->body.len;
	row.old = db_get_int(q, 5);
	w->ts = db_get_int(q, 1);
	id = db_get_blob(q, 2, &n);
	memcpy(w->id, id, n < sizeof w->id ? n : sizeof w->id);
	db_get_blob(q, 4, &n);
	w->freed += (int64_t)n;
	if (w->body.len >= BLOCK_FULL && w->n < BLOCKS + BLOCKS_LONG - 2)
		return block_alone(w, &row, e);
	row.off = (int64_t)w->content.len;
	block_row(&w->block[w->n], &row);
	buf_add(&w->content, w->body.p, w->body.len);
	if (w->content.len < BLOCK_FULL)
		return 0;
	if (block_end(w, &w->content, e) < 0)
		return -1;
	buf_reset(&w->content);
	block_begin(w);
	return 0;
}

static struct db_query *
select_rows(struct work *w, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(w->st->db, e, "SELECT seq, ts, id, dict, body, pack, "
	    "off, len FROM event INDEXED BY event_key WHERE user = :user "
	    "AND (ts, id) > (:ts, :id) AND key = 0 AND (pack IS NULL OR "
	    "pack <= :fence) ORDER BY ts, id")) == NULL)
		return NULL;
	db_int(q, ":user", w->user);
	db_int(q, ":ts", w->ts);
	db_blob(q, ":id", w->id, sizeof w->id);
	db_int(q, ":fence", w->fence);
	return q;
}

/* The next blocks of this user.  w->more: there may be others after. */
static int
gather(struct work *w, struct err *e)
{
	struct db_query *q;
	int r = 1;

	batch_clear(w);
	block_begin(w);
	if ((q = select_rows(w, e)) == NULL)
		return -1;
	/* a batch ends with a block, so that no row is passed over */
	while ((w->content.len > 0 || (w->n < BLOCKS && w->bytes < BATCH_BYTES))
	    && (r = db_row(q, e)) == 1)
		if (block_add(w, q, e) < 0) {
			r = -1;
			break;
		}
	db_end(q);
	w->more = r == 1;
	if (r == 0 && (w->content.len >= BLOCK_MIN ||
	    must_pack(&w->block[w->n])))
		r = block_end(w, &w->content, e);
	return r < 0 ? -1 : 0;
}

/* --- writing ----------------------------------------------------------- */

static int
pack_insert(struct work *w, const struct block *b, int64_t *id,
    struct err *e)
{
	struct db_query *q;

	/* order matters: the new one gets its number before the old ones go,
	 * so that no reader takes one for the other */
	if ((q = db_sql(w->st->db, e, "INSERT INTO pack (user, dict, events, "
	    "data) VALUES (:user, :dict, :events, :data)")) == NULL)
		return -1;
	db_int(q, ":user", w->user);
	db_int(q, ":dict", b->dict);
	db_int(q, ":events", (int64_t)b->n);
	db_blob(q, ":data", b->data.p, b->data.len);
	if (db_run(q, e) < 0)
		return -1;
	*id = db_last_id(w->st->db);
	return 0;
}

/* 1 moved, 0 the row is not as it was. */
static int
row_move(struct work *w, const struct row *row, int64_t pack, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(w->st->db, e, "UPDATE event SET body = NULL, "
	    "dict = NULL, pack = :pack, off = :off, len = :len "
	    "WHERE seq = :seq AND ifnull(pack, 0) = :old")) == NULL)
		return -1;
	db_int(q, ":pack", pack);
	db_int(q, ":off", row->off);
	db_int(q, ":len", row->len);
	db_int(q, ":seq", row->seq);
	db_int(q, ":old", row->old);
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(w->st->db) != 1)
		return 0;
	if (row->old == 0)
		return 1;
	if ((q = db_sql(w->st->db, e, "UPDATE pack SET events = events - 1 "
	    "WHERE id = :old")) == NULL)
		return -1;
	db_int(q, ":old", row->old);
	return db_run(q, e) < 0 ? -1 : 1;
}

/* 1 written, 0 a row is not as it was: all of it must be done again. */
static int
batch_write(struct work *w, struct err *e)
{
	const struct block *b;
	struct db_query *q;
	int64_t pack;
	size_t i;
	int r;

	for (b = w->block; b < w->block + w->n; b++) {
		if (pack_insert(w, b, &pack, e) < 0)
			return -1;
		for (i = 0; i < b->n; i++)
			if ((r = row_move(w, &b->row[i], pack, e)) != 1)
				return r;
	}
	if (w->fence == 0)
		return 1;
	if ((q = db_sql(w->st->db, e, "DELETE FROM pack WHERE id <= :fence "
	    "AND events <= 0")) == NULL)
		return -1;
	db_int(q, ":fence", w->fence);
	return db_run(q, e) < 0 ? -1 : 1;
}

static void
batch_count(struct work *w)
{
	struct repack_sums *s = w->sums;
	const struct block *b;

	for (b = w->block; b < w->block + w->n; b++) {
		s->packs++;
		s->events += (int64_t)b->n;
		s->content_bytes += (int64_t)b->bytes;
		s->pack_bytes += (int64_t)b->data.len;
	}
	s->freed_bytes += w->freed;
	if (w->progress != NULL)
		w->progress(s->events);
}

/* Gather, pack and write one batch, again if somebody was in the way. */
static int
batch_run(struct work *w, struct err *e)
{
	int64_t ts = w->ts;
	uint8_t id[sizeof w->id];
	struct err why;
	int r, tries;

	memcpy(id, w->id, sizeof id);
	for (tries = 0; tries < RETRIES; tries++) {
		w->ts = ts;
		memcpy(w->id, id, sizeof id);
		if (gather(w, e) < 0)
			return -1;
		if (w->n == 0)
			return 0;
		if (tx_begin(w->st->db, e) < 0)
			return -1;
		r = batch_write(w, e);
		if (r != 0) {
			if (tx_end(w->st->db, r, e) < 0)
				return -1;
			batch_count(w);
			return 0;
		}
		tx_end(w->st->db, -1, &why);	/* rolled back: tried again */
	}
	return err_set(e, ERR_BUSY, "events are being forgotten; try again "
	    "later");
}

static int
pack_user(struct work *w, int64_t user, struct err *e)
{
	w->user = user;
	w->ts = INT64_MIN;
	memset(w->id, 0, sizeof w->id);
	do {
		if (batch_run(w, e) < 0)
			return -1;
	} while (w->more);
	return 0;
}

static int
pack_all(struct work *w, struct err *e)
{
	struct db_query *q;
	int64_t user = 0;
	int r;

	do {
		if ((q = db_sql(w->st->db, e, "SELECT id FROM user "
		    "WHERE id > :after ORDER BY id LIMIT 1")) == NULL)
			return -1;
		db_int(q, ":after", user);
		r = db_first(q, &user, e);
		if (r == 1 && pack_user(w, user, e) < 0)
			return -1;
	} while (r == 1);
	return r;
}

int
repack(struct store *st, int64_t fence, void (*progress)(int64_t),
    struct repack_sums *sums, struct err *e)
{
	struct work *w = xcalloc(1, sizeof *w);
	size_t i;
	int r;

	memset(sums, 0, sizeof *sums);
	w->st = st;
	w->sums = sums;
	w->progress = progress;
	w->fence = fence;
	buf_init(&w->content);
	buf_init(&w->body);
	packs_init(&w->packs);
	for (i = 0; i < BLOCKS + BLOCKS_LONG; i++)
		buf_init(&w->block[i].data);
	r = pack_all(w, e);
	for (i = 0; i < BLOCKS + BLOCKS_LONG; i++) {
		free(w->block[i].row);
		buf_release(&w->block[i].data);
	}
	packs_release(&w->packs);
	buf_wipe(&w->content);
	buf_wipe(&w->body);
	free(w);
	return r;
}

int
repack_todo(struct store *st, int64_t fence, int64_t *events, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT count(*) FROM event "
	    "WHERE key = 0 AND (pack IS NULL OR pack <= :fence)")) == NULL)
		return -1;
	db_int(q, ":fence", fence);
	return db_first(q, events, e) < 0 ? -1 : 0;
}
