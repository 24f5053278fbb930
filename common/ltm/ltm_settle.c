/*
 * From groups to facts.  What is to be written is known before anything is:
 * a run may write only so many, the surest first.
 */
#include "ltm/ltm_job.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "ltm/ltm_decide.h"
#include "ltm/ltm_hold.h"
#include "ltm/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A group that was looked at: id, n, chunks, and what it makes now. */
struct looked {
	struct group g;		/* facts and known are ours */
	bool left;		/* one of them is yet to be written */
};

struct settling {
	struct job *j;
	struct decision *v;	/* own */
	size_t n, cap;
	struct looked *looked;	/* own */
	size_t nlooked, cap_looked;
	struct map known;	/* of the group: digest to id */
	struct map claimed;	/* ids of facts that a group makes, or made */
	struct map stubs;	/* facts that were there before a rebuild */
	int64_t max;		/* facts to write; 0: any number */
	uint64_t rules;		/* that they follow from, in their digests */
};

/* In a map, ids and digests are keys by their eight bytes. */
static union map_value *
put(struct map *m, uint64_t key)
{
	return map_put_n(m, (const char *)&key, sizeof key, NULL);
}

static union map_value *
get(const struct map *m, uint64_t key)
{
	return map_get_n(m, (const char *)&key, sizeof key);
}

/* A fact that the group makes. */
static void
claim(struct settling *s, size_t group, int64_t id, uint64_t digest,
    bool set)
{
	struct group *g = &s->looked[group].g;

	group_id_put(&g->facts, id);
	if (set) {
		group_id_put(&g->known, id);
		group_id_put(&g->known, (int64_t)digest);
	}
}

static struct decision *
add_decision(struct settling *s, size_t group, int64_t id, uint64_t digest)
{
	struct decision *d;

	s->v = xgrow(s->v, s->n, &s->cap, sizeof *s->v);
	d = &s->v[s->n++];
	memset(d, 0, sizeof *d);
	d->group = group;
	d->fact.id = id;
	d->fact.scope = FACT_TENANT;
	d->fact.job = s->j->number;
	d->fact.valid_until_ms = INT64_MAX;
	d->fact.digest = (int64_t)digest;
	put(&s->claimed, (uint64_t)id);
	return d;
}

/* A set whose rows are those of the last look. */
static bool
known(void *arg, uint64_t digest)
{
	struct settling *s = arg;
	const union map_value *v = get(&s->known, digest);

	if (v == NULL)
		return false;
	put(&s->claimed, (uint64_t)v->i);
	claim(s, s->nlooked - 1, v->i, digest, true);
	s->j->sums.same++;
	return true;
}

/* What a group comes to, against what is there. */
static int
weigh(void *arg, const struct tally_result *w, struct err *e)
{
	struct settling *s = arg;
	uint64_t digest = w->t->digest;
	struct decision *d = add_decision(s, s->nlooked - 1, w->g->id,
	    digest + s->rules);
	struct fact old;

	if (fact_counting(s->j->st, w->g->id, &old, e) < 0)
		return -1;
	if (w->holds && old.version > 0 && !old.gone &&
	    old.digest == d->fact.digest)
		d->live = true;		/* the same rows by the same rules */
	else {
		if (w->holds && s->max > 0 && (old.version == 0 || old.gone))
			d->fact.confidence = tally_confidence(w->t);
		else if (w->holds)
			d->fact.body = tally_body(w->t, w->g, s->j->kb,
			    &d->fact.confidence);
		if (decide(s->j->st, d, &old, w->holds, w->why, e) < 0)
			return -1;
	}
	s->j->sums.same += !d->write && d->live;
	if (d->live)
		claim(s, d->group, w->g->id, digest,
		    w->t->d->kind == DIM_WORDS);
	return 0;
}

/* A fact that no rows bear any more. */
static int
give_up(struct settling *s, size_t group, int64_t id, const char *why,
    struct err *e)
{
	struct decision *d = add_decision(s, group, id, 0);
	struct fact old;

	if (fact_counting(s->j->st, id, &old, e) < 0 ||
	    decide(s->j->st, d, &old, false, why, e) < 0)
		return -1;
	if (d->live)
		claim(s, group, id, 0, false);
	return 0;
}

/* Sets that the group knows; false: it has facts that are none of these. */
static bool
take_known(struct settling *s, const struct group *g)
{
	const char *p = g->known.p, *id = g->facts.p;
	bool all = g->known.len > 0 && g->known.len == 2 * g->facts.len;
	size_t i;

	map_release(&s->known);
	for (i = 0; i < g->known.len; i += 16) {
		put(&s->known, (uint64_t)group_id_read(p + i + 8))->i =
		    group_id_read(p + i);
		all = all && memcmp(p + i, id + i / 2, 8) == 0;
	}
	return all;
}

