#include "engine/record.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "memory/document.h"
#include "memory/record.h"

#include <string.h>

/* --- is it that of the document? --------------------------------------- */

static const struct {
	const char *type, *id;		/* NULL: not told by one member */
} kinds[SOURCE_SESSION] = {
	[SOURCE_EVENT] = { "event", "event_id" },
	[SOURCE_KB] = { "record", "record_id" },
	[SOURCE_TOC] = { "toc_node", "node_id" },
	[SOURCE_GRIP] = { "grip", "grip_id" },
	[SOURCE_FACT] = { "fact", "fact_id" },
	[SOURCE_OWN] = { "fact", "fact_id" },
	[SOURCE_ARTIFACT] = { "artifact", "artifact_id" },
	[SOURCE_DOCUMENT] = { "chunk", NULL },
};

/* What who shows a record takes for granted, as the store sees to it of its
 * own: s a string, i a whole number, n a number, o an object, S a list of
 * strings, B one of objects with a text; "!": it must be there. */
static const struct {
	enum source source;
	const char *name, *is;
} members[] = {
	{ SOURCE_EVENT, "text", "s!" }, { SOURCE_EVENT, "role", "s!" },
	{ SOURCE_EVENT, "event_type", "s!" },
	{ SOURCE_EVENT, "session_id", "s!" }, { SOURCE_EVENT, "agent", "s" },
	{ SOURCE_EVENT, "metadata", "o" },
	{ SOURCE_TOC, "title", "s!" }, { SOURCE_TOC, "level", "s!" },
	{ SOURCE_TOC, "bullets", "B!" }, { SOURCE_TOC, "keywords", "S" },
	{ SOURCE_TOC, "child_node_ids", "S" }, { SOURCE_TOC, "version", "i" },
	{ SOURCE_TOC, "summary", "s" }, { SOURCE_TOC, "made", "s" },
	{ SOURCE_GRIP, "excerpt", "s!" }, { SOURCE_GRIP, "timestamp", "i!" },
	{ SOURCE_GRIP, "event_id_start", "s!" },
	{ SOURCE_GRIP, "event_id_end", "s!" },
	{ SOURCE_GRIP, "toc_node_id", "s" }, { SOURCE_GRIP, "source", "s" },
	{ SOURCE_FACT, "content", "s!" }, { SOURCE_FACT, "scope", "s!" },
	{ SOURCE_FACT, "confidence", "n!" }, { SOURCE_FACT, "tags", "S!" },
	{ SOURCE_FACT, "valid_from", "i!" }, { SOURCE_FACT, "version", "i" },
	{ SOURCE_FACT, "valid_until", "i" }, { SOURCE_FACT, "key", "s" },
	{ SOURCE_FACT, "reason", "s" }, { SOURCE_FACT, "metadata", "o" },
	{ SOURCE_ARTIFACT, "mode", "s!" }, { SOURCE_ARTIFACT, "status", "s!" },
	{ SOURCE_ARTIFACT, "provider", "s" }, { SOURCE_ARTIFACT, "uri", "s" },
	{ SOURCE_ARTIFACT, "filename", "s" },
	{ SOURCE_ARTIFACT, "content_type", "s" },
	{ SOURCE_ARTIFACT, "size_bytes", "i" },
	{ SOURCE_ARTIFACT, "metadata", "o!" },
	{ SOURCE_ARTIFACT, "content_hash", "s" },
	{ SOURCE_ARTIFACT, "provider_metadata", "o" },
	{ SOURCE_ARTIFACT, "timestamp", "i!" },
	{ SOURCE_ARTIFACT, "updated", "i" },
	{ SOURCE_DOCUMENT, "text", "s!" }, { SOURCE_DOCUMENT, "title", "s" },
	{ SOURCE_DOCUMENT, "heading", "S" },
	{ SOURCE_DOCUMENT, "section", "s" }, { SOURCE_DOCUMENT, "path", "s" },
	{ SOURCE_DOCUMENT, "media_type", "s" },
	{ SOURCE_DOCUMENT, "source", "s" }, { SOURCE_DOCUMENT, "seq", "i" },
	{ SOURCE_KB, "record_type", "s!" },
};

/* A list of strings, or of objects with a text. */
static bool
list_is(const json_t *list, bool objects)
{
	const json_t *v, *grips;
	size_t i;

	json_array_foreach(list, i, v) {
		if (!objects && !json_is_string(v))
			return false;
		if (!objects)
			continue;
		grips = json_object_get(v, "grip_ids");
		if (get_str(v, "text", NULL) == NULL ||
		    (grips != NULL && !list_is(grips, false)))
			return false;
	}
	return json_is_array(list);
}

static bool
value_is(const json_t *v, char how)
{
	switch (how) {
	case 's':
		return json_is_string(v);
	case 'i':
		return json_is_integer(v);
	case 'n':
		return json_is_number(v);
	case 'o':
		return json_is_object(v);
	default:
		return list_is(v, how == 'B');
	}
}

