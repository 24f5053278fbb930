#include "admin/redacting.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "artifact/artifact_merge.h"
#include "artifact/artifact_own.h"
#include "memory/event.h"
#include "memory/hold.h"
#include "memory/record_row.h"
#include "text/redact_mask.h"
#include "text/redact.h"
#include "ingest/redacted.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 100		/* rows in one transaction */

struct work {
	struct store *st;
	const struct redacting_how *how;
	struct redacting_sums *sums;
	struct redact *rules;		/* own */
	int64_t session;		/* row; 0: all */
	int64_t user;			/* row; 0: all */
	struct buf todo;		/* own; rows, int64_t each */
};

/* --- a text, a value --------------------------------------------------- */

static void
count(struct work *w, const char *was, size_t was_len, const char *is,
    size_t is_len)
{
	mask_count(&w->sums->kinds, was, was_len, -1);
	mask_count(&w->sums->kinds, is, is_len, 1);
}

/* JSON anew, keys sorted: 1 it lost something, 0 not. */
static int
redact_object(struct work *w, const char *p, size_t len, struct buf *out)
{
	struct err ignored;	/* it was JSON when it came */
	json_t *o = json_read(p, len, &ignored);
	int n;

	if (o == NULL)
		return redact_text(w->rules, out, p, len) > 0;
	if ((n = redact_json(w->rules, o)) > 0)
		json_sorted(out, o);
	json_decref(o);
	return n > 0;
}

/* A value is judged with its name. */
static int
redact_named(struct work *w, const char *name, const char *value,
    struct buf *out)
{
	struct err ignored;
	json_t *o, *v = json_read(value, strlen(value), &ignored);
	int n;

	if (v == NULL)
		return redact_text(w->rules, out, value, strlen(value)) > 0;
	o = json_object();
	json_object_set_new(o, name, v);
	if ((n = redact_json(w->rules, o)) > 0)
		json_sorted(out, json_object_get(o, name));
	json_decref(o);
	return n > 0;
}

/* Is a session on hold?  1 then it is told, and the row stays. */
static int
is_held(struct work *w, int64_t session, const char *name, struct err *e)
{
	int r = session != 0 ? hold_has(w->st, session, e) : 0;

	if (r == 1) {
		w->sums->held++;
		if (w->how->held != NULL)
			w->how->held(w->how->arg, name);
	}
	return r;
}

/* --- events ------------------------------------------------------------ */

struct both {
	struct buf text, rest;
};

/* What is left of an event: 1 it lost something. */
static int
redact_event(struct work *w, const struct event *ev, struct both *b)
{
	int n;

	buf_reset(&b->text);
	buf_reset(&b->rest);
	n = redact_text(w->rules, &b->text, ev->text, ev->text_len) > 0;
	if (n == 0)
		buf_add(&b->text, ev->text, ev->text_len);
	if (ev->rest_len > 0 && redact_object(w, ev->rest, ev->rest_len,
	    &b->rest))
		n = 1;
	else if (ev->rest_len > 0)
		buf_add(&b->rest, ev->rest, ev->rest_len);
	return n;
}

/* The id that it would be given now, where it has one that was made of its
 * text: 1. */
static int
id_of_today(const struct event *ev, const char *text, char id[ULID_LEN + 1])
{
	struct event was = *ev, is;
	const json_t *source;
	struct err ignored;
	json_t *rest = NULL;
	int r;

	if (ev->rest_len > 0)
		rest = json_read(ev->rest, ev->rest_len, &ignored);
	source = get_path(rest, "metadata.source_id");
	was.source_id = json_string_value(source);
	is = was;
	is.text = text;
	event_make_id(&was, ev->user);
	event_make_id(&is, ev->user);
	r = strcmp(was.id, ev->id) == 0 && strcmp(is.id, ev->id) != 0;
	if (r == 1)
		memcpy(id, is.id, sizeof is.id);
	json_decref(rest);
	return r;
}

static int
apply_event(struct work *w, const struct event *ev, struct both *b,
    struct err *e)
{
	char *mine = w->st->user, *user = (char *)ev->user;
	int64_t my_id = w->st->user_id;
	char also[ULID_LEN + 1];
	struct event now = *ev;
	int r;

	now.text = b->text.p;
	now.text_len = b->text.len;
	now.rest = b->rest.len > 0 ? b->rest.p : NULL;
	now.rest_len = b->rest.len;
	/* what a user has is found by who the store is open for */
	w->st->user = user;
	w->st->user_id = 0;
	r = redacted_mark(w->st, ev->id, id_of_today(ev, b->text.p, also) ?
	    also : NULL, e);
	if (r >= 0)
		r = redacted_event(w->st, ev->seq, &now, e);
	w->st->user = mine;
	w->st->user_id = my_id;
	return r;
}

