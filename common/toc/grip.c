#include "toc/grip.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/utf8.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
grip_make(struct grip *g)
{
	uint8_t all[HASH_LEN];
	struct hash h;
	char place[48];

	snprintf(place, sizeof place, "%" PRId64 " %" PRId64, g->off, g->len);
	hash_init(&h);
	hash_add(&h, g->event, sizeof g->event);
	hash_add(&h, g->first, sizeof g->first);
	hash_add(&h, g->last, sizeof g->last);
	hash_add(&h, place, strlen(place));
	hash_end(&h, all);
	memcpy(g->suffix, all, sizeof g->suffix);
}

void
grip_id(const struct grip *g, char out[GRIP_ID_LEN])
{
	int n = snprintf(out, GRIP_ID_LEN, "grip:%013" PRId64 ":", g->ts_ms);

	hex_encode(out + n, g->suffix, sizeof g->suffix);
}

int
grip_id_read(const char *s, struct grip *g)
{
	const char *colon;
	char time[24];
	size_t n;

	if (!str_starts(s, "grip:"))
		return 0;
	s += 5;
	if ((colon = strchr(s, ':')) == NULL)
		return 0;
	n = (size_t)(colon - s);
	if (n >= sizeof time || strlen(colon + 1) != 2 * GRIP_SUFFIX)
		return 0;
	memcpy(time, s, n);
	time[n] = '\0';
	/* str_int takes no zeros in front of a number below zero */
	return str_int(time, DATE_MIN, DATE_MAX, &g->ts_ms) &&
	    hex_decode(g->suffix, colon + 1, GRIP_SUFFIX);
}

/* --- rows -------------------------------------------------------------- */

static int
set_node(struct store *st, const struct grip *g, int64_t node, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_grip SET node = :node WHERE "
	    "user = :user AND ts = :ts AND suffix = :suffix")) == NULL)
		return -1;
	db_int(q, ":node", node);
	db_int(q, ":user", st->user_id);
	db_int(q, ":ts", g->ts_ms);
	db_blob(q, ":suffix", g->suffix, sizeof g->suffix);
	return db_run(q, e);
}

int
grip_take(struct store *st, const struct grip *g, int64_t node,
    int64_t *from, struct err *e)
{
	*from = g->node;
	if (g->node == node)
		return 0;
	return set_node(st, g, node, e) < 0 ? -1 : 1;
}

int
grip_put(struct store *st, const struct grip *g, int64_t *from,
    struct err *e)
{
	bool one = memcmp(g->first, g->event, ULID_BYTES) == 0 &&
	    memcmp(g->last, g->event, ULID_BYTES) == 0;
	struct db_query *q;
	struct grip was;
	char id[GRIP_ID_LEN];

	if ((q = db_sql(st->db, e, "INSERT INTO toc_grip (user, ts, suffix, "
	    "node, event, off, len, first, last) VALUES (:user, :ts, :suffix, "
	    ":node, :event, :off, :len, :first, :last) ON CONFLICT DO NOTHING"))
	    == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":ts", g->ts_ms);
	db_blob(q, ":suffix", g->suffix, sizeof g->suffix);
	db_int(q, ":node", g->node);
	db_blob(q, ":event", g->event, sizeof g->event);
	db_int(q, ":off", g->off);
	db_int(q, ":len", g->len);
	if (!one) {
		db_blob(q, ":first", g->first, sizeof g->first);
		db_blob(q, ":last", g->last, sizeof g->last);
	}
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(st->db) > 0)
		return 0;
	grip_id(g, id);
	return grip_find(st, id, &was, e) < 0 ? -1 :
	    grip_take(st, &was, g->node, from, e);
}

int
grip_delete(struct store *st, const struct grip *g, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM toc_grip WHERE user = :user "
	    "AND ts = :ts AND suffix = :suffix")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":ts", g->ts_ms);
	db_blob(q, ":suffix", g->suffix, sizeof g->suffix);
	return db_run(q, e);
}

#define COLUMNS "SELECT ts, suffix, node, event, off, len, " \
	"ifnull(first, event), ifnull(last, event), user FROM toc_grip "

static int
blob_at(struct db_query *q, int col, uint8_t *out, size_t len, struct err *e)
{
	const void *p;
	size_t n;

	p = db_get_blob(q, col, &n);
	if (n != len)
		return err_set(e, ERR_CORRUPT, "a grip is damaged; run "
		    "mem-admin check");
	memcpy(out, p, len);
	return 0;
}

