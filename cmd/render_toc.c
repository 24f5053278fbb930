/*
 * Contents as text: a line that names a node, its bullets with the grips
 * they rest on, and a line for each node below.
 */
#include "cmd/render.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/put.h"

#define TITLE_LEAST 16	/* columns for a title, or it has its own line */

static const char *
short_node(const json_t *rec)
{
	const char *id = put_member(rec, "node_id");

	return str_starts(id, "toc:") ? id + 4 : id;
}

/* Years stand furthest to the left, or what was printed first. */
static int
node_indent(struct out *o, const char *level)
{
	static const char *const levels[] = { "year", "month", "week", "day",
	    "segment", NULL };
	int i;

	for (i = 0; levels[i] != NULL && strcmp(levels[i], level) != 0; i++)
		;
	if (o->top == 0)
		o->top = i + 1;
	return i + 1 > o->top ? 2 * (i + 1 - o->top) : 0;
}

/* A line of pieces; what does not fit on it goes to one below. */
struct head {
	size_t from;
	int indent;
};

static void
put_room(struct out *o, struct head *h, size_t len)
{
	if (o->width == 0 || put_columns(o, h->from) + 2 + (int)len <
	    o->width) {
		buf_adds(&o->b, "  ");
		return;
	}
	buf_addc(&o->b, '\n');
	h->from = o->b.len;
	buf_addf(&o->b, "%*s", h->indent + 2, "");
}

static void
put_piece(struct out *o, struct head *h, enum put_style s, const char *text)
{
	put_room(o, h, strlen(text));
	if (s == PLAIN)
		put_str(o, text);
	else
		put_styled(o, s, text);
}

static void
put_flag(struct out *o, struct head *h, const json_t *rec, const char *key)
{
	if (json_is_true(json_object_get(rec, key)))
		put_piece(o, h, YELLOW, key);
}

/* What its id does not tell: hours of a segment, day of the week, days of a
 * week. */