static int
one_event(struct work *w, int64_t seq, struct err *e)
{
	struct both b = { BUF_INIT, BUF_INIT };
	struct event_iter *it = NULL;
	struct event *ev = NULL;
	const struct event *shown;
	int r;

	/* it may have gone since, or have been somebody's who was quicker */
	if ((r = event_get_any(&it, w->st, seq, &shown, e)) == 1) {
		ev = event_dup(shown);
		event_rest(it);
		r = redact_event(w, ev, &b);
	}
	if (r == 1 && (r = is_held(w, ev->session_seq, ev->session, e)) == 0) {
		count(w, ev->text, ev->text_len, b.text.p, b.text.len);
		count(w, ev->rest, ev->rest_len, b.rest.p, b.rest.len);
		w->sums->events++;
		r = apply_event(w, ev, &b, e);
	}
	event_close(it);
	free(ev);
	buf_wipe(&b.text);
	buf_wipe(&b.rest);
	return r < 0 ? -1 : 0;
}

/* All rows that have one; then they are done, in batches. */
static int
find_events(struct work *w, struct err *e)
{
	struct both b = { BUF_INIT, BUF_INIT };
	struct event_iter *it = NULL;
	const struct event *ev;
	struct db_query *q;
	int64_t seq;
	int r;

	if ((q = db_sql(w->st->db, e, "SELECT seq FROM event INDEXED BY "
	    "event_key WHERE ts >= :since AND ts < :until AND "
	    "(:session = 0 OR session = :session) AND (:user = 0 OR "
	    "user = :user) ORDER BY user, ts, id")) == NULL)
		return -1;
	db_int(q, ":since", w->how->since_ms);
	db_int(q, ":until", w->how->until_ms);
	db_int(q, ":session", w->session);
	db_int(q, ":user", w->user);
	while ((r = db_row(q, e)) == 1) {
		seq = db_get_int(q, 0);
		if ((r = event_get_any(&it, w->st, seq, &ev, e)) < 0)
			break;
		if (r == 0)
			continue;
		if (redact_event(w, ev, &b))
			buf_add(&w->todo, &seq, sizeof seq);
		if (++w->sums->looked_at % 1000 == 0 && w->how->progress !=
		    NULL)
			w->how->progress(w->how->arg, w->sums->looked_at);
	}
	db_end(q);
	event_close(it);
	buf_wipe(&b.text);
	buf_wipe(&b.rest);
	return r;
}

/* --- plain columns ----------------------------------------------------- */

static int
find_rows(struct work *w, struct db_query *q, struct err *e)
{
	int64_t seq;
	int r;

	if (q == NULL)
		return -1;
	db_int(q, ":since", w->how->since_ms);
	db_int(q, ":until", w->how->until_ms);
	db_int(q, ":session", w->session);
	db_int(q, ":user", w->user);
	while ((r = db_row(q, e)) == 1) {
		seq = db_get_int(q, 0);
		buf_add(&w->todo, &seq, sizeof seq);
	}
	db_end(q);
	return r;
}

static int
find_values(struct work *w, struct err *e)
{
	return find_rows(w, db_sql(w->st->db, e, "SELECT v.seq FROM "
	    "variable v JOIN session s ON s.seq = v.session WHERE "
	    "v.value IS NOT NULL AND v.at >= :since AND v.at < :until AND "
	    "(:session = 0 OR s.seq = :session) AND (:user = 0 OR "
	    "s.user = :user) ORDER BY v.seq"), e);
}

