/*
 * What a verdict is as a fact, and what one person more or less makes of it.
 */
#include "ltm/verdict.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ltm/fact.h"
#include "store/db.h"
#include "store/store.h"

int64_t
verdict_id(const char *name, const char *about, const char *file)
{
	return fact_id_of((const char *const[]){ "verdict", name, about, file,
	    NULL });
}

int64_t
verdict_id_of(const json_t *value)
{
	return verdict_id(get_str(value, "verdict", NULL),
	    get_str(value, "about", NULL), get_str(value, "file", NULL));
}

/* The place of a person in it; its size: he is not there. */
static size_t
find_said(const json_t *said, const char *by)
{
	size_t i;

	for (i = 0; i < json_array_size(said); i++)
		if (str_eq(get_str(json_array_get(said, i), "by", NULL), by))
			break;
	return i;
}

static json_t *
body_of(const struct verdict *v, const json_t *said)
{
	struct buf text = BUF_INIT;
	json_t *meta, *o;

	buf_addf(&text, "%s is %s", v->about, v->name);
	if (v->file != NULL)
		buf_addf(&text, " in %s", v->file);
	buf_cut(&text, utf8_cut(text.p, text.len, FACT_CONTENT_MAX));
	meta = json_pack("{s:s, s:O}", "verdict", v->name, "said", said);
	if (meta != NULL && v->file != NULL)
		json_object_set_new(meta, "file", json_string(v->file));
	o = json_pack("{s:s, s:[s, s], s:s, s:o}", "content", text.p, "tags",
	    "verdict", v->name, "key", v->about, "metadata", meta);
	buf_release(&text);
	return o;
}

/* He says it, or takes it back; by NULL: everybody does.  false: so it was. */
static bool
change_said(json_t *said, const struct verdict *v, bool on)
{
	size_t at = v->by != NULL ? find_said(said, v->by) : 0;
	const json_t *one = json_array_get(said, at);

	if (on ? one != NULL && (v->reason == NULL ||
	    str_eq(get_str(one, "reason", NULL), v->reason)) : one == NULL)
		return false;
	if (v->by == NULL)
		json_array_clear(said);
	else if (one != NULL)
		json_array_remove(said, at);
	if (on)
		json_array_append_new(said, json_pack("{s:s, s:I, s:s*}",
		    "by", v->by, "at", (json_int_t)v->at_ms, "reason",
		    v->reason));
	return true;
}

json_t *
verdict_said(const json_t *before, const json_t *value, int64_t at_ms)
{
	const json_t *old = get_path(before, "metadata.said");
	struct verdict v = { .name = get_str(value, "verdict", NULL),
	    .about = get_str(value, "about", NULL),
	    .file = get_str(value, "file", NULL),
	    .by = get_str(value, "by", NULL),
	    .reason = get_str(value, "reason", NULL), .at_ms = at_ms };
	bool on = json_is_true(json_object_get(value, "on"));
	json_t *said = json_is_array(old) ? json_deep_copy(old) : json_array();
	json_t *body = NULL;

	if (change_said(said, &v, on))
		body = body_of(&v, said);
	json_decref(said);
	return body;
}

int
verdict_index(struct store *st, int64_t id, const json_t *body,
    struct err *e)
{
	const char *file = get_str(json_object_get(body, "metadata"), "file",
	    NULL);
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO verdict (about, file, fact) "
	    "VALUES (:about, :file, :fact) ON CONFLICT DO NOTHING")) == NULL)
		return -1;
	db_text(q, ":about", get_str(body, "key", NULL));
	db_text(q, ":file", file != NULL ? file : "");
	db_int(q, ":fact", id);
	return db_run(q, e);
}
