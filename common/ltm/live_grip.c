/*
 * The words that a fact rests on.
 */
#include "ltm/live.h"

#include "base/json.h"
#include "ltm/fact.h"
#include "memory/event.h"
#include "toc/grip.h"

#include <string.h>

static json_t *
grip_record(struct store *st, struct event_iter **it, const struct fact *f,
    const json_t *v, struct err *e)
{
	const char *event = get_str(v, "event_id", NULL);
	const char *id = get_str(v, "grip_id", NULL);
	struct grip g;
	json_t *o;

	memset(&g, 0, sizeof g);
	g.user = f->user_id;
	if (event == NULL || !ulid_parse(event, g.event) ||
	    get_int(v, "offset", &g.off) != 1 ||
	    get_int(v, "length", &g.len) != 1 ||
	    id == NULL || !grip_id_read(id, &g)) {
		err_set(e, ERR_CORRUPT, "a grip of a fact is damaged; run "
		    "mem-admin check");
		return NULL;
	}
	memcpy(g.first, g.event, sizeof g.first);
	memcpy(g.last, g.event, sizeof g.last);
	if ((o = grip_json(st, it, &g, e)) != NULL)
		json_object_set_new(o, "source", json_string("live"));
	return o;
}

int
live_grips(struct store *st, const struct fact *f, json_t *out,
    struct err *e)
{
	const json_t *grips = get_path(f->body, "metadata.grips");
	struct event_iter *it = NULL;
	json_t *shown, *o;
	size_t i;
	int r = 0;

	shown = json_is_array(grips) ? json_copy((json_t *)grips) :
	    json_array();
	if (json_array_size(shown) > 0)
		r = fact_hide_events(st, f, shown, e) < 0 ? -1 : 1;
	for (i = 0; r == 1 && i < json_array_size(shown); i++) {
		if ((o = grip_record(st, &it, f, json_array_get(shown, i), e))
		    != NULL)
			json_array_append_new(out, o);
		else
			r = -1;
	}
	json_decref(shown);
	event_close(it);
	return r;
}
