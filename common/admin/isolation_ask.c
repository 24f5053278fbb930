/*
 * Each reader asks for what is not his: in lists, by id, by words.  Answers
 * are compared with the table; what a reader is refused is no matter.
 */
#include "admin/isolation_own.h"

#include "artifact/artifact.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "ltm/fact.h"
#include "memory/event.h"
#include "memory/session.h"
#include "search/doc.h"
#include "search/query.h"
#include "search/search.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"
#include "text/language_conf.h"
#include "toc/grip.h"
#include "toc/toc.h"
#include "toc/toc_see.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 12		/* that one query asks for */
#define LIST 50			/* rows of a list for each of a sample */
#define DEEP 8			/* levels of contents */

struct ask {
	struct world *w;
	struct reader by;
	struct store *st;
	int64_t left;		/* rows of the list that are still looked at */
	size_t deep;
};

/* --- what is a hole ---------------------------------------------------- */

/* One that was made since the world was gathered: nothing is told of what may
 * be read by it. */
static bool
granted_since(struct ask *a, const struct thing *t)
{
	struct db_query *q;
	struct err ignored;
	int64_t n;

	if (a->by.tenant != t->tenant || t->session == NULL ||
	    (q = db_sql(a->st->db, &ignored, "SELECT 1 FROM graft g "
	    "JOIN session s ON s.seq = g.session "
	    "JOIN user u ON u.id = s.user WHERE u.name = :user AND "
	    "s.name = :name AND g.created >= :now")) == NULL)
		return false;
	db_text(q, ":user", t->user);
	db_text(q, ":name", t->session);
	db_int(q, ":now", a->w->now);
	return db_first(q, &n, &ignored) == 1;
}

static int
looked(struct ask *a, const char *how, const struct thing *t, struct err *e)
{
	struct isolation *i = a->w->i;
	struct isolation_hole h = { .kind = thing_kinds[t->kind], .how = how,
	    .tenant = i->tenants->v[a->by.tenant], .user = a->by.user,
	    .session = a->by.session, .of_tenant = i->tenants->v[t->tenant],
	    .of_user = t->user, .of_session = t->session, .id = t->id };

	i->sums.tried++;
	if (world_may(a->w, &a->by, t) || granted_since(a, t))
		return 0;
	return isolation_tell(i, &h, e);
}

/* Refused is no fault of who asked; what is damaged is `check`'s affair. */
static int
answer(int r, struct err *e)
{
	if (r >= 0)
		return r;
	switch (e->code) {
	case ERR_ABSENT: case ERR_DENIED: case ERR_USAGE: case ERR_INPUT:
	case ERR_CORRUPT: case ERR_INDEX:
		return 0;
	default:
		return -1;
	}
}

/* --- lists ------------------------------------------------------------- */

static char *
name_at(struct ask *a, struct db_query *q, int64_t row, struct err *e)
{
	char *name = NULL;

	if (q == NULL)
		return NULL;
	db_int(q, ":row", row);
	if (db_row(q, e) == 1)
		name = db_dup(q, 0);
	db_end(q);
	(void)a;
	return name;
}

static char *
user_at(struct ask *a, int64_t row, struct err *e)
{
	return row == 0 ? NULL : row == a->st->user_id ?
	    xstrdup(a->st->user) : name_at(a, db_sql(a->st->db, e,
	    "SELECT name FROM user WHERE id = :row"), row, e);
}

static char *
session_at(struct ask *a, int64_t row, struct err *e)
{
	return row == 0 ? NULL : name_at(a, db_sql(a->st->db, e,
	    "SELECT name FROM session WHERE seq = :row"), row, e);
}

/* What a list showed; its strings are released. */
static int
listed(struct ask *a, struct thing *t, struct err *e)
{
	int r;

	t->tenant = a->by.tenant;
	r = looked(a, "list", t, e);
	free(t->user);
	free(t->session);
	return r < 0 ? -1 : --a->left == 0;
}

static int
list_events(struct ask *a, struct err *e)
{
	struct event_query q = EVENT_QUERY_INIT;
	struct event_iter *it = NULL;
	const struct event *ev;
	struct thing t;
	int r;

	if ((r = event_open(&it, a->st, &q, e)) == 0)
		while ((r = event_next(it, &ev, e)) == 1) {
			t = (struct thing){ .kind = THING_EVENT,
			    .id = (char *)ev->id, .start_ms = ev->ts_ms,
			    .end_ms = ev->ts_ms + 1,
			    .user = xstrdup(ev->user != NULL ? ev->user :
			    a->st->user), .session = xstrdup(ev->session) };
			if ((r = listed(a, &t, e)) != 0)
				break;
		}
	event_close(it);
	return r < 0 ? answer(r, e) : 0;
}

