/*
 * A batch is parsed and redacted before the write lock is taken, so that
 * the lock is held only while rows go in.  A record that is refused leaves
 * no row behind (each kind checks before it writes); any other error undoes
 * the whole batch and ends the run.
 */
#include "ingest/ingest.h"

#include "artifact/artifact_merge.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "file/file_area.h"
#include "file/file_record.h"
#include "ingest/event_write.h"
#include "ingest/forget.h"
#include "ingest/ingest_entry.h"
#include "ingest/ingest_may.h"
#include "ingest/record_merge.h"
#include "ingest/variable_merge.h"
#include "memory/decision.h"
#include "memory/document.h"
#include "memory/event.h"
#include "memory/grafting.h"
#include "memory/hold.h"
#include "memory/record_row.h"
#include "memory/session.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/cursor.h"
#include "store/db.h"
#include "store/forgetting.h"
#include "store/node.h"
#include "store/store.h"
#include "text/redact.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_BYTES ((size_t)8 << 20)	/* of input lines, at most */
#define REFUSED 2			/* neither stored nor a duplicate */
#define CLOCK_EVERY 16			/* records between two looks at it */

const char *const ingest_statuses[] = { "stored", "duplicate", "rejected",
    NULL };

int
ingest_new(struct ingest **out, struct store *st,
    const struct ingest_config *conf, struct err *e)
{
	const char *rules = conf_get(st->conf, "redact.rules", NULL);
	struct redact *redact = NULL;
	struct ingest *in;

	if (conf->redact && redact_new(&redact, rules, e) < 0)
		return -1;
	in = xcalloc(1, sizeof *in);
	in->st = st;
	in->conf = *conf;
	in->redact = redact;
	in->sums.total_input = -1;
	in->events = event_writer_new(st);
	buf_init(&in->room);
	*out = in;
	return 0;
}

static void
entries_clear(struct ingest *in)
{
	size_t i;

	for (i = 0; i < in->n; i++) {
		json_decref(in->v[i].o);
		free(in->v[i].ev);
		record_row_free(in->v[i].row);
		free(in->v[i].by);
		free(in->v[i].raw);
		free(in->v[i].reason);
		free(in->v[i].detail);
	}
	in->n = in->bytes = 0;
}

void
ingest_free(struct ingest *in)
{
	struct err ignored;	/* nothing of it was promised */

	if (in == NULL)
		return;
	if (!in->conf.within && tx_active(in->st->db)) {
		tx_end(in->st->db, -1, &ignored);
		event_writer_clear(in->events);
	}
	entries_clear(in);
	free(in->v);
	redact_free(in->redact);
	event_writer_free(in->events);
	map_release(&in->reasons);
	map_release(&in->skipped);
	buf_release(&in->room);
	free(in);
}

/* --- lines ------------------------------------------------------------- */

static bool
is_blank(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++, n--;
	return n == 0;
}

static int
batch_full(struct ingest *in, struct err *e)
{
	if ((int64_t)in->n < in->conf.batch && in->bytes < BATCH_BYTES &&
	    (in->n % CLOCK_EVERY != 0 || ingest_wait_ms(in) != 0))
		return 0;
	return ingest_commit(in, e);
}

int
ingest_line(struct ingest *in, int64_t line, const char *p, size_t n,
    struct err *e)
{
	/* An empty line is nobody's record. */
	if (is_blank(p, n))
		return 0;
	if (in->n == 0)
		in->first_ms = date_monotonic();
	in->bytes += n;
	entry_take(in, line, p, n);
	return batch_full(in, e);
}

int
ingest_long(struct ingest *in, int64_t line, size_t max, struct err *e)
{
	struct entry *t;
	char detail[64];

	if (in->n == 0)
		in->first_ms = date_monotonic();
	t = entry_add(in, line, KIND_BAD);
	if (max % (1 << 20) == 0)
		snprintf(detail, sizeof detail, "line is over %zu MiB",
		    max >> 20);
	else
		snprintf(detail, sizeof detail, "line is over %zu bytes", max);
	entry_reject(t, "line too long", detail);
	return batch_full(in, e);
}

