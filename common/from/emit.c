/*
 * From messages to records.  Ids come from the store's rule (time, user,
 * session, role, source_id), so that the same transcript read twice gives
 * the same events, wherever it lies.
 *
 * The parts of a message, and messages that bear the same time, are kept in
 * order by the number behind "#" in source_id.  It depends on their place
 * in the source alone, never on what was dropped: options must not change
 * ids.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/ulid.h"
#include "store/name.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANTS_MAX 10		/* texts under one id */
#define TITLES_MAX 4096		/* held at once */
#define FUTURE_MS INT64_C(300000)	/* clocks differ by less */

/* Numbers are seconds, or by their size milli-, micro- or nanoseconds. */
static int
number_time(double v, int64_t *ms)
{
	double a = fabs(v);

	if (a >= 1e17)
		v /= 1e6;
	else if (a >= 1e14)
		v /= 1e3;
	else if (a < 1e11)
		v *= 1e3;
	if (!(v >= 1 && v <= (double)DATE_MAX))
		return 0;
	*ms = (int64_t)floor(v + 0.5);
	return 1;
}

int
from_time(const json_t *v, int64_t *ms)
{
	int64_t t;

	if (json_is_number(v))
		return number_time(json_number_value(v), ms);
	/* zero times (year 1, 1970) are what programs write for "none" */
	if (!json_is_string(v) || !date_machine(json_string_value(v), &t) ||
	    t <= 0)
		return 0;
	*ms = t;
	return 1;
}

void
from_when(struct from *f, struct from_msg *m, const json_t *v)
{
	int64_t t;

	m->guessed = !from_time(v, &t);
	if (!m->guessed || f->src_ms == 0)
		f->src_invented = false;
	if (m->guessed) {
		if (f->src_ms != 0)
			t = f->src_ms;
		else if (f->start_ms != 0)
			t = f->start_ms;
		else if (f->o.at_ms != 0)
			t = f->o.at_ms;
		else {
			t = f->src.mtime_ms;
			f->src_invented = true;
		}
	}
	m->invented = f->src_invented;
	if (t != f->src_ms)
		f->parts = 0;
	f->src_ms = m->ts_ms = t;
	m->first = f->parts;
}

static void
put(json_t *o, const char *key, const char *value)
{
	if (value != NULL && *value != '\0')
		json_object_set_new(o, key, json_string(value));
}

int
from_emit_text(struct from *f, const char *p, size_t len, struct err *e)
{
	json_t *rec;
	int r;

	if (f->sink.text != NULL)
		return f->sink.text(f->sink.arg, p, len, e);
	if ((rec = json_read(p, len, e)) == NULL)
		return -1;
	r = f->sink.emit(f->sink.arg, rec, e);
	json_decref(rec);
	return r;
}

int
from_record(struct from *f, const json_t *rec, struct err *e)
{
	if (f->sink.emit(f->sink.arg, rec, e) < 0)
		return -1;
	f->counts.total++;
	f->counts.valid++;
	return 0;
}

static const char *
agent_of(const struct from *f, const struct from_msg *m)
{
	return m->agent != NULL ? m->agent : f->format->agent;
}

int
from_session(struct from *f, const struct from_msg *m, const char *title,
    struct err *e)
{
	const char *agent = agent_of(f, m);
	json_t *o, *vars;
	struct err ignored;	/* from_event counts it */
	int r = 0;

	if (title != NULL && *title == '\0')
		title = NULL;
	if (name_check("session_id", m->session, &ignored) < 0)
		return 0;
	if (f->mute || (agent == NULL && title == NULL && m->cwd == NULL &&
	    m->parent == NULL) || from_seen_put(&f->seen,
	    from_hash("session", m->session, title != NULL ? title : "",
	    (char *)NULL)))
		return 0;
	o = json_object();
	put(o, "type", "session");
	put(o, "session_id", m->session);
	put(o, "agent", agent);
	put(o, "title", title);
	vars = json_object();
	put(vars, "cwd", m->cwd);
	put(vars, "parent_session", m->parent);
	if (json_object_size(vars) > 0)
		json_object_set(o, "variables", vars);
	json_decref(vars);
	r = from_record(f, o, e);
	json_decref(o);
	if (title != NULL)	/* it need not be told without one too */
		from_seen_put(&f->seen, from_hash("session", m->session, "",
		    (char *)NULL));
	return r;
}

