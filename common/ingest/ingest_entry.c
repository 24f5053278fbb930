/*
 * From a line to an entry of the batch: parsed, told by its type, and
 * redacted before anything of it is kept.
 */
#include "ingest/ingest_entry.h"

#include "artifact/original.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ingest/ingest_may.h"
#include "memory/document.h"
#include "memory/event.h"
#include "memory/record.h"
#include "store/name.h"
#include "text/redact.h"

#include <stdlib.h>
#include <string.h>

struct entry *
entry_add(struct ingest *in, int64_t line, enum kind kind)
{
	struct entry *t;

	in->v = xgrow(in->v, in->n, &in->cap, sizeof *in->v);
	t = &in->v[in->n++];
	memset(t, 0, sizeof *t);
	t->line = line;
	t->kind = kind;
	return t;
}

void
entry_reject(struct entry *t, const char *reason, const char *detail)
{
	t->status = INGEST_REJECTED;
	free(t->reason);
	free(t->detail);
	t->reason = xstrdup(reason);
	t->detail = xstrdup(detail);
}

/* A line that is no record: what is kept of it is its text, clean, with
 * U+FFFD for each byte that no JSON string holds. */
static void
entry_raw(struct ingest *in, struct entry *t, const char *p, size_t n)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	size_t i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		c = utf8_decode(p + i, n - i, &len);
		if (c == 0 || (c == 0xfffd && len == 1))
			buf_adds(&text, "\xef\xbf\xbd");
		else
			buf_add(&text, p + i, len);
	}
	if (in->redact == NULL ||
	    redact_text(in->redact, &b, text.p, text.len) == 0)
		t->raw = buf_steal(&text);
	else
		t->raw = buf_steal(&b);
	buf_release(&text);
	buf_release(&b);
}

/* Numbers of others are not to be trusted with a sum. */
static void
add_count(int64_t *sum, int64_t n)
{
	if (n > 0)
		*sum = *sum > INT64_MAX - n ? INT64_MAX : *sum + n;
}

static void
count_skipped(struct ingest *in, const json_t *end)
{
	json_t *reasons = json_object_get(end, "skipped_reasons"), *v;
	int64_t n = 0;
	const char *key;
	int made;

	if (get_int(end, "skipped", &n) == 1)
		add_count(&in->sums.skipped, n);
	if (get_int(end, "total_input", &n) == 1) {
		if (in->sums.total_input < 0)
			in->sums.total_input = 0;
		add_count(&in->sums.total_input, n);
	}
	if (get_int(end, "truncated", &n) == 1)
		add_count(&in->sums.truncated, n);
	json_object_foreach(reasons, key, v)
		if (json_is_integer(v))
			add_count(&map_put(&in->skipped, key, &made)->i,
			    json_integer_value(v));
}

static const char unknown_type[] = "unknown type";

/* Types that later parts of the design store, and answers, which are not
 * for storing. */
static const char *
refusal(const char *type)
{
	static const char *const later[] = { "fact", "entity", "relation",
	    NULL };
	static const char *const answers[] = { "toc_node", "grip", "hit",
	    "finding", "stats", "audit", "problem", NULL };
	int i;

	for (i = 0; later[i] != NULL; i++)
		if (str_eq(later[i], type))
			return "this version stores no records of this type";
	for (i = 0; answers[i] != NULL; i++)
		if (str_eq(answers[i], type))
			return "an answer of a tool, not a record to store";
	if (str_eq(type, "reject"))
		return "a refused line without its record or text";
	return unknown_type;
}

/* The type of a record; NULL with the reason. */
static const char *
type_of(const json_t *o, const char **why)
{
	const char *bad = NULL, *type = get_str(o, "type", &bad);

	if (type == NULL && bad == NULL &&
	    json_object_get(o, "session_id") != NULL)
		type = "event";
	*why = bad != NULL ? "type is not a string" : "type is missing";
	return type;
}