static int
list_session(void *arg, const struct session *s, struct err *e)
{
	struct thing t = { .kind = THING_SESSION, .id = (char *)s->id,
	    .user = xstrdup(s->user), .session = xstrdup(s->id) };

	return listed(arg, &t, e);
}

static int
list_sessions(struct ask *a, struct err *e)
{
	struct session_query q = { .since_ms = DATE_MIN,
	    .until_ms = DATE_MAX + 1 };

	return session_each(a->st, &q, list_session, a, e);
}

static int
list_node(void *arg, const struct toc_node *n, struct err *e)
{
	struct ask *a = arg;
	char id[TOC_NAME_MAX + 4] = "toc:";
	struct thing t = { .kind = n->session != 0 ? THING_SEGMENT :
	    THING_PERIOD, .id = id, .start_ms = n->start_ms,
	    .end_ms = n->end_ms, .user = user_at(a, n->user, e),
	    .session = session_at(a, n->session, e) };
	int r;

	memcpy(id + 4, n->name, sizeof n->name);
	if ((r = listed(a, &t, e)) != 0 || n->session != 0 || a->deep == DEEP)
		return r;
	a->deep++;
	r = toc_see_each(a->st, n, TOC_NOW, list_node, a, e);
	a->deep--;
	return r;
}

static int
list_contents(struct ask *a, struct err *e)
{
	a->deep = 0;
	return toc_see_each(a->st, NULL, TOC_NOW, list_node, a, e);
}

static int
list_fact(void *arg, const struct fact *f, struct err *e)
{
	struct ask *a = arg;
	char id[FACT_ID_LEN + 1];
	struct thing t = { .kind = THING_FACT, .id = id,
	    .user = user_at(a, f->user_id, e),
	    .session = f->session != NULL ? xstrdup(f->session) : NULL };

	fact_id_format(id, f->id);
	return listed(a, &t, e);
}

static int
list_facts(struct ask *a, struct err *e)
{
	struct fact_query q = { .scope = -1, .as_of_ms = FACT_NOW };

	return fact_each(a->st, &q, list_fact, a, e);
}

static int
list_artifact(void *arg, const struct artifact *f, struct err *e)
{
	struct ask *a = arg;
	char id[ULID_LEN + 1];
	struct thing t = { .kind = THING_ARTIFACT, .id = id,
	    .user = user_at(a, f->user, e),
	    .session = session_at(a, f->session, e) };

	ulid_from_bytes(id, f->id);
	return listed(a, &t, e);
}

static int
list_artifacts(struct ask *a, struct err *e)
{
	struct artifact_query q = { .since_ms = DATE_MIN,
	    .until_ms = DATE_MAX + 1, .all = true };

	return artifact_each(a->st, &q, list_artifact, a, e);
}

static int
ask_lists(struct ask *a, struct err *e)
{
	static int (*const lists[])(struct ask *, struct err *) = {
		list_events, list_sessions, list_contents, list_facts,
		list_artifacts
	};
	int64_t most = a->w->i->sample * LIST;
	size_t i;

	for (i = 0; i < sizeof lists / sizeof *lists; i++) {
		a->left = most;		/* 0: never ends it */
		if (answer(lists[i](a, e), e) < 0)
			return -1;
		if (most > 0 && a->left == 0)
			a->w->i->sums.sampled = true;
	}
	return 0;
}

/* --- by id ------------------------------------------------------------- */

struct same {
	struct ask *a;
	const struct thing *t;
	bool seen;
};

static int
same_session(void *arg, const struct session *s, struct err *e)
{
	struct same *same = arg;

	(void)e;
	same->seen = str_eq(s->user, same->t->user);
	return 0;
}

static int
same_fact(void *arg, const struct fact *f, struct err *e)
{
	struct same *same = arg;
	char *user = user_at(same->a, f->user_id, e);

	same->seen = str_eq(user, same->t->user);
	free(user);
	return 0;
}

static int
by_event(struct ask *a, const struct thing *t, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	int r;

	r = event_find(&it, a->st, t->id, &ev, e);
	/* the same id may be at both */
	r = r == 1 ? str_eq(ev->user != NULL ? ev->user : a->st->user,
	    t->user) : r;
	if (r == 0 && a->by.tenant == t->tenant) {
		r = event_get(&it, a->st, t->row, &ev, e);
		r = r == 1 ? strcmp(ev->id, t->id) == 0 : r;
	}
	event_close(it);
	return r;
}

static int
by_node(struct ask *a, const struct thing *t, struct err *e)
{
	struct toc_node n;
	int r;

	r = toc_see(a->st, t->id, &n, e);
	return r == 1 ? a->by.tenant != t->tenant || n.id == t->row : r;
}