static int
one_value(struct work *w, int64_t seq, struct err *e)
{
	char *value = NULL, *session = NULL;
	struct buf out = BUF_INIT;
	struct db_query *q;
	int64_t row = 0;
	int r, n = 0;

	if ((q = db_sql(w->st->db, e, "SELECT v.name, " OPEN_VARIABLE("v.")
	    ", s.seq, s.name FROM variable v "
	    "JOIN session s ON s.seq = v.session WHERE "
	    "v.seq = :seq AND v.value IS NOT NULL")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1 && db_is_null(q, 1))
		r = 0;
	if (r == 1) {
		value = db_dup(q, 1);
		n = redact_named(w, db_get_text(q, 0), value, &out);
		row = db_get_int(q, 2);
		session = db_dup(q, 3);
	}
	db_end(q);
	w->sums->looked_at += r == 1;
	if (r == 1 && n > 0 && (r = is_held(w, row, session, e)) == 0) {
		count(w, value, strlen(value), out.p, out.len);
		w->sums->values++;
		r = redacted_value(w->st, seq, out.p, e);
	}
	free(value);
	free(session);
	buf_wipe(&out);
	return r < 0 ? -1 : 0;
}

static int
find_records(struct work *w, struct err *e)
{
	return find_rows(w, db_sql(w->st->db, e, "SELECT seq FROM record WHERE "
	    "at >= :since AND at < :until AND :session = 0 AND :user = 0 "
	    "ORDER BY kb, id, version"), e);
}

static int
one_record(struct work *w, int64_t seq, struct err *e)
{
	struct buf json = BUF_INIT, out = BUF_INIT;
	/* an older version of it may have moved this one: its number is
	 * another one then, and it comes again (see each) */
	int r = record_body(w->st, seq, &json, e);

	w->sums->looked_at += r == 1;
	if (r == 1 && redact_object(w, json.p, json.len, &out)) {
		count(w, json.p, json.len, out.p, out.len);
		w->sums->records++;
		r = redacted_record(w->st, seq, out.p, out.len, e);
	}
	buf_wipe(&json);
	buf_wipe(&out);
	return r < 0 ? -1 : 0;
}

static int
find_decisions(struct work *w, struct err *e)
{
	return find_rows(w, db_sql(w->st->db, e, "SELECT d.seq FROM decision d "
	    "WHERE d.at >= :since AND d.at < :until AND (:session = 0 OR "
	    "d.session = (SELECT name FROM session WHERE seq = :session)) AND "
	    "(:user = 0 OR d.user = :user) ORDER BY d.seq"), e);
}

/* A row's JSON, and the session that it is of, if it is of one. */
static int
one_text(struct work *w, struct db_query *q, int64_t seq, int64_t *sum,
    int (*write)(struct work *, int64_t, const char *, struct err *),
    struct err *e)
{
	char *text = NULL, *session = NULL;
	struct buf out = BUF_INIT;
	int64_t row = 0;
	int r;

	if (q == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1 && db_is_null(q, 0))
		r = 0;		/* its key is gone, and so is it */
	if (r == 1) {
		text = db_dup(q, 0);
		session = db_dup(q, 1);
		row = db_get_int(q, 2);
	}
	db_end(q);
	w->sums->looked_at += r == 1;
	if (r == 1 && redact_object(w, text, strlen(text), &out) &&
	    (r = is_held(w, row, session, e)) == 0) {
		count(w, text, strlen(text), out.p, out.len);
		++*sum;
		r = write(w, seq, out.p, e);
	}
	free(text);
	free(session);
	buf_wipe(&out);
	return r < 0 ? -1 : 0;
}

static int
write_decision(struct work *w, int64_t seq, const char *value, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(w->st->db, e, "UPDATE decision SET "
	    "value = seal(key, :value, 'decision', user, about, what, "
	    "at, node) WHERE seq = :seq")) == NULL)
		return -1;
	db_text(q, ":value", value);
	db_int(q, ":seq", seq);
	return db_run(q, e) < 0 ? -1 : change_push(w->st, CHANGE_DECISION, seq,
	    e);
}

static int
one_decision(struct work *w, int64_t seq, struct err *e)
{
	return one_text(w, db_sql(w->st->db, e, "SELECT " OPEN_DECISION("d.")
	    ", d.session, s.seq FROM "
	    "decision d LEFT JOIN session s ON s.user = d.user AND "
	    "s.name = d.session WHERE d.seq = :seq"), seq,
	    &w->sums->decisions, write_decision, e);
}

static int
find_facts(struct work *w, struct err *e)
{
	return find_rows(w, db_sql(w->st->db, e, "SELECT f.seq FROM fact f "
	    "WHERE f.valid_from >= :since AND f.valid_from < :until AND "
	    "(:session = 0 OR f.session = (SELECT name FROM session WHERE "
	    "seq = :session)) AND (:user = 0 OR f.user = :user) "
	    "ORDER BY f.seq"), e);
}

/* A new row, and a tombstone of the old one's number: so that an index has the
 * new one alone. */
