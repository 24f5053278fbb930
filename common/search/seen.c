#include "search/seen.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "memory/session.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

/* Of what has no time a graft lets read only if it is of all times. */
#define TIME_MIN DATE_MIN
#define TIME_END (DATE_MAX + 1)

void
seen_init(struct seen *s, struct store *st)
{
	memset(s, 0, sizeof *s);
	s->st = st;
}

static void
drop_sessions(struct seen_user *u)
{
	size_t i;

	for (i = 0; i < u->sessions; i++)
		free(u->session[i].name);
	u->sessions = 0;
}

void
seen_release(struct seen *s)
{
	size_t i;

	for (i = 0; i < s->users; i++) {
		drop_sessions(s->user[i]);
		free(s->user[i]->session);
		free(s->user[i]->name);
		free(s->user[i]);
	}
	free(s->user);
	memset(s, 0, sizeof *s);
}

/* --- who --------------------------------------------------------------- */

static struct seen_user *
add_user(struct seen *s, int64_t row, const char *name)
{
	struct seen_user *u = xcalloc(1, sizeof *u);

	u->user = row;
	u->name = xstrdup(name);
	inside_of(&u->in, s->st, row, u->name);
	s->user = xgrow(s->user, s->users, &s->cap, sizeof *s->user);
	s->user[s->users++] = u;
	return u;
}

static int
find_user(struct seen *s, int64_t row, struct seen_user **u, struct err *e)
{
	struct buf name = BUF_INIT;
	size_t i;
	int r;

	for (i = 0; i < s->users; i++)
		if (s->user[i]->user == row) {
			*u = s->user[i];
			return 0;
		}
	*u = NULL;		/* without one it is damaged, and not seen */
	if ((r = store_user_name(s->st, row, &name, e)) == 1)
		*u = add_user(s, row, name.p);
	buf_release(&name);
	return r < 0 ? -1 : 0;
}

static void
add_session(struct seen_user *u, int64_t row)
{
	if (u->sessions > 0 && u->session[u->sessions - 1].row == row)
		return;
	u->session = xgrow(u->session, u->sessions, &u->cap,
	    sizeof *u->session);
	u->session[u->sessions].row = row;
	u->session[u->sessions++].name = NULL;
}

static int
by_row(const void *pa, const void *pb)
{
	const struct seen_session *a = pa, *b = pb;

	return (a->row > b->row) - (a->row < b->row);
}

/* The bound session among those of grafts. */
static void
add_bound(struct seen *s, struct seen_user *own)
{
	int64_t row = s->st->access->session;
	size_t i;

	for (i = 0; i < own->sessions && own->session[i].row != row; i++)
		;
	if (i < own->sessions)
		return;
	add_session(own, row);
	if (row == 0)
		own->session[i].name = xstrdup(s->st->session);
	qsort(own->session, own->sessions, sizeof *own->session, by_row);
}

int
seen_look(struct seen *s, struct err *e)
{
	struct store *st = s->st;
	struct seen_user *u = NULL;
	const struct grafts *g;
	size_t i;

	if (access_look(st, e) < 0)
		return -1;
	if (s->users == 0)
		add_user(s, st->user_id, st->user);
	for (i = 0; i < s->users; i++)
		drop_sessions(s->user[i]);
	s->plain = access_plain(st);
	s->user[0]->user = s->user[0]->in.st.user_id = st->user_id;
	s->user[0]->whole = !access_bound(st);
	g = &st->access->grafts;	/* in the order of sessions */
	for (i = 0; i < g->n; i++) {
		if ((u == NULL || u->user != g->v[i].user) &&
		    find_user(s, g->v[i].user, &u, e) < 0)
			return -1;
		if (u != NULL)
			add_session(u, g->v[i].session);
	}
	if (access_bound(st))
		add_bound(s, s->user[0]);
	return 0;
}

