/*
 * What this store knows of what an engine holds.  Whose a thing is, is told by
 * its row, where there is one; where there is none, another copy of the store
 * may have brought it, unless it was forgotten here.
 */
#include "engine/known_own.h"

#include "base/str.h"
#include "base/ulid.h"
#include "artifact/artifact.h"
#include "memory/document.h"
#include "ltm/fact.h"
#include "memory/tombstone.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

/* What a row says: none, as the document does, or otherwise. */
enum { NO_ROW, SAME, OTHER };

/* The session of a row as it says: 0 none.  Is it that of the document? */
static int
same_session(struct seen *s, const struct engine_found *d, size_t who,
    int64_t session, struct err *e)
{
	const struct seen_user *u = s->user[who];
	int64_t row = 0;

	if (d->session != NULL && session_row_of(&s->user[who]->in.st,
	    u->user, d->session, false, &row, e) < 0)
		return -1;
	return row == session ? SAME : OTHER;
}

/* The user and the session of the row that a statement finds, that of the
 * document's user first. */
static int
row_says(struct seen *s, const struct engine_found *d, size_t who,
    struct db_query *q, struct err *e)
{
	int64_t user = 0, session = 0;
	int r;

	if ((r = db_row(q, e)) == 1) {
		user = db_get_int(q, 0);
		session = db_get_int(q, 1);
	}
	db_end(q);
	if (r != 1)
		return r < 0 ? -1 : NO_ROW;
	return user == s->user[who]->user ? same_session(s, d, who, session,
	    e) : OTHER;
}

static int
event_says(struct seen *s, const struct engine_found *d, size_t who,
    struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;

	if (!ulid_parse(d->id, id))
		return OTHER;
	if ((q = db_sql(s->st->db, e, "SELECT user, session FROM event "
	    "WHERE user = :user AND ts = :ts AND id = :id UNION ALL "
	    "SELECT user, session FROM event "
	    "WHERE user = :user AND id = :id AND stray = 1 UNION ALL "
	    "SELECT e.user, e.session FROM user u CROSS JOIN event e "
	    "ON e.user = u.id AND e.ts = :ts AND e.id = :id UNION ALL "
	    "SELECT e.user, e.session FROM user u CROSS JOIN event e "
	    "ON e.user = u.id AND e.id = :id AND e.stray = 1 LIMIT 1")) == NULL)
		return -1;
	db_blob(q, ":id", id, sizeof id);
	db_int(q, ":ts", ulid_time(id));
	db_int(q, ":user", s->user[who]->user);
	return row_says(s, d, who, q, e);
}

