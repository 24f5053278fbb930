/*
 * The best way from one entity to another: E. Dijkstra, "A note on two problems
 * in connexion with graphs", Numerische Mathematik 1, 1959.
 */
#include "graph/link.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define WAY_NODES 5000		/* that a search for a way looks at */
#define WAY_LINKS 128		/* of each but the two ends: the best */

/* A step costs 1, and up to 1 more the less its link weighs. */
struct step {
	struct graph_node *node, *from;
	double cost;
	bool done;
};

struct way {
	struct graph *g;
	struct step *v;		/* own */
	size_t n, cap;
	uint32_t *at;		/* own; of a node's number, place + 1 */
	size_t ats;
	struct graph_node *from, *to;
	struct graph_links last;	/* all of `to` */
};

static struct step *
step_of(struct way *w, struct graph_node *x, bool make)
{
	size_t was = w->ats;

	if (x->number >= w->ats) {
		if (!make)
			return NULL;
		w->ats = 2 * x->number + 64;
		w->at = xreallocarray(w->at, w->ats, sizeof *w->at);
		memset(w->at + was, 0, (w->ats - was) * sizeof *w->at);
	}
	if (w->at[x->number] == 0) {
		if (!make)
			return NULL;
		w->v = xgrow(w->v, w->n, &w->cap, sizeof *w->v);
		w->v[w->n].node = x;
		w->v[w->n].from = NULL;
		w->v[w->n].cost = -1;
		w->v[w->n++].done = false;
		w->at[x->number] = (uint32_t)w->n;
	}
	return &w->v[w->at[x->number] - 1];
}

static struct step *
nearest(struct way *w)
{
	struct step *best = NULL, *s;
	size_t i;

	for (i = 0; i < w->n; i++) {
		s = &w->v[i];
		if (!s->done && (best == NULL || s->cost < best->cost ||
		    (s->cost == best->cost && strcmp(s->node->key,
		    best->node->key) < 0)))
			best = s;
	}
	return best;
}

static void
reach(struct way *w, struct graph_node *x, struct graph_node *from,
    double cost)
{
	struct step *s = step_of(w, x, true);

	if (!s->done && (s->cost < 0 || cost < s->cost)) {
		s->cost = cost;
		s->from = from;
	}
}

static int
look(struct way *w, struct step *s, struct graph_links *links, struct err *e)
{
	struct graph_node *here = s->node;
	double cost = s->cost;
	size_t i;

	s->done = true;
	if (graph_links(w->g, here, here == w->from ? 0 : WAY_LINKS, links,
	    e) < 0)
		return -1;
	for (i = 0; i < links->n; i++)
		reach(w, links->v[i].to, here, cost + 2 - links->v[i].weight);
	/* what is not among the best of this may be of the end */
	for (i = 0; i < w->last.n; i++)
		if (w->last.v[i].to == here)
			reach(w, w->to, here, cost + 2 -
			    w->last.v[i].weight);
	return 0;
}

/* The best link between two that are linked, looked for at the end that is in
 * fewer texts, unless that one is told of nobody.  1; 0: there is none. */
static int
add_link(struct graph *g, struct graph_node *a, struct graph_node *b,
    struct graph_links *links, struct graph_links *out, struct err *e)
{
	bool told = graph_tells(g, a);
	bool turned = told == graph_tells(g, b) ? b->n < a->n : told;
	struct graph_link *l;
	size_t i;

	if (graph_links(g, turned ? b : a, 0, links, e) < 0)
		return -1;
	for (i = 0; i < links->n; i++)
		if (links->v[i].to == (turned ? a : b)) {
			out->v = xgrow(out->v, out->n, &out->cap,
			    sizeof *out->v);
			l = &out->v[out->n++];
			*l = links->v[i];
			links->v[i].where = NULL;
			l->to = b;
			l->in = turned && !l->near ? !l->in : l->in;
			return 1;
		}
	return 0;
}

static int
tell_way(struct way *w, struct graph_node *to, struct graph_links *links,
    struct graph_links *out, struct err *e)
{
	struct graph_node **chain = NULL;
	const struct step *s = step_of(w, to, false);
	size_t n = 0, cap = 0, i;
	int r = 1;

	while (s != NULL) {
		chain = xgrow(chain, n, &cap, sizeof *chain);
		chain[n++] = s->node;
		s = s->from != NULL ? step_of(w, s->from, false) : NULL;
	}
	for (i = n; i-- > 1 && r == 1; )
		r = add_link(w->g, chain[i], chain[i - 1], links, out, e);
	free(chain);
	return r;
}

int
graph_way(struct graph *g, struct graph_node *from, struct graph_node *to,
    struct graph_links *out, struct err *e)
{
	struct way w = { .g = g, .from = from, .to = to };
	struct graph_links links = { 0 };
	struct step *s;
	size_t looked = 0;
	int r;

	if (from == to)
		return 0;
	/* who names it wants it, be it a word that nothing else tells of */
	r = graph_links(g, to, 0, &w.last, e);
	step_of(&w, from, true)->cost = 0;
	while (r == 0 && looked++ < WAY_NODES && (s = nearest(&w)) != NULL) {
		if (s->node == to) {
			r = tell_way(&w, to, &links, out, e);
			break;
		}
		r = look(&w, s, &links, e);
	}
	graph_links_release(&links);
	graph_links_release(&w.last);
	free(w.v);
	free(w.at);
	return r;
}
