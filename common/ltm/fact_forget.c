/*
 * Rows of facts that go.  Nothing else tells an index which they were: so a
 * tombstone does, by the row alone, which says nothing of the fact.
 */
#include "ltm/fact.h"

#include "base/buf.h"
#include "base/date.h"
#include "memory/decision.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

#define THESE "WHERE id = :id AND (:version = 0 OR version = :version)"

/* "ROW/ID/VERSION": an index here knows it by its row, one that others write
 * to by the rest. */
#define NAME "CAST(seq AS TEXT) || '/' || id || '/' || version"

/* A version, 0: all.  By its number: the row may be another by now. */
static int
forget(struct store *st, int64_t id, int64_t version, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO tombstone (user, target, id, "
	    "ref, at) SELECT user, 4, " NAME ", seq, :at FROM fact "
	    THESE)) == NULL)
		return -1;
	db_int(q, ":at", date_real());
	db_int(q, ":id", id);
	db_int(q, ":version", version);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM fact "
	    THESE)) == NULL)
		return -1;
	db_int(q, ":id", id);
	db_int(q, ":version", version);
	return db_run(q, e);
}

int
fact_forget(struct store *st, int64_t id, struct err *e)
{
	return forget(st, id, 0, e);
}

int
fact_forget_session(struct store *st, const char *session, struct err *e)
{
	struct buf ids = BUF_INIT;
	struct db_query *q;
	size_t i;
	int64_t id;
	int r;

	if ((q = db_sql(st->db, e, "SELECT DISTINCT id FROM fact WHERE "
	    "user = :user AND job = 0 AND session = :session")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":session", session);
	while ((r = db_row(q, e)) == 1) {
		id = db_get_int(q, 0);
		buf_add(&ids, &id, sizeof id);
	}
	db_end(q);
	for (i = 0; r == 0 && i < ids.len; i += sizeof id) {
		memcpy(&id, ids.p + i, sizeof id);
		r = fact_forget(st, id, e);
	}
	buf_release(&ids);
	return r < 0 ? -1 : decision_forget_session(st, session, e);
}

/* The version before one, if that ended it; by this it is known below. */
#define BEFORE "f.id = :id AND f.valid_until = :from AND f.version = " \
	"(SELECT max(version) FROM fact h WHERE h.id = :id AND " \
	"h.version < :version)"

static int
run(struct db_query *q, const struct fact *f, struct err *e)
{
	if (q == NULL)
		return -1;
	db_int(q, ":id", f->id);
	db_int(q, ":from", f->valid_from_ms);
	db_int(q, ":version", f->version);
	return db_run(q, e);
}

/* As a new row: an index that has it has that it ended, or has it no more. */
static int
reopen(struct store *st, const struct fact *f, struct err *e)
{
	struct db_query *q;

	q = db_sql(st->db, e, "INSERT INTO tombstone (user, target, id, ref, "
	    "at) SELECT user, 4, " NAME ", seq, :at FROM fact f "
	    "WHERE " BEFORE);
	if (q != NULL)
		db_int(q, ":at", date_real());
	if (run(q, f, e) < 0)
		return -1;
	q = db_sql(st->db, e, "INSERT OR REPLACE INTO fact (id, version, "
	    "scope, user, session, job, project, valid_from, valid_until, "
	    "gone, held, pin, confidence, digest, decision, key, body) SELECT "
	    "id, version, "
	    "scope, user, session, job, project, valid_from, "
	    "(SELECT min(valid_from) FROM fact g WHERE g.id = f.id AND "
	    "g.version > f.version), gone, held, pin, confidence, digest, "
	    "decision, key, body FROM fact f WHERE " BEFORE);
	return run(q, f, e);
}

int
fact_forget_version(struct store *st, const struct fact *f, struct err *e)
{
	return forget(st, f->id, f->version, e) < 0 ? -1 : reopen(st, f, e);
}
