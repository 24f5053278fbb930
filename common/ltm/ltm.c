#include "ltm/ltm.h"

#include "base/alloc.h"
#include "base/lock.h"
#include "ltm/intake.h"
#include "ltm/ltm_job.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/known.h"
#include "store/newest.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 100000		/* rows in a transaction, at most */
#define CACHE_MIB 16		/* of pages that groups of it are on */

const char *const ltm_changes[] = { "insert", "update", "retract", NULL };

static void
job_release(struct job *j)
{
	groups_release(&j->gs);
	free(j->kb);
}

/* --- a batch ----------------------------------------------------------- */

static int
note_run(struct job *j, struct err *e)
{
	const struct ltm_sums *s = &j->sums;
	struct buf name = BUF_INIT;
	char detail[200];
	int r;

	if (s->inserted + s->updated + s->retracted == 0)
		return 0;
	buf_addf(&name, "%s over %s", j->p->name, j->kb);
	snprintf(detail, sizeof detail, "rows %" PRId64 ", inserted %" PRId64
	    ", updated %" PRId64 ", retracted %" PRId64 ", left %" PRId64,
	    s->rows, s->inserted, s->updated, s->retracted, s->left);
	r = audit_add(j->st, "ltm run", name.p, detail, e);
	buf_release(&name);
	return r;
}

/* 1: there may be more rows. */
static int
batch(struct job *j, struct intake *in, struct err *e)
{
	struct newest newest;
	int64_t rows = 0;
	int more;

	if (intake_orphans(in, e) < 0 ||
	    (more = intake_rows(in, &j->seq, BATCH, &rows, e)) < 0 ||
	    groups_flush(&j->gs, e) < 0)
		return -1;
	j->sums.rows += rows;
	if (more == 0) {
		/* those of other knowledge bases are none of ours */
		if (newest_rows(j->st, &newest, e) < 0)
			return -1;
		if (newest.record > j->seq)
			j->seq = newest.record;
		if (job_settle(j, e) < 0 || note_run(j, e) < 0)
			return -1;
	}
	return job_save(j, e) < 0 ? -1 : more;
}

/* A transaction for each batch; with --dry-run one for all, given up. */
static int
batches(struct job *j, struct err *e)
{
	const struct ltm_how *how = j->how;
	struct intake *in = NULL;
	bool first = true;
	struct err ignored;	/* of giving it up */
	int more = 1, r = 0;

	while (r == 0 && more == 1) {
		if (!tx_active(j->st->db) && tx_begin(j->st->db, e) < 0)
			break;
		if (first)
			r = job_begin(j, how->rebuild, e);
		if (r == 0 && in == NULL)
			r = intake_new(&in, j->st, j->p, &j->gs, j->kb_id,
			    j->kb, e);
		first = false;
		if (r == 0)
			r = (more = batch(j, in, e)) < 0 ? -1 : 0;
		if (!how->dry_run && tx_active(j->st->db))
			r = tx_end(j->st->db, r, e);
		if (r == 0 && how->progress != NULL)
			r = how->progress(how->arg, j->sums.rows, e);
	}
	if (tx_active(j->st->db))
		tx_end(j->st->db, -1, &ignored);
	intake_free(in);
	return r == 0 && more != 0 ? -1 : r;
}

/* --- all knowledge bases ----------------------------------------------- */

static int
run_kb(struct store *st, const struct processor *p, const struct ltm_how *how,
    const char *kb, int64_t kb_id, struct err *e)
{
	struct job j = { .st = st, .p = p, .how = how, .kb_id = kb_id,
	    .kb = xstrdup(kb) };
	int r = how->rebuild ? 1 : job_due(&j, e);

	j.sums.processor = p->name;
	j.sums.kb = j.kb;
	if (r == 1)
		r = batches(&j, e);
	if (r == 0 && how->done != NULL)
		r = how->done(how->arg, &j.sums, e);
	job_release(&j);
	return r;
}

static int
run_all(struct store *st, const struct processor *p,
    const struct ltm_how *how, struct err *e)
{
	struct strv kbs = STRV_INIT;
	int64_t id;
	size_t i;
	int r;

	if (how->kb != NULL) {
		strv_add(&kbs, how->kb);
		r = 0;
	} else
		r = known_names(st, KNOWN_KBS, INT64_MAX, &kbs, e);
	for (i = 0; r == 0 && i < kbs.n; i++) {
		if ((r = store_kb(st, kbs.v[i], false, &id, e)) < 0)
			break;
		if (id == 0)
			r = err_set(e, ERR_ABSENT, "there is no knowledge base "
			    "'%s'", kbs.v[i]);
		else
			r = run_kb(st, p, how, kbs.v[i], id, e);
	}
	strv_release(&kbs);
	return r;
}

int
ltm_run(struct store *st, const struct processor *p,
    const struct ltm_how *how, struct err *e)
{
	char *path = store_path(st, "ltm.lock");
	struct lock lock = LOCK_INIT;
	int r;

	if ((r = lock_take(&lock, path, how->wait_ms, e)) == 0 &&
	    (r = db_cache(st->db, CACHE_MIB * 1024, e)) == 0)
		r = run_all(st, p, how, e);
	lock_drop(&lock);
	free(path);
	return r;
}
