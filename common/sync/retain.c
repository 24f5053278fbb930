#include "sync/retain.h"

#include "file/file_area.h"
#include "memory/stage.h"
#include "store/audit.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/archive.h"
#include "sync/chosen.h"
#include "sync/cold.h"
#include "sync/policy.h"
#include "sync/push.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS ((int64_t)86400000)

const char *const retain_verbs[] = { "delete", "archive", "cold" };

struct run {
	struct store *st;
	struct sync *s;			/* or NULL */
	const struct policy *policy;
	const struct retain_how *how;
	struct retain_sums *sums;
	const struct stage *g;		/* that is looked at */
	struct buf where;		/* of cold, as JSON */
	unsigned gone;			/* areas that were deleted */
	const char *why;		/* nothing is done with it; or NULL */
};

/* --- what is left as it is --------------------------------------------- */

/* Was it written by another node, which is not here yet?  Then it may be
 * younger than it looks. */
static int
is_behind(struct run *run, struct err *e)
{
	char own[ULID_LEN + 1];
	struct journal_lease l;
	struct journal_head h;
	int r;

	if (run->s == NULL)
		return 0;
	if (node_name(run->st, own, e) < 0 ||
	    journal_head(run->s->journal, &h, e) < 0 ||
	    (r = journal_lease(run->s->journal, run->g->user,
	    run->g->session, &l, e)) < 0)
		return -1;
	r = r == 1 && strcmp(l.node, own) != 0 && l.number > h.merged;
	journal_lease_release(&l);
	return r;
}

static int
look_why(struct run *run, struct err *e)
{
	int r = is_behind(run, e);

	run->why = run->g->held ? "it is on hold" : r == 1 ? "another node has "
	    "written it since the last pull; mem-sync pull takes that in" :
	    NULL;
	return r < 0 ? -1 : 0;
}

/* --- what one step came to --------------------------------------------- */

static int
tell(struct run *run, struct retained *t, struct err *e)
{
	t->user = run->g->user;
	t->session = run->g->session;
	t->last_ms = run->g->last_ms;
	t->held = run->g->held && t->why != NULL;
	if (t->held)
		run->sums->held++;
	else if (t->why != NULL)
		run->sums->refused++;
	else
		run->sums->done[t->verb]++;
	return run->how->told == NULL ? 0 : run->how->told(run->how->arg, t,
	    e);
}

/* What is in the way of this session alone does not keep the others. */
static bool
only_this(const struct run *run, const struct err *e)
{
	struct err ignored;

	if (run->s != NULL && sync_stopped(run->s, &ignored))
		return false;
	return e->code == ERR_BUSY || e->code == ERR_CORRUPT ||
	    e->code == ERR_DENIED || e->code == ERR_EXISTS;
}

static int
settle(struct run *run, struct retained *t, int r, struct err *e)
{
	struct err why;

	if (r < 0 && !only_this(run, e))
		return -1;
	if (r < 0) {
		why = *e;
		t->why = why.msg;
		return tell(run, t, e);
	}
	return t->files == 0 && t->verb == RETAIN_DELETE ? 0 : tell(run, t, e);
}

static bool
is_due(const struct run *run, int64_t days)
{
	return days != POLICY_KEEP && run->g->last_ms <= run->how->now_ms -
	    days * DAY_MS;
}

/* --- delete ------------------------------------------------------------ */

static int
remove_all(struct run *run, const struct chosen *c, struct err *e)
{
	struct file_work *w;
	size_t i;
	int r;

	if ((r = file_work_new(&w, run->st, run->g->user, run->g->session,
	    e)) != 1)
		return r;
	for (i = 0, r = 0; r >= 0 && i < c->n; i++)
		r = file_remove(w, c->v[i].area, c->v[i].path, e);
	if (r >= 0)
		r = file_work_end(w, e);
	file_work_free(w);
	return r;
}

static int
delete_area(struct run *run, int area, struct err *e)
{
	const struct choice which = { .areas = 1u << area };
	struct retained t = { .verb = RETAIN_DELETE, .area = area };
	struct chosen c = CHOSEN_INIT;
	int r;

	if ((r = chosen_gather(run->st, run->g, &which, &c, e)) == 0) {
		t.files = (int64_t)c.n;
		t.bytes = c.bytes;
		t.why = run->why;
		if (run->why == NULL && c.n > 0 && !run->how->dry_run)
			r = remove_all(run, &c, e);
		if (r >= 0 && run->why == NULL)
			run->gone |= which.areas;
		r = settle(run, &t, r, e);
	}
	chosen_release(&c);
	return r;
}

/* --- archive, cold ----------------------------------------------------- */

/* Has it anything that the step is about? */
static int
has_files(struct run *run, bool here, struct err *e)
{
	const struct choice which = { .here = here, .but = run->gone };
	struct chosen c = CHOSEN_INIT;
	int r = chosen_gather(run->st, run->g, &which, &c, e);

	if (r == 0)
		r = c.n > 0;
	chosen_release(&c);
	return r;
}

