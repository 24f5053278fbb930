/*
 * Records as text for people: one line each, so that a screen holds many;
 * with -v texts are shown whole.  Every byte of a record goes through
 * term_puts, also those of keys: they are as foreign as the values.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/term.h"
#include "base/utf8.h"
#include "cmd/out.h"

#define SHORT_ID 8	/* bytes shown of a long session id */
#define HIT_INDENT 9	/* columns before the text of a hit, */
#define HIT_LINES 3	/* and its lines, on a terminal */

enum style { PLAIN, BOLD, DIM, GREEN, CYAN, YELLOW, MAGENTA, RED };

static const char *const codes[] = { "0", "1", "2", "32", "36", "33", "35",
    "31" };

static void
style(struct out *o, enum style s)
{
	if (o->colour)
		buf_addf(&o->b, "\033[%sm", codes[s]);
}

static void
put_n(struct out *o, const char *s, size_t len)
{
	term_puts(&o->b, s, len, false);
}

static void
put(struct out *o, const char *s)
{
	put_n(o, s, strlen(s));
}

static void
put_styled(struct out *o, enum style s, const char *text)
{
	style(o, s);
	put(o, text);
	style(o, PLAIN);
}

/* The columns of the text from here on, escapes not counted. */
static int
columns(const struct out *o, size_t from)
{
	const char *p = o->b.p + from, *end = o->b.p + o->b.len;
	uint32_t c;
	size_t n;
	int w = 0;

	while (p < end) {
		if (*p == '\033') {
			while (p < end && *p != 'm')
				p++;
			p += p < end;
			continue;
		}
		c = utf8_decode(p, (size_t)(end - p), &n);
		w += utf8_width(c);
		p += n;
	}
	return w;
}

static void
pad(struct out *o, size_t from, int width)
{
	int n = width - columns(o, from);

	buf_addf(&o->b, "%*s", n > 0 ? n : 0, "");
}

/*
 * Add foreign text with runs of white space as one blank, cut where the
 * line that began at "from" reaches the width.  bold: "**" switches it, where
 * there is colour; NULL: there are no marks.
 */
static void
put_line(struct out *o, size_t from, const char *s, bool *bold)
{
	const char *end = s + strlen(s);
	int left = o->width > 0 ? o->width - 1 - columns(o, from) : 0;
	bool marked = bold != NULL && o->colour, blank = false;
	size_t n, was;

	if (marked && *bold)
		style(o, BOLD);
	for (; s < end; s += n) {
		n = 1;
		if (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r') {
			blank = true;
			continue;
		}
		if (marked && s[0] == '*' && s[1] == '*') {
			*bold = !*bold;
			if (blank && *bold) {
				buf_addc(&o->b, ' ');
				blank = false;
			}
			style(o, *bold ? BOLD : PLAIN);
			n = 2;
			continue;
		}
		utf8_decode(s, (size_t)(end - s), &n);
		was = o->b.len;
		if (blank)
			buf_addc(&o->b, ' ');
		put_n(o, s, n);
		blank = false;
		if (o->width == 0)
			continue;
		left -= columns(o, was);
		if (left < 0) {
			buf_cut(&o->b, was);
			buf_adds(&o->b, "\xe2\x80\xa6");
			break;
		}
	}
	if (marked && *bold)
		style(o, PLAIN);
}

/* The text whole: lines after the first are indented. */
static void
put_full(struct out *o, const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, "\n");
		put_n(o, s, n);
		if (s[n] == '\0' || s[n + 1] == '\0')
			return;
		buf_adds(&o->b, "\n        ");
	}
}

/* The columns of a word of a snippet that put_line would show: it is put
 * there, and taken away again. */
static int
word_columns(struct out *o, const char *s, size_t len)
{
	size_t at = o->b.len, i, n;
	int w;

	for (i = 0; i < len; i += n) {
		n = 1;
		if (o->colour && i + 1 < len && s[i] == '*' &&
		    s[i + 1] == '*') {
			n = 2;
			continue;
		}
		utf8_decode(s + i, len - i, &n);
		put_n(o, s + i, n);
	}
	w = columns(o, at);
	buf_cut(&o->b, at);
	return w;
}

static void
put_indented(struct out *o, int indent, const char *s, bool *bold)
{
	buf_addf(&o->b, "\n%*s", indent, "");
	put_line(o, o->b.len - (size_t)indent, s, bold);
}

/*
 * A snippet as a paragraph of at most so many lines, each on a new line
 * behind the indent; what does not fit is cut at a word.
 */