/* Sets of rows that were seen before. */
static void
keep_others(struct settling *s, const struct group *g)
{
	const char *p = g->known.p, *end = p + g->known.len;
	int64_t id;

	for (; p < end; p += 16) {
		id = group_id_read(p);
		if (get(&s->claimed, (uint64_t)id) != NULL)
			continue;
		put(&s->claimed, (uint64_t)id);
		claim(s, s->nlooked - 1, id, (uint64_t)group_id_read(p + 8),
		    true);
		s->j->sums.same++;
	}
}

static struct looked *
add_looked(struct settling *s, const struct group *g)
{
	struct looked *l;

	s->looked = xgrow(s->looked, s->nlooked, &s->cap_looked,
	    sizeof *s->looked);
	l = &s->looked[s->nlooked++];
	memset(l, 0, sizeof *l);
	l->g.id = g->id;
	l->g.n = g->n;
	l->g.chunks = g->chunks;
	l->g.stored = true;
	l->g.seen = s->j->seq;
	buf_init(&l->g.facts);
	buf_init(&l->g.known);
	return l;
}

static int
look(void *arg, struct group *g, struct err *e)
{
	struct settling *s = arg;
	const struct job *j = s->j;
	struct tally_ask ask = { .fn = weigh, .known = known, .arg = s };
	int64_t id;
	size_t i;

	if (g->dim != GROUP_STUB &&
	    (size_t)g->dim % GROUP_WORD >= j->p->ndims)
		return err_set(e, ERR_CORRUPT, "a group of '%s' is of no "
		    "dimension; run mem-ltm run --rebuild", j->p->name);
	add_looked(s, g);
	if (g->dim == GROUP_STUB) {
		put(&s->stubs, (uint64_t)g->id)->i = (int64_t)s->nlooked - 1;
		return 0;
	}
	s->j->sums.groups++;
	ask.open = !take_known(s, g);
	ask.only_new = !ask.open && g->seen > 0;
	if (g->n > 0 && tally_each(j->p, &s->j->gs, g, &ask, e) < 0)
		return -1;
	if (ask.only_new && g->dim >= GROUP_WORD)
		keep_others(s, g);
	for (i = 0; i < g->facts.len; i += 8) {
		id = group_id_read(g->facts.p + i);
		if (get(&s->claimed, (uint64_t)id) == NULL &&
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
	int64_t id;

	for (i = 0; i < s->stubs.n; i++) {
		group = (size_t)s->stubs.e[i].v.i;
		id = s->looked[group].g.id;
		if (get(&s->claimed, (uint64_t)id) == NULL &&
		    give_up(s, group, id, "no rows bear it any more", e) < 0)
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
	uint64_t digest;	/* of the fact's rows */
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

static bool
not_wanted(void *arg, uint64_t digest)
{
	const struct making *m = arg;

	return digest != m->digest;
}

/* The body of a fact that was put off. */
static int
make_body(struct settling *s, struct decision *d, struct err *e)
{
	struct job *j = s->j;
	struct making m = { d, j->kb, (uint64_t)d->fact.digest - s->rules };
	struct tally_ask ask = { .fn = make_if, .known = not_wanted,
	    .arg = &m };
	struct group *g;
	int r;

	if ((r = groups_find(&j->gs, s->looked[d->group].g.id, &g, e)) == 1)
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

	if (d->fact.body == NULL && make_body(s, d, e) < 0)
		return -1;
	if (fact_counting(j->st, d->fact.id, &old, e) < 0)
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
		if (group_settle(&j->gs, &l->g, l->left, e) < 0)
			return -1;
	}
	return 0;
}

int
job_settle(struct job *j, struct err *e)
{
	struct settling s = { .j = j, .known = MAP_INIT, .claimed = MAP_INIT,
	    .stubs = MAP_INIT, .max = j->how->max_facts < 0 ? j->p->max_facts :
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
		if ((r = apply(&s, e)) == 0)
			r = ltm_hold_all(j->st, e);
	}
	for (i = 0; i < s.n; i++)
		json_decref(s.v[i].fact.body);
	for (i = 0; i < s.nlooked; i++) {
		buf_release(&s.looked[i].g.facts);
		buf_release(&s.looked[i].g.known);
	}
	free(s.v);
	free(s.looked);
	map_release(&s.known);
	map_release(&s.claimed);
	map_release(&s.stubs);
	return r;
}