static enum kind
kind_of(const char *type)
{
	static const struct {
		const char *name;
		enum kind kind;
	} kinds[] = {
		{ "event", KIND_EVENT }, { "session", KIND_SESSION },
		{ "record", KIND_RECORD }, { "document", KIND_RECORD },
		{ "chunk", KIND_RECORD }, { "tombstone", KIND_TOMBSTONE },
		{ "variable", KIND_VARIABLE }, { "version", KIND_VERSION },
		{ "file", KIND_FILE },
		{ "decision", KIND_DECISION },
		{ "artifact", KIND_ARTIFACT },
		{ "artifact_row", KIND_ARTIFACT_ROW },
		{ "graft", KIND_GRAFT },
		{ "segment", KIND_CONTROL }, { "segment_end", KIND_CONTROL },
		{ "cursor", KIND_CURSOR }, { "start", KIND_CONTROL },
		{ "end", KIND_CONTROL }, { "summary", KIND_CONTROL },
		{ "ack", KIND_CONTROL },
	};
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, type) == 0)
			return kinds[i].kind;
	return KIND_BAD;
}

/* An event leaves its JSON at once: a thousand of them would crowd the
 * processor's cache, which cost a tenth of an import. */
static void
take_event(struct ingest *in, struct entry *t)
{
	struct event ev;
	struct err why;

	if (event_from_json(&ev, t->o, &in->room, &why) < 0) {
		entry_reject(t, why.msg, why.msg);
		t->kind = KIND_BAD;
		return;
	}
	t->ev = event_dup(&ev);
	json_decref(t->o);
	t->o = NULL;
}

/* So does a record, but for who wants to see it as it came. */
static void
take_row(struct ingest *in, struct entry *t)
{
	struct err why;

	/* who waits is told here alone */
	if (document_kind(t->o) == RECORD_DOCUMENT && str_eq(get_str(t->o,
	    "raw_status", NULL), DOCUMENT_PENDING))
		json_object_del(t->o, "raw_status");
	if (in->conf.originals != NULL &&
	    document_kind(t->o) == RECORD_DOCUMENT &&
	    json_object_get(t->o, "status") == NULL &&
	    json_object_get(t->o, "raw_status") == NULL &&
	    json_object_get(t->o, "artifact_id") == NULL &&
	    original_wanted(in->conf.originals, get_str(t->o, "source",
	    NULL)))
		json_object_set_new(t->o, "raw_status",
		    json_string(DOCUMENT_PENDING));
	if ((t->row = record_row_new(t->o, in->conf.kb, &why)) == NULL) {
		entry_reject(t, why.msg, why.msg);
		t->kind = KIND_BAD;
	} else if (!in->conf.whole) {
		json_decref(t->o);
		t->o = NULL;
	}
}

/* A version of a record, with who wrote it and when around it. */
static void
take_version(struct ingest *in, struct entry *t)
{
	json_t *record = json_object_get(t->o, "record");
	const char *bad = NULL, *by = get_str(t->o, "user", &bad);
	struct err why = { 0 };

	if (!json_is_object(record))
		err_set(&why, ERR_INPUT, "a version needs a record");
	else if (bad != NULL || (by != NULL && name_check("user", by, &why) <
	    0))
		err_set(&why, ERR_INPUT, "user is no name");
	else if (get_time(t->o, "at", &t->stamp.at_ms) != 1 ||
	    get_time(t->o, "base", &t->stamp.base_ms) < 0)
		err_set(&why, ERR_INPUT, "at is missing, or at or base is not "
		    "a time");
	else if (get_int(t->o, "node", &t->stamp.node) < 0 ||
	    t->stamp.node < 0)
		err_set(&why, ERR_INPUT, "node is not the number of one");
	else
		t->row = record_row_new(record, in->conf.kb, &why);
	if (t->row == NULL) {
		entry_reject(t, why.msg, why.msg);
		t->kind = KIND_BAD;
		return;
	}
	t->by = by != NULL ? xstrdup(by) : NULL;
	json_decref(t->o);
	t->o = NULL;
}

