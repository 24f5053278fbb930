/*
 * mem-graph: what is named in a memory, and what it is linked to.
 */
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/graph.h"
#include "cmd/work.h"
#include "graph/build.h"
#include "graph/name.h"
#include "store/access.h"
#include "store/known.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

#define WAIT_MS 10000		/* for another that builds */

struct graph_options graph_o = { .as_of = INT64_MAX, .depth = 1,
    .nice = 10 };

static struct {
	bool rebuild, no_model;
} o;

static const struct opt build_opts[] = {
	OPT_GROUP("What to do"),
	OPT_FLAG(0, "rebuild", &o.rebuild, "make the graph anew"),
	OPT_FLAG(0, "no-model", &o.no_model, "ask no model; with --rebuild: "
	    "without what one proposed"),
	OPT_INT(0, "nice", &graph_o.nice, "n",
	    "be so much nicer to other processes (default 10)"),
	OPT_END
};

static const struct opt push_opts[] = {
	OPT_GROUP("Where to"),
	OPT_STR(0, "to", &graph_o.to, "name",
	    "the engine of the configuration: engine.<name>.*, of the kind "
	    "neo4j", OPT_C_NONE),
	OPT_FLAG(0, "dry-run", &graph_o.dry_run,
	    "tell what would be done, and change nothing"),
	OPT_INT(0, "nice", &graph_o.nice, "n",
	    "be so much nicer to other processes (default 10)"),
	OPT_END
};

static const struct opt show_opts[] = {
	OPT_GROUP("Which relations"),
	OPT_STR(0, "kind", &graph_o.kind, "kind",
	    "of this kind (near, uses, ...), or to entities of it",
	    OPT_C_NONE),
	OPT_INT('n', "limit", &graph_o.limit, "n",
	    "the best <n> (default 10)"),
	OPT_END
};

static const struct opt neighbours_opts[] = {
	OPT_GROUP("Which relations"),
	OPT_INT('d', "depth", &graph_o.depth, "n",
	    "entities up to <n> steps away (default 1)"),
	OPT_STR(0, "kind", &graph_o.kind, "kind",
	    "of this kind (near, uses, ...), or to entities of it",
	    OPT_C_NONE),
	OPT_INT('n', "limit", &graph_o.limit, "n",
	    "the best <n> of each entity (default 10, then 5)"),
	OPT_END
};

static const struct opt communities_opts[] = {
	OPT_GROUP("How many"),
	OPT_INT('n', "limit", &graph_o.limit, "n", "the largest <n>"),
	OPT_END
};

static const char *const formats[] = { "jsonl", "dot", "graphml", "cypher",
    "memory.json", NULL };

static const struct opt export_opts[] = {
	OPT_GROUP("As what"),
	OPT_WORD(0, "format", &cmd.format, formats, NULL,
	    "JSON Lines (default), Graphviz, GraphML, Cypher, or the lines "
	    "of the MCP memory server"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_GROUP("Of what time"),
	OPT_TIME(0, "as-of", &graph_o.as_of, "time",
	    "what was said before <time>"),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "build", "", "bring the graph up to date", build_opts, OPT_C_NONE },
	{ "show", "name ...", "an entity, and its best relations", show_opts,
	    OPT_C_NONE },
	{ "neighbours", "name", "what it is linked to", neighbours_opts,
	    OPT_C_NONE },
	{ "path", "name name", "the best way from one to the other", NULL,
	    OPT_C_NONE },
	{ "communities", "", "what belongs together", communities_opts,
	    OPT_C_NONE },
	{ "export", "", "all of it, for other programs", export_opts,
	    OPT_C_NONE },
	{ "push", "", "all of it, into a graph database", push_opts,
	    OPT_C_NONE },
	{ "merge", "name name", "the first is another name of the second",
	    NULL, OPT_C_NONE },
	{ "split", "name", "it is one with no other", NULL, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-graph",
	.args = "command [argument ...]",
	.about = "entities and relations that a memory names",
	.opts = opts,
	.verbs = verbs,
};

/* --- build ------------------------------------------------------------- */

static int
progress(void *arg, int64_t done, struct err *e)
{
	(void)arg;
	cmd_progress("graph: %" PRId64 " texts", done);
	return work_goes_on(e);
}

static json_t *
model_json(const struct propose_sums *m)
{
	json_t *dropped = json_object();
	int i;

	for (i = 0; i < PROPOSE_DROPS; i++)
		if (m->counts.dropped[i] > 0)
			json_object_set_new(dropped, propose_drops[i],
			    json_integer((json_int_t)m->counts.dropped[i]));
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I}",
	    "texts", (json_int_t)m->texts, "calls", (json_int_t)m->calls,
	    "failed", (json_int_t)m->failed, "tokens", (json_int_t)m->tokens,
	    "proposed", (json_int_t)m->counts.proposed, "taken",
	    (json_int_t)m->counts.kept, "dropped", dropped, "given_up",
	    (json_int_t)m->given_up, "left", (json_int_t)m->left);
}

