#include "sync/push.h"

#include "base/date.h"
#include "store/change.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/lease.h"
#include "sync/pack_put.h"
#include "sync/publish.h"
#include "sync/push_segments.h"
#include "sync/push_snapshot.h"
#include "sync/segmentfile.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define LOOK_MS 500		/* between two looks at who holds a session */

struct run {
	struct sync *s;
	const struct push_how *how;
	struct pushed *sums;
	char node[ULID_LEN + 1];
	int64_t last;		/* the newest change when it began */
	int64_t held_ms;	/* another node holds a session for so long */
	struct strv former;	/* names that this copy had */
};

/* --- the manifest ------------------------------------------------------ */

static int
name_segments(struct run *run, const char *name, struct sync_manifest *m,
    struct err *e)
{
	struct journal *j = run->s->journal;
	struct manifest_segment seg;
	int64_t at;
	int r;

	if (journal_upto(j, name, &at, e) < 0)
		return -1;
	while ((r = journal_ready(j, name, at, &seg, e)) == 1) {
		sync_manifest_add_segment(m, &seg);
		at = seg.to;
	}
	return r;
}

/* publish_fn */
static int
fill_manifest(void *arg, struct sync_manifest *m, struct err *e)
{
	struct run *run = arg;
	struct lease_taking t = { .s = run->s, .m = m,
	    .hold_ms = run->how->hold_ms, .steal = run->how->steal };
	int64_t from;
	size_t i;
	int r;

	run->held_ms = 0;
	if ((r = push_files_wait(run->s, e)) < 0)
		return -1;
	if (r == 1 && t.hold_ms < PUSH_SETTLE_MS)
		t.hold_ms = PUSH_SETTLE_MS;
	if (sync_ours(run->s, e) < 0 || journal_upto(run->s->journal,
	    run->node, &from, e) < 0)
		return -1;
	for (i = 0; i < run->former.n; i++)
		if (name_segments(run, run->former.v[i], m, e) < 0)
			return -1;
	if (name_segments(run, run->node, m, e) < 0)
		return -1;
	if (pack_put_name(run->s, m, e) < 0)
		return -1;
	r = push_sessions(run->s->st, from, lease_take_for, &t, e);
	run->held_ms = t.held_ms;
	if (r < 0)
		return -1;
	run->sums->segments = (int64_t)m->nsegments;
	run->sums->sessions = (int64_t)m->nleases;
	return m->nsegments > 0 || m->nleases > 0 || m->npacks > 0;
}

/* --- the whole of it --------------------------------------------------- */

/* Has the remote more of us than we have? */
static int
is_older(struct run *run, struct err *e)
{
	int64_t upto;

	if (journal_upto(run->s->journal, run->node, &upto, e) < 0)
		return -1;
	if (upto <= run->last)
		return 0;
	return err_set(e, ERR_EXISTS, "this store is an older copy of node "
	    "%s, of which '%s' has change %" PRId64 " (here: %" PRId64 "); "
	    "mem-sync renew makes it a node of its own", run->node,
	    run->s->name, upto, run->last);
}

/* Nobody trims what the remote does not have. */
static int
confirm(struct run *run, bool all, struct err *e)
{
	struct buf name = BUF_INIT;
	struct consumer c = { 0 };
	int r;

	sync_consumer(run->s, &name);
	r = consumer_get(run->s->st, name.p, &c, e);
	if (r == 1 && (!all || c.seq == run->last))
		r = 0;
	else if (r >= 0)
		r = consumer_put(run->s->st, name.p, all ? run->last : 0,
		    date_now(), e);
	consumer_release(&c);
	buf_release(&name);
	return r;
}

static int
add_lost(struct run *run, const char *former, struct strv *lost,
    struct err *e)
{
	const char *name = former != NULL ? former : run->node;
	int64_t from;
	int r;

	if (journal_upto(run->s->journal, name, &from, e) < 0 ||
	    (r = segmentfile_lost(run->s->st, former, from, e)) < 0)
		return -1;
	if (r == 1)
		strv_add(lost, name);
	return 0;
}

/* What is no more in the change log goes as a snapshot; nothing tells then
 * which files were there, so all that are here go before it. */
static int
cover_lost(struct run *run, struct err *e)
{
	struct pushed_artifacts artifacts;
	struct pushed_files files;
	struct strv lost = STRV_INIT;
	size_t i;
	int r = add_lost(run, NULL, &lost, e);

	for (i = 0; r == 0 && i < run->former.n; i++)
		r = add_lost(run, run->former.v[i], &lost, e);
	if (r == 0 && lost.n > 0 && (r = push_files(run->s, -1, run->last,
	    &files, e)) == 0 && (r = push_artifacts(run->s, -1, &artifacts,
	    e)) == 0) {
		r = push_snapshot(run->s, &lost, e);
		run->sums->snapshot = r == 0;
	}
	strv_release(&lost);
	return r;
}

