#include "engine/scroll.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 5		/* who asks twice sees by their number that a page was
			   lost */

/* What an answer has is counted; one without a place is the last. */
static int
take(struct engine_scroll *s, struct err *e)
{
	const json_t *hits = get_path(s->page, "hits.hits");
	const char *id = get_str(s->page, "_scroll_id", NULL);

	if (!json_is_array(hits))
		return engine_wrong(s->engine, "search", e);
	if (id != NULL) {
		free(s->id);
		s->id = xstrdup(id);
	}
	s->last = (int64_t)json_array_size(hits);
	s->had += s->last;
	return 0;
}

static int
ask(struct engine_scroll *s, const char *method, const char *path,
    const struct buf *body, const char *what, struct err *e)
{
	const struct engine_req q = { .method = method, .path = path,
	    .body = body->p, .len = body->len, .tries = TRIES };

	json_decref(s->page);
	return engine_ask_well(s->engine, &q, what, false, &s->page, e);
}

int
engine_scroll_first(struct engine_scroll *s, const char *where,
    const struct buf *body, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	buf_addf(&path, "%s?scroll=%s&allow_partial_search_results=false",
	    where, s->keep);
	r = ask(s, "POST", path.p, body, "search", e);
	buf_release(&path);
	if (r == 0 && (get_int(get_path(s->page, "hits.total"), "value",
	    &s->total) != 1 || s->total < 0))
		return engine_wrong(s->engine, "search", e);
	return r < 0 ? -1 : take(s, e);
}

int
engine_scroll_next(struct engine_scroll *s, struct err *e)
{
	struct buf body = BUF_INIT;
	int r;

	/* an empty page is the last, whatever total says */
	if (s->id == NULL || s->had >= s->total || s->last == 0)
		return 0;
	buf_addf(&body, "{\"scroll\":\"%s\",\"scroll_id\":", s->keep);
	json_quote(&body, s->id, strlen(s->id));
	buf_addc(&body, '}');
	r = ask(s, "POST", "/_search/scroll", &body, "search", e);
	buf_release(&body);
	if (r < 0 || take(s, e) < 0)
		return -1;
	return s->last > 0;
}

void
engine_scroll_end(struct engine_scroll *s)
{
	struct buf body = BUF_INIT;
	struct err ignored;	/* it ends by itself, too */

	if (s->id != NULL) {
		buf_adds(&body, "{\"scroll_id\":[");
		json_quote(&body, s->id, strlen(s->id));
		buf_adds(&body, "]}");
		ask(s, "DELETE", "/_search/scroll", &body, "end of a search",
		    &ignored);
	}
	json_decref(s->page);
	s->page = NULL;
	free(s->id);
	s->id = NULL;
	buf_release(&body);
}