static void
put_wrapped(struct out *o, int indent, const char *s, int lines)
{
	struct buf line = BUF_INIT;
	bool bold = false;	/* a mark may reach over lines */
	int w, left = 0;
	size_t n;

	while (*(s += strspn(s, " \t\r\n")) != '\0') {
		n = strcspn(s, " \t\r\n");
		w = word_columns(o, s, n);
		if (line.len > 0 && w + 1 > left) {
			if (--lines == 0) {
				buf_adds(&line, "\xe2\x80\xa6");
				break;
			}
			put_indented(o, indent, line.p, &bold);
			buf_reset(&line);
		}
		if (line.len == 0)
			left = o->width - indent - 2;
		else
			buf_addc(&line, ' ');
		left -= w + (line.len > 0);
		buf_add(&line, s, n);
		s += n;
	}
	if (line.len > 0)
		put_indented(o, indent, line.p, &bold);
	buf_release(&line);
}

static void
put_text(struct out *o, size_t from, const char *s, bool marked)
{
	bool bold = false;

	if (o->full)
		put_full(o, s);
	else
		put_line(o, from, s, marked ? &bold : NULL);
}

static void
put_short(struct out *o, const char *id)
{
	size_t n = strlen(id);

	style(o, DIM);
	put_n(o, id, n > SHORT_ID ? utf8_cut(id, n, SHORT_ID) : n);
	style(o, PLAIN);
}

static enum style
role_style(const char *role)
{
	static const struct {
		const char *role;
		enum style style;
	} styles[] = { { "user", GREEN }, { "assistant", CYAN },
	    { "tool", YELLOW }, { "system", MAGENTA } };
	size_t i;

	for (i = 0; i < sizeof styles / sizeof *styles; i++)
		if (strcmp(role, styles[i].role) == 0)
			return styles[i].style;
	return PLAIN;
}

static const char *
str(const json_t *rec, const char *key)
{
	const char *s = get_str(rec, key, NULL);

	return s != NULL ? s : "";
}

/* "user      3f2a9c01  " */
static void
put_who(struct out *o, const json_t *rec)
{
	const char *role = str(rec, "role");
	size_t at = o->b.len;

	if (*role != '\0')
		put_styled(o, role_style(role), role);
	pad(o, at, 9);
	buf_adds(&o->b, "  ");
	at = o->b.len;
	put_short(o, str(rec, "session_id"));
	pad(o, at, SHORT_ID);
	buf_adds(&o->b, "  ");
}

