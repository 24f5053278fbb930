#include "graph/rows.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define LIST 50			/* values of one field */

/* --- events ------------------------------------------------------------ */

static int64_t
speaker(struct sum *s, const struct event *ev)
{
	const char *name;
	struct err ignored;
	int64_t x = -1;
	json_t *rest;

	if (ev->rest == NULL || strstr(ev->rest, "\"speaker\"") == NULL)
		return -1;
	rest = json_read(ev->rest, ev->rest_len, &ignored);
	name = json_string_value(get_path(rest, "metadata.speaker"));
	if (name != NULL)
		x = sum_name(s, GRAPH_PERSON, name, strlen(name), true);
	json_decref(rest);
	return x;
}

void
rows_event(struct sum *s, struct text *t, const struct event *ev, bool again)
{
	int64_t who;

	(again ? sum_text_again : sum_text)(s, ev->seq, ev->ts_ms);
	if (ev->agent != NULL)
		sum_name(s, GRAPH_AGENT, ev->agent, strlen(ev->agent), true);
	who = speaker(s, ev);
	text_read(t, s, ev->text, ev->text_len, who, who < 0 ? 0 :
	    sum_kind(s, "mentions"));
}

/* --- rows of knowledge bases ------------------------------------------- */

/* Fields that name something; text: they are read as one, too. */
static const struct {
	const char *field, *relation;
	enum graph_kind kind;
} fields[] = {
	{ "author", "written_by", GRAPH_PERSON },
	{ "reporter", "reported_by", GRAPH_PERSON },
	{ "assignee", "assigned_to", GRAPH_PERSON },
	{ "owner", "owned_by", GRAPH_PERSON },
	{ "module", "part_of", GRAPH_MODULE },
	{ "component", "part_of", GRAPH_MODULE },
	{ "project", "part_of", GRAPH_NAME },
	{ "product", "part_of", GRAPH_NAME },
	{ "service", "part_of", GRAPH_SERVICE },
	{ "affected_files", "affects", GRAPH_FILE },
	{ "files", "affects", GRAPH_FILE },
	{ "file", "affects", GRAPH_FILE },
	{ "tags", "tagged", GRAPH_TERM },
	{ "pattern_tags", "tagged", GRAPH_TERM },
	{ "version", "affects", GRAPH_VERSION },
	{ "fixed_in", "fixed_in", GRAPH_VERSION },
	{ "fix_version", "fixed_in", GRAPH_VERSION },
	{ "depends_on", "depends_on", GRAPH_ISSUE },
	{ "blocks", "blocks", GRAPH_ISSUE },
	{ "duplicate_of", "duplicate_of", GRAPH_ISSUE },
	{ NULL, NULL, GRAPH_TERM }
};
static const char *const texts[] = { "title", "text", "root_cause",
    "fix_description", "description", "observations", NULL };

static int64_t
name_of(struct sum *s, enum graph_kind kind, const json_t *v)
{
	const char *p = json_string_value(v);

	return p == NULL ? -1 : sum_name(s, kind, p, json_string_length(v),
	    true);
}

/* "a/b.c" of a row of a module is part of it. */
static void
field(struct sum *s, int64_t self, size_t i, const json_t *v, int64_t module)
{
	int64_t x = name_of(s, fields[i].kind, v);

	sum_pair(s, self, x, sum_kind(s, fields[i].relation));
	if (x >= 0 && fields[i].kind == GRAPH_FILE)
		sum_pair(s, x, module, sum_kind(s, "part_of"));
}

static void
read_fields(struct sum *s, int64_t self, const json_t *o)
{
	const json_t *f = json_object_get(o, "fields"), *v;
	int64_t module = name_of(s, GRAPH_MODULE, json_object_get(f,
	    "module"));
	size_t i, k, n;

	for (i = 0; fields[i].field != NULL; i++) {
		if ((v = json_object_get(o, fields[i].field)) == NULL)
			v = json_object_get(f, fields[i].field);
		if (json_is_string(v))
			field(s, self, i, v, module);
		n = json_array_size(v);
		for (k = 0; k < n && k < LIST; k++)
			field(s, self, i, json_array_get(v, k), module);
	}
}

