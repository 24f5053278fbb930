/*
 * Bodies.  What is packed is read in the order of packs, so that each is
 * unpacked once.
 */
#include "admin/check.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "base/utf8.h"
#include "memory/event.h"
#include "memory/record_row.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>


/* "event ULID (row 7)"; *id is 16 bytes, or it is the row only. */
static void
event_where(char out[80], const void *id, size_t n, int64_t seq)
{
	char ulid[ULID_LEN + 1];

	if (n == ULID_BYTES) {
		ulid_from_bytes(ulid, id);
		snprintf(out, 80, "event %s (row %" PRId64 ")", ulid, seq);
	} else
		snprintf(out, 80, "event row %" PRId64, seq);
}

/* The text, and after a NUL a JSON object: what is wrong, or NULL. */
static const char *
body_wrong(const char *p, size_t len)
{
	const char *end = memchr(p, '\0', len);
	size_t n = end != NULL ? (size_t)(end - p) : len;
	struct err why;
	json_t *o;
	bool ok;

	if (utf8_check(p, n) != n)
		return "its text is not UTF-8";
	if (end == NULL)
		return NULL;
	if (memchr(end + 1, '\0', len - n - 1) != NULL)
		return "its text holds a NUL";
	if ((o = json_read(end + 1, len - n - 1, &why)) == NULL)
		return "what follows its text is not JSON";
	ok = json_is_object(o);
	json_decref(o);
	return ok ? NULL : "what follows its text is not a JSON object";
}

/* --- events one by one ------------------------------------------------- */

static int
check_id(struct check *c, const char *where, const void *id, size_t n,
    int64_t ts, int64_t stray, struct err *e)
{
	if (n != ULID_BYTES)
		return check_report(c, e, "id", CHECK_RESTORE, where,
		    "its id has %zu bytes, not 16", n);
	if ((ulid_time(id) != ts) == (stray != 0))
		return 0;
	return check_report(c, e, "id", CHECK_RESTORE, where, "its id is of "
	    "time %" PRId64 ", it is of %" PRId64 ", and it is %smarked as "
	    "stray", ulid_time(id), ts, stray ? "" : "not ");
}

static int
check_single(struct check *c, const char *where, struct db_query *q,
    struct buf *body, struct err *e)
{
	struct buf ad = BUF_INIT;
	const char *wrong;
	struct err why;
	const void *p;
	size_t n, id;
	int r;

	p = db_get_blob(q, 6, &n);
	buf_reset(body);
	if (db_get_int(q, 7) != 0)
		event_ad(&ad, &(struct event_row){ db_get_int(q, 8),
		    db_get_int(q, 9), db_get_int(q, 2), db_get_int(q, 10),
		    db_get_int(q, 11), db_get_int(q, 12),
		    db_get_blob(q, 1, &id) });
	r = store_unpack_row(c->st, body, p, n, db_get_int(q, 5),
	    db_get_int(q, 7), &ad, EVENT_TEXT_MAX, &why);
	buf_release(&ad);
	if (r == 0)	/* check_sealed told */
		return 0;
	if (r < 0) {
		/* a dictionary or a frame; else it is not about the event */
		if (why.code != ERR_CORRUPT) {
			*e = why;
			return -1;
		}
		return check_report(c, e, "body", CHECK_RESTORE, where, "%s",
		    why.msg);
	}
	wrong = body_wrong(body->p, body->len);
	return wrong == NULL ? 0 : check_report(c, e, "body", CHECK_RESTORE,
	    where, "%s", wrong);
}

int
check_events(struct check *c, struct err *e)
{
	struct buf body = BUF_INIT;
	struct db_query *q;
	const void *id;
	char where[80];
	size_t n;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT seq, id, ts, stray, pack, dict, "
	    "body, key, user, session, type, role, agent FROM event "
	    "ORDER BY seq")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		c->sums->events++;
		id = db_get_blob(q, 1, &n);
		event_where(where, id, n, db_get_int(q, 0));
		if ((r = check_id(c, where, id, n, db_get_int(q, 2),
		    db_get_int(q, 3), e)) < 0)
			break;
		if (db_is_null(q, 4) && n == ULID_BYTES &&
		    (r = check_single(c, where, q, &body, e)) < 0)
			break;
	}
	db_end(q);
	buf_release(&body);
	return r;
}

/* --- packs ------------------------------------------------------------- */

