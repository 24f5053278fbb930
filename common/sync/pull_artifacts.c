/*
 * Some at a time: each is locked, fetched beside its provider's objects,
 * compared, and put into place.
 */
#include "sync/pull_artifacts.h"

#include "artifact/artifact_drop.h"
#include "artifact/artifact_merge.h"
#include "artifact/artifacts.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "blob/artifact_lock.h"
#include "blob/blob_local.h"
#include "store/db.h"
#include "store/store.h"
#include "sync/artifact_bytes.h"
#include "sync/artifact_place.h"
#include "sync/sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOGETHER 64

struct run {
	struct sync *s;
	struct pulled_artifacts *sums;
	pull_artifacts_fn *told;
	void *arg;
	struct artifacts ar;
	const char *dir;		/* where bytes lie that come */
	int64_t *seq;		/* own; rows to look at */
	size_t all, cap, at;
	struct artifact_coming v[TOGETHER];
	struct artifact_bytes bytes[TOGETHER];
	size_t n;
	struct pack_bad bad;
};

/* --- which ------------------------------------------------------------- */

static int
gather(void *arg, int64_t seq, struct err *e)
{
	struct run *run = arg;

	(void)e;
	run->seq = xgrow(run->seq, run->all, &run->cap, sizeof *run->seq);
	run->seq[run->all++] = seq;
	return 0;
}

/* Another row has the same object, which came, or comes just now. */
static int
is_twin(struct run *run, const struct artifact *a, struct err *e)
{
	size_t i;

	for (i = 0; i < run->n; i++)
		if (strcmp(run->v[i].a.object, a->object) == 0)
			return 1;
	return artifact_by_twin(&run->ar, a, e);
}

