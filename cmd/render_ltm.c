/*
 * Facts as text: how sure, which, its tags; what it says below that.
 */
#include "cmd/render.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/put.h"

#define LINES 3		/* of a sentence, on a terminal */

static void
put_confidence(struct out *o, const json_t *rec, const char *key)
{
	const json_t *v = json_object_get(rec, key);

	if (v != NULL)
		buf_addf(&o->b, "%.2f ", json_number_value(v));
}

static void
put_sentence(struct out *o, const json_t *rec, const char *key)
{
	size_t from;

	buf_addc(&o->b, '\n');
	from = o->b.len;
	buf_adds(&o->b, "  ");
	if (o->width > 0)
		put_wrapped(o, &(struct put_para){ .indent = 2,
		    .lines = LINES, .here = true }, put_member(rec, key));
	else
		put_line(o, from, put_member(rec, key), NULL);
}

static void
put_flag(struct out *o, const json_t *rec, const char *key)
{
	if (!json_is_true(json_object_get(rec, key)))
		return;
	buf_addc(&o->b, ' ');
	put_styled(o, YELLOW, key);
}

void
render_fact_head(struct out *o, const json_t *rec)
{
	const json_t *tags = json_object_get(rec, "tags"), *tag;
	size_t i;

	put_confidence(o, rec, "confidence");
	if (json_object_get(rec, "change") != NULL) {
		put_styled(o, YELLOW, put_member(rec, "change"));
		buf_addc(&o->b, ' ');
		put_confidence(o, rec, "before");
		if (json_object_get(rec, "before") != NULL)
			buf_adds(&o->b, "-> ");
		put_confidence(o, rec, "after");
	}
	put_styled(o, BOLD, put_member(rec, "fact_id"));
	put_flag(o, rec, "pinned");
	put_flag(o, rec, "held");
	put_flag(o, rec, "gone");
	for (i = 0; (tag = json_array_get(tags, i)) != NULL; i++) {
		buf_addc(&o->b, ' ');
		put_styled(o, DIM, json_string_value(tag));
	}
}

/* What it is and how sure, and below it what it says. */
void
render_fact(struct out *o, const json_t *rec)
{
	render_fact_head(o, rec);
	put_sentence(o, rec, "content");
	if (json_object_get(rec, "reason") != NULL)
		put_sentence(o, rec, "reason");
}

void
render_explanation(struct out *o, const json_t *rec)
{
	const json_t *steps = json_object_get(rec, "steps"), *step;
	const json_t *verdicts = json_object_get(rec, "verdicts");
	const json_t *rows = json_object_get(rec, "rows"), *row;
	size_t i;

	render_fact(o, rec);
	for (i = 0; (step = json_array_get(steps, i)) != NULL; i++) {
		buf_addf(&o->b, "\n  %+7.4f ", json_number_value(
		    json_object_get(step, "add")));
		put_str(o, put_member(step, "why"));
	}
	for (i = 0; (step = json_array_get(verdicts, i)) != NULL; i++) {
		buf_addf(&o->b, "\n  %+7.4f in reviews: ", json_number_value(
		    json_object_get(step, "add")));
		put_str(o, put_member(step, "verdict"));
		buf_adds(&o->b, ", ");
		put_str(o, put_member(step, "by"));
		if (json_object_get(step, "file") != NULL) {
			buf_adds(&o->b, ", in ");
			put_str(o, put_member(step, "file"));
		}
	}
	buf_addf(&o->b, "\n  %zu rows:", json_array_size(rows));
	for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
		buf_addc(&o->b, ' ');
		put_str(o, json_string_value(row));
	}
}

void
render_group(struct out *o, const json_t *rec)
{
	put_styled(o, BOLD, put_member(rec, "dimension"));
	buf_addc(&o->b, ' ');
	put_str(o, put_member(rec, "value"));
	buf_addf(&o->b, " %" PRId64 " ", (int64_t)json_integer_value(
	    json_object_get(rec, "count")));
	put_confidence(o, rec, "confidence");
	put_sentence(o, rec, json_is_true(json_object_get(rec, "fact")) ?
	    "content" : "reason");
}