static int
archive_one(struct run *run, struct err *e)
{
	const struct archive_how how = { .dry_run = run->how->dry_run,
	    .get = run->how->get, .but = run->gone };
	struct retained t = { .verb = RETAIN_ARCHIVE, .area = -1 };
	struct archived sums = { 0 };
	int r = has_files(run, run->g->archived, e);

	if (r <= 0)
		return r;
	t.why = run->why;
	if (run->why == NULL)
		r = archive(run->s, run->g, &how, &sums, e);
	t.files = sums.files;
	t.bytes = sums.bytes;
	return settle(run, &t, r, e);
}

static int
cold_one(struct run *run, struct err *e)
{
	struct retained t = { .verb = RETAIN_COLD, .area = -1 };
	struct cooled sums = { 0 };
	int r = has_files(run, false, e);

	if (r <= 0 || (run->g->cold != NULL && strcmp(run->g->cold,
	    run->where.p) == 0 && run->g->cold_ms >= run->g->file_ms))
		return r < 0 ? -1 : 0;
	t.why = run->why;
	if (run->why == NULL)
		r = cold_session(run->s, run->g, run->how->dry_run, run->gone,
		    &sums, e);
	t.files = sums.files;
	t.bytes = sums.bytes;
	return settle(run, &t, r, e);
}

/* --- a session --------------------------------------------------------- */

static bool
any_due(const struct run *run)
{
	const struct policy *p = run->policy;
	int area;

	for (area = 0; area < FILE_AREAS; area++)
		if (is_due(run, p->remove[area]))
			return true;
	return is_due(run, p->archive) || is_due(run, p->cold);
}

static int
do_session(void *arg, const struct stage *g, struct err *e)
{
	struct run *run = arg;
	int64_t fresh;
	int area, r;

	run->g = g;
	run->gone = 0;
	if (!any_due(run))
		return 0;
	if (run->s != NULL && sync_stopped(run->s, e))
		return -1;
	if (chosen_scan(run->st, g, !run->how->dry_run, &fresh, e) < 0)
		return e->code == ERR_BUSY ? 0 : -1;
	if (fresh > 0)
		return 0;
	r = look_why(run, e);
	for (area = 0; r == 0 && area < FILE_AREAS; area++)
		if (is_due(run, run->policy->remove[area]))
			r = delete_area(run, area, e);
	if (r == 0 && is_due(run, run->policy->archive))
		r = archive_one(run, e);
	if (r == 0 && is_due(run, run->policy->cold))
		r = cold_one(run, e);
	return r;
}

/* --- all of them ------------------------------------------------------- */

static int
begin(struct run *run, struct err *e)
{
	const struct policy *p = run->policy;

	if (run->s == NULL)
		return p->archive == POLICY_KEEP && p->cold == POLICY_KEEP ? 0 :
		    err_set(e, ERR_USAGE, "no remote is set up to archive to; "
		    "mem-admin config set remote.main.url URL "
		    "(memkit.conf(5))");
	if (p->cold != POLICY_KEEP && cold_where(run->s, &run->where, e) < 0)
		return -1;
	return sync_look(run->s, e) < 0 || sync_ours(run->s, e) < 0 ||
	    sync_may_put(run->s, e) < 0 ? -1 : 0;
}

static int
finish(struct run *run, struct err *e)
{
	const struct push_how how = { .wait_ms = 0 };
	struct pushed ignored;
	char detail[160];
	int64_t n = 0;
	int i;

	for (i = 0; i < RETAIN_VERBS; i++)
		n += run->sums->done[i];
	if (run->how->dry_run || n == 0)
		return 0;
	snprintf(detail, sizeof detail, "deleted %" PRId64 ", archived %"
	    PRId64 ", cold %" PRId64 ", held %" PRId64 ", refused %" PRId64,
	    run->sums->done[RETAIN_DELETE], run->sums->done[RETAIN_ARCHIVE],
	    run->sums->done[RETAIN_COLD], run->sums->held,
	    run->sums->refused);
	if (audit_add(run->st, "retain", NULL, detail, e) < 0)
		return -1;
	return run->s == NULL ? 0 : push(run->s, &how, &ignored, e);
}

int
retain(struct store *st, struct sync *s, const struct policy *policy,
    const struct retain_how *how, struct retain_sums *sums, struct err *e)
{
	struct run run = { .st = st, .s = s, .policy = policy, .how = how,
	    .sums = sums, .where = BUF_INIT };
	int r;

	memset(sums, 0, sizeof *sums);
	if ((r = begin(&run, e)) == 0 &&
	    (r = stage_each(st, do_session, &run, e)) == 0)
		r = finish(&run, e);
	buf_release(&run.where);
	return r;
}
