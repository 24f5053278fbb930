/*
 * A step is a file of SQL; its number is the version that it makes.  The
 * first brings the dictionary that we ship, in the same transaction: a
 * database has all of it or is empty.
 */
#include "store/schema.h"

#include "base/buf.h"
#include "base/date.h"
#include "store/db.h"
#include "store/node.h"

#include <inttypes.h>

extern const unsigned char data_sql_001_base_sql[];
extern const size_t data_sql_001_base_sql_len;
extern const unsigned char data_sql_002_toc_sql[];
extern const size_t data_sql_002_toc_sql_len;
extern const unsigned char data_sql_003_ltm_sql[];
extern const size_t data_sql_003_ltm_sql_len;
extern const unsigned char data_sql_004_sync_sql[];
extern const size_t data_sql_004_sync_sql_len;
extern const unsigned char data_sql_005_artifact_sql[];
extern const size_t data_sql_005_artifact_sql_len;
extern const unsigned char data_sql_006_isolation_sql[];
extern const size_t data_sql_006_isolation_sql_len;
extern const unsigned char data_sql_007_file_sql[];
extern const size_t data_sql_007_file_sql_len;
extern const unsigned char data_dict_event_dict[];
extern const size_t data_dict_event_dict_len;

static const struct step {
	int version;
	const unsigned char *sql;
	const size_t *len;
} steps[] = {
	{ 1, data_sql_001_base_sql, &data_sql_001_base_sql_len },
	{ 2, data_sql_002_toc_sql, &data_sql_002_toc_sql_len },
	{ 3, data_sql_003_ltm_sql, &data_sql_003_ltm_sql_len },
	{ 4, data_sql_004_sync_sql, &data_sql_004_sync_sql_len },
	{ 5, data_sql_005_artifact_sql, &data_sql_005_artifact_sql_len },
	{ 6, data_sql_006_isolation_sql, &data_sql_006_isolation_sql_len },
	{ 7, data_sql_007_file_sql, &data_sql_007_file_sql_len },
};
#define NSTEPS (sizeof steps / sizeof *steps)

int
schema_check(struct db *db, const char *name, struct err *e)
{
	int64_t version, app;

	if (db_number(db, e, "PRAGMA user_version", 0, &version) < 0 ||
	    db_number(db, e, "PRAGMA application_id", 0, &app) < 0)
		return -1;
	if (version != 0 && app != SCHEMA_APP)
		return err_set(e, ERR_CORRUPT, "'%s' is not a memkit database",
		    name);
	if (version > SCHEMA_VERSION)
		return err_set(e, ERR_VERSION, "'%s' was made by a newer "
		    "memkit (schema %" PRId64 ", this is %d); upgrade memkit",
		    name, version, SCHEMA_VERSION);
	return version == SCHEMA_VERSION;
}

/* Bodies can be written from now on, and read without us. */
static int
first_dict(struct db *db, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(db, e, "INSERT INTO dict (id, made, data) "
	    "VALUES (1, :now, :data)")) == NULL)
		return -1;
	db_int(q, ":now", date_real());
	db_blob(q, ":data", data_dict_event_dict, data_dict_event_dict_len);
	return db_run(q, e);
}

static int
schema_step(struct db *db, const struct step *s, struct err *e)
{
	struct buf sql = BUF_INIT;
	int64_t version = 0;
	int r = -1;

	if (tx_begin(db, e) < 0)
		return -1;
	/* Another process may have been first. */
	if (db_number(db, e, "PRAGMA user_version", 0, &version) == 0)
		r = 0;
	if (r == 0 && version < s->version) {
		buf_add(&sql, s->sql, *s->len);
		buf_addf(&sql, "\nPRAGMA application_id = %d;"
		    "\nPRAGMA user_version = %d;", SCHEMA_APP, s->version);
		r = db_script(db, sql.p, e);
		if (r == 0 && s->version == 1)
			r = first_dict(db, e);
		if (r == 0 && s->version == 4)
			r = node_first(db, e);
	}
	buf_release(&sql);
	return tx_end(db, r, e);
}

int
schema_migrate(struct db *db, const char *name, struct err *e)
{
	size_t i;
	int r;

	if ((r = schema_check(db, name, e)) != 0)
		return r < 0 ? -1 : 0;
	for (i = 0; i < NSTEPS; i++)
		if (schema_step(db, &steps[i], e) < 0)
			return err_add(e, "migrating '%s' to schema %d: ", name,
			    steps[i].version);
	return 0;
}

void
schema_text(struct buf *b)
{
	size_t i;

	for (i = 0; i < NSTEPS; i++)
		buf_add(b, steps[i].sql, *steps[i].len);
}
