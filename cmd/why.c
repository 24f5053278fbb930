#include "cmd/why.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "base/term.h"

#include <string.h>

#define DEPTH 16		/* of a tree; ours have six */

static double
real(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void
start(struct buf *b, int depth, double value)
{
	buf_reset(b);
	buf_addf(b, "%*s%9.3f  ", 2 * depth, "", value);
}

static int
print_terms(struct out *out, const json_t *why, int depth, struct err *e)
{
	struct buf b = BUF_INIT;
	const json_t *t;
	const char *term;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(why, "terms"), i, t) {
		term = get_str(t, "term", NULL);
		start(&b, depth, real(t, "score"));
		term_puts(&b, term, strlen(term), false);
		buf_addf(&b, "%s  weight %g, %g times, length %g of %.1f; in "
		    "%g of %g texts: idf %.3f",
		    str_eq(get_str(t, "kind", NULL), "prefix") ? "*" : "",
		    real(t, "weight"), real(t, "tf"), real(why, "length"),
		    real(why, "average_length"), real(t, "df"),
		    real(why, "texts"), real(t, "idf"));
		if ((r = out_line(out, b.p, e)) < 0)
			break;
	}
	buf_release(&b);
	return r;
}

static int
print_events(struct out *out, const json_t *why, int depth, struct err *e)
{
	struct buf b = BUF_INIT;
	const json_t *t;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(why, "events"), i, t) {
		start(&b, depth, real(t, "score") * real(t, "weight"));
		buf_addf(&b, "%g x event %s", real(t, "weight"),
		    get_str(t, "event_id", NULL));
		if ((r = out_line(out, b.p, e)) < 0)
			break;
	}
	buf_release(&b);
	return r;
}

/* Weight x value, and what the value is a share of. */
static int
print_part(struct out *out, const json_t *p, int depth, struct err *e)
{
	struct buf b = BUF_INIT;
	const char *id = get_str(p, "event_id", NULL);
	int r;

	start(&b, depth, real(p, "weight") * real(p, "value"));
	buf_addf(&b, "%g x %s %.3f", real(p, "weight"),
	    get_str(p, "part", NULL), real(p, "value"));
	if (json_object_get(p, "bm25") != NULL)
		buf_addf(&b, ": %.3f of %.3f", real(p, "bm25"),
		    real(p, "best_bm25"));
	if (json_object_get(p, "cosine") != NULL)
		buf_addf(&b, ": cosine %.3f of %.3f", real(p, "cosine"),
		    real(p, "best_cosine"));
	if (id != NULL)
		buf_addf(&b, ": %s", id);
	r = out_line(out, b.p, e);
	buf_release(&b);
	return r;
}

static int
print_age(struct out *out, const json_t *why, int depth, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (json_object_get(why, "age") == NULL)
		return 0;
	start(&b, depth, real(why, "value"));
	buf_addf(&b, "is the sum x %.3f, for its age", real(why, "age"));
	r = out_line(out, b.p, e);
	buf_release(&b);
	return r;
}

static int
print_node(struct out *out, const json_t *why, int depth, struct err *e)
{
	const json_t *p;
	size_t i;

	if (why == NULL || depth == DEPTH)
		return 0;
	if (print_terms(out, why, depth, e) < 0 ||
	    print_events(out, why, depth, e) < 0)
		return -1;
	json_array_foreach(json_object_get(why, "parts"), i, p)
		if (print_part(out, p, depth, e) < 0 ||
		    print_node(out, json_object_get(p, "of"), depth + 1,
		    e) < 0)
			return -1;
	if (print_age(out, why, depth, e) < 0)
		return -1;
	return print_node(out, json_object_get(why, "of"), depth, e);
}

int
why_print(struct out *out, const json_t *why, struct err *e)
{
	return print_node(out, why, 0, e);
}
