/*
 * What is linked to the names of a question, as a search asks for it.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/str.h"
#include "graph/graph.h"
#include "memory/event.h"
#include "memory/event_write.h"

#include <string.h>

static struct err e;
static struct store *st;
static char told[2000];
static char second[ULID_LEN + 1];

static void
add(int64_t ms, const char *text)
{
	struct event_writer *w = event_writer_new(st);
	struct event ev = { .ts_ms = ms, .type = EVENT_USER_MESSAGE,
	    .session = "s", .text = text, .text_len = strlen(text) };
	int r = tx_begin(st->db, &e);

	if (r == 0)
		r = event_add(w, &ev, &e) == 1 ? event_flush(w, &e) : -1;
	ok(tx_end(st->db, r, &e) == 0, "stored: %s", text);
	strcpy(second, ev.id);
	event_writer_free(w);
}

static int
tell(void *arg, const struct graph_node *x, double weight,
    const struct strv *ids, struct err *err)
{
	size_t *n = arg;

	(void)err;
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s%s %zu",
	    *n > 0 ? ", " : "", x->name, ids->n);
	ok(weight > 0 && weight <= 1, "a weight of %s", x->name);
	if (str_eq(x->name, "Postgres"))
		is_str(ids->v[0], second, "the text that links it");
	return (int)((*n)++, 0);
}

static void
ask(struct graph *g, const char *text, size_t most, const char *want)
{
	size_t n = 0;

	told[0] = '\0';
	is_int(graph_linked(g, text, strlen(text), most, tell, &n, &e), 0,
	    "asked: %s", text);
	is_str(told, want, text);
}

int
main(void)
{
	struct graph_how how = { .as_of_ms = INT64_MAX };
	struct graph *g;

	temp_begin();
	st = temp_open("store", "ann", STORE_WRITE);
	add(1000, "The auth-service depends on Redis.");
	add(2000, "Here the login-api uses auth-service, and auth-service "
	    "depends on Redis.");
	add(3000, "The billing-worker depends on Postgres.");
	is_int(graph_open(&g, st, &how, &e), 0, "a graph");
	ask(g, "why does Redis time out", 10, "auth-service 2, login-api 1");
	ask(g, "why does redis time out", 1, "auth-service 2");
	ask(g, "and the billing-worker?", 10, "Postgres 1");
	ask(g, "nothing of the kind", 10, "");
	ask(g, "", 10, "");
	graph_close(g);
	store_close(st);
	return temp_end() == 0 ? done() : 2;
}
