/*
 * Artifacts as rows.
 */
#include "artifact/artifact_own.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "memory/granted.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/change.h"
#include "store/db.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The columns that read_row reads, from the first on. */
#define COLUMNS "seq, id, user, session, state, provider, created, at, " \
	"node, size, osize, object, sum, hash, codec, said, here, " \
	OPEN_ARTIFACT("") " "

json_t *
artifact_get_json(struct db_query *q, int col)
{
	const char *text = db_get_text(q, col);
	struct err ignored;

	/* What was damaged is nothing; mem-admin check tells. */
	return text == NULL ? NULL : json_read(text, strlen(text), &ignored);
}

static bool
read_sum(struct db_query *q, int col, uint8_t out[HASH_LEN])
{
	size_t n;
	const void *p = db_get_blob(q, col, &n);

	if (n != HASH_LEN)
		return false;
	memcpy(out, p, HASH_LEN);
	return true;
}

static void
read_row(struct db_query *q, struct artifact *a)
{
	const void *id;
	size_t n;

	memset(a, 0, sizeof *a);
	a->seq = db_get_int(q, 0);
	id = db_get_blob(q, 1, &n);
	if (n == sizeof a->id)
		memcpy(a->id, id, n);
	a->user = db_get_int(q, 2);
	a->session = db_get_int(q, 3);
	a->state = (enum artifact_state)db_get_int(q, 4);
	a->provider = (enum artifact_provider)db_get_int(q, 5);
	a->created_ms = db_get_int(q, 6);
	a->at_ms = db_get_int(q, 7);
	a->node = db_get_int(q, 8);
	a->size = db_get_int(q, 9);
	a->osize = db_get_int(q, 10);
	a->object = db_dup(q, 11);
	a->has_sum = read_sum(q, 12, a->sum);
	a->has_hash = read_sum(q, 13, a->hash);
	a->codec = db_dup(q, 14);
	a->said = artifact_get_json(q, 15);
	a->here = db_get_int(q, 16) != 0;
	a->body = artifact_get_json(q, 17);
}

/* The first row of a query, which is ended: 1, 0 there is none. */
static int
first_row(struct db_query *q, struct artifact *a, struct err *e)
{
	int r = db_row(q, e);

	if (r == 1)
		read_row(q, a);
	db_end(q);
	return r;
}

int
artifact_row(struct store *st, int64_t seq, struct artifact *a,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT " COLUMNS "FROM artifact "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return first_row(q, a, e);
}

int
artifact_row_id(struct store *st, const uint8_t id[ULID_BYTES],
    struct artifact *a, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT " COLUMNS "FROM artifact "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_blob(q, ":id", id, ULID_BYTES);
	return first_row(q, a, e);
}

/* --- what a call may see ----------------------------------------------- */

/* After access_look. */
static int
may(struct store *st, enum access_action action, const struct artifact *a,
    const struct graft **by)
{
	struct access_object o = {
	    .tier = a->session != 0 ? ACCESS_SESSION : ACCESS_USER,
	    .kind = GRAFT_ARTIFACT, .user = a->user, .session = a->session,
	    .start_ms = DATE_MIN, .end_ms = DATE_MAX + 1 };

	return access_may(st, action, &o, by);
}

static bool
may_see(struct store *st, struct artifact *a)
{
	const struct graft *by;
	int r = may(st, ACCESS_READ, a, &by);

	granted_id(st, a->session, by, a->graft);
	return r == 1;
}

int
artifact_may_change(struct store *st, const struct artifact *a,
    struct err *e)
{
	char id[ULID_LEN + 1];

	if (access_look(st, e) < 0)
		return -1;
	if (may(st, ACCESS_WRITE, a, NULL) == 1)
		return 0;
	ulid_from_bytes(id, a->id);
	access_denied(st, "write", id, NULL);
	return err_set(e, ERR_DENIED, "artifact '%s' is seen by a graft, and "
	    "is only read", id);
}

int
artifact_find(struct store *st, const char *id, struct artifact *a,
    struct err *e)
{
	uint8_t key[ULID_BYTES];
	int r = artifact_id_read(id, key);

	if (access_look(st, e) < 0)
		return -1;
	if (r == 1)
		r = artifact_row_id(st, key, a, e);
	if (r < 0)
		return -1;
	if (r == 1 && may_see(st, a))
		return 0;
	if (r == 1)
		artifact_release(a);
	return artifact_fail(e, ARTIFACT_NOT_FOUND, "there is no artifact "
	    "'%.60s'; mem-artifact list tells which there are", id);
}