const char *
seen_name(struct seen *s, size_t who, size_t i, struct err *e)
{
	struct seen_session *x = &s->user[who]->session[i];
	struct db_query *q;
	int r;

	if (x->name != NULL)
		return x->name;
	if ((q = db_sql(s->st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq")) == NULL)
		return NULL;
	db_int(q, ":seq", x->row);
	if ((r = db_row(q, e)) == 1)
		x->name = db_dup(q, 0);
	db_end(q);
	if (r == 0)		/* forgotten: nothing is of it */
		x->name = xstrdup("");
	return x->name;
}

/* --- what -------------------------------------------------------------- */

unsigned
seen_kind(enum source source)
{
	return source == SOURCE_EVENT ? GRAFT_EVENT :
	    source == SOURCE_ARTIFACT ? GRAFT_ARTIFACT :
	    source == SOURCE_OWN ? GRAFT_FACT : GRAFT_CONTENTS;
}

static enum access_tier
tier_of(enum source source, int64_t session)
{
	if (source_is_shared(source))
		return ACCESS_TENANT;
	if (session != 0 || source == SOURCE_EVENT || source == SOURCE_GRIP)
		return ACCESS_SESSION;
	return source == SOURCE_TOC ? ACCESS_PERIOD : ACCESS_USER;
}

int
seen_row(struct seen *s, size_t who, enum source source, int64_t session,
    int64_t start_ms, int64_t end_ms, const struct graft **by)
{
	const struct seen_user *u = s->user[who];
	struct access_object o = { .tier = tier_of(source, session),
	    .kind = seen_kind(source), .user = u->user, .session = session,
	    .start_ms = start_ms, .end_ms = end_ms };

	if (by != NULL)
		*by = NULL;
	return u->whole || access_may(s->st, ACCESS_READ, &o, by);
}

enum seen_part
seen_session(const struct seen *s, size_t who, enum source source,
    int64_t row)
{
	/* a cast: that it is asked for changes nothing in it */
	struct seen *any = (struct seen *)s;

	if (seen_row(any, who, source, row, TIME_MIN, TIME_END, NULL))
		return SEEN_ALL;
	return access_session(s->st, seen_kind(source), s->user[who]->user, row,
	    NULL) ? SEEN_SOME : SEEN_NONE;
}

bool
seen_any(const struct seen *s, size_t who, enum source source)
{
	const struct seen_user *u = s->user[who];
	size_t i;

	if (who == 0 || source_is_shared(source))
		return who == 0;
	for (i = 0; i < u->sessions; i++)
		if (seen_session(s, who, source, u->session[i].row) !=
		    SEEN_NONE)
			return true;
	return false;
}

int
seen_fact(struct seen *s, size_t who, const char *session,
    const struct graft **by, struct err *e)
{
	const struct seen_user *u = s->user[who];
	int64_t row = 0;

	if (by != NULL)
		*by = NULL;
	if (u->whole || (who == 0 && (session == NULL ||
	    str_eq(session, s->st->session))))
		return 1;
	if (session != NULL && session_row_of(&s->user[who]->in.st, u->user,
	    session, false, &row, e) < 0)
		return -1;
	return row == 0 ? 0 : seen_row(s, who, SOURCE_OWN, row, TIME_MIN,
	    TIME_END, by);
}

int
seen_doc(struct seen *s, const struct doc *d, const struct graft **by,
    struct err *e)
{
	int64_t start = d->ts_ms, end = d->end_ms;

	if (by != NULL)
		*by = NULL;
	if (source_is_shared(d->source))
		return 1;
	if (d->source == SOURCE_OWN)
		return seen_fact(s, d->who, d->session, by, e);
	if (d->source == SOURCE_ARTIFACT) {
		start = TIME_MIN;
		end = TIME_END;
	} else if (end == 0) {
		end = start + 1;
	}
	return seen_row(s, d->who, d->source, d->session_row, start, end, by);
}

void
seen_counted(struct seen *s, unsigned sources)
{
	const struct grafts *g = &s->st->access->grafts;
	unsigned kinds = 0;
	int source;
	size_t i;

	for (source = 0; source < SOURCE_SESSION; source++)
		if (sources >> source & 1 &&
		    !source_is_shared((enum source)source))
			kinds |= seen_kind((enum source)source);
	if (sources >> SOURCE_SESSION & 1)
		kinds |= GRAFT_EVENT;
	for (i = 0; i < g->n; i++)
		if (g->v[i].kinds & kinds)
			access_shown(s->st, g->v[i].session, g->v[i].id);
}