static int
write_fact(struct work *w, int64_t seq, const char *body, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(w->st->db, e, "INSERT INTO tombstone (user, target, "
	    "id, ref, at) SELECT user, 4, CAST(seq AS TEXT), seq, :at "
	    "FROM fact WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":at", date_real());
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0 || (q = db_sql(w->st->db, e, "INSERT OR REPLACE "
	    "INTO fact (id, version, scope, user, session, job, project, "
	    "valid_from, valid_until, gone, held, pin, confidence, digest, "
	    "decision, key, body) "
	    "SELECT id, version, scope, user, session, job, "
	    "project, valid_from, valid_until, gone, held, pin, confidence, "
	    "digest, decision, key, seal(key, :body, 'fact', id, version, "
	    "user) FROM fact WHERE seq = :seq")) == NULL)
		return -1;
	db_text(q, ":body", body);
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

static int
one_fact(struct work *w, int64_t seq, struct err *e)
{
	return one_text(w, db_sql(w->st->db, e, "SELECT " OPEN_FACT("f.")
	    ", f.session, s.seq FROM "
	    "fact f LEFT JOIN session s ON s.user = f.user AND "
	    "s.name = f.session WHERE f.seq = :seq"), seq, &w->sums->facts,
	    write_fact, e);
}

static int
find_artifacts(struct work *w, struct err *e)
{
	return find_rows(w, db_sql(w->st->db, e, "SELECT seq FROM artifact "
	    "WHERE state <> 6 AND created >= :since AND created < :until AND "
	    "(:session = 0 OR session = :session) AND (:user = 0 OR "
	    "user = :user) ORDER BY seq"), e);
}

static int
one_artifact(struct work *w, int64_t seq, struct err *e)
{
	struct buf was = BUF_INIT, is = BUF_INIT;
	char id[ULID_LEN + 1];
	struct artifact a;
	int r;

	if ((r = artifact_row(w->st, seq, &a, e)) != 1)
		return r;
	w->sums->looked_at++;
	ulid_from_bytes(id, a.id);
	json_sorted(&was, a.body);
	if (redact_json(w->rules, a.body) > 0 && (r = is_held(w, a.session,
	    id, e)) == 0) {
		json_sorted(&is, a.body);
		count(w, was.p, was.len, is.p, is.len);
		w->sums->artifacts++;
		r = artifact_stamp(w->st, &a, e) < 0 ||
		    artifact_write(w->st, &a, e) < 0 ||
		    artifact_tell(w->st, a.seq, e) < 0 ? -1 : 0;
	}
	artifact_release(&a);
	buf_wipe(&was);
	buf_wipe(&is);
	return r < 0 ? -1 : 0;
}

/* --- all of it --------------------------------------------------------- */

static const struct {
	int (*find)(struct work *, struct err *);
	int (*one)(struct work *, int64_t seq, struct err *);
} parts[] = {
	{ find_events, one_event }, { find_values, one_value },
	{ find_records, one_record }, { find_decisions, one_decision },
	{ find_facts, one_fact }, { find_artifacts, one_artifact },
};

static int
batch(struct work *w, int (*one)(struct work *, int64_t, struct err *),
    size_t from, size_t to, struct err *e)
{
	int64_t seq;
	int r = db_scrub(w->st->db, e);

	for (; r == 0 && from < to; from += sizeof seq) {
		memcpy(&seq, w->todo.p + from, sizeof seq);
		r = one(w, seq, e);
	}
	return r;
}

static int
part(struct work *w, size_t i, struct err *e)
{
	const size_t step = BATCH * sizeof(int64_t);
	struct err ignored;
	size_t from, to;
	int r;

	buf_reset(&w->todo);
	if (parts[i].find(w, e) < 0)
		return -1;
	for (from = 0; from < w->todo.len; from = to) {
		to = w->todo.len - from < step ? w->todo.len : from + step;
		if (tx_begin(w->st->db, e) < 0)
			return -1;
		r = batch(w, parts[i].one, from, to, e);
		if (r == 0 && w->how->dry_run)
			tx_end(w->st->db, -1, &ignored);
		else if (tx_end(w->st->db, r, e) < 0)
			return -1;
	}
	return 0;
}

int
redacting(struct store *st, const struct redacting_how *how,
    struct redacting_sums *sums, struct err *e)
{
	const char *own = conf_get(st->conf, "redact.rules", NULL);
	struct work w = { .st = st, .how = how, .sums = sums,
	    .todo = BUF_INIT };
	int64_t before;
	size_t i;
	int r = 0;

	memset(sums, 0, sizeof *sums);
	if (how->session != NULL && session_row(st, how->session, false,
	    &w.session, e) < 0)
		return -1;
	if (how->session != NULL && w.session == 0)
		return err_set(e, ERR_ABSENT, "no session '%s'", how->session);
	w.user = how->one_user ? st->user_id : 0;
	if ((how->one_user && w.user == 0) ||
	    redact_new(&w.rules, own, e) < 0)
		return how->one_user && w.user == 0 ? 0 : -1;
	for (i = 0; r == 0 && i < sizeof parts / sizeof *parts; i++)
		do {
			/* a version that lost something moved those after it:
			 * they are looked at once more */
			before = sums->records;
			r = part(&w, i, e);
		} while (r == 0 && !how->dry_run && sums->records > before);
	redact_free(w.rules);
	buf_release(&w.todo);
	return r;
}

void
redacting_sums_release(struct redacting_sums *s)
{
	map_release(&s->kinds);
}