/* --- storing ----------------------------------------------------------- */

static int
store_cursor(struct ingest *in, const json_t *o, struct err *e)
{
	const char *source = get_str(o, "source", NULL), *hash, *state;
	struct cursor c = { 0, "", 0, 0, NULL };
	struct buf b = BUF_INIT;
	const json_t *s;
	int r;

	/* of what it passes, most was not for this session */
	if (access_bound(in->st))
		return 0;
	hash = get_str(o, "prefix_hash", NULL);
	if (source == NULL || get_int(o, "offset", &c.offset) != 1 ||
	    c.offset < 0 || (hash != NULL && strlen(hash) >
	    sizeof c.prefix_hash - 1))
		return 0;	/* not ours: its reader starts again */
	/* its reader is to know it no more, but what it made of it */
	if (in->lacking && json_is_true(json_object_get(o, "whole")))
		hash = NULL;
	else {
		get_int(o, "inode", &c.inode);
		get_int(o, "size", &c.size);
	}
	if (hash != NULL)
		memcpy(c.prefix_hash, hash, strlen(hash) + 1);
	/* The state is the reader's: text, or any JSON. */
	s = json_object_get(o, "state");
	if ((state = json_string_value(s)) == NULL && s != NULL) {
		json_sorted(&b, s);
		state = b.p;
	}
	c.state = (char *)state;
	r = cursor_put(in->st, source, &c, e);
	buf_release(&b);
	return r;
}

static int
store_version(struct ingest *in, struct entry *t, struct err *e)
{
	if (t->stamp.node == 0)
		t->stamp.node = in->conf.node;
	if (t->stamp.node == 0 && node_number(in->st, &t->stamp.node, e) < 0)
		return -1;
	return record_merge(in->st, t->row, t->by != NULL ? t->by :
	    in->st->user, &t->stamp, &t->seq, &t->clash, e);
}

/* What somebody says here is refused for what is on hold; what he said
 * elsewhere was done there. */
static int
tombstone_begin(struct ingest *in, const json_t *o, struct err *e)
{
	int r = in->conf.node != 0 ? 0 : hold_has_target(in->st, o, e);

	if (r == 1)
		return err_set(e, ERR_INPUT, "the session is on hold");
	if (r == 0 && !in->sums.forgot)
		r = db_number(in->st->db, e, "SELECT max(seq) FROM tombstone",
		    0, &in->sums.forgot_after);
	in->tombstones = in->sums.forgot = true;
	return r;
}

/* The bytes of what was forgotten, when its rows are. */
static int
tombstone_end(struct ingest *in, struct err *e)
{
	int64_t gone;

	if (!in->tombstones)
		return 0;
	in->tombstones = false;
	if (forgetting_go_on(in->st, FORGETTING_NOW, &gone, NULL, e) < 0)
		return -1;
	db_settle(in->st->db);
	return file_forget(in->st, in->sums.forgot_after, e);
}

/* By hand there are pointers only: who names an object might name anybody's.
 * Its id is told, too. */
static int
store_artifact(struct ingest *in, struct entry *t, struct err *e)
{
	char id[ULID_LEN + 1] = "";
	int r = artifact_pointer_add(in->st, t->o, id, e);

	if (id[0] != '\0')
		json_object_set_new(t->o, "artifact_id", json_string(id));
	return r;
}

static int
store_artifact_row(struct ingest *in, struct entry *t, struct err *e)
{
	if (in->conf.node == 0 && !in->conf.rows)
		return err_set(e, ERR_INPUT, "rows of artifacts come with "
		    "mem-sync alone");
	return artifact_row_add(in->st, t->o, in->conf.node, &t->clash, e);
}