static int
put_segments(struct run *run, struct err *e)
{
	size_t i;

	for (i = 0; i < run->former.n; i++)
		if (push_segments(run->s, run->former.v[i], run->former.v[i],
		    0, e) < 0)
			return -1;
	return push_segments(run->s, run->node, NULL, run->last, e);
}

/* Files are rows first, and bytes; who writes to one meanwhile makes another
 * row of it. */
static int
put_files(struct run *run, struct err *e)
{
	int64_t from;
	int i;

	for (i = 0; i < 3; i++) {
		if ((i > 0 && push_files_scan(run->s, e) < 0) ||
		    change_last(run->s->st, &run->last, e) < 0 ||
		    journal_upto(run->s->journal, run->node, &from, e) < 0 ||
		    push_files(run->s, from, run->last, &run->sums->files,
		    e) < 0)
			return -1;
		if (run->sums->files.busy == 0)
			return 0;
	}
	return err_set(e, ERR_BUSY, "files are written to all the time while "
	    "they are pushed; try again when that is over");
}

static int
put_artifacts(struct run *run, struct err *e)
{
	int64_t from;

	return journal_upto(run->s->journal, run->node, &from, e) < 0 ? -1 :
	    push_artifacts(run->s, from, &run->sums->artifacts, e);
}

/* What was put long ago may be gone when the manifest is there (journal.h). */
static int
put_objects(struct run *run, struct err *e)
{
	int64_t began;

	do {
		began = date_monotonic();
		if (put_files(run, e) < 0 || put_artifacts(run, e) < 0 ||
		    put_segments(run, e) < 0)
			return -1;
	} while (date_monotonic() - began > JOURNAL_FRESH_MS / 2);
	return 0;
}

static int
count(struct run *run, struct err *e)
{
	struct behind b;

	if (push_behind(run->s->st, run->s->journal, &b, e) < 0)
		return -1;
	run->sums->changes = b.changes;
	return 0;
}

static int
publish_patient(struct run *run, struct err *e)
{
	int64_t until = date_monotonic() + run->how->wait_ms;
	int r;

	while ((r = publish(run->s, fill_manifest, run, e)) < 0 &&
	    run->held_ms > 0 && e->code == ERR_BUSY &&
	    date_monotonic() < until) {
		if (sync_stopped(run->s, e))
			return -1;
		sync_tell(run->s, "seconds until a session is free",
		    (run->held_ms + 999) / 1000, 0);
		poll(NULL, 0, run->held_ms < LOOK_MS ? (int)run->held_ms :
		    LOOK_MS);
	}
	return r;
}

static int
run_push(struct run *run, struct err *e)
{
	struct journal_head h;
	int64_t settled;
	int r;

	if ((!run->how->dry_run && push_files_scan(run->s, e) < 0) ||
	    node_name(run->s->st, run->node, e) < 0 ||
	    node_formers(run->s->st, &run->former, e) < 0 ||
	    change_last(run->s->st, &run->last, e) < 0 ||
	    sync_look(run->s, e) < 0 || sync_ours(run->s, e) < 0 ||
	    sync_may_put(run->s, e) < 0 ||
	    is_older(run, e) < 0)
		return -1;
	if (count(run, e) < 0)
		return -1;
	if (run->how->dry_run)
		return 0;
	/* nothing is put among what is others' */
	if (run->sums->changes > 0 && sync_sure(run->s, e) < 0)
		return -1;
	if (confirm(run, false, e) < 0 || cover_lost(run, e) < 0 ||
	    put_objects(run, e) < 0 || (r = publish_patient(run, e)) < 0)
		return -1;
	run->sums->published = r == 1;
	if (push_files_settle(run->s, &settled, e) < 0)
		return -1;
	if (!run->sums->snapshot && (r = run->how->snapshot ? 1 :
	    push_snapshot_due(run->s, e)) != 0) {
		if (r < 0 || push_snapshot(run->s, NULL, e) < 0)
			return -1;
		run->sums->snapshot = true;
	}
	if (confirm(run, true, e) < 0 ||
	    journal_head(run->s->journal, &h, e) < 0)
		return -1;
	run->sums->number = h.number;
	return 0;
}

int
push(struct sync *s, const struct push_how *how, struct pushed *sums,
    struct err *e)
{
	struct run run = { .s = s, .how = how, .sums = sums,
	    .former = STRV_INIT };
	int r;

	memset(sums, 0, sizeof *sums);
	r = run_push(&run, e);
	strv_release(&run.former);
	return r;
}