static int
state_number(const char *name)
{
	int i;

	for (i = 0; artifact_states[i] != NULL; i++)
		if (str_eq(artifact_states[i], name))
			return i;
	return -2;		/* none has it */
}

#define ASKED "AND created >= :since AND created < :until AND " \
	"(:sessions IS NULL OR session IN " \
	"(SELECT value FROM json_each(:sessions))) AND " \
	"(:provider = -1 OR provider = :provider) AND " \
	"(:state = -1 OR state IN (:state, :other)) AND " \
	"(:all OR state NOT IN (6, 8)) ORDER BY created "
#define OF_USER "SELECT " COLUMNS "FROM artifact WHERE user = :user AND " \
	"(:bound = 0 OR session IN (0, :bound)) " ASKED
#define OF_ALL "SELECT " COLUMNS "FROM artifact WHERE ((user = :user AND " \
	"(:bound = 0 OR session IN (0, :bound))) OR session IN " \
	"(SELECT value FROM json_each(:grafts))) " ASKED

static struct db_query *
each_prepare(struct store *st, bool reverse, struct err *e)
{
	if (st->access->grafts.n == 0)
		return reverse ? db_sql(st->db, e, OF_USER "DESC, id DESC") :
		    db_sql(st->db, e, OF_USER ", id");
	return reverse ? db_sql(st->db, e, OF_ALL "DESC, id DESC") :
	    db_sql(st->db, e, OF_ALL ", id");
}

/* What a name means of what may be seen. */
static int
sessions_named(struct store *st, const char *name, struct buf *out,
    struct err *e)
{
	struct session_refs refs = { 0 };
	char *id = NULL;
	size_t i;
	int r = 0;

	/* what it may not name is denied, whatever there is */
	if (access_bound(st))
		r = session_asked(st, name, &id, e) < 0 ? -1 : 0;
	free(id);
	if (r == 0)
		r = session_seen(st, name, &refs, e);
	buf_addc(out, '[');
	for (i = 0; i < refs.n; i++)
		buf_addf(out, "%s%" PRId64, i > 0 ? "," : "", refs.v[i].seq);
	buf_addc(out, ']');
	session_refs_release(&refs);
	return r;
}

static int
each_row(struct store *st, struct db_query *q, int64_t limit,
    int (*fn)(void *, const struct artifact *, struct err *), void *arg,
    struct err *e)
{
	struct artifact a;
	int64_t n = 0;
	int r;

	while ((r = db_row(q, e)) == 1) {
		read_row(q, &a);
		r = 0;
		if (may_see(st, &a)) {
			r = fn(arg, &a, e);
			n++;
		}
		artifact_release(&a);
		if (r != 0 || (limit > 0 && n == limit))
			break;
	}
	return r < 0 ? -1 : 0;
}

int
artifact_each(struct store *st, const struct artifact_query *aq,
    int (*fn)(void *, const struct artifact *, struct err *), void *arg,
    struct err *e)
{
	int state = aq->status == NULL ? -1 : state_number(aq->status), r;
	struct buf sessions = BUF_INIT, grafts = BUF_INIT;
	struct db_query *q = NULL;

	if ((r = access_look(st, e)) == 0 && aq->session != NULL)
		r = sessions_named(st, aq->session, &sessions, e);
	if (r == 0 && (q = each_prepare(st, aq->reverse, e)) == NULL)
		r = -1;
	if (r == 0) {
		grafts_sessions(&st->access->grafts, GRAFT_ARTIFACT, &grafts);
		db_int(q, ":user", st->user_id);
		db_int(q, ":since", aq->since_ms);
		db_int(q, ":until", aq->until_ms);
		db_int(q, ":bound", !access_bound(st) ? 0 :
		    st->access->session != 0 ? st->access->session : -2);
		db_text(q, ":sessions", aq->session != NULL ? sessions.p :
		    NULL);
		if (st->access->grafts.n > 0)
			db_text(q, ":grafts", grafts.p);
		db_int(q, ":provider", aq->provider == NULL ? -1 :
		    artifact_provider(aq->provider));
		db_int(q, ":state", state);
		db_int(q, ":other", state == ARTIFACT_PENDING ?
		    ARTIFACT_ACCEPTED : state);
		db_int(q, ":all", aq->all || state >= 0);
		r = each_row(st, q, aq->limit, fn, arg, e);
	}
	db_end(q);
	buf_release(&sessions);
	buf_release(&grafts);
	return r;
}

/* Some rows of a query, which is ended before fn is called for them. */
static int
each_of(struct db_query *q, int64_t n, int (*fn)(void *, struct artifact *,
    struct err *), void *arg, struct err *e)
{
	struct artifact *v = xcalloc((size_t)n, sizeof *v);
	int64_t got = 0, i;
	int r = 0;

