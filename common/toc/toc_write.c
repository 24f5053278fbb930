#include "toc/toc_work.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/db.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"
#include "toc/toc_body.h"

#include <stdlib.h>
#include <string.h>

#define FULL 512	/* things to do in a transaction */
#define FULL_MS 1000	/* that are noted down in so long, where summing up
			   is slow */

struct toc_todo *
toc_note(struct toc_work *w)
{
	if (w->todos == 0)
		w->since_ms = date_monotonic();
	w->todo = xgrow(w->todo, w->todos, &w->todo_cap, sizeof *w->todo);
	memset(&w->todo[w->todos], 0, sizeof *w->todo);
	return &w->todo[w->todos++];
}

bool
toc_full(const struct toc_work *w)
{
	return w->todos >= FULL || (w->todos > 0 &&
	    date_monotonic() - w->since_ms >= FULL_MS);
}

void
toc_forget_todo(struct toc_work *w)
{
	struct segment_new *s;
	size_t i;

	for (i = 0; i < w->todos; i++) {
		if ((s = w->todo[i].segment) == NULL)
			continue;
		buf_release(&s->body);
		free(s->grip);
		free(s);
	}
	w->todos = 0;
}

/* --- a version --------------------------------------------------------- */

struct live {
	int64_t version, last;		/* last: the greatest number */
	bool gone, held, made_of_same;
	bool same;			/* it says the same */
};

/* Does the live version, at which q stands, say the same? */
static void
says(struct store *st, struct db_query *q, const struct buf *body,
    struct live *l)
{
	struct buf text = BUF_INIT;
	struct err damaged;
	const void *p;
	size_t n;
	int r;

	if (l->version == 0 || l->gone || body == NULL) {
		l->same = l->version > 0 && l->gone && body == NULL;
		return;
	}
	/* a damaged one says nothing, and gets a successor */
	p = db_get_blob(q, 4, &n);
	r = toc_body_read(st, p, n, db_get_int(q, 6), &text, &damaged);
	l->same = r == 0 && text.len == body->len &&
	    memcmp(text.p, body->p, text.len) == 0;
	buf_release(&text);
}

static int
read_live(struct store *st, int64_t node, const uint8_t made_of[TOC_HASH],
    const struct buf *body, struct live *l, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT n.live, n.gone, n.held, n.made_of, "
	    OPEN_CONTENTS("v.")
	    ", ifnull((SELECT max(version) FROM toc_version "
	    "WHERE node = n.id), 0), v.dict FROM toc_node n "
	    "LEFT JOIN toc_version v ON v.node = n.id AND "
	    "v.version = n.live WHERE n.id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", node);
	if ((r = db_row(q, e)) == 1) {
		l->version = db_get_int(q, 0);
		l->gone = db_get_int(q, 1) != 0;
		l->held = db_get_int(q, 2) != 0;
		p = db_get_blob(q, 3, &n);
		l->made_of_same = n == TOC_HASH &&
		    memcmp(p, made_of, TOC_HASH) == 0;
		l->last = db_get_int(q, 5);
		says(st, q, body, l);
	}
	db_end(q);
	return r == 1 ? 0 : r < 0 ? -1 : err_set(e, ERR_CORRUPT, "a node of "
	    "the contents is missing; run mem-admin check");
}

