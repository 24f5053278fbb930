/*
 * The journal of bytes that are to be taken away.
 */
#include "artifact/artifact_own.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>

int
artifact_byte_add(struct store *st, const struct artifact_byte *b,
    int64_t *seq, struct err *e)
{
	struct buf said = BUF_INIT;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "INSERT INTO artifact_byte (artifact, "
	    "provider, object, said, at) VALUES (:artifact, :provider, "
	    ":object, :said, :at)")) == NULL)
		return -1;
	db_int(q, ":artifact", b->artifact);
	db_int(q, ":provider", b->provider);
	db_text(q, ":object", b->object);
	artifact_bind_json(q, ":said", b->said, &said);
	db_int(q, ":at", date_real());
	r = db_run(q, e);
	buf_release(&said);
	if (seq != NULL)
		*seq = db_last_id(st->db);
	return r;
}

int
artifact_byte_remove(struct store *st, int64_t seq, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM artifact_byte "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

int
artifact_byte_each(struct store *st, int64_t after, int64_t n,
    int (*fn)(void *, const struct artifact_byte *, struct err *), void *arg,
    struct err *e)
{
	struct artifact_byte *v = xcalloc((size_t)n, sizeof *v);
	int64_t got = 0, i;
	struct db_query *q;
	int r = -1;

	if ((q = db_sql(st->db, e, "SELECT seq, artifact, provider, object, "
	    "said FROM artifact_byte WHERE seq > :after ORDER BY seq "
	    "LIMIT :n")) != NULL) {
		db_int(q, ":after", after);
		db_int(q, ":n", n);
		while (got < n && (r = db_row(q, e)) == 1) {
			v[got].seq = db_get_int(q, 0);
			v[got].artifact = db_get_int(q, 1);
			v[got].provider =
			    (enum artifact_provider)db_get_int(q, 2);
			v[got].object = db_dup(q, 3);
			v[got++].said = artifact_get_json(q, 4);
		}
		db_end(q);
		r = r < 0 ? -1 : 0;
	}
	for (i = 0; i < got; i++) {
		if (r == 0)
			r = fn(arg, &v[i], e);
		free((char *)v[i].object);
		json_decref(v[i].said);
	}
	free(v);
	return r;
}
