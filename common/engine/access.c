#include "engine/access.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/query.h"
#include "memory/session.h"
#include "search/doc.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define NAMES 10000		/* of sessions in one clause; an engine takes
				   65,536 */
#define WINDOWS 150		/* different times of grafts in one filter, of
				   some clauses each; an engine takes 1,024 */

/* --- the filter -------------------------------------------------------- */

static json_t *
exists(const char *field)
{
	return json_pack("{s:{s:s}}", "exists", "field", field);
}

static json_t *
is(const char *field, const char *value)
{
	return engine_clause("term", field, json_string(value));
}

/* Of a user, and this as well; takes over the clause. */
static json_t *
of_user(const struct seen_user *u, json_t *and)
{
	return engine_bool("filter", json_pack("[o, o]",
	    is("user", u->name), and));
}

struct may {
	struct seen *seen;
	size_t who;
	struct seen_user *u;
	enum source source;
	json_t *any;			/* borrowed; one of these must hold */
	json_t *names;			/* own; of sessions that are seen
					   whole, or NULL */
	struct window {
		int64_t since_ms, until_ms;
		json_t *names;		/* own; of sessions that are seen so */
	} *window;			/* own */
	size_t windows, cap, room;	/* at most so many */
	bool loose;			/* there are more */
};

static void
names_end(struct may *m)
{
	if (m->names == NULL)
		return;
	json_array_append_new(m->any, of_user(m->u, engine_clause("terms",
	    "session", m->names)));
	m->names = NULL;
}

static void
add_name(struct may *m, const char *name)
{
	if (m->names == NULL)
		m->names = json_array();
	json_array_append_new(m->names, json_string(name));
	if (json_array_size(m->names) == NAMES)
		names_end(m);
}

static json_t *
range(const char *field, const char *how, int64_t ms)
{
	return engine_clause("range", field, json_pack("{s:I}", how,
	    (json_int_t)ms));
}

static void
window_end(struct may *m, struct window *w)
{
	if (json_array_size(w->names) > 0)
		json_array_append_new(m->any, engine_bool("filter",
		    json_pack("[o, o, o, o]", is("user", m->u->name),
		    engine_clause("terms", "session", w->names),
		    range("ts", "gte", w->since_ms),
		    range(m->source == SOURCE_TOC ? "end" : "ts",
		    m->source == SOURCE_TOC ? "lte" : "lt", w->until_ms))));
	else
		json_decref(w->names);
	w->names = json_array();
}

/* That of a graft; NULL: there is no room for another one. */
static struct window *
window_of(struct may *m, const struct graft *g)
{
	struct window *w;
	size_t i;

	for (i = 0; i < m->windows; i++)
		if (m->window[i].since_ms == g->since_ms &&
		    m->window[i].until_ms == g->until_ms)
			return &m->window[i];
	if (m->windows == m->room)
		return NULL;
	m->window = xgrow(m->window, m->windows, &m->cap, sizeof *w);
	w = &m->window[m->windows++];
	*w = (struct window){ g->since_ms, g->until_ms, json_array() };
	return w;
}

/* Of a session the part that is of a time: what has none is of no part.  Of
 * too many times all of it is asked for, and what comes is looked at. */
static void
add_ranges(struct may *m, const char *name, int64_t row)
{
	struct grafts *g = &m->seen->st->access->grafts;
	size_t i, n, at = grafts_of(g, row, &n);
	struct window *w;

	for (i = at; i < at + n; i++) {
		if (!(g->v[i].kinds & seen_kind(m->source)) ||
		    !graft_counts(&g->v[i]))
			continue;
		if ((w = window_of(m, &g->v[i])) == NULL) {
			m->loose = true;
			add_name(m, name);
			return;
		}
		json_array_append_new(w->names, json_string(name));
		if (json_array_size(w->names) == NAMES)
			window_end(m, w);
	}
}

static bool
has_times(enum source source)
{
	return source == SOURCE_EVENT || source_is_contents(source);
}

static int
add_sessions(struct may *m, struct err *e)
{
	const struct seen_session *s;
	enum seen_part part;
	const char *name;
	size_t i;

	for (i = 0; i < m->u->sessions; i++) {
		s = &m->u->session[i];
		/* the one that the call is bound to, before it is here */
		part = s->row == 0 ? SEEN_ALL : seen_session(m->seen, m->who,
		    m->source, s->row);
		if (part == SEEN_NONE ||
		    (part == SEEN_SOME && !has_times(m->source)))
			continue;
		if ((name = seen_name(m->seen, m->who, i, e)) == NULL)
			return -1;
		if (*name == '\0')		/* it was forgotten */
			continue;
		if (part == SEEN_ALL)
			add_name(m, name);
		else
			add_ranges(m, name, s->row);
	}
	names_end(m);
	return 0;
}

/* Of one user; what is of no session, and of no period, is of the user. */
static int
add_user(struct seen *seen, size_t who, enum source source, json_t *any,
    size_t *room, bool *loose, struct err *e)
{
	struct may m = { .seen = seen, .who = who, .u = seen->user[who],
	    .source = source, .any = any, .room = *room };
	size_t i;
	int r;

	if (m.u->whole) {
		json_array_append_new(any, is("user", m.u->name));
		return 0;
	}
	if (who == 0 && (source == SOURCE_OWN || source == SOURCE_ARTIFACT))
		json_array_append_new(any, of_user(m.u, engine_bool(
		    "must_not", exists("session"))));
	r = add_sessions(&m, e);
	for (i = 0; i < m.windows; i++) {
		window_end(&m, &m.window[i]);
		json_decref(m.window[i].names);
	}
	free(m.window);
	*room -= m.windows;
	*loose |= m.loose;
	return r;
}

