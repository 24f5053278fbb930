/*
 * Nodes, where hits lie, and the events behind a grip.
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/toc.h"
#include "memory/grip.h"
#include "memory/toc_body.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* --- names ------------------------------------------------------------- */

/* Of a period: a node of its name, whatever it was called. */
static int
period_named(struct toc_run *run, const char *s, struct toc_node *n,
    struct err *e)
{
	int64_t start, end;
	struct toc_period p;
	struct err why;

	if (toc_period_read(s, &p))
		return toc_find(run->st, p.name, n, e);
	if (date_parse(s, date_now(), &start, &end, &why) < 0)
		return err_set(e, ERR_USAGE, "'%s' is neither the id of a "
		    "node nor a day, week, month or year", s);
	if (!toc_period_range(start, end, &p))
		toc_period_of(TOC_DAY, start, &p);
	return toc_find(run->st, p.name, n, e);
}

int
toc_named(struct toc_run *run, const char *s, struct toc_node *n,
    struct err *e)
{
	int r = toc_find(run->st, s, n, e);

	if (r == 0) {
		if (str_starts(s, "toc:"))
			s += 4;
		r = str_starts(s, "segment:") ? 0 :
		    period_named(run, s, n, e);
	}
	if (r == 0)
		cmd_note("nothing in the contents is '%s'", s);
	return r;
}

/* --- a node ------------------------------------------------------------ */

struct children {
	struct toc_run *run;
	json_t *list;
};

static int
add_child(void *arg, const struct toc_node *n, struct err *e)
{
	struct children *c = arg;
	struct buf id = BUF_INIT;
	struct toc_version v;
	json_t *body;
	int r;

	if (toc_mark_of(&c->run->marks, n->name) == TOC_HIDE)
		return 0;
	if ((r = toc_live(c->run->st, n, toc_o.as_of, &v, e)) != 1)
		return r;
	buf_addf(&id, "toc:%s", n->name);
	body = toc_body_json(&v.text);
	json_array_append_new(c->list, json_pack("{s:s, s:O}", "node_id",
	    id.p, "title", json_object_get(body, "title")));
	json_decref(body);
	toc_version_release(&v);
	buf_release(&id);
	return 0;
}

/* With the titles of what is below, so that one need not ask for each. */
static int
print_record(struct toc_run *run, const struct toc_node *n,
    const struct toc_version *v, struct err *e)
{
	struct children c = { run, NULL };
	json_t *rec;
	int r = 0;

	if ((rec = toc_json(run->st, n, v, &run->marks, toc_o.as_of, e)) ==
	    NULL)
		return -1;
	if (n->level != TOC_SEGMENT) {
		c.list = json_array();
		json_object_set_new(rec, "children", c.list);
		r = toc_each(run->st, n, toc_o.as_of, add_child, &c, e);
	}
	if (r == 0)
		r = out_record(&run->out, rec, e);
	json_decref(rec);
	run->printed++;
	return r;
}

struct below {
	struct toc_run *run;
	int64_t depth;
};

static int	print_tree(struct toc_run *, const struct toc_node *,
		    int64_t depth, struct err *);

static int
print_below(void *arg, const struct toc_node *n, struct err *e)
{
	struct below *b = arg;

	return print_tree(b->run, n, b->depth, e);
}

/* 0 also where it holds nothing, or is hidden from a list. */
static int
print_tree(struct toc_run *run, const struct toc_node *n, int64_t depth,
    struct err *e)
{
	struct below b = { run, depth - 1 };
	struct toc_version v;
	int r;

	if (toc_mark_of(&run->marks, n->name) == TOC_HIDE)
		return 0;
	if ((r = toc_live(run->st, n, toc_o.as_of, &v, e)) != 1)
		return r;
	r = print_record(run, n, &v, e);
	toc_version_release(&v);
	if (r < 0 || depth == 0 || n->level == TOC_SEGMENT)
		return r;
	return toc_each(run->st, n, toc_o.as_of, print_below, &b, e);
}