static void
day_heading(struct out *o, const struct date *d)
{
	static const char *const days[] = { "", "Monday", "Tuesday",
	    "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
	int64_t day = (d->year * 16 + d->month) * 32 + d->day;

	if (day == o->last_day)
		return;
	if (o->last_day != INT64_MIN)
		buf_addc(&o->b, '\n');
	o->last_day = day;
	style(o, BOLD);
	buf_addf(&o->b, "%04d-%02d-%02d %s", d->year, d->month, d->day,
	    days[date_weekday(d->year, d->month, d->day)]);
	style(o, PLAIN);
	buf_addc(&o->b, '\n');
}

static void
render_event(struct out *o, const json_t *rec)
{
	struct date d;
	int64_t ms = 0;
	size_t from;

	get_time(rec, "timestamp", &ms);
	date_split(ms, &d);
	if (!o->zero)
		day_heading(o, &d);
	from = o->b.len;
	buf_addf(&o->b, "%02d:%02d  ", d.hour, d.min);
	put_who(o, rec);
	put_text(o, from, str(rec, "text"), false);
}

static void
put_time(struct out *o, const json_t *rec, const char *key)
{
	char when[32] = "";
	int64_t ms;

	if (get_time(rec, key, &ms) == 1)
		date_format_local(when, ms);
	buf_addf(&o->b, "%-16s  ", when);
}

static const char *
first_of(const json_t *rec, const char *const *keys)
{
	const char *s;

	for (; *keys != NULL; keys++)
		if ((s = get_str(rec, *keys, NULL)) != NULL && *s != '\0')
			return s;
	return "";
}

static void
render_hit(struct out *o, const json_t *rec)
{
	static const char *const ids[] = { "record_id", "event_id",
	    "session_id", "document_id", "node_id", "grip_id", "fact_id",
	    "artifact_id", "id", NULL };
	static const char *const texts[] = { "text", "title", "content",
	    "excerpt", NULL };
	const json_t *in = json_object_get(rec, "record");
	const char *snippet = str(rec, "snippet"), *text;
	const json_t *same = json_object_get(rec, "same_n");
	size_t from = o->b.len;
	char score[32];

	if (!json_is_object(in))
		in = rec;
	snprintf(score, sizeof score, "%7.3f  ",
	    json_number_value(json_object_get(rec, "score")));
	put_styled(o, DIM, score);
	put_time(o, in, "timestamp");
	if (strcmp(str(rec, "source"), "event") == 0) {
		put_who(o, in);
	} else {
		if (get_str(in, "kb", NULL) != NULL) {
			put(o, str(in, "kb"));
			buf_addc(&o->b, '/');
		}
		put_styled(o, GREEN, first_of(in, ids));
		buf_adds(&o->b, "  ");
	}
	if (same != NULL) {
		snprintf(score, sizeof score, "(+%" JSON_INTEGER_FORMAT
		    " the same) ", json_integer_value(same));
		put_styled(o, DIM, score);
	}
	text = first_of(in, texts);
	if (*snippet != '\0' && (!o->full || *text == '\0'))
		text = snippet;
	/* On a terminal the words around a match are worth some lines. */
	if (o->width > 0 && !o->zero && !o->full) {
		if (strcmp(str(rec, "source"), "event") != 0)
			put_line(o, from, str(in, "title"), NULL);
		put_wrapped(o, HIT_INDENT, text, HIT_LINES);
	} else {
		put_text(o, from, text, *snippet != '\0');
	}
}

static void
put_value(struct out *o, const json_t *v)
{
	struct buf b = BUF_INIT;

	if (json_is_string(v)) {
		put_n(o, json_string_value(v), json_string_length(v));
	} else {
		json_write(&b, v);
		put_n(o, b.p, b.len);
	}
	buf_release(&b);
}

/* "name value" lines; the names of what lies inside are joined by dots. */
static void
render_pairs(struct out *o, const json_t *v, const char *name, bool *first)
{
	struct buf inner = BUF_INIT;
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_object(v)) {
		/* a cast: the macro is not made for const */
		json_object_foreach((json_t *)v, key, member) {
			if (*name == '\0' && strcmp(key, "type") == 0)
				continue;
			buf_reset(&inner);
			buf_addf(&inner, "%s%s%s", name,
			    *name != '\0' ? "." : "", key);
			render_pairs(o, member, inner.p, first);
		}
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, member) {
			buf_reset(&inner);
			buf_addf(&inner, "%s.%zu", name, i);
			render_pairs(o, member, inner.p, first);
		}
	} else {
		if (!*first)
			buf_addc(&o->b, '\n');
		*first = false;
		i = o->b.len;
		put(o, name);
		pad(o, i, 28);
		buf_addc(&o->b, ' ');
		put_value(o, v);
	}
	buf_release(&inner);
}

static void
render_session(struct out *o, const json_t *rec)
{
	int64_t events = 0;
	size_t from = o->b.len;
	bool first = true;

	if (o->full) {
		render_pairs(o, rec, "", &first);
		return;
	}
	put_time(o, rec, "start");
	get_int(rec, "events", &events);
	buf_addf(&o->b, "%5lld  ", (long long)events);
	put_short(o, str(rec, "session_id"));
	buf_adds(&o->b, "  ");
	if (get_str(rec, "agent", NULL) != NULL) {
		put_styled(o, GREEN, str(rec, "agent"));
		buf_adds(&o->b, "  ");
	}
	put_line(o, from, str(rec, "title"), NULL);
}

static void
render_row(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put(o, str(rec, "kb"));
	buf_addc(&o->b, '/');
	put_styled(o, GREEN, str(rec, "record_id"));
	buf_adds(&o->b, "  ");
	if (get_str(rec, "status", NULL) != NULL) {
		put_styled(o, DIM, str(rec, "status"));
		buf_adds(&o->b, "  ");
	}
	put_line(o, from, str(rec, "title"), NULL);
	if (o->full && get_str(rec, "text", NULL) != NULL) {
		buf_adds(&o->b, "\n        ");
		put_full(o, str(rec, "text"));
	}
}

static void
render_ack(struct out *o, const json_t *rec)
{
	int64_t line = 0;
	size_t from = o->b.len;
	const char *status = str(rec, "status");

	get_int(rec, "line", &line);
	buf_addf(&o->b, "line %lld  ", (long long)line);
	put_styled(o, strcmp(status, "rejected") == 0 ? RED : GREEN, status);
	buf_addf(&o->b, "  ");
	put(o, str(rec, "id"));
	buf_adds(&o->b, "  ");
	put_line(o, from, str(rec, "reason"), NULL);
}

static void
render_named(struct out *o, const json_t *rec)
{
	bool first = true;

	render_pairs(o, rec, "", &first);
}