int
toc_clock(struct store *st, int64_t node, int64_t *at_ms, struct err *e)
{
	struct db_query *q;
	int64_t now = date_real();
	int r;

	if ((q = db_sql(st->db, e, "SELECT max(ifnull((SELECT max(at) FROM "
	    "toc_version WHERE node = :node), :now), ifnull((SELECT max(at) "
	    "FROM toc_move WHERE node = :node) + 1, :now))")) == NULL)
		return -1;
	db_int(q, ":node", node);
	db_int(q, ":now", now);
	if ((r = db_row(q, e)) == 1)
		*at_ms = db_get_int(q, 0) > now ? db_get_int(q, 0) : now;
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* The key of what a node says: that of its session, or of its user. */
static int
node_key(struct store *st, int64_t node, int64_t *key, struct err *e)
{
	int64_t user = 0, session = 0;
	struct db_query *q;
	int r;

	*key = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if ((q = db_sql(st->db, e, "SELECT user, session FROM toc_node "
	    "WHERE id = :node")) == NULL)
		return -1;
	db_int(q, ":node", node);
	if ((r = db_row(q, e)) == 1) {
		user = db_get_int(q, 0);
		session = db_get_int(q, 1);
	}
	db_end(q);
	return r < 0 ? -1 : store_seal_key(st, user, session, key, e);
}

static int
insert_version(struct store *st, int64_t node, int64_t version,
    const struct buf *body, enum toc_made made, struct err *e)
{
	struct buf packed = BUF_INIT;
	struct db_query *q = NULL;
	int64_t dict, key, at = date_real();
	int r = -1;

	if (node_key(st, node, &key, e) < 0)
		return -1;
	if ((version == 1 || toc_clock(st, node, &at, e) == 0) &&
	    store_pack(st, &packed, body != NULL ? body->p : "",
	    body != NULL ? body->len : 0, &dict, e) == 0)
		q = db_sql(st->db, e, "INSERT INTO toc_version (node, version, "
		    "at, end_ms, gone, made, key, dict, body) SELECT id, "
		    ":version, :at, end_ms, :gone, :made, :key, :dict, "
		    SEAL_CONTENTS " FROM toc_node WHERE id = :node");
	if (q != NULL) {
		db_int(q, ":node", node);
		db_int(q, ":version", version);
		db_int(q, ":at", at);
		db_int(q, ":gone", body == NULL);
		db_int(q, ":made", made);
		db_int(q, ":key", key);
		db_int(q, ":dict", dict);
		db_blob(q, ":body", packed.p, packed.len);
		r = db_run(q, e);
	}
	buf_release(&packed);
	return r;
}

static int
set_live(struct store *st, int64_t node, int64_t version, bool gone,
    bool held, const uint8_t made_of[TOC_HASH], struct err *e)
{
	struct db_query *q;

	/* what says the same was not touched */
	if ((q = db_sql(st->db, e, "UPDATE toc_node SET live = :live, "
	    "gone = :gone, held = :held, made_of = :made_of, touched = CASE "
	    "WHEN live = :live THEN touched ELSE (SELECT u.touched FROM "
	    "toc_user u WHERE u.user = toc_node.user) END WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":live", version);
	db_int(q, ":gone", gone);
	db_int(q, ":held", held);
	db_blob(q, ":made_of", made_of, TOC_HASH);
	db_int(q, ":id", node);
	return db_run(q, e);
}

/* Nothing is missing from it, now that it was made again. */
static int
set_whole(struct store *st, int64_t node, int64_t version, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_version SET forgot = 0 "
	    "WHERE node = :node AND version = :version AND forgot > 0")) ==
	    NULL)
		return -1;
	db_int(q, ":node", node);
	db_int(q, ":version", version);
	return db_run(q, e);
}

int
toc_put(struct toc_work *w, int64_t node, const uint8_t made_of[TOC_HASH],
    const struct buf *body, enum toc_made made, struct err *e)
{
	struct live l = { 0 };

	if (read_live(w->st, node, made_of, body, &l, e) < 0)
		return -1;
	if (body == NULL && (l.version == 0 || l.gone))
		return 0;
	if (l.version > 0 && l.made_of_same && (l.held || l.same)) {
		w->report->same++;
		return 0;
	}
	if (l.same) {
		w->report->same++;
		if (set_whole(w->st, node, l.version, e) < 0)
			return -1;
		return set_live(w->st, node, l.version, l.gone, false, made_of,
		    e) < 0 ? -1 : 1;
	}
	if (insert_version(w->st, node, l.last + 1, body, made, e) < 0 ||
	    toc_touch_next(w->st, e) < 0 ||
	    set_live(w->st, node, l.last + 1, body == NULL, false, made_of,
	    e) < 0)
		return -1;
	w->report->versions++;
	w->report->gone += body == NULL;
	return 1;
}

/* --- rows of nodes ----------------------------------------------------- */

int
toc_set_dirty(struct store *st, int64_t node, bool dirty, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_node SET dirty = :dirty "
	    "WHERE id = :id AND dirty <> :dirty")) == NULL)
		return -1;
	db_int(q, ":dirty", dirty);
	db_int(q, ":id", node);
	return db_run(q, e);
}

int
toc_edited(struct store *st, int64_t node, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "WITH RECURSIVE above (id) AS (SELECT "
	    "parent FROM toc_node WHERE id = :id UNION ALL SELECT n.parent "
	    "FROM toc_node n JOIN above a ON n.id = a.id) UPDATE toc_node "
	    "SET dirty = 1 WHERE id IN (SELECT id FROM above)")) == NULL)
		return -1;
	db_int(q, ":id", node);
	return db_run(q, e);
}

