#include "ltm/fact.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "ltm/tally.h"
#include "memory/granted.h"
#include "memory/session.h"
#include "store/access.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const fact_scopes[] = { "session", "user", "tenant", NULL };

/* --- ids --------------------------------------------------------------- */

void
fact_id_format(char *out, int64_t id)
{
	snprintf(out, FACT_ID_LEN + 1, "fact:%016" PRIx64, (uint64_t)id);
}

int
fact_id_read(const char *s, int64_t *id)
{
	uint8_t b[8];
	uint64_t v = 0;
	int i;

	if (str_starts(s, "fact:"))
		s += 5;
	if (strlen(s) != 16 || !hex_decode(b, s, 8) || b[0] > 0x7f)
		return 0;
	for (i = 0; i < 8; i++)
		v = v << 8 | b[i];
	*id = (int64_t)v;
	return 1;
}

int64_t
fact_id_of(const char *const *parts)
{
	uint8_t sum[HASH_LEN];
	struct hash h;
	uint64_t v = 0;
	int i;

	hash_init(&h);
	for (; *parts != NULL; parts++)
		hash_add_field(&h, *parts);
	hash_end(&h, sum);
	for (i = 0; i < 8; i++)
		v = v << 8 | sum[i];
	return (int64_t)(v >> 1);
}

int64_t
fact_id_said(enum fact_scope scope, const char *user, const char *session,
    const char *key, const char *content)
{
	return fact_id_of((const char *const[]){ "said", fact_scopes[scope],
	    user, session, key != NULL ? "key" : "text",
	    key != NULL ? key : content, NULL });
}

int64_t
fact_id_derived(const char *processor, const char *kb, const char *dimension,
    const char *project, const char *value, const char *value2)
{
	return fact_id_of((const char *const[]){ "fact", processor, kb,
	    dimension, project, value, value2, NULL });
}

/* --- reading ----------------------------------------------------------- */

/*
 * Whose a fact is: one of a session is seen by who is bound to it, by its
 * user where he is bound to none, and by a graft of that session.  Own first,
 * for the usual store knows no other.
 */
#define VISIBLE "(f.scope = 2 OR (f.user = :user AND (f.scope = 1 OR " \
	":session IS NULL OR f.session = :session)) OR (f.scope = 0 AND " \
	":grafts IS NOT NULL AND EXISTS (SELECT 1 FROM session s WHERE " \
	"s.user = f.user AND s.name = f.session AND s.seq IN " \
	"(SELECT value FROM json_each(:grafts)))))"

/* grafts is to stay until the query has ended. */
static int
bind_who(struct store *st, struct db_query *q, struct buf *grafts,
    struct err *e)
{
	if (access_look(st, e) < 0) {
		db_end(q);
		return -1;
	}
	if (st->access->grafts.n > 0)
		grafts_sessions(&st->access->grafts, GRAFT_FACT, grafts);
	db_int(q, ":user", st->user_id);
	db_text(q, ":session", st->session);
	db_text(q, ":grafts", grafts->len > 0 ? grafts->p : NULL);
	return 0;
}

/* Is it one of those?  1, with its graft; 0: the graft is of a range, and who
 * knows of when a fact is. */
static int
see_graft(struct store *st, struct fact *f, struct err *e)
{
	const struct graft *by;
	struct db_query *q;
	int64_t session = 0;
	int r;

	if (f->scope != FACT_SESSION || (f->user_id == st->user_id &&
	    (st->session == NULL || str_eq(st->session, f->session))))
		return 1;
	if ((q = db_sql(st->db, e, "SELECT seq FROM session WHERE "
	    "user = :user AND name = :name")) == NULL)
		return -1;
	db_int(q, ":user", f->user_id);
	db_text(q, ":name", f->session);
	if (db_first(q, &session, e) < 0)
		return -1;
	if ((r = granted_whole(st, GRAFT_FACT, f->user_id, session, &by)) == 1)
		granted_id(st, session, by, f->graft);
	return r;
}

int
fact_row(struct db_query *q, int64_t at_ms, struct fact *f, struct err *e)
{
	const char *body = db_get_text(q, 14);
	const json_t *decay;

	f->seq = db_get_int(q, 0);
	f->id = db_get_int(q, 1);
	f->version = db_get_int(q, 2);
	f->scope = (enum fact_scope)db_get_int(q, 3);
	f->user_id = db_get_int(q, 4);
	f->session = db_get_text(q, 5);
	f->job = db_get_int(q, 6);
	f->valid_from_ms = db_get_int(q, 7);
	f->valid_until_ms = db_is_null(q, 8) ? INT64_MAX : db_get_int(q, 8);
	f->gone = db_get_int(q, 9);
	f->held = db_get_int(q, 10);
	f->pin = db_get_int(q, 11);
	f->confidence = db_get_real(q, 12);
	f->digest = db_get_int(q, 13);
	f->decision = db_get_int(q, 15);
	f->graft[0] = '\0';
	f->body = json_read(body != NULL ? body : "", body != NULL ?
	    strlen(body) : 0, e);
	if (f->body == NULL)
		return err_add(e, "fact row %" PRId64 ": ", f->seq);
	if ((decay = json_object_get(f->body, "decay")) != NULL)
		f->confidence = tally_decayed(decay, at_ms);
	return 0;
}

