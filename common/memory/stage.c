#include "memory/stage.h"

#include "base/alloc.h"
#include "base/str.h"
#include "memory/hold.h"
#include "memory/variable.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

void
stage_release(struct stage *g)
{
	free(g->user);
	free(g->session);
	free(g->cold);
	memset(g, 0, sizeof *g);
}

/* --- reading ----------------------------------------------------------- */

/* A value and its time; the newest row counts (variable.h). */
#define SET(column, name) \
	"(SELECT " column " FROM variable v WHERE v.session = s.seq " \
	"AND v.kind = 1 AND v.name = '" name "' ORDER BY v.seq DESC LIMIT 1)"
#define STAGES "SELECT u.name, s.name, s.seq, ifnull(s.end_ms, 0), " \
	"ifnull((SELECT max(f.at) FROM file f WHERE f.session = s.seq " \
	"AND f.sha256 IS NOT NULL), 0), " \
	SET(OPEN_VARIABLE("v."), "state") ", " SET("at", "state") ", " \
	SET(OPEN_VARIABLE("v."), "cold") ", " SET("at", "cold") \
	" FROM session s JOIN user u ON u.id = s.user "

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
stage_read(struct db_query *q, struct stage *g)
{
	const char *state = db_get_text(q, 5);

	memset(g, 0, sizeof *g);
	g->user = db_dup(q, 0);
	g->session = db_dup(q, 1);
	g->seq = db_get_int(q, 2);
	g->file_ms = db_get_int(q, 4);
	g->last_ms = later(db_get_int(q, 3), g->file_ms);
	g->archived = str_eq(state, "archived");
	if (str_eq(state, "active"))
		g->last_ms = later(g->last_ms, db_get_int(q, 6));
	/* a session record may set it to what it never is here */
	if (!db_is_null(q, 7) && db_get_text(q, 7)[0] == '{') {
		g->cold = db_dup(q, 7);
		g->cold_ms = db_get_int(q, 8);
	}
}

static int
ask_held(struct store *st, struct stage *g, struct err *e)
{
	int r = hold_has(st, g->seq, e);

	g->held = r == 1;
	return r < 0 ? -1 : 0;
}

int
stage_find(struct store *st, const char *user, const char *session,
    struct stage *g, struct err *e)
{
	struct db_query *q;
	int r;

	memset(g, 0, sizeof *g);
	if ((q = db_sql(st->db, e, STAGES "WHERE u.name = :user AND "
	    "s.name = :session")) == NULL)
		return -1;
	db_text(q, ":user", user);
	db_text(q, ":session", session);
	if ((r = db_row(q, e)) == 1)
		stage_read(q, g);
	db_end(q);
	if (r == 1 && ask_held(st, g, e) < 0) {
		stage_release(g);
		return -1;
	}
	return r;
}

int
stage_each(struct store *st, int (*fn)(void *, const struct stage *,
    struct err *), void *arg, struct err *e)
{
	struct stage *v = NULL;
	size_t n = 0, cap = 0, i;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, STAGES "WHERE s.seq IN "
	    "(SELECT session FROM file) ORDER BY u.name, s.name")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		v = xgrow(v, n, &cap, sizeof *v);
		stage_read(q, &v[n++]);
	}
	db_end(q);
	for (i = 0; i < n; i++) {
		if (r == 0 && (r = ask_held(st, &v[i], e)) == 0)
			r = fn(arg, &v[i], e);
		stage_release(&v[i]);
	}
	free(v);
	return r < 0 ? -1 : 0;
}

/* --- setting ----------------------------------------------------------- */

struct setting {
	const char *name, *value;
};

static int
set_both(struct store *st, const struct stage *g, const struct setting *v,
    int n, struct err *e)
{
	int i, r, changed = 0;

	for (i = 0; i < n; i++) {
		if ((r = variable_set(st, g->seq, VARIABLE_PROPERTY, v[i].name,
		    v[i].value, e)) < 0)
			return -1;
		changed |= r;
	}
	return changed;
}

static int
set(struct store *st, const struct stage *g, const struct setting *v, int n,
    const char *action, const char *detail, struct err *e)
{
	int r;

	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = set_both(st, g, v, n, e)) == 1 &&
	    audit_add(st, action, g->session, detail, e) < 0)
		r = -1;
	return tx_end(st->db, r, e);
}

int
stage_archive(struct store *st, const struct stage *g, const char *detail,
    struct err *e)
{
	const struct setting v = { "state", "archived" };

	return set(st, g, &v, 1, "archive", detail, e);
}

int
stage_cool(struct store *st, const struct stage *g, const char *cold,
    const char *detail, struct err *e)
{
	/* what is set again is no change: it is ended first, for its time */
	const struct setting v[] = { { "cold", NULL }, { "cold", cold } };

	return set(st, g, v, 2, "cold", detail, e);
}

int
stage_active(struct store *st, const struct stage *g, const char *detail,
    struct err *e)
{
	const struct setting v[] = { { "state", "active" }, { "cold", NULL } };

	return set(st, g, v, 2, "restore", detail, e);
}
