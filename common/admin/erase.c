#include "admin/erase.h"

#include "artifact/artifact_merge.h"
#include "artifact/artifact_reconcile.h"
#include "base/alloc.h"
#include "base/str.h"
#include "file/file_area.h"
#include "ingest/forget.h"
#include "ltm/fact.h"
#include "memory/event.h"
#include "memory/hold.h"
#include "memory/session.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/forgetting.h"
#include "store/reads.h"
#include "store/store.h"

#include <jansson.h>

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 200		/* targets in one transaction */

const char *const erase_kinds[] = { "event", "session", "record", "user",
    "fact", "artifact", NULL };

#define MEMBER(name) { #name, offsetof(struct erase_counts, name) }
const struct erase_member erase_members[] = {
	MEMBER(sessions), MEMBER(events), MEMBER(records), MEMBER(values),
	MEMBER(files), MEMBER(artifacts), MEMBER(facts), MEMBER(decisions),
	MEMBER(grips), { NULL, 0 }
};

void
erase_add_of(struct erase_targets *t, enum erase_kind kind, const char *id,
    const char *user)
{
	t->v = xgrow(t->v, t->n, &t->cap, sizeof *t->v);
	t->v[t->n].kind = kind;
	t->v[t->n].id = xstrdup(id);
	t->v[t->n++].user = user != NULL ? xstrdup(user) : NULL;
}

void
erase_add(struct erase_targets *t, enum erase_kind kind, const char *id)
{
	erase_add_of(t, kind, id, NULL);
}

void
erase_targets_release(struct erase_targets *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		free(t->v[i].id);
		free(t->v[i].user);
	}
	free(t->v);
	memset(t, 0, sizeof *t);
}

/* --- counts ------------------------------------------------------------ */

/* As it looks from outside: of a session whose events still have to go there
 * are none any more. */
static int
look(struct store *st, struct erase_counts *c, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT count(*), ifnull(sum(events), 0), "
	    "(SELECT count(*) FROM record), (SELECT count(*) FROM variable), "
	    "(SELECT count(*) FROM file), (SELECT count(*) FROM artifact "
	    "WHERE state <> 6), (SELECT count(*) FROM fact), "
	    "(SELECT count(*) FROM decision), (SELECT count(*) FROM toc_grip) "
	    "FROM session")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		c->sessions = db_get_int(q, 0);
		c->events = db_get_int(q, 1);
		c->records = db_get_int(q, 2);
		c->values = db_get_int(q, 3);
		c->files = db_get_int(q, 4);
		c->artifacts = db_get_int(q, 5);
		c->facts = db_get_int(q, 6);
		c->decisions = db_get_int(q, 7);
		c->grips = db_get_int(q, 8);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* What a settling of facts put there anew is no less than nothing. */
static void
add_gone(struct erase_counts *sum, const struct erase_counts *was,
    const struct erase_counts *is)
{
	const struct erase_member *m;
	int64_t a, b, *to;

	for (m = erase_members; m->name != NULL; m++) {
		memcpy(&a, (const char *)was + m->at, sizeof a);
		memcpy(&b, (const char *)is + m->at, sizeof b);
		to = (int64_t *)(void *)((char *)sum + m->at);
		*to += a > b ? a - b : 0;
	}
}

/* --- holds ------------------------------------------------------------- */

/* A session of this user that is on hold: 1, and its name; 0. */
static int
user_held(struct store *st, const char *user, char **name, struct err *e)
{
	struct db_query *q;
	int64_t owner;
	int r, held = 0;

	if (store_user(st, user, false, &owner, e) < 0)
		return -1;
	if ((q = db_sql(st->db, e, "SELECT seq, name FROM session s WHERE "
	    "user = :user AND EXISTS (SELECT 1 FROM variable WHERE "
	    "session = s.seq AND kind = 1 AND name = 'hold')")) == NULL)
		return -1;
	db_int(q, ":user", owner);
	while (held == 0 && (r = db_row(q, e)) == 1)
		if ((held = hold_has(st, db_get_int(q, 0), e)) == 1)
			*name = db_dup(q, 1);
	db_end(q);
	return held != 0 ? held : r;
}

static json_t *
grave(const struct store *st, const struct erase_target *t)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "type", "tombstone",
	    "target", erase_kinds[t->kind], "id", t->id, "user",
	    t->kind == ERASE_USER ? t->id : st->user);
}