static void
render_problem(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put_styled(o, RED, str(rec, "what"));
	pad(o, from, 10);
	buf_adds(&o->b, "  ");
	put_styled(o, BOLD, str(rec, "where"));
	buf_adds(&o->b, ": ");
	put(o, str(rec, "detail"));
	buf_adds(&o->b, "; ");
	put(o, json_is_true(json_object_get(rec, "repaired")) ? "repaired" :
	    str(rec, "remedy"));
}

static void
render_audit(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put_time(o, rec, "timestamp");
	put(o, str(rec, "who"));
	buf_adds(&o->b, "  ");
	put_styled(o, GREEN, str(rec, "action"));
	buf_adds(&o->b, "  ");
	put(o, str(rec, "object"));
	buf_adds(&o->b, "  ");
	put_line(o, from, str(rec, "detail"), NULL);
}

static void
render_setting(struct out *o, const json_t *rec)
{
	put(o, str(rec, "key"));
	buf_adds(&o->b, " = ");
	put(o, str(rec, "value"));
}

/* --- contents ---------------------------------------------------------- */

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

static const char *
short_node(const char *id)
{
	return strncmp(id, "toc:", 4) == 0 ? id + 4 : id;
}

static void
put_flag(struct out *o, const json_t *rec, const char *key)
{
	if (json_is_true(json_object_get(rec, key))) {
		buf_addc(&o->b, ' ');
		put_styled(o, YELLOW, key);
	}
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
		put_wrapped(o, indent + 2, str(bullet, "text"), HIT_LINES);
	else
		put_line(o, from, str(bullet, "text"), NULL);
	for (i = 0; (id = json_array_get(ids, i)) != NULL; i++) {
		buf_addf(&o->b, i == 0 ? "\n%*s" : " ", indent + 2, "");
		put_styled(o, DIM, json_string_value(id));
	}
}

static void
put_node_head(struct out *o, const json_t *rec)
{
	int64_t version = 0, hits;
	char when[32];
	int64_t ms;

	put_styled(o, BOLD, short_node(str(rec, "node_id")));
	if (strcmp(str(rec, "level"), "segment") == 0 &&
	    get_time(rec, "start", &ms) == 1) {
		date_format_local(when, ms);
		buf_addf(&o->b, " %s", when + 11);
		get_time(rec, "end", &ms);
		date_format_local(when, ms);
		buf_addf(&o->b, "-%s ", when + 11);
		put_short(o, str(rec, "session_id"));
	}
	if (get_int(rec, "version", &version) == 1)
		buf_addf(&o->b, " v%lld", (long long)version);
	put_flag(o, rec, "open");
	put_flag(o, rec, "pinned");
	put_flag(o, rec, "held");
	if (get_int(rec, "hits", &hits) == 1)
		buf_addf(&o->b, " hits: %lld", (long long)hits);
}

static void
render_node(struct out *o, const json_t *rec)
{
	int indent = node_indent(o, str(rec, "level"));
	const json_t *list, *v;
	size_t i, from;

	buf_addf(&o->b, "%*s", indent, "");
	put_node_head(o, rec);
	if (*str(rec, "title") != '\0') {
		buf_addc(&o->b, '\n');
		from = o->b.len;
		buf_addf(&o->b, "%*s", indent, "");
		style(o, GREEN);
		put_line(o, from, str(rec, "title"), NULL);
		style(o, PLAIN);
	}
	list = json_object_get(rec, "bullets");
	for (i = 0; (v = json_array_get(list, i)) != NULL; i++)
		put_bullet(o, indent, v);
	list = json_object_get(rec, "keywords");
	for (i = 0; (v = json_array_get(list, i)) != NULL; i++) {
		buf_addf(&o->b, i == 0 ? "\n%*s" : ", ", indent, "");
		put_styled(o, CYAN, json_string_value(v));
	}
	list = json_object_get(rec, "children");
	for (i = 0; (v = json_array_get(list, i)) != NULL; i++) {
		buf_addc(&o->b, '\n');
		from = o->b.len;
		buf_addf(&o->b, "%*s> ", indent, "");
		put(o, short_node(str(v, "node_id")));
		buf_adds(&o->b, "  ");
		put_line(o, from, str(v, "title"), NULL);
	}
}

static void
render_grip(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put_styled(o, DIM, str(rec, "grip_id"));
	buf_adds(&o->b, "  ");
	put_time(o, rec, "timestamp");
	if (json_is_true(json_object_get(rec, "forgotten")))
		put_styled(o, RED, "its event was forgotten");
	else
		put_text(o, from, str(rec, "excerpt"), false);
}

