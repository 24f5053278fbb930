/*
 * mem-ltm list, explain, history.
 */
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/ltm.h"
#include "cmd/ltm_number.h"
#include "ltm/live.h"
#include "ltm/ltm.h"
#include "review/review.h"
#include "store/access.h"

#include <string.h>

int
ltm_print(struct ltm_tool *t, json_t *own, struct err *e)
{
	int r = own != NULL ? out_record(&t->out, own, e) :
	    err_set(e, ERR_CORRUPT, "a fact of the store is damaged; run "
	    "mem-admin check");

	json_decref(own);
	t->printed++;
	return r;
}

int
ltm_print_fact(void *tool, const struct fact *f, struct err *e)
{
	struct ltm_tool *t = tool;
	json_t *o = fact_json_seen(t->st, f, e);

	return o != NULL ? ltm_print(t, o, e) : -1;
}

static int
nothing(void *arg, const struct fact *f, struct err *e)
{
	(void)arg;
	(void)f;
	(void)e;
	return 0;
}

int
ltm_named(struct ltm_tool *t, const char *name, int64_t *id, struct err *e)
{
	int r = fact_id_read(name, id);

	if (r == 1)
		r = fact_find(t->st, *id, 0, nothing, NULL, e);
	if (r == 0) {
		access_missed(t->st);
		cmd_note("there is no fact '%s'; mem-ltm list shows them",
		    name);
		t->absent++;
	}
	return r;
}

struct naming {
	struct ltm_tool *t;
	int (*fn)(struct ltm_tool *, int64_t, struct err *);
	int64_t done;
};

static int
name_one(void *arg, const char *name, struct err *e)
{
	struct naming *n = arg;
	int64_t id;
	int r;

	if ((r = ltm_named(n->t, name, &id, e)) == 1) {
		n->done++;
		r = n->fn(n->t, id, e);
	}
	return r < 0 ? -1 : 0;
}

static const char *
id_of(const json_t *rec)
{
	const char *id = get_str(rec, "fact_id", NULL);

	return id != NULL ? id :
	    get_str(json_object_get(rec, "record"), "fact_id", NULL);
}

int
ltm_each_named(struct ltm_tool *t, int argc, char **argv,
    int (*fn)(struct ltm_tool *, int64_t, struct err *), struct err *e)
{
	struct naming n = { t, fn, 0 };
	int i, r = 0;

	if (argc == 0)
		return cmd_misuse(e, "which fact");
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? given_each("fact", id_of,
		    name_one, &n, &t->absent, e) : name_one(&n, argv[i], e);
	if (r < 0)
		return -1;
	return t->absent == 0 ? EXIT_YES : n.done > 0 ? EXIT_PART : EXIT_NO;
}

/* --- list -------------------------------------------------------------- */

static int
list_one(void *arg, const struct fact *f, struct err *e)
{
	struct ltm_tool *t = arg;

	if (ltm_print_fact(t, f, e) < 0)
		return -1;
	return ltm_o.limit > 0 && t->printed >= ltm_o.limit;
}

int
ltm_verb_list(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct fact_query q = { .scope = ltm_o.scope,
	    .as_of_ms = ltm_o.as_of, .gone = ltm_o.gone, .tags = &ltm_o.tags };

	if (argc > 0)
		return cmd_misuse(e, "list takes no operands");
	if (ltm_o.history != NULL)
		return ltm_verb_history(t, 1, (char *[]){
		    (char *)ltm_o.history }, e);
	if (ltm_number("--min-confidence", ltm_o.min_confidence,
	    &q.min_confidence, e) < 0 ||
	    fact_each(t->st, &q, list_one, t, e) < 0)
		return -1;
	(void)argv;
	return t->printed > 0 ? EXIT_YES : EXIT_NO;
}

int
ltm_verb_history(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	int64_t id;
	int r;

	if (argc != 1)
		return cmd_misuse(e, "history takes one fact");
	if ((r = ltm_named(t, argv[0], &id, e)) == 1)
		r = fact_versions(t->st, id, ltm_print_fact, t, e);
	return r < 0 ? -1 : t->printed > 0 ? EXIT_YES : EXIT_NO;
}

/* --- explain ----------------------------------------------------------- */

/* Of what was said: the events, and the words. */
static int
explain_live(struct store *st, const struct fact *f, json_t *o, json_t *rows,
    struct err *e)
{
	const json_t *ids = get_path(f->body, "metadata.source_event_ids");
	json_t *grips = json_array();
	int r = live_grips(st, f, grips, e);

	if (r == 1) {
		json_array_extend(rows, (json_t *)ids);
		r = fact_hide_events(st, f, rows, e);
		json_object_set(o, "grips", grips);
	}
	json_decref(grips);
	return r;
}

/* A step of what reviews find by it. */
static int
put_verdict(void *arg, const struct verdict *v, struct err *e)
{
	json_t *list = arg;

	(void)e;
	json_array_append_new(list, json_pack("{s:s, s:s*, s:s, s:I, s:s*, "
	    "s:f}", "verdict", v->name, "file", v->file, "by", v->by, "at",
	    (json_int_t)v->at_ms, "reason", v->reason, "add",
	    review_verdict_adds(v->name)));
	return 0;
}

static int
explain_verdicts(struct store *st, const char *id, json_t *o, struct err *e)
{
	json_t *list = json_array();
	int r = verdict_each(st, id, NULL, NULL, put_verdict, list, e);

	if (json_array_size(list) > 0)
		json_object_set(o, "verdicts", list);
	json_decref(list);
	return r;
}

static int
explain_fact(void *arg, const struct fact *f, struct err *e)
{
	struct ltm_tool *t = arg;
	const char *reason = get_str(f->body, "reason", NULL);
	json_t *o, *steps = json_object_get(f->body, "steps");
	json_t *rows = json_array();
	char id[FACT_ID_LEN + 1];

	fact_id_format(id, f->id);
	o = json_pack("{s:s, s:s, s:O, s:f}", "type", "explanation",
	    "fact_id", id, "content", json_object_get(f->body, "content"),
	    "confidence", f->confidence);
	if (steps != NULL)
		json_object_set(o, "steps", steps);
	if (json_object_get(f->body, "decay") != NULL)
		json_object_set(o, "decay", json_object_get(f->body, "decay"));
	if (reason != NULL)
		json_object_set_new(o, "reason", json_string(reason));
	if (f->graft[0] != '\0')
		json_object_set_new(o, "graft", json_string(f->graft));
	if (explain_verdicts(t->st, id, o, e) < 0 ||
	    explain_live(t->st, f, o, rows, e) < 0 ||
	    ltm_sources(t->st, f, rows, e) < 0) {
		json_decref(rows);
		json_decref(o);
		return -1;
	}
	json_object_set_new(o, "count",
	    json_integer((json_int_t)json_array_size(rows)));
	json_object_set_new(o, "rows", rows);
	return ltm_print(t, o, e);
}

static int
explain_one(struct ltm_tool *t, int64_t id, struct err *e)
{
	return fact_find(t->st, id, 0, explain_fact, t, e) < 0 ? -1 : 0;
}

int
ltm_verb_explain(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	return ltm_each_named(t, argc, argv, explain_one, e);
}
