#include "sync/lease.h"

#include "store/node.h"
#include "store/store.h"
#include "sync/sync_manifest.h"
#include "sync/publish.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <string.h>

/* May we have it, which another node wrote last? */
static int
may_take(struct lease_taking *t, const struct journal_lease *l,
    struct err *e)
{
	const char *at = l->address != NULL ? l->address : "?";
	struct journal_head h;

	if (l->left_ms > 0 && !t->steal) {
		t->held_ms = l->left_ms;
		return err_set(e, ERR_BUSY, "session '%.100s' of '%.100s' is "
		    "held by node %s (on '%.100s') for %" PRId64 " s more; "
		    "wait, or take it with --steal", l->session, l->user,
		    l->node, at, (l->left_ms + 999) / 1000);
	}
	if (journal_head(t->s->journal, &h, e) < 0)
		return -1;
	if (l->number > h.merged)
		return err_set(e, ERR_BUSY, "session '%.100s' of '%.100s' was "
		    "written by node %s (on '%.100s') since the last pull; "
		    "mem-sync pull takes that in, then push again",
		    l->session, l->user, l->node, at);
	return 0;
}

int
lease_take_for(void *arg, const char *user, const char *session,
    struct err *e)
{
	struct lease_taking *t = arg;
	struct journal_lease l;
	int64_t epoch = 1;
	int r;

	if ((r = journal_lease(t->s->journal, user, session, &l, e)) < 0)
		return -1;
	if (r == 1) {
		epoch = l.epoch;
		r = 0;
		if (strcmp(l.node, t->m->node) != 0) {
			r = may_take(t, &l, e);
			epoch++;
		}
		journal_lease_release(&l);
	}
	if (r == 0)
		sync_manifest_add_lease(t->m, user, session, epoch, t->hold_ms);
	return r;
}

/* --- one alone --------------------------------------------------------- */

struct one {
	struct lease_taking t;
	const char *user, *session;
};

static int
fill_take(void *arg, struct sync_manifest *m, struct err *e)
{
	struct one *one = arg;

	one->t.m = m;
	if (sync_ours(one->t.s, e) < 0)
		return -1;
	return lease_take_for(&one->t, one->user, one->session, e) < 0 ? -1 : 1;
}

int
lease_take(struct sync *s, const char *user, const char *session,
    int64_t hold_ms, bool steal, struct err *e)
{
	struct one one = { { .s = s, .hold_ms = hold_ms, .steal = steal },
	    user, session };

	return publish(s, fill_take, &one, e);
}

static int
fill_drop(void *arg, struct sync_manifest *m, struct err *e)
{
	struct one *one = arg;
	struct journal_lease l;
	bool ours;
	int r;

	if ((r = journal_lease(one->t.s->journal, one->user, one->session, &l,
	    e)) <= 0)
		return r;
	ours = strcmp(l.node, m->node) == 0 && l.hold_ms > 0;
	journal_lease_release(&l);
	return ours ? fill_take(arg, m, e) : 0;
}

int
lease_drop(struct sync *s, const char *user, const char *session,
    struct err *e)
{
	struct one one = { { .s = s }, user, session };

	return publish(s, fill_drop, &one, e);
}

/* --- all that we hold -------------------------------------------------- */

static int
keep_one(void *arg, const struct journal_lease *l, struct err *e)
{
	struct lease_taking *t = arg;

	(void)e;
	if (l->hold_ms > 0 && strcmp(l->node, t->m->node) == 0)
		sync_manifest_add_lease(t->m, l->user, l->session, l->epoch,
		    t->hold_ms);
	return 0;
}

static int
fill_keep(void *arg, struct sync_manifest *m, struct err *e)
{
	struct lease_taking *t = arg;

	t->m = m;
	if (journal_each_lease(t->s->journal, keep_one, t, e) < 0)
		return -1;
	return m->nleases > 0;
}

int
lease_keep(struct sync *s, int64_t hold_ms, struct err *e)
{
	struct lease_taking t = { .s = s, .hold_ms = hold_ms };

	return publish(s, fill_keep, &t, e);
}
