#include "cmd/index_to.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/work.h"
#include "engine/push.h"
#include "engine/verify.h"
#include "ltm/fact_entry.h"
#include "store/access.h"
#include "store/change.h"
#include "store/known.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define POLL_MS 200		/* --follow looks this often */
#define SOON_MS 1000		/* and again after an engine that is down, */
#define LATE_MS 30000		/* later and later */
#define WAIT_MS 10000		/* for another that is at it */

struct to {
	const struct index_to *how;
	struct push *push;
	struct verify *verify;
	bool sound, part;
	int64_t done;		/* before this push */
};

int
index_moved(struct store *st, struct index_seen *was, struct err *e)
{
	struct index_seen is;
	bool moved;

	if (change_last(st, &is.change, e) < 0 ||
	    toc_touched_all(st, &is.contents, e) < 0 ||
	    fact_newest(st, &is.fact, e) < 0 ||
	    artifact_newest(st, &is.artifact, e) < 0)
		return -1;
	moved = is.change != was->change || is.contents != was->contents ||
	    is.fact != was->fact || is.artifact.row != was->artifact.row ||
	    is.artifact.turn != was->artifact.turn;
	*was = is;
	return moved;
}

/* --- who is told ------------------------------------------------------- */

static int
progress(void *arg, int64_t done, struct err *e)
{
	struct to *t = arg;

	cmd_progress("%s: %" PRId64 " texts", t->how->engine, done);
	return work_goes_on(e);
}

static void
note(void *arg, const char *what)
{
	(void)arg;
	cmd_progress_end();
	cmd_warn("%s", what);
}

/* Who owns the store, or tends it; a credential pushes what its user has, and
 * what the tenant shares. */
static bool
all_users(const struct store *st)
{
	return cmd.user == NULL && access_has(st, RIGHT_ADMIN);
}

typedef int scope_fn(struct to *, struct store *, bool shared, struct err *);

static int
one_user(struct to *t, const struct store *st, const char *user, scope_fn *fn,
    struct err *e)
{
	struct store_where where = { .dir = st->dir, .tenant = st->tenant,
	    .user = user, .inside = true };
	struct store *his;
	int r;

	if (store_open(&his, &where, STORE_READ, e) < 0)
		return -1;
	r = fn(t, his, false, e);
	store_close(his);
	return r;
}

static int
each_scope(struct to *t, struct store *st, scope_fn *fn, struct err *e)
{
	struct strv users = STRV_INIT;
	size_t i;
	int r = 0;

	if (!all_users(st))
		strv_add(&users, st->user);
	else
		r = known_names(st, KNOWN_USERS, INT64_MAX, &users, e);
	for (i = 0; i < users.n && r == 0; i++)
		r = one_user(t, st, users.v[i], fn, e);
	strv_release(&users);
	return r == 0 ? fn(t, st, true, e) : r;
}

/* --- pushing ----------------------------------------------------------- */

static json_t *
reasons(const struct bulk_counts *c)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < c->why.n; i++)
		json_object_set_new(o, c->why.e[i].key,
		    json_integer(c->why.e[i].v.i));
	return o;
}

static int
tell(struct to *t, const struct bulk_counts *c, struct err *e)
{
	json_t *rec = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:I, s:I, "
	    "s:I}", "type", "engine_push", "engine", t->how->engine, "pushed",
	    (json_int_t)c->pushed, "gone", (json_int_t)c->gone, "newer",
	    (json_int_t)c->newer, "failed", reasons(c), "again",
	    (json_int_t)c->again, "requests", (json_int_t)c->requests,
	    "bytes", (json_int_t)c->bytes);
	struct buf b = BUF_INIT;
	int r = 0;

	cmd_progress_end();
	buf_addf(&b, "%s: %" PRId64 " pushed, %" PRId64 " gone, %" PRId64
	    " newer there, %" PRId64 " failed; %" PRId64 " kB in %" PRId64
	    " requests", t->how->engine, c->pushed, c->gone, c->newer,
	    c->failed, (c->bytes + 1023) / 1024, c->requests);
	if (!cmd.quiet)
		r = t->how->out->text ? out_line(t->how->out, b.p, e) :
		    out_record(t->how->out, rec, e);
	buf_release(&b);
	json_decref(rec);
	return r;
}

static int
push_one(struct to *t, struct store *st, bool shared, struct err *e)
{
	return push_scope(t->push, st, shared, e);
}

/* Up to a change that was there before. */
static int
push_once(struct to *t, struct store *st, bool rebuild, bool always,
    struct err *e)
{
	struct push_how how = { .rebuild = rebuild, .wait_ms = WAIT_MS,
	    .progress = progress, .note = note, .arg = t };
	const struct bulk_counts *c;
	struct buf name = BUF_INIT;
	int64_t change;
	int r;

	if (change_last(st, &change, e) < 0 || push_open(&t->push, st,
	    t->how->engine, &how, e) < 0)
		return -1;
	r = each_scope(t, st, push_one, e);
	if (r == 0 && all_users(st))
		r = push_end(t->push, e);
	c = push_counts(t->push);
	if (r == 0 && (always || c->pushed + c->gone + c->failed > 0))
		r = tell(t, c, e);
	t->part |= c->failed > 0;
	push_close(t->push);
	t->push = NULL;
	buf_addf(&name, CONSUMER_ENGINE "%s", t->how->engine);
	if (r == 0 && all_users(st))
		r = consumer_put(st, name.p, change, date_now(), e);
	buf_release(&name);
	return r;
}

