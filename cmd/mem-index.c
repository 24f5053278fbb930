/*
 * mem-index: bring the index up to date, make it anew, see whether it is
 * sound.
 */
#include "artifact/artifact_entry.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/index_to.h"
#include "cmd/out.h"
#include "cmd/work.h"
#include "ltm/fact_entry.h"
#include "memory/event.h"
#include "search/indexing.h"
#include "search/tail.h"
#include "store/access.h"
#include "store/change.h"
#include "store/known.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONSUMER "index"	/* its name in the change log */
#define POLL_MS 200		/* --follow looks this often */
#define WAIT_MS 10000		/* for another that is at it */

static struct {
	bool rebuild, verify, follow;
	const char *to;
	int64_t nice;
} o = { .nice = 10 };

static const struct opt opts[] = {
	OPT_GROUP("What to do"),
	OPT_FLAG(0, "rebuild", &o.rebuild, "make the index anew"),
	OPT_FLAG(0, "verify", &o.verify, "only see whether it is sound"),
	OPT_FLAG('f', "follow", &o.follow, "go on as the store grows"),
	OPT_STR(0, "to", &o.to, "engine", "of a search engine (engine.NAME.* "
	    "of the configuration) in place of the own", OPT_C_NONE),
	OPT_INT(0, "nice", &o.nice, "n",
	    "be so much nicer to other processes (default 10)"),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_tool tool = {
	.name = "mem-index",
	.args = "",
	.about = "bring the index of a store up to date",
	.opts = opts,
};

struct run {
	struct store_where where;
	struct store *st;	/* of the user at work */
	struct out out;
	const char *scope;	/* what progress is told of */
	bool bound;		/* the call is, to a session */
	bool sound;
	bool part;		/* something could not be done */
};

static int
progress(void *arg, int64_t done, int64_t all, struct err *e)
{
	struct run *run = arg;

	cmd_progress("%s: %" PRId64 " of %" PRId64, run->scope, done, all);
	return work_goes_on(e);
}

static void
note(void *arg, const char *what)
{
	(void)arg;
	cmd_progress_end();
	cmd_warn("%s", what);
}

/* --- what is told ------------------------------------------------------ */

static void
set_scope(json_t *rec, const struct run *run, enum source source)
{
	json_object_set_new(rec, "source", json_string(source_names[source]));
	if (!source_is_shared(source))
		json_object_set_new(rec, "user", json_string(run->st->user));
}

static int
tell(struct run *run, enum source source, const struct indexing *x,
    struct err *e)
{
	json_t *rec = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I}",
	    "type", "index", "added", (json_int_t)x->docs, "gone",
	    (json_int_t)x->gone, "merged", (json_int_t)x->merged, "live",
	    (json_int_t)x->live, "segments", (json_int_t)x->segments,
	    "bytes", (json_int_t)x->bytes, "vectors", (json_int_t)x->vectors,
	    "vector_bytes", (json_int_t)x->vector_bytes);
	struct buf b = BUF_INIT;
	int r;

	set_scope(rec, run, source);
	cmd_progress_end();
	/* how much he has is not told to who sees one session of it */
	if (cmd.quiet || (run->bound && !source_is_shared(source))) {
		r = 0;
	} else if (run->out.text) {
		buf_addf(&b, "%s: %" PRId64 " added, %" PRId64 " gone; now %"
		    PRId64 " in %" PRId64 " segment%s, %" PRId64 " kB; %"
		    PRId64 " vectors, %" PRId64 " kB", run->scope, x->docs,
		    x->gone, x->live, x->segments,
		    x->segments == 1 ? "" : "s", (x->bytes + 1023) / 1024,
		    x->vectors, (x->vector_bytes + 1023) / 1024);
		r = out_line(&run->out, b.p, e);
	} else {
		r = out_record(&run->out, rec, e);
	}
	buf_release(&b);
	json_decref(rec);
	return r;
}

/* --- work -------------------------------------------------------------- */

