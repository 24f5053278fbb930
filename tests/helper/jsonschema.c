/*
 * jsonschema DIR [FILE...]: hold JSON Lines against the schemas of their
 * types, DIR/TYPE.json.  Prints "FILE line N: /key: what is wrong"; exit 0
 * all valid, 1 some are not, 2 failed.  The record within a hit is held
 * against its own type's schema, too.
 *
 * jsonschema -s SCHEMA [FILE...]: hold each line against this one.
 *
 * It knows what our schemas use of JSON Schema (draft 2020-12) and what that
 * of SARIF does (draft 4): the keywords below, $ref within the schema.  A
 * schema with any other keyword, wherever it stands, is an error: what nobody
 * checks promises nothing.  An integer must be written as one (not 1.0).
 */
#include "json-hold.h"

#define LINE_LEN ((size_t)64 << 20)

static json_t *
read_schema(const char *path)
{
	json_error_t je;
	json_t *s;

	s = json_load_file(path, JSON_REJECT_DUPLICATES, &je);
	if (s != NULL)
		understand(s);
	else if (json_error_code(&je) != json_error_cannot_open_file)
		die(path, je.text);
	return s;
}

/* The schema of a type, borrowed; NULL: there is none. */
static const json_t *
schema_of(struct check *c, const char *type)
{
	char path[PATH_LEN];
	json_t *s;

	if ((s = json_object_get(c->schemas, type)) != NULL)
		return s;
	if (strchr(type, '/') != NULL)
		return NULL;
	snprintf(path, sizeof path, "%s/%s.json", c->dir, type);
	if ((s = read_schema(path)) != NULL)
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
	else {
		c->root = schema;
		hold(c, schema, o);
	}
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
		else if (c->one != NULL)
			hold(c, c->root = c->one, o);
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

	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		argv++;
		argc--;
		if ((c.one = read_schema(argv[1])) == NULL)
			die("cannot open", argv[1]);
	}
	if (argc < 2)
		die("usage", "jsonschema DIR | -s SCHEMA [FILE ...]");
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
	json_decref(c.one);
	return c.bad > 0;
}
