/*
 * Rows of artifacts, written: what is settled, and how the bytes are.
 */
#include "artifact/artifact_own.h"

#include "base/date.h"
#include "base/json.h"
#include "store/change.h"
#include "store/db.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"

void
artifact_bind_json(struct db_query *q, const char *name, json_t *o,
    struct buf *b)
{
	if (o == NULL) {
		db_null(q, name);
		return;
	}
	json_write(b, o);
	db_text(q, name, b->p);
}

static void
bind_sum(struct db_query *q, const char *name, bool has,
    const uint8_t sum[HASH_LEN])
{
	if (has)
		db_blob(q, name, sum, HASH_LEN);
	else
		db_null(q, name);
}

/* What is settled of a row. */
static void
bind_settled(struct db_query *q, const struct artifact *a, struct buf *said)
{
	db_int(q, ":state", a->state);
	db_int(q, ":at", a->at_ms);
	db_int(q, ":node", a->node);
	artifact_bind_json(q, ":said", a->said, said);
	db_int(q, ":here", a->here);
}

/* How its bytes are at the provider. */
static void
bind_form(struct db_query *q, const struct artifact *a)
{
	db_int(q, ":osize", a->osize);
	db_text(q, ":object", a->object);
	bind_sum(q, ":sum", a->has_sum, a->sum);
	db_text(q, ":codec", a->codec);
}

/* All that may change of a row, and run it. */
static int
write_row(struct db_query *q, const struct artifact *a, struct err *e)
{
	struct buf body = BUF_INIT, said = BUF_INIT;
	int r;

	db_int(q, ":session", a->session);
	db_int(q, ":provider", a->provider);
	db_int(q, ":size", a->size);
	bind_sum(q, ":hash", a->has_hash, a->hash);
	bind_form(q, a);
	bind_settled(q, a, &said);
	json_write(&body, a->body);
	db_text(q, ":body", body.p);
	r = db_run(q, e);
	buf_release(&body);
	buf_release(&said);
	return r;
}

/* That of its session, or its user; what was deleted says nothing. */
static int
body_key(struct store *st, const struct artifact *a, int64_t *key,
    struct err *e)
{
	*key = 0;
	return json_object_size(a->body) == 0 ? 0 :
	    store_seal_key(st, a->user, a->session, key, e);
}

static int
insert_row(struct store *st, struct artifact *a, struct err *e)
{
	struct db_query *q;
	int64_t key;

	if (body_key(st, a, &key, e) < 0 || (q = db_sql(st->db, e,
	    "INSERT INTO artifact (id, user, session, "
	    "state, provider, created, at, node, size, osize, object, sum, "
	    "hash, codec, said, here, key, body) VALUES (:id, :user, :session, "
	    ":state, :provider, :created, :at, :node, :size, :osize, :object, "
	    ":sum, :hash, :codec, :said, :here, :key, "
	    SEAL_ARTIFACT ")")) == NULL)
		return -1;
	db_int(q, ":key", key);
	db_blob(q, ":id", a->id, sizeof a->id);
	db_int(q, ":user", a->user);
	db_int(q, ":created", a->created_ms);
	if (write_row(q, a, e) < 0)
		return -1;
	a->seq = db_last_id(st->db);
	return 0;
}

int
artifact_insert(struct store *st, struct artifact *a, struct err *e)
{
	a->at_ms = date_real();
	if (node_number(st, &a->node, e) < 0)
		return -1;
	return insert_row(st, a, e);
}

int
artifact_write(struct store *st, struct artifact *a, struct err *e)
{
	struct db_query *q;
	int64_t key;

	if (a->seq == 0)
		return insert_row(st, a, e);
	if (body_key(st, a, &key, e) < 0)
		return -1;
	if ((q = db_sql(st->db, e, "UPDATE artifact SET session = :session, "
	    "state = :state, provider = :provider, at = :at, node = :node, "
	    "size = :size, osize = :osize, object = :object, sum = :sum, "
	    "hash = :hash, codec = :codec, said = :said, here = :here, "
	    "key = :key, body = seal(:key, :body, 'artifact', id) "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":key", key);
	db_int(q, ":seq", a->seq);
	return write_row(q, a, e);
}

/* A clock that was set back does not make an older state of a newer one. */
int
artifact_stamp(struct store *st, struct artifact *a, struct err *e)
{
	int64_t now = date_real();

	a->at_ms = now > a->at_ms ? now : a->at_ms + 1;
	return node_number(st, &a->node, e);
}

int
artifact_settle(struct store *st, struct artifact *a,
    enum artifact_state from, struct err *e)
{
	bool gone = a->state == ARTIFACT_DELETED;
	struct buf said = BUF_INIT;
	int64_t was = a->at_ms;
	struct db_query *q;
	int r;

	if (artifact_stamp(st, a, e) < 0)
		return -1;
	/* what is in an index is left alone where it does not change */
	q = gone ? db_sql(st->db, e, "UPDATE artifact SET state = :state, "
	    "at = :at, node = :node, said = :said, here = :here, "
	    "hash = NULL, key = 0, body = '{}' "
	    "WHERE seq = :seq AND state = :from "
	    "AND at = :was") :
	    db_sql(st->db, e, "UPDATE artifact SET state = :state, "
	    "at = :at, node = :node, said = :said, here = :here "
	    "WHERE seq = :seq AND state = :from AND at = :was");
	if (q == NULL)
		return -1;
	if (gone) {
		json_decref(a->said);
		a->said = NULL;
		a->has_hash = a->here = false;
		json_decref(a->body);
		a->body = json_object();
	}
	bind_settled(q, a, &said);
	db_int(q, ":seq", a->seq);
	db_int(q, ":from", from);
	db_int(q, ":was", was);
	r = db_run(q, e);
	buf_release(&said);
	return r < 0 ? -1 : db_changes(st->db) > 0;
}

int
artifact_mark(struct store *st, const struct artifact *a,
    enum artifact_state to, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE artifact SET state = :to "
	    "WHERE seq = :seq AND state = :state AND at = :at")) == NULL)
		return -1;
	db_int(q, ":to", to);
	db_int(q, ":seq", a->seq);
	db_int(q, ":state", a->state);
	db_int(q, ":at", a->at_ms);
	return db_run(q, e) < 0 ? -1 : db_changes(st->db) > 0;
}

int
artifact_reform(struct store *st, const struct artifact *a, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE artifact SET osize = :osize, "
	    "object = :object, sum = :sum, codec = :codec WHERE seq = :seq"))
	    == NULL)
		return -1;
	bind_form(q, a);
	db_int(q, ":seq", a->seq);
	return db_run(q, e);
}

int
artifact_tell(struct store *st, int64_t seq, struct err *e)
{
	return change_push(st, CHANGE_ARTIFACT, seq, e);
}