int
toc_touch_next(struct store *st, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_user SET touched = touched + 1 "
	    "WHERE user = :user")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return db_run(q, e);
}

int
toc_touch(struct store *st, int64_t node, struct err *e)
{
	struct db_query *q;

	if (toc_touch_next(st, e) < 0 || (q = db_sql(st->db, e, "UPDATE "
	    "toc_node SET " TOC_TOUCH "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", node);
	return db_run(q, e);
}

int
toc_touch_around(struct store *st, int64_t node, struct err *e)
{
	struct db_query *q;

	if (toc_touch_next(st, e) < 0 || (q = db_sql(st->db, e, "WITH "
	    "RECURSIVE up (id) AS (SELECT :id UNION ALL SELECT n.parent FROM "
	    "toc_node n JOIN up ON n.id = up.id WHERE n.parent IS NOT NULL), "
	    "down (id) AS (SELECT :id UNION ALL SELECT n.id FROM toc_node n "
	    "JOIN down ON n.parent = down.id) UPDATE toc_node SET " TOC_TOUCH
	    "WHERE touched > 0 AND id IN (SELECT id FROM up UNION ALL "
	    "SELECT id FROM down)")) == NULL)
		return -1;
	db_int(q, ":id", node);
	return db_run(q, e);
}

int
toc_note_session(struct store *st, int64_t session, int64_t lo_ms,
    int64_t hi_ms, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO toc_dirty (user, session, lo, "
	    "hi) VALUES (:user, :session, :lo, :hi) ON CONFLICT DO UPDATE "
	    "SET lo = min(lo, :lo), hi = max(hi, :hi)")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":session", session);
	db_int(q, ":lo", lo_ms);
	db_int(q, ":hi", hi_ms);
	return db_run(q, e);
}

int
toc_bump(struct store *st, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_user SET edits = edits + 1 "
	    "WHERE user = :user")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return db_run(q, e);
}

static int
find_row(struct store *st, const char *name, int64_t *id, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT id FROM toc_node "
	    "WHERE user = :user AND name = :name")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", name);
	return db_first(q, id, e);
}

int
toc_period_row(struct store *st, const struct toc_period *p, int64_t *node,
    struct err *e)
{
	struct toc_period up;
	struct db_query *q;
	int64_t parent = 0;
	int r;

	if ((r = find_row(st, p->name, node, e)) != 0)
		return r < 0 ? -1 : 0;
	if (p->level != TOC_YEAR) {
		toc_period_up(p, &up);
		if (toc_period_row(st, &up, &parent, e) < 0)
			return -1;
	}
	if ((q = db_sql(st->db, e, "INSERT INTO toc_node (user, name, level, "
	    "parent, start_ms, end_ms) VALUES (:user, :name, :level, "
	    "nullif(:parent, 0), :start, :end)")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", p->name);
	db_int(q, ":level", p->level);
	db_int(q, ":parent", parent);
	db_int(q, ":start", p->start_ms);
	db_int(q, ":end", p->end_ms);
	if (db_run(q, e) < 0)
		return -1;
	*node = db_last_id(st->db);
	return 0;
}

static int
set_ends(struct store *st, int64_t id, const struct toc_period *p,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_node SET start_ms = :start, "
	    "end_ms = :end, " TOC_TOUCH "WHERE id = :id AND (start_ms <> "
	    ":start OR end_ms <> :end)")) == NULL)
		return -1;
	db_int(q, ":start", p->start_ms);
	db_int(q, ":end", p->end_ms);
	db_int(q, ":id", id);
	return db_run(q, e);
}

