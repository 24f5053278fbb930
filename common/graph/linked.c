/*
 * What is linked to what a text names.
 */
#include "graph/link.h"

#include "base/alloc.h"
#include "graph/text.h"
#include "memory/language_conf.h"

#include <stdlib.h>
#include <string.h>

#define SEED_LINKS 64
#define SEEDS 16

struct seeded {
	struct graph_node *node;
	double weight;
	struct strv ids;	/* own */
};

static struct seeded *
seeded_of(struct seeded **v, size_t *n, size_t *cap, struct graph_node *x)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if ((*v)[i].node == x)
			return &(*v)[i];
	*v = xgrow(*v, *n, cap, sizeof **v);
	memset(&(*v)[*n], 0, sizeof **v);
	(*v)[*n].node = x;
	return &(*v)[(*n)++];
}

static int
by_worth(const void *a, const void *b)
{
	const struct seeded *x = a, *y = b;

	return x->weight != y->weight ? (x->weight > y->weight ? -1 : 1) :
	    strcmp(x->node->key, y->node->key);
}

/* What a text names that the graph has. */
static int
seeds(struct graph *g, const char *text, size_t len,
    struct graph_node *seed[SEEDS], size_t *n, struct err *e)
{
	const struct language *l;
	struct graph_node *x;
	struct text *t;
	struct sum s;
	size_t i, k;
	int r = 0;

	*n = 0;
	if (language_configured(g->st, &l, e) < 0)
		return -1;
	t = text_new(l);
	sum_init(&s);
	sum_text(&s, 1, 0);
	text_read(t, &s, text, len, -1, 0);
	for (i = 0; i < s.entities && *n < SEEDS && r >= 0; i++) {
		r = graph_find(g, s.entity[i].key, &x, e);
		for (k = 0; r == 1 && k < *n && seed[k] != x; k++)
			;
		if (r == 1 && k == *n)
			seed[(*n)++] = x;
	}
	text_free(t);
	sum_release(&s);
	return r < 0 ? -1 : 0;
}

int
graph_linked(struct graph *g, const char *text, size_t len, size_t most,
    int (*fn)(void *, const struct graph_node *, double weight,
    const struct strv *evidence, struct err *), void *arg, struct err *e)
{
	struct graph_node *seed[SEEDS];
	struct graph_links links = { 0 };
	struct seeded *v = NULL, *one;
	size_t n = 0, cap = 0, i, k, nseeds;
	int r = seeds(g, text, len, seed, &nseeds, e);

	for (i = 0; i < nseeds && r == 0; i++) {
		r = graph_links(g, seed[i], SEED_LINKS, &links, e);
		for (k = 0; k < links.n && r == 0; k++) {
			one = seeded_of(&v, &n, &cap, links.v[k].to);
			one->weight = 1 - (1 - one->weight) * (1 -
			    links.v[k].weight);
			r = graph_link_evidence(g, &links.v[k], &one->ids, e);
		}
	}
	if (n > 0)
		qsort(v, n, sizeof *v, by_worth);
	for (i = 0; i < n && i < most && r == 0; i++)
		r = fn(arg, v[i].node, v[i].weight, &v[i].ids, e);
	for (i = 0; i < n; i++)
		strv_release(&v[i].ids);
	free(v);
	graph_links_release(&links);
	return r < 0 ? -1 : 0;
}
