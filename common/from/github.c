/*
 * Issues of GitHub, as its REST interface has them ("html_url", "closed_at"),
 * its search ({"items": [...]}), and gh issue list --json ("url",
 * "closedAt").  Pull requests are in the same lists; they are no bugs.
 */
#include "from/bug_import.h"

#include "base/json.h"

#include <string.h>

/* REST's name, or gh's. */
static const json_t *
either(const json_t *v, const char *rest, const char *gh)
{
	const json_t *x = json_object_get(v, rest);

	return x != NULL ? x : json_object_get(v, gh);
}

static const char *
text(const json_t *v, const char *rest, const char *gh)
{
	return json_string_value(either(v, rest, gh));
}

/* "owner/name" of ".../owner/name/issues/12" and ".../repos/owner/name". */
static void
add_repository(struct buf *b, const json_t *v)
{
	const char *url = get_str(v, "repository_url", NULL), *p;
	const char *end = NULL;

	if (url != NULL && (p = strstr(url, "/repos/")) != NULL) {
		buf_adds(b, p + strlen("/repos/"));
		return;
	}
	if ((url = text(v, "html_url", "url")) == NULL ||
	    ((end = strstr(url, "/issues/")) == NULL &&
	    (end = strstr(url, "/pull/")) == NULL) ||
	    (p = strstr(url, "://")) == NULL ||
	    (p = strchr(p + 3, '/')) == NULL || p >= end)
		return;
	p += strncmp(p, "/repos/", 7) == 0 ? 7 : 1;
	if (p < end)
		buf_add(b, p, (size_t)(end - p));
}

static void
put_files(struct bug *b, const json_t *list)
{
	const json_t *v;
	const char *s;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		v = json_array_get(list, i);
		if ((s = json_string_value(v)) == NULL &&
		    (s = get_str(v, "filename", NULL)) == NULL)
			s = get_str(v, "path", NULL);
		bug_put(b, BUG_FILES, s);
	}
}

/* Files of the issue, of the changes that closed it and of their commits,
 * where an export has put them in. */
static void
put_changes(struct bug *b, const json_t *v, int depth)
{
	static const char *const keys[] = { "commits", "pull_requests",
	    "linked_pull_requests", "closed_by_pull_requests",
	    "closedByPullRequestsReferences", NULL };
	const json_t *list;
	size_t i;
	int k;

	put_files(b, json_object_get(v, "files"));
	for (k = 0; keys[k] != NULL && depth < 2; k++) {
		list = json_object_get(v, keys[k]);
		for (i = 0; i < json_array_size(list); i++)
			put_changes(b, json_array_get(list, i), depth + 1);
	}
}

static void
put_people(struct bug *b, const json_t *v)
{
	const json_t *all = json_object_get(v, "assignees");

	bug_put(b, BUG_REPORTER, from_name(either(v, "user", "author")));
	bug_put(b, BUG_ASSIGNEE, from_name_of(v, "assignee"));
	bug_fill(b, BUG_ASSIGNEE, from_name(json_array_get(all, 0)));
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	struct buf id = BUF_INIT, repository = BUF_INIT;
	const char *why = text(v, "state_reason", "stateReason");
	struct bug *b = from_bug(f);
	struct issue it = { 0 };

	if (json_object_get(v, "pull_request") != NULL) {
		from_drop(f, "pull request");
		return 0;
	}
	add_repository(&repository, v);
	if (json_object_get(v, "number") != NULL) {
		buf_addf(&id, "%s#", repository.p);
		from_scalar(&id, json_object_get(v, "number"));
		bug_put(b, BUG_ID, id.p);
	}
	bug_put(b, BUG_PROJECT, repository.p);
	bug_put(b, BUG_TITLE, get_str(v, "title", NULL));
	bug_put(b, BUG_DESCRIPTION, get_str(v, "body", NULL));
	bug_put(b, BUG_STATUS, get_str(v, "state", NULL));
	bug_put(b, BUG_RESOLUTION, why);
	issue_labels(f, &it, json_object_get(v, "labels"));
	issue_type(f, &it, from_name_of(v, "type"));
	put_people(b, v);
	put_changes(b, v, 0);
	bug_put(b, BUG_CREATED, text(v, "created_at", "createdAt"));
	bug_put(b, BUG_RESOLVED, text(v, "closed_at", "closedAt"));
	bug_put(b, BUG_URL, text(v, "html_url", "url"));
	buf_release(&id);
	buf_release(&repository);
	return issue_add(f, &it, e);
}

static const char *const lists[] = { "items", "issues", NULL };
static const struct from_bug_format bugs = { .inner = { lists } };

const struct from_format from_github = {
	.name = "github",
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
	.bugs = &bugs,
};
