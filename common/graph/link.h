/*
 * For the files that make up graph.h alone: the entity of a row of a file; and
 * how much two names are together beyond chance.
 */
#ifndef GRAPH_LINK_H
#define GRAPH_LINK_H

#include "graph/graph.h"

/* 1; 0 there is no such row. */
int	graph_node_of_row(struct graph *, size_t file, int64_t id,
	    struct graph_node **, struct err *);

void	graph_node_free(struct graph_node *);

/* Dunning's ratio: n texts have both, a and b each of them, of all. */
double	graph_ratio(double n, double a, double b, double all);

#endif
