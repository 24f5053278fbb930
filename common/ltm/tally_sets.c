/*
 * The rows are read once for their keywords, which become numbers; from these
 * follow the sets, how many rows each has, what else is in all of them, and
 * the digest.  They are read again only for sets that have to be summed up.
 */
#include "ltm/tally_sets.h"

#include "base/alloc.h"
#include "ltm/tally_lines.h"

#include <stdlib.h>
#include <string.h>

/* To be summed up. */
struct sum {
	struct group g;		/* id, name */
	struct tally t;
};

struct set {
	int64_t n;		/* rows */
	uint64_t digest;	/* of them */
	uint32_t word[LINE_WORDS];
	uint32_t common[LINE_WORDS];	/* to all of its rows */
	uint8_t nwords, ncommon;
	struct sum *sum;	/* own; NULL: need not be */
};

/* What becomes of a row's sets. */
enum what { MAKE, COUNT, SUM };

struct mining {
	const struct processor *p;
	const struct dimension *d;
	struct groups *gs;
	struct group *g;
	struct lines lines;	/* the rows */
	struct map names;	/* numbers of words: place in set */
	struct set *set;	/* own */
	size_t nsets, cap_sets;
	size_t at;		/* line, when they are read again */
};

/* --- sets -------------------------------------------------------------- */

static bool
has(const uint32_t *v, size_t n, uint32_t word)
{
	while (n-- > 0)
		if (v[n] == word)
			return true;
	return false;
}

static struct set *
find_set(const struct mining *m, const uint32_t *word, size_t n)
{
	const union map_value *v = map_get_n(&m->names, (const char *)word,
	    n * sizeof *word);

	return v != NULL ? &m->set[v->i] : NULL;
}

static struct set *
make_set(struct mining *m, const struct line *l, const uint32_t *word,
    size_t n)
{
	union map_value *v;
	struct set *s;
	int made;

	v = map_put_n(&m->names, (const char *)word, n * sizeof *word, &made);
	if (!made)
		return &m->set[v->i];
	v->i = (int64_t)m->nsets;
	m->set = xgrow(m->set, m->nsets, &m->cap_sets, sizeof *m->set);
	s = &m->set[m->nsets++];
	memset(s, 0, sizeof *s);
	memcpy(s->word, word, n * sizeof *word);
	s->nwords = (uint8_t)n;
	memcpy(s->common, l->word, sizeof s->common);
	s->ncommon = l->n;
	return s;
}

static void
count_row(struct set *s, const struct line *l)
{
	size_t i, k = 0;

	s->n++;
	s->digest += l->hash;
	for (i = 0; i < s->ncommon; i++)
		if (has(l->word, l->n, s->common[i]))
			s->common[k++] = s->common[i];
	s->ncommon = (uint8_t)k;
}

/* The sets of a row: of its keywords behind the group's own, those that are
 * in rows enough. */
static bool
each_set(struct mining *m, const struct line *l, enum what what,
    const char *entry, size_t len)
{
	uint32_t word[LINE_WORDS], some[LINE_WORDS];
	size_t i, n = 0, k;
	struct set *s;
	unsigned bits;

	for (i = l->behind; i < l->n; i++)
		if (m->lines.word[l->word[i]].n >= m->d->least)
			word[n++] = l->word[i];
	for (bits = 1; bits < 1u << n; bits++) {
		for (i = k = 0; i < n; i++)
			if (bits >> i & 1)
				some[k++] = word[i];
		s = what == SUM || (what == COUNT && m->lines.only_new) ?
		    find_set(m, some, k) : make_set(m, l, some, k);
		if (what == COUNT && s != NULL)
			count_row(s, l);
		else if (what == SUM && s != NULL && s->sum != NULL &&
		    !tally_row(&s->sum->t, entry, len))
			return false;
	}
	return true;
}

static int
sum_up(void *arg, int64_t row, const char *p, size_t len)
{
	struct mining *m = arg;

	(void)row;
	if (len == 0)
		return 0;
	if (m->at == m->lines.n ||
	    !each_set(m, &m->lines.v[m->at++], SUM, p, len))
		m->lines.damaged = true;
	return m->lines.damaged;
}

