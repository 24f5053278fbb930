/*
 * A graph in a Neo4j, kept as a call sees it.
 *
 * There an entity is a node
 *	(:MemkitEntity {key, tenant, user, entity_id, name, kind, count, first,
 *	    last, aliases, evidence, hash})
 * and a relation
 *	-[:MEMKIT_RELATION {kind, count, weight, first, last, evidence,
 *	    proposed, hash}]->
 * with labels and types that are always the same: what a text says is data.
 * key is TENANT/USER/ENTITY_ID, names encoded as in paths, with
 * engine.NAME.index and "//" before it if that is set; it is unique, by a
 * constraint.  Other properties are left as somebody set them.
 *
 * What is there is what tells: keys and hashes are read, page by page in the
 * order of keys, and what is not there, or is another, is put, and what is no
 * more goes.  So nothing is remembered here, a run that breaks off is made
 * whole by the next one, and so is a database that was emptied.  All
 * statements may be done twice.
 */
#ifndef ENGINE_GRAPH_PUSH_H
#define ENGINE_GRAPH_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct engine;
struct graph;
struct store;

struct graph_push_how {
	bool dry_run;		/* it is read, and nothing is changed */
	int (*progress)(void *, int64_t done, struct err *);	/* or NULL */
	void *arg;
};

struct graph_push_counts {
	int64_t there;		/* in the graph */
	int64_t put, deleted;
};
struct graph_pushed {
	struct graph_push_counts entities, relations;
	int64_t requests;
};

/* Counts are what was done, or would be, also where it failed. */
int	graph_push(struct graph *, struct engine *,
	    const struct graph_push_how *, struct graph_pushed *,
	    struct err *);

#endif
