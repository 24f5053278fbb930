/*
 * Which documents a group can hold for at all: what a rare word, phrase or
 * value of a property leaves to look at.
 */
#include "index/rank_check.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Postings that an atom's documents are among; SIZE_MAX: unknown. */
static int
atom_cost(struct rank_checks *c, const struct match_atom *a, size_t *cost,
    struct err *e)
{
	struct check_phrase *p;
	struct check_filter *x;
	size_t i = (size_t)a->i;

	*cost = SIZE_MAX;
	if (a->not)
		return 0;
	switch (a->what) {
	case MATCH_TERM:
		*cost = c->r->m->term[i].kind == MATCH_PREFIX ?
		    c->r->terms[c->part].prefix[i].n :
		    c->r->terms[c->part].t[i].docs;
		return 0;
	case MATCH_PHRASE:
		p = &c->phrase[i];
		if (!p->ready && rank_phrase_ready(c, i, e) < 0)
			return -1;
		*cost = p->never ? 0 : p->word[0].list.docs;
		return 0;
	default:
		if (c->r->filter[i].kind != RANK_VALUES)
			return 0;
		x = &c->filter[i];
		if (!x->ready && rank_filter_ready(c, i, e) < 0)
			return -1;
		/* of several the bits are there already: about a word each */
		*cost = x->lists == 0 ? 0 : x->bits != NULL ?
		    segment_docs(c->s) / 8 : x->list->docs;
		return 0;
	}
}

static int
group_cost(struct rank_checks *c, size_t i, size_t *cost, struct err *e)
{
	const struct match_atom *a = c->r->atom;
	int group = a[i].group;
	size_t one;

	for (*cost = 0; i < c->r->atoms && a[i].group == group; i++) {
		if (atom_cost(c, &a[i], &one, e) < 0)
			return -1;
		if (one == SIZE_MAX || *cost > SIZE_MAX / 2) {
			*cost = SIZE_MAX;
			return 0;
		}
		*cost += one;
	}
	return 0;
}

static int
list_bits(struct rank_list *l, uint64_t *bits, struct err *e)
{
	uint32_t i;

	for (l->block = 0; l->block < l->blocks; l->block++) {
		l->loaded = false;
		if (rank_list_load(l, e) < 0)
			return -1;
		for (i = 0; i < l->n; i++)
			bits[l->doc[i] / 64] |= UINT64_C(1) <<
			    (l->doc[i] % 64);
	}
	return 0;
}

static int
atom_bits(struct rank_checks *c, const struct match_atom *a, uint64_t *bits,
    struct err *e)
{
	struct rank_list *l = NULL;
	struct check_filter *x;
	size_t i = (size_t)a->i, k;
	int r = 0;

	if (a->what == MATCH_TERM) {
		l = xmalloc(sizeof *l);
		if (rank_term_list(c->r, c->part, i, l)) {
			r = list_bits(l, bits, e);
			rank_list_release(l);
		}
		free(l);
		return r;
	}
	if (a->what == MATCH_PHRASE)
		return c->phrase[i].never ? 0 : rank_term_bits(c,
		    &c->phrase[i].word[0].list.disk.t, bits, e);
	x = &c->filter[i];
	if (x->lists == 0)
		return 0;
	if (x->bits == NULL)
		return rank_term_bits(c, &x->list->disk.t, bits, e);
	for (k = 0; k < segment_docs(c->s) / 64 + 1; k++)
		bits[k] |= x->bits[k];
	return 0;
}

static int
group_bits(struct rank_checks *c, size_t i, uint64_t *bits,
    struct err *e)
{
	const struct match_atom *a = c->r->atom;
	int group = a[i].group;

	for (; i < c->r->atoms && a[i].group == group; i++)
		if (atom_bits(c, &a[i], bits, e) < 0)
			return -1;
	return 0;
}

/* The group that leaves the least to look at; SIZE_MAX *cost: none does. */
static int
cheapest(struct rank_checks *c, size_t *atom, size_t *cost, struct err *e)
{
	const struct match_atom *a = c->r->atom;
	size_t i, one;

	for (i = *atom = 0, *cost = SIZE_MAX; i < c->r->atoms; i++) {
		if (i > 0 && a[i].group == a[i - 1].group)
			continue;
		if (group_cost(c, i, &one, e) < 0)
			return -1;
		if (one < *cost) {
			*cost = one;
			*atom = i;
		}
	}
	return 0;
}

/* Those alive, where they are few. */
static void
alive_bits(struct rank_checks *c, uint64_t *bits)
{
	const struct rank_part *p = &c->r->part[c->part];
	uint32_t docs = segment_docs(c->s), i;

	for (i = 0; i < docs / 64 + 1; i++)
		bits[i] = ~p->dead[i];
	bits[docs / 64] &= (UINT64_C(1) << (docs % 64)) - 1;
}

int
rank_suspects_cost(struct rank_checks *c, size_t *cost, struct err *e)
{
	size_t atom;

	if (cheapest(c, &atom, cost, e) < 0)
		return -1;
	if (rank_few(c->r, c->part) && c->r->alive[c->part] < *cost)
		*cost = c->r->alive[c->part];
	return 0;
}

int
rank_suspects(struct rank_checks *c, uint64_t *bits, struct err *e)
{
	size_t atom, cost;

	if (cheapest(c, &atom, &cost, e) < 0)
		return -1;
	if (rank_few(c->r, c->part) && c->r->alive[c->part] < cost) {
		alive_bits(c, bits);
		return 0;
	}
	if (cost != SIZE_MAX)
		return group_bits(c, atom, bits, e);
	memset(bits, 0xff, (segment_docs(c->s) / 64 + 1) * sizeof *bits);
	return 0;
}
