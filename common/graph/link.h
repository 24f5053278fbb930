/*
 * For the files that make up graph.h alone: which keys are one, and the entity
 * of a row of a file; how much two names are together beyond chance.
 */
#ifndef GRAPH_LINK_H
#define GRAPH_LINK_H

#include "graph/graph.h"

/* All keys that stand for one, by decisions and as ends of a qualified name;
 * the first tells it from others. */
int	graph_keys(struct graph *, const char *key, enum graph_kind,
	    struct strv *, struct err *);
/* Those of rows whose qualified name ends so, each once; added. */
int	graph_keys_ending(struct graph *, const char *tail, struct strv *,
	    struct err *);

/* 1; 0 there is no such row. */
int	graph_node_of_row(struct graph *, size_t file, int64_t id,
	    struct graph_node **, struct err *);

/* The same of this row alone, whatever joins it; not one that is met. */
int	graph_node_alone(struct graph *, size_t file, int64_t id,
	    struct graph_node **, struct err *);
/* Was the entity of a row looked up before? */
bool	graph_node_met(struct graph *, size_t file, int64_t id);

void	graph_node_free(struct graph_node *);

/* A row that is evidence: of an event its id alone, of a row of a knowledge
 * base both.  1, 0 it is gone. */
int	graph_text(struct graph *, size_t file, int64_t row, struct buf *kb,
	    struct buf *id, struct err *);

/* Dunning's ratio: n texts have both, a and b each of them, of all. */
double	graph_ratio(double n, double a, double b, double all);

#endif
