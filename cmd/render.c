/*
 * Records as text for people: one line each, so that a screen holds many;
 * with -v texts are shown whole.  Every byte of a record goes through
 * term_puts, also those of keys: they are as foreign as the values.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/term.h"
#include "cmd/put.h"
#include "cmd/render.h"

#define EVENT_INDENT 7	/* columns before the text of an event, */
#define HIT_INDENT 9	/* and of a hit, */
#define HIT_LINES 3	/* and its lines, on a terminal */

static void
put_text(struct out *o, size_t from, const char *s, bool marked)
{
	bool bold = false;

	if (o->full)
		put_full(o, s);
	else
		put_line(o, from, s, marked ? &bold : NULL);
}

static enum put_style
role_style(const char *role)
{
	static const struct {
		const char *role;
		enum put_style style;
	} styles[] = { { "user", GREEN }, { "assistant", CYAN },
	    { "tool", YELLOW }, { "system", MAGENTA } };
	size_t i;

	for (i = 0; i < sizeof styles / sizeof *styles; i++)
		if (strcmp(role, styles[i].role) == 0)
			return styles[i].style;
	return PLAIN;
}

/* "user      3f2a9c01  " */
static void
put_who(struct out *o, const json_t *rec)
{
	const char *role = put_member(rec, "role");
	size_t at = o->b.len;

	if (*role != '\0')
		put_styled(o, role_style(role), role);
	put_pad(o, at, 9);
	buf_adds(&o->b, "  ");
	at = o->b.len;
	put_short(o, put_member(rec, "session_id"));
	put_pad(o, at, PUT_SHORT);
	buf_adds(&o->b, "  ");
}

