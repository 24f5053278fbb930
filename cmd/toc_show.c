/*
 * Nodes, by whatever name somebody calls them.
 */
#include "base/date.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/toc.h"
#include "store/access.h"
#include "store/store.h"
#include "toc/grip.h"
#include "toc/toc_body.h"
#include "toc/toc_build.h"

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
		return toc_see(run->st, p.name, n, e);
	if (date_parse(s, date_now(), &start, &end, &why) < 0)
		return err_set(e, ERR_USAGE, "'%s' is neither the id of a "
		    "node nor a day, week, month or year", s);
	if (!toc_period_range(start, end, &p))
		toc_period_of(TOC_DAY, start, &p);
	return toc_see(run->st, p.name, n, e);
}

static int
note_absent(struct toc_run *run, const char *s, struct err *e)
{
	int64_t lag;

	if (toc_lag(run->st, &lag, e) < 0)
		return -1;
	access_missed(run->st);
	cmd_note("the contents have nothing of '%s'%s", s, lag > 0 ?
	    "; mem-toc build brings them up to date" : "");
	return 0;
}

int
toc_named(struct toc_run *run, const char *s, struct toc_node *n,
    struct err *e)
{
	int r = toc_see(run->st, s, n, e);

	if (r == 0) {
		if (str_starts(s, "toc:"))
			s += 4;
		r = str_starts(s, "segment:") ? 0 :
		    period_named(run, s, n, e);
	}
	if (r < 0 && run->given && e->code == ERR_USAGE) {
		cmd_note("%s", e->msg);
		return 0;
	}
	return r == 0 ? note_absent(run, s, e) : r;
}

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

int
toc_given(struct toc_run *run, const char *what,
    int (*fn)(void *, const char *, struct err *), void *arg, struct err *e)
{
	int r;

	run->given = true;
	r = given_each(what, id_of, fn, arg, &run->absent, e);
	run->given = false;
	return r;
}

/* --- marks ------------------------------------------------------------- */

const struct map *
toc_marks_for(struct toc_run *run, const struct toc_node *n, struct err *e)
{
	if (n->user == run->st->user_id)
		return &run->marks;
	if (n->user != run->other) {
		map_release(&run->others);
		run->others = (struct map)MAP_INIT;
		run->other = n->user;
		if (toc_marks_of(run->st, n->user, &run->others, e) < 0)
			return NULL;
	}
	return &run->others;
}

json_t *
toc_record(struct toc_run *run, const struct toc_node *n,
    const struct toc_version *v, struct err *e)
{
	const struct map *marks = toc_marks_for(run, n, e);

	return marks == NULL ? NULL : toc_json(run->st, n, v, marks,
	    toc_o.as_of, e);
}

int
toc_hidden(struct toc_run *run, const struct toc_node *n, struct err *e)
{
	const struct map *marks = toc_marks_for(run, n, e);

	return marks == NULL ? -1 : toc_mark_of(marks, n->name) == TOC_HIDE;
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

	if ((r = toc_hidden(c->run, n, e)) != 0)
		return r < 0 ? -1 : 0;
	if ((r = toc_live(c->run->st, n, toc_o.as_of, &v, e)) != 1)
		return r;
	buf_addf(&id, "toc:%s", n->name);
	body = toc_body_json(&v.text);
	json_array_append_new(c->list, json_pack("{s:s, s:O*, s:I, s:I}",
	    "node_id", id.p, "title", json_object_get(body, "title"), "start",
	    (json_int_t)n->start_ms, "end", (json_int_t)n->end_ms));
	json_decref(body);
	toc_version_release(&v);
	buf_release(&id);
	return 0;
}

/* With the titles of what is below, so that one need not ask for each; as
 * text, if it does not follow anyway. */
static int
print_record(struct toc_run *run, const struct toc_node *n,
    const struct toc_version *v, bool follow, struct err *e)
{
	struct children c = { run, NULL };
	json_t *rec;
	int r = 0;

	if ((rec = toc_record(run, n, v, e)) == NULL)
		return -1;
	if (n->level != TOC_SEGMENT && !(follow && run->out.text)) {
		c.list = json_array();
		json_object_set_new(rec, "children", c.list);
		r = toc_see_each(run->st, n, toc_o.as_of, add_child, &c, e);
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

static int	print_below(void *, const struct toc_node *, struct err *);

/* 1 printed, 0 it holds nothing. */
static int
print_tree(struct toc_run *run, const struct toc_node *n, int64_t depth,
    struct err *e)
{
	struct below b = { run, depth - 1 };
	struct toc_version v;
	int r;

	if ((r = toc_live(run->st, n, toc_o.as_of, &v, e)) != 1)
		return r;
	r = print_record(run, n, &v, depth > 0, e);
	toc_version_release(&v);
	if (r == 0 && depth > 0 && n->level != TOC_SEGMENT)
		r = toc_see_each(run->st, n, toc_o.as_of, print_below, &b, e);
	return r < 0 ? -1 : 1;
}

static int
print_below(void *arg, const struct toc_node *n, struct err *e)
{
	struct below *b = arg;
	int r;

	if ((r = toc_hidden(b->run, n, e)) != 0)
		return r < 0 ? -1 : 0;
	return print_tree(b->run, n, b->depth, e) < 0 ? -1 : 0;
}

/* What was asked for by name is shown even if it is hidden. */
int
toc_print(struct toc_run *run, const struct toc_node *n, struct err *e)
{
	int r = print_tree(run, n, toc_o.depth, e);

	if (r == 0)
		cmd_note(toc_o.as_of == TOC_NOW ? "'%s' holds nothing any "
		    "more" : "'%s' was not there then", n->name);
	return r;
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

int
toc_show(struct toc_run *run, int argc, char **argv, struct err *e)
{
	struct below b = { run, toc_o.depth };
	int i, r = 0;

	if (argc == 0)
		r = toc_see_each(run->st, NULL, toc_o.as_of, print_below, &b,
		    e);
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? toc_where(run, e) :
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
