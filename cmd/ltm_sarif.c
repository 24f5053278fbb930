/*
 * SARIF 2.1.0.  A location is relative to %SRCROOT%, which the reader knows;
 * fingerprints do not change when lines move, so that a finding that somebody
 * has closed stays closed.
 */
#include "cmd/ltm_review.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/uri.h"
#include "config.h"

#include <string.h>

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

/* A relative reference (RFC 3986, 4.2): all but unreserved characters and
 * "/" are escaped, so that no ":" makes a scheme of its first part. */
static json_t *
uri(const char *path)
{
	struct buf b = BUF_INIT;
	json_t *v;

	uri_escape(&b, path, strlen(path), URI_PLAIN "/");
	v = json_string(b.p);
	buf_release(&b);
	return v;
}

static json_t *
rules_json(void)
{
	json_t *all = json_array();
	int i;

	for (i = 0; i < REVIEW_RULES; i++)
		json_array_append_new(all, json_pack("{s:s, s:{s:s}}", "id",
		    review_rules[i], "shortDescription", "text",
		    review_rule_texts[i]));
	return all;
}

static json_t *
strings(const struct strv *v)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		json_array_append_new(a, json_string(v->v[i]));
	return a;
}

static json_t *
location(const struct review_finding *f)
{
	json_t *where = json_pack("{s:{s:o, s:s}}", "artifactLocation", "uri",
	    uri(f->path), "uriBaseId", "%SRCROOT%");

	if (f->line > 0)
		json_object_set_new(where, "region", json_pack("{s:I, s:I}",
		    "startLine", (json_int_t)f->line, "endLine",
		    (json_int_t)f->end_line));
	return json_pack("{s:o}", "physicalLocation", where);
}

static json_t *
result(const struct review_finding *f)
{
	char print[HASH_HEX + 1];
	json_t *o;

	review_fingerprint(f, print);
	o = json_pack("{s:s, s:i, s:s, s:{s:s}, s:[o], s:{s:s}, "
	    "s:{s:f, s:o, s:o}}", "ruleId", review_rules[f->rule],
	    "ruleIndex", (int)f->rule, "level", review_levels[f->level],
	    "message", "text", f->message, "locations", location(f),
	    "partialFingerprints", "memkitFinding/v1", print, "properties",
	    "confidence", f->confidence, "facts", strings(&f->facts),
	    "sources", strings(&f->sources));
	if (f->steps != NULL)
		json_object_set(json_object_get(o, "properties"), "steps",
		    f->steps);
	return o;
}

void
ltm_sarif(struct buf *b, const struct review_finding *f, size_t n)
{
	json_t *results = json_array(), *log;
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(results, result(&f[i]));
	log = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:o}]}",
	    "$schema", SCHEMA, "version", "2.1.0", "runs", "tool", "driver",
	    "name", "memkit", "version", VERSION, "rules", rules_json(),
	    "columnKind", "unicodeCodePoints", "results", results);
	json_write(b, log);
	json_decref(log);
}
