/*
 * Where in time hits lie: the nodes, and how many in each.
 */
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/toc.h"
#include "store/access.h"
#include "toc/grip.h"

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
	if ((r = toc_of_event(run->st, session, ts, raw, n, e)) == 1)
		r = toc_may_see(run->st, n, e);
	return r;
}

static int
add_where(void *arg, const char *id, struct err *e)
{
	struct where *w = arg;
	struct toc_node n;
	struct grip g;
	int r, made;

	if (str_starts(id, "grip:")) {
		if ((r = toc_see_grip(w->run->st, id, &g, e)) == 1)
			r = toc_see_id(w->run->st, g.node, &n, e);
	} else if ((r = toc_see(w->run->st, id, &n, e)) == 0) {
		r = node_of_event(w->run, id, &n, e);
	}
	if (r == 0) {
		access_missed(w->run->st);
		cmd_note("'%s' lies in no node of the contents; mem-toc build "
		    "brings them up to date", id);
		w->run->absent++;
	}
	if (r == 1)
		map_put(&w->hits, n.name, &made)->i++;
	return r < 0 ? -1 : 0;
}

/* How many lie in each node above, too. */
static int
count_above(struct where *w, struct map *all, struct err *e)
{
	struct toc_node n;
	int64_t hits;
	size_t i;
	int r, made;

	for (i = 0; i < w->hits.n; i++) {
		hits = w->hits.e[i].v.i;
		if (toc_see(w->run->st, w->hits.e[i].key, &n, e) != 1)
			return -1;
		for (;;) {
			map_put(all, n.name, &made)->i += hits;
			if (n.parent == 0)
				break;
			if ((r = toc_see_id(w->run->st, n.parent, &n, e)) < 0)
				return -1;
			if (r == 0)
				break;
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
	rec = toc_record(run, n, &v, e);
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
	    toc_see_each(w->run->st, n, toc_o.as_of, walk, w, e);
}

int
toc_where(struct toc_run *run, struct err *e)
{
	struct where w = { run, MAP_INIT };
	struct map all = MAP_INIT;
	struct walk walker = { run, &all };
	int r;

	r = toc_given(run, "event, node or grip", add_where, &w, e);
	if (r == 0)
		r = count_above(&w, &all, e);
	if (r == 0)
		r = toc_see_each(run->st, NULL, toc_o.as_of, walk, &walker, e);
	map_release(&w.hits);
	map_release(&all);
	return r;
}
