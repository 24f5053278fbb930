/*
 * mem-graph push.
 */
#include "cmd/cmd.h"
#include "cmd/graph.h"
#include "cmd/work.h"
#include "base/json.h"
#include "engine/ask.h"
#include "engine/graph_push.h"
#include "store/access.h"
#include "store/store.h"

#include <inttypes.h>

static int
progress(void *arg, int64_t done, struct err *e)
{
	(void)arg;
	cmd_progress("graph: %" PRId64 " entities and relations", done);
	return work_goes_on(e);
}

static int
print(struct graph_run *run, const struct graph_pushed *p, struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:b}", "type", "graph_push", "engine", graph_o.to, "user",
	    run->st->user, "entities", (json_int_t)p->entities.there,
	    "relations", (json_int_t)p->relations.there, "entities_put",
	    (json_int_t)p->entities.put, "relations_put",
	    (json_int_t)p->relations.put, "entities_deleted",
	    (json_int_t)p->entities.deleted, "relations_deleted",
	    (json_int_t)p->relations.deleted, "requests",
	    (json_int_t)p->requests, "dry_run", (int)graph_o.dry_run);
	int r = out_record(&run->out, o, e);

	json_decref(o);
	return r;
}

int
graph_to_engine(struct graph_run *run, int argc, char **argv, struct err *e)
{
	const struct graph_push_how how = { graph_o.dry_run, progress, NULL };
	struct graph_pushed pushed;
	struct engine *x = NULL;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "push takes no names; it sends all of "
		    "the graph");
	if (graph_o.to == NULL)
		return cmd_misuse(e, "push needs --to NAME, an engine of the "
		    "configuration");
	if (access_bound(run->st))
		return err_set(e, ERR_DENIED, "a graph is pushed of all "
		    "sessions, and this call is bound to one; leave out "
		    "MEM_SESSION, or take a credential that is bound to none");
	work_begin(graph_o.nice);
	r = engine_open(&x, run->st, graph_o.to, e);
	if (r == 0)
		r = graph_of(run, e);
	if (r == 0)
		r = graph_push(run->g, x, &how, &pushed, e);
	cmd_progress_end();
	engine_close(x);
	if (r == 0 && !cmd.quiet)
		r = print(run, &pushed, e);
	return r < 0 ? -1 : EXIT_YES;
}
