/*
 * What is linked to the names of a question, and the texts that it leads to;
 * what these add to a score.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/str.h"
#include "graph/build.h"
#include "graph/found.h"
#include "graph/graph.h"
#include "ingest/event_write.h"
#include "memory/event.h"
#include "search/fuse.h"
#include "store/db.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct err e;
static struct store *st;
static char told[2000];
static char newest[ULID_LEN + 1], third[ULID_LEN + 1];

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
	strcpy(newest, ev.id);
	event_writer_free(w);
}

static const char *
text_of(const struct linked *l, const char *id)
{
	size_t i = linked_find(l, NULL, id);

	if (i == SIZE_MAX)
		return "none";
	snprintf(told, sizeof told, "%.4f %s", l->text[i].weight,
	    l->why[l->text[i].why[0]].entity);
	return told;
}

static void
names(struct graph *g, const char *text, const char *want)
{
	struct graph_node *x[GRAPH_NAMED];
	int n = graph_in_text(g, text, strlen(text), x, &e), i;

	ok(n >= 0, "read: %s", text);
	told[0] = '\0';
	for (i = 0; i < n; i++) {
		strcat(told, i > 0 ? ", " : "");
		strcat(told, x[i]->name);
	}
	is_str(told, want, "it names %s", want);
}

static void
in_text(void)
{
	struct graph_how how = { .as_of_ms = INT64_MAX };
	struct graph *g;

	is_int(graph_open(&g, st, &how, &e), 0, "a graph");
	names(g, "why does Redis time out", "Redis");
	names(g, "redis, REDIS and the billing-worker?",
	    "billing-worker, Redis");
	names(g, "nothing of the kind", "");
	names(g, "", "");
	graph_close(g);
}

static void
ask(struct found *f, const char *text, struct linked *l)
{
	linked_release(l);
	is_int(found_before(f, &e), 0, "brought up to date");
	is_int(tx_read(st->db, &e), 0, "a view");
	is_int(found_ask(f, text, strlen(text), l, &e), 0, "asked: %s", text);
	is_int(tx_end(st->db, 0, &e), 0, "the view ends");
	linked_ready(l);
}

static void
texts(void)
{
	struct found *f = found_new(st, INT64_MAX);
	struct linked l = { 0 };
	struct graph_file file;
	char want[100];
	json_t *o;
	double g;
	size_t i;

	/* "Postgres" is in one text, and linked by "depends on", 1/2, and by
	 * being near: G = 2 (ln 3 + 2 ln 3/2) = 3.82 */
	ask(f, "and the billing-worker?", &l);
	is_int(l.texts, 1, "one text");
	g = 2 * (log(3) + 2 * log(1.5));
	snprintf(want, sizeof want, "%.4f Postgres", 1 - 0.5 * (1 - g / (g +
	    10.83)));
	is_str(text_of(&l, third), want, "all of its weight");
	o = linked_json(&l, 0);
	is_str(json_string_value(json_object_get(json_array_get(o, 0),
	    "relation")), "depends_on", "the best is told first");
	is_str(json_string_value(json_object_get(json_array_get(o, 0),
	    "named")), "billing-worker", "with what was named");
	json_decref(o);
	/* auth-service: in two texts; both say that it depends on Redis, the
	 * second that login-api uses it, which tells nothing of Redis */
	ask(f, "why does Redis time out", &l);
	is_int(l.texts, 2, "two texts");
	ok(linked_find(&l, NULL, third) == SIZE_MAX, "not the third");
	for (i = 1; i < l.texts; i++)
		ok(l.text[i - 1].weight >= l.text[i].weight, "best first");
	/* a text that names what is linked, and says no relation */
	add(4000, "auth-service is red");
	ask(f, "why does Redis time out", &l);
	ok((i = linked_find(&l, NULL, newest)) != SIZE_MAX, "it is linked");
	/* three texts name it, two say the relation: 2/3 / log2(4) / 2, and
	 * by being near */
	ok(i != SIZE_MAX && l.text[i].weight > 2.0 / 12 &&
	    l.text[i].weight < 0.2, "by half: %g", i == SIZE_MAX ? 0 :
	    l.text[i].weight);
	ask(f, "nothing of the kind", &l);
	is_int(l.texts, 0, "nothing is linked");
	/* what comes between is in the view, and the file is left as it is */
	is_int(found_before(f, &e), 0, "brought up to date");
	add(5000, "auth-service is green");
	is_int(tx_read(st->db, &e), 0, "a view");
	is_int(found_ask(f, "Redis", 5, &l, &e), 0, "asked");
	linked_ready(&l);
	ok(linked_find(&l, NULL, newest) != SIZE_MAX, "it is linked");
	is_int(tx_end(st->db, 0, &e), 0, "the view ends");
	is_int(graph_open_fresh(st, false, &file, &e), 0, "an old file");
	linked_release(&l);
	found_free(f);
}

