/*
 * Jira's REST search: {"issues": [{"key", "fields": {...}}]}, of version 2
 * (texts) and 3 (documents), with "names" (expand=names) what fields of a
 * site's own are called.
 */
#include "from/bug_import.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

struct state {
	json_t *names;		/* own; "customfield_10010": "Root cause" */
};

static int
shell(struct from *f, int level, int64_t n, const json_t *v, struct err *e)
{
	struct state *s = f->priv;

	(void)level;
	(void)n;
	(void)e;
	if (json_is_object(json_object_get(v, "names"))) {
		json_decref(s->names);
		s->names = json_incref(json_object_get(v, "names"));
	}
	return 0;
}

/* Text, or a document of it. */
static void
put_document(struct from *f, struct bug *b, enum bug_field to,
    const json_t *v)
{
	buf_reset(&f->text);
	if (!json_is_null(v) && v != NULL)
		from_flatten(&f->text, v);
	bug_put(b, to, f->text.p);
}

/* Fields of the site's own that are called as a column of the CSV is. */
static void
put_named(struct from *f, struct issue *it, const json_t *fields)
{
	struct state *s = f->priv;
	json_t *named = json_object(), *more = NULL, *v;
	const char *key, *name;

	json_object_foreach((json_t *)fields, key, v)
		if (str_starts(key, "customfield_") && !json_is_null(v) &&
		    (name = get_str(s->names, key, NULL)) != NULL &&
		    bug_words_find(from_bug_words(f), "column.jira", name,
		    NULL) != NULL)
			json_object_set(named, name, v);
	from_bug_members(f, named, "column.jira", &more);
	issue_type(f, it, get_str(more, "type", NULL));
	json_decref(named);
	json_decref(more);
}

static void
put_names(struct bug *b, enum bug_field to, const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		bug_put(b, to, from_name(json_array_get(list, i)));
}

/* The place of the issue for people, from that for programs. */
static void
put_url(struct bug *b, const char *self, const char *key)
{
	const char *rest = self != NULL ? strstr(self, "/rest/") : NULL;
	struct buf url = BUF_INIT;

	if (rest != NULL && key != NULL) {
		buf_add(&url, self, (size_t)(rest - self));
		buf_addf(&url, "/browse/%s", key);
		bug_put(b, BUG_URL, url.p);
	}
	buf_release(&url);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *fields = json_object_get(v, "fields");
	const char *key = get_str(v, "key", NULL);
	struct bug *b = from_bug(f);
	struct issue it = { 0 };
	struct buf id = BUF_INIT;

	put_named(f, &it, fields);
	from_scalar(&id, json_object_get(v, "id"));
	bug_put(b, BUG_ID, key != NULL ? key : id.p);
	buf_release(&id);
	bug_put(b, BUG_TITLE, get_str(fields, "summary", NULL));
	put_document(f, b, BUG_DESCRIPTION,
	    json_object_get(fields, "description"));
	put_document(f, b, BUG_ENVIRONMENT,
	    json_object_get(fields, "environment"));
	issue_severity(f, &it, bug_has(b, BUG_SEVERITY) ?
	    b->text[BUG_SEVERITY].p : NULL);
	issue_priority(f, &it, from_name_of(fields, "priority"));
	issue_type(f, &it, from_name_of(fields, "issuetype"));
	bug_put(b, BUG_STATUS, from_name_of(fields, "status"));
	bug_put(b, BUG_RESOLUTION, from_name_of(fields, "resolution"));
	put_names(b, BUG_MODULE, json_object_get(fields, "components"));
	issue_labels(f, &it, json_object_get(fields, "labels"));
	bug_put(b, BUG_REPORTER, from_name_of(fields, "reporter"));
	bug_put(b, BUG_ASSIGNEE, from_name_of(fields, "assignee"));
	bug_put(b, BUG_PROJECT, get_str(json_object_get(fields, "project"),
	    "key", NULL));
	bug_fill(b, BUG_PROJECT, from_name_of(fields, "project"));
	bug_put(b, BUG_CREATED, get_str(fields, "created", NULL));
	bug_put(b, BUG_RESOLVED, get_str(fields, "resolutiondate", NULL));
	put_url(b, get_str(v, "self", NULL), key);
	return issue_add(f, &it, e);
}

static void
release(struct from *f)
{
	struct state *s = f->priv;

	json_decref(s->names);
}

static const char *const issues[] = { "issues", NULL };
static const struct from_bug_format bugs = { .inner = { issues },
    .shell = shell, .ahead = true };

const struct from_format from_jira = {
	.name = "jira",
	.size = sizeof(struct state),
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
	.release = release,
	.bugs = &bugs,
};
