/*
 * A value against a schema.  For jsonschema.c, which says what is known of
 * JSON Schema.
 */
#ifndef HELPER_JSON_HOLD_H
#define HELPER_JSON_HOLD_H

#include "json-format.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 1024

struct check {
	const char *dir;
	json_t *schemas;	/* own; by type, as they are needed */
	json_t *one;		/* own; -s: of all lines */
	const json_t *root;	/* of what is held against; for $ref */
	int trial;		/* says nothing: one of several is tried */
	const char *file;
	long line;
	long bad;		/* lines with something wrong */
	char path[PATH_LEN];	/* of the value at hand */
	long wrong;		/* in this line */
};

static int	hold(struct check *, const json_t *schema, const json_t *);

static void
die(const char *what, const char *which)
{
	fprintf(stderr, "jsonschema: %s: %s\n", what, which);
	exit(2);
}

static int
wrong(struct check *c, const char *what, const char *which)
{
	if (c->trial > 0)
		return 1;
	c->wrong++;
	printf("%s line %ld: %s: %s%s%s\n", c->file, c->line,
	    *c->path != '\0' ? c->path : "/", what,
	    which != NULL ? " " : "", which != NULL ? which : "");
	return 1;
}

static bool
is_of(const json_t *v, const char *type)
{
	static const struct {
		const char *name;
		int a, b;
	} types[] = {
		{ "object", JSON_OBJECT, -1 }, { "array", JSON_ARRAY, -1 },
		{ "string", JSON_STRING, -1 }, { "integer", JSON_INTEGER, -1 },
		{ "number", JSON_INTEGER, JSON_REAL },
		{ "boolean", JSON_TRUE, JSON_FALSE }, { "null", JSON_NULL, -1 },
	};
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].name, type) == 0)
			return (int)json_typeof(v) == types[i].a ||
			    (int)json_typeof(v) == types[i].b;
	die("unknown type in a schema", type);
	return false;
}

static int
hold_type(struct check *c, const json_t *want, const json_t *v)
{
	const json_t *t;
	size_t i;

	if (json_is_string(want))
		return is_of(v, json_string_value(want)) ? 0 :
		    wrong(c, "is not of type", json_string_value(want));
	json_array_foreach(want, i, t)
		if (is_of(v, json_string_value(t)))
			return 0;
	return wrong(c, "is of none of the types allowed", NULL);
}

static int
hold_enum(struct check *c, const json_t *want, const json_t *v)
{
	const json_t *x;
	size_t i;

	json_array_foreach(want, i, x)
		if (json_equal(x, v))
			return 0;
	return wrong(c, "is none of the values allowed", NULL);
}

static int
hold_bound(struct check *c, const char *which, const json_t *bound,
    const json_t *v)
{
	bool least = strcmp(which, "minimum") == 0, out;

	if (!json_is_number(v))
		return 0;
	if (json_is_integer(v) && json_is_integer(bound))	/* exactly */
		out = least ?
		    json_integer_value(v) < json_integer_value(bound) :
		    json_integer_value(v) > json_integer_value(bound);
	else
		out = least ? json_number_value(v) < json_number_value(bound) :
		    json_number_value(v) > json_number_value(bound);
	return out ? wrong(c, "is beyond its", which) : 0;
}

static int
hold_required(struct check *c, const json_t *keys, const json_t *v)
{
	const json_t *k;
	size_t i;
	int r = 0;

	if (!json_is_object(v))
		return 0;
	json_array_foreach(keys, i, k)
		if (json_object_get(v, json_string_value(k)) == NULL)
			r |= wrong(c, "lacks", json_string_value(k));
	return r;
}

/* A member or element, one step further down the path. */
static int
hold_child(struct check *c, const json_t *schema, const json_t *v,
    const char *name)
{
	size_t was = strlen(c->path);
	int r;

	snprintf(c->path + was, sizeof c->path - was, "/%s", name);
	if (json_is_false(schema))
		r = wrong(c, "is not allowed", NULL);
	else
		r = json_is_true(schema) ? 0 : hold(c, schema, v);
	c->path[was] = '\0';
	return r;
}

static int
hold_members(struct check *c, const json_t *schema, const json_t *v)
{
	const json_t *known = json_object_get(schema, "properties");
	const json_t *other = json_object_get(schema, "additionalProperties");
	const json_t *s;
	const char *key;
	json_t *x;
	int r = 0;

	json_object_foreach((json_t *)v, key, x) {
		s = json_object_get(known, key);
		if (s == NULL)
			s = other;
		if (s != NULL)
			r |= hold_child(c, s, x, key);
	}
	return r;
}

static int
hold_items(struct check *c, const json_t *schema, const json_t *v)
{
	char name[32];
	const json_t *x;
	size_t i;
	int r = 0;

	json_array_foreach(v, i, x) {
		snprintf(name, sizeof name, "%zu", i);
		r |= hold_child(c, schema, x, name);
	}
	return r;
}

static int
hold_unique(struct check *c, const json_t *v)
{
	size_t i, k;

	for (i = 0; i < json_array_size(v); i++)
		for (k = 0; k < i; k++)
			if (json_equal(json_array_get(v, i),
			    json_array_get(v, k)))
				return wrong(c, "has an element twice", NULL);
	return 0;
}