/* What the model was not asked about, or not with success. */
static void
warn(const struct propose_sums *m)
{
	if (m->given_up > 0)
		cmd_warn("the model answered wrongly again and again, and is "
		    "not asked about %" PRId64 " texts any more: %s",
		    m->given_up, m->trouble.msg);
	else if (m->trouble.code != ERR_NONE)
		cmd_warn("%" PRId64 " texts are left for the model, and for "
		    "the next build: %s", m->left, m->trouble.msg);
}

static int
build_one(struct graph_run *run, struct store *st, bool records,
    struct err *e)
{
	struct graph_build_how how = { .records = records, .rebuild =
	    o.rebuild, .ask = run->ask, .unlearn = o.rebuild && o.no_model,
	    .wait_ms = WAIT_MS, .progress = progress };
	struct graph_built b;
	json_t *rec;
	int r;

	r = graph_build(st, &how, &b, e);
	cmd_progress_end();
	if (r == 0)
		warn(&b.model);
	run->trouble = run->trouble || b.model.trouble.code != ERR_NONE;
	if (r < 0 || cmd.quiet)
		return r;
	rec = json_pack("{s:s, s:s, s:I, s:b, s:I, s:I}", "type",
	    "graph_build", "source", records ? "kb" : "event", "added",
	    (json_int_t)b.added, "anew", (int)b.anew, "texts",
	    (json_int_t)b.docs, "bytes", (json_int_t)b.bytes);
	if (!records)
		json_object_set_new(rec, "user", json_string(st->user));
	if (b.asked)
		json_object_set_new(rec, "model", model_json(&b.model));
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	return r;
}

static int
build_user(struct graph_run *run, const char *user, struct err *e)
{
	struct store_where where = { .dir = run->st->dir, .tenant =
	    run->st->tenant, .user = user, .inside = true };
	struct store *st;
	int r;

	if (store_open(&st, &where, STORE_READ, e) < 0)
		return -1;
	r = st->user_id == 0 ? 0 : build_one(run, st, false, e);
	store_close(st);
	return r;
}

/* A credential builds what its user has, and what the tenant shares; who owns
 * the store, or tends it, everybody's. */
static int
build(struct graph_run *run, struct err *e)
{
	bool all = cmd.user == NULL && access_has(run->st, RIGHT_ADMIN);
	struct strv users = STRV_INIT;
	size_t i;
	int r;

	if (access_bound(run->st))
		return err_set(e, ERR_DENIED, "a graph is made of all "
		    "sessions, and this call is bound to one; leave out "
		    "MEM_SESSION, or take a credential that is bound to none");
	if (!o.no_model && !sealed_known(run->st) && propose_ask_open(
	    &run->ask, run->st, e) < 0)
		return -1;
	work_begin(graph_o.nice);
	if (all && known_names(run->st, KNOWN_USERS, INT64_MAX, &users, e) < 0)
		return -1;
	if (!all)
		strv_add(&users, run->st->user);
	for (i = 0, r = 0; i < users.n && r == 0; i++)
		r = build_user(run, users.v[i], e);
	strv_release(&users);
	if (r == 0)
		r = build_one(run, run->st, true, e);
	return r < 0 ? -1 : run->trouble ? EXIT_PART : EXIT_YES;
}

/* --- names ------------------------------------------------------------- */

int
graph_of(struct graph_run *run, struct err *e)
{
	struct graph_how how = { .as_of_ms = graph_o.as_of, .few = run->few,
	    .progress = progress };
	int r = graph_open(&run->g, run->st, &how, e);

	cmd_progress_end();
	return r;
}

int
graph_named(struct graph_run *run, const char *name, struct graph_node **x,
    struct err *e)
{
	int r = 0;

