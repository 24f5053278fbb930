#include "sync/journal_pack.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"
#include "sync/journal.h"
#include "sync/journal_db.h"
#include "sync/packfile.h"

#include <string.h>

#define COLUMNS "id, name, number, size, bytes_index, files, bytes, known, " \
	"head, sum "

/* The first row, and the end of the query: 1, 0 none. */
static int
read_one(struct db_query *q, struct journal_pack *p, struct err *e)
{
	const void *head;
	int r;

	if ((r = db_row(q, e)) == 1) {
		memset(p, 0, sizeof *p);
		p->id = db_get_int(q, 0);
		db_copy_text(q, 1, p->m.name, sizeof p->m.name);
		p->number = db_get_int(q, 2);
		p->m.size = db_get_int(q, 3);
		p->m.index = db_get_int(q, 4);
		p->m.files = db_get_int(q, 5);
		p->m.bytes = db_get_int(q, 6);
		p->known = db_get_int(q, 7) != 0;
		head = db_get_blob(q, 8, &p->head_len);
		if (p->head_len > sizeof p->head)
			p->head_len = sizeof p->head;
		if (p->head_len > 0)
			memcpy(p->head, head, p->head_len);
		db_copy_text(q, 9, p->sum, sizeof p->sum);
	}
	db_end(q);
	return r;
}

int
journal_pack_named(struct journal *j, const char *name,
    struct journal_pack *p, struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "SELECT " COLUMNS
	    "FROM pack WHERE name = :name");

	if (q == NULL)
		return -1;
	db_text(q, ":name", name);
	return read_one(q, p, e);
}

int
journal_pack_get(struct journal *j, int64_t id, struct journal_pack *p,
    struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "SELECT " COLUMNS
	    "FROM pack WHERE id = :id");

	if (q == NULL)
		return -1;
	db_int(q, ":id", id);
	return read_one(q, p, e);
}

int
journal_pack_unread(struct journal *j, int64_t after, struct journal_pack *p,
    struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "SELECT " COLUMNS
	    "FROM pack WHERE known = 0 AND id > :after ORDER BY id LIMIT 1");

	if (q == NULL)
		return -1;
	db_int(q, ":after", after);
	return read_one(q, p, e);
}

int
journal_pack_ready(struct journal *j, int64_t after, struct journal_pack *p,
    struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "SELECT " COLUMNS
	    "FROM pack WHERE number = 0 AND id > :after ORDER BY id LIMIT 1");

	if (q == NULL)
		return -1;
	db_int(q, ":after", after);
	return read_one(q, p, e);
}

#define OLD "number = 0 AND name NOT IN (SELECT name FROM fresh " \
	"WHERE at > :old)"

static int
drop_old(struct journal *j, struct err *e)
{
	const int64_t old = date_real() - JOURNAL_FRESH_MS;
	struct db_query *q;

	if ((q = db_sql(j->db, e, "DELETE FROM pack_file WHERE pack IN "
	    "(SELECT id FROM pack WHERE " OLD ")")) == NULL)
		return -1;
	db_int(q, ":old", old);
	if (db_run(q, e) < 0 || (q = db_sql(j->db, e, "DELETE FROM pack WHERE "
	    OLD)) == NULL)
		return -1;
	db_int(q, ":old", old);
	return db_run(q, e);
}

int
journal_pack_drop_old(struct journal *j, struct err *e)
{
	if (tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, drop_old(j, e), e);
}

/* What the journal has in place of a hash: it is asked for, and never shown. */
static int
name_of(struct journal *j, const uint8_t *sha256, uint8_t out[HASH_LEN],
    struct err *e)
{
	struct sealed_beside k;
	int64_t key = 0;
	int r;

	memcpy(out, sha256, HASH_LEN);
	/* the first pull makes a tenant a sealed one while it is open */
	if (j->st == NULL || j->st->db == NULL ||
	    (r = store_is_sealed(j->st, e)) == 0)
		return 0;
	if (r < 0 || store_seal_key_there(j->st, 0, 0, &key, e) < 0)
		return -1;
	if (key == 0 || (r = store_seal_beside(j->st, key, &k, e)) == 0)
		return err_set(e, ERR_CORRUPT, "the key of tenant '%s' is "
		    "gone; restore a backup", j->st->tenant);
	if (r < 0)
		return -1;
	hmac_mem(k.names, sizeof k.names, sha256, HASH_LEN, out);
	mem_wipe(&k, sizeof k);
	return 0;
}

