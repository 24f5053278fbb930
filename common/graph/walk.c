/*
 * The best way from one entity to another: E. Dijkstra, "A note on two problems
 * in connexion with graphs", Numerische Mathematik 1, 1959.
 */
#include "graph/link.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define WAY_NODES 5000		/* that a search for a way looks at */
#define WAY_LINKS 128		/* of each */

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

static int
look(struct way *w, struct step *s, struct graph_links *links, struct err *e)
{
	struct graph_node *here = s->node;
	double cost = s->cost, now;
	struct step *next;
	size_t i;

	s->done = true;
	if (graph_links(w->g, here, WAY_LINKS, links, e) < 0)
		return -1;
	for (i = 0; i < links->n; i++) {
		next = step_of(w, links->v[i].to, true);
		now = cost + 2 - links->v[i].weight;
		if (!next->done && (next->cost < 0 || now < next->cost)) {
			next->cost = now;
			next->from = here;
		}
	}
	return 0;
}

/* The best link between two that are linked. */
static int
add_link(struct graph *g, struct graph_node *a, struct graph_node *b,
    struct graph_links *links, struct graph_links *out, struct err *e)
{
	size_t i;

	if (graph_links(g, a, WAY_LINKS, links, e) < 0)
		return -1;
	for (i = 0; i < links->n; i++)
		if (links->v[i].to == b) {
			out->v = xgrow(out->v, out->n, &out->cap,
			    sizeof *out->v);
			out->v[out->n++] = links->v[i];
			links->v[i].where = NULL;
			return 0;
		}
	return 0;
}

static int
tell_way(struct way *w, struct graph_node *to, struct graph_links *links,
    struct graph_links *out, struct err *e)
{
	struct graph_node *chain[64];
	const struct step *s = step_of(w, to, false);
	size_t n = 0, i;

	while (s != NULL && n < 64) {
		chain[n++] = s->node;
		s = s->from != NULL ? step_of(w, s->from, false) : NULL;
	}
	for (i = n; i-- > 1; )
		if (add_link(w->g, chain[i], chain[i - 1], links, out, e) < 0)
			return -1;
	return 1;
}

int
graph_way(struct graph *g, struct graph_node *from, struct graph_node *to,
    struct graph_links *out, struct err *e)
{
	struct way w = { .g = g };
	struct graph_links links = { 0 };
	struct step *s;
	size_t looked = 0;
	int r = 0;

	step_of(&w, from, true)->cost = 0;
	while (r == 0 && looked++ < WAY_NODES && (s = nearest(&w)) != NULL) {
		if (s->node == to) {
			r = tell_way(&w, to, &links, out, e);
			break;
		}
		r = look(&w, s, &links, e);
	}
	graph_links_release(&links);
	free(w.v);
	free(w.at);
	return r;
}