/* What was asked for by name is shown even if it is hidden. */
int
toc_print(struct toc_run *run, const struct toc_node *n, struct err *e)
{
	struct below b = { run, toc_o.depth - 1 };
	struct toc_version v;
	int r;

	if ((r = toc_live(run->st, n, toc_o.as_of, &v, e)) != 1) {
		if (r == 0)
			cmd_note(toc_o.as_of == TOC_NOW ? "'%s' holds nothing "
			    "any more" : "'%s' was not there then", n->name);
		return r;
	}
	r = print_record(run, n, &v, e);
	toc_version_release(&v);
	if (r < 0 || toc_o.depth == 0 || n->level == TOC_SEGMENT)
		return r;
	return toc_each(run->st, n, toc_o.as_of, print_below, &b, e);
}

static int
show_named(struct toc_run *run, const char *name, struct err *e)
{
	struct toc_node n;
	int r = toc_named(run, name, &n, e);

	int64_t before = run->printed;

	if (r == 1)
		r = toc_print(run, &n, e);
	run->absent += run->printed == before;
	return r < 0 ? -1 : 0;
}

/* --- where in time hits lie -------------------------------------------- */

struct where {
	struct toc_run *run;
	struct map hits;	/* name of a segment: how many lie in it */
};

/* An event, by id. */
static int
node_of_event(struct toc_run *run, const char *id, struct toc_node *n,
    struct err *e)
{
	const struct event *ev;
	uint8_t raw[ULID_BYTES];
	int64_t ts, session;
	int r;

	if ((r = event_find(&run->it, run->st, id, &ev, e)) != 1)
		return r;
	ulid_parse(ev->id, raw);
	ts = ev->ts_ms;
	session = ev->session_seq;
	event_rest(run->it);
	return toc_of_event(run->st, session, ts, raw, n, e);
}

static int
add_where(void *arg, const char *id, struct err *e)
{
	struct where *w = arg;
	struct toc_node n;
	struct grip g;
	int r, made;

	if (str_starts(id, "grip:")) {
		if ((r = grip_find(w->run->st, id, &g, e)) == 1)
			r = toc_get(w->run->st, g.node, &n, e);
	} else if ((r = toc_find(w->run->st, id, &n, e)) == 0) {
		r = node_of_event(w->run, id, &n, e);
	}
	if (r == 0) {
		cmd_note("'%s' lies in no node of the contents; mem-toc build "
		    "brings them up to date", id);
		w->run->absent++;
	}
	if (r == 1)
		map_put(&w->hits, n.name, &made)->i++;
	return r < 0 ? -1 : 0;
}

/* What a record of any tool names: a node, a grip, an event. */
static const char *
id_of(const json_t *rec)
{
	static const char *const keys[] = { "node_id", "grip_id", "event_id",
	    NULL };
	const char *id;
	int i;

	for (i = 0; keys[i] != NULL; i++)
		if ((id = get_str(rec, keys[i], NULL)) != NULL)
			return id;
	id = get_str(rec, "source", NULL);
	if (str_eq(id, "event") || str_eq(id, "toc") || str_eq(id, "grip"))
		return get_str(rec, "id", NULL);
	return NULL;
}

/* How many lie in each node above, too. */
static int
count_above(struct where *w, struct map *all, struct err *e)
{
	struct toc_node n;
	int64_t hits;
	size_t i;
	int made;

	for (i = 0; i < w->hits.n; i++) {
		hits = w->hits.e[i].v.i;
		if (toc_find(w->run->st, w->hits.e[i].key, &n, e) != 1)
			return -1;
		for (;;) {
			map_put(all, n.name, &made)->i += hits;
			if (n.parent == 0)
				break;
			if (toc_get(w->run->st, n.parent, &n, e) != 1)
				return -1;
		}
	}
	return 0;
}

static int
print_where(struct toc_run *run, const struct toc_node *n, int64_t hits,
    struct err *e)
{
	struct toc_version v;
	json_t *rec;
	int r;

