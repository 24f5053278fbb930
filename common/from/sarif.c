/*
 * SARIF 2.1.0: each result of a run is a bug record.  What the results refer
 * to (rules, artifacts, bases) may stand behind them, and is read first.
 */
#include "from/bug_import.h"

#include "base/hash.h"
#include "base/json.h"
#include "from/cvss.h"
#include "from/sarif_said.h"

#include <stdlib.h>
#include <string.h>

struct state {
	json_t *runs;		/* own; without their results */
	struct sarif_run run;	/* the one of the result at hand */
	int64_t at;		/* which it is, from 1; 0 none yet */
	struct buf path, text;
};

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".sarif", why);

	(void)names;
	if (shape == FROM_NONE && *why == NULL)
		shape = from_want(name, ".json", why);
	return shape == FROM_NONE ? FROM_NONE : FROM_VALUES;
}

static int
shell(struct from *f, int level, int64_t n, const json_t *v, struct err *e)
{
	struct state *s = f->priv;

	(void)e;
	if (level == 0 && !str_eq(get_str(v, "version", NULL), "2.1.0"))
		from_note(f, "SARIF of another version than 2.1.0");
	if (level != 1)
		return 0;
	if (s->runs == NULL)
		s->runs = json_array();
	while ((int64_t)json_array_size(s->runs) < n)
		json_array_append_new(s->runs, json_null());
	json_array_append(s->runs, (json_t *)v);
	return 0;
}

/* The run of the result at hand. */
static void
open_run(struct from *f)
{
	struct state *s = f->priv;
	int64_t n = from_bugs_outer(f);

	if (s->at == n + 1)
		return;
	sarif_run_release(&s->run);
	sarif_run_open(&s->run, json_array_get(s->runs, (size_t)n));
	s->at = n + 1;
}

/* Where it was found; the first place is kept in s->path. */
static void
put_files(struct state *s, struct bug *b, const json_t *result)
{
	const json_t *list = json_object_get(result, "locations"), *place;
	struct buf uri = BUF_INIT;
	size_t i;

	buf_reset(&s->path);
	for (i = 0; i < json_array_size(list); i++) {
		place = json_object_get(json_array_get(list, i),
		    "physicalLocation");
		buf_reset(&uri);
		sarif_uri(&uri, &s->run,
		    json_object_get(place, "artifactLocation"));
		if (uri.len == 0 || str_starts(uri.p, "http"))
			continue;
		if (s->path.len == 0)
			bug_path(&s->path, uri.p);
		bug_put(b, BUG_FILES, uri.p);
	}
	buf_release(&uri);
}

/* The first folder, and the language. */
static void
put_module(struct state *s, struct bug *b, const json_t *result)
{
	const json_t *place = json_object_get(json_array_get(
	    json_object_get(result, "locations"), 0), "physicalLocation");
	const char *slash = strchr(s->path.p, '/');
	int64_t i;

	if (slash != NULL) {
		buf_reset(&s->text);
		buf_add(&s->text, s->path.p, (size_t)(slash - s->path.p));
		bug_put(b, BUG_MODULE, s->text.p);
	}
	if (get_int(json_object_get(place, "artifactLocation"), "index",
	    &i) == 1 && i >= 0)
		bug_put(b, BUG_LANGUAGE, get_str(json_array_get(
		    json_object_get(s->run.run, "artifacts"), (size_t)i),
		    "sourceLanguage", NULL));
	bug_fill(b, BUG_LANGUAGE, get_str(s->run.run,
	    "defaultSourceLanguage", NULL));
}

static void
add_members(struct hash *h, const json_t *o)
{
	struct buf text = BUF_INIT;

	if (o != NULL)
		json_sorted(&text, o);
	hash_add_field(h, text.p);
	buf_release(&text);
}

/*
 * The same finding has the same id in the next run, as far as the tool can
 * tell: by its correlationGuid or fingerprints, else by its place and words.
 */
static void
put_id(struct state *s, struct bug *b, const json_t *result,
    const char *rule_id, const char *tool)
{
	const char *guid = get_str(result, "correlationGuid", NULL);
	const json_t *prints = json_object_get(result, "fingerprints");
	const json_t *place = json_object_get(json_array_get(
	    json_object_get(result, "locations"), 0), "physicalLocation");
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX + 1];
	struct hash h;

	if (guid != NULL) {
		bug_put(b, BUG_ID, guid);
		return;
	}
	if (json_object_size(prints) == 0)
		prints = json_object_get(result, "partialFingerprints");
	hash_init(&h);
	hash_add_field(&h, tool);
	hash_add_field(&h, rule_id);
	hash_add_field(&h, s->path.p);
	if (json_object_size(prints) > 0)
		add_members(&h, prints);
	else {
		hash_add_field(&h, b->text[BUG_DESCRIPTION].p);
		add_members(&h, json_object_get(place, "region"));
	}
	hash_end(&h, sum);
	hex_encode(hex, sum, 8);
	buf_reset(&s->text);
	buf_adds(&s->text, rule_id != NULL ? rule_id : "result");
	buf_cut(&s->text, bug_chars(s->text.p, s->text.len, 100));
	buf_addf(&s->text, "-%s", hex);
	bug_put(b, BUG_ID, s->text.p);
}

