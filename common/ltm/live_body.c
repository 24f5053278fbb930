/*
 * What a fact of the live flow has in it.
 */
#include "ltm/live_said.h"

#include "base/date.h"
#include "base/ulid.h"
#include "toc/grip.h"

#include <string.h>

json_t *
live_value(const struct live_said *s)
{
	return json_stringn(s->ev->text + s->value.at, s->value.len);
}

static json_t *
grip_of(const struct live_said *s)
{
	struct grip g = { .ts_ms = s->ev->ts_ms, .off = (int64_t)s->at,
	    .len = (int64_t)s->len };
	char id[GRIP_ID_LEN];

	ulid_parse(s->ev->id, g.event);
	memcpy(g.first, g.event, sizeof g.first);
	memcpy(g.last, g.event, sizeof g.last);
	grip_make(&g);
	grip_id(&g, id);
	return json_pack("{s:s, s:s, s:s, s:I, s:I}", "grip_id", id,
	    "event_id", s->ev->id, "session_id", s->ev->session, "offset",
	    (json_int_t)g.off, "length", (json_int_t)g.len);
}

void
live_rest_on(json_t *meta, const struct live_said *s)
{
	json_array_append_new(json_object_get(meta, "source_event_ids"),
	    json_string(s->ev->id));
	json_array_append_new(json_object_get(meta, "grips"), grip_of(s));
}

static json_t *
steps_of(const struct live_said *s)
{
	json_t *steps = json_array();
	size_t i;

	for (i = 0; i < s->parts; i++)
		json_array_append_new(steps, json_pack("{s:s, s:f}", "why",
		    s->part[i].why, "add", LIVE_REAL(s->part[i].add)));
	return steps;
}

/* Who found it, and what for a value. */
static json_t *
meta_of(const struct live_said *s)
{
	json_t *meta = json_pack("{s:s, s:s}", "processor", "live",
	    "extraction_type", s->kind);

	if (s->rule != NULL)
		json_object_set_new(meta, "rule", json_string(s->rule));
	else {
		json_object_set_new(meta, "by", json_string("model"));
		json_object_set_new(meta, "model", json_string(s->model));
	}
	if (s->value.len > 0) {
		json_object_set_new(meta, "value", live_value(s));
		json_object_set_new(meta, "value_key",
		    json_string(s->value_key.p));
	}
	json_object_set_new(meta, "source_event_ids", json_array());
	json_object_set_new(meta, "grips", json_array());
	live_rest_on(meta, s);
	json_object_set_new(meta, "ltm_extracted_at",
	    json_integer(date_now()));
	if (s->other_key.len > 0)
		json_object_set_new(meta, "other_key",
		    json_string(s->other_key.p));
	return meta;
}

json_t *
live_body(const struct live_said *s)
{
	json_t *o;

	o = json_pack("{s:s, s:[s, s], s:s, s:o, s:o}", "content",
	    s->content.p, "tags", s->kind, "source:live", "key", s->key.p,
	    "metadata", meta_of(s), "steps", steps_of(s));
	if (s->model != NULL)
		json_array_append_new(json_object_get(o, "tags"),
		    json_string("by:model"));
	if (s->session)
		json_object_set_new(o, "session",
		    json_string(s->ev->session));
	return o;
}