/* Whoever may write events may not give what is others' away. */
static int
store_graft(struct ingest *in, struct entry *t, struct err *e)
{
	if (in->conf.node == 0 && !in->conf.rows)
		return err_set(e, ERR_INPUT, "grafts are made by mem-session "
		    "graft, and come with mem-sync alone");
	return graft_add(in->st, t->o, e);
}

/* 1 stored, 0 duplicate, -1 with the error. */
static int
store_entry(struct ingest *in, struct entry *t, struct err *e)
{
	int64_t version;

	switch (t->kind) {
	case KIND_EVENT:
		return event_add(in->events, t->ev, e);
	case KIND_SESSION:
		return session_add(in->st, t->o, e);
	case KIND_RECORD:
		return record_put(in->st, t->row, &version, &t->seq, e);
	case KIND_VARIABLE:
		return variable_add(in->st, t->o, in->conf.node, &t->clash, e);
	case KIND_FILE:
		return file_add(in->st, t->o, in->conf.node, &t->clash, e);
	case KIND_DECISION:
		return decision_add(in->st, t->o, in->conf.node, &t->clash, e);
	case KIND_ARTIFACT:
		return store_artifact(in, t, e);
	case KIND_ARTIFACT_ROW:
		return store_artifact_row(in, t, e);
	case KIND_GRAFT:
		return store_graft(in, t, e);
	case KIND_VERSION:
		return store_version(in, t, e);
	case KIND_TOMBSTONE:
		if (tombstone_begin(in, t->o, e) < 0)
			return -1;
		/* The rows it takes may be among those not written yet. */
		if (event_flush(in->events, e) < 0)
			return -1;
		event_writer_clear(in->events);
		return forget_add_of(in->st, t->o, in->conf.node != 0, e);
	case KIND_CURSOR:
		return store_cursor(in, t->o, e);
	case KIND_CONTROL:
	case KIND_BAD:
		break;
	}
	return 0;
}

/* One of few. */
static const char *
reason_of(const struct err *why)
{
	const char *rest, *code = artifact_code(why, &rest);

	return code != NULL ? code : why->msg;
}

/* How many were, since it was last noted. */
static int
note_denied(struct ingest *in, struct err *e)
{
	int r = in->denied == 0 ? 0 : ingest_note_denied(in, in->denied, e);

	in->denied = 0;
	return r;
}

/* 1; 0: it may not be, and was refused. */
static int
may_store(struct ingest *in, struct entry *t, struct err *e)
{
	int r = t->kind == KIND_TOMBSTONE ? ingest_may_forget(in, t->o, e) :
	    1;

	if (r == 0)
		ingest_deny(t);
	return r;
}

/* Store the batch; inside a transaction. */
static int
store_entries(struct ingest *in, struct err *e)
{
	char detail[160];
	int64_t counts[3] = { 0, 0, 0 };
	struct entry *t;
	struct err why;
	size_t i;
	int r;

	for (i = 0; i < in->n; i++) {
		t = &in->v[i];
		if (t->kind != KIND_BAD) {
			if ((r = may_store(in, t, &why)) == 1)
				r = store_entry(in, t, &why);
			else if (r == 0)
				r = REFUSED;
			if (r < 0 && why.code == ERR_EXISTS)
				entry_reject(t, "conflict", why.msg);
			else if (r < 0 && why.code == ERR_DENIED)
				entry_reject(t, "forgotten", why.msg);
			else if (r < 0 && why.code == ERR_INPUT)
				entry_reject(t, reason_of(&why), why.msg);
			else if (r < 0) {
				*e = why;
				return -1;
			} else if (r != REFUSED)
				t->status = r == 1 ? INGEST_STORED :
				    INGEST_DUPLICATE;
		}
		if (t->line > 0)
			counts[t->status]++;
		if (t->kind == KIND_CURSOR)
			in->lacking = false;
		else if (t->line > 0 && t->status == INGEST_REJECTED &&
		    !str_eq(t->reason, "forgotten"))
			in->lacking = true;
		in->denied += str_eq(t->reason, INGEST_DENIED);
	}
	if (event_flush(in->events, e) < 0)
		return -1;
	if (!in->conf.strict && note_denied(in, e) < 0)
		return -1;
	if (counts[INGEST_STORED] == 0)
		return 0;
	snprintf(detail, sizeof detail, "stored %" PRId64 ", duplicate %"
	    PRId64 ", rejected %" PRId64, counts[0], counts[1], counts[2]);
	return audit_add(in->st, "write", NULL, detail, e);
}

