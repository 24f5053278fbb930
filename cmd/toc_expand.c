/*
 * The events behind a grip or a node.
 */
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/toc.h"
#include "store/access.h"
#include "store/store.h"
#include "toc/grip.h"
#include "toc/toc_body.h"

#include <stdlib.h>
#include <string.h>

#define EVENT_LINES 8	/* of a text on a terminal, which -v shows whole */

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
	/* a session of this name may be another's */
	if ((str_eq(first->user, run->st->user) ?
	    event_open(&it, run->st, &eq, e) :
	    event_around(&it, run->st, first, 0, INT64_MAX, e)) < 0)
		return -1;
	/* up to the first itself, which was printed */
	while ((r = event_next(it, &ev, e)) == 1)
		if (strcmp(ev->id, first->id) == 0)
			return print_events(run, it, last, e);
	event_close(it);
	return r < 0 ? -1 : 1;
}

int
toc_event(struct toc_run *run, int64_t user, const uint8_t id[ULID_BYTES],
    const struct event **ev, struct err *e)
{
	char name[ULID_LEN + 1];
	int64_t seq;
	int r;

	ulid_from_bytes(name, id);
	if (user == 0)
		return event_find(&run->it, run->st, name, ev, e);
	if ((r = event_find_of(&run->it, run->st, user, name, ev, e)) != 1)
		return r;
	/* whose that is is known; may it be seen? */
	seq = (*ev)->seq;
	return event_get(&run->it, run->st, seq, ev, e);
}

/* From the first event of a range to the last, with so many around.  0: the
 * first is not there any more.  user 0: whoever's may be seen. */
static int
print_range(struct toc_run *run, int64_t user, const uint8_t first[ULID_BYTES],
    const uint8_t last[ULID_BYTES], struct err *e)
{
	int64_t around = toc_o.context > 0 ? toc_o.context : 0;
	bool one = memcmp(first, last, ULID_BYTES) == 0;
	char last_id[ULID_LEN + 1];
	const struct event *ev;
	struct event_iter *it;
	struct event *begin;
	int r;

	ulid_from_bytes(last_id, last);
	if ((r = toc_event(run, user, first, &ev, e)) != 1)
		return r;
	begin = event_dup(ev);
	event_rest(run->it);
	r = event_around(&it, run->st, begin, around, one ? around : 0, e);
	if (r == 0)
		r = print_events(run, it, NULL, e);
	if (r == 1 && !one)
		r = print_rest(run, begin, last_id, e);
	if (r == 1 && !one && around > 0 &&
	    (r = toc_event(run, user, last, &ev, e)) == 1) {
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
	if ((r = toc_see_id(run->st, g->node, &n, e)) == 1) {
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

	if ((r = toc_see_grip(run->st, id, &g, e)) == 0) {
		access_missed(run->st);
		cmd_note("no grip '%s'", id);
		run->absent++;
	}
	if (r != 1)
		return r;
	if (print_grip(run, &g, e) < 0 ||
	    (r = print_range(run, g.user, g.first, g.last,
	    e)) < 0)
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

	if (r == 1 && (r = print_range(run, n->user, first, last, e)) == 1)
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

/* Hits are events, too. */
static int
expand_event(struct toc_run *run, const uint8_t id[ULID_BYTES],
    const char *name, struct err *e)
{
	int r = print_range(run, 0, id, id, e);

	if (r == 0) {
		access_missed(run->st);
		cmd_note("no event '%s'", name);
		run->absent++;
	}
	return r < 0 ? -1 : 0;
}

static int
expand_one(void *arg, const char *id, struct err *e)
{
	uint8_t raw[ULID_BYTES];

	if (str_starts(id, "grip:"))
		return expand_grip(arg, id, e);
	if (ulid_parse(id, raw) == 1)
		return expand_event(arg, raw, id, e);
	return expand_node(arg, id, e);
}

int
toc_expand(struct toc_run *run, int argc, char **argv, struct err *e)
{
	int i, r = 0;

	if (argc == 0)
		return cmd_misuse(e, "expand which grip or node");
	run->out.lines = EVENT_LINES;
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? toc_given(run,
		    "grip, node or event", expand_one, run, e) :
		    expand_one(run, argv[i], e);
	if (r < 0)
		return -1;
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}
