/*
 * Issues of Redmine's REST interface: {"issues": [...]}.
 */
#include "from/bug_import.h"

#include "base/json.h"

#include <string.h>

/* Fields of the site's own, by their names. */
static void
put_custom(struct from *f, const json_t *list)
{
	json_t *named = json_object();
	const json_t *v;
	const char *name;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		v = json_array_get(list, i);
		if ((name = get_str(v, "name", NULL)) != NULL &&
		    json_object_get(v, "value") != NULL)
			json_object_set(named, name,
			    json_object_get(v, "value"));
	}
	from_bug_members(f, named, "column", NULL);
	json_decref(named);
}

static void
put_changes(struct bug *b, const json_t *sets)
{
	const json_t *files;
	size_t i, k;

	for (i = 0; i < json_array_size(sets); i++) {
		files = json_object_get(json_array_get(sets, i), "files");
		for (k = 0; k < json_array_size(files); k++)
			bug_put(b, BUG_FILES, json_string_value(
			    json_array_get(files, k)));
	}
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *status = json_object_get(v, "status");
	struct bug *b = from_bug(f);
	struct issue it = { 0 };
	struct buf id = BUF_INIT;

	put_custom(f, json_object_get(v, "custom_fields"));
	from_scalar(&id, json_object_get(v, "id"));
	bug_put(b, BUG_ID, id.p);
	buf_release(&id);
	bug_put(b, BUG_TITLE, get_str(v, "subject", NULL));
	bug_put(b, BUG_DESCRIPTION, get_str(v, "description", NULL));
	issue_severity(f, &it, bug_has(b, BUG_SEVERITY) ?
	    b->text[BUG_SEVERITY].p : NULL);
	issue_priority(f, &it, from_name_of(v, "priority"));
	issue_type(f, &it, from_name_of(v, "tracker"));
	bug_put(b, BUG_STATUS, from_name(status));
	/* names of a site's own */
	if (bug_words_find(from_bug_words(f), "status",
	    b->text[BUG_STATUS].p, NULL) == NULL &&
	    json_is_true(json_object_get(status, "is_closed")))
		bug_put(b, BUG_STATUS, "closed");
	bug_put(b, BUG_MODULE, from_name_of(v, "category"));
	bug_put(b, BUG_PROJECT, from_name_of(v, "project"));
	bug_put(b, BUG_REPORTER, from_name_of(v, "author"));
	bug_put(b, BUG_ASSIGNEE, from_name_of(v, "assigned_to"));
	put_changes(b, json_object_get(v, "changesets"));
	bug_put(b, BUG_CREATED, get_str(v, "created_on", NULL));
	bug_put(b, BUG_RESOLVED, get_str(v, "closed_on", NULL));
	return issue_add(f, &it, e);
}

static const char *const lists[] = { "issues", NULL };
static const struct from_bug_format bugs = { .inner = { lists } };

const struct from_format from_redmine = {
	.name = "redmine",
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
	.bugs = &bugs,
};
