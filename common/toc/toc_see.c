#include "toc/toc_see.h"

#include "base/str.h"
#include "memory/granted.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/grip.h"

#include <inttypes.h>
#include <string.h>

static struct access_object
object_of(const struct toc_node *n)
{
	return (struct access_object){
		.tier = n->level == TOC_SEGMENT ? ACCESS_SESSION :
		    ACCESS_PERIOD,
		.kind = GRAFT_CONTENTS, .user = n->user,
		.session = n->session, .start_ms = n->start_ms,
		.end_ms = n->end_ms };
}

/* After access_look. */
static int
may_see(struct store *st, struct toc_node *n)
{
	struct access_object o = object_of(n);
	const struct graft *by;
	int r = access_may(st, ACCESS_READ, &o, &by);

	granted_id(st, n->session, by, n->graft);
	return r;
}

int
toc_may_see(struct store *st, struct toc_node *n, struct err *e)
{
	return access_look(st, e) < 0 ? -1 : may_see(st, n);
}

int
toc_may_change(struct store *st, const struct toc_node *n, struct err *e)
{
	struct access_object o = object_of(n);

	if (access_look(st, e) < 0)
		return -1;
	if (access_may(st, ACCESS_WRITE, &o, NULL))
		return 0;
	access_denied(st, "write", "contents", NULL);
	return err_set(e, ERR_DENIED, "'%s' is of another session, and is "
	    "only read here", n->name);
}

/* --- one --------------------------------------------------------------- */

/* Who grafts contents, once each for those that follow each other. */
static int
each_other(struct store *st, int (*fn)(struct store *, int64_t user,
    const char *name, void *out, struct err *), const char *name, void *out,
    struct err *e)
{
	const struct grafts *g = &st->access->grafts;
	int64_t last = st->user_id;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < g->n; i++) {
		if (!(g->v[i].kinds & GRAFT_CONTENTS) || g->v[i].user == last)
			continue;
		last = g->v[i].user;
		r = fn(st, last, name, out, e);
	}
	return r;
}

static int
find_node(struct store *st, int64_t user, const char *name, void *out,
    struct err *e)
{
	struct toc_node *n = out;
	int r = toc_find_of(st, user, name, n, e);

	return r == 1 ? may_see(st, n) : r;
}

int
toc_see(struct store *st, const char *name, struct toc_node *n,
    struct err *e)
{
	int r;

	if (access_look(st, e) < 0)
		return -1;
	if ((r = find_node(st, st->user_id, name, n, e)) == 0)
		r = each_other(st, find_node, name, n, e);
	return r;
}

int
toc_see_id(struct store *st, int64_t id, struct toc_node *n, struct err *e)
{
	int r;

	if (access_look(st, e) < 0)
		return -1;
	return (r = toc_get_any(st, id, n, e)) == 1 ? may_see(st, n) : r;
}

/* By a graft of a range: it, or both ends of what it stands for. */
static int
find_grip(struct store *st, int64_t user, const char *id, void *out,
    struct err *e)
{
	struct grip *g = out;
	const struct graft *by = NULL;
	struct toc_node n;
	int r;

	if ((r = grip_find_of(st, user, id, g, e)) != 1 ||
	    (r = toc_get_any(st, g->node, &n, e)) != 1)
		return r;
	if (may_see(st, &n)) {
		memcpy(g->graft, n.graft, sizeof g->graft);
		return 1;
	}
	if ((r = granted_event(st, user, g->first, GRAFT_CONTENTS, &by, e)) ==
	    1 && (r = granted_event(st, user, g->last, GRAFT_CONTENTS, &by, e))
	    == 1)
		granted_id(st, n.session, by, g->graft);
	return r;
}

int
toc_see_grip(struct store *st, const char *id, struct grip *g, struct err *e)
{
	int r;

	if (access_look(st, e) < 0)
		return -1;
	if ((r = find_grip(st, st->user_id, id, g, e)) == 0)
		r = each_other(st, find_grip, id, g, e);
	return r;
}

/* --- all --------------------------------------------------------------- */

/* Segments of these sessions, a JSON array of their rows. */
static int
each_of(struct store *st, const char *sessions, int64_t as_of_ms,
    int (*fn)(void *, const struct toc_node *, struct err *), void *arg,
    struct err *e)
{
	struct toc_node n;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.session IN (SELECT value FROM json_each(:sessions)) "
	    "ORDER BY n.start_ms, n.name, n.id")) == NULL)
		return -1;
	db_text(q, ":sessions", sessions);
	while ((r = db_row(q, e)) == 1) {
		toc_row(q, &n);
		if ((r = may_see(st, &n)) == 1 &&
		    (r = toc_there(st, &n, as_of_ms, e)) == 1)
			r = fn(arg, &n, e);
		if (r != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : r;
}

static int
each_alone(struct store *st, int64_t as_of_ms, int (*fn)(void *,
    const struct toc_node *, struct err *), void *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	grafts_sessions(&st->access->grafts, GRAFT_CONTENTS, &b);
	if (st->access->session != 0) {
		b.p[--b.len] = '\0';
		buf_addf(&b, "%s%" PRId64 "]", b.len > 1 ? "," : "",
		    st->access->session);
	}
	r = b.len > 2 ? each_of(st, b.p, as_of_ms, fn, arg, e) : 0;
	buf_release(&b);
	return r;
}

int
toc_see_each(struct store *st, const struct toc_node *parent,
    int64_t as_of_ms, int (*fn)(void *, const struct toc_node *,
    struct err *), void *arg, struct err *e)
{
	int r;

	if (access_look(st, e) < 0)
		return -1;
	/* what lies in a period that may be seen may be, too */
	if (parent != NULL)
		return toc_each(st, parent, as_of_ms, fn, arg, e);
	if (!access_bound(st) && (r = toc_each(st, NULL, as_of_ms, fn, arg,
	    e)) != 0)
		return r;
	return access_plain(st) ? 0 : each_alone(st, as_of_ms, fn, arg, e) <
	    0 ? -1 : 0;
}