static int
begin(struct run *run, struct artifact *a, struct err *e)
{
	struct artifact_coming *c = &run->v[run->n];
	struct artifact_bytes *b = &run->bytes[run->n];
	struct buf path = BUF_INIT;
	char name[24];

	snprintf(name, sizeof name, "pull%zu", run->n);
	file_join(&path, run->dir, name);
	*b = (struct artifact_bytes){ .size = (uint64_t)a->osize };
	memcpy(b->sum, a->sum, HASH_LEN);
	b->fd = open(path.p, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	*c = (struct artifact_coming){ .path = buf_steal(&path),
	    .moves = true };
	if (b->fd < 0) {
		err_sys(e, "cannot make '%s'", c->path);
		artifact_coming_release(c);
		return -1;
	}
	c->a = *a;
	memset(a, 0, sizeof *a);
	run->n++;
	return 0;
}

/* The row joins the others, if nobody else is at work on it. */
static int
join(struct run *run, int64_t seq, struct err *e)
{
	struct artifact a;
	int r = artifact_lock_try(&run->ar.lock, run->s->st, seq, 1, e);
	size_t before = run->n;

	if (r != 1)
		return r;
	if ((r = artifact_row(run->s->st, seq, &a, e)) == 1) {
		r = artifact_is_away(&a) ? is_twin(run, &a, e) : 1;
		if (r == 0)
			r = begin(run, &a, e);
		artifact_release(&a);
	}
	if (run->n == before)
		artifact_lock_drop(&run->ar.lock, seq, 1);
	return r < 0 ? -1 : 0;
}

/* --- told -------------------------------------------------------------- */

static int
is_missing(struct run *run, const struct artifact *a, bool absent,
    struct err *e)
{
	struct buf user = BUF_INIT, why = BUF_INIT;
	int r = 0;

	run->sums->missing++;
	buf_adds(&why, absent ? "missing" : "different");
	if (run->bad.n > 0)
		buf_addf(&why, "; pack %s %s", run->bad.name, run->bad.why);
	if (run->told != NULL && (r = store_user_name(run->s->st, a->user,
	    &user, e)) == 1)
		r = run->told(run->arg, user.p, a, why.p, e);
	buf_release(&user);
	buf_release(&why);
	return r;
}

/* --- into place -------------------------------------------------------- */

/* What came is written; the put syncs it (blob_local.h). */
static int
end_writing(struct run *run, struct err *e)
{
	size_t i;

	for (i = 0; i < run->n; i++) {
		run->v[i].came = run->bytes[i].got;
		if (run->v[i].came && ftruncate(run->bytes[i].fd,
		    (off_t)run->bytes[i].size) < 0)
			return err_sys(e, "cannot write '%s'",
			    run->v[i].path);
		if (run->v[i].came)
			file_sync_soon(run->bytes[i].fd);
	}
	return 0;
}

static int
place(struct run *run, struct err *e)
{
	size_t i;

	if (end_writing(run, e) < 0 ||
	    artifact_place(&run->ar, run->v, run->n, e) < 0)
		return -1;
	for (i = 0; i < run->n; i++)
		if (run->v[i].placed) {
			run->sums->n++;
			run->sums->bytes += run->v[i].a.osize;
		} else if (is_missing(run, &run->v[i].a,
		    run->bytes[i].absent, e) < 0)
			return -1;
	return 0;
}

static void
clear(struct run *run)
{
	size_t i;

	for (i = 0; i < run->n; i++) {
		if (run->bytes[i].fd >= 0)
			close(run->bytes[i].fd);
		unlink(run->v[i].path);
		artifact_lock_drop(&run->ar.lock, run->v[i].a.seq, 1);
		artifact_coming_release(&run->v[i]);
	}
	run->n = 0;
}

/* --- what is there no more --------------------------------------------- */

struct dropping {
	struct artifacts *ar;
	int64_t after, n;
};

/* Of the journal: what another process is at is left to it, and what is not of
 * this disk to mem-artifact reconcile. */
static int
drop_noted(void *arg, const struct artifact_byte *n, struct err *e)
{
	struct dropping *d = arg;
	struct artifacts *ar = d->ar;
	int r = 1;

	d->n++;
	d->after = n->seq;
	if (n->provider != ARTIFACT_LOCAL)
		return 0;
	if (n->artifact > 0 && (r = artifact_lock_try(&ar->lock, ar->st,
	    n->artifact, 1, e)) != 1)
		return r;
	r = artifact_drop_noted(ar, n, e);
	if (n->artifact > 0)
		artifact_lock_drop(&ar->lock, n->artifact, 1);
	return r;
}

static int
drop_all(struct artifacts *ar, struct err *e)
{
	struct dropping d = { .ar = ar };
	int r;

	do {
		d.n = 0;
		r = artifact_byte_each(ar->st, d.after, TOGETHER, drop_noted,
		    &d, e);
	} while (r == 0 && d.n == TOGETHER);
	/* what deleted rows said is in the log of the database until now */
	if (d.after > 0)
		db_settle(ar->st->db);
	return r;
}

static int
has_noted(struct sync *s, struct err *e)
{
	int64_t n;

	return db_number(s->st->db, e, "SELECT EXISTS (SELECT 1 "
	    "FROM artifact_byte)", 0, &n) < 0 ? -1 : n > 0;
}

/* --- all of it --------------------------------------------------------- */

static int
fetch(struct run *run, struct err *e)
{
	struct blob_provider *local;
	int r = 0;

	if (artifacts_provider(&run->ar, ARTIFACT_LOCAL, &local, e) < 0 ||
	    blob_local_scratch(local, &run->dir, e) < 0)
		return -1;
	while (r == 0 && run->at < run->all) {
		while (r == 0 && run->n < TOGETHER && run->at < run->all)
			r = sync_stopped(run->s, e) ? -1 : join(run,
			    run->seq[run->at++], e);
		if (r == 0 && run->n > 0 && (r = artifact_bytes_get(run->s,
		    run->bytes, run->n, true, &run->bad, e)) == 0)
			r = place(run, e);
		clear(run);
		sync_tell(run->s, "artifacts", (int64_t)run->at,
		    (int64_t)run->all);
	}
	return r;
}

static int
pull_them(struct run *run, bool noted, struct err *e)
{
	int known = artifacts_open_local(&run->ar, run->s->st, e), r = 0;

	if (known < 0)
		return -1;
	if (noted)
		r = drop_all(&run->ar, e);
	if (!known)
		run->sums->left = (int64_t)run->all;
	else if (r == 0 && run->all > 0)
		r = fetch(run, e);
	artifacts_close(&run->ar);
	return r;
}

int
pull_artifacts(struct sync *s, struct pulled_artifacts *sums,
    pull_artifacts_fn *told, void *arg, struct err *e)
{
	struct run *run = xcalloc(1, sizeof *run);
	int noted, r;

	*run = (struct run){ .s = s, .sums = sums, .told = told, .arg = arg };
	memset(sums, 0, sizeof *sums);
	if ((r = noted = has_noted(s, e)) >= 0 &&
	    (r = artifact_each_away(s->st, gather, run, e)) == 0 &&
	    (noted || run->all > 0))
		r = pull_them(run, noted, e);
	free(run->seq);
	free(run);
	return r < 0 ? -1 : 0;
}

/* --- is it there? ------------------------------------------------------ */

static int
prove_some(struct run *run, struct err *e)
{
	size_t i;
	int r = artifact_bytes_get(run->s, run->bytes, run->n, true,
	    &run->bad, e);

	for (i = 0; r == 0 && i < run->n; i++)
		if (run->bytes[i].got)
			run->sums->n++;
		else
			r = is_missing(run, &run->v[i].a,
			    run->bytes[i].absent, e);
	for (i = 0; i < run->n; i++)
		artifact_release(&run->v[i].a);
	run->n = 0;
	return r;
}

static int
prove_next(struct run *run, struct err *e)
{
	struct artifact_bytes *b = &run->bytes[run->n];
	struct artifact *a = &run->v[run->n].a;
	int r = artifact_row(run->s->st, run->seq[run->at++], a, e);

	if (r != 1)
		return r;
	*b = (struct artifact_bytes){ .size = (uint64_t)a->osize, .fd = -1 };
	memcpy(b->sum, a->sum, HASH_LEN);
	run->n++;
	return run->n == TOGETHER || run->at == run->all ? prove_some(run,
	    e) : 0;
}

int
prove_artifacts(struct sync *s, struct pulled_artifacts *sums,
    pull_artifacts_fn *told, void *arg, struct err *e)
{
	struct run *run = xcalloc(1, sizeof *run);
	int r;

	*run = (struct run){ .s = s, .sums = sums, .told = told, .arg = arg };
	memset(sums, 0, sizeof *sums);
	r = artifact_each_local(s->st, gather, run, e);
	while (r == 0 && run->at < run->all)
		r = sync_stopped(s, e) ? -1 : prove_next(run, e);
	if (r == 0 && run->n > 0)
		r = prove_some(run, e);
	free(run->seq);
	free(run);
	return r;
}