static int
artifact_says(struct seen *s, const struct engine_found *d, size_t who,
    struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;

	if (!ulid_parse(d->id, id))
		return OTHER;
	if ((q = db_sql(s->st->db, e, "SELECT CASE WHEN state <= :found "
	    "THEN user ELSE -1 END, session FROM artifact "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":found", ARTIFACT_FOUND);
	db_blob(q, ":id", id, sizeof id);
	return row_says(s, d, who, q, e);
}

/* Periods are called the same for all users. */
static int
node_says(struct seen *s, const struct engine_found *d, size_t who,
    struct err *e)
{
	struct db_query *q;

	if (!str_starts(d->id, "toc:"))
		return OTHER;
	if ((q = db_sql(s->st->db, e, "SELECT user, coalesce(session, 0) "
	    "FROM toc_node WHERE user = :user AND name = :name UNION ALL "
	    "SELECT n.user, n.session FROM user u CROSS JOIN toc_node n "
	    "ON n.user = u.id AND n.name = :name WHERE :segment "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":user", s->user[who]->user);
	db_text(q, ":name", d->id + 4);
	db_int(q, ":segment", str_starts(d->id, "toc:segment:"));
	return row_says(s, d, who, q, e);
}

#define THIS_GRIP \
	"format('grip:%d:%s', g.ts, lower(hex(g.suffix))) = :id"

static int
grip_says(struct seen *s, const struct engine_found *d, size_t who,
    struct err *e)
{
	struct db_query *q;

	if (!str_starts(d->id, "grip:"))
		return OTHER;
	if ((q = db_sql(s->st->db, e, "SELECT g.user, n.session FROM "
	    "toc_grip g JOIN toc_node n ON n.id = g.node "
	    "WHERE g.user = :user AND g.ts = :ts AND " THIS_GRIP
	    " UNION ALL SELECT g.user, n.session FROM user u "
	    "CROSS JOIN toc_grip g ON g.user = u.id AND g.ts = :ts AND "
	    THIS_GRIP " JOIN toc_node n ON n.id = g.node LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":ts", d->ts_ms);
	db_text(q, ":id", d->id);
	db_int(q, ":user", s->user[who]->user);
	return row_says(s, d, who, q, e);
}

/* A fact is of a session by its name; one that went is no more. */
static int
fact_says(struct seen *s, const struct engine_found *d, size_t who,
    struct err *e)
{
	struct db_query *q;
	int64_t id, of = d->source == SOURCE_FACT ? 0 : s->user[who]->user;
	int r;

	if (!fact_id_read(d->id, &id))
		return OTHER;
	if ((q = db_sql(s->st->db, e, "SELECT user, session, gone FROM fact "
	    "WHERE id = :id ORDER BY version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1)
		r = db_get_int(q, 0) == of && db_get_int(q, 2) == 0 &&
		    str_eq(db_get_text(q, 1), d->session) ? SAME : OTHER;
	db_end(q);
	return r;
}

/* --- what was forgotten ------------------------------------------------ */

/* A row of a knowledge base, or the document that a chunk is of. */
static int
record_forgotten(struct seen *s, const struct engine_found *d, struct err *e)
{
	const char *kb = d->within != NULL ? d->within : "";
	size_t n = d->source == SOURCE_DOCUMENT ?
	    document_id_len(RECORD_CHUNK, d->id) : strlen(d->id);
	struct buf b = BUF_INIT;
	int r;

	buf_addf(&b, "%s/%s", kb, d->id);
	if ((r = tombstone_has_record(s->st, b.p, e)) == 0) {
		buf_cut(&b, strlen(kb) + 1 + n);
		r = tombstone_has_record(s->st, b.p, e);
	}
	buf_release(&b);
	return r;
}

static int
forgotten(struct seen *s, const struct engine_found *d, size_t who,
    struct err *e)
{
	const struct seen_user *u = s->user[who];
	int r = 0;

	if (source_is_rows(d->source))
		return record_forgotten(s, d, e);
	if (d->source == SOURCE_EVENT)
		r = tombstone_has_event(s->st, u->user, d->id, e);
	if (r == 0 && d->session != NULL && u->user != 0)
		r = tombstone_has_session(s->st, u->user, d->session, e);
	return r;
}

int
engine_known(struct seen *s, const struct engine_found *d, size_t who,
    const json_t *record, struct err *e)
{
	int r = NO_ROW, row;

	switch (d->source) {
	case SOURCE_EVENT:
		r = event_says(s, d, who, e);
		break;
	case SOURCE_TOC:
		r = node_says(s, d, who, e);
		break;
	case SOURCE_GRIP:
		r = grip_says(s, d, who, e);
		break;
	case SOURCE_FACT:
	case SOURCE_OWN:
		r = fact_says(s, d, who, e);
		break;
	case SOURCE_ARTIFACT:
		r = artifact_says(s, d, who, e);
		break;
	default:
		break;
	}
	row = r;
	if ((r == NO_ROW || r == SAME) && (r = forgotten(s, d, who, e)) >= 0)
		r = r == 0 ? SAME : OTHER;
	return r < 0 ? -1 : r != SAME ? 0 : engine_known_text(s, d, who,
	    row == SAME, record, e);
}
