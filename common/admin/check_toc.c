/*
 * Contents: every live node has its version, every body can be read, every
 * bullet rests on grips that are there, and every grip is a piece of an
 * event's text, or its event was forgotten.
 */
#include "admin/check.h"

#include "base/buf.h"
#include "base/ulid.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"
#include "toc/grip.h"
#include "toc/toc_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAKE_AGAIN "run mem-toc build --rebuild"

struct contents {
	struct check *c;
	struct event_iter *it;
	int64_t user;		/* of the row at work */
};

static int
check_nodes(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT n.id, 'its live version is not "
	    "there' FROM toc_node n WHERE n.live > 0 AND NOT EXISTS (SELECT 1 "
	    "FROM toc_version v WHERE v.node = n.id AND v.version = n.live) "
	    "UNION ALL SELECT n.id, 'what it lies in is no node of the next "
	    "level' FROM toc_node n JOIN toc_node p ON p.id = n.parent "
	    "WHERE p.level <> n.level + 1 OR p.user <> n.user "
	    "UNION ALL SELECT n.id, 'it holds something, and what it lies in "
	    "does not' FROM toc_node n JOIN toc_node p ON p.id = n.parent "
	    "WHERE n.gone = 0 AND n.live > 0 AND (p.gone = 1 OR p.live = 0) "
	    "AND p.dirty = 0 AND p.held = 0 "
	    "UNION ALL SELECT n.id, 'an index may lack it: it has no number, "
	    "or one that is still to be given' FROM toc_node n "
	    "LEFT JOIN toc_user u ON u.user = n.user WHERE (n.live > 0 AND "
	    "n.touched = 0) OR n.touched > ifnull(u.touched, 0)")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "toc_node row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "contents", MAKE_AGAIN, where,
		    "%s", db_get_text(q, 1))) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- bodies ------------------------------------------------------------ */

/* A bullet without a grip, or with one that there is not: 1, else 0. */
static int
baseless(struct check *c, const struct buf *text, struct err *e)
{
	const char *ids, *id;
	char name[GRIP_ID_LEN];
	struct toc_line l;
	size_t at = 0, len, n;
	struct grip g;
	int r;

	while (toc_body_next(text, &at, &l)) {
		if (l.kind != 'B')
			continue;
		ids = l.b.grips;
		len = l.b.grips_len;
		if (len == 0)
			return 1;
		while (toc_grip_next(&ids, &len, &id, &n)) {
			if (n >= sizeof name)
				return 1;
			memcpy(name, id, n);
			name[n] = '\0';
			if ((r = grip_find(c->st, name, &g, e)) != 1)
				return r < 0 ? -1 : 1;
		}
	}
	return 0;
}

static int
check_version(struct check *c, struct db_query *q, struct err *e)
{
	struct buf text = BUF_INIT;
	struct err why = { 0 };
	char where[120];
	const void *p;
	size_t n;
	int r;

	snprintf(where, sizeof where, "%.60s v%" PRId64, db_get_text(q, 1),
	    db_get_int(q, 2));
	p = db_get_blob(q, 4, &n);
	c->st->user_id = db_get_int(q, 0);
	if (toc_body_read(c->st, p, n, db_get_int(q, 3), &text, &why) < 0)
		r = check_report(c, e, "contents", MAKE_AGAIN, where, "%s",
		    why.msg);
	else if ((r = baseless(c, &text, e)) == 1)
		r = check_report(c, e, "contents", MAKE_AGAIN, where, "a "
		    "bullet rests on no grip, or on one that is not there");
	buf_release(&text);
	return r;
}

static int
check_versions(struct check *c, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT n.user, n.name, v.version, "
	    "v.dict, " OPEN_CONTENTS("v.")
	    " FROM toc_version v JOIN toc_node n "
	    "ON n.id = v.node WHERE v.gone = 0 ORDER BY v.seq")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if ((r = check_version(c, q, e)) < 0)
			break;
	db_end(q);
	return r;
}

/* --- grips ------------------------------------------------------------- */

/* Is there a tombstone for its event, or for the session it was in? */
static int
was_forgotten(struct check *c, const struct grip *g, struct err *e)
{
	char id[ULID_LEN + 1];
	struct db_query *q;
	int r;

	ulid_from_bytes(id, g->event);
	if ((q = db_sql(c->st->db, e, "SELECT 1 FROM tombstone t WHERE "
	    "t.user = :user AND ((t.target = 1 AND t.id = :id) OR "
	    "(t.target = 2 AND t.ref = (SELECT session FROM toc_node "
	    "WHERE id = :node)))")) == NULL)
		return -1;
	db_int(q, ":user", c->st->user_id);
	db_text(q, ":id", id);
	db_int(q, ":node", g->node);
	r = db_row(q, e);
	db_end(q);
	return r;
}

static int
check_grip(void *arg, const struct grip *g, struct err *e)
{
	struct contents *k = arg;
	struct buf text = BUF_INIT;
	char id[GRIP_ID_LEN];
	struct err why = { 0 };
	int r;

	grip_id(g, id);
	r = grip_excerpt(k->c->st, &k->it, g, &text, &why);
	buf_release(&text);
	if (r == 0 && (r = was_forgotten(k->c, g, e)) == 0)
		r = check_report(k->c, e, "grip", MAKE_AGAIN, id, "its event "
		    "is not there, and was not forgotten");
	else if (r < 0 && why.code == ERR_CORRUPT)
		r = check_report(k->c, e, "grip", MAKE_AGAIN, id, "%s",
		    why.msg);
	else if (r < 0 && why.code != ERR_NONE)
		*e = why;
	k->c->sums->grips++;
	return r < 0 ? -1 : 0;
}

static int
check_grips(struct check *c, struct err *e)
{
	struct contents k = { .c = c };
	struct db_query *q;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT id FROM user ORDER BY id")) ==
	    NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		c->st->user_id = db_get_int(q, 0);
		if ((r = grip_each(c->st, check_grip, &k, e)) < 0)
			break;
	}
	db_end(q);
	event_close(k.it);
	return r;
}

int
check_contents(struct check *c, struct err *e)
{
	int64_t mine = c->st->user_id;
	int r;

	r = db_number(c->st->db, e, "SELECT count(*) FROM toc_node WHERE "
	    "live > 0 AND gone = 0", 0, &c->sums->nodes) < 0 ||
	    check_nodes(c, e) < 0 || check_versions(c, e) < 0 ||
	    check_grips(c, e) < 0 ? -1 : 0;
	c->st->user_id = mine;
	return r;
}