/* Another word behind the group's own is in all of its rows. */
static bool
goes_on(const struct mining *m, const struct set *s)
{
	size_t i;

	for (i = 0; i < s->ncommon; i++)
		if (m->lines.word[s->common[i]].behind &&
		    !has(s->word, s->nwords, s->common[i]))
			return true;
	return false;
}

/* A word before the group's own is: the set is told of with that. */
static bool
is_open(const struct set *s)
{
	return s->ncommon > s->nwords;
}

/* Project, the group's own word, the others; own. */
static char *
name_of(const struct mining *m, const struct set *s)
{
	struct buf name = BUF_INIT;
	size_t i;

	buf_adds(&name, m->g->name);
	for (i = 0; i < s->nwords; i++) {
		buf_addc(&name, GROUP_SEP);
		buf_adds(&name, m->lines.stems.e[s->word[i]].key);
	}
	return buf_steal(&name);
}

static int
show_open(struct set *s, const struct tally_ask *ask, struct err *e)
{
	struct tally_result r = { .g = &s->sum->g, .t = &s->sum->t,
	    .why = "the same rows have more words in common" };

	s->sum->t.n = s->n;
	s->sum->t.digest = s->digest;
	return ask->fn(ask->arg, &r, e);
}

static void
sum_free(struct sum *sum)
{
	if (sum == NULL)
		return;
	tally_release(&sum->t);
	free(sum->g.name);
	free(sum);
}

static int
begin_sum(struct mining *m, struct set *s, const struct tally_ask *ask,
    struct err *e)
{
	struct sum *sum = s->sum = xcalloc(1, sizeof *sum);
	int r = 0;

	sum->g.dim = m->g->dim;
	sum->g.name = name_of(m, s);
	sum->g.was = m->g->id;
	sum->g.id = group_id_of(m->gs, m->g->dim, sum->g.name);
	tally_init(&sum->t, m->p, m->d);
	if (is_open(s)) {
		r = show_open(s, ask, e);
		sum_free(sum);
		s->sum = NULL;
	}
	return r;
}

/* --- the whole --------------------------------------------------------- */

/* 1: some are to be summed up. */
static int
find_sets(struct mining *m, const struct tally_ask *ask, struct err *e)
{
	struct set *s;
	size_t i;
	int some = 0;

	for (i = 0; i < m->lines.nfresh; i++)
		each_set(m, &m->lines.fresh[i], MAKE, NULL, 0);
	for (i = 0; i < m->lines.n; i++)
		each_set(m, &m->lines.v[i], COUNT, NULL, 0);
	for (i = 0; i < m->nsets; i++) {
		s = &m->set[i];
		if (s->n < m->d->least || goes_on(m, s) ||
		    (ask->known != NULL && ask->known(ask->arg, s->digest)) ||
		    (is_open(s) && !ask->open))
			continue;
		if (begin_sum(m, s, ask, e) < 0)
			return -1;
		some |= s->sum != NULL;
	}
	return some;
}

static int
show_sums(struct mining *m, const struct tally_ask *ask, struct err *e)
{
	struct sum *sum;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < m->nsets; i++)
		if ((sum = m->set[i].sum) != NULL)
			r = tally_show(&sum->t, &sum->g, ask, e);
	return r;
}

int
tally_sets(const struct processor *p, struct groups *gs, struct group *g,
    const struct tally_ask *ask, struct err *e)
{
	struct mining m = { .p = p, .gs = gs, .g = g,
	    .d = &p->dim[g->dim % GROUP_WORD], .names = MAP_INIT };
	size_t i;
	int r;

	r = lines_read(&m.lines, gs, g, ask->only_new, e);
	if (r == 0 && (r = find_sets(&m, ask, e)) == 1 &&
	    (r = group_each(gs, g, sum_up, &m, e)) == 0)
		r = show_sums(&m, ask, e);
	if (m.lines.damaged)
		r = group_damaged(g, e);
	for (i = 0; i < m.nsets; i++)
		sum_free(m.set[i].sum);
	free(m.set);
	lines_release(&m.lines);
	map_release(&m.names);
	return r;
}
