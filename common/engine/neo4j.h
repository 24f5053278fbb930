/*
 * Statements for a Neo4j, by its transactional HTTP API: each call is one
 * transaction, which is committed or was not there.
 *
 * What a statement works on goes as parameters, as JSON; the statement itself
 * is a literal, so that no text of a memory is ever read as Cypher.
 */
#ifndef ENGINE_NEO4J_H
#define ENGINE_NEO4J_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

struct engine;

/* ERR_USAGE: the engine is of another kind. */
int	neo4j_check(struct engine *, struct err *);

/*
 * params: the members of the parameters ("\"rows\":[...]"); NULL: none.
 * rows may be NULL; else the caller's: an array of arrays, as RETURN has them.
 * What fails for a while (a deadlock, another leader, no connection) is tried
 * again some times, so a statement must be one that may be done twice.
 * ERR_NET, ERR_DENIED, ERR_INPUT, ERR_BUSY as engine_ask, with what the server
 * says, short; ERR_ABSENT: there is no such database.
 */
#define neo4j_run(x, statement, params, rows, e) \
	neo4j_do((x), "" statement, (params), (rows), (e))
int	neo4j_do(struct engine *, const char *literal, const struct buf *params,
	    json_t **rows, struct err *);

#endif