static void
render_version(struct out *o, const json_t *rec)
{
	int64_t v = 0;

	get_int(rec, "version", &v);
	buf_addf(&o->b, "v%-5lld ", (long long)v);
	put_time(o, rec, "made_at");
	put(o, str(rec, "made"));
	put_flag(o, rec, "live");
	put_flag(o, rec, "held");
	put_flag(o, rec, "gone");
}

static void
render_change(struct out *o, const json_t *rec)
{
	bool added = strcmp(str(rec, "change"), "added") == 0;
	size_t from = o->b.len;

	style(o, added ? GREEN : RED);
	buf_adds(&o->b, added ? "+ " : "- ");
	put(o, str(rec, "what"));
	buf_adds(&o->b, ": ");
	put_line(o, from, str(rec, "value"), NULL);
	style(o, PLAIN);
}

static void
render_other(struct out *o, const json_t *rec)
{
	struct buf b = BUF_INIT;

	json_write(&b, rec);
	put_n(o, b.p, b.len);
	buf_release(&b);
}

/* --- facts ------------------------------------------------------------- */

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
		put_wrapped(o, 2, str(rec, key), HIT_LINES);
	else
		put_line(o, from, str(rec, key), NULL);
}

/* What it is and how sure, and below it what it says. */
static void
render_fact(struct out *o, const json_t *rec)
{
	const json_t *tags = json_object_get(rec, "tags"), *tag;
	size_t i;

	put_confidence(o, rec, "confidence");
	if (json_object_get(rec, "change") != NULL) {
		put_styled(o, YELLOW, str(rec, "change"));
		buf_addc(&o->b, ' ');
		put_confidence(o, rec, "before");
		if (json_object_get(rec, "before") != NULL)
			buf_adds(&o->b, "-> ");
		put_confidence(o, rec, "after");
	}
	put_styled(o, BOLD, str(rec, "fact_id"));
	put_flag(o, rec, "pinned");
	put_flag(o, rec, "held");
	put_flag(o, rec, "gone");
	for (i = 0; (tag = json_array_get(tags, i)) != NULL; i++) {
		buf_addc(&o->b, ' ');
		put_styled(o, DIM, json_string_value(tag));
	}
	put_sentence(o, rec, "content");
	if (json_object_get(rec, "reason") != NULL)
		put_sentence(o, rec, "reason");
}

static void
render_explanation(struct out *o, const json_t *rec)
{
	const json_t *steps = json_object_get(rec, "steps"), *step;
	const json_t *rows = json_object_get(rec, "rows"), *row;
	size_t i;

	render_fact(o, rec);
	for (i = 0; (step = json_array_get(steps, i)) != NULL; i++) {
		buf_addf(&o->b, "\n  %+7.4f ", json_number_value(
		    json_object_get(step, "add")));
		put(o, str(step, "why"));
	}
	buf_addf(&o->b, "\n  %zu rows:", json_array_size(rows));
	for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
		buf_addc(&o->b, ' ');
		put(o, json_string_value(row));
	}
}

static void
render_group(struct out *o, const json_t *rec)
{
	put_styled(o, BOLD, str(rec, "dimension"));
	buf_addc(&o->b, ' ');
	put(o, str(rec, "value"));
	buf_addf(&o->b, " %" PRId64 " ", (int64_t)json_integer_value(
	    json_object_get(rec, "count")));
	put_confidence(o, rec, "confidence");
	put_sentence(o, rec, json_is_true(json_object_get(rec, "fact")) ?
	    "content" : "reason");
}

void
render(struct out *o, const json_t *rec)
{
	static const struct {
		const char *type;
		void (*fn)(struct out *, const json_t *);
	} types[] = { { "event", render_event }, { "hit", render_hit },
	    { "session", render_session }, { "record", render_row },
	    { "ack", render_ack }, { "summary", render_named },
	    { "stats", render_named }, { "check", render_named },
	    { "compact", render_named }, { "backup", render_named },
	    { "restore", render_named }, { "store", render_named },
	    { "audit_verify", render_named }, { "problem", render_problem },
	    { "audit", render_audit }, { "setting", render_setting },
	    { "toc_node", render_node }, { "grip", render_grip },
	    { "toc_version", render_version }, { "toc_change", render_change },
	    { "toc_build", render_named }, { "fact", render_fact },
	    { "fact_change", render_fact }, { "ltm_run", render_named },
	    { "explanation", render_explanation },
	    { "ltm_group", render_group }, { "verdict", render_named } };
	const char *type = str(rec, "type");
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(type, types[i].type) == 0) {
			types[i].fn(o, rec);
			return;
		}
	}
	render_other(o, rec);
}