/* Rows are stored in the order they come in. */
static void
count_document(struct ingest *in, const struct entry *t)
{
	if (t->row->kind == RECORD_DOCUMENT &&
	    str_eq(t->row->status, DOCUMENT_PENDING) &&
	    in->sums.documents++ == 0)
		in->sums.first_document = t->seq;
}

static void
count_entry(struct ingest *in, const struct entry *t)
{
	int made;

	if (t->line == 0)
		return;
	in->sums.in++;
	switch (t->status) {
	case INGEST_STORED:
		in->sums.stored++;
		in->sums.clashes += t->clash;
		if (t->row != NULL)
			count_document(in, t);
		break;
	case INGEST_DUPLICATE:
		in->sums.duplicate++;
		break;
	case INGEST_REJECTED:
		in->sums.rejected++;
		in->sums.foreign += t->foreign;
		map_put(&in->reasons, t->reason, &made)->i++;
		break;
	}
}

/* Does the caller look at the record? */
static bool
event_wanted(const struct ingest *in, const struct entry *t)
{
	return in->conf.whole || t->status == INGEST_REJECTED;
}

/* Count the batch and tell of it: it is on the disk; or, with strict, it
 * will be when all of it is. */
static int
settle(struct ingest *in, struct err *e)
{
	struct ingest_result res;
	struct entry *t;
	size_t i;
	int r = 0;

	for (i = 0; i < in->n; i++) {
		t = &in->v[i];
		count_entry(in, t);
		if (in->conf.told == NULL || r < 0)
			continue;
		if (t->ev != NULL && event_wanted(in, t)) {
			if (t->ev->user == NULL)
				t->ev->user = in->st->user;
			t->o = event_json(t->ev);
		}
		if (t->row != NULL && t->o == NULL &&
		    t->status == INGEST_REJECTED)
			t->o = record_row_json(t->row);
		/* It was read as it came, to know what to forget. */
		if (t->kind == KIND_TOMBSTONE && in->redact != NULL &&
		    t->status == INGEST_REJECTED)
			redact_json(in->redact, t->o);
		res.line = t->line;
		res.status = t->status;
		res.clash = t->clash;
		res.id = t->ev != NULL ? t->ev->id : NULL;
		if (t->row != NULL)
			res.id = record_row_id(t->row);
		else if (t->kind == KIND_BAD && str_eq(get_str(t->o, "type",
		    NULL), "record"))
			res.id = get_str(t->o, "record_id", NULL);
		else if (t->kind == KIND_SESSION || t->kind == KIND_VARIABLE ||
		    t->kind == KIND_FILE)
			res.id = get_str(t->o, "session_id", NULL);
		else if (t->kind == KIND_ARTIFACT ||
		    t->kind == KIND_ARTIFACT_ROW)
			res.id = get_str(t->o, "artifact_id", NULL);
		else if (t->kind == KIND_DECISION)
			res.id = get_str(t->o, "about", NULL);
		else if (t->kind == KIND_TOMBSTONE || t->kind == KIND_GRAFT)
			res.id = get_str(t->o, "id", NULL);
		res.reason = t->reason;
		res.detail = t->detail;
		res.record = t->o;
		res.raw = t->raw;
		r = in->conf.told(in->conf.arg, &res, e);
	}
	entries_clear(in);
	return r;
}