/* What is asked for, and who wants to see it. */
struct showing {
	struct store *st;
	int64_t at_ms;
	const struct fact_query *fq;	/* NULL: any */
	int (*fn)(void *, const struct fact *, struct err *);
	void *arg;
	bool shown;			/* one was */
	struct buf grafts;
};

static int	show_row(struct showing *, struct db_query *, struct err *);

static int
show_rows(struct showing *s, struct db_query *q, struct err *e)
{
	int r;

	if ((r = bind_who(s->st, q, &s->grafts, e)) == 0) {
		while ((r = db_row(q, e)) == 1)
			if ((r = show_row(s, q, e)) != 0)
				break;
		db_end(q);
	}
	buf_release(&s->grafts);
	return r < 0 ? -1 : 0;
}

/* "module:" stands for any tag that begins so. */
bool
fact_has_tag(const struct fact *f, const char *tag)
{
	const json_t *tags = json_object_get(f->body, "tags");
	size_t n = strlen(tag), i;
	const char *s;
	json_t *v;

	json_array_foreach(tags, i, v) {
		s = json_string_value(v);
		if (s != NULL && strncmp(s, tag, n) == 0 && (s[n] == '\0' ||
		    (n > 0 && tag[n - 1] == ':')))
			return true;
	}
	return false;
}

/* Verdicts are facts, too, but not what somebody looks for. */
static bool
is_asked(const struct fact *f, const struct fact_query *fq)
{
	bool verdicts = false;
	size_t i;

	for (i = 0; fq->tags != NULL && i < fq->tags->n; i++) {
		if (!fact_has_tag(f, fq->tags->v[i]))
			return false;
		verdicts = verdicts || str_eq(fq->tags->v[i], "verdict");
	}
	return f->confidence >= fq->min_confidence &&
	    (fq->scope < 0 || (int)f->scope == fq->scope) &&
	    (verdicts || !fact_has_tag(f, "verdict"));
}

static int
show_row(struct showing *s, struct db_query *q, struct err *e)
{
	struct fact f;
	int r = 0, seen;

	if (db_is_null(q, 14))
		return 0;	/* its key is gone */
	if (fact_row(q, s->at_ms, &f, e) < 0)
		return -1;
	if ((seen = see_graft(s->st, &f, e)) < 0)
		r = -1;
	else if (seen == 1 && (s->fq == NULL || is_asked(&f, s->fq))) {
		s->shown = true;
		r = s->fn(s->arg, &f, e);
	}
	json_decref(f.body);
	return r;
}

int
fact_each(struct store *st, const struct fact_query *fq,
    int (*fn)(void *, const struct fact *, struct err *), void *arg,
    struct err *e)
{
	int64_t at = fq->as_of_ms == FACT_NOW ? date_now() : fq->as_of_ms;
	struct showing s = { st, at, fq, fn, arg, false, BUF_INIT };
	struct db_query *q;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.valid_from <= :at AND "
	    "(f.valid_until IS NULL OR f.valid_until > :at) AND "
	    "(f.gone = 0 OR :gone) AND f.seq > :after AND " VISIBLE
	    " ORDER BY f.pin DESC, f.valid_from DESC, f.confidence DESC, f.id"))
	    == NULL)
		return -1;
	db_int(q, ":at", at);
	db_int(q, ":gone", fq->gone);
	db_int(q, ":after", fq->after_seq);
	return show_rows(&s, q, e);
}

int
fact_find(struct store *st, int64_t id, int64_t version,
    int (*fn)(void *, const struct fact *, struct err *), void *arg,
    struct err *e)
{
	struct showing s = { st, date_now(), NULL, fn, arg, false, BUF_INIT };
	struct db_query *q;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.id = :id AND "
	    "(:version = 0 OR f.version = :version) AND " VISIBLE
	    " ORDER BY f.version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	db_int(q, ":version", version);
	return show_rows(&s, q, e) < 0 ? -1 : s.shown;
}

int
fact_versions(struct store *st, int64_t id,
    int (*fn)(void *, const struct fact *, struct err *), void *arg,
    struct err *e)
{
	struct showing s = { st, date_now(), NULL, fn, arg, false, BUF_INIT };
	struct db_query *q;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.id = :id AND " VISIBLE
	    " ORDER BY f.version")) == NULL)
		return -1;
	db_int(q, ":id", id);
	return show_rows(&s, q, e);
}