static int
by_variable(struct ask *a, const struct thing *t, struct err *e)
{
	struct db_query *q;
	char *value = NULL;
	int64_t n = 0;
	int r;

	if (a->by.tenant != t->tenant)
		return 0;
	if ((r = session_get(a->st, t->session, t->id, &value, e)) == 1) {
		/* not one that another session of this name has, too */
		if ((q = db_sql(a->st->db, e, "SELECT max(v.seq = :row) AND "
		    "count(DISTINCT v.session) = 1 FROM variable v "
		    "JOIN session s ON s.seq = v.session WHERE s.name = "
		    ":session AND v.name = :name AND v.value = :value")) ==
		    NULL)
			r = -1;
		else {
			db_int(q, ":row", t->row);
			db_text(q, ":session", t->session);
			db_text(q, ":name", t->id);
			db_text(q, ":value", value);
			r = db_first(q, &n, e) < 0 ? -1 : n == 1;
		}
	}
	free(value);
	return r;
}

/* 1 it is told, 0 not. */
static int
by_id(struct ask *a, const struct thing *t, struct err *e)
{
	struct same same = { .a = a, .t = t };
	struct artifact f;
	struct grip g;
	int r = 0;

	switch (t->kind) {
	case THING_EVENT:
		return by_event(a, t, e);
	case THING_SEGMENT: case THING_PERIOD:
		/* periods are called the same for all */
		return t->kind == THING_PERIOD && !(a->by.session != NULL &&
		    str_eq(t->user, a->by.user)) ? 0 : by_node(a, t, e);
	case THING_GRIP:
		return toc_see_grip(a->st, t->id, &g, e);
	case THING_FACT:
		r = fact_find(a->st, t->row, 0, same_fact, &same, e);
		return r == 1 ? same.seen : r;
	case THING_ARTIFACT:
		if ((r = artifact_find(a->st, t->id, &f, e)) < 0)
			return -1;
		artifact_release(&f);
		return 1;
	case THING_SESSION:
		r = session_find(a->st, t->id, same_session, &same, e);
		return r == 1 ? same.seen : r;
	case THING_VARIABLE:
		return by_variable(a, t, e);
	default:
		return 0;
	}
}

/* What is of another tenant may be here by itself: names are no secrets, and
 * the same text at the same time has the same id everywhere.  1, 0. */