int
ingest_wait_ms(const struct ingest *in)
{
	int64_t left;

	if (in->n == 0 || in->conf.strict || in->conf.within)
		return -1;
	left = in->first_ms + INGEST_WAIT_MS - date_monotonic();
	return left > 0 ? (int)left : 0;
}

/* What was promised stays; nothing of this batch was. */
static void
deny_all(struct ingest *in)
{
	struct err ignored;	/* why is told already */
	size_t i;

	for (i = 0; i < in->n; i++)
		if (in->v[i].line > 0)
			ingest_deny(&in->v[i]);
	settle(in, &ignored);
}

int
ingest_commit(struct ingest *in, struct err *e)
{
	struct db *db = in->st->db;
	struct err why;
	int r;

	if (in->n == 0)
		return 0;
	if (!tx_active(db) && tx_begin(db, e) < 0)
		return -1;
	if (in->conf.strict || in->conf.within)
		return store_entries(in, e) < 0 ? -1 : settle(in, e);
	if ((r = store_entries(in, e)) == 0)
		r = access_still(in->st, e);
	if (tx_end(db, r, e) < 0) {
		event_writer_clear(in->events);
		if (e->code == ERR_DENIED)
			deny_all(in);
		return -1;
	}
	/* the records are there, and told, whatever becomes of the folders */
	r = tombstone_end(in, &why);
	if (settle(in, e) < 0)
		return -1;
	if (r < 0)
		*e = why;
	return r;
}

/* Nothing is kept: what would have been stored was refused after all. */
static void
undo(struct ingest *in)
{
	struct ingest_sums *s = &in->sums;
	struct err ignored;	/* a rollback is what we want */
	int made;

	if (tx_active(in->st->db))
		tx_end(in->st->db, -1, &ignored);
	event_writer_clear(in->events);
	s->undone = true;
	if (s->stored > 0)
		map_put(&in->reasons, "not stored because of others",
		    &made)->i += s->stored;
	s->rejected += s->stored;
	s->stored = 0;
	note_denied(in, &ignored);
}

int
ingest_end(struct ingest *in, struct err *e)
{
	struct ingest_sums *s = &in->sums;

	if (ingest_commit(in, e) < 0)
		return -1;
	s->torn = in->open > 0;
	if (!in->conf.strict)
		return 0;
	if (s->torn || s->skipped > 0 || s->rejected > 0) {
		undo(in);
		return 0;
	}
	if (access_still(in->st, e) < 0) {
		undo(in);
		return -1;
	}
	if (tx_active(in->st->db) && tx_end(in->st->db, 0, e) < 0)
		return -1;
	return tombstone_end(in, e);
}

/* --- the summary ------------------------------------------------------- */

const struct ingest_sums *
ingest_sums(const struct ingest *in)
{
	return &in->sums;
}

static json_t *
counts_json(const struct map *m)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < m->n; i++)
		json_object_set_new(o, m->e[i].key, json_integer(m->e[i].v.i));
	return o;
}

json_t *
ingest_summary(const struct ingest *in)
{
	const struct ingest_sums *s = &in->sums;
	json_t *o;

	o = json_pack("{s:s, s:I, s:I, s:I, s:o}", "type", "summary",
	    "in", (json_int_t)s->in, "stored", (json_int_t)s->stored,
	    "duplicate", (json_int_t)s->duplicate,
	    "rejected", counts_json(&in->reasons));
	if (s->skipped > 0 || in->skipped.n > 0) {
		json_object_set_new(o, "skipped", json_integer(s->skipped));
		json_object_set_new(o, "skipped_reasons",
		    counts_json(&in->skipped));
	}
	if (s->total_input >= 0) {
		json_object_set_new(o, "total_input",
		    json_integer(s->total_input));
		json_object_set_new(o, "truncated",
		    json_integer(s->truncated));
	}
	if (s->torn)
		json_object_set_new(o, "torn", json_true());
	return o;
}
