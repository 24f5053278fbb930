/*
 * mem-search --graph: hits by what is linked to what the query names.
 */
#include "base/buf.h"
#include "base/json.h"
#include "base/term.h"
#include "cmd/search.h"
#include "graph/found.h"

#include <string.h>

#define EVIDENCE 3		/* ids on a line; -v: all */

void
search_graph(struct search_run *run, int64_t as_of_ms)
{
	run->found_by = found_new(run->st, as_of_ms);
	run->linker.before = found_before;
	run->linker.ask = found_ask;
	run->linker.arg = run->found_by;
	run->s.linker = &run->linker;
}

void
search_graph_end(struct search_run *run)
{
	found_free(run->found_by);
	run->found_by = NULL;
}

static void
put_name(struct buf *b, const json_t *why, const char *key)
{
	const char *name = get_str(why, key, NULL);

	term_puts(b, name, strlen(name), false);
}

/* As mem-graph has a relation. */
static void
put_why(struct out *out, struct buf *b, const json_t *why)
{
	bool inverse = json_is_true(json_object_get(why, "inverse"));
	const json_t *ids = json_object_get(why, "evidence");
	const char *kind = get_str(why, "relation", NULL);
	size_t i, n = json_array_size(ids);

	buf_adds(b, "         linked: ");
	put_name(b, why, inverse ? "entity" : "named");
	if (strcmp(kind, "near") == 0) {
		buf_adds(b, " -- ");
	} else {
		buf_adds(b, " -");
		put_name(b, why, "relation");
		buf_adds(b, "-> ");
	}
	put_name(b, why, inverse ? "named" : "entity");
	buf_addf(b, "  %.2f ", json_number_value(json_object_get(why,
	    "weight")));
	for (i = 0; i < n && (out->full || i < EVIDENCE); i++) {
		buf_addc(b, ' ');
		term_puts(b, json_string_value(json_array_get(ids, i)),
		    json_string_length(json_array_get(ids, i)), false);
	}
	if (i < n)
		buf_adds(b, " ...");
}

int
search_graph_print(struct out *out, const json_t *hit, struct err *e)
{
	struct buf b = BUF_INIT;
	const json_t *why;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(hit, "linked"), i, why) {
		buf_reset(&b);
		put_why(out, &b, why);
		if ((r = out_line(out, b.p, e)) < 0)
			break;
	}
	buf_release(&b);
	return r;
}