static int
update(struct run *run, enum source source, bool always, struct err *e)
{
	struct indexing_how how = { .rebuild = o.rebuild, .wait_ms = WAIT_MS,
	    .progress = progress, .note = note, .arg = run };
	struct indexing x;
	int r = indexing_update(run->st, source, &how, &x, e);

	if (r < 0 && e->code == ERR_INDEX && !o.rebuild) {
		cmd_progress_end();
		cmd_warn("%s; it is made anew", e->msg);
		how.rebuild = true;
		r = indexing_update(run->st, source, &how, &x, e);
	}
	if (r < 0)
		return -1;
	if (x.trouble.code != ERR_NONE && !run->part) {
		cmd_progress_end();
		cmd_warn("no vectors were made: %s", x.trouble.msg);
		run->part = true;
	}
	if (!always && x.docs == 0 && x.gone == 0)
		return 0;
	return tell(run, source, &x, e);
}

static int
verify(struct run *run, enum source source, struct err *e)
{
	struct indexing x;
	struct err bad;
	json_t *rec;
	int r = indexing_verify(run->st, source, &x, &bad);

	if (r < 0 && bad.code != ERR_INDEX) {
		*e = bad;
		return -1;
	}
	if (r == 0)
		return tell(run, source, &x, e);
	run->sound = false;
	rec = json_pack("{s:s, s:s}", "type", "problem", "what", bad.msg);
	set_scope(rec, run, source);
	r = run->out.text ? out_line(&run->out, bad.msg, e) :
	    out_record(&run->out, rec, e);
	json_decref(rec);
	return r;
}

static int
work(struct run *run, enum source source, const char *scope, bool always,
    struct err *e)
{
	run->scope = scope;
	return o.verify ? verify(run, source, e) :
	    update(run, source, always, e);
}

/* Of a user who has some. */
static int
contents(struct run *run, bool always, struct err *e)
{
	static const char *const names[] = { "contents of ", "grips of " };
	struct buf scope = BUF_INIT;
	int64_t touched;
	int i, r = toc_touched(run->st, &touched, e);

	for (i = 0; i < 2 && r == 0 && touched > 0; i++) {
		buf_reset(&scope);
		buf_addf(&scope, "%s%s", names[i], run->st->user);
		r = work(run, i == 0 ? SOURCE_TOC : SOURCE_GRIP, scope.p,
		    always, e);
	}
	run->scope = NULL;
	buf_release(&scope);
	return r;
}

/* Where there are some, or were: what is forgotten must go. */
static int
facts(struct run *run, enum source source, const char *scope, bool always,
    struct err *e)
{
	int64_t any;

	if (fact_count_after(run->st, source == SOURCE_OWN, 0, 1, &any,
	    e) < 0)
		return -1;
	return any == 0 && !indexing_there(run->st, source) ? 0 :
	    work(run, source, scope, always, e);
}

static int
facts_of_user(struct run *run, bool always, struct err *e)
{
	struct buf scope = BUF_INIT;
	int r;

	buf_addf(&scope, "facts of %s", run->st->user);
	r = facts(run, SOURCE_OWN, scope.p, always, e);
	run->scope = NULL;
	buf_release(&scope);
	return r;
}

/* Where there are some, whatever their state, or were. */
static int
artifacts(struct run *run, bool always, struct err *e)
{
	const struct artifact_reach none = { 0, 0 };
	struct buf scope = BUF_INIT;
	int64_t any;
	int r = artifact_count_after(run->st, &none, 1, &any, e);

	buf_addf(&scope, "artifacts of %s", run->st->user);
	if (r == 0 && (any > 0 || indexing_there(run->st, SOURCE_ARTIFACT)))
		r = work(run, SOURCE_ARTIFACT, scope.p, always, e);
	run->scope = NULL;
	buf_release(&scope);
	return r;
}

static int
documents(struct run *run, bool always, struct err *e)
{
	int64_t any;

	if (tail_count(run->st, SOURCE_DOCUMENT, 0, 1, &any, e) < 0)
		return -1;
	return any == 0 && !indexing_there(run->st, SOURCE_DOCUMENT) ? 0 :
	    work(run, SOURCE_DOCUMENT, "documents", always, e);
}