/* --- what it adds ------------------------------------------------------ */

static void
weights(void)
{
	struct linked l = { 0 };
	size_t a, b, i, whys[5];
	char id[20];

	a = linked_text(&l, NULL, "A");
	b = linked_text(&l, "bugs", "A");
	for (i = 0; i < 5; i++) {
		whys[i] = l.whys;
		linked_why(&l)->weight = (double)i / 10;
		linked_add(&l, a, (double)i / 10, whys[i]);
		linked_add(&l, a, (double)i / 10, whys[i]);
	}
	linked_add(&l, b, 0.9, whys[2]);
	ok(fabs(l.text[a].weight - (1 - 0.9 * 0.8 * 0.7 * 0.6)) < 1e-12,
	    "each thing counts once");
	is_int(l.text[a].whys, LINKED_WHYS, "so many are told");
	for (i = 0; i < LINKED_WHYS; i++)
		is_int(l.text[a].why[i], whys[4 - i], "the best");
	for (i = 0; i < 200; i++) {
		snprintf(id, sizeof id, "X%zu", i);
		linked_add(&l, linked_text(&l, NULL, id), i < 150 ? 0.1 :
		    0.5, whys[1]);
	}
	linked_ready(&l);
	is_int(l.texts, LINKED_TEXTS, "the best are kept");
	is_int(linked_find(&l, "bugs", "A"), 0, "the best of all is first");
	is_int(linked_find(&l, NULL, "A"), 1, "an event of that id is another");
	ok(linked_find(&l, NULL, "X199") != SIZE_MAX, "better ones stay");
	ok(linked_find(&l, NULL, "X99") == SIZE_MAX, "of equal ones the first "
	    "by name");
	linked_release(&l);
}

/* Three candidates of scores 0.8, 0.4 and 0; what they come to. */
static void
fused(double link0, double link2, double want0, double want2)
{
	struct linked l = { 0 };
	struct cand cand[3] = { { .score = 0.8 }, { .score = 0.4 },
	    { .score = 0 } };
	struct turn turn[3] = { { .linked = 1 }, { .linked = 0 },
	    { .linked = 2 } };
	struct cands c = { .cand = cand, .cands = 3 };
	struct fuse f = { .c = &c, .turn = turn, .turns = 3, .linked = &l };

	linked_why(&l);
	linked_add(&l, linked_text(&l, NULL, "A"), link0, 0);
	linked_add(&l, linked_text(&l, NULL, "B"), link2, 0);
	fuse_add_links(&f, 1u << SOURCE_EVENT);
	ok(fabs(cand[0].score - want0) < 1e-12, "%g", cand[0].score);
	ok(fabs(cand[2].score - want2) < 1e-12, "%g", cand[2].score);
	ok(fabs(cand[1].score - 0.4 / 1.2) < 1e-12, "one that is not linked "
	    "is less by as much as all are");
	linked_release(&l);
}

static void
fusing(void)
{
	struct cand cand = { .score = 0.8 }, none = { .score = 0 };
	struct turn turn = { .linked = 0 }, of = { .linked = 1 };
	struct cands c = { .cand = &cand, .cands = 1 };
	struct linked l = { 0 };
	struct fuse f = { .c = &c, .turn = &turn, .turns = 1 };

	fused(1, 0.5, 0.8, 0.2 * 0.8 * 0.5 / 1.2);
	fused(0, 1, 0.8 / 1.2, 0.2 * 0.8 / 1.2);
	fuse_add_links(&f, 1u << SOURCE_EVENT);
	f.linked = &l;
	fuse_add_links(&f, 1u << SOURCE_EVENT);
	ok(cand.score >= 0.8 && cand.score <= 0.8, "nothing is linked: as "
	    "without");
	c.cand = &none;
	f.turn = &of;
	linked_why(&l);
	linked_add(&l, linked_text(&l, NULL, "A"), 0.5, 0);
	fuse_add_links(&f, 1u << SOURCE_EVENT);
	ok(fabs(none.score - 0.2 * 0.5 / 1.2) < 1e-12, "where nothing has a "
	    "score, what is linked has one");
	linked_release(&l);
}

int
main(void)
{
	temp_begin();
	st = temp_open("store", "ann", STORE_WRITE);
	add(1000, "The auth-service depends on Redis.");
	add(2000, "Here the login-api uses auth-service, and auth-service "
	    "depends on Redis.");
	add(3000, "The billing-worker depends on Postgres.");
	strcpy(third, newest);
	in_text();
	texts();
	weights();
	fusing();
	store_close(st);
	return temp_end() == 0 ? done() : 2;
}
