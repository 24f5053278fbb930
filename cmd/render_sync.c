/*
 * What mem-sync prints, as lines for people.
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/str.h"
#include "cmd/put.h"
#include "cmd/render.h"

static int64_t
number(const json_t *rec, const char *key)
{
	int64_t n = 0;

	get_int(rec, key, &n);
	return n;
}

/* ", 3 changes"; the first without a comma.  end: of more than one. */
static void
put_count(struct out *o, bool *begun, int64_t n, const char *what,
    const char *end)
{
	buf_addf(&o->b, "%s%" PRId64 " %s%s", *begun ? ", " : "", n, what,
	    n == 1 ? "" : end);
	*begun = true;
}

/* Only where there are some: the usual is not worth a word. */
static void
put_some(struct out *o, bool *begun, const json_t *rec, const char *key,
    const char *what, const char *end)
{
	if (number(rec, key) != 0)
		put_count(o, begun, number(rec, key), what, end);
}

static void
put_name(struct out *o, const char *name)
{
	put_styled(o, BOLD, name);
	buf_adds(&o->b, "  ");
}

static void
put_manifest(struct out *o, const json_t *rec)
{
	buf_addf(&o->b, "  (manifest %" PRId64 ")", number(rec, "number"));
}

/* "2026-11-20 09:30", without the blanks behind it */
static void
put_when(struct out *o, const json_t *rec, const char *key)
{
	put_time(o, rec, key);
	while (o->b.len > 0 && o->b.p[o->b.len - 1] == ' ')
		o->b.p[--o->b.len] = '\0';
}

void
render_push(struct out *o, const json_t *rec)
{
	bool begun = false;

	put_name(o, put_member(rec, "remote"));
	if (json_is_true(json_object_get(rec, "dry_run"))) {
		put_count(o, &begun, number(rec, "changes"), "change", "s");
		buf_adds(&o->b, " to push");
		return;
	}
	if (json_is_true(json_object_get(rec, "published"))) {
		put_count(o, &begun, number(rec, "changes"), "change", "s");
		put_some(o, &begun, rec, "segments", "segment", "s");
		put_some(o, &begun, rec, "sessions", "session", "s");
		put_some(o, &begun, rec, "files", "file", "s");
		put_count(o, &begun, number(rec, "sent_bytes"), "byte", "s");
		buf_adds(&o->b, " pushed");
	} else
		buf_adds(&o->b, "nothing new");
	put_manifest(o, rec);
}

/* What is not as one would like it, in colour. */
static void
put_doubts(struct out *o, const json_t *rec)
{
	bool begun = false;

	if (number(rec, "clashes") + number(rec, "conflicts") +
	    number(rec, "rejected") == 0)
		return;
	buf_adds(&o->b, "; ");
	put_style(o, YELLOW);
	put_some(o, &begun, rec, "clashes", "clash", "es");
	put_some(o, &begun, rec, "conflicts", "conflict", "s");
	put_some(o, &begun, rec, "rejected", "refused", "");
	put_style(o, PLAIN);
}

static void
put_taken(struct out *o, const json_t *rec)
{
	bool begun = false;

	put_count(o, &begun, number(rec, "records"), "record", "s");
	put_count(o, &begun, number(rec, "stored"), "new", "");
	put_some(o, &begun, rec, "files", "file", "s");
	if (json_is_true(json_object_get(rec, "snapshot")))
		buf_adds(&o->b, ", a snapshot");
	put_some(o, &begun, rec, "forgotten", "forgotten", "");
}

void
render_pull(struct out *o, const json_t *rec)
{
	put_name(o, put_member(rec, "remote"));
	if (number(rec, "segments") == 0 && number(rec, "files") == 0 &&
	    !json_is_true(json_object_get(rec, "snapshot")))
		buf_adds(&o->b, "nothing new");
	else
		put_taken(o, rec);
	put_doubts(o, rec);
	put_manifest(o, rec);
}