void
from_title(struct from *f, const char *session, int rank, const char *title)
{
	union map_value *v;
	struct buf b = BUF_INIT;
	int made;

	if (*title == '\0' || f->mute)
		return;
	if (f->titles.n >= TITLES_MAX && !map_get(&f->titles, session)) {
		from_drop(f, "one title too many");
		return;
	}
	v = map_put(&f->titles, session, &made);
	if (!made && *(char *)v->p > '0' + rank)
		return;
	free(v->p);
	buf_addc(&b, '0' + rank);
	buf_adds(&b, title);
	v->p = buf_steal(&b);
}

int
from_titles_tell(struct from *f, struct err *e)
{
	struct from_msg m = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; i < f->titles.n && r == 0; i++) {
		m.session = f->titles.e[i].key;
		r = from_session(f, &m, (char *)f->titles.e[i].v.p + 1, e);
	}
	from_titles_release(f);
	return r;
}

void
from_titles_release(struct from *f)
{
	size_t i;

	for (i = 0; i < f->titles.n; i++)
		free(f->titles.e[i].v.p);
	map_release(&f->titles);
}

/* The first time that a session is met in a source. */
static int
announce(struct from *f, const struct from_msg *m, struct err *e)
{
	if (f->announced != NULL && strcmp(f->announced, m->session) == 0)
		return 0;
	free(f->announced);
	f->announced = xstrdup(m->session);
	return from_session(f, m, NULL, e);
}

/* Clean the text of a part; false: nothing of it is left. */
static bool
clean(struct from *f, const struct from_msg *m, const struct from_part *p,
    const char **text, size_t *len)
{
	size_t n;

	*text = p->text;
	*len = p->len;
	if (p->role == ROLE_USER && !m->by_agent && !m->verbatim &&
	    (n = from_preamble(*text, *len)) > 0) {
		if (n == *len) {
			from_drop(f, "injected text");
			return false;
		}
		from_note(f, "injected text before a message");
		*text += n;
		*len -= n;
	}
	buf_reset(&f->text);
	if (from_unescape(&f->text, *text, *len)) {
		*text = f->text.p;
		*len = f->text.len;
	}
	for (n = 0; n < *len && strchr(" \t\r\n", (*text)[n]) != NULL; n++)
		;
	if (n < *len)
		return true;
	from_drop(f, "empty");
	return false;
}

static json_t *
metadata(const struct from_msg *m, const struct from_part *p,
    const char *source_id)
{
	json_t *o = json_object();

	put(o, "source_id", source_id);
	put(o, "message_id", m->message_id);
	put(o, "author", m->author);
	put(o, "model", p->role == ROLE_ASSISTANT ? m->model : NULL);
	put(o, "cwd", m->cwd);
	put(o, "git_branch", m->git_branch);
	put(o, "parent_session", m->parent);
	put(o, "attachment", m->attachment);
	put(o, "tool_name", p->tool);
	put(o, "tool_use_id", p->tool_id);
	put(o, "exit_code", p->exit_code);
	if (p->is_error >= 0)
		put(o, "is_error", p->is_error ? "true" : "false");
	put(o, "thinking", p->thinking ? "true" : NULL);
	put(o, "branch", m->branch);
	put(o, "rewound_to", m->rewound_to);
	put(o, "time", m->guessed ? "guessed" : NULL);
	if (m->more != NULL)
		json_object_update_missing(o, m->more);
	return o;
}

/*
 * An id for an event whose time was taken from the file: the file's time
 * may be another one tomorrow, and the id must not be.
 */
static void
fixed_id(char out[ULID_LEN + 1], const struct from_msg *m,
    const struct from_part *p, const char *text, const char *source_id)
{
	int n = m->first + p->no;
	uint64_t h = from_hash("memkit-from-1", m->session,
	    event_roles[p->role], source_id != NULL ? source_id : text,
	    (char *)NULL);
	uint8_t rest[10];
	int i;

	if (n > UINT16_MAX)
		n = UINT16_MAX;
	rest[0] = (uint8_t)(n >> 8);
	rest[1] = (uint8_t)n;
	for (i = 0; i < 8; i++)
		rest[2 + i] = (uint8_t)(h >> (8 * i));
	ulid_format(out, 0, rest);
}

