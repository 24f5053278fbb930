/*
 * What a push would have to do, by what is here.
 */
#include "sync/push.h"

#include "base/str.h"
#include "store/change.h"
#include "store/db.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/journal.h"

#include <stdbool.h>
#include <string.h>

/* Changes from :own, the first that is one, that came in here, and not from
 * others. */
#define OWN "seq >= :own AND NOT ifnull((SELECT first <= c.seq FROM origin " \
	"WHERE last >= c.seq ORDER BY last LIMIT 1), 0)"

static int
add_row(struct behind *b, struct db_query *q, struct err *e)
{
	int64_t at;
	int r = db_row(q, e);

	if (r == 1 && db_get_int(q, 0) > 0) {
		at = db_get_int(q, 1);
		if (b->changes == 0 || at < b->since_ms)
			b->since_ms = at;
		b->changes += db_get_int(q, 0);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* What came when this copy had another name, and is not there. */
static int
add_former(struct store *st, struct journal *j, const char *name,
    struct behind *b, struct err *e)
{
	struct db_query *q;
	int64_t upto = 0;

	if ((j != NULL && journal_upto(j, name, &upto, e) < 0) ||
	    (q = db_sql(st->db, e, "SELECT count(*), min(c.at) FROM origin "
	    "JOIN change c ON c.seq BETWEEN first AND last WHERE node = :node "
	    "AND own = 1 AND c.seq > :after AND c.type <> 6")) == NULL)
		return -1;
	db_text(q, ":node", name);
	db_int(q, ":after", upto);
	return add_row(b, q, e);
}

int
push_behind(struct store *st, struct journal *j, struct behind *b,
    struct err *e)
{
	char node[ULID_LEN + 1];
	struct db_query *q;
	struct strv former = STRV_INIT;
	int64_t upto = 0, own;
	size_t i;
	int r;

	memset(b, 0, sizeof *b);
	if (node_name(st, node, e) < 0 || (j != NULL &&
	    journal_upto(j, node, &upto, e) < 0) ||
	    node_own_after(st, upto, &own, e) < 0 ||
	    change_last(st, &b->newest, e) < 0 || (q = db_sql(st->db, e,
	    "SELECT count(*), min(at) FROM change c WHERE " OWN
	    " AND type <> 6")) == NULL)
		return -1;
	db_int(q, ":own", own);
	if ((r = add_row(b, q, e)) == 0)
		r = node_formers(st, &former, e);
	for (i = 0; r == 0 && i < former.n; i++)
		r = add_former(st, j, former.v[i], b, e);
	strv_release(&former);
	return r;
}

/* Ids of sessions are made into names once for each, not for each change. */
int
push_sessions(struct store *st, int64_t after, int (*fn)(void *,
    const char *user, const char *session, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;
	int64_t own;
	int r;

	if (node_own_after(st, after, &own, e) < 0)
		return -1;
	if ((q = db_sql(st->db, e, "SELECT u.name, s.name FROM session s "
	    "JOIN user u ON u.id = s.user WHERE s.seq IN ("
	    "SELECT CASE type WHEN 1 THEN (SELECT session FROM event "
	    "WHERE seq = ref) WHEN 2 THEN ref WHEN 5 THEN (SELECT session "
	    "FROM variable WHERE seq = ref) WHEN 7 THEN (SELECT session "
	    "FROM file WHERE seq = ref) END FROM change c WHERE " OWN
	    ") ORDER BY u.name, s.name")) == NULL)
		return -1;
	db_int(q, ":own", own);
	while ((r = db_row(q, e)) == 1 && (r = fn(arg, db_get_text(q, 0),
	    db_get_text(q, 1), e)) == 0)
		;
	db_end(q);
	return r < 0 ? -1 : 0;
}
