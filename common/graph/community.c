/*
 * Which entities belong together.
 */
#include "graph/link.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 30
#define COMMUNITY_LINKS 128
#define COMMUNITY_WEIGHT 0.3	/* a link that weighs less is none */

struct arc {
	uint32_t to;
	float weight;
};

struct labels {
	struct graph_node **v;		/* own; by key */
	size_t n;
	uint32_t *place;		/* own; of a node's number, + 1 */
	size_t places;			/* of those that were met by then */
	uint32_t *from;			/* own; where arcs of one begin */
	struct arc *arc;		/* own */
	size_t arcs, cap;
	uint32_t *label;		/* own */
	double *sum;			/* own; of each label, for one that
					   looks */
};

static int
read_arcs(struct graph *g, struct labels *l, struct err *e)
{
	struct graph_links links = { 0 };
	size_t i, k;
	uint32_t at;
	int r = 0;

	for (i = 0; i < l->n && r == 0; i++) {
		l->from[i] = (uint32_t)l->arcs;
		r = graph_links(g, l->v[i], COMMUNITY_LINKS, &links, e);
		for (k = 0; k < links.n && r == 0; k++) {
			at = links.v[k].to->number < l->places ?
			    l->place[links.v[k].to->number] : 0;
			if (at == 0 || links.v[k].weight < COMMUNITY_WEIGHT)
				continue;
			l->arc = xgrow(l->arc, l->arcs, &l->cap,
			    sizeof *l->arc);
			l->arc[l->arcs].to = at - 1;
			l->arc[l->arcs++].weight = (float)links.v[k].weight;
		}
	}
	l->from[l->n] = (uint32_t)l->arcs;
	graph_links_release(&links);
	return r;
}

/* The label that weighs most around one; its own where it has no arcs. */
static uint32_t
heaviest(struct labels *l, size_t i)
{
	uint32_t k, label, best = l->label[i];
	double most = 0;

	for (k = l->from[i]; k < l->from[i + 1]; k++)
		l->sum[l->label[l->arc[k].to]] += (double)l->arc[k].weight;
	for (k = l->from[i]; k < l->from[i + 1]; k++) {
		label = l->label[l->arc[k].to];
		if (l->sum[label] > most || (l->sum[label] == most && label <
		    best)) {
			most = l->sum[label];
			best = label;
		}
	}
	for (k = l->from[i]; k < l->from[i + 1]; k++)
		l->sum[l->label[l->arc[k].to]] = 0;
	return best;
}

static void
propagate(struct labels *l)
{
	bool moved = true;
	uint32_t now;
	size_t i;
	int round;

	for (i = 0; i < l->n; i++)
		l->label[i] = (uint32_t)i;
	for (round = 0; round < ROUNDS && moved; round++)
		for (i = 0, moved = false; i < l->n; i++) {
			now = heaviest(l, i);
			moved = moved || now != l->label[i];
			l->label[i] = now;
		}
}

static int
by_n(const void *a, const void *b)
{
	const struct graph_node *x = *(struct graph_node *const *)a;
	const struct graph_node *y = *(struct graph_node *const *)b;

	return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp(x->key, y->key);
}

static int
by_size(const void *a, const void *b)
{
	const struct graph_community *x = a, *y = b;

	return x->n != y->n ? (x->n > y->n ? -1 : 1) :
	    strcmp(x->v[0]->key, y->v[0]->key);
}

static void
gather(struct labels *l, struct graph_community **out, size_t *n)
{
	struct graph_community *c = xcalloc(l->n + 1, sizeof *c), *one;
	size_t *cap = xcalloc(l->n + 1, sizeof *cap), i;

	for (i = 0; i < l->n; i++) {
		one = &c[l->label[i]];
		one->v = xgrow(one->v, one->n, &cap[l->label[i]],
		    sizeof *one->v);
		one->v[one->n++] = l->v[i];
	}
	free(cap);
	*n = 0;
	for (i = 0; i < l->n; i++)
		if (c[i].n > 1) {
			qsort(c[i].v, c[i].n, sizeof *c[i].v, by_n);
			c[(*n)++] = c[i];
		} else {
			free(c[i].v);
		}
	qsort(c, *n, sizeof *c, by_size);
	*out = c;
}

int
graph_communities(struct graph *g, struct graph_community **out, size_t *n,
    struct err *e)
{
	struct labels l = { 0 };
	size_t i;
	int r;

	*out = NULL;
	*n = 0;
	if ((r = graph_all(g, &l.v, &l.n, e)) == 0) {
		l.places = g->n;
		l.place = xcalloc(l.places + 1, sizeof *l.place);
		for (i = 0; i < l.n; i++)
			l.place[l.v[i]->number] = (uint32_t)i + 1;
		l.from = xcalloc(l.n + 1, sizeof *l.from);
		l.label = xcalloc(l.n + 1, sizeof *l.label);
		l.sum = xcalloc(l.n + 1, sizeof *l.sum);
		r = read_arcs(g, &l, e);
	}
	if (r == 0) {
		propagate(&l);
		gather(&l, out, n);
	}
	free(l.v);
	free(l.place);
	free(l.from);
	free(l.arc);
	free(l.label);
	free(l.sum);
	return r;
}

void
graph_communities_free(struct graph_community *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(c[i].v);
	free(c);
}
