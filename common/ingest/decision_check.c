#include "ingest/decision_check.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ltm/fact.h"
#include "ltm/fact_settle.h"
#include "ltm/verdict.h"
#include "store/name.h"
#include "toc/grip.h"
#include "toc/toc.h"

#include <string.h>

/* Bytes of a reason, a sentence ...: more than anybody could have given here,
 * as one that is refused stops the segment that it is in. */
#define TEXT_MAX ((size_t)1 << 20)

#define NAME_BYTES ((size_t)1024)	/* of an entity */

static bool
is_text(const json_t *v, size_t max)
{
	return json_is_string(v) && json_string_length(v) <= max;
}

static bool
is_absent_or_text(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v == NULL || is_text(v, TEXT_MAX);
}

static bool
is_hex(const char *s, size_t max)
{
	return strlen(s) <= max && strspn(s, "0123456789abcdef") == strlen(s);
}

/* --- values ------------------------------------------------------------ */

static bool
are_tags(const json_t *tags)
{
	size_t i;
	json_t *v;

	json_array_foreach(tags, i, v)
		if (!is_text(v, TEXT_MAX))
			return false;
	return json_is_array(tags);
}

/* Whose the fact is, and what tells it from others, make its id. */
static bool
is_put(const struct decided *d, const char *user)
{
	const json_t *body = json_object_get(d->value, "body");
	const json_t *sure = json_object_get(d->value, "confidence");
	const char *scope = get_str(d->value, "scope", NULL);
	const char *key = get_str(body, "key", NULL);
	const char *content = get_str(body, "content", NULL);
	const char *session = get_str(body, "session", NULL);
	int64_t id, until = INT64_MAX;
	enum fact_scope s;

	for (s = FACT_SESSION; s < FACT_TENANT; s++)
		if (str_eq(scope, fact_scopes[s]))
			break;
	return str_eq(scope, fact_scopes[s]) &&
	    (s == FACT_TENANT) == (user == NULL) &&
	    (s == FACT_SESSION) == (d->session != NULL) &&
	    str_eq(session, d->session) &&
	    is_text(json_object_get(body, "content"), TEXT_MAX) &&
	    is_absent_or_text(body, "key") &&
	    are_tags(json_object_get(body, "tags")) &&
	    (json_object_get(body, "metadata") == NULL ||
	    json_is_object(json_object_get(body, "metadata"))) &&
	    json_is_number(sure) && json_number_value(sure) >= 0 &&
	    json_number_value(sure) <= 1 &&
	    get_time(d->value, "until", &until) >= 0 &&
	    fact_id_read(d->about, &id) == 1 && id == fact_id_said(s,
	    user != NULL ? user : "", session != NULL ? session : "", key,
	    content);
}

static bool
is_say(const struct decided *d, const char *user)
{
	int64_t id;

	return user == NULL && d->rest == NULL && d->session == NULL &&
	    is_text(json_object_get(d->value, "verdict"), TEXT_MAX) &&
	    is_text(json_object_get(d->value, "about"), TEXT_MAX) &&
	    is_absent_or_text(d->value, "file") &&
	    is_absent_or_text(d->value, "reason") &&
	    is_absent_or_text(d->value, "by") &&
	    json_is_boolean(json_object_get(d->value, "on")) &&
	    (json_is_false(json_object_get(d->value, "on")) ||
	    json_object_get(d->value, "by") != NULL) &&
	    fact_id_read(d->about, &id) == 1 && id == verdict_id_of(d->value);
}

static bool
says_something(const struct decided *d)
{
	const char *says = get_str(d->value, "says", NULL);

	return says != NULL && strlen(says) == FACT_SAYS_LEN &&
	    is_hex(says, FACT_SAYS_LEN);
}

static bool
is_of_fact(const struct decided *d)
{
	int64_t id;

	return str_starts(d->about, "fact:") &&
	    fact_id_read(d->about, &id) == 1;
}

static bool
is_of_node(const struct decided *d)
{
	return str_starts(d->about, "toc:") &&
	    strlen(d->about) < 4 + TOC_NAME_MAX && d->session == NULL;
}

