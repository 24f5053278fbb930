/*
 * Bug records in the published form, as JSON and as tables.
 */
#include "from/bug_import.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want_any(name, names, why);

	if (shape == FROM_NONE && *why == NULL)
		shape = from_want(name, ".ndjson", why);
	return shape == FROM_NONE ? FROM_NONE : FROM_VALUES;
}

static enum from_shape
want_table(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".csv", why);

	(void)names;
	if (shape == FROM_NONE && *why == NULL)
		shape = from_want(name, ".tsv", why);
	return shape == FROM_NONE ? FROM_NONE : FROM_VALUES;
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	from_bug(f);
	from_bug_members(f, v, "column", NULL);
	return from_bug_add(f, e);
}

/* What is around a list is no record, unless it says that it is: one may
 * have a list of its own that is called "data". */
static int
around(struct from *f, int level, int64_t n, const json_t *v, struct err *e)
{
	(void)level;
	(void)n;
	if (json_object_get(v, "bug_id") == NULL &&
	    json_object_get(v, "severity") == NULL)
		return 0;
	return value(f, v, e);
}

static const char *const lists[] = { "bugs", "records", "items", "data",
    NULL };
static const struct from_bug_format bugs = { .inner = { lists },
    .shell = around };
static const struct from_bug_format table = { .table = true };

const struct from_format from_bugs = {
	.name = "bugs",
	.shape = FROM_VALUES,
	.names = "*.json, *.jsonl or *.ndjson",
	.want = want,
	.value = value,
	.bugs = &bugs,
};

const struct from_format from_bugs_csv = {
	.name = "bugs-csv",
	.shape = FROM_VALUES,
	.names = "*.csv or *.tsv",
	.want = want_table,
	.value = value,
	.bugs = &table,
};

/* --- Jira's CSV -------------------------------------------------------- */

static int
jira_row(struct from *f, const json_t *v, struct err *e)
{
	struct bug *b = from_bug(f);
	struct issue it = { 0 };
	json_t *more = NULL;
	size_t i;

	from_bug_members(f, v, "column.jira", &more);
	issue_severity(f, &it, b->text[BUG_SEVERITY].p);
	issue_priority(f, &it, b->text[BUG_PRIORITY].p);
	issue_type(f, &it, get_str(more, "type", NULL));
	for (i = 0; i < b->list[BUG_LABELS - BUG_TEXTS].n; i++)
		issue_type(f, &it, b->list[BUG_LABELS - BUG_TEXTS].v[i]);
	json_decref(more);
	return issue_add(f, &it, e);
}

const struct from_format from_jira_csv = {
	.name = "jira-csv",
	.shape = FROM_VALUES,
	.names = "*.csv or *.tsv",
	.want = want_table,
	.value = jira_row,
	.bugs = &table,
};

/* --- Defects4J --------------------------------------------------------- */

/* "Chart" of Chart.active-bugs.csv; "" of a stream. */
static void
put_project(struct from *f, struct bug *b)
{
	struct buf name = BUF_INIT;

	if (strcmp(f->src.path, "-") != 0)
		buf_add(&name, f->src.stem, strcspn(f->src.stem, "."));
	bug_fill(b, BUG_PROJECT, name.p);
	buf_release(&name);
}

/* The classes of classes.modified as the files that they are in. */
static void
classes_as_files(struct bug *b)
{
	struct strv *v = &b->list[BUG_FILES - BUG_TEXTS];
	struct buf path = BUF_INIT;
	char *p;
	size_t i;

	for (i = 0; i < v->n; i++) {
		if (strchr(v->v[i], '/') != NULL)
			continue;
		for (p = v->v[i]; *p != '\0'; p++)
			if (*p == '.')
				*p = '/';
		buf_reset(&path);
		buf_adds(&path, v->v[i]);
		buf_adds(&path, ".java");
		free(v->v[i]);
		v->v[i] = buf_steal(&path);
	}
	buf_release(&path);
}

/* A line of active-bugs.csv: known and fixed, and little is said of it. */
static int
defects4j_row(struct from *f, const json_t *v, struct err *e)
{
	struct bug *b = from_bug(f);
	struct buf id = BUF_INIT, title = BUF_INIT;
	struct issue it = { 0 };
	const char *fixed;
	json_t *more = NULL;

	from_bug_members(f, v, "column.defects4j", &more);
	put_project(f, b);
	classes_as_files(b);
	if (bug_has(b, BUG_ID)) {
		if (bug_has(b, BUG_PROJECT))
			buf_addf(&id, "%s-", b->text[BUG_PROJECT].p);
		buf_adds(&id, b->text[BUG_ID].p);
		bug_put(b, BUG_ID, id.p);
	}
	buf_adds(&title, id.p);
	if (bug_has(b, BUG_TITLE) &&
	    strcmp(b->text[BUG_TITLE].p, "UNKNOWN") != 0)
		buf_addf(&title, " (%s)", b->text[BUG_TITLE].p);
	bug_put(b, BUG_TITLE, title.p);
	if (str_eq(b->text[BUG_URL].p, "UNKNOWN"))
		buf_reset(&b->text[BUG_URL]);
	fixed = get_str(more, "fixed", NULL);
	buf_reset(&title);
	if (fixed != NULL) {
		buf_addf(&title, "revision %s", fixed);
		bug_put(b, BUG_FIX, title.p);
		bug_put(b, BUG_STATUS, "resolved");
	}
	if (get_str(more, "deprecated", NULL) != NULL)
		bug_put(b, BUG_STATUS, "rejected");
	bug_put(b, BUG_LANGUAGE, "Java");
	buf_release(&id);
	buf_release(&title);
	json_decref(more);
	return issue_add(f, &it, e);
}

const struct from_format from_defects4j = {
	.name = "defects4j",
	.shape = FROM_VALUES,
	.names = "*.csv",
	.want = want_table,
	.value = defects4j_row,
	.bugs = &table,
};
