/*
 * jsonschema DIR [FILE...]: hold JSON Lines against the schemas of their
 * types, DIR/TYPE.json.  Prints "FILE line N: /key: what is wrong"; exit 0
 * all valid, 1 some are not, 2 failed.  The record within a hit is held
 * against its own type's schema, too.
 *
 * It knows what our schemas use of JSON Schema (draft 2020-12): type,
 * properties, required, enum, minimum, maximum, items, additionalProperties.
 * A schema with any other keyword is an error: what nobody checks promises
 * nothing.  An integer must be written as one (not 1.0).
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 1024
#define LINE_LEN ((size_t)64 << 20)

struct check {
	const char *dir;
	json_t *schemas;	/* own; by type, as they are needed */
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
hold(struct check *c, const json_t *schema, const json_t *v)
{
	static const char *const silent[] = { "$schema", "$id", "title",
	    "description", "properties", "additionalProperties", NULL };
	const char *key;
	json_t *x;
	int i, r = 0;

	json_object_foreach((json_t *)schema, key, x) {
		for (i = 0; silent[i] != NULL; i++)
			if (strcmp(silent[i], key) == 0)
				break;
		if (silent[i] != NULL)
			continue;
		if (strcmp(key, "type") == 0)
			r |= hold_type(c, x, v);
		else if (strcmp(key, "enum") == 0)
			r |= hold_enum(c, x, v);
		else if (strcmp(key, "minimum") == 0 ||
		    strcmp(key, "maximum") == 0)
			r |= hold_bound(c, key, x, v);
		else if (strcmp(key, "required") == 0)
			r |= hold_required(c, x, v);
		else if (strcmp(key, "items") == 0)
			r |= hold_items(c, x, v);
		else
			die("a schema has a keyword that is not checked", key);
	}
	if (json_is_object(v))
		r |= hold_members(c, schema, v);
	return r;
}

/* The schema of a type, borrowed; NULL: there is none. */
static const json_t *
schema_of(struct check *c, const char *type)
{
	char path[PATH_LEN];
	json_error_t je;
	json_t *s;

	if ((s = json_object_get(c->schemas, type)) != NULL)
		return s;
	if (strchr(type, '/') != NULL)
		return NULL;
	snprintf(path, sizeof path, "%s/%s.json", c->dir, type);
	s = json_load_file(path, JSON_REJECT_DUPLICATES, &je);
	if (s == NULL && json_error_code(&je) == json_error_cannot_open_file)
		return NULL;
	if (s == NULL)
		die(path, je.text);
	json_object_set_new(c->schemas, type, s);
	return s;
}

static void
hold_record(struct check *c, const json_t *o)
{
	const char *type = json_string_value(json_object_get(o, "type"));
	const json_t *schema;

	if (!json_is_object(o) || type == NULL)
		wrong(c, "is not an object with a type", NULL);
	else if ((schema = schema_of(c, type)) == NULL)
		wrong(c, "has no schema: type", type);
	else
		hold(c, schema, o);
	/* a hit has the record it is of, or a text in its place */
	if (type != NULL && strcmp(type, "hit") == 0 &&
	    json_object_get(o, "text") == NULL) {
		snprintf(c->path, sizeof c->path, "/record");
		hold_record(c, json_object_get(o, "record"));
		*c->path = '\0';
	}
}

static void
hold_file(struct check *c, FILE *f, const char *name)
{
	char *line = malloc(LINE_LEN);
	json_error_t je;
	json_t *o;

	if (line == NULL)
		die(name, "out of memory");
	c->file = name;
	c->line = 0;
	while (fgets(line, LINE_LEN, f) != NULL) {
		c->line++;
		c->wrong = 0;
		*c->path = '\0';
		o = json_loads(line, JSON_REJECT_DUPLICATES, &je);
		if (o == NULL)
			wrong(c, "is no JSON:", je.text);
		else
			hold_record(c, o);
		json_decref(o);
		c->bad += c->wrong > 0;
	}
	if (c->line == 0)	/* a check of nothing must not look like one */
		c->bad += wrong(c, "is empty", NULL);
	free(line);
}

int
main(int argc, char **argv)
{
	struct check c = { 0 };
	FILE *f;
	int i;

	if (argc < 2)
		die("usage", "jsonschema DIR [FILE ...]");
	c.dir = argv[1];
	c.schemas = json_object();
	if (argc == 2)
		hold_file(&c, stdin, "standard input");
	for (i = 2; i < argc; i++) {
		if ((f = fopen(argv[i], "r")) == NULL)
			die("cannot open", argv[i]);
		hold_file(&c, f, argv[i]);
		fclose(f);
	}
	json_decref(c.schemas);
	return c.bad > 0;
}