/* 1 it is held, and is to be left out. */
static int
is_held(struct store *st, const struct erase_target *t,
    const struct erase_how *how, struct err *e)
{
	char *name = NULL;
	json_t *o;
	int r;

	if (t->kind == ERASE_FACT || t->kind == ERASE_ARTIFACT)
		return 0;
	if (t->kind == ERASE_USER) {
		r = user_held(st, t->id, &name, e);
	} else {
		o = grave(st, t);
		r = hold_has_target(st, o, e);
		json_decref(o);
	}
	if (r == 1 && !how->pass_held)
		r = err_set(e, ERR_DENIED, "%s%s '%s' is on hold, and nothing "
		    "of it is taken away; mem-session release ends that",
		    name != NULL ? "session " : "",
		    name != NULL ? "" : t->kind == ERASE_EVENT ?
		    "the session of event" : erase_kinds[t->kind],
		    name != NULL ? name : t->id);
	else if (r == 1 && how->held != NULL)
		how->held(how->arg, t);
	free(name);
	return r;
}

/* --- work -------------------------------------------------------------- */

/* Is there anything of it?  1, 0. */
static int
is_there(struct store *st, const struct erase_target *t, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	struct db_query *q;
	int64_t row;
	int r;

	switch (t->kind) {
	case ERASE_EVENT:
		r = event_find(&it, st, t->id, &ev, e);
		event_close(it);
		return r;
	case ERASE_SESSION:
		if (session_row(st, t->id, false, &row, e) < 0)
			return -1;
		return row != 0;
	case ERASE_USER:
		if (store_user(st, t->id, false, &row, e) < 0)
			return -1;
		return row != 0;
	case ERASE_FACT:
	case ERASE_ARTIFACT:
		return 1;
	case ERASE_RECORD:
		break;
	}
	if ((q = db_sql(st->db, e, "SELECT 1 FROM kb k CROSS JOIN record r "
	    "ON r.kb = k.id AND r.id = substr(:id, length(k.name) + 2) WHERE "
	    "substr(:id, 1, length(k.name) + 1) = k.name || '/' LIMIT 1")) ==
	    NULL)
		return -1;
	db_text(q, ":id", t->id);
	r = db_row(q, e);
	db_end(q);
	return r;
}

/* What has no tombstone: 1 it went, 0 it was gone. */
static int
erase_row(struct store *st, const struct erase_target *t, struct err *e)
{
	struct db_query *q;
	uint64_t id = 0;

	if (db_scrub(st->db, e) < 0)
		return -1;
	if (t->kind == ERASE_ARTIFACT)
		return artifact_forget_id(st, t->id, e);
	if (!str_starts(t->id, "fact:") ||
	    sscanf(t->id + 5, "%16" SCNx64, &id) != 1)
		return err_set(e, ERR_INPUT, "'%s' is no fact", t->id);
	if (fact_forget(st, (int64_t)id, e) < 0 || (q = db_sql(st->db, e,
	    "DELETE FROM decision WHERE about = :about")) == NULL)
		return -1;
	db_text(q, ":about", t->id);
	return db_run(q, e) < 0 ? -1 : audit_add(st, "delete", "fact", t->id,
	    e) < 0 ? -1 : 1;
}

static int
erase_any(struct store *st, const struct erase_target *t, struct err *e)
{
	json_t *o;
	int r;

	if (t->kind == ERASE_FACT || t->kind == ERASE_ARTIFACT)
		return erase_row(st, t, e);
	if ((o = grave(st, t)) == NULL)
		return err_set(e, ERR_USAGE, "'%s' is not UTF-8", t->id);
	r = forget_add(st, o, e);
	json_decref(o);
	return r;
}

static int
erase_his(struct store *st, const struct erase_target *t,
    const struct erase_how *how, struct erase_sums *sums, struct err *e)
{
	int r, there;

	if ((r = is_held(st, t, how, e)) != 0) {
		sums->held += r == 1;
		return r < 0 ? -1 : 0;
	}
	if ((there = is_there(st, t, e)) < 0)
		return -1;
	if ((r = erase_any(st, t, e)) < 0 || (t->kind == ERASE_USER &&
	    !how->dry_run && reads_forget(st, t->id, e) < 0))
		return -1;
	sums->done += r;
	sums->again += r == 0;
	sums->absent += r == 1 && there == 0;
	if (r == 1 && how->done != NULL)
		how->done(how->arg, t, there == 0);
	return 0;
}

/* What a user has is found by who the store is open for. */
static int
erase_one(struct store *st, const struct erase_target *t,
    const struct erase_how *how, struct erase_sums *sums, struct err *e)
{
	int64_t my_id = st->user_id;
	char *mine = st->user;
	int r;

	if (t->user == NULL)
		return erase_his(st, t, how, sums, e);
	st->user = t->user;
	st->user_id = 0;
	r = store_user(st, t->user, false, &st->user_id, e);
	if (r == 0)
		r = erase_his(st, t, how, sums, e);
	st->user = mine;
	st->user_id = my_id;
	return r;
}