/* A URI without its secret leads nowhere. */
static void
take_artifact(struct ingest *in, struct entry *t)
{
	static const char why[] = "the URI has a secret in it";
	const char *uri = get_str(t->o, "uri", NULL);

	if (in->redact == NULL || uri == NULL)
		return;
	buf_reset(&in->room);
	if (redact_text(in->redact, &in->room, uri, strlen(uri)) > 0) {
		entry_reject(t, why, why);
		t->kind = KIND_BAD;
	}
}

/* Takes the reference to o. */
static void
take_record(struct ingest *in, int64_t line, json_t *o)
{
	const char *why, *type = type_of(o, &why);
	enum kind kind = type != NULL ? kind_of(type) : KIND_BAD;
	bool begins = str_eq(type, "start"), ends = str_eq(type, "end");
	bool typed = type != NULL, may = ingest_may(in, kind, o);
	struct entry *t;

	if (kind == KIND_BAD && type != NULL)
		why = refusal(type);
	if (kind == KIND_CONTROL || kind == KIND_CURSOR)
		line = 0;
	t = entry_add(in, line, kind);
	t->o = o;
	if (kind == KIND_ARTIFACT)
		take_artifact(in, t);
	/* Where cursors stand, and what tombstones and files name, must stay
	 * as it is.  The type's string may not outlive this. */
	if (in->redact != NULL && kind != KIND_CURSOR && (!may ||
	    (kind != KIND_TOMBSTONE && kind != KIND_FILE &&
	    kind != KIND_GRAFT)))
		redact_json(in->redact, o);
	if (!may) {
		ingest_deny(t);
		t->kind = KIND_BAD;
		return;
	}
	if (kind == KIND_BAD) {
		entry_reject(t, why, why);
		t->foreign = !typed || why == unknown_type;
	}
	if (begins)
		in->open++;
	if (ends) {
		in->open -= in->open > 0;
		count_skipped(in, o);
	}
	if (kind == KIND_EVENT)
		take_event(in, t);
	else if (kind == KIND_RECORD)
		take_row(in, t);
	else if (kind == KIND_VERSION)
		take_version(in, t);
}

static json_t *
read_object(const char *p, size_t n, struct err *why)
{
	json_t *o;

	if ((o = json_read(p, n, why)) == NULL || json_is_object(o))
		return o;
	json_decref(o);
	err_set(why, ERR_INPUT, "not a JSON object");
	return NULL;
}

static void	take_line(struct ingest *, int64_t line, const char *, size_t,
		    bool again);

/* What a line of a file of refused lines stands for, the record in it or
 * its text, is taken in place of it; false: neither is there. */
static bool
take_refused(struct ingest *in, int64_t line, const json_t *reject)
{
	json_t *record = json_object_get(reject, "record");
	const char *text = get_str(reject, "text", NULL);

	if (json_is_object(record))
		take_record(in, line, json_incref(record));
	else if (text != NULL)
		take_line(in, line, text, strlen(text), true);
	return json_is_object(record) || text != NULL;
}

static void
take_line(struct ingest *in, int64_t line, const char *p, size_t n,
    bool again)
{
	struct entry *t;
	struct err why;
	json_t *o;

	if ((o = read_object(p, n, &why)) == NULL) {
		t = entry_add(in, line, KIND_BAD);
		entry_raw(in, t, p, n);
		entry_reject(t, "broken JSON", why.msg);
		t->foreign = true;
	} else if (!again && str_eq(get_str(o, "type", NULL), "reject") &&
	    take_refused(in, line, o))
		json_decref(o);
	else
		take_record(in, line, o);
}

void
entry_take(struct ingest *in, int64_t line, const char *p, size_t n)
{
	take_line(in, line, p, n, false);
}