void
render_verify(struct out *o, const json_t *rec)
{
	bool begun = false;

	put_name(o, put_member(rec, "remote"));
	if (number(rec, "missing") + number(rec, "different") > 0) {
		put_style(o, RED);
		put_some(o, &begun, rec, "missing", "missing", "");
		put_some(o, &begun, rec, "different", "different", "");
		put_style(o, PLAIN);
	} else
		put_styled(o, GREEN, "all is there");
	buf_addf(&o->b, ": %" PRId64 " events, %" PRId64 " records, %" PRId64
	    " files; restored in %.1f s", number(rec, "events"),
	    number(rec, "records"), number(rec, "files"),
	    (double)number(rec, "rto_ms") / 1000);
	if (number(rec, "behind") > 0)
		buf_addf(&o->b, "; %" PRId64 " not pushed, for %.1f s",
		    number(rec, "behind"),
		    (double)number(rec, "rpo_ms") / 1000);
	put_manifest(o, rec);
}

static bool
is_dry(const json_t *rec)
{
	return json_is_true(json_object_get(rec, "dry_run"));
}

void
render_damage(struct out *o, const json_t *rec)
{
	const char *status = put_member(rec, "status");
	size_t from = o->b.len;

	put_styled(o, str_eq(status, "broken") ? RED : YELLOW, status);
	put_pad(o, from, 9);
	buf_addc(&o->b, ' ');
	put_name(o, put_member(rec, "key"));
	put_str(o, put_member(rec, "why"));
	if (str_eq(status, "broken") && *put_member(rec, "node") != '\0') {
		buf_adds(&o->b, "; written by node ");
		put_str(o, put_member(rec, "node"));
		buf_adds(&o->b, " on ");
		put_str(o, *put_member(rec, "address") != '\0' ?
		    put_member(rec, "address") : "?");
	}
}

void
render_repair(struct out *o, const json_t *rec)
{
	int64_t damaged = number(rec, "damaged"), broken =
	    number(rec, "broken");
	bool begun = false;

	put_name(o, put_member(rec, "remote"));
	if (broken > 0) {
		put_style(o, RED);
		put_count(o, &begun, broken, "broken", "");
		put_style(o, PLAIN);
	}
	if (damaged > broken)
		put_count(o, &begun, damaged - broken, is_dry(rec) ?
		    "to repair" : "repaired", "");
	if (damaged == 0)
		put_styled(o, GREEN, "all is there");
	buf_addf(&o->b, ": %" PRId64 " segments, %" PRId64 " pieces, %" PRId64
	    " files", number(rec, "segments"), number(rec, "pieces"),
	    number(rec, "files"));
	put_manifest(o, rec);
}

void
render_pruned(struct out *o, const json_t *rec)
{
	size_t from = o->b.len;

	put_str(o, str_eq(put_member(rec, "status"), "kept") ? "unknown" :
	    is_dry(rec) ? "would go" : "deleted");
	put_pad(o, from, 9);
	buf_addc(&o->b, ' ');
	put_when(o, rec, "modified");
	buf_adds(&o->b, "  ");
	put_name(o, put_member(rec, "key"));
	buf_addf(&o->b, "%" PRId64 " bytes", number(rec, "size_bytes"));
}

void
render_prune(struct out *o, const json_t *rec)
{
	bool begun = false;

	put_name(o, put_member(rec, "remote"));
	put_count(o, &begun, number(rec, "deleted"), "object", "s");
	put_count(o, &begun, number(rec, "size_bytes"), "byte", "s");
	buf_adds(&o->b, is_dry(rec) ? " to delete" : " deleted");
	put_some(o, &begun, rec, "unfinished", "unfinished", "");
	put_some(o, &begun, rec, "young", "not old enough", "");
	put_some(o, &begun, rec, "unknown", "unknown", "");
	put_manifest(o, rec);
}

