#include "memory/live_put.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "memory/fact.h"
#include "memory/grip.h"
#include "memory/processor.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN (PROCESSOR_ONE / 20)	/* surer for each time */
#define AGAIN_MOST 3
#define SURE_MAX (PROCESSOR_ONE * 95 / 100)

/* What is said, in the form in which it is compared and stored. */
struct said {
	const struct event *ev;
	const struct live_find *f;
	struct buf value, other;	/* folded */
	struct buf key;
	struct buf content;
};

static double
as_real(int64_t n)
{
	return (double)n / PROCESSOR_ONE;
}

/* --- bodies ------------------------------------------------------------ */

static json_t *
span_json(const struct said *s, int hole)
{
	const struct live_span *x = &s->f->m.hole[hole];

	return json_stringn(s->ev->text + x->at, x->len);
}

static json_t *
grip_of(const struct said *s)
{
	struct grip g = { .ts_ms = s->ev->ts_ms, .off = (int64_t)s->f->at,
	    .len = (int64_t)s->f->len };
	char id[GRIP_ID_LEN];

	ulid_parse(s->ev->id, g.event);
	memcpy(g.first, g.event, sizeof g.first);
	memcpy(g.last, g.event, sizeof g.last);
	grip_make(&g);
	grip_id(&g, id);
	return json_pack("{s:s, s:s, s:s, s:I, s:I}", "grip_id", id,
	    "event_id", s->ev->id, "session_id", s->ev->session, "offset",
	    (json_int_t)g.off, "length", (json_int_t)g.len);
}

static json_t *
steps_of(const struct live_find *f)
{
	json_t *steps = json_array();
	size_t i;

	for (i = 0; i < f->parts; i++)
		json_array_append_new(steps, json_pack("{s:s, s:f}", "why",
		    f->part[i].why, "add", as_real(f->part[i].add)));
	return steps;
}

static json_t *
body_of(const struct said *s)
{
	const struct live_rule *rule = s->f->rule;
	json_t *o, *meta;

	meta = json_pack("{s:s, s:s, s:s, s:o, s:s, s:[s], s:[o], s:I}",
	    "processor", "live", "extraction_type", rule->kind, "rule",
	    rule->name, "value", span_json(s, LIVE_VALUE), "value_key",
	    s->value.p, "source_event_ids", s->ev->id, "grips", grip_of(s),
	    "ltm_extracted_at", (json_int_t)date_now());
	if (s->other.len > 0)
		json_object_set_new(meta, "other_key",
		    json_string(s->other.p));
	o = json_pack("{s:s, s:[s, s], s:s, s:o, s:o}", "content",
	    s->content.p, "tags", rule->kind, "source:live", "key", s->key.p,
	    "metadata", meta, "steps", steps_of(s->f));
	if (s->f->session)
		json_object_set_new(o, "session",
		    json_string(s->ev->session));
	return o;
}

/* --- versions ---------------------------------------------------------- */

/* The version that counts; its body is the caller's to release, and its
 * session is in it.  1, 0 there is none. */