json_t *
fact_json(const struct fact *f)
{
	json_t *o, *meta = json_object_get(f->body, "metadata");
	const char *reason = get_str(f->body, "reason", NULL);
	char id[FACT_ID_LEN + 1];

	fact_id_format(id, f->id);
	o = json_pack("{s:s, s:s, s:O, s:f, s:O, s:s, s:I, s:I}", "type",
	    "fact", "fact_id", id, "content",
	    json_object_get(f->body, "content"), "confidence", f->confidence,
	    "tags", json_object_get(f->body, "tags"), "scope",
	    fact_scopes[f->scope], "version", (json_int_t)f->version,
	    "valid_from", (json_int_t)f->valid_from_ms);
	if (o == NULL)
		return NULL;
	if (f->valid_until_ms != INT64_MAX)
		json_object_set_new(o, "valid_until",
		    json_integer(f->valid_until_ms));
	if (f->session != NULL)
		json_object_set_new(o, "session_id", json_string(f->session));
	if (json_object_get(f->body, "key") != NULL)
		json_object_set(o, "key", json_object_get(f->body, "key"));
	if (f->pin)
		json_object_set_new(o, "pinned", json_true());
	if (f->held)
		json_object_set_new(o, "held", json_true());
	if (f->gone)
		json_object_set_new(o, "gone", json_true());
	if (reason != NULL)
		json_object_set_new(o, "reason", json_string(reason));
	if (f->graft[0] != '\0')
		json_object_set_new(o, "graft", json_string(f->graft));
	meta = meta != NULL ? json_copy(meta) : json_object();
	if (f->job > 0)
		json_object_set_new(meta, "ltm_extracted_at",
		    json_integer(f->valid_from_ms));
	if (json_object_get(f->body, "decay") != NULL)
		json_object_set(meta, "decay",
		    json_object_get(f->body, "decay"));
	if (json_object_size(meta) > 0)
		json_object_set(o, "metadata", meta);
	json_decref(meta);
	return o;
}

/* All of his own are, to who is bound to no session. */
static bool
sees_all(const struct store *st, const struct fact *f)
{
	return f->scope == FACT_TENANT || (!access_bound(st) &&
	    f->user_id == st->user_id);
}

int
fact_hide_events(struct store *st, const struct fact *f, json_t *list,
    struct err *e)
{
	uint8_t id[ULID_BYTES];
	const char *s;
	json_t *v;
	size_t i;
	int r;

	if (sees_all(st, f))
		return 0;
	if (access_look(st, e) < 0)
		return -1;
	for (i = json_array_size(list); i-- > 0; ) {
		v = json_array_get(list, i);
		s = json_is_object(v) ? get_str(v, "event_id", NULL) :
		    json_string_value(v);
		r = s == NULL || !ulid_parse(s, id) ? 0 : granted_event(st,
		    f->user_id, id, GRAFT_EVENT, NULL, e);
		if (r < 0)
			return -1;
		if (r == 0)
			json_array_remove(list, i);
	}
	return 0;
}

json_t *
fact_json_seen(struct store *st, const struct fact *f, struct err *e)
{
	static const char *const lists[] = { "source_event_ids", "grips",
	    NULL };
	json_t *list, *meta, *o = fact_json(f);
	int i;

	if (o == NULL) {
		err_set(e, ERR_CORRUPT, "a fact of the store is damaged; run "
		    "mem-admin check");
		return NULL;
	}
	meta = json_object_get(o, "metadata");
	for (i = 0; !sees_all(st, f) && lists[i] != NULL; i++) {
		if ((list = json_object_get(meta, lists[i])) == NULL)
			continue;
		/* the body has it, too */
		list = json_copy(list);
		json_object_set_new(meta, lists[i], list);
		if (fact_hide_events(st, f, list, e) < 0) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

int
fact_each_by_hand(struct store *st, int (*fn)(void *, const struct fact *,
    struct err *), void *arg, struct err *e)
{
	struct fact_query any = { .scope = -1 };
	int64_t now = date_now();
	struct showing s = { st, now, &any, fn, arg, false, BUF_INIT };
	struct db_query *q;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.job = 0 AND "
	    "f.user IN (0, :user) AND f.valid_from <= :at AND "
	    "(f.valid_until IS NULL OR f.valid_until > :at) AND "
	    "f.gone = 0 AND " VISIBLE " ORDER BY f.id")) == NULL)
		return -1;
	db_int(q, ":at", now);
	return show_rows(&s, q, e);
}

int
fact_projects(struct store *st, int64_t job, size_t most, struct strv *out,
    struct err *e)
{
	struct buf from = BUF_INIT;
	struct db_query *q;
	int r = 1;

