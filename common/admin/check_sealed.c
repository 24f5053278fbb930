/*
 * What is sealed: that each row is, with a key that is here, and opens in its
 * own place.  Events are looked at with their bodies (check_body.c).
 */
#include "admin/check.h"

#include "base/alloc.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

/* Keys whose rows are gone, and rows that are in clear. */
#define WRONG \
	"SELECT t, seq, key FROM (" \
	"SELECT 'event' AS t, seq, key FROM event UNION ALL " \
	"SELECT 'record', seq, key FROM record UNION ALL " \
	"SELECT 'variable', seq, key FROM variable " \
	"WHERE value IS NOT NULL UNION ALL " \
	"SELECT 'fact', seq, key FROM fact UNION ALL " \
	"SELECT 'decision', seq, key FROM decision UNION ALL " \
	"SELECT 'toc_version', seq, key FROM toc_version " \
	"WHERE gone = 0 AND forgot = 0 UNION ALL " \
	"SELECT 'file', seq, key FROM file UNION ALL " \
	"SELECT 'artifact', seq, key FROM artifact WHERE body <> '{}') " \
	"WHERE key NOT IN (SELECT id FROM seal_key)"

#define OPEN_ALL \
	"SELECT 'record', seq, opens(" AD_RECORD("") ") FROM record " \
	"WHERE key <> 0 UNION ALL " \
	"SELECT 'variable', seq, opens(" AD_VARIABLE("") ") FROM variable " \
	"WHERE key <> 0 UNION ALL " \
	"SELECT 'fact', seq, opens(" AD_FACT("") ") FROM fact " \
	"WHERE key <> 0 UNION ALL " \
	"SELECT 'decision', seq, opens(" AD_DECISION("") ") FROM decision " \
	"WHERE key <> 0 UNION ALL " \
	"SELECT 'toc_version', seq, opens(" AD_CONTENTS("") ") " \
	"FROM toc_version WHERE key <> 0 UNION ALL " \
	"SELECT 'file', seq, opens(" AD_FILE("") ") FROM file " \
	"WHERE key <> 0 UNION ALL " \
	"SELECT 'artifact', seq, opens(" AD_ARTIFACT("") ") FROM artifact " \
	"WHERE key <> 0"

static int
check_keys(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, WRONG)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = db_get_int(q, 2) == 0 ? check_report(c, e, "sealed",
		    CHECK_RESTORE, where, "it is in clear, in a tenant that is "
		    "sealed") : check_report(c, e, "sealed", CHECK_RESTORE,
		    where, "the key that it is sealed with, %" PRId64 ", is "
		    "gone", db_get_int(q, 2))) < 0)
			break;
	}
	db_end(q);
	return r;
}

static int
check_open(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, OPEN_ALL)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if (db_is_null(q, 2) || db_get_int(q, 2) != 0)
			continue;	/* a key that is gone was told */
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = check_report(c, e, "sealed", CHECK_RESTORE, where,
		    "it does not open: it was altered, or put in another's "
		    "place")) < 0)
			break;
	}
	db_end(q);
	return r;
}

int
check_sealed(struct check *c, struct err *e)
{
	uint8_t key[32];
	int r;

	/* without its keys nothing can be said of a tenant */
	if ((r = store_index_key(c->st, key, e)) <= 0)
		return r;
	mem_wipe(key, sizeof key);
	return check_keys(c, e) < 0 ? -1 : check_open(c, e);
}
