/*
 * Bugzilla: the REST interface's {"bugs": [...]}, and the XML of
 * show_bug.cgi?ctype=xml.  Both have the same things under other names.
 */
#include "from/bug_import.h"

#include "base/json.h"
#include "base/xml.h"

#include <string.h>

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want_any(name, names, why);

	if (shape == FROM_NONE && *why == NULL)
		shape = from_want(name, ".xml", why);
	return shape == FROM_NONE ? FROM_NONE : FROM_VALUES;
}

/* A member as text, under REST's name or XML's; "" if it has none; XML's
 * empty list of keywords is "", too. */
static const char *
text(const json_t *v, const char *rest, const char *xml)
{
	const json_t *x = json_object_get(v, rest);

	if (x == NULL)
		x = json_object_get(v, xml);
	if (json_is_array(x))
		x = json_array_get(x, 0);
	return xml_text(x);
}

/* What is said first is the description; REST has it in "description", or
 * not at all. */
static void
put_description(struct bug *b, const json_t *v)
{
	const json_t *said = json_object_get(v, "long_desc");

	if (json_is_array(said))
		said = json_array_get(said, 0);
	bug_put(b, BUG_DESCRIPTION, xml_text(json_object_get(said,
	    "thetext")));
	bug_fill(b, BUG_DESCRIPTION, text(v, "description", "description"));
}

static void
put_keywords(struct from *f, struct issue *it, const json_t *v)
{
	const json_t *x = json_object_get(v, "keywords");
	struct buf word = BUF_INIT;
	const char *p;
	size_t n;

	issue_labels(f, it, x);
	for (p = xml_text(x); *p != '\0'; p += n) {
		p += strspn(p, ", ");
		n = strcspn(p, ", ");
		buf_reset(&word);
		buf_add(&word, p, n);
		if (n > 0)
			issue_label(f, it, word.p);
	}
	buf_release(&word);
}

/* Person: "ann@example.org", or her name. */
static void
put_person(struct bug *b, enum bug_field to, const json_t *v,
    const char *rest, const char *xml)
{
	const char *nobody = "nobody";
	const char *s = text(v, rest, xml);

	if (!str_starts(s, nobody))
		bug_put(b, to, s);
}

static void
put_environment(struct bug *b, const json_t *v)
{
	struct buf s = BUF_INIT;

	buf_adds(&s, text(v, "platform", "rep_platform"));
	if (*text(v, "op_sys", "op_sys") != '\0')
		buf_addf(&s, " %s", text(v, "op_sys", "op_sys"));
	if (*text(v, "version", "version") != '\0')
		buf_addf(&s, " %s", text(v, "version", "version"));
	bug_put(b, BUG_ENVIRONMENT, s.p);
	buf_release(&s);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const char *severity = text(v, "severity", "bug_severity");
	const char *type = text(v, "type", "cf_type");
	struct bug *b = from_bug(f);
	struct issue it = { 0 };
	struct buf id = BUF_INIT;

	if (get_str(v, "@error", NULL) != NULL) {
		from_drop_of(f, "bug that the server did not show:",
		    get_str(v, "@error", NULL));
		return 0;
	}
	from_scalar(&id, json_object_get(v, "id"));
	bug_put(b, BUG_ID, id.len > 0 ? id.p : text(v, "bug_id", "bug_id"));
	buf_release(&id);
	bug_put(b, BUG_TITLE, text(v, "summary", "short_desc"));
	put_description(b, v);
	issue_severity(f, &it, severity);
	issue_priority(f, &it, text(v, "priority", "priority"));
	issue_type(f, &it, str_same(severity, "enhancement") ? severity :
	    type);
	put_keywords(f, &it, v);
	bug_put(b, BUG_STATUS, text(v, "status", "bug_status"));
	bug_put(b, BUG_RESOLUTION, text(v, "resolution", "resolution"));
	bug_put(b, BUG_MODULE, text(v, "component", "component"));
	bug_put(b, BUG_PROJECT, text(v, "product", "product"));
	put_person(b, BUG_REPORTER, v, "creator", "reporter");
	put_person(b, BUG_ASSIGNEE, v, "assigned_to", "assigned_to");
	put_environment(b, v);
	bug_put(b, BUG_CREATED, text(v, "creation_time", "creation_ts"));
	bug_put(b, BUG_RESOLVED, text(v, "cf_last_resolved",
	    "cf_last_resolved"));
	bug_put(b, BUG_URL, text(v, "url", "bug_file_loc"));
	return issue_add(f, &it, e);
}

static const char *const lists[] = { "bugs", NULL };
static const char *const elements[] = { "bug", NULL };
static const struct from_bug_format bugs = { .inner = { lists },
    .elements = elements };

const struct from_format from_bugzilla = {
	.name = "bugzilla",
	.shape = FROM_VALUES,
	.names = "*.json or *.xml",
	.want = want,
	.value = value,
	.bugs = &bugs,
};
