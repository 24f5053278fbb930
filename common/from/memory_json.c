/*
 * The memory server of the Model Context Protocol: lines of entities and
 * relations.  They become rows of the knowledge base "memory".
 */
#include "from/format.h"

#include "base/json.h"
#include "memory/record.h"

#include <string.h>

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
	.want = want,
	.value = value,
};