void
render_remote(struct out *o, const json_t *rec)
{
	bool begun = false;
	int64_t behind = number(rec, "behind");

	put_name(o, put_member(rec, "remote"));
	if (json_is_true(json_object_get(rec, "late")))
		put_styled(o, RED, "late: ");
	if (behind > 0) {
		put_style(o, YELLOW);
		put_count(o, &begun, behind, "change", "s");
		buf_adds(&o->b, " behind");
		put_style(o, PLAIN);
		buf_adds(&o->b, " since ");
		put_when(o, rec, "since");
	} else
		put_styled(o, GREEN, "up to date");
	if (number(rec, "number") == 0)
		buf_adds(&o->b, ", nothing is there yet");
	else {
		buf_adds(&o->b, ", last manifest ");
		put_when(o, rec, "pushed");
	}
	buf_adds(&o->b, "  ");
	put_styled(o, DIM, put_member(rec, "url"));
}

void
render_dirty(struct out *o, const json_t *rec)
{
	buf_adds(&o->b, "  ");
	put_name(o, put_member(rec, "session_id"));
	if (*put_member(rec, "path") == '\0')
		return;
	put_str(o, put_member(rec, "area"));
	buf_addc(&o->b, '/');
	put_str(o, put_member(rec, "path"));
	if (json_is_true(json_object_get(rec, "removed")))
		buf_adds(&o->b, " (removed)");
}

void
render_lease(struct out *o, const json_t *rec)
{
	int64_t left = number(rec, "held_ms") / 1000 +
	    (number(rec, "held_ms") % 1000 > 0);

	put_time(o, rec, "since");
	put_name(o, put_member(rec, "session_id"));
	if (json_is_true(json_object_get(rec, "own")))
		put_styled(o, GREEN, "this node");
	else
		put_str(o, put_member(rec, "node"));
	if (*put_member(rec, "address") != '\0') {
		buf_adds(&o->b, " on ");
		put_str(o, put_member(rec, "address"));
	}
	if (left > 0)
		buf_addf(&o->b, ", held for %" PRId64 " s", left);
	else
		buf_adds(&o->b, ", free");
	buf_addf(&o->b, "  (epoch %" PRId64 ")", number(rec, "epoch"));
}

/* "branch = main" of a value, the title of a record, the text of an event. */
static void
put_what(struct out *o, size_t from, const json_t *rec)
{
	const char *title = put_member(rec, "title");

	if (str_eq(put_member(rec, "type"), "variable")) {
		put_str(o, put_member(rec, "name"));
		buf_adds(&o->b, " = ");
		put_line(o, from, put_member(rec, "value"), NULL);
	} else
		put_line(o, from, *title != '\0' ? title :
		    put_member(rec, "text"), NULL);
}

void
render_clash(struct out *o, const json_t *rec)
{
	bool kept = str_eq(put_member(rec, "status"), "stored");
	size_t from = o->b.len;

	put_styled(o, kept ? YELLOW : RED, kept ? "clash" : "refused");
	put_pad(o, from, 8);
	buf_addc(&o->b, ' ');
	put_name(o, put_member(rec, "id"));
	if (!kept) {
		put_str(o, put_member(rec, "detail"));
		buf_adds(&o->b, "  ");
	}
	put_what(o, from, json_object_get(rec, "record"));
}

void
render_copy(struct out *o, const json_t *rec)
{
	put_name(o, put_member(rec, "node"));
	buf_adds(&o->b, "before: ");
	put_str(o, put_member(rec, "before"));
}

void
render_export(struct out *o, const json_t *rec)
{
	bool begun = false;

	put_name(o, put_member(rec, "file"));
	put_count(o, &begun, number(rec, "sessions"), "session", "s");
	put_count(o, &begun, number(rec, "events"), "event", "s");
	put_some(o, &begun, rec, "variables", "value", "s");
	put_some(o, &begun, rec, "versions", "version", "s");
	put_some(o, &begun, rec, "tombstones", "tombstone", "s");
	put_count(o, &begun, number(rec, "size_bytes"), "byte", "s");
}

void
render_import(struct out *o, const json_t *rec)
{
	put_name(o, put_member(rec, "file"));
	if (json_is_true(json_object_get(rec, "dry_run")))
		buf_adds(&o->b, "would be: ");
	put_taken(o, rec);
	put_doubts(o, rec);
}
