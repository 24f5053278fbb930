/*
 * mem-ltm mark, reject: what somebody thinks of facts and rows.
 */
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/ltm.h"
#include "ltm/verdict.h"
#include "store/access.h"
#include "store/store.h"

#include <string.h>

static int
end(const struct ltm_tool *t)
{
	return t->absent == 0 && t->printed > 0 ? EXIT_YES :
	    t->printed > 0 ? EXIT_PART : EXIT_NO;
}

static void
note_absent(struct ltm_tool *t, const char *what, const char *name)
{
	access_missed(t->st);
	cmd_note("there is no %s '%s'", what, name);
	t->absent++;
}

static json_t *
verdict_json(const char *name)
{
	return json_pack("{s:s, s:s, s:b}", "type", "verdict", "verdict",
	    name, "holds", !ltm_o.undo);
}

/* --- reject ------------------------------------------------------------ */

int
ltm_verb_reject(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct verdict_target what;
	json_t *o;
	int i, r;

	if (argc == 0)
		return cmd_misuse(e, "which record");
	for (i = 0; i < argc; i++) {
		if ((r = verdict_reject(t->st, ltm_o.kb, argv[i],
		    !ltm_o.undo, &what, e)) == 1) {
			o = verdict_json(VERDICT_REJECTED);
			json_object_set_new(o, "kb", json_string(what.kb));
			json_object_set_new(o, "record_id",
			    json_string(what.id));
			r = ltm_print(t, o, e);
		} else if (r == 0)
			note_absent(t, "record", argv[i]);
		verdict_target_release(&what);
		if (r < 0)
			return -1;
	}
	return end(t);
}

/* --- mark -------------------------------------------------------------- */

struct marking {
	struct ltm_tool *t;
	const char *verdict;
	const char *file;	/* of the finding at hand; NULL: all */
};

static int
print_mark(const struct marking *m, const struct verdict *v,
    const struct verdict_target *row, struct err *e)
{
	json_t *o = verdict_json(v->name);

	if (row == NULL)
		json_object_set_new(o, "fact_id", json_string(v->about));
	else {
		json_object_set_new(o, "kb", json_string(row->kb));
		json_object_set_new(o, "record_id", json_string(row->id));
	}
	if (v->file != NULL)
		json_object_set_new(o, "file", json_string(v->file));
	json_object_set_new(o, "by", json_string(m->t->st->user));
	if (v->reason != NULL)
		json_object_set_new(o, "reason", json_string(v->reason));
	return ltm_print(m->t, o, e);
}

static int
say(const struct marking *m, const char *about,
    const struct verdict_target *row, struct err *e)
{
	struct verdict v = { .name = m->verdict, .about = about,
	    .file = ltm_o.file != NULL ? ltm_o.file : m->file,
	    .reason = ltm_o.reason };

	return verdict_mark(m->t->st, &v, !ltm_o.undo, e) < 0 ? -1 :
	    print_mark(m, &v, row, e);
}

/* A fact, or else a record. */
static int
mark_one(void *arg, const char *name, struct err *e)
{
	const struct marking *m = arg;
	struct verdict_target row;
	char id[FACT_ID_LEN + 1];
	struct buf about = BUF_INIT;
	int64_t fact;
	int r;

	if (fact_id_read(name, &fact)) {
		r = fact_may_change(m->t->st, fact, e);
		fact_id_format(id, fact);
		if (r != 0)
			return r < 0 ? -1 : say(m, id, NULL, e);
	}
	if ((r = verdict_find(m->t->st, ltm_o.kb, name, &row, e)) == 1) {
		buf_addf(&about, "%s/%s", row.kb, row.id);
		r = say(m, about.p, &row, e);
		verdict_target_release(&row);
		buf_release(&about);
	} else if (r == 0)
		note_absent(m->t, "fact or record", name);
	return r;
}

static int
mark_all(struct marking *m, const json_t *names, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < json_array_size(names); i++)
		if (json_is_string(json_array_get(names, i)))
			r = mark_one(m, json_string_value(json_array_get(
			    names, i)), e);
	return r;
}

/* What a finding rests on, in its file; or the fact or row of any record. */
static int
mark_record(void *arg, const json_t *rec, struct err *e)
{
	struct marking *m = arg;
	const json_t *in = json_object_get(rec, "record");
	const json_t *facts = json_object_get(rec, "facts");
	const json_t *records = json_object_get(rec, "records");
	struct buf name = BUF_INIT;
	const char *id;
	int r;

	if (str_eq(get_str(rec, "type", NULL), "finding")) {
		if (json_array_size(facts) + json_array_size(records) == 0)
			return 0;
		m->file = get_str(rec, "file", NULL);
		r = mark_all(m, facts, e) < 0 || mark_all(m, records, e) < 0 ?
		    -1 : 1;
		m->file = NULL;
		return r;
	}
	in = in != NULL ? in : rec;
	if ((id = get_str(in, "fact_id", NULL)) == NULL &&
	    (id = get_str(in, "record_id", NULL)) == NULL)
		return 0;
	if (get_str(in, "record_id", NULL) != NULL &&
	    get_str(in, "kb", NULL) != NULL)
		buf_addf(&name, "%s/", get_str(in, "kb", NULL));
	buf_adds(&name, id);
	r = mark_one(m, name.p, e) < 0 ? -1 : 1;
	buf_release(&name);
	return r;
}

int
ltm_verb_mark(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct marking m = { t, argc > 0 ? argv[argc - 1] : NULL, NULL };
	int i, r = 0;

	if (argc < 2 || (!str_eq(m.verdict, VERDICT_FALSE) &&
	    !str_eq(m.verdict, VERDICT_MISSED)))
		return cmd_misuse(e, "mark takes facts or records, and then "
		    "what they are: " VERDICT_FALSE " or " VERDICT_MISSED);
	for (i = 0; r == 0 && i < argc - 1; i++)
		r = strcmp(argv[i], "-") == 0 ? given_each_record(
		    "fact or record", mark_record, mark_one, &m, &t->absent,
		    e) : mark_one(&m, argv[i], e);
	return r < 0 ? -1 : end(t);
}
