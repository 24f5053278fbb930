/*
 * All that is live, for people (HTML, Markdown) and for programs (JSON
 * Lines): children before parents, then every grip that was named.  The same
 * store gives the same bytes, whatever the clock says.
 */
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/toc.h"
#include "cmd/toc_page.h"
#include "store/store.h"
#include "toc/grip.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export {
	struct toc_run *run;
	const struct page *page;	/* NULL: records */
	struct map grips;		/* ids named */
	struct map nodes;		/* names of what was printed */
};

static void
name_grips(struct export *x, const json_t *rec)
{
	json_t *bullet, *id;
	size_t i, k;
	int made;

	json_array_foreach(json_object_get(rec, "bullets"), i, bullet)
		json_array_foreach(json_object_get(bullet, "grip_ids"), k, id)
			map_put(&x->grips, json_string_value(id), &made);
}

static int
record_of(struct export *x, const struct toc_node *n, json_t **rec,
    struct err *e)
{
	char key[TOC_NAME_MAX + 24];
	struct toc_version v;
	int r, made = 1;

	*rec = NULL;
	if ((r = toc_hidden(x->run, n, e)) != 0)
		return r < 0 ? -1 : 0;
	snprintf(key, sizeof key, "%s %" PRId64, n->name, n->user);
	map_put(&x->nodes, key, &made);
	if (!made)
		return 0;
	if ((r = toc_live(x->run->st, n, toc_o.as_of, &v, e)) != 1)
		return r;
	*rec = toc_record(x->run, n, &v, e);
	toc_version_release(&v);
	if (*rec == NULL)
		return -1;
	json_object_del(*rec, "open");	/* the clock says that */
	name_grips(x, *rec);
	return 1;
}

/* --- records ----------------------------------------------------------- */

static int
each_record(void *arg, const struct toc_node *n, struct err *e)
{
	struct export *x = arg;
	json_t *rec;
	int r = record_of(x, n, &rec, e);

	if (r != 1)
		return r;
	r = n->level == TOC_SEGMENT ? 0 : toc_see_each(x->run->st, n,
	    toc_o.as_of,
	    each_record, x, e);
	if (r == 0)
		r = out_record(&x->run->out, rec, e);
	json_decref(rec);
	x->run->printed++;
	return r;
}

static int
print_grips(struct export *x, struct err *e)
{
	struct grip g;
	json_t *rec;
	size_t i;
	int r = 0;

	for (i = 0; i < x->grips.n && r == 0; i++) {
		if ((r = toc_see_grip(x->run->st, x->grips.e[i].key, &g, e)) !=
		    1)
			continue;
		rec = grip_json(x->run->st, &x->run->it, &g, e);
		r = rec != NULL ? out_record(&x->run->out, rec, e) : -1;
		json_decref(rec);
	}
	return r;
}

/* --- pages ------------------------------------------------------------- */

static int
put_events(struct export *x, const struct toc_node *n, struct err *e)
{
	uint8_t first[ULID_BYTES], last[ULID_BYTES];
	struct event_query eq = EVENT_QUERY_INIT;
	char first_id[ULID_LEN + 1], last_id[ULID_LEN + 1];
	const struct event *ev;
	struct event_iter *it;
	struct event *begin;
	bool within = false;
	int r;

	if ((r = toc_ends(x->run->st, n, first, last, e)) != 1)
		return r;
	ulid_from_bytes(first_id, first);
	ulid_from_bytes(last_id, last);
	if ((r = toc_event(x->run, n->user, first, &ev, e)) != 1)
		return r;
	begin = event_dup(ev);
	event_rest(x->run->it);
	eq.session = begin->session;
	eq.since_ms = n->start_ms;
	eq.until_ms = n->end_ms;
	/* a session of this name may be another's */
	r = n->user == x->run->st->user_id ? event_open(&it, x->run->st, &eq,
	    e) : event_around(&it, x->run->st, begin, 0, INT64_MAX, e);
	if (r == 0) {
		while ((r = event_next(it, &ev, e)) == 1) {
			within = within || strcmp(ev->id, first_id) == 0;
			if (within)
				x->page->event(&x->run->out.b, ev);
			if (strcmp(ev->id, last_id) == 0)
				break;
		}
		event_close(it);
	}
	free(begin);
	return r < 0 ? -1 : 0;
}

/* The event that each bullet rests on, for the page to lead there. */
static int
name_events(struct export *x, json_t *rec, struct err *e)
{
	const char *id;
	char event[ULID_LEN + 1];
	json_t *v, *ids;
	struct grip g;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(rec, "bullets"), i, v) {
		ids = json_object_get(v, "grip_ids");
		if ((id = json_string_value(json_array_get(ids, 0))) == NULL)
			continue;
		if ((r = toc_see_grip(x->run->st, id, &g, e)) < 0)
			break;
		ulid_from_bytes(event, g.event);
		if (r == 1)
			json_object_set_new(v, "event_id",
			    json_string(event));
	}
	return r < 0 ? -1 : 0;
}

static int
each_page(void *arg, const struct toc_node *n, struct err *e)
{
	struct export *x = arg;
	struct buf *b = &x->run->out.b;
	json_t *rec;
	int r = record_of(x, n, &rec, e);

	if (r != 1)
		return r;
	r = name_events(x, rec, e);
	x->page->begin(b, n, rec);
	json_decref(rec);
	if (r < 0)
		return -1;
	if (n->level == TOC_SEGMENT)
		r = put_events(x, n, e);
	else
		r = toc_see_each(x->run->st, n, toc_o.as_of, each_page, x, e);
	x->page->end(b, n);
	x->run->printed++;
	if (r == 0 && b->len > 65536)
		r = out_flush(&x->run->out, e);
	return r;
}

/* Each node once, also one that lies in another that is named. */
static int
export_nodes(struct export *x, int argc, char **argv, struct err *e)
{
	int (*each)(void *, const struct toc_node *, struct err *) =
	    x->page != NULL ? each_page : each_record;
	struct toc_node n;
	int i, r = 0;

	if (argc == 0)
		return toc_see_each(x->run->st, NULL, toc_o.as_of, each, x, e);
	for (i = 0; r == 0 && i < argc; i++) {
		r = toc_named(x->run, argv[i], &n, e);
		x->run->absent += r == 0;
		if (r == 1)
			r = each(x, &n, e);
	}
	return r;
}

int
toc_export(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct export x = { run, NULL, MAP_INIT, MAP_INIT };
	int r;

	if (str_eq(cmd.format, "html"))
		x.page = &page_html;
	if (str_eq(cmd.format, "md"))
		x.page = &page_md;
	if (x.page != NULL)
		x.page->head(&run->out.b, run->st->user,
		    toc_zone_name(run->st, run->st->user));
	r = export_nodes(&x, argc, argv, e);
	if (x.page != NULL)
		x.page->foot(&run->out.b);
	else if (r == 0)
		r = print_grips(&x, e);
	map_release(&x.grips);
	map_release(&x.nodes);
	if (r < 0)
		return -1;
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}