static int
here_too(struct ask *a, const struct thing *t, struct err *e)
{
	uint8_t raw[ULID_BYTES];
	struct db_query *q;
	int64_t n;

	if (a->by.tenant == t->tenant)
		return 0;
	if ((q = db_sql(a->st->db, e, "SELECT 1 FROM session WHERE name = "
	    ":session AND :named UNION ALL SELECT 1 FROM event "
	    "WHERE id = :raw UNION ALL SELECT 1 FROM artifact "
	    "WHERE id = :raw UNION ALL SELECT 1 FROM toc_node "
	    "WHERE 'toc:' || name = :id UNION ALL SELECT 1 FROM toc_grip "
	    "WHERE format('grip:%d:%s', ts, lower(hex(suffix))) = :id "
	    "UNION ALL SELECT 1 FROM fact WHERE format('fact:%016x', id) = "
	    ":id LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":session", t->session);
	db_int(q, ":named", t->kind == THING_SESSION ||
	    t->kind == THING_VARIABLE);
	db_text(q, ":id", t->id);
	if (ulid_parse(t->id, raw))
		db_blob(q, ":raw", raw, sizeof raw);
	return db_first(q, &n, e);
}

static int
ask_id(struct ask *a, const struct thing *t, struct err *e)
{
	int r;

	if (world_may(a->w, &a->by, t))
		return 0;
	a->w->i->sums.tried++;
	if ((r = answer(by_id(a, t, e), e)) != 1 ||
	    (r = here_too(a, t, e)) != 0)
		return r < 0 ? -1 : 0;
	a->w->i->sums.tried--;	/* counted when it is told */
	return looked(a, "id", t, e);
}

/* --- by words ---------------------------------------------------------- */

static enum thing_kind
kind_of_hit(const char *source)
{
	return str_eq(source, "event") ? THING_EVENT :
	    str_eq(source, "toc") ? THING_SEGMENT :
	    str_eq(source, "grip") ? THING_GRIP :
	    str_eq(source, "fact") ? THING_FACT :
	    str_eq(source, "artifact") ? THING_ARTIFACT :
	    str_eq(source, "session") ? THING_SESSION : THING_RECORD;
}

/* What is not among the things says itself whose it is; where it says so. */
static int
hit(void *arg, json_t *o, struct err *e)
{
	struct ask *a = arg;
	const char *id = "", *source = "", *user = NULL, *session = NULL,
	    *level = NULL;
	const struct thing *known;
	json_int_t at = 0;
	struct thing t;

	json_unpack(o, "{s:s, s:s, s?{s?s, s?s, s?s, s?I}}", "id", &id,
	    "source", &source, "record", "user", &user, "session_id",
	    &session, "level", &level, "timestamp", &at);
	t = (struct thing){ .kind = kind_of_hit(source),
	    .tenant = a->by.tenant, .id = (char *)id, .user = (char *)user,
	    .session = (char *)session, .start_ms = at, .end_ms = at + 1 };
	known = world_find(a->w, a->by.tenant, t.kind, id);
	if (known != NULL && (user == NULL || str_eq(user, known->user)))
		return looked(a, "search", known, e);
	if (level != NULL && strcmp(level, "segment") != 0) {
		/* of the reader's own, or of nobody he knows of */
		t.kind = THING_PERIOD;
		t.user = (char *)a->by.user;
		return looked(a, "search", &t, e);
	}
	if (user == NULL || session == NULL || t.kind != THING_EVENT)
		return 0;
	return looked(a, "search", &t, e);
}

static int
search(struct ask *a, struct searcher *sr, const char *words, struct err *e)
{
	struct search s = { .mode = SEARCH_TEXT, .limit = 200, .sources =
	    (1U << SOURCE_EVENT) | (1U << SOURCE_TOC) | (1U << SOURCE_GRIP) |
	    (1U << SOURCE_FACT) | (1U << SOURCE_OWN) |
	    (1U << SOURCE_ARTIFACT) };
	const struct language *language;
	struct query q;
	int64_t found;
	int r;

	if (language_configured(a->st, &language, e) < 0)
		return -1;
	query_parse(&q, language, words, strlen(words), date_now());
	query_ready(&q);
	a->w->i->sums.searches++;
	r = searcher_run(sr, &q, &s, hit, a, &found, e);
	query_release(&q);
	return answer(r, e) < 0 ? -1 : 0;
}

/* Words of things that this reader may not see, of one user. */
static int
ask_words(struct ask *a, struct searcher *sr, const struct world_user *of,
    struct err *e)
{
	struct buf b = BUF_INIT;
	const struct thing *t;
	size_t i, n = 0;
	int r = 0;

	for (i = of->first; i < of->end && n < WORDS; i++) {
		t = &a->w->thing[i];
		if (t->word == NULL || world_may(a->w, &a->by, t))
			continue;
		buf_addf(&b, "%s%s", n++ > 0 ? " " : "", t->word);
	}
	if (n > 0)
		r = search(a, sr, b.p, e);
	buf_release(&b);
	return r;
}

/* --- all readers ------------------------------------------------------- */

static int
ask_things(struct ask *a, struct searcher *sr, struct err *e)
{
	const struct world *w = a->w;
	const struct world_user *u;
	size_t t, i, k;

	for (t = 0; t < w->i->tenants->n; t++)
		for (k = 0; k < w->tenant[t].users; k++) {
			u = &w->tenant[t].user[k];
			if (t == a->by.tenant && a->by.session == NULL &&
			    str_eq(u->name, a->by.user))
				continue;
			for (i = u->first; i < u->end; i++)
				if (ask_id(a, &w->thing[i], e) < 0)
					return -1;
			if (ask_words(a, sr, u, e) < 0)
				return -1;
		}
	return 0;
}

static int
ask_as(struct world *w, size_t tenant, const char *user, const char *session,
    struct err *e)
{
	struct ask a = { .w = w, .by = { tenant, user, session } };
	struct searcher *sr;
	int r;

	if (isolation_open(&a.st, w->i, w->tenant[tenant].name, user, e) < 0)
		return -1;
	access_try(a.st, session);
	sr = searcher_open(a.st);
	r = access_look(a.st, e) < 0 || ask_lists(&a, e) < 0 ||
	    ask_things(&a, sr, e) < 0 ? -1 : 0;
	searcher_close(sr);
	store_close(a.st);
	return r;
}

int
isolation_ask(struct world *w, struct err *e)
{
	struct isolation_sums *sums = &w->i->sums;
	const struct world_user *u;
	size_t t, k, s;

	for (t = 0; t < w->i->tenants->n; t++) {
		sums->tenants++;
		if (w->i->progress != NULL)
			w->i->progress(w->tenant[t].name);
		for (k = 0; k < w->tenant[t].users; k++) {
			u = &w->tenant[t].user[k];
			sums->users++;
			if (ask_as(w, t, u->name, NULL, e) < 0)
				return -1;
			for (s = 0; s < u->sessions.n; s++, sums->sessions++)
				if (ask_as(w, t, u->name, u->sessions.v[s],
				    e) < 0)
					return -1;
		}
	}
	return 0;
}
