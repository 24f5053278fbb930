/*
 * The links of an entity told one by one are those of the list, in its order,
 * whatever joins what; and who stops is told no more.
 */
#include "tap.h"
#include "temp-store.h"

#include "graph/graph.h"
#include "ingest/event_write.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS 240

static struct err e;
static struct store *st;
static size_t compared, joined;

#define BAIL(...) (printf("Bail out! " __VA_ARGS__), exit(2))

/* Of few names, by numbers that are the same in each run. */
static void
add_all(void)
{
	static const char *const name[] = { "Store", "auth.Store", "Redis",
	    "tokens", "cache.tokens", "login-api", "src/main.c", "main.c",
	    "Postgres", "a.b.Queue", "Queue", "billing-worker", "retry",
	    "src/retry", "PEP-8", "Berlin", "http://x.example/y", "deploy" };
	static const size_t names = sizeof name / sizeof *name;
	struct event_writer *w = event_writer_new(st);
	struct event ev;
	unsigned long x = 7;
	char text[400];
	size_t n;
	int i, k, r = tx_begin(st->db, &e);

	for (i = 0; i < TEXTS && r >= 0; i++) {
		n = (size_t)sprintf(text, "Note %d:", i);
		for (k = 0; k < 4; k++) {
			x = (x * 1103515245 + 12345) & 0x7fffffff;
			n += (size_t)sprintf(text + n, " %s%s", k == 2 ?
			    "uses " : "", name[(x >> 12) % names]);
		}
		memset(&ev, 0, sizeof ev);
		ev.type = EVENT_USER_MESSAGE;
		ev.session = "s";
		ev.ts_ms = 1000 * (i + 1);
		ev.text = text;
		ev.text_len = n;
		r = event_add(w, &ev, &e) == 1 ? 0 : -1;
	}
	if (r >= 0)
		r = event_flush(w, &e);
	ok(tx_end(st->db, r, &e) == 0, "%d texts", TEXTS);
	event_writer_free(w);
}

static struct graph *
fresh(void)
{
	struct graph_how how = { .as_of_ms = INT64_MAX, .few = true };
	struct graph *g;

	if (graph_open(&g, st, &how, &e) < 0)
		BAIL("a graph: %s", e.msg);
	return g;
}

struct listed {
	char v[200][120];
	size_t n, stop;
};

static int
put(void *arg, const struct graph_link *l, struct err *err)
{
	struct listed *to = arg;

	(void)err;
	if (to->n < 200)
		snprintf(to->v[to->n++], sizeof to->v[0], "%s %s %d %u %.9f "
		    "%zu", l->to->id, l->kind, l->in, (unsigned)l->n,
		    l->weight, l->wheres);
	joined += l->to->members > 1;
	return to->n == to->stop;
}

/* Each in graphs of its own: what was met before decides what joins. */
static void
compare(const char *name, size_t most, size_t stop)
{
	static struct listed a, b;
	struct graph_links all = { 0 };
	struct graph *g = fresh();
	struct graph_node *x;
	bool is;
	size_t i;
	int r = 0;

	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	a.stop = b.stop = stop;
	if (graph_find(g, name, &x, &e) != 1)
		BAIL("no %s", name);
	if (graph_links(g, x, most, &all, &e) < 0)
		BAIL("links of %s: %s", name, e.msg);
	for (i = 0; i < all.n && r == 0; i++)
		r = put(&a, &all.v[i], &e);
	graph_links_release(&all);
	graph_close(g);
	g = fresh();
	if (graph_find(g, name, &x, &e) != 1)
		BAIL("no %s", name);
	is = graph_links_each(g, x, most, put, &b, &e) == r;
	graph_close(g);
	is = is && a.n == b.n;
	for (i = 0; i < a.n && is; i++)
		is = strcmp(a.v[i], b.v[i]) == 0;
	ok(is, "%s: at most %zu, %zu told", name, most, b.n);
	compared += b.n;
}

int
main(void)
{
	static const size_t most[] = { 0, 1, 3, 8, 18, 56 };
	struct graph_node **v;
	struct graph *g;
	size_t n, i, k;
	char **name;

	temp_begin();
	st = temp_open("store", "ann", STORE_WRITE);
	add_all();
	g = fresh();
	if (graph_all(g, &v, &n, &e) < 0)
		BAIL("all: %s", e.msg);
	name = calloc(n + 1, sizeof *name);
	for (i = 0; i < n; i++)
		name[i] = strdup(v[i]->name);
	free(v);
	graph_close(g);
	for (i = 0; i < n; i++) {
		for (k = 0; k < sizeof most / sizeof *most; k++)
			compare(name[i], most[k], 0);
		compare(name[i], 18, 2);
		free(name[i]);
	}
	free(name);
	ok(compared > 200 && joined > 50, "there were some: %zu, of them "
	    "joined %zu", compared, joined);
	store_close(st);
	return temp_end() == 0 ? done() : 2;
}
