/*
 * What there is to be asked for, and who may see it.  All is read by SQL of
 * its own, and the table is said once more: what is compared with the answers
 * of the tools must not come from where they come from.
 */
#include "admin/isolation_own.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/ulid.h"
#include "file/file_path.h"
#include "ltm/fact.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/graft.h"
#include "store/sealed.h"
#include "store/store.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MIN 5
#define WORD_MAX 40

const char *const thing_kinds[] = { "event", "contents", "contents", "grip",
    "fact", "variable", "file", "artifact", "session", "record" };

/* --- the table --------------------------------------------------------- */

/* What a graft must name; 0: nothing lends it. */
static unsigned
kind_of(const struct thing *t)
{
	switch (t->kind) {
	case THING_EVENT: return GRAFT_EVENT;
	case THING_SEGMENT: case THING_GRIP: return GRAFT_CONTENTS;
	case THING_FACT: return GRAFT_FACT;
	case THING_VARIABLE: return GRAFT_VARIABLE;
	case THING_FILE: return GRAFT_FILE;
	case THING_ARTIFACT: return GRAFT_ARTIFACT;
	case THING_SESSION: return GRAFT_ALL;
	default: return 0;
	}
}

static bool
has_time(const struct thing *t)
{
	return t->kind == THING_EVENT || t->kind == THING_SEGMENT ||
	    t->kind == THING_GRIP;
}

static bool
lends(const struct lent *l, const struct reader *by, const struct thing *t,
    int64_t now)
{
	bool ranged = l->since_ms > DATE_MIN || l->until_ms <= DATE_MAX;

	if (!str_eq(l->user, t->user) || !str_eq(l->session, t->session) ||
	    !(l->kinds & kind_of(t)) || l->expires_ms <= now)
		return false;
	if (l->to == 0 ? by->session == NULL ||
	    !str_eq(by->user, t->user) || !str_eq(l->name, by->session) :
	    l->to == 1 && !str_eq(l->name, by->user))
		return false;
	if (!ranged || t->kind == THING_SESSION)
		return true;
	return has_time(t) && l->since_ms <= t->start_ms &&
	    t->end_ms <= l->until_ms;
}

bool
world_may(const struct world *w, const struct reader *by,
    const struct thing *t)
{
	const struct world_tenant *of = &w->tenant[t->tenant];
	size_t i;

	if (by->tenant != t->tenant)
		return false;
	if (t->user == NULL)		/* the tenant's */
		return true;
	if (str_eq(t->user, by->user) && (by->session == NULL ||
	    (t->kind != THING_PERIOD && (t->session == NULL ||
	    str_eq(t->session, by->session)))))
		return true;
	if (t->session == NULL)
		return false;
	for (i = 0; i < of->n; i++)
		if (lends(&of->lent[i], by, t, w->now))
			return true;
	return false;
}

/* --- things ------------------------------------------------------------ */

static struct thing *
add(struct world *w, size_t tenant, enum thing_kind kind)
{
	struct thing *t;

	w->thing = xgrow(w->thing, w->things, &w->things_cap,
	    sizeof *w->thing);
	t = &w->thing[w->things++];
	memset(t, 0, sizeof *t);
	t->kind = kind;
	t->tenant = tenant;
	return t;
}

const struct thing *
world_find(const struct world *w, size_t tenant, enum thing_kind kind,
    const char *id)
{
	const union map_value *at = map_get(&w->tenant[tenant].known, id);
	const struct thing *t;

	if (at == NULL || at->i == 0)
		return NULL;
	t = &w->thing[at->i - 1];
	return t->kind == kind || (kind == THING_SEGMENT &&
	    t->kind == THING_PERIOD) ? t : NULL;
}

static bool
of_word(unsigned char c)
{
	return isalnum(c) && c < 0x80;
}

/* The longest word of a text that a query takes as a word; own, or NULL. */
static char *
word_of(const char *s, size_t len)
{
	size_t at, n, best = 0, best_n = 0;

	for (at = 0; at < len; at += n > 0 ? n : 1) {
		for (n = 0; at + n < len && of_word((unsigned char)s[at + n]);
		    n++)
			;
		if (n > best_n && n <= WORD_MAX) {
			best = at;
			best_n = n;
		}
	}
	return best_n < WORD_MIN ? NULL : xstrndup(s + best, best_n);
}

/* --- gathering --------------------------------------------------------- */

struct gather {
	struct world *w;
	struct store *st;	/* inside; of the user */
	size_t tenant;
	struct world_user *u;
	int64_t most;		/* -1: any number */
};

/* How many of a kind are taken; one more than that is the sign that there is
 * more. */