static void
put_when(struct out *o, struct head *h, const json_t *rec)
{
	static const char *const days[] = { "", "Mon", "Tue", "Wed", "Thu",
	    "Fri", "Sat", "Sun" };
	static const char *const months[] = { "", "Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const char *id = short_node(rec);
	char text[32] = "";
	int64_t start, end;
	struct date a, b;

	if (get_time(rec, "start", &start) != 1 ||
	    get_time(rec, "end", &end) != 1)
		return;
	date_split(start, &a);
	date_split(end - 1, &b);
	if (str_starts(id, "segment:"))
		snprintf(text, sizeof text, "%02d:%02d-%02d:%02d", a.hour,
		    a.min, b.hour, b.min);
	else if (str_starts(id, "day:"))
		snprintf(text, sizeof text, "%s", days[date_weekday(a.year,
		    a.month, a.day)]);
	else if (str_starts(id, "week:") && a.month == b.month)
		snprintf(text, sizeof text, "%d-%d %s", a.day, b.day,
		    months[b.month]);
	else if (str_starts(id, "week:"))
		snprintf(text, sizeof text, "%d %s-%d %s", a.day,
		    months[a.month], b.day, months[b.month]);
	if (*text != '\0')
		put_piece(o, h, PLAIN, text);
}

static void
put_title(struct out *o, struct head *h, const char *title)
{
	size_t len = strlen(title);

	if (len == 0)
		return;
	put_room(o, h, len < TITLE_LEAST ? len : TITLE_LEAST);
	put_style(o, GREEN);
	put_line(o, h->from, title, NULL);
	put_style(o, PLAIN);
}

static void
put_head(struct out *o, int indent, const json_t *rec, enum put_style s)
{
	struct head h = { o->b.len, indent };
	char hits[32];
	int64_t n;

	buf_addf(&o->b, "%*s", indent, "");
	put_styled(o, s, short_node(rec));
	put_when(o, &h, rec);
	put_flag(o, &h, rec, "open");
	put_flag(o, &h, rec, "pinned");
	put_flag(o, &h, rec, "held");
	if (str_eq(get_str(rec, "made", NULL), "fallback"))
		put_piece(o, &h, RED, "fallback");
	if (get_int(rec, "hits", &n) == 1) {
		snprintf(hits, sizeof hits, "%lld hit%s", (long long)n,
		    n == 1 ? "" : "s");
		put_piece(o, &h, YELLOW, hits);
	}
	put_title(o, &h, put_member(rec, "title"));
}

/* Where it fits, at the end of the line, and always at the right; without
 * a width each stands on the line of its bullet, so that a line is whole. */
static void
put_grip(struct out *o, size_t *line, const char *id)
{
	int len = (int)strlen(id);

	if (o->width == 0) {
		buf_adds(&o->b, "  ");
	} else if (put_columns(o, *line) + 2 + len > o->width - 1) {
		buf_addc(&o->b, '\n');
		*line = o->b.len;
	}
	if (o->width > 0)
		put_pad(o, *line, o->width - 1 - len);
	put_styled(o, DIM, id);
}

static size_t
line_start(const struct out *o)
{
	size_t i = o->b.len;

	while (i > 0 && o->b.p[i - 1] != '\n')
		i--;
	return i;
}

static void
put_bullet(struct out *o, int indent, const json_t *bullet)
{
	const json_t *ids = json_object_get(bullet, "grip_ids"), *id;
	size_t from, i;

	buf_addc(&o->b, '\n');
	from = o->b.len;
	buf_addf(&o->b, "%*s%s ", indent, "",
	    json_is_true(json_object_get(bullet, "pinned")) ? "!" : "-");
	if (o->width > 0)
		put_wrapped(o, &(struct put_para){ .indent = indent + 2,
		    .lines = INT_MAX, .here = true },
		    put_member(bullet, "text"));
	else
		put_line(o, from, put_member(bullet, "text"), NULL);
	from = line_start(o);
	for (i = 0; (id = json_array_get(ids, i)) != NULL; i++)
		put_grip(o, &from, json_string_value(id));
}

static void
put_keywords(struct out *o, int indent, const json_t *list)
{
	struct buf all = BUF_INIT;
	const json_t *v;
	size_t i;

	for (i = 0; (v = json_array_get(list, i)) != NULL; i++)
		buf_addf(&all, "%s%s", i > 0 ? ", " : "",
		    json_string_value(v));
	if (all.len > 0) {
		buf_addf(&o->b, "\n%*s", indent, "");
		put_style(o, DIM);
		if (o->width > 0)
			put_wrapped(o, &(struct put_para){ .indent = indent,
			    .lines = INT_MAX, .here = true }, all.p);
		else
			put_str(o, all.p);
		put_style(o, PLAIN);
	}
	buf_release(&all);
}

static void
put_details(struct out *o, int indent, const json_t *rec)
{
	const char *session = get_str(rec, "session_id", NULL);
	int64_t v;

	buf_addf(&o->b, "\n%*s", indent, "");
	if (get_int(rec, "version", &v) == 1)
		buf_addf(&o->b, "version %lld, ", (long long)v);
	put_str(o, put_member(rec, "made"));
	if (session != NULL) {
		buf_adds(&o->b, ", session ");
		put_str(o, session);
	}
}

/* Where hits lie is an outline, but with -v. */
void
render_node(struct out *o, const json_t *rec)
{
	int indent = node_indent(o, put_member(rec, "level"));
	bool outline = json_object_get(rec, "hits") != NULL && !o->full;
	const json_t *list, *v;
	size_t i;

	if (o->begun && !o->dense && !outline && !o->zero)
		buf_addc(&o->b, '\n');
	put_head(o, indent, rec, BOLD);
	if (outline)
		return;
	if (o->full)
		put_details(o, indent + 2, rec);
	list = json_object_get(rec, "bullets");
	for (i = 0; (v = json_array_get(list, i)) != NULL; i++)
		put_bullet(o, indent + 2, v);
	put_keywords(o, indent + 2, json_object_get(rec, "keywords"));
	list = json_object_get(rec, "children");
	if (json_array_size(list) > 0 && !o->zero)
		buf_addc(&o->b, '\n');
	for (i = 0; (v = json_array_get(list, i)) != NULL; i++) {
		buf_addc(&o->b, '\n');
		put_head(o, indent + 2, v, CYAN);
	}
}

/* The events behind it follow, under a day of their own. */
void
render_grip(struct out *o, const json_t *rec)
{
	bool gone = json_is_true(json_object_get(rec, "forgotten"));
	const char *text = gone ? "its event was forgotten" :
	    put_member(rec, "excerpt");
	const char *node = put_member(rec, "toc_node_id");
	size_t from;

	if (o->begun && !o->zero)
		buf_addc(&o->b, '\n');
	o->last_day = INT64_MIN;
	from = o->b.len;
	put_styled(o, BOLD, put_member(rec, "grip_id"));
	buf_adds(&o->b, "  ");
	put_time(o, rec, "timestamp");
	put_str(o, str_starts(node, "toc:") ? node + 4 : node);
	put_style(o, gone ? RED : GREEN);
	if (o->width > 0) {
		put_wrapped(o, &(struct put_para){ .indent = 2,
		    .lines = INT_MAX }, text);
	} else {
		buf_adds(&o->b, *node != '\0' ? "  " : "");
		put_line(o, from, text, NULL);
	}
	put_style(o, PLAIN);
}

void
render_version(struct out *o, const json_t *rec)
{
	struct head h = { o->b.len, 0 };
	int64_t v = 0;

	get_int(rec, "version", &v);
	buf_addf(&o->b, "v%-5lld ", (long long)v);
	put_time(o, rec, "made_at");
	put_str(o, put_member(rec, "made"));
	put_flag(o, &h, rec, "live");
	put_flag(o, &h, rec, "held");
	put_flag(o, &h, rec, "gone");
}

void
render_change(struct out *o, const json_t *rec)
{
	bool added = strcmp(put_member(rec, "change"), "added") == 0;
	size_t from = o->b.len;

	put_style(o, added ? GREEN : RED);
	buf_adds(&o->b, added ? "+ " : "- ");
	put_str(o, put_member(rec, "what"));
	buf_adds(&o->b, ": ");
	put_line(o, from, put_member(rec, "value"), NULL);
	put_style(o, PLAIN);
}