static int
of_user(struct run *run, const struct store *st, const char *user,
    bool always, struct err *e)
{
	/* from within: every_user asked, and an index is of all he has */
	struct store_where where = { .dir = run->where.dir,
	    .tenant = st->tenant, .user = user, .inside = true };
	int r;

	if (store_open(&run->st, &where, STORE_READ, e) < 0)
		return -1;
	r = run->st->user_id == 0 ? 0 :
	    work(run, SOURCE_EVENT, run->st->user, always, e);
	if (r == 0 && run->st->user_id != 0)
		r = contents(run, always, e);
	if (r == 0 && run->st->user_id != 0)
		r = facts_of_user(run, always, e);
	if (r == 0 && run->st->user_id != 0)
		r = artifacts(run, always, e);
	store_close(run->st);
	run->st = NULL;
	return r;
}

/* A credential builds what its user has, and what the tenant shares; who owns
 * the store, or tends it, everybody's. */
static bool
all_users(const struct store *st)
{
	return cmd.user == NULL && access_has(st, RIGHT_ADMIN) &&
	    !access_bound(st);
}

static int
every_user(struct run *run, struct store *st, bool always, struct err *e)
{
	struct strv users = STRV_INIT;
	size_t i;
	int r;

	if (!all_users(st))
		return of_user(run, st, st->user, always, e);
	r = known_names(st, KNOWN_USERS, INT64_MAX, &users, e);
	for (i = 0; i < users.n && r == 0; i++)
		r = of_user(run, st, users.v[i], always, e);
	strv_release(&users);
	return r;
}

/* All scopes of the tenant, up to a change that was there before. */
static int
pass(struct run *run, struct store *st, bool always, struct err *e)
{
	int64_t change;
	int r;

	if (change_last(st, &change, e) < 0 ||
	    every_user(run, st, always, e) < 0)
		return -1;
	run->st = st;
	r = work(run, SOURCE_KB, "knowledge bases", always, e);
	if (r == 0)
		r = documents(run, always, e);
	if (r == 0)
		r = facts(run, SOURCE_FACT, "facts", always, e);
	run->st = NULL;
	if (r < 0 || o.verify || !all_users(st))
		return r;
	return consumer_put(st, CONSUMER, change, date_now(), e);
}

static int
follow(struct run *run, struct store *st, struct err *e)
{
	struct timespec t = { 0, POLL_MS * 1000000L };
	struct index_seen seen = INDEX_SEEN_NONE;
	int r;

	o.rebuild = false;
	while (!work_stopped) {
		if (access_still(st, e) < 0 || (r = index_moved(st, &seen,
		    e)) < 0)
			return -1;
		if (r == 1 && pass(run, st, false, e) < 0)
			return work_stopped ? 0 : -1;
		if (out_flush(&run->out, e) < 0)
			return -1;
		nanosleep(&t, NULL);
	}
	return 0;
}

static int
run_all(struct run *run, struct err *e)
{
	struct store *st;
	int r;

	if (o.follow && o.verify)
		return cmd_misuse(e, "--verify looks once; it cannot --follow");
	work_begin(o.nice);
	/* a store that is not there is a mistake, and none to be made */
	if (store_open(&st, &run->where, STORE_READ, e) < 0)
		return -1;
	if (!o.verify) {
		store_close(st);
		if (store_open(&st, &run->where, STORE_WRITE, e) < 0)
			return -1;
	}
	if (o.to != NULL) {
		r = index_to(&(struct index_to){ o.to, o.rebuild, o.verify,
		    o.follow, &run->out }, st, e);
		store_close(st);
		cmd_progress_end();
		return r;
	}
	run->bound = access_bound(st);
	r = pass(run, st, !o.follow, e);
	if (r == 0 && o.follow)
		r = follow(run, st, e);
	store_close(st);
	cmd_progress_end();
	return r < 0 ? -1 : !run->sound ? EXIT_NO : run->part ? EXIT_PART :
	    EXIT_YES;
}

int
main(int argc, char **argv)
{
	struct run run = { .sound = true };
	struct err e = { 0 };
	int r;

	cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&run.out);
	run.where.dir = cmd.store;
	run.where.tenant = cmd.tenant;
	run.where.user = cmd.user;
	r = argc > 0 ? cmd_misuse(&e, "it takes no operands") :
	    run_all(&run, &e);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