static int
hold_count(struct check *c, const char *which, json_int_t bound,
    const json_t *v)
{
	json_int_t n = (json_int_t)json_array_size(v);

	return json_is_array(v) && (strcmp(which, "minItems") == 0 ?
	    n < bound : n > bound) ? wrong(c, "is beyond its", which) : 0;
}

static int
hold_text(struct check *c, const char *key, const char *want, const json_t *v)
{
	const char *s = json_string_value(v);
	int r;

	if (s == NULL)
		return 0;
	r = strcmp(key, "pattern") == 0 ? has_pattern(want, s) :
	    is_format(want, s);
	if (r < 0)
		die("a schema asks for what is not checked", want);
	return r == 1 ? 0 : wrong(c, "is not as it should be:", want);
}

/* "#/definitions/result" */
static int
hold_ref(struct check *c, const char *ref, const json_t *v)
{
	const json_t *at = c->root;
	char name[256];
	const char *p;
	size_t n;

	for (p = ref + 1; *ref == '#' && *p == '/' && at != NULL; p += n) {
		n = strcspn(++p, "/");
		if (n >= sizeof name)
			break;
		memcpy(name, p, n);
		name[n] = '\0';
		at = json_object_get(at, name);
	}
	if (*ref != '#' || *p != '\0' || at == NULL)
		die("a schema names what it does not have", ref);
	return hold(c, at, v);
}

/* anyOf, oneOf. */
static int
hold_some(struct check *c, const char *key, const json_t *of, const json_t *v)
{
	const json_t *s;
	size_t i, n = 0;

	c->trial++;
	json_array_foreach(of, i, s)
		n += hold(c, s, v) == 0;
	c->trial--;
	return n == 1 || (n > 1 && strcmp(key, "anyOf") == 0) ? 0 :
	    wrong(c, n == 0 ? "is none of what it may be:" :
	    "is more than one of what it may be:", key);
}

static int
hold_keyword(struct check *c, const char *key, const json_t *x,
    const json_t *v)
{
	if (strcmp(key, "type") == 0)
		return hold_type(c, x, v);
	if (strcmp(key, "enum") == 0)
		return hold_enum(c, x, v);
	if (strcmp(key, "minimum") == 0 || strcmp(key, "maximum") == 0)
		return hold_bound(c, key, x, v);
	if (strcmp(key, "required") == 0)
		return hold_required(c, x, v);
	if (strcmp(key, "items") == 0)
		return hold_items(c, x, v);
	if (strcmp(key, "minItems") == 0 || strcmp(key, "maxItems") == 0)
		return hold_count(c, key, json_integer_value(x), v);
	if (strcmp(key, "uniqueItems") == 0)
		return json_is_true(x) ? hold_unique(c, v) : 0;
	if (strcmp(key, "pattern") == 0 || strcmp(key, "format") == 0)
		return hold_text(c, key, json_string_value(x), v);
	if (strcmp(key, "$ref") == 0)
		return hold_ref(c, json_string_value(x), v);
	return hold_some(c, key, x, v);
}

/* Keywords that say nothing of a value by themselves. */
static bool
is_silent(const char *key)
{
	static const char *const silent[] = { "$schema", "$id", "id", "title",
	    "description", "default", "definitions", "properties",
	    "additionalProperties", NULL };
	int i;

	for (i = 0; silent[i] != NULL; i++)
		if (strcmp(silent[i], key) == 0)
			return true;
	return false;
}

static int
hold(struct check *c, const json_t *schema, const json_t *v)
{
	const char *key;
	json_t *x;
	int r = 0;

	json_object_foreach((json_t *)schema, key, x)
		if (!is_silent(key))
			r |= hold_keyword(c, key, x, v);
	if (json_is_object(v))
		r |= hold_members(c, schema, v);
	return r;
}

/* --- what it understands ----------------------------------------------- */

static void	understand(const json_t *schema);

static void
understand_each(const json_t *of)
{
	const char *key;
	json_t *x;
	size_t i;

	json_object_foreach((json_t *)of, key, x)
		understand(x);
	json_array_foreach(of, i, x)
		understand(x);
}

/* A keyword that is not checked is not passed over, whether a value comes to
 * where it stands or not. */
static void
understand(const json_t *schema)
{
	static const char *const known[] = { "type", "enum", "minimum",
	    "maximum", "required", "items", "minItems", "maxItems",
	    "uniqueItems", "pattern", "format", "$ref", "anyOf", "oneOf", NULL };
	const char *key;
	json_t *x;
	int i;

	if (json_is_boolean(schema))
		return;
	if (!json_is_object(schema))
		die("a schema is neither an object nor true or false", "");
	json_object_foreach((json_t *)schema, key, x) {
		for (i = 0; known[i] != NULL; i++)
			if (strcmp(known[i], key) == 0)
				break;
		if (known[i] == NULL && !is_silent(key))
			die("a schema has a keyword that is not checked", key);
		if (strcmp(key, "properties") == 0 ||
		    strcmp(key, "definitions") == 0 ||
		    strcmp(key, "anyOf") == 0 || strcmp(key, "oneOf") == 0)
			understand_each(x);
		else if (strcmp(key, "items") == 0 ||
		    strcmp(key, "additionalProperties") == 0)
			understand(x);
	}
}

#endif
