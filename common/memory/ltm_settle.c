/*
 * From groups to facts.  What is to be written is known before anything is:
 * a run may write only so many, the surest first.
 */
#include "memory/ltm_job.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "memory/tally.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct decision {
	size_t group;		/* whose fact it is: place in the list */
	bool write, live;
	bool touch;		/* it says the same of other rows */
	enum ltm_change change;
	struct fact fact;	/* its body is ours; NULL: it is made when it
				   is written, as most new ones may wait */
};

/* A group that was looked at. */
struct looked {
	struct group g;		/* id, n, chunks */
	struct buf facts;	/* that it makes now */
	bool left;		/* one of them is yet to be written */
};

struct settling {
	struct job *j;
	struct decision *v;	/* own */
	size_t n, cap;
	struct looked *looked;	/* own */
	size_t nlooked, cap_looked;
	struct map claimed;	/* ids of facts that a group makes, or made */
	struct map stubs;	/* facts that were there before a rebuild */
	int64_t max;		/* facts to write; 0: any number */
	uint64_t rules;		/* that they follow from, in their digests */
};

/* An id as a key, until the next call. */
static const char *
id_name(int64_t id)
{
	static char name[FACT_ID_LEN + 1];

	fact_id_format(name, id);
	return name;
}

/* The version that counts, without its body; a gone one, too.  1, 0: there is
 * none. */