	if ((r = toc_live(run->st, n, toc_o.as_of, &v, e)) != 1)
		return r;
	rec = toc_json(run->st, n, &v, &run->marks, toc_o.as_of, e);
	toc_version_release(&v);
	if (rec == NULL)
		return -1;
	json_object_set_new(rec, "hits", json_integer(hits));
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	run->printed++;
	return r;
}

/* Years first, each followed by what lies in it. */
struct walk {
	struct toc_run *run;
	const struct map *all;
};

static int
walk(void *arg, const struct toc_node *n, struct err *e)
{
	struct walk *w = arg;
	const union map_value *v = map_get(w->all, n->name);

	if (v == NULL)
		return 0;
	if (print_where(w->run, n, v->i, e) < 0)
		return -1;
	return n->level == TOC_SEGMENT ? 0 :
	    toc_each(w->run->st, n, toc_o.as_of, walk, w, e);
}

static int
show_given(struct toc_run *run, struct err *e)
{
	struct where w = { run, MAP_INIT };
	struct map all = MAP_INIT;
	struct walk walker = { run, &all };
	int r;

	r = given_each("event, node or grip", id_of, add_where, &w,
	    &run->absent, e);
	if (r == 0)
		r = count_above(&w, &all, e);
	if (r == 0)
		r = toc_each(run->st, NULL, toc_o.as_of, walk, &walker, e);
	map_release(&w.hits);
	map_release(&all);
	return r;
}

int
toc_show(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct below b = { run, toc_o.depth };
	int i, r = 0;

	if (argc == 0)
		r = toc_each(run->st, NULL, toc_o.as_of, print_below, &b, e);
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? show_given(run, e) :
		    show_named(run, argv[i], e);
	if (r < 0)
		return -1;
	if (run->printed == 0 && argc == 0)
		cmd_note("there are no contents yet; mem-toc build makes "
		    "them");
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}

/* --- the events behind a grip ------------------------------------------ */

static int
print_event(struct toc_run *run, const struct event *ev, struct err *e)
{
	json_t *rec = event_json(ev);
	int r;

	if (rec == NULL)
		return err_set(e, ERR_CORRUPT, "event %s is not UTF-8; run "
		    "mem-admin check", ev->id);
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	run->printed++;
	return r;
}

static int
print_events(struct toc_run *run, struct event_iter *it, const char *last,
    struct err *e)
{
	const struct event *ev;
	int r;

	while ((r = event_next(it, &ev, e)) == 1)
		if ((r = print_event(run, ev, e)) < 0 ||
		    (last != NULL && strcmp(ev->id, last) == 0))
			break;
	event_close(it);
	return r < 0 ? -1 : 1;
}

/* What follows the first event of a range, up to the last. */
static int
print_rest(struct toc_run *run, const struct event *first, const char *last,
    struct err *e)
{
	struct event_query eq = EVENT_QUERY_INIT;
	const struct event *ev;
	struct event_iter *it;
	int r;

	eq.session = first->session;
	eq.since_ms = first->ts_ms;
	if (event_open(&it, run->st, &eq, e) < 0)
		return -1;
	/* up to the first itself, which was printed */
	while ((r = event_next(it, &ev, e)) == 1)
		if (strcmp(ev->id, first->id) == 0)
			return print_events(run, it, last, e);
	event_close(it);
	return r < 0 ? -1 : 1;
}

/* From the first event of a range to the last, with so many around.  0: the
 * first is not there any more. */