static bool
is_mark(const struct decided *d)
{
	const json_t *v = json_object_get(d->value, "mark");
	struct grip g;

	return (v == NULL || json_is_null(v) ||
	    str_eq(json_string_value(v), "pin") ||
	    str_eq(json_string_value(v), "hide")) && d->rest == NULL &&
	    d->session == NULL && (is_of_node(d) ||
	    grip_id_read(d->about, &g) == 1);
}

/* Which names are one (graph/alias.h). */
static bool
is_of_graph(const struct decided *d)
{
	return str_starts(d->about, "graph:") && hex_is(d->about + 6, 16) &&
	    strlen(d->about) == 22;
}

static bool
is_alias(const struct decided *d)
{
	const char *mark = get_str(d->value, "mark", NULL);
	const json_t *into = json_object_get(d->value, "into");

	return d->rest == NULL && d->session == NULL &&
	    is_text(json_object_get(d->value, "name"), NAME_BYTES) &&
	    (str_eq(mark, "split") ? into == NULL : str_eq(mark, "merge") &&
	    is_text(into, NAME_BYTES));
}

static bool
is_good(const struct decided *d, const char *user)
{
	switch (d->what) {
	case DECISION_PUT:
		return d->rest == NULL && is_put(d, user);
	case DECISION_END:
		return is_of_fact(d) && is_text(json_object_get(d->value,
		    "reason"), TEXT_MAX);
	case DECISION_BACK:
		return is_of_fact(d) && says_something(d);
	case DECISION_PIN:
		return is_of_fact(d) && json_is_boolean(json_object_get(
		    d->value, "on"));
	case DECISION_SAY:
		return is_say(d, user);
	case DECISION_MARK:
		return user != NULL && (is_of_graph(d) ? is_alias(d) :
		    is_mark(d));
	case DECISION_MOVE:
		return user != NULL && d->rest != NULL && is_of_node(d) &&
		    says_something(d);
	}
	return false;
}

/* --- the record -------------------------------------------------------- */

static int
what_of(const char *name)
{
	int i;

	for (i = DECISION_PUT; decision_names[i] != NULL; i++)
		if (str_eq(decision_names[i], name))
			return i;
	return 0;
}

int
decision_read(const json_t *o, struct decided *d, const char **user,
    struct err *e)
{
	const char *bad = NULL, *what = get_str(o, "what", &bad);
	struct err name;

	d->about = (char *)get_str(o, "about", &bad);
	d->session = (char *)get_str(o, "session_id", &bad);
	d->rest = (char *)get_str(o, "rest", &bad);
	*user = get_str(o, "user", &bad);
	d->value = json_object_get(o, "value");
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "%s is not a string", bad);
	if ((d->what = (enum decision_what)what_of(what)) == 0)
		return err_set(e, ERR_INPUT, "what is decided is not known");
	if (d->about == NULL || !json_is_object(d->value))
		return err_set(e, ERR_INPUT, "a decision needs about and "
		    "value");
	if ((*user != NULL && name_check("user", *user, &name) < 0) ||
	    (d->session != NULL && name_check("session_id", d->session,
	    &name) < 0))
		return err_set(e, ERR_INPUT, "%s", name.msg);
	if (get_time(o, "at", &d->s.at_ms) != 1 ||
	    get_time(o, "base", &d->s.base_ms) < 0 ||
	    get_time(o, "said", &d->said_ms) < 0)
		return err_set(e, ERR_INPUT, "at is missing, or at, base or "
		    "said is not a time");
	if (get_int(o, "node", &d->s.node) < 0 || d->s.node < 0)
		return err_set(e, ERR_INPUT, "node is not the number of one");
	if (d->said_ms == 0)
		d->said_ms = d->s.at_ms;
	if ((d->rest != NULL && !is_hex(d->rest, 2 * TOC_HASH)) ||
	    !is_good(d, *user))
		return err_set(e, ERR_INPUT, "the value of the decision, or "
		    "what it is about, is not right");
	return 0;
}