static void
read_text(struct sum *s, struct text *t, int64_t self, const json_t *v)
{
	uint32_t kind = sum_kind(s, "mentions");
	const char *p = json_string_value(v);
	size_t i, n = json_array_size(v), len;

	if (p != NULL) {
		len = json_string_length(v);
		if (len > t->left)
			len = utf8_cut(p, len, t->left);
		t->left -= len;
		text_read(t, s, p, len, self, kind);
	}
	for (i = 0; i < n; i++)
		if (json_is_string(json_array_get(v, i)))
			read_text(s, t, self, json_array_get(v, i));
}

static void
read_texts(struct sum *s, struct text *t, int64_t self, const json_t *o)
{
	const json_t *f = json_object_get(o, "fields");
	int i;

	for (i = 0; texts[i] != NULL; i++) {
		read_text(s, t, self, json_object_get(o, texts[i]));
		if (i > 1)
			read_text(s, t, self, json_object_get(f, texts[i]));
	}
	read_text(s, t, self, json_object_get(o, "heading"));
}

static enum graph_kind
kind_of(const json_t *fields_of, const char *key)
{
	const char *given = get_str(fields_of, key, NULL);
	enum graph_kind k;
	char *name;

	if (given == NULL)
		return GRAPH_NAME;
	name = xstrdup(given);
	str_lower(name);	/* others write "Person" */
	k = graph_kind_find(name);
	free(name);
	return k == GRAPH_KINDS ? GRAPH_NAME : k;
}

static void
relation(struct sum *s, const json_t *f)
{
	const char *kind = get_str(f, "relationType", NULL);
	int64_t a = name_of(s, kind_of(f, "fromType"),
	    json_object_get(f, "from"));
	int64_t b = name_of(s, kind_of(f, "toType"),
	    json_object_get(f, "to"));

	while (kind != NULL && *kind == SUM_PROPOSED)
		kind++;		/* no model said it */
	if (kind != NULL && *kind != '\0')
		sum_pair(s, a, b, sum_kind(s, kind));
}

/* Its own name: that of its document, of the entity that it says, or its id. */
static int64_t
self_of(struct sum *s, const struct record *rec)
{
	const json_t *f = json_object_get(rec->json, "fields");
	const char *hash = strrchr(rec->record_id, '#');

	if (str_eq(rec->record_type, "entity"))
		return name_of(s, kind_of(f, "entityType"),
		    json_object_get(rec->json, "title"));
	if (str_eq(rec->record_type, "chunk") && hash != NULL)
		return sum_name(s, GRAPH_DOCUMENT, rec->record_id,
		    (size_t)(hash - rec->record_id), true);
	return sum_name(s, str_eq(rec->record_type, "document") ?
	    GRAPH_DOCUMENT : GRAPH_RECORD, rec->record_id,
	    strlen(rec->record_id), true);
}

static void
add_text(struct buf *b, const json_t *v)
{
	size_t i, n = json_array_size(v);

	if (json_is_string(v) && json_string_length(v) > 0) {
		buf_add(b, json_string_value(v), json_string_length(v));
		buf_addc(b, '\n');
	}
	for (i = 0; i < n; i++)
		if (json_is_string(json_array_get(v, i)))
			add_text(b, json_array_get(v, i));
}

void
rows_text(struct buf *b, const struct record *rec)
{
	const json_t *f = json_object_get(rec->json, "fields");
	int i;

	if (str_eq(rec->status, "withdrawn") || str_eq(rec->record_type,
	    "relation"))
		return;
	add_text(b, json_object_get(rec->json, "heading"));
	for (i = 0; texts[i] != NULL; i++) {
		add_text(b, json_object_get(rec->json, texts[i]));
		if (i > 1)
			add_text(b, json_object_get(f, texts[i]));
	}
}

void
rows_kinds(struct strv *all)
{
	size_t i;

	for (i = 0; fields[i].relation != NULL; i++)
		if (!strv_has(all, fields[i].relation))
			strv_add(all, fields[i].relation);
}

void
rows_record(struct sum *s, struct text *t, const struct record *rec,
    bool again)
{
	int64_t self;

	if (str_eq(rec->status, "withdrawn"))
		return;
	(again ? sum_text_again : sum_text)(s, rec->seq, rec->ts_ms);
	if (str_eq(rec->record_type, "relation")) {
		relation(s, json_object_get(rec->json, "fields"));
		return;
	}
	t->left = TEXT_READ;
	self = self_of(s, rec);
	read_fields(s, self, rec->json);
	read_texts(s, t, self, rec->json);
}
