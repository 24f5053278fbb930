/*
 * mem-graph show, neighbours, path, communities, export.
 */
#include "cmd/cmd.h"
#include "cmd/graph.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "graph/export.h"
#include "store/access.h"

#include <string.h>

#define SHOW 10			/* relations with an entity */
#define NEIGHBOURS 10
#define BEYOND 5		/* of each that is further away than one step */
#define GROUP 20		/* names of a community */
#define LINKS 512		/* of an entity that are looked through for a
				   kind */

static int
print(struct graph_run *run, json_t *o, struct err *e)
{
	int r;

	if (o == NULL)
		return -1;
	r = out_record(&run->out, o, e);
	json_decref(o);
	run->printed++;
	return r;
}

static bool
is_wanted(const struct graph_link *l)
{
	return graph_o.kind == NULL || str_eq(graph_o.kind, l->kind) ||
	    str_eq(graph_o.kind, graph_kinds[l->to->kind]);
}

/* How many of the best are looked up where so many are wanted: some turn out
 * to be one, or were met before. */
static size_t
enough(int64_t most, int64_t distance)
{
	size_t n = most < LINKS ? (size_t)most : LINKS;

	return graph_o.kind != NULL ? LINKS : distance > 1 ? 2 * n + 8 :
	    4 * n + 16;
}

static int
print_link(struct graph_run *run, const struct graph_node *x,
    const struct graph_link *l, int64_t distance, struct err *e)
{
	json_t *o = graph_link_json(run->g, x, l, e);

	if (o != NULL && distance > 0)
		json_object_set_new(o, "distance", json_integer(distance));
	return print(run, o, e);
}

/* --- around one -------------------------------------------------------- */

struct around {
	struct graph_run *run;
	struct graph_node **now, **next;	/* own; at a distance */
	size_t n, nexts, cap, next_cap;
	struct map met;
};

static bool
meet(struct around *a, struct graph_node *x)
{
	int made;

	map_put(&a->met, x->id, &made);
	if (!made)
		return false;
	if (a->nexts == a->next_cap) {
		a->next_cap = 2 * a->next_cap + 64;
		a->next = realloc(a->next, a->next_cap * sizeof *a->next);
	}
	a->next[a->nexts++] = x;
	return true;
}

/* The best links of one that are wanted, as many. */
struct best {
	struct graph_run *run;
	const struct graph_node *of;
	struct around *around;		/* NULL: those that were met, too */
	int64_t distance, left;
};

/* 1: it was the last. */
static int
take_link(void *arg, const struct graph_link *l, struct err *e)
{
	struct best *b = arg;

	if (b->left == 0)
		return 1;
	if (!is_wanted(l) || (b->around != NULL && !meet(b->around, l->to)))
		return 0;
	if (print_link(b->run, b->of, l, b->distance, e) < 0)
		return -1;
	return --b->left == 0;
}

int
graph_show(struct graph_run *run, int argc, char **argv, struct err *e)
{
	int64_t most = graph_o.limit > 0 ? graph_o.limit : SHOW;
	struct best b = { .run = run };
	struct graph_node *x;
	bool part = false;
	int i, r = 0;

	if (argc == 0)
		return cmd_misuse(e, "show needs a name, such as auth-service");
	run->few = true;
	for (i = 0; i < argc && r >= 0; i++) {
		if ((r = graph_named(run, argv[i], &x, e)) != 1) {
			part = true;
			continue;
		}
		r = print(run, graph_node_json(run->g, x, e), e);
		b.of = x;
		b.left = most;
		if (r == 0)
			r = graph_links_each(run->g, x, enough(most, 1),
			    take_link, &b, e);
	}
	return r < 0 ? -1 : run->printed == 0 ? EXIT_NO : part ? EXIT_PART :
	    EXIT_YES;
}

/* The best of one that were not met before. */
static int
beside(struct around *a, struct graph_node *x, int64_t distance, int64_t most,
    struct err *e)
{
	struct best b = { .run = a->run, .of = x, .around = a, .distance =
	    distance, .left = most };
	int r = graph_links_each(a->run->g, x, enough(most, distance),
	    take_link, &b, e);