	while (got < n && (r = db_row(q, e)) == 1)
		read_row(q, &v[got++]);
	db_end(q);
	if (r >= 0)
		r = 0;
	for (i = 0; i < got; i++) {
		if (r == 0)
			r = fn(arg, &v[i], e);
		artifact_release(&v[i]);
	}
	free(v);
	return r;
}

int
artifact_each_open(struct store *st, bool all, int64_t after, int64_t n,
    int (*fn)(void *, struct artifact *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;

	q = all ? db_sql(st->db, e, "SELECT " COLUMNS "FROM artifact "
	    "WHERE seq > :after AND provider > 0 AND state NOT IN (6, 8) "
	    "ORDER BY seq LIMIT :n") : db_sql(st->db, e, "SELECT " COLUMNS
	    "FROM artifact INDEXED BY artifact_open WHERE seq > :after AND "
	    "state > 0 AND state <> 3 AND state <> 6 AND state <> 8 "
	    "ORDER BY seq LIMIT :n");
	if (q == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":n", n);
	return each_of(q, n, fn, arg, e);
}

json_t *
artifact_counts(struct store *st, struct err *e)
{
	int64_t n[ARTIFACT_STATES] = { 0 };
	json_t *o = json_object();
	struct db_query *q;
	int r, i;

	if ((q = db_sql(st->db, e, "SELECT iif(provider = 1 AND here = 0 AND "
	    "state = 0, 4, iif(state = 2, 1, state)) AS s, count(*) FROM "
	    "artifact GROUP BY s")) == NULL)
		r = -1;
	while (q != NULL && (r = db_row(q, e)) == 1)
		if (db_get_int(q, 0) >= 0 && db_get_int(q, 0) < ARTIFACT_STATES)
			n[db_get_int(q, 0)] = db_get_int(q, 1);
	db_end(q);
	for (i = 0; r == 0 && i < ARTIFACT_STATES; i++)
		if (n[i] > 0)
			json_object_set_new(o, artifact_states[i],
			    json_integer(n[i]));
	if (r == 0)
		return o;
	json_decref(o);
	return NULL;
}

int
artifact_twin(struct store *st, int64_t user, const uint8_t sum[HASH_LEN],
    struct artifact *a, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT " COLUMNS "FROM artifact "
	    "WHERE sum = :sum AND user = :user AND state = 0 AND "
	    "provider = 1 AND codec IS NULL AND here = 1 LIMIT 1")) == NULL)
		return -1;
	db_blob(q, ":sum", sum, HASH_LEN);
	db_int(q, ":user", user);
	return first_row(q, a, e);
}

int
artifact_shared(struct store *st, const struct artifact *a, struct err *e)
{
	struct db_query *q;
	int64_t one;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM artifact WHERE "
	    "object = :object AND provider = :provider AND provider > 0 AND "
	    "seq <> :seq AND state NOT IN (5, 7, 8) AND state <> 6 LIMIT 1"))
	    == NULL)
		return -1;
	db_text(q, ":object", a->object);
	db_int(q, ":provider", a->provider);
	db_int(q, ":seq", a->seq);
	return db_first(q, &one, e);
}

int
artifact_named(struct store *st, const struct artifact *a, struct err *e)
{
	struct db_query *q;
	int64_t one;

	if ((q = db_sql(st->db, e, "SELECT 1 WHERE EXISTS (SELECT 1 "
	    "FROM artifact WHERE object = :object AND provider = :provider "
	    "AND provider > 0 AND state <> 6) OR EXISTS (SELECT 1 FROM "
	    "artifact_byte WHERE object = :object AND provider = :provider)"))
	    == NULL)
		return -1;
	db_text(q, ":object", a->object);
	db_int(q, ":provider", a->provider);
	return db_first(q, &one, e);
}

int
artifact_used(struct store *st, const uint8_t id[ULID_BYTES], char **by,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 'record ' || k.name || '/' || r.id "
	    "FROM artifact_use u JOIN record r ON r.seq = u.record "
	    "JOIN kb k ON k.id = r.kb WHERE u.id = :id AND NOT EXISTS "
	    "(SELECT 1 FROM record n WHERE n.kb = r.kb AND n.id = r.id AND "
	    "n.version > r.version) LIMIT 1")) == NULL)
		return -1;
	db_blob(q, ":id", id, ULID_BYTES);
	if ((r = db_row(q, e)) == 1)
		*by = db_dup(q, 0);
	db_end(q);
	return r;
}

