#include "ltm/ltm_job.h"

#include "base/hash.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES 1		/* what the code makes of a file: a number more where
			   it makes something else of the same */

static void
meta_name(const struct job *j, struct buf *b)
{
	buf_addf(b, "ltm/%s/%s", j->p->name, j->kb);
}

/* Of the file, the language its words are in, and this code. */
static int
rules_now(const struct job *j, char out[33], struct err *e)
{
	const struct language *l;
	uint8_t sum[HASH_LEN];
	struct hash h;
	char number[16];

	if (language_configured(j->st, &l, e) < 0)
		return -1;
	snprintf(number, sizeof number, "%d", RULES);
	hash_init(&h);
	hash_add_field(&h, number);
	hash_add_field(&h, l->name);
	hash_add(&h, j->p->hash, sizeof j->p->hash);
	hash_end(&h, sum);
	hex_encode(out, sum, 16);
	return 0;
}

/* "NUMBER SEQ RULES": 1, 0 there is none. */
static int
job_read(struct job *j, struct err *e)
{
	struct buf name = BUF_INIT;
	struct db_query *q;
	int r = -1;

	meta_name(j, &name);
	if ((q = db_sql(j->st->db, e, "SELECT value FROM meta "
	    "WHERE name = :name")) != NULL) {
		db_text(q, ":name", name.p);
		if ((r = db_row(q, e)) == 1 && sscanf(db_get_text(q, 0),
		    "%" SCNd64 " %" SCNd64 " %32s", &j->number, &j->seq,
		    j->rules) != 3)
			r = err_set(e, ERR_CORRUPT, "'%s' in the table meta is "
			    "damaged; delete it there with sqlite3", name.p);
		db_end(q);
	}
	buf_release(&name);
	j->stored = r == 1;
	return r;
}

int
job_save(struct job *j, struct err *e)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	struct db_query *q;
	int r = -1;

	meta_name(j, &name);
	buf_addf(&value, "%" PRId64 " %" PRId64 " %s", j->number, j->seq,
	    j->rules);
	if ((q = db_sql(j->st->db, e, "INSERT INTO meta (name, value) VALUES "
	    "(:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value"))
	    != NULL) {
		db_text(q, ":name", name.p);
		db_text(q, ":value", value.p);
		r = db_run(q, e);
	}
	buf_release(&name);
	buf_release(&value);
	return r;
}

int
job_forget(struct store *st, int64_t number, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM ltm_member WHERE grp IN "
	    "(SELECT id FROM ltm_group WHERE job = :job)")) == NULL)
		return -1;
	db_int(q, ":job", number);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM ltm_group "
	    "WHERE job = :job")) == NULL)
		return -1;
	db_int(q, ":job", number);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM ltm_row "
	    "WHERE job = :job")) == NULL)
		return -1;
	db_int(q, ":job", number);
	return db_run(q, e);
}

/* Groups without rows for the facts that there are, so that those go that
 * no group claims any more. */
static int
keep_facts(struct job *j, struct err *e)
{
	struct buf ids = BUF_INIT;
	struct db_query *q;
	size_t i;
	int r;

	if ((q = db_sql(j->st->db, e, "SELECT id FROM fact WHERE user = 0 "
	    "AND job = :job AND valid_until IS NULL AND gone = 0")) == NULL)
		return -1;
	db_int(q, ":job", j->number);
	while ((r = db_row(q, e)) == 1)
		group_id_put(&ids, db_get_int(q, 0));
	db_end(q);
	for (i = 0; r == 0 && i < ids.len; i += 8) {
		if ((q = db_sql(j->st->db, e, "INSERT INTO ltm_group (id, job, "
		    "dim, name, n, dirty, facts, tail) VALUES (:id, :job, "
		    "512, seal(tenant_key(), '', 'ltm_group.name', :id), "
		    "0, 1, :facts, seal(tenant_key(), x'', "
		    "'ltm_group.tail', :id))")) == NULL)
			r = -1;
		else {
			db_int(q, ":id", group_id_read(ids.p + i));
			db_int(q, ":job", j->number);
			db_blob(q, ":facts", ids.p + i, 8);
			r = db_run(q, e);
		}
	}
	buf_release(&ids);
	return r;
}

int
job_begin(struct job *j, bool anew, struct err *e)
{
	char rules[33];
	int r;

	if ((r = job_read(j, e)) < 0 || rules_now(j, rules, e) < 0)
		return -1;
	if (r == 0 && db_number(j->st->db, e, "SELECT max(CAST(value AS "
	    "INTEGER)) + 1 FROM meta WHERE name LIKE 'ltm/%'", 1, &j->number)
	    < 0)
		return -1;
	if (r == 1 && (anew || strcmp(rules, j->rules) != 0)) {
		j->seq = 0;
		if (job_forget(j->st, j->number, e) < 0 ||
		    keep_facts(j, e) < 0)
			return -1;
	}
	memcpy(j->rules, rules, sizeof rules);
	groups_init(&j->gs, j->st, j->p, j->kb, j->number, r == 0);
	return 0;
}

int
job_due(struct job *j, struct err *e)
{
	struct newest newest;
	struct db_query *q;
	char rules[33];
	int r;

	if ((r = job_read(j, e)) <= 0)
		return r < 0 ? -1 : 1;
	if (rules_now(j, rules, e) < 0 || newest_rows(j->st, &newest, e) < 0)
		return -1;
	if (strcmp(rules, j->rules) != 0 || newest.record > j->seq)
		return 1;
	if ((q = db_sql(j->st->db, e, "SELECT 1 FROM ltm_group WHERE "
	    "job = :job AND dirty = 1 UNION ALL SELECT 1 FROM ltm_row WHERE "
	    "row < 0 AND job = :job LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":job", j->number);
	r = db_row(q, e);
	db_end(q);
	return r;
}
