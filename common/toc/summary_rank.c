/*
 * LexRank (G. Erkan and D. Radev, "LexRank: graph-based lexical centrality
 * as salience in text summarization", JAIR 22, 2004), with the likeness of
 * two sentences as the weight of an edge ("continuous").  Most pairs share no
 * word: only those that do are looked at, found by way of the words.
 */
#include "toc/summary_work.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define JUMP 0.15		/* as in the paper */
#define ENOUGH 1e-4		/* change, at which it has converged */
#define ROUNDS 30

/* Lists of the items of each term: those of term t end before first[t + 1]. */
struct lists {
	uint32_t *first;	/* own */
	struct { uint32_t item; float weight; } *in;	/* own */
};

static void
make_lists(const struct summariser *s, struct lists *l)
{
	const struct summary_item *x;
	const struct summary_entry *o;
	uint32_t *next;
	size_t i, k;

	l->first = xcalloc(s->terms + 2, sizeof *l->first);
	l->in = xcalloc(s->ofs + 1, sizeof *l->in);
	next = l->first + 1;
	for (i = 0; i < s->ofs; i++)
		next[s->of[i].term + 1]++;
	for (i = 1; i <= s->terms; i++)
		next[i] += next[i - 1];
	for (i = 0; i < s->items; i++) {
		x = &s->item[i];
		for (k = 0; k < x->terms; k++) {
			o = &s->of[x->term + k];
			l->in[next[o->term]].item = (uint32_t)i;
			l->in[next[o->term]++].weight = o->weight;
		}
	}
}

static void
add_edge(struct summariser *s, size_t a, size_t b, double alike)
{
	struct summary_edge *e;

	s->edge = xgrow(s->edge, s->edges, &s->edge_cap, sizeof *s->edge);
	e = &s->edge[s->edges++];
	e->a = (uint32_t)a;
	e->b = (uint32_t)b;
	e->alike = alike;
}

static void
make_edges(struct summariser *s, double *sum)
{
	const struct summary_item *x;
	const struct summary_entry *o;
	struct lists l;
	size_t i, k, j;

	make_lists(s, &l);
	s->edges = 0;
	for (i = 0; i < s->items; i++) {
		x = &s->item[i];
		for (k = 0; k < x->terms; k++) {
			o = &s->of[x->term + k];
			for (j = l.first[o->term + 1]; j-- > l.first[o->term]
			    && l.in[j].item > i; )
				sum[l.in[j].item] += (double)o->weight *
				    (double)l.in[j].weight;
		}
		for (j = i + 1; j < s->items; j++) {
			if (sum[j] > 0)
				add_edge(s, i, j, sum[j] /
				    (x->norm * s->item[j].norm));
			sum[j] = 0;
		}
	}
	free(l.first);
	free(l.in);
}

void
summary_rank(struct summariser *s)
{
	size_t n = s->items, i, round;
	double *degree, *rank, *next, *gives, change = 1;
	const struct summary_edge *e, *end;

	if (n == 0)
		return;
	if (n > s->room_cap) {
		s->room = xreallocarray(s->room, n, 4 * sizeof *s->room);
		s->room_cap = n;
	}
	degree = s->room;
	rank = degree + n;
	next = rank + n;
	gives = next + n;
	for (i = 0; i < n; i++)
		degree[i] = 0;
	make_edges(s, degree);
	end = s->edge + s->edges;
	for (e = s->edge; e < end; e++) {
		degree[e->a] += e->alike;
		degree[e->b] += e->alike;
	}
	for (i = 0; i < n; i++)
		rank[i] = 1;
	for (round = 0; round < ROUNDS && change > ENOUGH; round++) {
		for (i = 0; i < n; i++) {
			next[i] = 0;
			gives[i] = degree[i] > 0 ? rank[i] / degree[i] : 0;
		}
		for (e = s->edge; e < end; e++) {
			next[e->b] += gives[e->a] * e->alike;
			next[e->a] += gives[e->b] * e->alike;
		}
		for (change = 0, i = 0; i < n; i++) {
			next[i] = JUMP + (1 - JUMP) * next[i];
			change += fabs(next[i] - rank[i]) / (double)n;
			rank[i] = next[i];
		}
	}
	for (i = 0; i < n; i++)
		s->item[i].rank = rank[i];
}