static int
newest(struct store *st, int64_t id, struct fact *f, struct err *e)
{
	struct db_query *q;
	const char *body;
	int r;

	memset(f, 0, sizeof *f);
	if ((q = db_sql(st->db, e, "SELECT seq, version, scope, user, "
	    "valid_from, gone, pin, confidence, body FROM fact WHERE id = :id "
	    "ORDER BY version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		f->id = id;
		f->seq = db_get_int(q, 0);
		f->version = db_get_int(q, 1);
		f->scope = (enum fact_scope)db_get_int(q, 2);
		f->user_id = db_get_int(q, 3);
		f->valid_from_ms = db_get_int(q, 4);
		f->valid_until_ms = INT64_MAX;
		f->gone = db_get_int(q, 5);
		f->pin = db_get_int(q, 6);
		f->confidence = db_get_real(q, 7);
		body = db_get_text(q, 8);
		f->body = json_read(body, strlen(body), e);
		if (f->body == NULL)
			r = -1;
		else
			f->session = get_str(f->body, "session", NULL);
	}
	db_end(q);
	return r;
}

static bool
rests_on(const struct fact *f, const char *event)
{
	const json_t *ids = get_path(f->body, "metadata.source_event_ids");
	size_t i;
	json_t *v;

	json_array_foreach(ids, i, v)
		if (str_eq(json_string_value(v), event))
			return true;
	return false;
}

/* Does the fact know better than what was said then? */
static bool
is_late(const struct fact *f, const struct event *ev)
{
	const json_t *ids;
	const char *last;

	if (f->valid_from_ms != ev->ts_ms)
		return f->valid_from_ms > ev->ts_ms;
	/* of one time, the later id is the later turn */
	ids = get_path(f->body, "metadata.source_event_ids");
	last = json_string_value(json_array_get(ids, json_array_size(ids) - 1));
	return last == NULL || strcmp(last, ev->id) >= 0;
}

static int
put(struct live_put *w, struct fact *before, struct fact *f,
    const struct event *ev, struct err *e)
{
	enum ltm_change change = f->gone ? LTM_RETRACT :
	    before == NULL || before->gone ? LTM_INSERT : LTM_UPDATE;

	if (fact_put_at(w->st, f, ev->ts_ms, e) < 0)
		return -1;
	if (change == LTM_INSERT)
		w->sums->inserted++;
	else if (change == LTM_UPDATE)
		w->sums->updated++;
	else
		w->sums->retracted++;
	return w->how->changed == NULL ? 0 : w->how->changed(w->how->arg,
	    change, before != NULL && !before->gone ? before : NULL, f, e);
}

/* What was said before, again: surer, up to a bound. */
static bool
say_again(struct fact *out, const struct live_find *f,
    const struct fact *before)
{
	int64_t said = 1;
	json_t *meta = json_object_get(out->body, "metadata");
	int sure;

	get_int(json_object_get(before->body, "metadata"), "said", &said);
	if (said > AGAIN_MOST)
		return false;
	json_object_set_new(meta, "said", json_integer(said + 1));
	json_array_append_new(json_object_get(out->body, "steps"),
	    json_pack("{s:s, s:f}", "why", "it was said before", "add",
	    as_real(said * AGAIN)));
	sure = f->sure + (int)said * AGAIN;
	out->confidence = as_real(sure < SURE_MAX ? sure : SURE_MAX);
	return true;
}

static int
tell(struct live_put *w, const struct said *s, struct err *e)
{
	bool session = s->f->session;
	struct fact before, f = { .scope = session ? FACT_SESSION : FACT_USER,
	    .user_id = w->st->user_id, .session = session ? s->ev->session :
	    NULL, .valid_until_ms = INT64_MAX,
	    .confidence = as_real(s->f->sure) };
	bool again = true;
	int r;

	f.id = fact_id_said(f.scope, w->st->user, session ? s->ev->session :
	    "", s->key.p, NULL);
	if ((r = newest(w->st, f.id, &before, e)) < 0)
		return -1;
	f.body = body_of(s);
	if (r == 1 && (is_late(&before, s->ev) || rests_on(&before,
	    s->ev->id)))
		again = false;
	else if (r == 1 && !before.gone && str_eq(get_str(before.body,
	    "content", NULL), s->content.p))
		again = say_again(&f, s->f, &before);
	if (again)
		r = put(w, r == 1 ? &before : NULL, &f, s->ev, e);
	else {
		w->sums->late++;
		r = 0;
	}
	json_decref(before.body);
	json_decref(f.body);
	return r;
}

/* --- others that it touches -------------------------------------------- */

enum member { BY_VALUE, BY_OTHER };

/* Ids of facts of the user (in a session, also of that) with this value. */
static int
find_valued(struct live_put *w, const struct said *s, enum member by,
    const char *value, int64_t **ids, size_t *n, struct err *e)
{
	struct db_query *q;
	size_t cap = 0;
	int r;

	*ids = NULL;
	*n = 0;
	if ((q = db_sql(w->st->db, e, "SELECT id FROM fact WHERE user = :user "
	    "AND job = 0 AND valid_until IS NULL AND gone = 0 AND "
	    "(scope = 1 OR session = :session) AND "
	    /* most are not parsed */
	    "instr(body, CASE :by WHEN 0 THEN '\"value_key\":' ELSE "
	    "'\"other_key\":' END || json_quote(:value)) > 0 AND "
	    "json_extract(body, '$.metadata.processor') = 'live' AND "
	    "json_extract(body, CASE :by WHEN 0 THEN '$.metadata.value_key' "
	    "ELSE '$.metadata.other_key' END) = :value AND (:by = 0 OR "
	    "json_extract(body, '$.metadata.extraction_type') = :kind) "
	    "ORDER BY id")) == NULL)
		return -1;
	db_text(q, ":kind", s->f->rule->kind);
	db_int(q, ":user", w->st->user_id);
	db_text(q, ":session", s->ev->session);
	db_int(q, ":by", by);
	db_text(q, ":value", value);
	while ((r = db_row(q, e)) == 1) {
		*ids = xgrow(*ids, *n, &cap, sizeof **ids);
		(*ids)[(*n)++] = db_get_int(q, 0);
	}
	db_end(q);
	return r;
}

static void
rest_also_on(struct fact *f, const struct said *s)
{
	json_t *meta = json_object_get(f->body, "metadata");

	json_array_append_new(json_object_get(meta, "source_event_ids"),
	    json_string(s->ev->id));
	json_array_append_new(json_object_get(meta, "grips"), grip_of(s));
}

/* The old value in the sentence becomes the new one. */
static void
replace_value(struct fact *f, const struct said *s)
{
	json_t *meta = json_object_get(f->body, "metadata");
	const char *old = get_str(meta, "value", NULL), *at;
	const char *content = get_str(f->body, "content", NULL);
	const struct live_span *x = &s->f->m.hole[LIVE_VALUE];
	struct buf b = BUF_INIT;

	if (old != NULL && content != NULL &&
	    (at = strstr(content, old)) != NULL) {
		buf_add(&b, content, (size_t)(at - content));
		buf_add(&b, s->ev->text + x->at, x->len);
		buf_adds(&b, at + strlen(old));
		json_object_set_new(f->body, "content", json_string(b.p));
	}
	buf_release(&b);
	json_object_set_new(meta, "value", span_json(s, LIVE_VALUE));
	json_object_set_new(meta, "value_key", json_string(s->value.p));
}

/* Ends a fact, or gives it the new value: 1 done, 0 it knows better. */
static int
change_one(struct live_put *w, const struct said *s, int64_t id, bool correct,
    struct err *e)
{
	struct fact before, f;
	int r;

	if ((r = newest(w->st, id, &before, e)) <= 0)
		return r;
	r = 0;
	if (!is_late(&before, s->ev) && !rests_on(&before, s->ev->id)) {
		f = before;
		f.body = json_deep_copy(before.body);
		f.session = get_str(f.body, "session", NULL);
		rest_also_on(&f, s);
		if (correct)
			replace_value(&f, s);
		else {
			f.gone = true;
			json_object_set_new(f.body, "reason", json_string(
			    "the user said that it holds no more"));
		}
		r = put(w, &before, &f, s->ev, e) < 0 ? -1 : 1;
		json_decref(f.body);
	}
	json_decref(before.body);
	return r;
}

/* All of this value but the one of the key: how many were changed; -1. */
static int
change_valued(struct live_put *w, const struct said *s, enum member by,
    const char *value, bool correct, struct err *e)
{
	int64_t *ids, but = fact_id_said(FACT_USER, w->st->user, "", s->key.p,
	    NULL);
	size_t n, i;
	int r, done = 0;

	r = find_valued(w, s, by, value, &ids, &n, e);
	for (i = 0; r >= 0 && i < n; i++)
		if (ids[i] != but || s->f->rule->does == LIVE_ENDS) {
			r = change_one(w, s, ids[i], correct, e);
			done += r == 1;
		}
	free(ids);
	return r < 0 ? -1 : done;
}

static int
by_rule(struct live_put *w, const struct said *s, struct err *e)
{
	int r;

	switch (s->f->rule->does) {
	case LIVE_ENDS:
		return change_valued(w, s, BY_VALUE, s->value.p, false, e);
	case LIVE_CORRECTS:
		r = change_valued(w, s, BY_VALUE, s->other.p, true, e);
		return r != 0 ? r : tell(w, s, e);
	case LIVE_TELLS:
		break;
	}
	/* what was the lesser one is preferred now */
	if (!s->f->session && change_valued(w, s, BY_OTHER, s->value.p, false,
	    e) < 0)
		return -1;
	return tell(w, s, e);
}

int
live_put(struct live_put *w, const struct event *ev,
    const struct live_find *f, struct err *e)
{
	const struct live_span *v = &f->m.hole[LIVE_VALUE];
	const struct live_span *o = &f->m.hole[LIVE_OTHER];
	struct said s = { .ev = ev, .f = f, .value = BUF_INIT,
	    .other = BUF_INIT, .key = BUF_INIT, .content = BUF_INIT };
	int r;

	live_fold(&s.value, ev->text + v->at, v->len);
	live_fold(&s.other, ev->text + o->at, o->len);
	if (f->rule->key != NULL)
		live_fill(&s.key, f->rule->key, ev->text, &f->m, true);
	if (f->rule->content != NULL)
		live_fill(&s.content, f->rule->content, ev->text, &f->m,
		    false);
	r = by_rule(w, &s, e) < 0 ? -1 : 0;
	buf_release(&s.value);
	buf_release(&s.other);
	buf_release(&s.key);
	buf_release(&s.content);
	return r;
}
