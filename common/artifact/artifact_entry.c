#include "artifact/artifact_entry.h"

#include "base/json.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <string.h>

#define ENTRY "SELECT a.seq, a.id, a.session, a.state, a.provider, " \
	"a.created, a.here, " OPEN_ARTIFACT("a.") ", s.name FROM artifact a " \
	"LEFT JOIN session s ON s.seq = a.session WHERE "
#define FOUND "a.state <= 4"

int
artifact_newest(struct store *st, struct artifact_reach *mark, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT (SELECT max(seq) FROM artifact), "
	    "(SELECT max(seq) FROM artifact_turn)")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		mark->row = db_get_int(q, 0);
		mark->turn = db_get_int(q, 1);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
show(struct store *st, struct db_query *q, artifact_entry_fn *fn, void *arg,
    struct err *e)
{
	struct artifact a = { .user = st->user_id };
	const char *body;
	struct err ignored;	/* mem-admin check tells what is damaged */
	const void *id;
	size_t n;
	int r;

	a.seq = db_get_int(q, 0);
	id = db_get_blob(q, 1, &n);
	if (n == sizeof a.id)
		memcpy(a.id, id, n);
	a.session = db_get_int(q, 2);
	a.state = (enum artifact_state)db_get_int(q, 3);
	a.provider = (enum artifact_provider)db_get_int(q, 4);
	a.created_ms = db_get_int(q, 5);
	a.here = db_get_int(q, 6) != 0;
	if ((body = db_get_text(q, 7)) != NULL)
		a.body = json_read(body, strlen(body), &ignored);
	r = fn(arg, &a, db_get_text(q, 8), e);
	json_decref(a.body);
	return r;
}

int
artifact_entries(struct store *st, const struct artifact_reach *after,
    artifact_entry_fn *fn, void *arg, struct err *e)
{
	struct artifact_reach newest;
	struct db_query *q;
	int r;

	if (artifact_newest(st, &newest, e) < 0)
		return -1;
	if (newest.row <= after->row && newest.turn <= after->turn)
		return 0;
	/* all of a user by his index; the newest by their rows */
	q = after->row == 0 ? db_sql(st->db, e, ENTRY "a.user = :user AND "
	    FOUND) : db_sql(st->db, e, ENTRY "a.seq > :row AND "
	    "+a.user = :user AND " FOUND " UNION ALL " ENTRY "a.id IN "
	    "(SELECT t.id FROM artifact_turn t WHERE t.seq > :turn) AND "
	    "+a.seq <= :row AND +a.user = :user AND " FOUND);
	if (q == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	if (after->row != 0) {
		db_int(q, ":row", after->row);
		db_int(q, ":turn", after->turn);
	}
	while ((r = db_row(q, e)) == 1)
		if ((r = show(st, q, fn, arg, e)) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
artifact_entry(struct store *st, const char *id, artifact_entry_fn *fn,
    void *arg, struct err *e)
{
	uint8_t key[ULID_BYTES];
	struct db_query *q;
	int r;

	if (!artifact_id_read(id, key))
		return 0;
	if ((q = db_sql(st->db, e, ENTRY "a.id = :id AND +a.user = :user AND "
	    FOUND)) == NULL)
		return -1;
	db_blob(q, ":id", key, sizeof key);
	db_int(q, ":user", st->user_id);
	if ((r = db_row(q, e)) == 1)
		r = show(st, q, fn, arg, e) < 0 ? -1 : 1;
	db_end(q);
	return r;
}

/* Of a query that tells seq and id. */
static int
each_seq(struct store *st, struct db_query *q, int64_t after,
    artifact_seq_fn *fn, void *arg, struct err *e)
{
	char text[ULID_LEN + 1];
	const void *id;
	int64_t seq;
	size_t n;
	int r;

	if (q == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1) {
		seq = db_get_int(q, 0);
		id = db_get_blob(q, 1, &n);
		if (n != ULID_BYTES)
			continue;
		ulid_from_bytes(text, id);
		if ((r = fn(arg, seq, text, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
artifact_each_row(struct store *st, int64_t after, artifact_seq_fn *fn,
    void *arg, struct err *e)
{
	return each_seq(st, db_sql(st->db, e, "SELECT seq, id FROM artifact "
	    "WHERE seq > :after AND +user = :user ORDER BY seq"), after, fn,
	    arg, e);
}

int
artifact_each_turn(struct store *st, int64_t after, artifact_seq_fn *fn,
    void *arg, struct err *e)
{
	return each_seq(st, db_sql(st->db, e, "SELECT t.seq, t.id FROM "
	    "artifact_turn t WHERE t.seq > :after AND EXISTS (SELECT 1 FROM "
	    "artifact a WHERE a.id = t.id AND a.user = :user) ORDER BY t.seq"),
	    after, fn, arg, e);
}

int
artifact_turned(struct store *st, int64_t after, int (*fn)(void *,
    const char *, struct err *), void *arg, struct err *e)
{
	char text[ULID_LEN + 1];
	struct db_query *q;
	const void *id;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT id FROM artifact_turn "
	    "WHERE seq > :after")) == NULL)
		return -1;
	db_int(q, ":after", after);
	while ((r = db_row(q, e)) == 1) {
		id = db_get_blob(q, 0, &n);
		if (n != ULID_BYTES)
			continue;
		ulid_from_bytes(text, id);
		if ((r = fn(arg, text, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
artifact_count_after(struct store *st, const struct artifact_reach *after,
    int64_t most, int64_t *n, struct err *e)
{
	struct artifact_reach newest;
	struct db_query *q;

	*n = 0;
	if (artifact_newest(st, &newest, e) < 0)
		return -1;
	if (newest.row <= after->row && newest.turn <= after->turn)
		return 0;
	/* of none at all its turns tell nothing */
	q = after->row == 0 ? db_sql(st->db, e, "SELECT count(*) FROM "
	    "(SELECT 1 FROM artifact WHERE user = :user LIMIT :most)") :
	    db_sql(st->db, e, "SELECT (SELECT count(*) FROM (SELECT 1 FROM "
	    "artifact WHERE seq > :row AND +user = :user LIMIT :most)) + "
	    "(SELECT count(*) FROM (SELECT 1 FROM artifact_turn WHERE "
	    "seq > :turn LIMIT :most))");
	if (q == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	if (after->row != 0) {
		db_int(q, ":row", after->row);
		db_int(q, ":turn", after->turn);
	}
	db_int(q, ":most", most > 0 ? most : -1);
	return db_first(q, n, e) < 0 ? -1 : 0;
}