static int64_t
at_most(const struct gather *g)
{
	return g->most < 0 ? -1 : g->most + 1;
}

static bool
enough(struct gather *g, int64_t n)
{
	if (g->most < 0 || n < g->most)
		return false;
	g->w->i->sums.sampled = true;
	return true;
}

static int
event_word(struct gather *g, struct thing *t, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	int r;

	if ((r = event_get(&it, g->st, t->row, &ev, e)) == 1)
		t->word = word_of(ev->text, ev->text_len);
	event_close(it);
	return r < 0 ? -1 : 0;
}

/* A ULID of a column, as text; own. */
static char *
id_text(struct db_query *q, int column)
{
	char *text = xcalloc(1, ULID_LEN + 1);
	size_t len;
	const void *id = db_get_blob(q, column, &len);

	if (len == ULID_BYTES)
		ulid_from_bytes(text, id);
	return text;
}

static int
gather_events(struct gather *g, struct err *e)
{
	struct db_query *q;
	struct thing *t;
	size_t first = g->w->things;
	int64_t n = 0;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT e.seq, e.id, e.ts, s.name "
	    "FROM event e JOIN session s ON s.seq = e.session AND "
	    "s.user = e.user WHERE e.user = :user ORDER BY random() "
	    "LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":user", g->u->row);
	db_int(q, ":most", at_most(g));
	while ((r = db_row(q, e)) == 1 && !enough(g, n++)) {
		t = add(g->w, g->tenant, THING_EVENT);
		t->user = xstrdup(g->u->name);
		t->row = db_get_int(q, 0);
		t->id = id_text(q, 1);
		t->start_ms = db_get_int(q, 2);
		t->end_ms = t->start_ms + 1;
		t->session = db_dup(q, 3);
	}
	db_end(q);
	for (; r >= 0 && first < g->w->things; first++)
		r = event_word(g, &g->w->thing[first], e);
	return r < 0 ? -1 : 0;
}

static int
gather_contents(struct gather *g, struct err *e)
{
	struct db_query *q;
	struct thing *t;
	struct buf b = BUF_INIT;
	int64_t n = 0;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT n.id, n.name, n.level, "
	    "n.start_ms, n.end_ms, s.name FROM toc_node n LEFT JOIN session s "
	    "ON s.seq = n.session WHERE n.user = :user AND n.live > 0 AND "
	    "n.gone = 0 ORDER BY random() LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":user", g->u->row);
	db_int(q, ":most", at_most(g));
	while ((r = db_row(q, e)) == 1 && !enough(g, n++)) {
		t = add(g->w, g->tenant, db_get_int(q, 2) == 0 ?
		    THING_SEGMENT : THING_PERIOD);
		t->user = xstrdup(g->u->name);
		t->row = db_get_int(q, 0);
		buf_reset(&b);
		buf_addf(&b, "toc:%s", db_get_text(q, 1));
		t->id = xstrdup(b.p);
		t->start_ms = db_get_int(q, 3);
		t->end_ms = db_get_int(q, 4);
		t->session = db_dup(q, 5);
	}
	db_end(q);
	buf_release(&b);
	return r < 0 ? -1 : 0;
}