struct group {
	int64_t pack;		/* 0: none yet */
	int64_t user, said;	/* events, as the pack says */
	int64_t found;
	int64_t end;		/* of the place before */
	bool bad;		/* cannot be read: said so once */
	bool sealed;		/* its content cannot be looked at */
	bool missing;		/* check_references says it for each event */
	int64_t problems;	/* of all, before this pack */
	int64_t gap, gap_end;	/* first bytes that no event has; or 0 */
	struct buf content;
};

/*
 * Bytes between the place before and this one: forgetting leaves zeros, and
 * anything else is of an event whose row went, or whose place was changed.
 */
static void
look_between(struct group *g, int64_t upto)
{
	int64_t i;

	for (i = g->end; i < upto && g->content.p[i] == '\0'; i++)
		;
	if (i < upto && g->gap_end == 0) {
		g->gap = i;
		g->gap_end = upto;
	}
}

/* Told only when nothing else is wrong with the pack, which explains it. */
static int
check_gap(struct check *c, struct group *g, const char *where, struct err *e)
{
	if (g->bad || g->sealed || g->problems != c->sums->problems)
		return 0;
	look_between(g, (int64_t)g->content.len);
	if (g->gap_end == 0)
		return 0;
	return check_report(c, e, "gap", "restore a backup, or let go of them "
	    "with mem-admin compact --all", where, "its bytes from %" PRId64
	    " to %" PRId64 " belong to no event", g->gap, g->gap_end);
}

static int
group_end(struct check *c, struct group *g, struct err *e)
{
	char where[80];

	if (g->pack == 0 || g->missing)
		return 0;
	snprintf(where, sizeof where, "pack %" PRId64, g->pack);
	if (g->said == g->found)
		return check_gap(c, g, where, e);
	return check_report(c, e, "pack", CHECK_REPAIR, where, "it says %"
	    PRId64 " events, and %" PRId64 " lie in it", g->said, g->found);
}

static int
group_load(struct check *c, struct group *g, struct db_query *q,
    struct err *e)
{
	char where[80];
	struct err why;
	const void *p;
	size_t n;

	g->user = db_get_int(q, 0);
	g->said = db_get_int(q, 2);
	p = db_get_blob(q, 3, &n);
	g->sealed = db_get_int(q, 4) != 0;
	if (g->sealed || store_unpack(c->st, &g->content, p, n,
	    db_get_int(q, 1), PACK_MAX, &why) == 0)
		return 0;
	if (why.code != ERR_CORRUPT) {
		*e = why;
		return -1;
	}
	g->bad = true;
	snprintf(where, sizeof where, "pack %" PRId64, g->pack);
	return check_report(c, e, "pack", CHECK_RESTORE, where, "%s; %" PRId64
	    " events lie in it", why.msg, g->said);
}

static int
group_begin(struct check *c, struct group *g, int64_t pack, struct err *e)
{
	struct db_query *q;
	int r;

	if (group_end(c, g, e) < 0)
		return -1;
	g->pack = pack;
	g->said = g->found = g->end = 0;
	g->bad = g->missing = g->sealed = false;
	g->problems = c->sums->problems;
	g->gap = g->gap_end = 0;
	buf_reset(&g->content);
	if ((q = db_sql(c->st->db, e, "SELECT user, dict, events, data, key "
	    "FROM pack WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", pack);
	if ((r = db_row(q, e)) == 1) {
		c->sums->packs++;
		r = group_load(c, g, q, e);
	} else if (r == 0)
		g->bad = g->missing = true;
	db_end(q);
	return r;
}

/* The event at which q stands, in a pack that can be read. */
static int
check_place(struct check *c, struct group *g, struct db_query *q,
    const char *where, struct err *e)
{
	int64_t off = db_get_int(q, 3), len = db_get_int(q, 4);
	const char *wrong;

	if (db_is_null(q, 3) || db_is_null(q, 4) || off < 0 || len < 0 ||
	    (uint64_t)off > g->content.len ||
	    (uint64_t)len > g->content.len - (uint64_t)off)
		return check_report(c, e, "pack", CHECK_RESTORE, where,
		    "its place [%" PRId64 ", +%" PRId64 ") is not in pack %"
		    PRId64, off, len, g->pack);
	if (off < g->end)
		return check_report(c, e, "pack", CHECK_RESTORE, where,
		    "its place [%" PRId64 ", +%" PRId64 ") in pack %" PRId64
		    " begins within that of another", off, len, g->pack);
	look_between(g, off);
	g->end = off + len;
	if (db_get_int(q, 5) != g->user)
		return check_report(c, e, "pack", CHECK_RESTORE, where, "pack %"
		    PRId64 " is another user's", g->pack);
	wrong = body_wrong(g->content.p + off, (size_t)len);
	return wrong == NULL ? 0 : check_report(c, e, "body", CHECK_RESTORE,
	    where, "%s", wrong);
}

static int
check_unused(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	/* one whose events were all forgotten stays until it is compacted */
	if ((q = db_sql(c->st->db, e, "SELECT id FROM pack WHERE events <> 0 "
	    "AND id NOT IN (SELECT pack FROM event WHERE pack IS NOT NULL)"))
	    == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "pack %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "pack", CHECK_REPAIR, where,
		    "no event lies in it")) < 0)
			break;
	}
	db_end(q);
	return r;
}

