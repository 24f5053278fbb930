/*
 * Open Source Vulnerability format: an advisory a file, or {"vulns": [...]}
 * as the service answers.
 */
#include "from/bug_import.h"

#include "base/json.h"
#include "from/cvss.h"

#include <string.h>

static const struct {
	const char *ecosystem, *language;
} languages[] = { { "npm", "JavaScript" }, { "PyPI", "Python" },
    { "Go", "Go" }, { "crates.io", "Rust" }, { "Maven", "Java" },
    { "NuGet", "C#" }, { "RubyGems", "Ruby" }, { "Packagist", "PHP" },
    { "Pub", "Dart" }, { "Hex", "Elixir" }, { "Hackage", "Haskell" },
    { "CRAN", "R" }, { "Bioconductor", "R" }, { "SwiftURL", "Swift" },
    { "ConanCenter", "C++" }, { NULL, NULL } };

static void
put_package(struct bug *b, const json_t *package)
{
	const char *ecosystem = get_str(package, "ecosystem", NULL);
	size_t i;

	bug_fill(b, BUG_MODULE, get_str(package, "name", NULL));
	bug_fill(b, BUG_ENVIRONMENT, ecosystem);
	/* "Debian:11" and the like are no languages */
	for (i = 0; languages[i].ecosystem != NULL; i++)
		if (str_eq(ecosystem, languages[i].ecosystem))
			bug_fill(b, BUG_LANGUAGE, languages[i].language);
}

/* The last version with the fix; false: there is none. */
static bool
put_fixed(struct bug *b, const json_t *ranges)
{
	struct buf text = BUF_INIT;
	const json_t *events;
	const char *s;
	bool any;
	size_t i, k;

	for (i = 0; i < json_array_size(ranges); i++) {
		events = json_object_get(json_array_get(ranges, i), "events");
		for (k = 0; k < json_array_size(events); k++) {
			if ((s = get_str(json_array_get(events, k), "fixed",
			    NULL)) == NULL)
				continue;
			buf_adds(&text, text.len > 0 ? ", " : "fixed in ");
			buf_adds(&text, s);
		}
	}
	any = text.len > 0;
	bug_fill(b, BUG_FIX, text.p);
	buf_release(&text);
	return any;
}

/* The worst of its scores, or the word of its data base. */
static void
put_severity(struct from *f, struct issue *it, const json_t *v)
{
	const json_t *list = json_object_get(v, "severity");
	double worst = -1, score;
	const char *s;
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if ((s = get_str(json_array_get(list, i), "score", NULL)) &&
		    (score = cvss_base(s)) > worst)
			worst = score;
	if (worst >= 0)
		issue_priority(f, it, cvss_word(worst));
	issue_severity(f, it, get_str(json_object_get(v,
	    "database_specific"), "severity", NULL));
}

/* CWEs: of the advisory (GitHub), of a package (others). */
static void
put_weaknesses(struct bug *b, const json_t *specific)
{
	static const char *const keys[] = { "cwe_ids", "cwes", NULL };
	const json_t *list, *v;
	size_t i, k;

	for (k = 0; keys[k] != NULL; k++) {
		list = json_object_get(specific, keys[k]);
		for (i = 0; i < json_array_size(list); i++) {
			v = json_array_get(list, i);
			bug_put(b, BUG_TAGS, json_is_string(v) ?
			    json_string_value(v) : get_str(v, "cweId", NULL));
		}
	}
}

static void
put_affected(struct from *f, struct bug *b, struct issue *it,
    const json_t *list)
{
	const json_t *a, *specific;
	bool fixed = false;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		a = json_array_get(list, i);
		specific = json_object_get(a, "database_specific");
		put_package(b, json_object_get(a, "package"));
		fixed |= put_fixed(b, json_object_get(a, "ranges"));
		put_severity(f, it, a);
		put_weaknesses(b, specific);
	}
	if (fixed)
		bug_put(b, BUG_STATUS, "resolved");
}

static void
put_url(struct bug *b, const json_t *list)
{
	static const char *const best[] = { "REPORT", "ADVISORY", "WEB",
	    NULL };
	const json_t *v;
	size_t i, k;

	for (k = 0; best[k] != NULL; k++)
		for (i = 0; i < json_array_size(list); i++) {
			v = json_array_get(list, i);
			if (str_eq(get_str(v, "type", NULL), best[k]))
				bug_fill(b, BUG_URL, get_str(v, "url", NULL));
		}
}

/* Many have no summary: then the first line of the details. */
static void
put_title(struct bug *b, const json_t *v)
{
	const char *s = get_str(v, "details", NULL);
	struct buf line = BUF_INIT;

	bug_put(b, BUG_TITLE, get_str(v, "summary", NULL));
	if (s != NULL) {
		s += strspn(s, "# \t\r\n");
		buf_add(&line, s, strcspn(s, "\r\n"));
		bug_fill(b, BUG_TITLE, line.p);
	}
	bug_fill(b, BUG_TITLE, get_str(v, "id", NULL));
	buf_release(&line);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *aliases = json_object_get(v, "aliases");
	const json_t *who = json_object_get(v, "credits");
	struct issue it = { 0 };
	struct bug *b = from_bug(f);
	size_t i;

	bug_put(b, BUG_ID, get_str(v, "id", NULL));
	put_title(b, v);
	bug_put(b, BUG_DESCRIPTION, get_str(v, "details", NULL));
	put_affected(f, b, &it, json_object_get(v, "affected"));
	put_severity(f, &it, v);
	put_weaknesses(b, json_object_get(v, "database_specific"));
	if (json_is_string(json_object_get(v, "withdrawn"))) {
		bug_put(b, BUG_STATUS, "rejected");
		bug_put(b, BUG_RESOLVED, get_str(v, "withdrawn", NULL));
	}
	bug_put(b, BUG_CREATED, get_str(v, "published", NULL));
	bug_put(b, BUG_REPORTER, get_str(json_array_get(who, 0), "name",
	    NULL));
	for (i = 0; i < json_array_size(aliases); i++)
		bug_put(b, BUG_LABELS, json_string_value(
		    json_array_get(aliases, i)));
	put_url(b, json_object_get(v, "references"));
	return issue_add(f, &it, e);
}

static const char *const lists[] = { "vulns", NULL };
static const struct from_bug_format bugs = { .inner = { lists } };

const struct from_format from_osv = {
	.name = "osv",
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
	.bugs = &bugs,
};