static int
print_range(struct toc_run *run, const uint8_t first[ULID_BYTES],
    const uint8_t last[ULID_BYTES], struct err *e)
{
	int64_t around = toc_o.context > 0 ? toc_o.context : 0;
	bool one = memcmp(first, last, ULID_BYTES) == 0;
	char first_id[ULID_LEN + 1], last_id[ULID_LEN + 1];
	const struct event *ev;
	struct event_iter *it;
	struct event *begin;
	int r;

	ulid_from_bytes(first_id, first);
	ulid_from_bytes(last_id, last);
	if ((r = event_find(&run->it, run->st, first_id, &ev, e)) != 1)
		return r;
	begin = event_dup(ev);
	event_rest(run->it);
	r = event_around(&it, run->st, begin, around, one ? around : 0, e);
	if (r == 0)
		r = print_events(run, it, NULL, e);
	if (r == 1 && !one)
		r = print_rest(run, begin, last_id, e);
	if (r == 1 && !one && around > 0 &&
	    (r = event_find(&run->it, run->st, last_id, &ev, e)) == 1) {
		free(begin);
		begin = event_dup(ev);
		event_rest(run->it);
		r = event_around(&it, run->st, begin, 0, around, e);
		/* the last itself comes first, and was printed */
		if (r == 0 && (r = event_next(it, &ev, e)) >= 0)
			r = print_events(run, it, NULL, e);
	}
	free(begin);
	return r;
}

static int
print_grip(struct toc_run *run, const struct grip *g, struct err *e)
{
	struct buf id = BUF_INIT;
	struct toc_node n;
	json_t *rec;
	int r;

	if ((rec = grip_json(run->st, &run->it, g, e)) == NULL)
		return -1;
	if ((r = toc_get(run->st, g->node, &n, e)) == 1) {
		buf_addf(&id, "toc:%s", n.name);
		json_object_set_new(rec, "toc_node_id", json_string(id.p));
	}
	r = r < 0 ? -1 : out_record(&run->out, rec, e);
	json_decref(rec);
	buf_release(&id);
	run->printed++;
	return r;
}

static int
expand_grip(struct toc_run *run, const char *id, struct err *e)
{
	struct grip g;
	int r;

	if ((r = grip_find(run->st, id, &g, e)) == 0) {
		cmd_note("no grip '%s'", id);
		run->absent++;
	}
	if (r != 1)
		return r;
	if (print_grip(run, &g, e) < 0 ||
	    (r = print_range(run, g.first, g.last, e)) < 0)
		return -1;
	if (r == 0)
		run->absent++;
	return 0;
}

/* The ends of a segment's events. */
static int
expand_segment(struct toc_run *run, const struct toc_node *n, struct err *e)
{
	uint8_t first[ULID_BYTES], last[ULID_BYTES];
	int r = toc_ends(run->st, n, first, last, e);

	if (r == 1 && (r = print_range(run, first, last, e)) == 1)
		return 0;
	if (r == 0)
		run->absent++;
	return r;
}

/* Each grip of a period's bullets. */
static int
expand_node(struct toc_run *run, const char *name, struct err *e)
{
	struct toc_version v;
	struct toc_node n;
	json_t *body, *bullet, *id;
	size_t i, k;
	int r;

	if ((r = toc_named(run, name, &n, e)) == 0)
		run->absent++;
	if (r != 1)
		return r;
	if (n.level == TOC_SEGMENT && !n.gone)
		return expand_segment(run, &n, e);
	if ((r = toc_live(run->st, &n, toc_o.as_of, &v, e)) != 1)
		return r;
	r = 0;
	body = toc_body_json(&v.text);
	json_array_foreach(json_object_get(body, "bullets"), i, bullet)
		json_array_foreach(json_object_get(bullet, "grip_ids"), k, id)
			if (r == 0)
				r = expand_grip(run, json_string_value(id),
				    e);
	json_decref(body);
	toc_version_release(&v);
	return r;
}

static int
expand_one(void *arg, const char *id, struct err *e)
{
	return str_starts(id, "grip:") ? expand_grip(arg, id, e) :
	    expand_node(arg, id, e);
}

int
toc_expand(struct toc_run *run, int argc, char **argv, struct err *e)
{
	int i, r = 0;

	if (argc == 0)
		return cmd_misuse(e, "expand which grip or node");
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? given_each("grip or node",
		    id_of, expand_one, run, &run->absent, e) :
		    expand_one(run, argv[i], e);
	if (r < 0)
		return -1;
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}
