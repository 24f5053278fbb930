/*
 * Facts and what they are made from: one version of each counts, bodies can
 * be read, groups hold as many rows as they say, and every row that is there
 * knows of each group that holds it.
 */
#include "admin/check.h"

#include "base/buf.h"
#include "base/json.h"
#include "ltm/entry.h"
#include "ltm/group.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAKE_AGAIN "run mem-ltm run --rebuild"

static int
check_versions(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT f.seq, 'a later version begins "
	    "before it ends' FROM fact f JOIN fact g ON g.id = f.id AND "
	    "g.version = f.version + 1 WHERE f.valid_until IS NULL OR "
	    "f.valid_until > g.valid_from "
	    "UNION ALL SELECT seq, 'its confidence is not from 0 to 1' FROM "
	    "fact WHERE confidence NOT BETWEEN 0 AND 1 "
	    "UNION ALL SELECT seq, 'what it is made of was not decided' FROM "
	    "fact WHERE decision IS NOT NULL AND decision NOT IN "
	    "(SELECT seq FROM decision) "
	    "UNION ALL SELECT seq, 'its body is not JSON with a sentence and "
	    "tags' FROM (SELECT seq, " OPEN_FACT("") " AS open FROM fact) "
	    "WHERE NOT json_valid(open) OR "
	    "json_type(open, '$.content') IS NOT 'text' OR "
	    "json_type(open, '$.tags') IS NOT 'array'")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "fact row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "fact", CHECK_RESTORE, where, "%s",
		    db_get_text(q, 1))) < 0)
			break;
	}
	db_end(q);
	return r;
}

struct counting {
	int64_t rows;
	bool damaged;
};

static int
count_row(void *arg, int64_t row, const char *p, size_t len)
{
	struct counting *n = arg;
	struct entry_head h;

	(void)row;
	n->rows++;
	if (len > 0 && !entry_get_head(&p, p + len, &h))
		n->damaged = true;
	return 0;
}

/* The group at which q stands. */
static int
check_group(struct check *c, struct groups *gs, struct db_query *q,
    struct err *e)
{
	struct counting n = { 0, false };
	struct group *g;
	struct err why;
	char where[80];
	int r;

	if ((r = groups_find(gs, db_get_int(q, 0), &g, e)) <= 0)
		return r;
	if (group_each(gs, g, count_row, &n, &why) < 0)
		n.damaged = true;
	if (!n.damaged && n.rows == g->n)
		return 0;
	snprintf(where, sizeof where, "ltm_group row %" PRId64, g->id);
	return check_report(c, e, "group", MAKE_AGAIN, where, n.damaged ?
	    "its rows cannot be read" : "it says %" PRId64 " rows and has %"
	    PRId64, g->n, n.rows);
}

static int
check_groups(struct check *c, struct err *e)
{
	struct groups gs;
	struct db_query *q;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT id FROM ltm_group ORDER BY id"))
	    == NULL)
		return -1;
	groups_init(&gs, c->st, NULL, NULL, 0, false);
	while ((r = db_row(q, e)) == 1) {
		if ((r = check_group(c, &gs, q, e)) < 0)
			break;
		groups_forget(&gs);
	}
	db_end(q);
	groups_release(&gs);
	return r;
}

static int
check_rows(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT 'ltm_row', row, 'the record that "
	    "it is of is not there' FROM ltm_row WHERE row > 0 AND row NOT IN "
	    "(SELECT seq FROM record) UNION ALL "
	    "SELECT 'ltm_group', id, 'it has a chunk less than it says' FROM "
	    "ltm_group g WHERE chunks <> (SELECT count(*) FROM ltm_member "
	    "WHERE grp = g.id) UNION ALL "
	    "SELECT 'ltm_member of group', grp, 'there is no such group' FROM "
	    "ltm_member WHERE grp NOT IN (SELECT id FROM ltm_group) UNION ALL "
	    "SELECT 'verdict', fact, 'there is no such fact' FROM verdict "
	    "WHERE fact NOT IN (SELECT id FROM fact) UNION ALL "
	    "SELECT 'fact', seq, 'a verdict that is not found' FROM fact "
	    "WHERE job = -1 AND id NOT IN (SELECT fact FROM verdict)"))
	    == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = check_report(c, e, "group", MAKE_AGAIN, where, "%s",
		    db_get_text(q, 2))) < 0)
			break;
	}
	db_end(q);
	return r;
}

int
check_facts(struct check *c, struct err *e)
{
	return check_versions(c, e) < 0 || check_rows(c, e) < 0 ||
	    check_groups(c, e) < 0 ? -1 : 0;
}