	while (r == 1 && out->n <= most) {
		if ((q = db_sql(st->db, e, "SELECT project FROM fact WHERE "
		    "user = 0 AND job = :job AND project >= :from "
		    "ORDER BY project LIMIT 1")) == NULL) {
			r = -1;
			break;
		}
		db_int(q, ":job", job);
		db_text(q, ":from", from.p);
		if ((r = db_row(q, e)) == 1)
			strv_add(out, db_get_text(q, 0));
		db_end(q);
		buf_reset(&from);
		/* the next name that there can be */
		if (r == 1)
			buf_addf(&from, "%s\x01", out->v[out->n - 1]);
	}
	buf_release(&from);
	return r < 0 ? -1 : 0;
}

int
fact_count(struct store *st, int64_t *n, struct err *e)
{
	return db_number(st->db, e, "SELECT count(*) FROM fact WHERE "
	    "valid_until IS NULL AND gone = 0", 0, n);
}

/* --- writing ----------------------------------------------------------- */

/* What counts until now: its version, and the pin, which stays. */
static int
close_newest(struct store *st, struct fact *f, struct err *e)
{
	struct db_query *q;
	int r;

	f->version = 0;
	if ((q = db_sql(st->db, e, "SELECT version, pin, valid_from FROM fact "
	    "WHERE id = :id ORDER BY version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", f->id);
	if ((r = db_row(q, e)) == 1) {
		f->version = db_get_int(q, 0);
		f->pin = f->pin || db_get_int(q, 1);
		/* a clock that was set back */
		if (f->valid_from_ms < db_get_int(q, 2))
			f->valid_from_ms = db_get_int(q, 2);
	}
	db_end(q);
	if (r <= 0)
		return r;
	if ((q = db_sql(st->db, e, "UPDATE fact SET valid_until = :now "
	    "WHERE id = :id AND version = :version AND (valid_until IS NULL OR "
	    "valid_until > :now)")) == NULL)
		return -1;
	db_int(q, ":now", f->valid_from_ms);
	db_int(q, ":id", f->id);
	db_int(q, ":version", f->version);
	return db_run(q, e);
}

/* That of its session, its user, or the tenant. */
static int
fact_key(struct store *st, const struct fact *f, int64_t *key, struct err *e)
{
	int64_t session = 0;
	int r;

	*key = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if (f->scope == FACT_SESSION && f->session != NULL &&
	    session_row_of(st, f->user_id, f->session, false, &session, e) < 0)
		return -1;
	return store_seal_key(st, f->user_id, session, key, e);
}

int
fact_put(struct store *st, struct fact *f, struct err *e)
{
	return fact_put_at(st, f, date_now(), e);
}

int
fact_put_at(struct store *st, struct fact *f, int64_t from_ms, struct err *e)
{
	const char *project = get_str(json_object_get(f->body, "metadata"),
	    "project", NULL);
	struct buf body = BUF_INIT;
	struct db_query *q;
	int64_t key;
	int r = -1;

	f->valid_from_ms = from_ms;
	if (close_newest(st, f, e) < 0 || fact_key(st, f, &key, e) < 0 ||
	    (q = db_sql(st->db, e, "INSERT INTO fact (id, version, scope, "
	    "user, session, job, project, valid_from, valid_until, gone, "
	    "held, pin, confidence, digest, decision, key, body) VALUES (:id, "
	    ":version, :scope, :user, :session, :job, :project, :from, :until, "
	    ":gone, :held, :pin, :confidence, :digest, :decision, :key, "
	    SEAL_FACT ")"))
	    == NULL)
		return -1;
	json_sorted(&body, f->body);
	db_int(q, ":id", f->id);
	db_int(q, ":version", ++f->version);
	db_int(q, ":scope", f->scope);
	db_int(q, ":user", f->user_id);
	db_text(q, ":session", f->session);
	db_int(q, ":job", f->job);
	db_text(q, ":project", project != NULL ? project : "");
	db_int(q, ":from", f->valid_from_ms);
	if (f->valid_until_ms != INT64_MAX)
		db_int(q, ":until", f->valid_until_ms);
	db_int(q, ":gone", f->gone);
	db_int(q, ":held", f->held);
	db_int(q, ":pin", f->pin);
	db_real(q, ":confidence", f->confidence);
	db_int(q, ":digest", f->digest);
	if (f->decision != 0)
		db_int(q, ":decision", f->decision);
	db_int(q, ":key", key);
	db_text(q, ":body", body.p);
	r = db_run(q, e);
	f->seq = db_last_id(st->db);
	buf_release(&body);
	return r;
}

int
fact_touch(struct store *st, const struct fact *f, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE fact SET digest = :digest "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":digest", f->digest);
	db_int(q, ":seq", f->seq);
	return db_run(q, e);
}