/* An index that goes meanwhile is told all again, once. */
static int
push_all(struct to *t, struct store *st, bool rebuild, bool always,
    struct err *e)
{
	int r = push_once(t, st, rebuild, always, e);

	if (r < 0 && e->code == ERR_ABSENT && !rebuild)
		r = push_once(t, st, false, always, e);
	cmd_progress_end();
	return r;
}

static void
rest(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	if (!work_stopped)
		nanosleep(&t, NULL);
}

/* The engine may be down: what it lacks stays marked as such, and it is asked
 * again. */
static bool
may_pass(const struct err *e)
{
	return e->code == ERR_NET || e->code == ERR_ABSENT;
}

static int
follow(struct to *t, struct store *st, struct err *e)
{
	struct index_seen seen = INDEX_SEEN_NONE;
	const struct index_seen none = INDEX_SEEN_NONE;
	bool rebuild = t->how->rebuild;
	int64_t wait = SOON_MS;
	int r;

	while (!work_stopped) {
		if (access_still(st, e) < 0 || (r = index_moved(st, &seen,
		    e)) < 0)
			return -1;
		if (r == 1 && push_all(t, st, rebuild, false, e) < 0) {
			if (work_stopped || !may_pass(e))
				return work_stopped ? 0 : -1;
			cmd_warn("%s; it is asked again", e->msg);
			seen = none;
			rest(wait);
			wait = wait * 2 < LATE_MS ? wait * 2 : LATE_MS;
		} else {
			if (r == 1)
				wait = SOON_MS;
			rebuild = false;
		}
		if (out_flush(t->how->out, e) < 0)
			return -1;
		rest(POLL_MS);
	}
	return 0;
}

/* --- verifying --------------------------------------------------------- */

static int
tell_problem(struct to *t, const struct verified *v, struct err *e)
{
	struct buf where = BUF_INIT, detail = BUF_INIT, remedy = BUF_INIT;
	json_t *rec;
	int r;

	buf_addf(&where, "%s%s%s in engine %s", source_names[v->source],
	    v->user != NULL ? " of " : "", v->user != NULL ? v->user : "",
	    t->how->engine);
	if (v->wrong != NULL)
		buf_addf(&detail, "'%s' is not there, or says something else",
		    v->wrong);
	else
		buf_addf(&detail, "%" PRId64 " are here, and %" PRId64
		    " there, %" PRId64 " of them by others", v->stored,
		    v->held, v->others);
	buf_addf(&remedy, "mem-index --to %s brings what is new, with "
	    "--rebuild all", t->how->engine);
	rec = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "problem",
	    "what", "engine", "where", where.p, "detail", detail.p, "remedy",
	    remedy.p);
	buf_addf(&where, ": %s; %s", detail.p, remedy.p);
	r = t->how->out->text ? out_line(t->how->out, where.p, e) :
	    out_record(t->how->out, rec, e);
	buf_release(&where);
	buf_release(&detail);
	buf_release(&remedy);
	json_decref(rec);
	return r;
}

static int
tell_verified(void *arg, const struct verified *v, struct err *e)
{
	struct to *t = arg;
	bool right = verified_right(v);
	json_t *rec = json_pack("{s:s, s:s, s:s, s:s*, s:I, s:I, s:I, s:I}",
	    "type", "engine_check", "engine", t->how->engine,
	    "source", source_names[v->source], "user", v->user, "stored",
	    (json_int_t)v->stored, "held", (json_int_t)v->held, "others",
	    (json_int_t)v->others, "compared", (json_int_t)v->compared);
	struct buf b = BUF_INIT;
	int r = 0;

	buf_addf(&b, "%s: %s%s%s: %" PRId64 " here, %" PRId64 " there, %"
	    PRId64 " compared", t->how->engine, source_names[v->source],
	    v->user != NULL ? " of " : "", v->user != NULL ? v->user : "",
	    v->stored, v->held, v->compared);
	if (!cmd.quiet)
		r = t->how->out->text ? out_line(t->how->out, b.p, e) :
		    out_record(t->how->out, rec, e);
	buf_release(&b);
	json_decref(rec);
	t->sound &= right;
	return r < 0 || right ? r : tell_problem(t, v, e);
}

static int
verify_one(struct to *t, struct store *st, bool shared, struct err *e)
{
	return work_goes_on(e) < 0 ? -1 : verify_scope(t->verify, st, shared,
	    tell_verified, t, e);
}

static int
verify_all(struct to *t, struct store *st, struct err *e)
{
	int r;

	if (verify_open(&t->verify, st, t->how->engine, e) < 0)
		return -1;
	r = each_scope(t, st, verify_one, e);
	verify_close(t->verify);
	t->verify = NULL;
	return r;
}

int
index_to(const struct index_to *how, struct store *st, struct err *e)
{
	struct to t = { .how = how, .sound = true };
	int r;

	if (access_bound(st))
		return err_set(e, ERR_DENIED, "a call that is bound to a "
		    "session cannot push: an engine has all of a user; give "
		    "no --session");
	if (how->rebuild && !all_users(st))
		return err_set(e, ERR_DENIED, "to make the index of the tenant "
		    "anew takes all of its users; run it without --user, with "
		    "the right to administer");
	if (how->verify)
		r = verify_all(&t, st, e);
	else if (how->follow)
		r = follow(&t, st, e);
	else
		r = push_all(&t, st, how->rebuild, true, e);
	return r < 0 ? -1 : !t.sound ? EXIT_NO : t.part ? EXIT_PART :
	    EXIT_YES;
}