static void
put_words(struct state *s, struct bug *b, const json_t *result,
    const json_t *rule, const char *rule_id)
{
	const json_t *fix = json_array_get(json_object_get(result, "fixes"),
	    0);

	buf_reset(&s->text);
	sarif_message(&s->text, &s->run, rule,
	    json_object_get(result, "message"));
	bug_put(b, BUG_DESCRIPTION, s->text.p);
	buf_cut(&s->text, strcspn(s->text.p, "\r\n"));
	bug_put(b, BUG_TITLE, s->text.p);
	bug_fill(b, BUG_TITLE, get_str(json_object_get(rule,
	    "shortDescription"), "text", NULL));
	bug_fill(b, BUG_TITLE, rule_id);
	bug_put(b, BUG_ROOT_CAUSE, get_str(json_object_get(rule,
	    "shortDescription"), "text", NULL));
	bug_fill(b, BUG_ROOT_CAUSE, get_str(json_object_get(rule,
	    "fullDescription"), "text", NULL));
	buf_reset(&s->text);
	sarif_message(&s->text, &s->run, rule,
	    json_object_get(fix, "description"));
	bug_put(b, BUG_FIX, s->text.p);
}

/* "security-severity" is GitHub's: a score as of CVSS, a string. */
static void
put_severity(struct bug *b, const json_t *result, const json_t *rule)
{
	static const char *const words[] = { "error", "major", "warning",
	    "minor", "note", "trivial", "none", "trivial", NULL };
	const char *level = sarif_level(result, rule), *s;
	double score;
	char *end;
	int i;

	for (i = 0; words[i] != NULL; i += 2)
		if (strcmp(level, words[i]) == 0)
			bug_put(b, BUG_SEVERITY, words[i + 1]);
	s = get_str(json_object_get(rule, "properties"), "security-severity",
	    NULL);
	if (s == NULL || *s == '\0')
		return;
	score = strtod(s, &end);
	if (*end == '\0' && score >= 0 && score <= 10)
		bug_put(b, BUG_SEVERITY, cvss_word(score));
}

static void
put_status(struct bug *b, const json_t *result)
{
	if (str_eq(get_str(result, "baselineState", NULL), "absent"))
		bug_put(b, BUG_STATUS, "resolved");
	if (sarif_suppressed(result))
		bug_put(b, BUG_STATUS, "rejected");
}

static void
put_tags(struct bug *b, const json_t *rule, const char *rule_id)
{
	const json_t *tags = json_object_get(json_object_get(rule,
	    "properties"), "tags");
	const char *name = get_str(rule, "name", NULL), *s;
	size_t i;

	bug_put(b, BUG_TAGS, name != NULL ? name : rule_id);
	for (i = 0; i < json_array_size(tags); i++) {
		if ((s = json_string_value(json_array_get(tags, i))) == NULL)
			continue;
		bug_put(b, BUG_LABELS, s);
		if (str_starts(s, "external/cwe/"))
			bug_put(b, BUG_TAGS, s + strlen("external/cwe/"));
	}
}

static void
put_run(struct state *s, struct bug *b, const json_t *result,
    const json_t *rule)
{
	const json_t *run = s->run.run;
	const json_t *driver = json_object_get(json_object_get(run, "tool"),
	    "driver");
	const json_t *call = json_array_get(json_object_get(run,
	    "invocations"), 0);
	const char *version = get_str(driver, "version", NULL);

	if (version == NULL)
		version = get_str(driver, "semanticVersion", NULL);
	buf_reset(&s->text);
	if (get_str(driver, "name", NULL) != NULL)
		buf_addf(&s->text, "%s%s%s", get_str(driver, "name", NULL),
		    version != NULL ? " " : "", version != NULL ? version :
		    "");
	bug_put(b, BUG_ENVIRONMENT, s->text.p);
	bug_put(b, BUG_PROJECT, get_str(json_array_get(json_object_get(run,
	    "versionControlProvenance"), 0), "repositoryUri", NULL));
	bug_put(b, BUG_CREATED, get_str(json_object_get(result,
	    "provenance"), "firstDetectionTimeUtc", NULL));
	bug_fill(b, BUG_CREATED, get_str(call, "startTimeUtc", NULL));
	bug_fill(b, BUG_CREATED, get_str(call, "endTimeUtc", NULL));
	bug_put(b, BUG_URL, get_str(result, "hostedViewerUri", NULL));
	bug_fill(b, BUG_URL, get_str(rule, "helpUri", NULL));
}

static bool
is_finding(struct from *f, const json_t *result)
{
	static const char *const none[] = { "pass", "notApplicable",
	    "informational", NULL };
	const char *kind = get_str(result, "kind", NULL);
	int i;

	for (i = 0; none[i] != NULL; i++)
		if (str_eq(kind, none[i])) {
			from_drop_of(f, "result of the kind", kind);
			return false;
		}
	return true;
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	struct state *s = f->priv;
	const json_t *rule;
	const char *rule_id;
	struct bug *b;

	if (!is_finding(f, v))
		return 0;
	open_run(f);
	b = from_bug(f);
	rule = sarif_rule(&s->run, v);
	rule_id = sarif_rule_id(v, rule);
	put_words(s, b, v, rule, rule_id);
	put_files(s, b, v);
	put_module(s, b, v);
	put_id(s, b, v, rule_id, get_str(json_object_get(json_object_get(
	    s->run.run, "tool"), "driver"), "name", NULL));
	put_severity(b, v, rule);
	put_status(b, v);
	put_tags(b, rule, rule_id);
	put_run(s, b, v, rule);
	return from_bug_add(f, e);
}

static void
release(struct from *f)
{
	struct state *s = f->priv;

	sarif_run_release(&s->run);
	json_decref(s->runs);
	buf_release(&s->path);
	buf_release(&s->text);
}

static const char *const runs[] = { "runs", NULL };
static const char *const results[] = { "results", NULL };
static const struct from_bug_format bugs = { .inner = { runs, results },
    .shell = shell, .ahead = true };

const struct from_format from_sarif = {
	.name = "sarif",
	.size = sizeof(struct state),
	.shape = FROM_VALUES,
	.names = "*.sarif or *.json",
	.want = want,
	.value = value,
	.release = release,
	.bugs = &bugs,
};