int
toc_rezone(struct store *st, struct err *e)
{
	struct toc_period p;
	struct db_query *q;
	const char *name;
	int r;

	if (toc_touch_next(st, e) < 0 || (q = db_sql(st->db, e, "SELECT id, "
	    "name FROM toc_node WHERE user = :user AND level > 0 "
	    "ORDER BY id")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1)
		if ((name = db_get_text(q, 1)) != NULL &&
		    toc_period_read(name, &p) &&
		    (r = set_ends(st, db_get_int(q, 0), &p, e)) < 0)
			break;
	db_end(q);
	return r;
}

/* --- what was noted down ----------------------------------------------- */

static int
segment_row(struct store *st, const struct segment_new *s, int64_t day,
    int64_t *node, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO toc_node (user, name, level, "
	    "parent, start_ms, end_ms, session, first, last, seen_ms, events) "
	    "VALUES (:user, :name, 0, :parent, :start, :end, :session, "
	    ":first, :last, :seen, :events) ON CONFLICT DO UPDATE SET "
	    "end_ms = :end, last = :last, seen_ms = :seen, events = :events, "
	    "session = :session RETURNING id")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", s->name);
	db_int(q, ":parent", day);
	db_int(q, ":start", s->first.ts_ms);
	db_int(q, ":end", s->last.ts_ms + 1);
	db_int(q, ":session", s->session);
	db_blob(q, ":first", s->first.id, ULID_BYTES);
	db_blob(q, ":last", s->last.id, ULID_BYTES);
	db_int(q, ":seen", s->seen_ms);
	db_int(q, ":events", s->events);
	if (db_row(q, e) == 1) {
		*node = db_get_int(q, 0);
		return db_run(q, e);
	}
	db_end(q);
	return -1;
}

static int
write_grip(struct toc_work *w, struct grip *g, int64_t node, struct err *e)
{
	int64_t from;
	int r;

	g->node = node;
	if ((r = grip_put(w->st, g, &from, e)) != 1)
		return r;
	return toc_touch(w->st, from, e) < 0 ? -1 : toc_touch(w->st, node, e);
}

static int
write_segment(struct toc_work *w, const struct segment_new *s,
    struct err *e)
{
	int64_t node, day;
	union map_value *v;
	size_t i;
	int r, made;

	v = map_put(&w->periods, s->day.name, &made);
	if (made && toc_period_row(w->st, &s->day, &v->i, e) < 0)
		return -1;
	day = v->i;
	if (segment_row(w->st, s, day, &node, e) < 0)
		return -1;
	if (!s->summed)
		return 0;
	if ((r = toc_put(w, node, s->made_of, &s->body, s->made, e)) < 0)
		return -1;
	for (i = 0; i < s->grips; i++)
		if (write_grip(w, &s->grip[i], node, e) < 0)
			return -1;
	return r == 1 ? toc_set_dirty(w->st, day, true, e) : 0;
}

static int
write_gone(struct toc_work *w, int64_t node, struct err *e)
{
	static const uint8_t nothing[TOC_HASH];
	struct db_query *q;
	int r;

	if ((r = toc_put(w, node, nothing, NULL, TOC_BUILT_IN, e)) != 1)
		return r;
	if ((q = db_sql(w->st->db, e, "UPDATE toc_node SET dirty = 1 "
	    "WHERE id = (SELECT parent FROM toc_node WHERE id = :id)"))
	    == NULL)
		return -1;
	db_int(q, ":id", node);
	return db_run(q, e);
}

static int
write_session(struct toc_work *w, const struct toc_todo *t, struct err *e)
{
	struct db_query *q;

	q = t->kind == TODO_DONE ? db_sql(w->st->db, e, "DELETE FROM toc_dirty "
	    "WHERE user = :user AND session = :session") : db_sql(w->st->db,
	    e, "UPDATE toc_dirty SET lo = :lo WHERE user = :user AND "
	    "session = :session");
	if (q == NULL)
		return -1;
	db_int(q, ":user", w->st->user_id);
	db_int(q, ":session", t->session);
	if (t->kind == TODO_RESUME)
		db_int(q, ":lo", t->lo_ms);
	return db_run(q, e);
}

static int
write_all(struct toc_work *w, struct err *e)
{
	const struct toc_todo *t;
	size_t i;
	int r = 0;

	for (i = 0; i < w->todos && r >= 0; i++) {
		t = &w->todo[i];
		r = t->kind == TODO_SEGMENT ? write_segment(w, t->segment,
		    e) : t->kind == TODO_GONE ? write_gone(w, t->node, e) :
		    write_session(w, t, e);
	}
	return r < 0 ? -1 : 0;
}

int
toc_edits(struct store *st, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT edits FROM toc_user "
	    "WHERE user = :user")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return db_first(q, n, e);
}

int
toc_still_holds(struct toc_work *w, struct err *e)
{
	int64_t edits;
	int r = toc_edits(w->st, &edits, e);

	return r == 1 ? edits == w->edits : r;
}

int
toc_flush(struct toc_work *w, struct err *e)
{
	int r;

	if (w->todos == 0)
		return 0;
	if (tx_begin(w->st->db, e) < 0)
		return -1;
	r = toc_still_holds(w, e);
	if (r == 0)
		w->overtaken = true;
	else if (r == 1)
		r = write_all(w, e);
	r = tx_end(w->st->db, r, e);
	toc_forget_todo(w);
	return r < 0 ? -1 : 0;
}