	if (run->g == NULL)
		r = graph_of(run, e);
	if (r == 0)
		r = graph_find(run->g, name, x, e);
	if (r == 0) {
		cmd_note("nothing is called '%s'", name);
		access_missed(run->st);
	}
	return r;
}

/* Whoever decides says what he means by its name: it may not be there yet. */
static void
key_of(struct graph_run *run, const char *name, struct buf *key)
{
	enum graph_kind kind;
	size_t len = strlen(name);
	struct graph_node *x;
	struct err ignored;
	size_t i, k;

	if (!graph_name_form(name, &len, false, &kind))
		kind = GRAPH_NAME;
	graph_name_key(key, kind, name, strlen(name));
	if (graph_find(run->g, name, &x, &ignored) != 1)
		return;
	/* one of its rows that is written so, if one is */
	for (i = 0; i < x->members; i++)
		for (k = 0; k < x->member[i].row.forms.n; k++)
			if (str_same(x->member[i].row.forms.v[k], name)) {
				buf_reset(key);
				buf_adds(key, x->member[i].row.key);
			}
}

static int
decide(struct graph_run *run, bool merge, int argc, char **argv,
    struct err *e)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int r;

	if (argc != (merge ? 2 : 1))
		return cmd_misuse(e, merge ? "merge needs two names" :
		    "split needs a name");
	if (access_bound(run->st))
		return err_set(e, ERR_DENIED, "what is one is decided for all "
		    "sessions, and this call is bound to one; leave out "
		    "MEM_SESSION, or take a credential that is bound to none");
	if (graph_of(run, e) < 0)
		return -1;
	key_of(run, argv[0], &a);
	if (merge)
		key_of(run, argv[1], &b);
	graph_close(run->g);
	run->g = NULL;
	if (a.len == 0 || (merge && b.len == 0) || a.len > GRAPH_NAME_MAX ||
	    b.len > GRAPH_NAME_MAX)
		r = cmd_misuse(e, "a name has 1 to %d bytes", GRAPH_NAME_MAX);
	else if (merge && str_eq(a.p, b.p))
		r = cmd_misuse(e, "these are one name already");
	else
		r = alias_decide(run->st, a.p, merge ? b.p : NULL, e);
	buf_release(&a);
	buf_release(&b);
	return r < 0 ? -1 : EXIT_YES;
}

/* ----------------------------------------------------------------------- */

static int
verb_build(struct graph_run *run, int argc, char **argv, struct err *e)
{
	(void)argv;
	return argc > 0 ? cmd_misuse(e, "build takes no names") :
	    build(run, e);
}

static int
verb_merge(struct graph_run *run, int argc, char **argv, struct err *e)
{
	return decide(run, true, argc, argv, e);
}

static int
verb_split(struct graph_run *run, int argc, char **argv, struct err *e)
{
	return decide(run, false, argc, argv, e);
}

static const struct {
	const char *verb;
	bool write;
	int (*fn)(struct graph_run *, int, char **, struct err *);
} runs[] = {
	{ "build", true, verb_build },
	{ "show", false, graph_show },
	{ "neighbours", false, graph_neighbours },
	{ "path", false, graph_path_between },
	{ "communities", false, graph_groups },
	{ "export", false, graph_write },
	{ "push", false, graph_to_engine },
	{ "merge", true, verb_merge },
	{ "split", true, verb_split },
};

static int
run_all(struct graph_run *run, const char *verb, int argc, char **argv,
    struct err *e)
{
	struct store_where where;
	size_t i = 0;

	if (verb == NULL)
		return cmd_misuse(e, "a command is missing");
	if (graph_o.depth < 1 || graph_o.depth > 8)
		return cmd_misuse(e, "--depth is from 1 to 8");
	while (strcmp(runs[i].verb, verb) != 0)
		i++;
	cmd_asked(&where);
	if (runs[i].write)
		where.need = RIGHT_WRITE;
	return cmd_open(&run->st, &where, runs[i].write, e) < 0 ||
	    access_look(run->st, e) < 0 ? -1 :
	    runs[i].fn(run, argc, argv, e);
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct graph_run run = { .g = NULL };
	struct err e = { 0 };
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&run.out);
	r = run_all(&run, verb != NULL ? verb->name : NULL, argc, argv, &e);
	graph_close(run.g);
	propose_ask_free(run.ask);
	store_close(run.st);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