	return r < 0 ? -1 : 0;
}

int
graph_neighbours(struct graph_run *run, int argc, char **argv, struct err *e)
{
	int64_t most = graph_o.limit > 0 ? graph_o.limit : NEIGHBOURS, d;
	struct around a = { .run = run, .met = MAP_INIT };
	struct graph_node **was, *x;
	size_t i;
	int r;

	if (argc != 1)
		return cmd_misuse(e, "neighbours needs one name, such as "
		    "auth-service");
	run->few = true;
	if ((r = graph_named(run, argv[0], &x, e)) != 1)
		return r < 0 ? -1 : EXIT_NO;
	meet(&a, x);
	for (d = 1, r = 0; d <= graph_o.depth && r == 0; d++) {
		was = a.now;
		a.now = a.next;
		a.n = a.nexts;
		a.next = was;
		i = a.cap;
		a.cap = a.next_cap;
		a.next_cap = i;
		a.nexts = 0;
		for (i = 0; i < a.n && r == 0; i++)
			r = beside(&a, a.now[i], d, d > 1 &&
			    graph_o.limit <= 0 ? BEYOND : most, e);
	}
	free(a.now);
	free(a.next);
	map_release(&a.met);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

int
graph_path_between(struct graph_run *run, int argc, char **argv,
    struct err *e)
{
	struct graph_node *a, *b, *at;
	struct graph_links way = { 0 };
	size_t i;
	int r;

	if (argc != 2)
		return cmd_misuse(e, "path needs two names, such as "
		    "auth-service redis");
	if ((r = graph_named(run, argv[0], &a, e)) != 1 ||
	    (r = graph_named(run, argv[1], &b, e)) != 1)
		return r < 0 ? -1 : EXIT_NO;
	r = graph_way(run->g, a, b, &way, e);
	if (r == 0)
		cmd_note("nothing links '%s' with '%s'", a->name, b->name);
	for (i = 0, at = a; i < way.n && r == 1; at = way.v[i++].to)
		if (print_link(run, at, &way.v[i], (int64_t)i + 1, e) < 0)
			r = -1;
	graph_links_release(&way);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}

/* --- all of it --------------------------------------------------------- */

int
graph_groups(struct graph_run *run, int argc, char **argv, struct err *e)
{
	struct graph_community *c;
	json_t *o, *list;
	size_t n, i, k;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "communities takes no names");
	if (graph_of(run, e) < 0)
		return -1;
	r = graph_communities(run->g, &c, &n, e);
	for (i = 0; i < n && r == 0 && (graph_o.limit <= 0 || (int64_t)i <
	    graph_o.limit); i++) {
		list = json_array();
		for (k = 0; k < c[i].n && k < GROUP; k++)
			json_array_append_new(list, json_pack("{s:s, s:s, "
			    "s:s}", "entity_id", c[i].v[k]->id, "name",
			    c[i].v[k]->name, "kind",
			    graph_kinds[c[i].v[k]->kind]));
		o = json_pack("{s:s, s:I, s:I, s:o}", "type", "community",
		    "community", (json_int_t)i + 1, "size",
		    (json_int_t)c[i].n, "entities", list);
		r = print(run, o, e);
	}
	graph_communities_free(c, n);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

static int
put(void *arg, struct buf *b, struct err *e)
{
	struct graph_run *run = arg;

	run->printed += b->len > 0;
	return out_raw(b->p, b->len, e);
}

int
graph_write(struct graph_run *run, int argc, char **argv, struct err *e)
{
	static const char *const names[] = { "jsonl", "dot", "graphml",
	    "cypher", "memory.json", NULL };
	int as = 0;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "export takes no names; it writes all of "
		    "the graph");
	while (cmd.format != NULL && names[as] != NULL && !str_eq(cmd.format,
	    names[as]))
		as++;
	if (graph_of(run, e) < 0 || graph_export(run->g, (enum export_as)as,
	    put, run, e) < 0)
		return -1;
	return run->printed > 0 ? EXIT_YES : EXIT_NO;
}