/* "(bob)  ": whose it is that a graft shows */
static void
put_giver(struct out *o, const json_t *rec)
{
	if (get_str(rec, "graft", NULL) == NULL)
		return;
	put_style(o, DIM);
	buf_addc(&o->b, '(');
	put_str(o, put_member(rec, "user"));
	buf_addc(&o->b, ')');
	put_style(o, PLAIN);
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
	put_style(o, BOLD);
	buf_addf(&o->b, "%04d-%02d-%02d %s", d->year, d->month, d->day,
	    days[date_weekday(d->year, d->month, d->day)]);
	put_style(o, PLAIN);
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
	put_giver(o, rec);
	if (o->width > 0 && o->lines > 0 && !o->full && !o->zero)
		put_wrapped(o, &(struct put_para){ .indent = EVENT_INDENT,
		    .lines = o->lines }, put_member(rec, "text"));
	else
		put_text(o, from, put_member(rec, "text"), false);
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
	    "node_id", "grip_id", "artifact_id", "session_id", "document_id",
	    "fact_id", "id", NULL };
	static const char *const texts[] = { "text", "title", "content",
	    "excerpt", "filename", "uri", NULL };
	const json_t *in = json_object_get(rec, "record");
	const char *snippet = put_member(rec, "snippet"), *text;
	const char *graft = put_member(rec, "graft");
	const json_t *same = json_object_get(rec, "same_n");
	bool fact = strcmp(put_member(rec, "source"), "fact") == 0 &&
	    json_is_object(in);
	size_t from = o->b.len;
	char score[32];

	if (!json_is_object(in))
		in = rec;
	snprintf(score, sizeof score, "%7.3f  ",
	    json_number_value(json_object_get(rec, "score")));
	put_styled(o, DIM, score);
	put_time(o, in, fact ? "valid_from" :
	    json_object_get(in, "timestamp") != NULL ? "timestamp" : "start");
	if (strcmp(put_member(rec, "source"), "event") == 0) {
		put_who(o, in);
	} else if (fact) {
		render_fact_head(o, in);
		buf_adds(&o->b, "  ");
	} else {
		if (get_str(in, "kb", NULL) != NULL) {
			put_str(o, put_member(in, "kb"));
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
	if (*graft != '\0') {
		put_styled(o, DIM, "(graft ");
		put_styled(o, DIM, graft);
		put_styled(o, DIM, ") ");
	}
	text = first_of(in, texts);
	if (*snippet != '\0' && (!o->full || *text == '\0'))
		text = snippet;
	/* On a terminal the words around a match are worth some lines. */
	if (o->width > 0 && !o->zero && !o->full) {
		if (strcmp(put_member(rec, "source"), "event") != 0)
			put_line(o, from, put_member(in, "title"), NULL);
		put_wrapped(o, &(struct put_para){ .indent = HIT_INDENT,
		    .lines = HIT_LINES, .marked = true }, text);
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
		put_str(o, name);
		put_pad(o, i, 28);
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
	put_short(o, put_member(rec, "session_id"));
	buf_adds(&o->b, "  ");
	put_giver(o, rec);
	if (get_str(rec, "agent", NULL) != NULL) {
		put_styled(o, GREEN, put_member(rec, "agent"));
		buf_adds(&o->b, "  ");
	}
	put_line(o, from, put_member(rec, "title"), NULL);
}

static void
render_graft(struct out *o, const json_t *rec)
{
	const json_t *kinds = json_object_get(rec, "kinds"), *v;
	const char *between = "";
	size_t from = o->b.len, at, i;

	put_str(o, put_member(rec, "id"));
	buf_adds(&o->b, "  ");
	at = o->b.len;
	put_styled(o, DIM, put_member(rec, "state"));
	put_pad(o, at, 9);
	put_str(o, put_member(rec, "user"));
	buf_addc(&o->b, '/');
	put_str(o, put_member(rec, "session_id"));
	buf_adds(&o->b, " to ");
	put_str(o, put_member(rec, "to"));
	buf_adds(&o->b, ": ");
	json_array_foreach(kinds, i, v) {
		buf_adds(&o->b, between);
		put_str(o, json_string_value(v));
		between = ", ";
	}
	if (json_object_get(rec, "expires") != NULL) {
		buf_adds(&o->b, ", until ");
		put_time(o, rec, "expires");
	}
	put_line(o, from, "", NULL);
}

static void
render_file(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;
	int64_t size = 0;

	put_styled(o, DIM, put_member(rec, "state"));
	put_pad(o, strlen(put_member(rec, "state")), 9);
	if (get_int(rec, "size_bytes", &size) == 1)
		buf_addf(&o->b, "%12lld  ", (long long)size);
	else
		buf_adds(&o->b, "              ");
	put_str(o, put_member(rec, "area"));
	buf_addc(&o->b, '/');
	put_line(o, from, put_member(rec, "path"), NULL);
	put_styled(o, DIM, put_member(rec, "reason"));
}

static void
render_row(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	if (get_str(rec, "kb", NULL) != NULL) {
		put_str(o, put_member(rec, "kb"));
		buf_addc(&o->b, '/');
	}
	put_styled(o, GREEN, put_member(rec, "record_id"));
	buf_adds(&o->b, "  ");
	if (get_str(rec, "status", NULL) != NULL) {
		put_styled(o, DIM, put_member(rec, "status"));
		buf_adds(&o->b, "  ");
	}
	put_line(o, from, put_member(rec, "title"), NULL);
	if (o->full && get_str(rec, "text", NULL) != NULL) {
		buf_adds(&o->b, "\n        ");
		put_full(o, put_member(rec, "text"));
	}
}

static void
render_document(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put_time(o, rec, "timestamp");
	if (get_str(rec, "kb", NULL) != NULL) {
		put_str(o, put_member(rec, "kb"));
		buf_addc(&o->b, '/');
	}
	put_styled(o, GREEN, put_member(rec, "document_id"));
	buf_adds(&o->b, "  ");
	if (get_str(rec, "status", NULL) != NULL) {
		put_styled(o, DIM, put_member(rec, "status"));
		buf_adds(&o->b, "  ");
	}
	if (strcmp(put_member(rec, "type"), "chunk") == 0)
		put_text(o, from, put_member(rec, "text"), false);
	else
		put_line(o, from, put_member(rec, "title"), NULL);
}

static void
render_ack(struct out *o, const json_t *rec)
{
	int64_t line = 0;
	size_t from = o->b.len;
	const char *status = put_member(rec, "status");

	get_int(rec, "line", &line);
	buf_addf(&o->b, "line %lld  ", (long long)line);
	put_styled(o, strcmp(status, "rejected") == 0 ? RED : GREEN, status);
	buf_addf(&o->b, "  ");
	put_str(o, put_member(rec, "id"));
	buf_adds(&o->b, "  ");
	put_line(o, from, put_member(rec, "reason"), NULL);
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

	put_styled(o, RED, put_member(rec, "what"));
	put_pad(o, from, 10);
	buf_adds(&o->b, "  ");
	put_styled(o, BOLD, put_member(rec, "where"));
	buf_adds(&o->b, ": ");
	put_str(o, put_member(rec, "detail"));
	buf_adds(&o->b, "; ");
	put_str(o, json_is_true(json_object_get(rec, "repaired")) ? "repaired" :
	    put_member(rec, "remedy"));
}

static void
render_audit(struct out *o, const json_t *rec)
{
	const char *outcome = put_member(rec, "outcome");
	size_t from = o->b.len;

	put_time(o, rec, "timestamp");
	put_str(o, put_member(rec, "who"));
	buf_adds(&o->b, "  ");
	put_styled(o, GREEN, put_member(rec, "action"));
	if (*outcome != '\0' && strcmp(outcome, "done") != 0) {
		buf_addc(&o->b, ' ');
		put_styled(o, RED, outcome);
	}
	buf_adds(&o->b, "  ");
	put_str(o, put_member(rec, "object"));
	buf_adds(&o->b, "  ");
	put_line(o, from, put_member(rec, "detail"), NULL);
}

static void
render_setting(struct out *o, const json_t *rec)
{
	put_str(o, put_member(rec, "key"));
	buf_adds(&o->b, " = ");
	put_str(o, put_member(rec, "value"));
}

static void
render_key(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put_styled(o, GREEN, put_member(rec, "state"));
	put_pad(o, from, 9);
	put_time(o, rec, "created");
	put_str(o, put_member(rec, "key_id"));
	buf_adds(&o->b, "  ");
	put_styled(o, DIM, put_member(rec, "source"));
}

static void
render_other(struct out *o, const json_t *rec)
{
	struct buf b = BUF_INIT;

	json_write(&b, rec);
	put_n(o, b.p, b.len);
	buf_release(&b);
}

void
render(struct out *o, const json_t *rec)
{
	static const struct {
		const char *type;
		void (*fn)(struct out *, const json_t *);
	} types[] = { { "event", render_event }, { "hit", render_hit },
	    { "session", render_session }, { "file", render_file },
	    { "graft", render_graft },
	    { "record", render_row },
	    { "document", render_document }, { "chunk", render_document },
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
	    { "ltm_live", render_named },
	    { "explanation", render_explanation },
	    { "ltm_group", render_group }, { "verdict", render_named },
	    { "key", render_key }, { "key_export", render_named },
	    { "key_import", render_named }, { "push", render_push },
	    { "verify", render_verify },
	    { "damage", render_damage },
	    { "repair", render_repair },
	    { "pruned", render_pruned },
	    { "prune", render_prune },
	    { "pull", render_pull }, { "remote", render_remote },
	    { "dirty", render_dirty },
	    { "lease", render_lease }, { "clash", render_clash },
	    { "node", render_copy }, { "export", render_export },
	    { "import", render_import },
	    { "entity", render_entity }, { "relation", render_relation },
	    { "community", render_community },
	    { "graph_build", render_named },
	    { "graph_push", render_named } };
	const char *type = put_member(rec, "type");
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(type, types[i].type) == 0) {
			types[i].fn(o, rec);
			return;
		}
	}
	render_other(o, rec);
}