static json_t *
of_tenant(void)
{
	return engine_bool("must_not", exists("user"));
}

json_t *
engine_access(struct seen *seen, enum source source, unsigned sources,
    bool *loose, struct err *e)
{
	json_t *any = json_array(), *may;
	size_t who, room = WINDOWS;
	int r = 0;

	if (source_is_fact(source)) {
		if (sources >> SOURCE_FACT & 1)
			json_array_append_new(any, of_tenant());
		source = SOURCE_OWN;
	}
	if (source_is_shared(source))
		json_array_append_new(any, of_tenant());
	else if (source != SOURCE_OWN || sources >> SOURCE_OWN & 1)
		for (who = 0; who < seen->users && r == 0; who++)
			r = add_user(seen, who, source, any, &room, loose, e);
	if (r < 0) {
		json_decref(any);
		return NULL;
	}
	may = json_array_size(any) > 0 ? engine_bool("should", any) :
	    json_pack("{s:{}}", "match_none");
	if (json_array_size(any) == 0)
		json_decref(any);
	return json_pack("{s:{s:[o, o], s:o}}", "bool", "filter",
	    is("source", source_names[source]), may,
	    "must_not", engine_clause("term", "gone", json_true()));
}

/* --- what came back ---------------------------------------------------- */

/* A string, or absent; *bad: anything else, or one that ends before its
 * end. */
static const char *
name(const json_t *o, const char *key, bool *bad)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return NULL;
	if (!json_is_string(v) || strlen(json_string_value(v)) !=
	    json_string_length(v)) {
		*bad = true;
		return NULL;
	}
	return json_string_value(v);
}

/* 1 there, 0 not. */
static int
time_of(const json_t *o, const char *key, int64_t *ms, bool *bad)
{
	const json_t *v = json_object_get(o, key);

	*ms = 0;
	if (v == NULL || json_is_null(v))
		return 0;
	*bad |= !json_is_integer(v);
	*ms = json_integer_value(v);
	*bad |= *ms < DATE_MIN || *ms > DATE_MAX + 1;
	return 1;
}

int
engine_found_read(struct engine_found *d, enum source source, const json_t *o)
{
	bool bad = false, has_end;

	memset(d, 0, sizeof *d);
	if (!json_is_object(o) || !str_eq(name(o, "source", &bad),
	    source_names[source]) || json_is_true(json_object_get(o,
	    "gone")))
		return 0;
	d->user = name(o, "user", &bad);
	d->session = name(o, "session", &bad);
	d->id = name(o, "id", &bad);
	d->within = name(o, "within", &bad);
	d->has_time = time_of(o, "ts", &d->ts_ms, &bad);
	has_end = time_of(o, "end", &d->end_ms, &bad);
	if (json_is_integer(json_object_get(o, "at")))
		d->at_ms = json_integer_value(json_object_get(o, "at"));
	d->row = name(o, "row", &bad);
	d->source = !source_is_fact(source) ? source :
	    d->user != NULL ? SOURCE_OWN : SOURCE_FACT;
	if (bad || d->id == NULL || *d->id == '\0' ||
	    (source_is_shared(d->source) ? d->user != NULL :
	    d->user == NULL))
		return 0;
	if ((has_times(d->source) && !d->has_time) ||
	    (d->source == SOURCE_TOC && (!has_end || d->end_ms < d->ts_ms)))
		return 0;
	/* of none only what may be of none */
	return d->session != NULL || !(d->source == SOURCE_EVENT ||
	    d->source == SOURCE_GRIP);
}

static bool
find_user(const struct seen *s, const char *user, size_t *who)
{
	for (*who = 0; *who < s->users; ++*who)
		if (strcmp(s->user[*who]->name, user) == 0)
			return true;
	return false;
}

/* The row of a session of which something is seen; 0 there is none. */
static int
find_session(struct seen *s, size_t who, const char *session, int64_t *row,
    struct err *e)
{
	struct seen_user *u = s->user[who];
	int64_t at;
	size_t i;

	*row = 0;
	if (session_row_of(&u->in.st, u->user, session, false, &at, e) < 0)
		return -1;
	for (i = 0; at != 0 && i < u->sessions; i++)
		if (u->session[i].row == at)
			*row = at;
	return 0;
}

int
engine_may(struct seen *s, const struct engine_found *d, size_t *who,
    const struct graft **by, struct err *e)
{
	int64_t start = d->ts_ms, end = d->end_ms, row = 0;

	*who = 0;
	*by = NULL;
	if (source_is_shared(d->source))
		return 1;
	if (!find_user(s, d->user, who))
		return 0;
	if (s->user[*who]->whole)
		return 1;
	if (d->session != NULL) {
		if (*who == 0 && str_eq(d->session, s->st->session))
			return 1;
		if (find_session(s, *who, d->session, &row, e) < 0)
			return -1;
		if (row == 0)
			return 0;
	}
	if (!has_times(d->source)) {
		start = DATE_MIN;
		end = DATE_MAX + 1;
	} else if (d->source != SOURCE_TOC)
		end = start + 1;
	return seen_row(s, *who, d->source, row, start, end, by);
}
