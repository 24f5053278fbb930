#include "sync/journal.h"

#include "base/date.h"
#include "store/db.h"
#include "sync/journal_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "SELECT user, session, node, address, epoch, hold, since, " \
	"number, seen FROM lease"

void
journal_lease_release(struct journal_lease *l)
{
	free(l->user);
	free(l->session);
	free(l->address);
	memset(l, 0, sizeof *l);
}

/*
 * How long it is still held.  After a start of the system its clock begins
 * anew: what it shows is less than what has gone by since then, so this never
 * ends a lease too early.
 */
static int64_t
left(int64_t seen, int64_t hold, int64_t now)
{
	int64_t gone = now >= seen ? now - seen : now;

	return gone >= hold ? 0 : hold - gone;
}

static void
read_row(struct db_query *q, struct journal_lease *l)
{
	const char *node = db_get_text(q, 2);

	l->user = db_dup(q, 0);
	l->session = db_dup(q, 1);
	snprintf(l->node, sizeof l->node, "%s", node != NULL ? node : "");
	l->address = db_dup(q, 3);
	l->epoch = db_get_int(q, 4);
	l->hold_ms = db_get_int(q, 5);
	l->since_ms = db_get_int(q, 6);
	l->number = db_get_int(q, 7);
	l->left_ms = left(db_get_int(q, 8), l->hold_ms, date_monotonic());
}

int
journal_lease(struct journal *j, const char *user, const char *session,
    struct journal_lease *l, struct err *e)
{
	struct db_query *q;
	int r;

	memset(l, 0, sizeof *l);
	if ((q = db_sql(j->db, e, COLUMNS " WHERE user = :user AND "
	    "session = :session")) == NULL)
		return -1;
	db_text(q, ":user", user);
	db_text(q, ":session", session);
	if ((r = db_row(q, e)) == 1)
		read_row(q, l);
	db_end(q);
	return r;
}

int
journal_each_lease(struct journal *j, int (*fn)(void *,
    const struct journal_lease *, struct err *), void *arg, struct err *e)
{
	struct journal_lease l;
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, COLUMNS " ORDER BY user, session")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		read_row(q, &l);
		r = fn(arg, &l, e);
		journal_lease_release(&l);
		if (r != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}
