/*
 * What the commands of mem-graph share.
 */
#ifndef CMD_GRAPH_H
#define CMD_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/out.h"
#include "graph/graph.h"

struct graph_options {
	int64_t as_of, depth, limit;
	const char *kind;	/* of relations, or of entities */
	const char *to;		/* engine */
	bool dry_run;
	int64_t nice;
};
extern struct graph_options graph_o;

struct graph_run {
	struct store *st;
	struct graph *g;	/* own; once it is open */
	struct propose_ask *ask;	/* own; the model, while it builds */
	bool trouble;		/* with that */
	struct out out;
	int64_t printed;
	bool few;			/* entities are looked at */
};

/* The graph of the call. */
int	graph_of(struct graph_run *, struct err *);
/* 1; 0: there is none of that name, which was noted. */
int	graph_named(struct graph_run *, const char *, struct graph_node **,
	    struct err *);

/* graph_show.c */
int	graph_show(struct graph_run *, int argc, char **argv, struct err *);
int	graph_neighbours(struct graph_run *, int argc, char **argv,
	    struct err *);
int	graph_path_between(struct graph_run *, int argc, char **argv,
	    struct err *);
int	graph_groups(struct graph_run *, int argc, char **argv, struct err *);
int	graph_write(struct graph_run *, int argc, char **argv, struct err *);

/* graph_push.c */
int	graph_to_engine(struct graph_run *, int argc, char **argv,
	    struct err *);

#endif
