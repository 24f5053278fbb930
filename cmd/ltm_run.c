/*
 * mem-ltm run, check.
 */
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "cmd/work.h"
#include "ltm/ltm.h"
#include "store/known.h"
#include "store/store.h"
#include "store/credential.h"

#include <inttypes.h>

#define WAIT_MS 10000		/* for another run */
#define SAMPLE 1000		/* rows */

struct running {
	struct ltm_tool *t;
	bool named;		/* who named a processor hears that there was
				   nothing to do */
	int64_t left;
};

int
ltm_progress(const char *what, int64_t n, struct err *e)
{
	cmd_progress("%" PRId64 " %s", n, what);
	return work_goes_on(e);
}

static int
progress(void *arg, int64_t rows, struct err *e)
{
	(void)arg;
	return ltm_progress("rows", rows, e);
}

int
ltm_print_change(struct ltm_tool *t, enum ltm_change change,
    const struct fact *before, const struct fact *after, struct err *e)
{
	const char *reason = get_str(after->body, "reason", NULL);
	char id[FACT_ID_LEN + 1];
	json_t *o;

	if (cmd.quiet)
		return 0;
	fact_id_format(id, after->id);
	o = json_pack("{s:s, s:s, s:s, s:O, s:O}", "type", "fact_change",
	    "fact_id", id, "change", ltm_changes[change], "content",
	    json_object_get(after->body, "content"), "tags",
	    json_object_get(after->body, "tags"));
	if (before != NULL)
		json_object_set_new(o, "before",
		    json_real(before->confidence));
	if (change != LTM_RETRACT)
		json_object_set_new(o, "after", json_real(after->confidence));
	if (reason != NULL)
		json_object_set_new(o, "reason", json_string(reason));
	return ltm_print(t, o, e);
}

static int
changed(void *arg, enum ltm_change change, const struct fact *before,
    const struct fact *after, struct err *e)
{
	struct running *run = arg;

	return ltm_print_change(run->t, change, before, after, e);
}

static int
done(void *arg, const struct ltm_sums *s, struct err *e)
{
	struct running *run = arg;

	cmd_progress_end();
	run->left += s->left;
	if (s->left > 0)
		cmd_note("%s over %s: %" PRId64 " facts are left for the next "
		    "run (--max-facts)", s->processor, s->kb, s->left);
	if (cmd.quiet || (!run->named && s->rows == 0 && s->groups == 0))
		return 0;
	return ltm_print(run->t, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:b}", "type", "ltm_run", "processor",
	    s->processor, "kb", s->kb, "rows", (json_int_t)s->rows, "groups",
	    (json_int_t)s->groups, "inserted", (json_int_t)s->inserted,
	    "updated", (json_int_t)s->updated, "retracted",
	    (json_int_t)s->retracted, "same", (json_int_t)s->same, "left",
	    (json_int_t)s->left, "dry_run", ltm_o.dry_run), e);
}

static int
run_one(struct running *run, const char *name, struct err *e)
{
	struct ltm_how how = { .kb = ltm_o.kb, .dry_run = ltm_o.dry_run,
	    .rebuild = ltm_o.rebuild, .max_facts = ltm_o.max_facts,
	    .wait_ms = WAIT_MS, .progress = progress, .changed = changed,
	    .done = done, .arg = run };
	struct processor *p = NULL;
	int r;

	if ((r = processor_find(&p, run->t->st, name, e)) == 0)
		r = ltm_run(run->t->st, p, &how, e);
	processor_free(p);
	return r;
}

int
ltm_verb_run(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct running run = { t, argc > 0, 0 };
	struct strv names = STRV_INIT;
	size_t i;
	int r = 0;

	work_begin(ltm_o.nice);
	for (i = 0; i < (size_t)argc; i++)
		strv_add(&names, argv[i]);
	if (argc == 0)
		r = processor_names(t->st, &names, e);
	for (i = 0; r == 0 && i < names.n; i++)
		r = run_one(&run, names.v[i], e);
	strv_release(&names);
	return r < 0 ? -1 : run.left > 0 ? EXIT_PART : EXIT_YES;
}

/* --- check ------------------------------------------------------------- */

static int
show_sample(void *arg, const struct ltm_sample *s, struct err *e)
{
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:b}", "type", "ltm_group",
	    "dimension", s->dimension, "value", s->value, "count",
	    (json_int_t)s->rows, "least", (json_int_t)s->least, "fact",
	    s->holds);
	if (s->project[0] != '\0')
		json_object_set_new(o, "project", json_string(s->project));
	if (s->why != NULL)
		json_object_set_new(o, "reason", json_string(s->why));
	if (s->body != NULL) {
		json_object_set_new(o, "confidence", json_real(s->confidence));
		json_object_set(o, "content",
		    json_object_get(s->body, "content"));
		json_object_set(o, "tags", json_object_get(s->body, "tags"));
	}
	return ltm_print(arg, o, e);
}

/* Groups of each knowledge base, or of the one that was named. */
static int
check_rows(struct ltm_tool *t, const struct processor *p, int64_t *rows,
    struct err *e)
{
	int64_t limit = ltm_o.limit > 0 ? ltm_o.limit : SAMPLE, n;
	struct strv kbs = STRV_INIT;
	size_t i;
	int r = 0;

	if (ltm_o.kb != NULL)
		strv_add(&kbs, ltm_o.kb);
	else
		r = known_names(t->st, KNOWN_KBS, INT64_MAX, &kbs, e);
	for (i = 0; r == 0 && i < kbs.n; i++) {
		r = ltm_try(t->st, p, kbs.v[i], limit, &n, show_sample, t, e);
		*rows += n;
	}
	strv_release(&kbs);
	return r;
}

int
ltm_verb_check(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct processor *p = NULL;
	struct store_where where;
	struct err none;
	int64_t rows = 0;
	int r;

	if (argc != 1)
		return cmd_misuse(e, "check takes one processor or file");
	cmd_asked(&where);
	where.need = RIGHT_LTM;
	/* a file can be read without a store, as in CI */
	if (store_open(&t->st, &where, STORE_READ, &none) == 0) {
		store_close(t->st);
		t->st = NULL;
		if (store_open(&t->st, &where, STORE_WRITE, e) < 0)
			return -1;
	} else if (none.code != ERR_ABSENT || ltm_o.kb != NULL) {
		*e = none;
		return -1;
	}
	if ((r = processor_find(&p, t->st, argv[0], e)) == 0 && t->st != NULL)
		r = check_rows(t, p, &rows, e);
	if (r == 0)
		cmd_note("'%s': %zu dimensions; %" PRId64 " rows of type '%s' "
		    "make %" PRId64 " groups", p->name, p->ndims, rows,
		    p->rows, t->printed);
	processor_free(p);
	return r < 0 ? -1 : EXIT_YES;
}
