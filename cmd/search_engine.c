/*
 * mem-search: hits from an engine.
 */
#include "base/conf.h"
#include "cmd/cmd.h"
#include "cmd/search.h"
#include "engine/find.h"

int
search_engine_holds(const struct search_asks *a, struct err *e)
{
	if (a->past)
		return cmd_misuse(e, "--as-of does not go with --engine: an "
		    "engine has only what is now");
	if (a->watch)
		return cmd_misuse(e, "--watch does not go with --engine: what "
		    "comes is in the store first");
	if (a->graph)
		return cmd_misuse(e, "--graph does not go with --engine: what "
		    "links texts is in the store");
	if (a->all_vectors)
		return cmd_misuse(e, "-n 0 and --mode vector do not go with "
		    "--engine: it tells the nearest, not how near all are");
	return 0;
}

int
search_engine_open(struct search_run *run, const char *name,
    const struct search_asks *a, struct err *e)
{
	if (name == NULL && !a->past && !a->watch && !a->graph &&
	    !a->all_vectors)
		name = conf_get(run->st->conf, "search.engine", NULL);
	if (name == NULL || *name == '\0')
		return 0;
	return engine_finder_open(&run->engine, run->st, name, e);
}

int
search_hits(struct search_run *run, struct query *q,
    int (*print)(void *, json_t *, struct err *), int64_t *found,
    struct err *e)
{
	if (run->engine != NULL)
		return engine_finder_run(run->engine, q, &run->s, print, run,
		    found, e);
	return searcher_run(run->searcher, q, &run->s, print, run, found, e);
}