/* Would it be refused? */
static int
hold_first(struct store *st, const struct erase_target *t,
    const struct erase_how *how, struct err *e)
{
	int64_t my_id = st->user_id;
	char *mine = st->user;
	int r;

	if (t->user == NULL)
		return is_held(st, t, how, e);
	st->user = t->user;
	st->user_id = 0;
	r = is_held(st, t, how, e);
	st->user = mine;
	st->user_id = my_id;
	return r;
}

int
erase_held(struct store *st, const struct erase_target *t, struct err *e)
{
	const struct erase_how how = { .pass_held = true };

	return hold_first(st, t, &how, e);
}

static int
batch(struct store *st, const struct erase_target *v, size_t n,
    const struct erase_how *how, struct erase_sums *sums, struct err *e)
{
	struct erase_counts was = { 0 }, is = { 0 };
	size_t i;
	int r = look(st, &was, e);

	for (i = 0; r == 0 && i < n; i++)
		r = erase_one(st, &v[i], how, sums, e);
	if (r == 0 && (r = look(st, &is, e)) == 0)
		add_gone(&sums->counts, &was, &is);
	return r;
}

/* Nothing goes where something must not. */
static int
holds_first(struct store *st, const struct erase_targets *t,
    const struct erase_how *how, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && !how->pass_held && i < t->n; i++)
		r = hold_first(st, &t->v[i], how, e);
	return r;
}

int
erase(struct store *st, const struct erase_targets *t,
    const struct erase_how *how, struct erase_sums *sums, struct err *e)
{
	struct err ignored;
	size_t from, n;
	int r;

	memset(sums, 0, sizeof *sums);
	if (db_number(st->db, e, "SELECT max(seq) FROM tombstone", 0,
	    &sums->after) < 0 || holds_first(st, t, how, e) < 0)
		return -1;
	for (from = 0; from < t->n; from += n) {
		n = t->n - from < BATCH ? t->n - from : BATCH;
		if (tx_begin(st->db, e) < 0)
			return -1;
		r = batch(st, t->v + from, n, how, sums, e);
		if (r == 0 && how->dry_run)
			tx_end(st->db, -1, &ignored);
		else if (tx_end(st->db, r, e) < 0)
			r = -1;
		if (r < 0 || how->dry_run) {
			/* the user may have been new in it */
			st->user_id = 0;
			store_user(st, st->user, false, &st->user_id,
			    &ignored);
		}
		if (r < 0)
			return -1;
	}
	return 0;
}

/* --- afterwards -------------------------------------------------------- */

/* The first that could not be taken away says why. */
static int
told_bytes(void *arg, const struct reconciled *x, struct err *e)
{
	struct erase_rest *rest = arg;

	(void)e;
	if (x->what == RECONCILED_TROUBLE && x->why != NULL &&
	    rest->why.code == ERR_NONE)
		err_set(&rest->why, ERR_SYS, "%s", x->why);
	return 0;
}

static int
artifact_bytes(struct store *st, struct erase_rest *rest, struct err *e)
{
	struct reconcile_how how = { .limit = INT64_MAX, .told = told_bytes,
	    .arg = rest };
	struct reconcile_sums sums;
	struct artifacts ar;
	int64_t n;
	int r;

	if (db_number(st->db, e, "SELECT count(*) FROM artifact_byte", 0, &n) <
	    0)
		return -1;
	if (n == 0)
		return 0;
	/* a provider that does not answer keeps nobody from forgetting */
	if ((r = artifacts_open(&ar, st, &rest->why)) == 0) {
		r = artifact_reconcile(&ar, &how, &sums, &rest->why);
		artifacts_close(&ar);
	}
	return db_number(st->db, e, "SELECT count(*) FROM artifact_byte", 0,
	    &rest->bytes);
}

int
erase_after(struct store *st, int64_t after, int64_t most,
    void (*progress)(int64_t left), struct erase_rest *rest, struct err *e)
{
	int64_t gone = 0;
	int r;

	memset(rest, 0, sizeof *rest);
	r = forgetting_go_on(st, most, &gone, progress, e);
	db_settle(st->db);
	if (r < 0 || forgetting_left(st, &rest->events, e) < 0)
		return -1;
	r = file_forget(st, after, e);
	return artifact_bytes(st, rest, e) < 0 ? -1 : r;
}
