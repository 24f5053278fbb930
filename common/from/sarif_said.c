/*
 * What the standard leaves to its readers is kept in bounds: chains of bases
 * may be loops, indexes may lead nowhere.
 */
#include "from/sarif_said.h"

#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define BASES_MAX 8		/* bases of bases */
#define ARGUMENTS_MAX 100	/* of a message */
#define LINK_MAX 2000		/* bytes of a link in one */

static const json_t *
text_of(const json_t *o, const char *key)
{
	return json_object_get(json_object_get(o, key), "text");
}

static void
add_rules(struct map *m, const json_t *component)
{
	const json_t *list = json_object_get(component, "rules"), *rule;
	const char *id;
	size_t i;
	int made;

	for (i = 0; i < json_array_size(list); i++) {
		rule = json_array_get(list, i);
		if ((id = get_str(rule, "id", NULL)) != NULL)
			map_put(m, id, &made)->p = (void *)rule;
	}
}

void
sarif_run_open(struct sarif_run *r, const json_t *run)
{
	const json_t *tool = json_object_get(run, "tool");
	const json_t *more = json_object_get(tool, "extensions");
	size_t i;

	memset(r, 0, sizeof *r);
	r->run = run;
	for (i = 0; i < json_array_size(more); i++)
		add_rules(&r->rules, json_array_get(more, i));
	add_rules(&r->rules, json_object_get(tool, "driver"));
}

void
sarif_run_release(struct sarif_run *r)
{
	map_release(&r->rules);
	r->run = NULL;
}

/* An element by a member that holds its index. */
static const json_t *
by_index(const json_t *list, const json_t *o, const char *key)
{
	int64_t i;

	return get_int(o, key, &i) == 1 && i >= 0 ?
	    json_array_get(list, (size_t)i) : NULL;
}

static const json_t *
rule_by_index(const struct sarif_run *r, const json_t *result)
{
	const json_t *tool = json_object_get(r->run, "tool");
	const json_t *driver = json_object_get(tool, "driver");
	const json_t *ref = json_object_get(result, "rule");
	const json_t *part = json_object_get(ref, "toolComponent"), *c;

	c = by_index(json_object_get(tool, "extensions"), part, "index");
	if (c == NULL)
		c = driver;
	if (json_object_get(ref, "index") != NULL)
		return by_index(json_object_get(c, "rules"), ref, "index");
	return by_index(json_object_get(driver, "rules"), result,
	    "ruleIndex");
}

const char *
sarif_rule_id(const json_t *result, const json_t *rule)
{
	const char *id = get_str(result, "ruleId", NULL);

	if (id == NULL)
		id = get_str(json_object_get(result, "rule"), "id", NULL);
	return id != NULL ? id : get_str(rule, "id", NULL);
}

const json_t *
sarif_rule(const struct sarif_run *r, const json_t *result)
{
	const json_t *rule = rule_by_index(r, result);
	const union map_value *v = NULL;
	const char *id = sarif_rule_id(result, NULL);
	struct buf name = BUF_INIT;
	char *slash;

	if (rule == NULL && id != NULL) {
		buf_adds(&name, id);
		while ((v = map_get(&r->rules, name.p)) == NULL &&
		    (slash = strrchr(name.p, '/')) != NULL)
			buf_cut(&name, (size_t)(slash - name.p));
	}
	buf_release(&name);
	return v != NULL ? v->p : rule;
}

/* --- messages ---------------------------------------------------------- */

/* "[text](target)" at p: bytes of all of it, those of the text in *n; 0. */
static size_t
link_len(const char *p, const char *end, size_t *n)
{
	size_t i, len = (size_t)(end - p);

	if (len > LINK_MAX)
		len = LINK_MAX;
	for (i = 1; i < len && p[i] != ']'; i++)
		if (p[i] == '\\')
			i++;
	*n = i - 1;
	if (i + 1 >= len || p[i + 1] != '(')
		return 0;
	for (i += 2; i < len && p[i] != ')'; i++)
		;
	return i < len ? i + 1 : 0;
}

/* "{12}" at p: bytes of it, its number in *i; 0. */
static size_t
place_len(const char *p, size_t *i)
{
	size_t n;

	*i = 0;
	for (n = 1; n < 4 && p[n] >= '0' && p[n] <= '9'; n++)
		*i = *i * 10 + (size_t)(p[n] - '0');
	return n > 1 && p[n] == '}' && *i < ARGUMENTS_MAX ? n + 1 : 0;
}

