/*
 * Issues of GitLab's REST interface.
 */
#include "from/bug_import.h"

#include "base/json.h"

#include <string.h>

/* "group/project" of "group/project#12", or of the place for people. */
static void
add_project(struct buf *b, const json_t *v)
{
	const char *s = get_str(json_object_get(v, "references"), "full",
	    NULL), *end, *p;

	if (s != NULL) {
		buf_add(b, s, strcspn(s, "#"));
		return;
	}
	if ((s = get_str(v, "web_url", NULL)) == NULL ||
	    ((end = strstr(s, "/-/")) == NULL &&
	    (end = strstr(s, "/issues/")) == NULL) ||
	    (p = strstr(s, "://")) == NULL ||
	    (p = strchr(p + 3, '/')) == NULL || p + 1 >= end)
		return;
	buf_add(b, p + 1, (size_t)(end - p - 1));
}

static void
put_id(struct bug *b, const json_t *v)
{
	struct buf project = BUF_INIT, id = BUF_INIT;

	add_project(&project, v);
	bug_put(b, BUG_PROJECT, project.p);
	if (json_object_get(v, "iid") != NULL) {
		buf_addf(&id, "%s#", project.p);
		from_scalar(&id, json_object_get(v, "iid"));
	} else
		from_scalar(&id, json_object_get(v, "id"));
	bug_put(b, BUG_ID, id.p);
	buf_release(&project);
	buf_release(&id);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *all = json_object_get(v, "assignees");
	struct bug *b = from_bug(f);
	struct issue it = { 0 };

	put_id(b, v);
	bug_put(b, BUG_TITLE, get_str(v, "title", NULL));
	bug_put(b, BUG_DESCRIPTION, get_str(v, "description", NULL));
	bug_put(b, BUG_STATUS, get_str(v, "state", NULL));
	issue_labels(f, &it, json_object_get(v, "labels"));
	issue_severity(f, &it, get_str(v, "severity", NULL));
	issue_type(f, &it, get_str(v, "issue_type", NULL));
	bug_put(b, BUG_REPORTER, from_name_of(v, "author"));
	bug_put(b, BUG_ASSIGNEE, from_name_of(v, "assignee"));
	bug_fill(b, BUG_ASSIGNEE, from_name(json_array_get(all, 0)));
	bug_put(b, BUG_CREATED, get_str(v, "created_at", NULL));
	bug_put(b, BUG_RESOLVED, get_str(v, "closed_at", NULL));
	bug_put(b, BUG_URL, get_str(v, "web_url", NULL));
	return issue_add(f, &it, e);
}

static const char *const lists[] = { "issues", NULL };
static const struct from_bug_format bugs = { .inner = { lists } };

const struct from_format from_gitlab = {
	.name = "gitlab",
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
	.bugs = &bugs,
};