static int
gather_grips(struct gather *g, struct err *e)
{
	struct db_query *q;
	struct thing *t;
	int64_t n = 0;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT format('grip:%d:%s', g.ts, "
	    "lower(hex(g.suffix))), min(g.ts, ifnull(f.ts, g.ts)), "
	    "max(g.ts, ifnull(l.ts, g.ts)) + 1, s.name "
	    "FROM toc_grip g JOIN toc_node n ON n.id = g.node "
	    "JOIN session s ON s.seq = n.session "
	    "LEFT JOIN event f ON f.user = g.user AND f.id = g.first AND "
	    "f.session = n.session "
	    "LEFT JOIN event l ON l.user = g.user AND l.id = g.last AND "
	    "l.session = n.session "
	    "WHERE g.user = :user ORDER BY random() LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":user", g->u->row);
	db_int(q, ":most", at_most(g));
	while ((r = db_row(q, e)) == 1 && !enough(g, n++)) {
		t = add(g->w, g->tenant, THING_GRIP);
		t->user = xstrdup(g->u->name);
		t->id = db_dup(q, 0);
		t->start_ms = db_get_int(q, 1);
		t->end_ms = db_get_int(q, 2);
		t->session = db_dup(q, 3);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
gather_facts(struct gather *g, struct err *e)
{
	struct db_query *q;
	struct thing *t;
	const char *s;
	int64_t n = 0;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT f.id, f.session, "
	    "iif(json_valid(f.body), f.body ->> '$.content', NULL) "
	    "FROM fact f WHERE f.user = :user AND f.job >= 0 AND f.version = "
	    "(SELECT max(version) FROM fact v WHERE v.id = f.id) "
	    "ORDER BY random() LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":user", g->u->row);
	db_int(q, ":most", at_most(g));
	while ((r = db_row(q, e)) == 1 && !enough(g, n++)) {
		t = add(g->w, g->tenant, THING_FACT);
		t->user = xstrdup(g->u->name);
		t->row = db_get_int(q, 0);
		t->id = xcalloc(1, FACT_ID_LEN + 1);
		fact_id_format(t->id, t->row);
		t->session = db_dup(q, 1);
		if ((s = db_get_text(q, 2)) != NULL)
			t->word = word_of(s, strlen(s));
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
gather_artifacts(struct gather *g, struct err *e)
{
	struct db_query *q;
	struct thing *t;
	int64_t n = 0;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT a.seq, a.id, s.name "
	    "FROM artifact a LEFT JOIN session s ON s.seq = a.session "
	    "WHERE a.user = :user AND (a.session = 0 OR s.user = a.user) "
	    "ORDER BY random() LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":user", g->u->row);
	db_int(q, ":most", at_most(g));
	while ((r = db_row(q, e)) == 1 && !enough(g, n++)) {
		t = add(g->w, g->tenant, THING_ARTIFACT);
		t->user = xstrdup(g->u->name);
		t->row = db_get_int(q, 0);
		t->id = id_text(q, 1);
		t->session = db_dup(q, 2);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* Sessions, and what is named in one. */
static int
gather_named(struct gather *g, enum thing_kind kind, struct db_query *q,
    struct err *e)
{
	struct thing *t;
	int64_t n = 0;
	int r;

	db_int(q, ":user", g->u->row);
	db_int(q, ":most", at_most(g));
	while ((r = db_row(q, e)) == 1 && !enough(g, n++)) {
		t = add(g->w, g->tenant, kind);
		t->user = xstrdup(g->u->name);
		t->row = db_get_int(q, 0);
		t->session = db_dup(q, 1);
		t->id = db_dup(q, 2);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
gather_sessions(struct gather *g, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(g->st->db, e, "SELECT seq, name, name FROM session "
	    "WHERE user = :user ORDER BY random() LIMIT :most")) == NULL ||
	    gather_named(g, THING_SESSION, q, e) < 0)
		return -1;
	if ((q = db_sql(g->st->db, e, "SELECT v.seq, s.name, v.name "
	    "FROM variable v JOIN session s ON s.seq = v.session "
	    "WHERE s.user = :user AND v.kind = 0 AND v.value IS NOT NULL AND "
	    "v.seq = (SELECT max(w.seq) FROM variable w WHERE w.session = "
	    "v.session AND w.kind = 0 AND w.name = v.name) "
	    "ORDER BY random() LIMIT :most")) == NULL ||
	    gather_named(g, THING_VARIABLE, q, e) < 0)
		return -1;
	if ((q = db_sql(g->st->db, e, "SELECT f.seq, s.name, "
	    OPEN_FILE_PATH("f.") " "
	    "FROM file f JOIN session s ON s.seq = f.session "
	    "WHERE s.user = :user AND f.sha256 IS NOT NULL "
	    "ORDER BY random() LIMIT :most")) == NULL)
		return -1;
	return gather_named(g, THING_FILE, q, e);
}

/* Which sessions he is bound to when he asks. */
static void
choose_sessions(struct gather *g)
{
	const struct world *w = g->w;
	size_t i, most = g->most < 0 ? SIZE_MAX :
	    (size_t)(g->most / 10 + 2);

	for (i = g->u->first; i < g->u->end && g->u->sessions.n < most; i++)
		if (w->thing[i].kind == THING_SESSION)
			strv_add(&g->u->sessions, w->thing[i].session);
	/* and one that nobody has */
	strv_add(&g->u->sessions, "01J0000000-isolation-nobody");
}

static int
gather_user(struct world *w, size_t tenant, struct world_user *u,
    struct err *e)
{
	struct gather g = { .w = w, .tenant = tenant, .u = u,
	    .most = w->i->sample > 0 ? w->i->sample : -1 };
	int r;

	if (isolation_open(&g.st, w->i, w->tenant[tenant].name, u->name,
	    e) < 0)
		return -1;
	u->first = w->things;
	r = gather_events(&g, e) < 0 || gather_contents(&g, e) < 0 ||
	    gather_grips(&g, e) < 0 || gather_facts(&g, e) < 0 ||
	    gather_artifacts(&g, e) < 0 || gather_sessions(&g, e) < 0 ?
	    -1 : 0;
	u->end = w->things;
	store_close(g.st);
	if (r == 0)
		choose_sessions(&g);
	return r;
}

static int
gather_users(struct world *w, size_t tenant, struct store *st,
    struct err *e)
{
	struct world_tenant *t = &w->tenant[tenant];
	struct world_user *u;
	struct db_query *q;
	int64_t most = w->i->sample > 0 ? w->i->sample : -1;
	int r;

	if ((q = db_sql(st->db, e, "SELECT id, name FROM user "
	    "ORDER BY random() LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":most", most < 0 ? -1 : most + 1);
	while ((r = db_row(q, e)) == 1) {
		if (most >= 0 && (int64_t)t->users == most) {
			w->i->sums.sampled = true;
			break;
		}
		t->user = xgrow(t->user, t->users, &t->users_cap,
		    sizeof *t->user);
		u = &t->user[t->users++];
		memset(u, 0, sizeof *u);
		u->row = db_get_int(q, 0);
		u->name = db_dup(q, 1);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
gather_lent(struct world *w, size_t tenant, struct store *st, struct err *e)
{
	struct world_tenant *t = &w->tenant[tenant];
	struct db_query *q;
	struct lent *l;
	int r;

	if ((q = db_sql(st->db, e, "SELECT u.name, s.name, g.to_kind, "
	    "g.to_name, g.kinds, g.since, g.until, g.expires FROM graft g "
	    "JOIN session s ON s.seq = g.session JOIN user u ON u.id = s.user "
	    "WHERE g.revoked = 0")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		t->lent = xgrow(t->lent, t->n, &t->cap, sizeof *t->lent);
		l = &t->lent[t->n++];
		l->user = db_dup(q, 0);
		l->session = db_dup(q, 1);
		l->to = (int)db_get_int(q, 2);
		l->name = db_dup(q, 3);
		l->kinds = (unsigned)db_get_int(q, 4);
		l->since_ms = db_get_int(q, 5);
		l->until_ms = db_get_int(q, 6);
		l->expires_ms = db_is_null(q, 7) ? INT64_MAX :
		    db_get_int(q, 7);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* An id that two users have tells of neither. */
static void
know(struct world *w, size_t tenant, size_t from)
{
	union map_value *at;
	int made;
	size_t i;

	for (i = from; i < w->things; i++) {
		if (w->thing[i].kind == THING_VARIABLE ||
		    w->thing[i].kind == THING_FILE ||
		    w->thing[i].kind == THING_SESSION)
			continue;
		at = map_put(&w->tenant[tenant].known, w->thing[i].id, &made);
		at->i = made ? (int64_t)i + 1 : 0;
	}
}

static int
gather_tenant(struct world *w, size_t tenant, struct err *e)
{
	struct world_tenant *t = &w->tenant[tenant];
	struct store *st;
	size_t i, from = w->things;
	int r;

	if (isolation_open(&st, w->i, t->name, NULL, e) < 0)
		return -1;
	r = gather_users(w, tenant, st, e) < 0 ||
	    gather_lent(w, tenant, st, e) < 0 ? -1 : 0;
	store_close(st);
	for (i = 0; r == 0 && i < t->users; i++)
		r = gather_user(w, tenant, &t->user[i], e);
	if (r == 0)
		know(w, tenant, from);
	return r;
}

int
world_make(struct world *w, struct isolation *i, struct err *e)
{
	size_t t;

	memset(w, 0, sizeof *w);
	w->i = i;
	w->now = date_real();
	w->tenant = xcalloc(i->tenants->n + 1, sizeof *w->tenant);
	for (t = 0; t < i->tenants->n; t++)
		w->tenant[t].name = i->tenants->v[t];
	for (t = 0; t < i->tenants->n; t++)
		if (gather_tenant(w, t, e) < 0)
			return -1;
	i->sums.things = (int64_t)w->things;
	return 0;
}

static void
tenant_release(struct world_tenant *t)
{
	size_t i;

	for (i = 0; i < t->users; i++) {
		free(t->user[i].name);
		strv_release(&t->user[i].sessions);
	}
	for (i = 0; i < t->n; i++) {
		free(t->lent[i].user);
		free(t->lent[i].session);
		free(t->lent[i].name);
	}
	free(t->user);
	free(t->lent);
	map_release(&t->known);
}

void
world_release(struct world *w)
{
	size_t i;

	for (i = 0; i < w->things; i++) {
		free(w->thing[i].user);
		free(w->thing[i].session);
		free(w->thing[i].id);
		free(w->thing[i].word);
	}
	for (i = 0; i < w->i->tenants->n; i++)
		tenant_release(&w->tenant[i]);
	free(w->thing);
	free(w->tenant);
	memset(w, 0, sizeof *w);
}