static bool
is_whole(const json_t *o, enum source source)
{
	const json_t *v;
	size_t i;

	if (source == SOURCE_OWN)
		source = SOURCE_FACT;
	for (i = 0; i < sizeof members / sizeof *members; i++) {
		if (members[i].source != source)
			continue;
		v = json_object_get(o, members[i].name);
		if (v == NULL ? members[i].is[1] == '!' :
		    !value_is(v, members[i].is[0]))
			return false;
	}
	return true;
}

/* A member that, if it is there, says the same. */
static bool
agrees(const json_t *o, const char *key, const char *with)
{
	const json_t *v = json_object_get(o, key);

	return v == NULL || json_is_null(v) || (json_is_string(v) &&
	    str_eq(json_string_value(v), with));
}

static bool
time_is(const json_t *o, const char *key, int64_t ms)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) && json_integer_value(v) == ms;
}

static bool
chunk_is(const json_t *o, const struct engine_found *d)
{
	size_t n = document_id_len(RECORD_CHUNK, d->id);
	const char *id = get_str(o, "document_id", NULL);

	return id != NULL && strlen(id) == n && d->id[n] == '#' &&
	    strncmp(id, d->id, n) == 0 &&
	    str_eq(get_str(o, "chunk_id", NULL), d->id + n + 1);
}

bool
engine_record_is(const json_t *o, const struct engine_found *d)
{
	const char *id = kinds[d->source].id;

	if (!json_is_object(o) || !str_eq(get_str(o, "type", NULL),
	    kinds[d->source].type) || !is_whole(o, d->source))
		return false;
	if (id != NULL ? !str_eq(get_str(o, id, NULL), d->id) :
	    !chunk_is(o, d))
		return false;
	/* what else rows say of anybody is their own affair */
	if (source_is_rows(d->source))
		return str_eq(get_str(o, "kb", NULL), d->within);
	if (!agrees(o, "user", d->user) ||
	    !agrees(o, "session_id", d->session))
		return false;
	return d->source == SOURCE_EVENT ? time_is(o, "timestamp",
	    d->ts_ms) : d->source == SOURCE_TOC ? time_is(o, "start",
	    d->ts_ms) && time_is(o, "end", d->end_ms) : true;
}

json_t *
engine_record_order(json_t *o)
{
	static const char *const first[] = { "type", "kb", "event_id",
	    "record_id", "document_id", "chunk_id", "node_id", "grip_id",
	    "fact_id", "artifact_id", "session_id", "timestamp", "event_type",
	    "role", "record_type", "level", "title", "text", "content",
	    "excerpt" };
	json_t *to = json_object();
	size_t i;

	for (i = 0; i < sizeof first / sizeof *first; i++)
		if (json_object_get(o, first[i]) != NULL)
			json_object_set(to, first[i],
			    json_object_get(o, first[i]));
	json_object_update_missing(to, o);
	return to;
}

/* --- its words --------------------------------------------------------- */

static void
add(struct doc *d, const json_t *v, bool aside)
{
	struct doc_piece *p;

	if (json_string_length(v) == 0)
		return;
	d->piece = xgrow(d->piece, d->pieces, &d->cap, sizeof *d->piece);
	p = &d->piece[d->pieces++];
	p->text = json_string_value(v);
	p->len = json_string_length(v);
	p->times = 1;
	p->aside = aside;
}

/* All strings below a value; its depth was bounded when it was read. */
static void
add_all(struct doc *d, json_t *v)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(v))
		add(d, v, false);
	else if (json_is_array(v))
		json_array_foreach(v, i, member)
			add_all(d, member);
	else if (json_is_object(v))
		json_object_foreach(v, key, member)
			add_all(d, member);
}

static void
add_words(struct doc *d, json_t *o)
{
	json_t *v;
	size_t i;

	switch (d->source) {
	case SOURCE_EVENT:
		add(d, json_object_get(o, "text"), false);
		break;
	case SOURCE_TOC:
		json_array_foreach(json_object_get(o, "bullets"), i, v)
			add(d, json_object_get(v, "text"), false);
		add(d, json_object_get(o, "title"), true);
		break;
	case SOURCE_GRIP:
		add(d, json_object_get(o, "excerpt"), false);
		break;
	case SOURCE_FACT:
	case SOURCE_OWN:
		add(d, json_object_get(o, "content"), false);
		break;
	default:
		add(d, json_object_get(o, "filename"), false);
		add(d, json_object_get(o, "uri"), false);
		add_all(d, json_object_get(o, "metadata"));
	}
}

void
engine_record_doc(struct doc *d, json_t *o, const struct engine_found *f)
{
	struct record rec = { .kind = f->source == SOURCE_DOCUMENT ?
	    RECORD_CHUNK : RECORD_ROW, .ts_ms = f->ts_ms, .kb = f->within,
	    .record_id = f->id, .json = o };

	memset(d, 0, sizeof *d);
	if (source_is_rows(f->source)) {
		doc_record(d, &rec);
		return;
	}
	d->source = f->source;
	d->id = f->id;
	d->has_time = f->has_time;
	d->ts_ms = f->ts_ms;
	d->end_ms = f->end_ms;
	d->session = f->session;
	d->user = f->user;
	add_words(d, o);
}