int
journal_pack_find(struct journal *j, const uint8_t sha256[HASH_LEN],
    int64_t after, struct journal_member *m, struct err *e)
{
	uint8_t sum[HASH_LEN];
	struct db_query *q;
	int r;

	if (name_of(j, sha256, sum, e) < 0 ||
	    (q = db_sql(j->db, e, "SELECT pack, at, size FROM pack_file WHERE "
	    "sha256 = :sum AND pack > :after ORDER BY pack LIMIT 1")) == NULL)
		return -1;
	db_blob(q, ":sum", sum, HASH_LEN);
	db_int(q, ":after", after);
	if ((r = db_row(q, e)) == 1) {
		m->pack = db_get_int(q, 0);
		m->offset = (uint64_t)db_get_int(q, 1);
		m->size = (uint64_t)db_get_int(q, 2);
	}
	db_end(q);
	return r;
}

/* --- writing ----------------------------------------------------------- */

/* A pack that is there already, its name alone compared, is left. */
static int
insert(struct journal *j, const struct manifest_pack *m, int64_t number,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "INSERT INTO pack (name, number, size, "
	    "bytes_index, files, bytes) VALUES (:name, :number, :size, "
	    ":index, :files, :bytes) ON CONFLICT DO UPDATE SET number = "
	    "CASE number WHEN 0 THEN :number ELSE number END")) == NULL)
		return -1;
	db_text(q, ":name", m->name);
	db_int(q, ":number", number);
	db_int(q, ":size", m->size);
	db_int(q, ":index", m->index);
	db_int(q, ":files", m->files);
	db_int(q, ":bytes", m->bytes);
	return db_run(q, e);
}

static int
add_member(struct journal *j, int64_t id, const struct pack_member *m,
    struct err *e)
{
	uint8_t sum[HASH_LEN];
	struct db_query *q;

	if (name_of(j, m->sha256, sum, e) < 0 ||
	    (q = db_sql(j->db, e, "INSERT OR REPLACE INTO pack_file (sha256, "
	    "pack, at, size) VALUES (:sum, :pack, :at, :size)")) == NULL)
		return -1;
	db_blob(q, ":sum", sum, HASH_LEN);
	db_int(q, ":pack", id);
	db_int(q, ":at", (int64_t)m->offset);
	db_int(q, ":size", (int64_t)m->size);
	return db_run(q, e);
}

static int
note(struct journal *j, const struct journal_pack *p,
    const struct packfile *file, struct err *e)
{
	struct db_query *q;
	size_t i;

	if ((q = db_sql(j->db, e, "UPDATE pack SET known = 1, size = :size, "
	    "head = :head, sum = :sum WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", p->id);
	db_int(q, ":size", p->m.size);
	db_blob(q, ":head", p->head, p->head_len);
	db_text(q, ":sum", p->sum);
	if (db_run(q, e) < 0)
		return -1;
	for (i = 0; i < file->n; i++)
		if (add_member(j, p->id, &file->v[i], e) < 0)
			return -1;
	return 0;
}

static int
add(struct journal *j, const struct journal_pack *p,
    const struct packfile *file, struct err *e)
{
	struct journal_pack there, full = *p;

	if (insert(j, &p->m, 0, e) < 0 ||
	    journal_fresh_add(j, p->m.name, e) < 0 ||
	    journal_pack_named(j, p->m.name, &there, e) < 0)
		return -1;
	full.id = there.id;
	return file != NULL && !there.known ? note(j, &full, file, e) : 0;
}

int
journal_pack_add(struct journal *j, const struct journal_pack *p,
    const struct packfile *file, struct err *e)
{
	if (tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, add(j, p, file, e), e);
}

int
journal_pack_note(struct journal *j, const struct journal_pack *p,
    const struct packfile *file, struct err *e)
{
	if (tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, note(j, p, file, e), e);
}

static int
doubt(struct journal *j, int64_t id, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "UPDATE pack SET known = 0 WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", id);
	if (db_run(q, e) < 0 || (q = db_sql(j->db, e, "DELETE FROM pack_file "
	    "WHERE pack = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	return db_run(q, e);
}

int
journal_pack_doubt(struct journal *j, int64_t id, struct err *e)
{
	if (tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, doubt(j, id, e), e);
}

/* Of a manifest: whoever put it. */
int
journal_put_pack(struct journal *j, const struct sync_manifest *m,
    const struct manifest_pack *p, struct err *e)
{
	return insert(j, p, m->number, e);
}
