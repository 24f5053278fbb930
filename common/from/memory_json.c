/*
 * The memory server of the Model Context Protocol: lines of entities and
 * relations.  They become rows of the knowledge base "memory".
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"
#include "memory/record.h"

#include <stdlib.h>
#include <string.h>

/* Relations name their ends; what these are stands with the entities, before
 * or behind. */
struct memory {
	struct map types;	/* of an entity by its name; own */
};

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want_any(name, names, why);

	return shape != FROM_NONE && str_starts(name, "memory") ?
	    FROM_LINES : FROM_NONE;
}

static int
emit(struct from *f, const char *type, const char *id, const char *title,
    const char *text, json_t *fields, struct err *e)
{
	json_t *o = json_object();
	int r;

	json_object_set_new(o, "type", json_string("record"));
	json_object_set_new(o, "kb", json_string("memory"));
	json_object_set_new(o, "record_id", json_string(id));
	json_object_set_new(o, "record_type", json_string(type));
	json_object_set_new(o, "title", json_string(title));
	if (text != NULL && *text != '\0')
		json_object_set_new(o, "text", json_string(text));
	json_object_set(o, "fields", fields);
	r = from_record(f, o, e);
	json_decref(o);
	return r;
}

static void
learn(struct memory *m, const json_t *v)
{
	const char *name = get_str(v, "name", NULL);
	const char *type = get_str(v, "entityType", NULL);
	union map_value *known;
	int made;

	if (name == NULL || type == NULL || !str_eq(get_str(v, "type", NULL),
	    "entity"))
		return;
	known = map_put(&m->types, name, &made);
	free(known->p);
	known->p = xstrdup(type);
}

static void
scan(struct from *f, const char *line, size_t len, int64_t begins)
{
	struct err ignored;	/* it is told when it is read */
	json_t *v = json_read(line, len, &ignored);

	(void)begins;
	learn(f->priv, v);
	json_decref(v);
}

static void
release(struct from *f)
{
	struct memory *m = f->priv;
	size_t i;

	for (i = 0; i < m->types.n; i++)
		free(m->types.e[i].v.p);
	map_release(&m->types);
}

/* What an end of a relation is, if the file says it. */
static void
set_type(const struct from *f, json_t *fields, const char *key,
    const char *name)
{
	const struct memory *m = f->priv;
	const union map_value *known = map_get(&m->types, name);

	if (known != NULL)
		json_object_set_new(fields, key, json_string(known->p));
}

static int
entity(struct from *f, const json_t *v, struct err *e)
{
	const char *name = get_str(v, "name", NULL);
	json_t *seen = json_object_get(v, "observations");
	const char *kind = get_str(v, "entityType", NULL);
	struct buf id = BUF_INIT, text = BUF_INIT;
	json_t *fields;
	int r;

	if (name == NULL || *name == '\0') {
		from_skip(f, "entity without a name");
		return 0;
	}
	learn(f->priv, v);	/* who reads a pipe has no first pass */
	buf_adds(&id, "entity/");
	record_id_part(&id, name);
	from_flatten(&text, seen);
	fields = json_object();
	if (kind != NULL)
		json_object_set_new(fields, "entityType", json_string(kind));
	if (json_is_array(seen))
		json_object_set(fields, "observations", seen);
	r = emit(f, "entity", id.p, name, text.p, fields, e);
	json_decref(fields);
	buf_release(&id);
	buf_release(&text);
	return r;
}

static int
relation(struct from *f, const json_t *v, struct err *e)
{
	const char *from = get_str(v, "from", NULL);
	const char *to = get_str(v, "to", NULL);
	const char *kind = get_str(v, "relationType", NULL);
	struct buf id = BUF_INIT, title = BUF_INIT;
	json_t *fields;
	int r;

	if (from == NULL || to == NULL || kind == NULL) {
		from_skip(f, "relation without from, to or relationType");
		return 0;
	}
	buf_adds(&id, "relation/");
	record_id_part(&id, from);
	buf_addc(&id, '/');
	record_id_part(&id, kind);
	buf_addc(&id, '/');
	record_id_part(&id, to);
	buf_addf(&title, "%s %s %s", from, kind, to);
	fields = json_pack("{s:s, s:s, s:s}", "from", from, "to", to,
	    "relationType", kind);
	set_type(f, fields, "fromType", from);
	set_type(f, fields, "toType", to);
	r = emit(f, "relation", id.p, title.p, NULL, fields, e);
	json_decref(fields);
	buf_release(&id);
	buf_release(&title);
	return r;
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const char *type = get_str(v, "type", NULL);

	if (str_eq(type, "entity"))
		return entity(f, v, e);
	if (str_eq(type, "relation"))
		return relation(f, v, e);
	from_skip(f, "neither entity nor relation");
	return 0;
}

const struct from_format from_memory_json = {
	.name = "memory.json",
	.shape = FROM_LINES,
	.names = "memory*.json or memory*.jsonl",
	.size = sizeof(struct memory),
	.want = want,
	.scan = scan,
	.release = release,
	.value = value,
};
