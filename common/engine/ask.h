/*
 * An engine that is asked: OpenSearch, Elasticsearch or Neo4j, by HTTP, which
 * a program of ours speaks (engine-http), so that no tool has libcurl in it,
 * nor a secret.  It is started at the first question and stays until
 * engine_close; after one that failed, at the next.
 *
 * What comes back was written by others: its status and its size are checked,
 * what it says is not.
 */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/conf.h"

struct engine;
struct store;

/*
 * Of the store's configuration; nothing is asked yet.  The store must live
 * as long.  ERR_USAGE: it is not set, or wrongly, and the setting is named.
 * ERR_DENIED: others can write the configuration, or the tenant is sealed and
 * its texts may not go there (engine.NAME.sealed).
 */
int	engine_open(struct engine **, struct store *, const char *name,
	    struct err *);
void	engine_close(struct engine *);		/* takes NULL */
const struct engine_conf *engine_conf(const struct engine *);

struct engine_req {
	const char *method;	/* GET, POST, PUT, DELETE, HEAD */
	const char *path;	/* "/x/_search?size=1", escaped (engine_path) */
	const char *type;	/* of the body; NULL: application/json */
	const void *body;	/* NULL: there is none */
	size_t len;		/* at most ENGINE_WHOLE */
	int wait_ms;		/* of each try; 0: engine.NAME.timeout */
	/*
	 * Where there is no connection, or status 429, 500, 502, 503 or 504,
	 * it is asked again, later and later, or when Retry-After says, for up
	 * to so many tries; 0: 3 for GET and HEAD, else 1.  More than one is
	 * for what may be done twice: the first may have been done though its
	 * answer was lost.
	 */
	int tries;
};

/*
 * The status of the answer, any one, of 429 and 5xx that of the last try; its
 * bytes replace what is in body (at most ENGINE_WHOLE), and end with a NUL that
 * is not counted.  *retry_ms (may be NULL): what Retry-After says, 0 without.
 * -1: ERR_NET, it cannot be reached, or not in time; ERR_DENIED, the
 * credentials are not to be read, or must not go there; ERR_USAGE, a setting;
 * ERR_INPUT, an answer that is none, or too large; ERR_BUSY, to be left off.
 */
int	engine_ask(struct engine *, const struct engine_req *,
	    struct buf *body, int *retry_ms, struct err *);
/* The same, and its bytes are JSON: *out is the caller's, NULL where there are
 * none.  Of an answer that is not 2xx they may be something else: NULL; of
 * others that is ERR_INPUT.  */
int	engine_ask_json(struct engine *, const struct engine_req *,
	    struct buf *body, json_t **out, int *retry_ms, struct err *);
/* The same of what is to go well: 0 if its status is 2xx; 1 if it is 404, and
 * absent; else -1.  what: as of engine_refused.  *out is NULL but for 0. */
int	engine_ask_well(struct engine *, const struct engine_req *,
	    const char *what, bool absent, json_t **out, struct err *);

/*
 * An answer that is none of those hoped for.  ERR_DENIED: 401, 403; ERR_ABSENT:
 * 404; ERR_NET: 429 and 5xx; else ERR_INPUT.  What the engine says of it is in
 * the message, short.  what: "search", for "'NAME' refuses the search".  -1.
 */
int	engine_refused(struct engine *, int status, const struct buf *body,
	    const char *what, struct err *);
/* The same, of an answer that cannot be: ERR_INPUT.  -1. */
int	engine_wrong(struct engine *, const char *what, struct err *);

/* A part of a path, escaped: '/' is added before it. */
void	engine_path(struct buf *, const char *part);

#endif
