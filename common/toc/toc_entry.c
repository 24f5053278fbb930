#include "toc/toc_entry.h"

#include "base/alloc.h"
#include "base/str.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/toc_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct toc_reader {
	struct store *st;		/* borrowed */
	int64_t as_of_ms;
	struct map marks;
	struct event_iter *it;		/* own */
	struct toc_entry x;		/* version, text: own */
	struct buf session;		/* the name of */
	int64_t session_row;		/* this one */
};

int
toc_reader_open(struct toc_reader **out, struct store *st, int64_t as_of_ms,
    struct err *e)
{
	struct toc_reader *r = xcalloc(1, sizeof *r);

	r->st = st;
	r->as_of_ms = as_of_ms;
	buf_init(&r->x.version.text);
	buf_init(&r->x.text);
	buf_init(&r->session);
	r->x.user = st->user;
	if (toc_marks(st, &r->marks, e) < 0) {
		toc_reader_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
toc_reader_close(struct toc_reader *r)
{
	if (r == NULL)
		return;
	event_close(r->it);
	map_release(&r->marks);
	toc_version_release(&r->x.version);
	buf_release(&r->x.text);
	buf_release(&r->session);
	free(r);
}

/* --- a node ------------------------------------------------------------ */

/* It, or something that it lies in. */
static int
is_hidden(struct toc_reader *r, const struct toc_node *node, struct err *e)
{
	struct toc_node n = *node;
	int found = 1;

	while (r->marks.n > 0 && found == 1) {
		if (toc_mark_of(&r->marks, n.name) == TOC_HIDE)
			return 1;
		if (n.parent == 0)
			break;
		found = toc_get(r->st, n.parent, &n, e);
	}
	return found < 0 ? -1 : 0;
}

static int
name_session(struct toc_reader *r, int64_t row, struct err *e)
{
	struct db_query *q;
	int got;

	r->x.session = NULL;
	if (row == 0)
		return 0;
	if (row != r->session_row) {
		if ((q = db_sql(r->st->db, e, "SELECT name FROM session "
		    "WHERE seq = :seq")) == NULL)
			return -1;
		db_int(q, ":seq", row);
		r->session_row = 0;
		buf_reset(&r->session);
		if ((got = db_row(q, e)) == 1)
			buf_adds(&r->session, db_get_text(q, 0));
		db_end(q);
		if (got != 1)
			return got;
		r->session_row = row;
	}
	r->x.session = r->session.p;
	return 0;
}

/* What r->x.node says, and whose it is: 1; 0: it is not to be seen. */
static int
read_node(struct toc_reader *r, struct err *e)
{
	struct toc_entry *x = &r->x;
	int got;

	toc_version_release(&x->version);
	if ((got = is_hidden(r, &x->node, e)) != 0)
		return got < 0 ? -1 : 0;
	if ((got = toc_live(r->st, &x->node, r->as_of_ms, &x->version, e)) !=
	    1)
		return got;
	return name_session(r, x->node.session, e) < 0 ? -1 : 1;
}

static void
take_node(struct toc_reader *r)
{
	struct toc_entry *x = &r->x;
	struct toc_line l;
	size_t at = 0;

	x->is_grip = false;
	snprintf(x->id, sizeof x->id, "toc:%s", x->node.name);
	buf_reset(&x->text);
	while (toc_body_next(&x->version.text, &at, &l))
		if (l.kind != 'B' ||
		    toc_bullet_mark(&r->marks, &l.b) != TOC_HIDE)
			buf_add(&x->text, l.all, l.all_len);
}

/* --- grips ------------------------------------------------------------- */

/* 1; 0: it is not to be seen. */
static int
take_grip(struct toc_reader *r, struct err *e)
{
	struct toc_entry *x = &r->x;

	x->is_grip = true;
	grip_id(&x->grip, x->id);
	if (toc_mark_of(&r->marks, x->id) == TOC_HIDE)
		return 0;
	buf_reset(&x->text);
	return grip_excerpt(r->st, &r->it, &x->grip, &x->text, e);
}

struct each {
	struct toc_reader *r;
	struct map seen;	/* of this node; of all, where it is past */
	int (*fn)(void *, const struct toc_entry *, struct err *);
	void *arg;
};

static int
each_id(struct each *w, const char *id, size_t len, struct err *e)
{
	struct toc_reader *r = w->r;
	char name[GRIP_ID_LEN];
	int got, made;

	if (len >= sizeof name)
		return 0;
	memcpy(name, id, len);
	name[len] = '\0';
	map_put(&w->seen, name, &made);
	if (!made)
		return 0;
	if ((got = grip_find(r->st, name, &r->x.grip, e)) != 1)
		return got;
	/* whose it was then, only that version tells */
	if (r->as_of_ms == TOC_NOW && r->x.grip.node != r->x.node.id)
		return 0;
	return (got = take_grip(r, e)) != 1 ? got : w->fn(w->arg, &r->x, e);
}

/* Those that the version just read names. */
static int
each_grip(struct each *w, struct err *e)
{
	const char *ids, *id;
	size_t at = 0, len, n;
	struct toc_line l;
	int got = 0;

	while (got == 0 && toc_body_next(&w->r->x.version.text, &at, &l)) {
		if (l.kind != 'B')
			continue;
		ids = l.b.grips;
		len = l.b.grips_len;
		while (got == 0 && toc_grip_next(&ids, &len, &id, &n))
			got = each_id(w, id, n, e);
	}
	if (w->r->as_of_ms == TOC_NOW)
		map_release(&w->seen);
	return got;
}

/* Does the version just read name it? */
static bool
names(const struct toc_reader *r, const char *id)
{
	const char *ids, *one;
	size_t at = 0, len, n;
	struct toc_line l;

	while (toc_body_next(&r->x.version.text, &at, &l)) {
		ids = l.b.grips;
		len = l.b.grips_len;
		while (l.kind == 'B' && toc_grip_next(&ids, &len, &one, &n))
			if (strlen(id) == n && memcmp(one, id, n) == 0)
				return true;
	}
	return false;
}

/* The segment that named r->x.grip then, read: 1, or 0. */
static int
read_owner_then(struct toc_reader *r, const char *id, struct err *e)
{
	struct db_query *q;
	int got;

	if ((q = db_sql(r->st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.session = (SELECT session FROM toc_node WHERE id = :id) "
	    "AND n.start_ms <= :ts ORDER BY n.touched, n.id")) == NULL)
		return -1;
	db_int(q, ":id", r->x.grip.node);
	db_int(q, ":ts", r->x.grip.ts_ms);
	while ((got = db_row(q, e)) == 1) {
		toc_row(q, &r->x.node);
		if ((got = read_node(r, e)) < 0 || (got == 1 && names(r, id)))
			break;
	}
	db_end(q);
	return got;
}

/* --- all --------------------------------------------------------------- */

int
toc_reader_each(struct toc_reader *r, bool grips, int64_t after,
    int (*fn)(void *, const struct toc_entry *, struct err *), void *arg,
    struct err *e)
{
	struct each w = { r, MAP_INIT, fn, arg };
	struct db_query *q;
	int got;

	if ((q = db_sql(r->st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.user = :user AND n.touched > :after AND (:grips = 0 OR "
	    "n.level = 0) ORDER BY n.touched, n.id")) == NULL)
		return -1;
	db_int(q, ":user", r->st->user_id);
	db_int(q, ":after", after);
	db_int(q, ":grips", grips);
	while ((got = db_row(q, e)) == 1) {
		toc_row(q, &r->x.node);
		if ((got = read_node(r, e)) == 1) {
			if (!grips)
				take_node(r);
			got = grips ? each_grip(&w, e) : fn(arg, &r->x, e);
		}
		if (got != 0)
			break;
	}
	db_end(q);
	map_release(&w.seen);
	return got < 0 ? -1 : 0;
}

struct after {
	int (*fn)(void *, const struct toc_entry *, bool, struct err *);
	void *arg;
};

static int
give_grip(void *arg, const struct toc_entry *x, struct err *e)
{
	struct after *a = arg;

	return a->fn(a->arg, x, true, e) < 0 ? -1 : 0;
}

/* The node that was read, and of a segment the grips. */
static int
give_node(struct each *w, bool grips, int there, struct err *e)
{
	struct after *a = w->arg;
	int r;

	if (there == 1)
		take_node(w->r);
	else
		snprintf(w->r->x.id, sizeof w->r->x.id, "toc:%s",
		    w->r->x.node.name);
	w->r->x.is_grip = false;
	r = a->fn(a->arg, &w->r->x, there == 1, e);
	return r != 0 || !grips || there != 1 ? r : each_grip(w, e);
}

int
toc_reader_after(struct toc_reader *r, bool grips, struct toc_reach *from,
    int (*fn)(void *, const struct toc_entry *, bool, struct err *),
    void *arg, struct err *e)
{
	struct after a = { fn, arg };
	struct each w = { r, MAP_INIT, give_grip, &a };
	struct db_query *q;
	int got;

	if ((q = db_sql(r->st->db, e, "SELECT " TOC_COLUMNS ", n.touched "
	    "FROM toc_node n WHERE n.user = :user AND (n.touched, n.id) > "
	    "(:touched, :id) AND (:grips = 0 OR n.level = 0) "
	    "ORDER BY n.touched, n.id")) == NULL)
		return -1;
	db_int(q, ":user", r->st->user_id);
	db_int(q, ":touched", from->touched);
	db_int(q, ":id", from->id);
	db_int(q, ":grips", grips);
	while ((got = db_row(q, e)) == 1) {
		toc_row(q, &r->x.node);
		if ((got = read_node(r, e)) < 0 ||
		    (got = give_node(&w, grips, got, e)) != 0)
			break;
		from->touched = db_get_int(q, 12);
		from->id = r->x.node.id;
	}
	db_end(q);
	map_release(&w.seen);
	return got < 0 ? -1 : 0;
}

int
toc_reader_find(struct toc_reader *r, const char *id,
    const struct toc_entry **out, struct err *e)
{
	struct toc_entry *x = &r->x;
	bool grip = str_starts(id, "grip:");
	int got;

	got = grip ? grip_find(r->st, id, &x->grip, e) :
	    toc_find(r->st, id, &x->node, e);
	if (got == 1 && grip && r->as_of_ms != TOC_NOW) {
		got = read_owner_then(r, id, e);
	} else if (got == 1) {
		if (grip)
			got = toc_get(r->st, x->grip.node, &x->node, e);
		if (got == 1)
			got = read_node(r, e);
	}
	if (got == 1 && grip)
		got = take_grip(r, e);
	else if (got == 1)
		take_node(r);
	*out = x;
	return got;
}

json_t *
toc_reader_json(struct toc_reader *r, const struct toc_entry *x,
    struct err *e)
{
	struct buf id = BUF_INIT;
	json_t *o;

	if (!x->is_grip)
		return toc_json(r->st, &x->node, &x->version, &r->marks,
		    r->as_of_ms, e);
	if ((o = grip_json(r->st, &r->it, &x->grip, e)) != NULL) {
		buf_addf(&id, "toc:%s", x->node.name);
		json_object_set_new(o, "toc_node_id", json_string(id.p));
		buf_release(&id);
	}
	return o;
}

/* --- how much ---------------------------------------------------------- */

int
toc_touched(struct store *st, int64_t *n, struct err *e)
{
	struct db_query *q;

	*n = 0;
	if ((q = db_sql(st->db, e, "SELECT touched FROM toc_user "
	    "WHERE user = :user")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return db_first(q, n, e) < 0 ? -1 : 0;
}

int
toc_touched_all(struct store *st, int64_t *n, struct err *e)
{
	return db_number(st->db, e, "SELECT sum(touched) FROM toc_user", 0,
	    n);
}

int
toc_count_touched(struct store *st, bool grips, int64_t after, int64_t most,
    int64_t *n, struct err *e)
{
	struct db_query *q;

	*n = 0;
	if ((q = db_sql(st->db, e, "SELECT count(*) FROM (SELECT 1 FROM "
	    "toc_node WHERE user = :user AND touched > :after AND "
	    "(:grips = 0 OR level = 0) LIMIT :most)")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":after", after);
	db_int(q, ":grips", grips);
	db_int(q, ":most", most > 0 ? most : -1);
	return db_first(q, n, e) < 0 ? -1 : 0;
}
