#include "memory/artifact_use.h"

#include "store/db.h"
#include "store/store.h"

int
artifact_use_add(struct store *st, const uint8_t id[ULID_BYTES],
    int64_t record, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO artifact_use (id, record) "
	    "VALUES (:id, :record) ON CONFLICT DO NOTHING")) == NULL)
		return -1;
	db_blob(q, ":id", id, ULID_BYTES);
	db_int(q, ":record", record);
	return db_run(q, e);
}

int
artifact_use_copy(struct store *st, int64_t from, int64_t record,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO artifact_use (id, record) "
	    "SELECT id, :record FROM artifact_use WHERE record = :from "
	    "ON CONFLICT DO NOTHING")) == NULL)
		return -1;
	db_int(q, ":record", record);
	db_int(q, ":from", from);
	return db_run(q, e);
}
