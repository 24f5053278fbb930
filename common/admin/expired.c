#include "admin/expired.h"

#include "base/str.h"
#include "base/ulid.h"
#include "memory/record_row.h"
#include "store/db.h"
#include "store/store.h"

#define DAY_MS INT64_C(86400000)

const char *const expired_keys[] = { "retain.session", "retain.user",
    "retain.tenant", "retain.kb", NULL };

/* 1 and the time before which all goes; 0 it is not set. */
static int
before(struct store *st, const char *key, int64_t now_ms, int64_t *ms,
    struct err *e)
{
	const char *value = conf_get(st->conf, key, NULL);
	int64_t days;

	if (value == NULL)
		return 0;
	if (!str_int(value, 1, EXPIRED_DAYS_MAX, &days))
		return err_set(e, ERR_INPUT, "%s wants a number of days from 1 "
		    "to %d", key, EXPIRED_DAYS_MAX);
	if (store_obeys(st, key, e) < 0)
		return -1;
	*ms = now_ms - days * DAY_MS;
	return 1;
}

/* Rows of id and user. */
static int
take(struct db_query *q, enum erase_kind kind, int64_t ms,
    struct erase_targets *t, struct err *e)
{
	int r;

	if (q == NULL)
		return -1;
	db_int(q, ":before", ms);
	while ((r = db_row(q, e)) == 1)
		erase_add_of(t, kind, db_get_text(q, 0), db_get_text(q, 1));
	db_end(q);
	return r;
}

static int
sessions(struct store *st, int64_t ms, struct erase_targets *t,
    struct err *e)
{
	return take(db_sql(st->db, e, "SELECT name, user FROM (SELECT s.name, "
	    "u.name AS user, max(ifnull(s.end_ms, -1), ifnull((SELECT max(at) "
	    "FROM variable WHERE session = s.seq), -1), ifnull((SELECT max(at) "
	    "FROM file WHERE session = s.seq), -1)) AS last FROM session s "
	    "JOIN user u ON u.id = s.user) WHERE last >= 0 AND last < :before "
	    "ORDER BY user, name"), ERASE_SESSION, ms, t, e);
}

/* The newest version of a fact tells how old it is; of those that no processor
 * makes. */
#define FACTS(scope) "SELECT format('fact:%016x', f.id), u.name FROM fact f " \
	"LEFT JOIN user u ON u.id = f.user WHERE f.job <= 0 AND f.scope = " \
	scope " GROUP BY f.id HAVING max(f.valid_from) < :before ORDER BY f.id"

static int
of_users(struct store *st, int64_t ms, struct erase_targets *t,
    struct err *e)
{
	char id[ULID_LEN + 1];
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if (take(db_sql(st->db, e, FACTS("1")), ERASE_FACT, ms, t, e) < 0 ||
	    (q = db_sql(st->db, e, "SELECT a.id, u.name FROM artifact a "
	    "JOIN user u ON u.id = a.user WHERE a.session = 0 AND "
	    "a.state NOT IN (1, 2, 5, 6) AND a.created < :before "
	    "ORDER BY a.seq")) == NULL)
		return -1;
	db_int(q, ":before", ms);
	while ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		if (n != ULID_BYTES)
			continue;
		ulid_from_bytes(id, p);
		erase_add_of(t, ERASE_ARTIFACT, id, db_get_text(q, 1));
	}
	db_end(q);
	return r;
}

static int
records(struct store *st, int64_t ms, struct erase_targets *t,
    struct err *e)
{
	return take(db_sql(st->db, e, "SELECT k.name || '/' || r.id, NULL "
	    "FROM record r JOIN kb k ON k.id = r.kb WHERE r.type <> '"
	    RECORD_TYPE_CHUNK "' OR NOT EXISTS (SELECT 1 FROM record d WHERE "
	    "d.kb = r.kb AND d.id = substr(r.id, 1, length(r.id) - 17)) "
	    "GROUP BY r.kb, r.id "
	    "HAVING max(r.at) < :before ORDER BY k.name, r.id"),
	    ERASE_RECORD, ms, t, e);
}

int
expired_find(struct store *st, int64_t now_ms, struct erase_targets *t,
    struct err *e)
{
	int64_t ms;
	int r;

	if ((r = before(st, "retain.session", now_ms, &ms, e)) < 0 ||
	    (r == 1 && sessions(st, ms, t, e) < 0) ||
	    (r = before(st, "retain.user", now_ms, &ms, e)) < 0 ||
	    (r == 1 && of_users(st, ms, t, e) < 0) ||
	    (r = before(st, "retain.tenant", now_ms, &ms, e)) < 0 ||
	    (r == 1 && take(db_sql(st->db, e, FACTS("2")), ERASE_FACT, ms, t,
	    e) < 0) || (r = before(st, "retain.kb", now_ms, &ms, e)) < 0 ||
	    (r == 1 && records(st, ms, t, e) < 0))
		return -1;
	return 0;
}
