/*
 * A graph written down: as records (memkit-json(5)), and in the forms that
 * other programs read: DOT (Graphviz), GraphML, Cypher (Neo4j and others), and
 * the lines of the memory server of the Model Context Protocol.
 *
 * Names come from texts, so whatever stands in them is quoted by the rules of
 * each form; control characters become blanks where a form has no way to say
 * them.
 */
#ifndef GRAPH_EXPORT_H
#define GRAPH_EXPORT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "graph/graph.h"

enum export_as { EXPORT_JSONL, EXPORT_DOT, EXPORT_GRAPHML, EXPORT_CYPHER,
    EXPORT_MEMORY };

/* Records; own. */
json_t	*graph_node_json(struct graph *, const struct graph_node *,
	    struct err *);
json_t	*graph_link_json(struct graph *, const struct graph_node *from,
	    const struct graph_link *, struct err *);

/* All of it, piece by piece: put writes what is in the buffer. */
int	graph_export(struct graph *, enum export_as,
	    int (*put)(void *, struct buf *, struct err *), void *,
	    struct err *);

/* One string, appended as each form quotes it (JSONL: json_quote). */
void	export_quote(struct buf *, enum export_as, const char *);

#endif