static int
row(struct db_query *q, struct grip *g, struct err *e)
{
	g->graft[0] = '\0';
	g->user = db_get_int(q, 8);
	g->ts_ms = db_get_int(q, 0);
	g->node = db_get_int(q, 2);
	g->off = db_get_int(q, 4);
	g->len = db_get_int(q, 5);
	return blob_at(q, 1, g->suffix, sizeof g->suffix, e) < 0 ||
	    blob_at(q, 3, g->event, ULID_BYTES, e) < 0 ||
	    blob_at(q, 6, g->first, ULID_BYTES, e) < 0 ||
	    blob_at(q, 7, g->last, ULID_BYTES, e) < 0 ? -1 : 0;
}

int
grip_find(struct store *st, const char *id, struct grip *g, struct err *e)
{
	return grip_find_of(st, st->user_id, id, g, e);
}

int
grip_find_of(struct store *st, int64_t user, const char *id, struct grip *g,
    struct err *e)
{
	struct grip asked;
	struct db_query *q;
	int r;

	if (!grip_id_read(id, &asked))
		return 0;
	if ((q = db_sql(st->db, e, COLUMNS "WHERE user = :user AND ts = :ts "
	    "AND suffix = :suffix")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":ts", asked.ts_ms);
	db_blob(q, ":suffix", asked.suffix, sizeof asked.suffix);
	if ((r = db_row(q, e)) == 1 && row(q, g, e) < 0)
		r = -1;
	db_end(q);
	return r;
}

/* The rows of q, which is ended. */
static int
each(struct db_query *q, int (*fn)(void *, const struct grip *,
    struct err *), void *arg, struct err *e)
{
	struct grip g;
	int r;

	while ((r = db_row(q, e)) == 1)
		if ((r = row(q, &g, e)) < 0 || (r = fn(arg, &g, e)) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
grip_each(struct store *st, int (*fn)(void *, const struct grip *,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, COLUMNS "WHERE user = :user "
	    "ORDER BY ts, suffix")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return each(q, fn, arg, e);
}

int
grip_of_event(struct store *st, int64_t ts_ms, const uint8_t event[ULID_BYTES],
    int (*fn)(void *, const struct grip *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, COLUMNS "WHERE user = :user AND ts = :ts "
	    "AND event = :event")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":ts", ts_ms);
	db_blob(q, ":event", event, ULID_BYTES);
	return each(q, fn, arg, e);
}

/* --- what it says ------------------------------------------------------ */

int
grip_excerpt(struct store *st, struct event_iter **it, const struct grip *g,
    struct buf *out, struct err *e)
{
	const struct event *ev;
	char id[ULID_LEN + 1];
	int r;

	ulid_from_bytes(id, g->event);
	/* who may see the grip may see what it is an excerpt of */
	if ((r = event_find_of(it, st, g->user != 0 ? g->user : st->user_id,
	    id, &ev, e)) != 1)
		return r;
	if (g->off < 0 || g->len < 0 || (uint64_t)g->off > ev->text_len ||
	    (uint64_t)g->len > ev->text_len - (uint64_t)g->off ||
	    utf8_check(ev->text + g->off, (size_t)g->len) != (size_t)g->len)
		r = err_set(e, ERR_CORRUPT, "a grip does not fit the text of "
		    "event %s; run mem-admin check", id);
	else
		buf_add(out, ev->text + g->off, (size_t)g->len);
	event_rest(*it);
	return r;
}

json_t *
grip_json(struct store *st, struct event_iter **it, const struct grip *g,
    struct err *e)
{
	char id[GRIP_ID_LEN], first[ULID_LEN + 1], last[ULID_LEN + 1];
	struct buf text = BUF_INIT;
	json_t *o = NULL;
	int r;

	grip_id(g, id);
	ulid_from_bytes(first, g->first);
	ulid_from_bytes(last, g->last);
	if ((r = grip_excerpt(st, it, g, &text, e)) >= 0) {
		o = json_pack("{s:s, s:s, s:s%, s:s, s:s, s:I, s:s}",
		    "type", "grip", "grip_id", id,
		    "excerpt", text.p, text.len,
		    "event_id_start", first, "event_id_end", last,
		    "timestamp", (json_int_t)g->ts_ms,
		    "source", "segment_summarizer");
		if (r == 0)
			json_object_set_new(o, "forgotten", json_true());
		if (g->graft[0] != '\0')
			json_object_set_new(o, "graft",
			    json_string(g->graft));
	}
	buf_release(&text);
	return o;
}