int
check_packs(struct check *c, struct err *e)
{
	struct group g = { .content = BUF_INIT };
	struct db_query *q;
	const void *id;
	char where[80];
	size_t n;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT pack, seq, id, off, len, user, "
	    "key FROM event WHERE pack IS NOT NULL ORDER BY pack, off, len"))
	    == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if (db_get_int(q, 0) != g.pack &&
		    (r = group_begin(c, &g, db_get_int(q, 0), e)) < 0)
			break;
		g.found++;
		id = db_get_blob(q, 2, &n);
		event_where(where, id, n, db_get_int(q, 1));
		if (!g.bad && !g.sealed && db_get_int(q, 6) == 0 &&
		    (r = check_place(c, &g, q, where, e)) < 0)
			break;
	}
	db_end(q);
	if (r == 0)
		r = group_end(c, &g, e);
	buf_release(&g.content);
	return r < 0 ? -1 : check_unused(c, e);
}

/* --- rows of knowledge bases ------------------------------------------- */

static const char *
record_wrong(struct db_query *q, const struct buf *body)
{
	uint8_t hash[HASH_LEN];
	const char *wrong = NULL;
	const void *want;
	struct err why;
	struct record_row *w;
	json_t *o;
	size_t n;

	want = db_get_blob(q, 4, &n);
	hash_mem(body->p, body->len, hash);
	if (n != HASH_LEN || memcmp(want, hash, n) != 0)
		return "its SHA-256 is another";
	if ((o = json_read(body->p, body->len, &why)) == NULL)
		return "it is not JSON";
	w = record_row_new(o, NULL, &why);
	if (w == NULL)
		wrong = "it is not what could be stored";
	else if (!str_eq(w->id, db_get_text(q, 2)) ||
	    !str_eq(w->kb, db_get_text(q, 1)))
		wrong = "it is filed under another id or knowledge base";
	else if (!str_eq(w->type, db_get_text(q, 8)) ||
	    !str_eq(w->status, db_get_text(q, 9)) ||
	    w->has_ts == db_is_null(q, 10) || w->ts_ms != db_get_int(q, 10))
		wrong = "it is filed under another type, status or time";
	record_row_free(w);
	json_decref(o);
	return wrong;
}

static int
check_record(struct check *c, struct db_query *q, struct buf *body,
    struct err *e)
{
	const char *wrong;
	struct err why;
	char where[80];
	const void *p;
	size_t n;

	snprintf(where, sizeof where, "record row %" PRId64, db_get_int(q, 0));
	p = db_get_blob(q, 6, &n);
	buf_reset(body);
	if (store_unpack(c->st, body, p, n, db_get_int(q, 5), RECORD_MAX,
	    &why) == 0)
		wrong = record_wrong(q, body);
	else if (why.code == ERR_CORRUPT)
		wrong = why.msg;
	else {
		*e = why;
		return -1;
	}
	return wrong == NULL ? 0 : check_report(c, e, "record", CHECK_RESTORE,
	    where, "%s", wrong);
}

int
check_records(struct check *c, struct err *e)
{
	struct buf body = BUF_INIT;
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT r.seq, k.name, r.id, r.version, "
	    "r.hash, r.dict, " OPEN_RECORD("r.")
	    ", r.key, r.type, r.status, r.ts "
	    "FROM record r JOIN kb k ON k.id = r.kb ORDER BY r.seq")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		c->sums->records++;
		/* what is no more was told by check_sealed */
		if (!db_is_null(q, 6) && (r = check_record(c, q, &body, e)) < 0)
			break;
	}
	db_end(q);
	buf_release(&body);
	if (r < 0 || (q = db_sql(c->st->db, e, "SELECT max(seq), count(*), "
	    "max(version) FROM record GROUP BY kb, id "
	    "HAVING count(*) <> max(version)")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "record row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "record", CHECK_RESTORE, where,
		    "of its %" PRId64 " versions %" PRId64 " are there",
		    db_get_int(q, 2), db_get_int(q, 1))) < 0)
			break;
	}
	db_end(q);
	return r;
}