static json_t *
event_object(struct from *f, const struct from_msg *m,
    const struct from_part *p, const char *text, size_t len,
    const char *source_id)
{
	json_t *o = json_object(), *meta;
	char id[ULID_LEN + 1];

	put(o, "type", "event");
	if (m->invented) {
		fixed_id(id, m, p, text, source_id);
		put(o, "event_id", id);
	}
	put(o, "session_id", m->session);
	json_object_set_new(o, "timestamp", json_integer(m->ts_ms));
	put(o, "event_type", event_types[p->type]);
	put(o, "role", event_roles[p->role]);
	json_object_set_new(o, "text", json_stringn(text, len));
	meta = metadata(m, p, source_id);
	if (json_object_size(meta) > 0)
		json_object_set(o, "metadata", meta);
	json_decref(meta);
	put(o, "agent", agent_of(f, m));
	return o;
}

/* "uuid", "uuid~2" for another text under that id, "uuid#1" for what is not
 * the first thing said at its time. */
static void
make_source_id(struct buf *b, const struct from_msg *m,
    const struct from_part *p, int variant)
{
	int n = m->first + p->no;

	buf_adds(b, m->id);
	if (variant > 1)
		buf_addf(b, "~%d", variant);
	if (n > 0)
		buf_addf(b, "#%d", n);
}

/*
 * Which text under its id it is, from 1; 0: it is a copy of one that was
 * read.  An id that comes again with another text must be told apart, or
 * the store would refuse it.
 */
static int
find_variant(struct from *f, const struct from_msg *m,
    const struct from_part *p, const char *text)
{
	const char *role = event_roles[p->role];
	const char *session = m->global ? "" : m->session;
	char no[32];
	int n;

	for (n = 1; n < VARIANTS_MAX; n++) {
		snprintf(no, sizeof no, "%d~%d", p->no +
		    (m->by_time ? m->first : 0), n);
		if (from_seen_put(&f->seen, from_hash("event", session, role,
		    m->id, no, text, (char *)NULL)))
			return 0;
		if (!from_seen_put(&f->seen, from_hash("id", m->session, role,
		    m->id, no, (char *)NULL)))
			break;
	}
	if (n > 1)
		from_note(f, "id of another text");
	return n;
}

int
from_event(struct from *f, const struct from_msg *m,
    const struct from_part *p, struct err *e)
{
	struct buf source_id = BUF_INIT;
	const char *text;
	struct err bad;
	size_t len;
	json_t *o;
	int r = 0, variant = 1;

	if (f->stop)
		return 0;
	if (m->first + p->no >= f->parts)
		f->parts = m->first + p->no + 1;
	if (m->session == NULL ||
	    name_check("session_id", m->session, &bad) < 0) {
		from_skip(f, m->session == NULL ? "no session id" :
		    "session id that is no name");
		return 0;
	}
	if (p->thinking && !f->o.thinking) {
		from_drop(f, "thinking");
		return 0;
	}
	if (!clean(f, m, p, &text, &len))
		return 0;
	if (m->ts_ms < f->o.since_ms || m->ts_ms >= f->o.until_ms) {
		from_drop(f, "outside the time asked for");
		return 0;
	}
	if (m->id != NULL && (variant = find_variant(f, m, p, text)) == 0) {
		from_drop(f, "copy of one that was read");
		return 0;
	}
	if (!f->mute && (r = announce(f, m, e)) == 0) {
		if (m->ts_ms > f->now_ms + FUTURE_MS)
			from_note(f, "time in the future");
		if (m->guessed)
			from_note(f, "time guessed");
		if (m->id != NULL)
			make_source_id(&source_id, m, p, variant);
		o = event_object(f, m, p, text, len,
		    m->id != NULL ? source_id.p : NULL);
		r = from_record(f, o, e);
		json_decref(o);
		f->events++;
		f->stop = f->o.limit > 0 && f->events >= f->o.limit;
	}
	buf_release(&source_id);
	return r;
}
