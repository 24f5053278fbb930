/*
 * Redaction of records: every string, and those that their keys tell of.
 */
#include "memory/redact.h"

#include "memory/redact_rule.h"

#include <stdbool.h>
#include <string.h>

static void
set_string(json_t *v, const char *p, size_t n)
{
	/* only what was not UTF-8 before can fail: kept from the store */
	if (json_string_setn(v, p, n) < 0)
		json_string_set(v, "[redacted:text]");
}

static int
redact_string(struct redact *r, json_t *v, const struct rule *under)
{
	const char *p = json_string_value(v);
	size_t len = json_string_length(v);
	struct buf b = BUF_INIT;
	bool secret = under != NULL && redact_value(r, under, p, len);
	int n = redact_text(r, &b, p, len);

	/* A kind that says more, when it covers all of the value. */
	if (secret && (n != 1 || memcmp(b.p, "[redacted:", 10) != 0 ||
	    memchr(b.p, ']', b.len) != b.p + b.len - 1)) {
		buf_reset(&b);
		buf_adds(&b, "[redacted:");
		buf_add(&b, under->kind.p, under->kind.n);
		buf_addc(&b, ']');
		n = 1;
	}
	if (n > 0)
		set_string(v, b.p, b.len);
	buf_release(&b);
	return n;
}

/* {"name": "DB_PASSWORD", "value": "..."} */
static const struct rule *
named_rule(struct redact *r, json_t *o)
{
	static const char *const names[] = { "name", "key", "Name", "Key" };
	json_t *v;
	size_t i;

	if (json_object_get(o, "value") == NULL &&
	    json_object_get(o, "Value") == NULL)
		return NULL;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (json_is_string(v = json_object_get(o, names[i])))
			return redact_key(r, json_string_value(v),
			    json_string_length(v));
	return NULL;
}

static bool
is_value_key(const char *key)
{
	return (*key == 'v' || *key == 'V') && strcmp(key + 1, "alue") == 0;
}

static int
redact_object(struct redact *r, json_t *o)
{
	const struct rule *named = named_rule(r, o), *u;
	const char *key;
	json_t *v;
	int n = 0;

	json_object_foreach(o, key, v) {
		if (!json_is_string(v)) {
			n += redact_json(r, v);
			continue;
		}
		u = named != NULL && is_value_key(key) ? named :
		    redact_key(r, key, strlen(key));
		n += redact_string(r, v, u);
	}
	return n;
}

int
redact_json(struct redact *r, json_t *v)
{
	size_t i;
	int n = 0;

	if (json_is_string(v))
		return redact_string(r, v, NULL);
	if (json_is_object(v))
		return redact_object(r, v);
	for (i = 0; i < json_array_size(v); i++)
		n += redact_json(r, json_array_get(v, i));
	return n;
}
