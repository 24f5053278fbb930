/*
 * A graph as text: a line for an entity, one for each relation, indented by
 * how far away it is.
 */
#include "cmd/render.h"

#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/put.h"

#define EVIDENCE 3		/* ids on a line; -v: all */

static void
put_day(struct out *o, const json_t *rec, const char *key, const char *before)
{
	char day[DATE_LEN + 16];
	int64_t ms;

	if (get_int(rec, key, &ms) != 1)
		return;
	date_format_local(day, ms);
	day[10] = '\0';
	buf_adds(&o->b, before);
	put_str(o, day);
}

static void
put_evidence(struct out *o, const json_t *rec)
{
	const json_t *v = json_object_get(rec, "evidence");
	size_t i, n = json_array_size(v);

	for (i = 0; i < n && (o->full || i < EVIDENCE); i++) {
		buf_adds(&o->b, i == 0 ? "  " : " ");
		put_styled(o, DIM, json_string_value(json_array_get(v, i)));
	}
	if (i < n)
		buf_adds(&o->b, " ...");
	buf_addc(&o->b, '\n');
}

static void
put_count(struct out *o, const json_t *rec)
{
	int64_t n = 0;

	get_int(rec, "count", &n);
	buf_addf(&o->b, "  %" PRId64 " text%s", n, n == 1 ? "" : "s");
	put_day(o, rec, "first", ", ");
	put_day(o, rec, "last", " to ");
}

void
render_entity(struct out *o, const json_t *rec)
{
	const json_t *v = json_object_get(rec, "aliases");
	size_t i;

	put_styled(o, BOLD, put_member(rec, "name"));
	buf_adds(&o->b, "  ");
	put_str(o, put_member(rec, "kind"));
	put_count(o, rec);
	put_evidence(o, rec);
	for (i = 0; i < json_array_size(v); i++) {
		buf_adds(&o->b, i == 0 ? "  also " : ", ");
		put_str(o, json_string_value(json_array_get(v, i)));
	}
	if (i > 0)
		buf_addc(&o->b, '\n');
}

void
render_relation(struct out *o, const json_t *rec)
{
	const char *kind = put_member(rec, "kind");
	int64_t distance = 1;

	get_int(rec, "distance", &distance);
	buf_addf(&o->b, "%*s", (int)(distance < 9 ? 2 * distance : 18), "");
	put_str(o, put_member(rec, "source_name"));
	if (str_eq(kind, "near")) {
		buf_adds(&o->b, " -- ");
	} else {
		buf_adds(&o->b, " -");
		put_str(o, kind);
		buf_adds(&o->b, "-> ");
	}
	put_str(o, put_member(rec, "target_name"));
	buf_addf(&o->b, "  %.2f", json_number_value(json_object_get(rec,
	    "weight")));
	put_count(o, rec);
	if (json_array_size(json_object_get(rec, "proposed")) > 0)
		buf_adds(&o->b, ", proposed");
	put_evidence(o, rec);
}

void
render_community(struct out *o, const json_t *rec)
{
	const json_t *v = json_object_get(rec, "entities");
	int64_t size = 0, number = 0;
	size_t i;

	get_int(rec, "size", &size);
	get_int(rec, "community", &number);
	buf_addf(&o->b, "%" PRId64 ". %" PRId64 ": ", number, size);
	for (i = 0; i < json_array_size(v); i++) {
		buf_adds(&o->b, i == 0 ? "" : ", ");
		put_str(o, put_member(json_array_get(v, i), "name"));
	}
	buf_adds(&o->b, size > (int64_t)i ? " ...\n" : "\n");
}