static void
add_text(struct buf *b, const char *p, const char *end, const json_t *args,
    bool links)
{
	const char *s;
	size_t n, i;

	for (; p < end; p += n) {
		n = 1;
		if (*p == '\\' && p + 1 < end && strchr("[]\\", p[1])) {
			buf_addc(b, p[1]);
			n = 2;
		} else if ((*p == '{' || *p == '}') && p[1] == *p) {
			buf_addc(b, *p);
			n = 2;
		} else if (*p == '{' && (i = place_len(p, &n)) > 0) {
			s = json_string_value(json_array_get(args, n));
			n = i;
			buf_adds(b, s != NULL ? s : "");
		} else if (*p == '[' && links &&
		    (i = link_len(p, end, &n)) > 0) {
			add_text(b, p + 1, p + 1 + n, args, false);
			n = i;
		} else {
			n = 1;
			buf_addc(b, *p);
		}
	}
}

void
sarif_message(struct buf *b, const struct sarif_run *r, const json_t *rule,
    const json_t *message)
{
	const json_t *driver = json_object_get(json_object_get(r->run,
	    "tool"), "driver");
	const char *id = get_str(message, "id", NULL);
	const char *text = get_str(message, "text", NULL);

	if (text == NULL && id != NULL)
		text = json_string_value(text_of(json_object_get(rule,
		    "messageStrings"), id));
	if (text == NULL && id != NULL)
		text = json_string_value(text_of(json_object_get(driver,
		    "globalMessageStrings"), id));
	if (text == NULL)
		text = get_str(message, "markdown", NULL);
	if (text != NULL)
		add_text(b, text, text + strlen(text),
		    json_object_get(message, "arguments"), true);
}

/* --- places ------------------------------------------------------------ */

/* Does it begin with a scheme (RFC 3986, 3.1)?  One letter is a drive. */
static bool
is_absolute(const char *uri)
{
	size_t n = strspn(uri, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	return (n > 0 && uri[n] == ':') || *uri == '/';
}

/* What is before a relative URI: its base, and the base of that. */
static void
add_base(struct buf *b, const struct sarif_run *r, const char *id, int depth)
{
	const json_t *bases = json_object_get(r->run, "originalUriBaseIds");
	const json_t *base = id != NULL ? json_object_get(bases, id) : NULL;
	const char *uri = get_str(base, "uri", NULL);

	if (base == NULL || depth == BASES_MAX ||
	    (uri != NULL && is_absolute(uri)))
		return;
	add_base(b, r, get_str(base, "uriBaseId", NULL), depth + 1);
	if (uri != NULL) {
		buf_adds(b, uri);
		if (*uri != '\0' && !str_ends(uri, "/"))
			buf_addc(b, '/');
	}
}

void
sarif_uri(struct buf *b, const struct sarif_run *r, const json_t *where)
{
	const json_t *artifact;
	const char *uri;

	artifact = by_index(json_object_get(r->run, "artifacts"), where,
	    "index");
	if (get_str(where, "uri", NULL) == NULL && artifact != NULL)
		where = json_object_get(artifact, "location");
	if ((uri = get_str(where, "uri", NULL)) == NULL)
		return;
	if (!is_absolute(uri)) {
		buf_adds(b, "file:");
		add_base(b, r, get_str(where, "uriBaseId", NULL), 0);
	}
	buf_adds(b, uri);
}

/* --- verdicts ---------------------------------------------------------- */

const char *
sarif_level(const json_t *result, const json_t *rule)
{
	const char *kind = get_str(result, "kind", NULL);
	const char *level = get_str(result, "level", NULL);

	if (level != NULL)
		return level;
	if (kind != NULL && strcmp(kind, "fail") != 0)
		return "none";
	level = get_str(json_object_get(rule, "defaultConfiguration"),
	    "level", NULL);
	return level != NULL ? level : "warning";
}

bool
sarif_suppressed(const json_t *result)
{
	const json_t *list = json_object_get(result, "suppressions");
	const char *status;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		status = get_str(json_array_get(list, i), "status", NULL);
		if (status == NULL || strcmp(status, "accepted") == 0)
			return true;
	}
	return false;
}