static int
newest(struct store *st, int64_t id, struct fact *f, struct err *e)
{
	struct db_query *q;
	int r;

	memset(f, 0, sizeof *f);
	if ((q = db_sql(st->db, e, "SELECT version, gone, held, confidence, "
	    "digest, seq FROM fact WHERE id = :id ORDER BY version DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		f->seq = db_get_int(q, 5);
		f->id = id;
		f->scope = FACT_TENANT;
		f->valid_until_ms = INT64_MAX;
		f->version = db_get_int(q, 0);
		f->gone = db_get_int(q, 1);
		f->held = db_get_int(q, 2);
		f->confidence = db_get_real(q, 3);
		f->digest = db_get_int(q, 4);
	}
	db_end(q);
	return r;
}

/* Its body, as the text that is kept. */
static int
body_of(struct store *st, const struct fact *f, struct buf *text,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT body FROM fact WHERE seq = :seq"))
	    == NULL)
		return -1;
	db_int(q, ":seq", f->seq);
	if ((r = db_row(q, e)) == 1)
		buf_adds(text, db_get_text(q, 0));
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* There is no such fact any more: what it said, and why it goes. */
static int
retract(struct settling *s, struct decision *d, const struct fact *old,
    const char *why, struct err *e)
{
	struct buf text = BUF_INIT;

	d->write = true;
	d->change = LTM_RETRACT;
	d->fact.gone = true;
	d->fact.confidence = old->confidence;
	if (body_of(s->j->st, old, &text, e) == 0 && (d->fact.body =
	    json_read(text.p, text.len, e)) == NULL)
		err_add(e, "fact row %" PRId64 ": ", old->seq);
	buf_release(&text);
	if (d->fact.body == NULL)
		return -1;
	json_object_set_new(d->fact.body, "reason", json_string(why));
	return 0;
}

/* Does a fact say what this body says?  1, 0. */
static int
says(struct settling *s, const struct fact *old, const json_t *body,
    struct err *e)
{
	struct buf text = BUF_INIT, b = BUF_INIT;
	int r;

	if ((r = body_of(s->j->st, old, &text, e)) == 0) {
		json_sorted(&b, body);
		r = b.len == text.len && memcmp(b.p, text.p, b.len) == 0;
	}
	buf_release(&b);
	buf_release(&text);
	return r;
}

static int
decide(struct settling *s, struct decision *d, const struct fact *old,
    bool holds, const char *why, struct err *e)
{
	bool there = old->version > 0 && !old->gone;
	int same = 0;

	/* Somebody put it there: until its rows change. */
	if (old->held && old->digest == d->fact.digest) {
		d->live = true;
		return 0;
	}
	if (!holds)
		return there ? retract(s, d, old, why, e) : 0;
	if (there && old->confidence == d->fact.confidence &&
	    (same = says(s, old, d->fact.body, e)) < 0)
		return -1;
	d->live = true;
	d->change = there ? LTM_UPDATE : LTM_INSERT;
	d->write = !same;
	d->touch = same;
	d->fact.seq = old->seq;
	return 0;
}

static struct decision *
add_decision(struct settling *s, size_t group, int64_t id, uint64_t digest)
{
	struct decision *d;
	int made;

	s->v = xgrow(s->v, s->n, &s->cap, sizeof *s->v);
	d = &s->v[s->n++];
	memset(d, 0, sizeof *d);
	d->group = group;
	d->fact.id = id;
	d->fact.scope = FACT_TENANT;
	d->fact.job = s->j->number;
	d->fact.valid_until_ms = INT64_MAX;
	d->fact.digest = (int64_t)digest;
	map_put(&s->claimed, id_name(id), &made);
	return d;
}

/* Does a fact say already what follows from rows with this digest?  1, 0. */
static int
known(void *arg, int64_t id, uint64_t digest, struct err *e)
{
	struct settling *s = arg;
	struct decision *d;
	struct fact old;

	if (newest(s->j->st, id, &old, e) < 0)
		return -1;
	if (old.version == 0 || old.gone ||
	    old.digest != (int64_t)(digest + s->rules))
		return 0;
	d = add_decision(s, s->nlooked - 1, id, digest + s->rules);
	d->live = true;
	s->j->sums.same++;
	group_id_put(&s->looked[d->group].facts, id);
	return 1;
}

/* What a group comes to, against what is there. */
static int
weigh(void *arg, const struct tally_result *w, struct err *e)
{
	struct settling *s = arg;
	struct decision *d;
	struct fact old;
	int r;

	if (w->holds && (r = known(s, w->g->id, w->t->digest, e)) != 0)
		return r < 0 ? -1 : 0;
	d = add_decision(s, s->nlooked - 1, w->g->id, w->t->digest + s->rules);
	if (newest(s->j->st, w->g->id, &old, e) < 0)
		return -1;
	if (w->holds && s->max > 0 && (old.version == 0 || old.gone))
		d->fact.confidence = tally_confidence(w->t);
	else if (w->holds)
		d->fact.body = tally_body(w->t, w->g, s->j->kb,
		    &d->fact.confidence);
	if (decide(s, d, &old, w->holds, w->why, e) < 0)
		return -1;
	s->j->sums.same += !d->write && d->live;
	if (d->live)
		group_id_put(&s->looked[d->group].facts, w->g->id);
	return 0;
}

/* A fact that no rows bear any more. */
static int
give_up(struct settling *s, size_t group, int64_t id, const char *why,
    struct err *e)
{
	struct decision *d = add_decision(s, group, id, 0);
	struct fact old;

	if (newest(s->j->st, id, &old, e) < 0 ||
	    decide(s, d, &old, false, why, e) < 0)
		return -1;
	if (d->live)
		group_id_put(&s->looked[group].facts, id);
	return 0;
}

static int
look(void *arg, struct group *g, struct err *e)
{
	struct settling *s = arg;
	const struct job *j = s->j;
	struct tally_ask ask = { weigh, known, s };
	struct looked *l;
	int64_t id;
	size_t i;
	int made;

	if (g->dim != GROUP_STUB &&
	    (size_t)g->dim % GROUP_WORD >= j->p->ndims)
		return err_set(e, ERR_CORRUPT, "a group of '%s' is of no "
		    "dimension; run mem-ltm run --rebuild", j->p->name);
	s->looked = xgrow(s->looked, s->nlooked, &s->cap_looked,
	    sizeof *s->looked);
	l = &s->looked[s->nlooked++];
	memset(l, 0, sizeof *l);
	l->g.id = g->id;
	l->g.n = g->n;
	l->g.chunks = g->chunks;
	l->g.stored = true;
	buf_init(&l->facts);
	if (g->dim == GROUP_STUB) {
		map_put(&s->stubs, id_name(g->id), &made)->i =
		    (int64_t)s->nlooked - 1;
		return 0;
	}
	s->j->sums.groups++;
	if (g->n > 0 && tally_each(j->p, &s->j->gs, g, &ask, e) < 0)
		return -1;
	for (i = 0; i < g->facts.len; i += 8) {
		id = group_id_read(g->facts.p + i);
		if (map_get(&s->claimed, id_name(id)) == NULL &&
		    give_up(s, s->nlooked - 1, id, "fewer rows than it takes "
		    "are left, or these have more in common", e) < 0)
			return -1;
	}
	return 0;
}

/* When all groups have spoken. */
static int
look_at_stubs(struct settling *s, struct err *e)
{
	size_t i, group;

	for (i = 0; i < s->stubs.n; i++) {
		group = (size_t)s->stubs.e[i].v.i;
		if (map_get(&s->claimed, s->stubs.e[i].key) == NULL &&
		    give_up(s, group, s->looked[group].g.id,
		    "no rows bear it any more", e) < 0)
			return -1;
	}
	return 0;
}

/* What costs nothing, what goes, then the surest. */
static int
compare(const void *a, const void *b)
{
	const struct decision *x = a, *y = b;
	int p = x->write ? x->change == LTM_RETRACT ? 1 : 2 : 0;
	int q = y->write ? y->change == LTM_RETRACT ? 1 : 2 : 0;

	if (p != q)
		return p - q;
	if (p == 2 && x->fact.confidence != y->fact.confidence)
		return x->fact.confidence > y->fact.confidence ? -1 : 1;
	return x->fact.id < y->fact.id ? -1 : x->fact.id > y->fact.id;
}

struct making {
	struct decision *d;
	const char *kb;
};

static int
make_if(void *arg, const struct tally_result *w, struct err *e)
{
	struct making *m = arg;

	(void)e;
	if (w->g->id == m->d->fact.id && m->d->fact.body == NULL)
		m->d->fact.body = tally_body(w->t, w->g, m->kb,
		    &m->d->fact.confidence);
	return 0;
}

static int
not_wanted(void *arg, int64_t id, uint64_t digest, struct err *e)
{
	const struct making *m = arg;

	(void)digest;
	(void)e;
	return id != m->d->fact.id;
}

/* The body of a fact that was put off. */
static int
make_body(struct job *j, struct decision *d, int64_t group, struct err *e)
{
	struct making m = { d, j->kb };
	struct tally_ask ask = { make_if, not_wanted, &m };
	struct group *g;
	int r;

	if ((r = groups_find(&j->gs, group, &g, e)) == 1)
		r = tally_each(j->p, &j->gs, g, &ask, e);
	groups_forget(&j->gs);
	if (r == 0 && d->fact.body == NULL)
		r = err_set(e, ERR_CORRUPT, "a group of '%s' is not what it "
		    "was; run mem-ltm run --rebuild", j->p->name);
	return r;
}

static int
write_one(struct settling *s, struct decision *d, struct err *e)
{
	struct job *j = s->j;
	struct fact old;
	int r;

	if (d->fact.body == NULL && make_body(j, d,
	    s->looked[d->group].g.id, e) < 0)
		return -1;
	if (newest(j->st, d->fact.id, &old, e) < 0)
		return -1;
	r = fact_put(j->st, &d->fact, e);
	if (r == 0 && j->how->changed != NULL)
		r = j->how->changed(j->how->arg, d->change,
		    old.version > 0 && !old.gone ? &old : NULL, &d->fact, e);
	j->sums.inserted += d->change == LTM_INSERT;
	j->sums.updated += d->change == LTM_UPDATE;
	j->sums.retracted += d->change == LTM_RETRACT;
	return r;
}

static int
apply(struct settling *s, struct err *e)
{
	struct job *j = s->j;
	int64_t written = 0;
	struct decision *d;
	struct looked *l;
	size_t i;

	for (i = 0; i < s->n; i++) {
		d = &s->v[i];
		if (d->touch && fact_touch(j->st, &d->fact, e) < 0)
			return -1;
		if (!d->write)
			continue;
		if (d->change != LTM_RETRACT && s->max > 0 &&
		    written++ >= s->max) {
			s->looked[d->group].left = true;
			j->sums.left++;
		} else if (write_one(s, d, e) < 0)
			return -1;
	}
	for (i = 0; i < s->nlooked; i++) {
		l = &s->looked[i];
		if (l->left ? group_keep(&j->gs, &l->g, &l->facts, e) < 0 :
		    group_settle(&j->gs, &l->g, &l->facts, e) < 0)
			return -1;
	}
	return 0;
}

int
job_settle(struct job *j, struct err *e)
{
	struct settling s = { .j = j, .claimed = MAP_INIT, .stubs = MAP_INIT,
	    .max = j->how->max_facts < 0 ? j->p->max_facts :
	    j->how->max_facts };
	uint8_t rules[8];
	size_t i;
	int r;

	if (hex_decode(rules, j->rules, sizeof rules) != 1)
		return err_set(e, ERR_CORRUPT, "the rules of '%s' in the table "
		    "meta are damaged; delete the row with sqlite3",
		    j->p->name);
	for (i = 0; i < sizeof rules; i++)
		s.rules = s.rules << 8 | rules[i];
	if ((r = groups_dirty(&j->gs, look, &s, e)) == 0 &&
	    (r = look_at_stubs(&s, e)) == 0) {
		if (s.n > 0)
			qsort(s.v, s.n, sizeof *s.v, compare);
		r = apply(&s, e);
	}
	for (i = 0; i < s.n; i++)
		json_decref(s.v[i].fact.body);
	for (i = 0; i < s.nlooked; i++)
		buf_release(&s.looked[i].facts);
	free(s.v);
	free(s.looked);
	map_release(&s.claimed);
	map_release(&s.stubs);
	return r;
}
