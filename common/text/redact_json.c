/*
 * Redaction of records: every string, and those that their keys tell of.
 */
#include "text/redact.h"

#include "text/redact_find.h"
#include "text/redact_rule.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COMMAND_MAX 16384	/* bytes */

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

/* "password": 123456 */
static int
redact_number(struct redact *r, json_t *o, const char *key, const json_t *v,
    const struct rule *under)
{
	char digits[32];
	json_t *mark;

	snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT,
	    json_integer_value(v));
	if (!redact_value(r, under, digits, strlen(digits)))
		return 0;
	mark = json_sprintf("[redacted:%.*s]", (int)under->kind.n,
	    under->kind.p);
	json_object_set_new(o, key, mark);
	return 1;
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

/* What a rule finds in v when all of the list is one line, which `line`
 * is, and v stands at `at`. */
static int
redact_word(struct redact *r, const struct buf *line, size_t at, json_t *v)
{
	size_t len = json_string_length(v), from = at;
	struct buf b = BUF_INIT;
	const struct span *s;
	size_t i;
	int n = 0;

	for (i = 0; i < r->nspan; i++) {
		s = &r->span[i];
		if (s->from < from || s->to > at + len)
			continue;
		buf_add(&b, line->p + from, s->from - from);
		buf_addf(&b, "[redacted:%.*s]", (int)s->rule->kind.n,
		    s->rule->kind.p);
		from = s->to;
		n++;
	}
	buf_add(&b, line->p + from, at + len - from);
	if (n > 0)
		set_string(v, b.p, b.len);
	buf_wipe(&b);
	return n;
}

/* ["mysql", "-uroot", "-p..."]: as one line of a shell it tells more. */
static int
redact_command(struct redact *r, json_t *list)
{
	struct buf line = BUF_INIT;
	size_t i, at = 0, len;
	json_t *v;
	int n = 0;

	json_array_foreach(list, i, v) {
		if (!json_is_string(v) || line.len > COMMAND_MAX)
			break;
		buf_add(&line, json_string_value(v), json_string_length(v));
		buf_addc(&line, ' ');
	}
	if (i == json_array_size(list) && i > 1) {
		redact_find(r, line.p, line.len);
		json_array_foreach(list, i, v) {
			if (r->nspan == 0 || r->private)
				break;
			len = json_string_length(v);
			n += redact_word(r, &line, at, v);
			at += len + 1;
		}
	}
	buf_wipe(&line);
	return n;
}

/* ["x", "--password", "..."] */
static int
redact_array(struct redact *r, json_t *list, const struct rule *under)
{
	const struct rule *u;
	const char *was = "";
	json_t *v;
	size_t i;
	int n = 0;

	json_array_foreach(list, i, v) {
		if (!json_is_string(v)) {
			n += redact_json(r, v);
			was = "";
			continue;
		}
		u = *was == '-' ? redact_key(r, was, strlen(was)) : under;
		n += redact_string(r, v, u);
		was = json_string_value(v);
	}
	return n + redact_command(r, list);
}

/* A secret that is a key of an object. */
static int
redact_keys(struct redact *r, json_t *o)
{
	struct buf b = BUF_INIT;
	const char *key;
	json_t *v;
	void *next;
	int n = 0;

	json_object_foreach_safe(o, next, key, v) {
		buf_reset(&b);
		if (redact_text(r, &b, key, strlen(key)) == 0)
			continue;
		n++;
		/* of two that look the same now, both stay */
		while (json_object_get(o, b.p) != NULL)
			buf_addc(&b, '\'');
		json_object_set(o, b.p, v);
		json_object_del(o, key);
	}
	buf_release(&b);
	return n;
}

static int
redact_object(struct redact *r, json_t *o)
{
	const struct rule *named = named_rule(r, o), *u;
	const char *key;
	json_t *v;
	int n = 0;

	json_object_foreach(o, key, v) {
		u = named != NULL && is_value_key(key) ? named :
		    redact_key(r, key, strlen(key));
		if (json_is_string(v))
			n += redact_string(r, v, u);
		else if (json_is_array(v))
			n += redact_array(r, v, u);
		else if (json_is_integer(v) && u != NULL)
			n += redact_number(r, o, key, v, u);
		else
			n += redact_json(r, v);
	}
	return n + redact_keys(r, o);
}

int
redact_json(struct redact *r, json_t *v)
{
	if (json_is_string(v))
		return redact_string(r, v, NULL);
	if (json_is_object(v))
		return redact_object(r, v);
	return redact_array(r, v, NULL);
}
