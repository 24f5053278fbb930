#include "memory/graft_row.h"

#include "base/date.h"
#include "base/str.h"
#include "base/ulid.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <string.h>

const char *const graft_kinds[] = { "events", "contents", "facts",
    "variables", "files", "artifacts", NULL };

/* --- words ------------------------------------------------------------- */

static int
kind_add(const char *word, size_t n, unsigned *kinds, struct err *e)
{
	struct buf names = BUF_INIT;
	int i;

	for (i = 0; graft_kinds[i] != NULL; i++)
		if (strlen(graft_kinds[i]) == n &&
		    memcmp(graft_kinds[i], word, n) == 0) {
			*kinds |= 1U << i;
			return 0;
		}
	graft_kinds_print(&names, GRAFT_ALL);
	err_set(e, ERR_USAGE, "'%.*s' is nothing that a session has; there "
	    "are %s", (int)n, word, names.p);
	buf_release(&names);
	return -1;
}

int
graft_kinds_parse(const char *s, unsigned *kinds, struct err *e)
{
	size_t n;

	*kinds = 0;
	for (;; s += n + 1) {
		n = strcspn(s, ",");
		if (kind_add(s, n, kinds, e) < 0)
			return -1;
		if (s[n] == '\0')
			return 0;
	}
}

void
graft_kinds_print(struct buf *b, unsigned kinds)
{
	const char *between = "";
	int i;

	for (i = 0; graft_kinds[i] != NULL; i++)
		if (kinds >> i & 1) {
			buf_addf(b, "%s%s", between, graft_kinds[i]);
			between = ",";
		}
}

int
graft_to_parse(const char *s, struct graft_row *g, struct err *e)
{
	if (str_eq(s, "tenant")) {
		g->to = GRAFT_TENANT;
		g->to_name = "";
		return 0;
	}
	if (str_starts(s, "user:")) {
		g->to = GRAFT_USER;
		g->to_name = s + strlen("user:");
		return name_check("the user's name", g->to_name, e);
	}
	if (str_starts(s, "session:")) {
		g->to = GRAFT_SESSION;
		g->to_name = s + strlen("session:");
		return name_check("the session's name", g->to_name, e);
	}
	return err_set(e, ERR_USAGE, "'%s' is nobody who receives a graft; "
	    "name user:NAME, session:ID or tenant", s);
}

void
graft_to_print(struct buf *b, enum graft_to to, const char *name)
{
	static const char *const words[] = { "session:", "user:", "tenant" };

	buf_addf(b, "%s%s", words[to], name);
}

/* --- rows -------------------------------------------------------------- */

int
graft_row_check(const struct graft_row *g, struct err *e)
{
	bool ranged = g->since_ms != GRAFT_SINCE || g->until_ms != GRAFT_UNTIL;

	if (g->kinds == 0 || g->kinds & ~GRAFT_ALL)
		return err_set(e, ERR_USAGE, "it covers nothing");
	if (ranged && g->kinds & ~GRAFT_TIMED)
		return err_set(e, ERR_USAGE, "only events and contents have "
		    "times: leave the range or the others out");
	if (g->since_ms < GRAFT_SINCE || g->until_ms > GRAFT_UNTIL ||
	    g->since_ms >= g->until_ms)
		return err_set(e, ERR_USAGE, "the range is none of times");
	return 0;
}

int
graft_row_read(struct db_query *q, struct graft_row *g, int64_t *session,
    int64_t *user, struct err *e)
{
	int64_t to = db_get_int(q, 4);
	const void *id;
	size_t n;

	memset(g, 0, sizeof *g);
	g->seq = db_get_int(q, 0);
	id = db_get_blob(q, 1, &n);
	if (n != ULID_BYTES || to < 0 || to > GRAFT_TENANT)
		return err_set(e, ERR_CORRUPT, "a graft's row is damaged; run "
		    "mem-admin check");
	ulid_from_bytes(g->id, id);
	g->session = db_get_text(q, 2);
	g->user = db_get_text(q, 3);
	g->to = (enum graft_to)to;
	g->to_name = db_get_text(q, 5);
	g->kinds = (unsigned)db_get_int(q, 6) & GRAFT_ALL;
	g->since_ms = db_get_int(q, 7);
	g->until_ms = db_get_int(q, 8);
	g->expires_ms = db_is_null(q, 9) ? GRAFT_NEVER : db_get_int(q, 9);
	g->created_ms = db_get_int(q, 10);
	g->revoked_ms = db_get_int(q, 11);
	g->by = db_get_text(q, 12);
	*session = db_get_int(q, 13);
	*user = db_get_int(q, 14);
	return 0;
}

int
graft_row_put(struct store *st, int64_t session, struct graft_row *g,
    struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;

	ulid_parse(g->id, id);
	if ((q = db_sql(st->db, e, "INSERT INTO graft (id, session, to_kind, "
	    "to_name, kinds, since, until, expires, created, revoked, by) "
	    "VALUES (:id, :session, :to, :name, :kinds, :since, :until, "
	    ":expires, :created, :revoked, :by)")) == NULL)
		return -1;
	db_blob(q, ":id", id, sizeof id);
	db_int(q, ":session", session);
	db_int(q, ":to", g->to);
	db_text(q, ":name", g->to_name);
	db_int(q, ":kinds", g->kinds);
	db_int(q, ":since", g->since_ms);
	db_int(q, ":until", g->until_ms);
	if (g->expires_ms != GRAFT_NEVER)
		db_int(q, ":expires", g->expires_ms);
	else
		db_null(q, ":expires");
	db_int(q, ":created", g->created_ms);
	db_int(q, ":revoked", g->revoked_ms);
	db_text(q, ":by", g->by);
	if (db_run(q, e) < 0)
		return -1;
	g->seq = db_last_id(st->db);
	return change_push(st, CHANGE_GRAFT, g->seq, e);
}

int
graft_row_find(struct store *st, const uint8_t id[ULID_BYTES],
    struct graft_found *f, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT g.seq, g.session, g.revoked, "
	    "ifnull(s.user, 0) FROM graft g LEFT JOIN session s "
	    "ON s.seq = g.session WHERE g.id = :id")) == NULL)
		return -1;
	db_blob(q, ":id", id, ULID_BYTES);
	if ((r = db_row(q, e)) == 1) {
		f->seq = db_get_int(q, 0);
		f->session = db_get_int(q, 1);
		f->revoked_ms = db_get_int(q, 2);
		f->user = db_get_int(q, 3);
		ulid_from_bytes(f->id, id);
	}
	db_end(q);
	return r;
}

int
graft_row_revoke(struct store *st, int64_t seq, int64_t at_ms, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE graft SET revoked = :at WHERE "
	    "seq = :seq")) == NULL)
		return -1;
	db_int(q, ":at", at_ms);
	db_int(q, ":seq", seq);
	return db_run(q, e) < 0 ? -1 : change_push(st, CHANGE_GRAFT, seq, e);
}

int
graft_row_note(struct store *st, const struct graft_row *g, const char *how,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	buf_adds(&b, g->id);
	buf_adds(&b, " to ");
	graft_to_print(&b, g->to, g->to_name);
	buf_adds(&b, ": ");
	graft_kinds_print(&b, g->kinds);
	if (how != NULL)
		buf_addf(&b, ", %s", how);
	r = audit_add(st, "graft", g->session, b.p, e);
	buf_release(&b);
	return r;
}
