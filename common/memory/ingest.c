/*
 * A batch is parsed and redacted before the write lock is taken, so that
 * the lock is held only while rows go in.  A record that is refused leaves
 * no row behind (each kind checks before it writes); any other error undoes
 * the whole batch and ends the run.
 */
#include "memory/ingest.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "memory/event.h"
#include "memory/forget.h"
#include "memory/record.h"
#include "memory/redact.h"
#include "memory/session.h"
#include "store/audit.h"
#include "store/cursor.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_BYTES ((size_t)8 << 20)	/* of input lines, at most */
#define CLOCK_EVERY 16			/* records between two looks at it */

const char *const ingest_statuses[] = { "stored", "duplicate", "rejected",
    NULL };

enum kind { KIND_EVENT, KIND_SESSION, KIND_RECORD, KIND_TOMBSTONE,
    KIND_CURSOR, KIND_CONTROL, KIND_BAD };

struct entry {
	int64_t line;		/* 0: not counted */
	enum kind kind;
	enum ingest_status status;
	json_t *o;		/* own; NULL: no JSON, or it is in ev */
	struct event *ev;	/* own; a good event */
	char *raw;		/* own; with o NULL */
	char *reason;		/* own, or NULL */
	char *detail;		/* own, or NULL */
};

struct ingest {
	struct store *st;		/* borrowed */
	struct ingest_config conf;
	struct redact *redact;		/* own, or NULL */
	struct event_writer *events;	/* own */
	struct entry *v;
	size_t n, cap;
	size_t bytes;
	int64_t first_ms;		/* monotonic, of the batch's first */
	int64_t open;			/* starts that had no end yet */
	bool tombstones;
	struct ingest_sums sums;
	struct map reasons;		/* rejected: reason to count */
	struct map skipped;		/* by mem-from: reason to count */
	struct buf room;
};

static int64_t
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

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
	if (tx_active(in->st->db)) {
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

/* --- one line ---------------------------------------------------------- */

static struct entry *
entry_add(struct ingest *in, int64_t line, enum kind kind)
{
	struct entry *t;

	if (in->n == 0)
		in->first_ms = monotonic_ms();
	in->v = xgrow(in->v, in->n, &in->cap, sizeof *in->v);
	t = &in->v[in->n++];
	memset(t, 0, sizeof *t);
	t->line = line;
	t->kind = kind;
	return t;
}

/* reason is one of few and counts; detail may say more. */
static void
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
	json_object_foreach(reasons, key, v)
		if (json_is_integer(v))
			add_count(&map_put(&in->skipped, key, &made)->i,
			    json_integer_value(v));
}

/* Types that later parts of the design store, and answers, which are not
 * for storing. */
static const char *
refusal(const char *type)
{
	static const char *const later[] = { "toc_node", "grip", "document",
	    "chunk", "fact", "artifact", "entity", "relation", "file", NULL };
	static const char *const answers[] = { "hit", "finding", "stats",
	    "audit", "problem", NULL };
	int i;

	for (i = 0; later[i] != NULL; i++)
		if (str_eq(later[i], type))
			return "this version stores no records of this type";
	for (i = 0; answers[i] != NULL; i++)
		if (str_eq(answers[i], type))
			return "an answer of a tool, not a record to store";
	return "unknown type";
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
		{ "record", KIND_RECORD }, { "tombstone", KIND_TOMBSTONE },
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

/* Takes the reference to o. */
static void
take_record(struct ingest *in, int64_t line, json_t *o)
{
	const char *why, *type = type_of(o, &why);
	struct entry *t;
	enum kind kind;

	kind = type != NULL ? kind_of(type) : KIND_BAD;
	if (kind == KIND_CONTROL || kind == KIND_CURSOR)
		line = 0;
	t = entry_add(in, line, kind);
	t->o = o;
	/* Where cursors stand and what tombstones name must stay as it is. */
	if (in->redact != NULL && kind != KIND_CURSOR &&
	    kind != KIND_TOMBSTONE)
		redact_json(in->redact, o);
	if (kind == KIND_BAD) {
		if (type != NULL)
			why = refusal(type);
		entry_reject(t, why, why);
	} else if (kind == KIND_CONTROL) {
		if (str_eq(type, "start"))
			in->open++;
		if (str_eq(type, "end")) {
			in->open -= in->open > 0;
			count_skipped(in, o);
		}
		return;
	}
	if (kind == KIND_EVENT)
		take_event(in, t);
}

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
	struct err why;
	struct entry *t;
	json_t *o;

	/* An empty line is nobody's record. */
	if (is_blank(p, n))
		return 0;
	in->bytes += n;
	if ((o = json_read(p, n, &why)) != NULL && !json_is_object(o)) {
		json_decref(o);
		o = NULL;
		err_set(&why, ERR_INPUT, "not a JSON object");
	}
	if (o == NULL) {
		t = entry_add(in, line, KIND_BAD);
		entry_raw(in, t, p, n);
		entry_reject(t, "broken JSON", why.msg);
	} else
		take_record(in, line, o);
	return batch_full(in, e);
}

int
ingest_long(struct ingest *in, int64_t line, size_t max, struct err *e)
{
	struct entry *t = entry_add(in, line, KIND_BAD);
	char detail[64];

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

	hash = get_str(o, "prefix_hash", NULL);
	if (source == NULL || get_int(o, "offset", &c.offset) != 1 ||
	    c.offset < 0 || (hash != NULL && strlen(hash) >
	    sizeof c.prefix_hash - 1))
		return 0;	/* not ours: its reader starts again */
	get_int(o, "inode", &c.inode);
	get_int(o, "size", &c.size);
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

/* 1 stored, 0 duplicate, -1 with the error. */
static int
store_entry(struct ingest *in, struct entry *t, struct err *e)
{
	int64_t version, seq;

	switch (t->kind) {
	case KIND_EVENT:
		return event_add(in->events, t->ev, e);
	case KIND_SESSION:
		return session_add(in->st, t->o, e);
	case KIND_RECORD:
		return record_add(in->st, t->o, in->conf.kb, &version, &seq, e);
	case KIND_TOMBSTONE:
		in->tombstones = true;
		/* The rows it takes may be among those not written yet. */
		if (event_flush(in->events, e) < 0)
			return -1;
		event_writer_clear(in->events);
		return forget_add(in->st, t->o, e);
	case KIND_CURSOR:
		return store_cursor(in, t->o, e);
	case KIND_CONTROL:
	case KIND_BAD:
		break;
	}
	return 0;
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
			r = store_entry(in, t, &why);
			if (r < 0 && why.code == ERR_EXISTS)
				entry_reject(t, "conflict", why.msg);
			else if (r < 0 && why.code == ERR_DENIED)
				entry_reject(t, "forgotten", why.msg);
			else if (r < 0 && why.code == ERR_INPUT)
				entry_reject(t, why.msg, why.msg);
			else if (r < 0) {
				*e = why;
				return -1;
			} else
				t->status = r == 1 ? INGEST_STORED :
				    INGEST_DUPLICATE;
		}
		if (t->line > 0)
			counts[t->status]++;
	}
	if (event_flush(in->events, e) < 0)
		return -1;
	if (counts[INGEST_STORED] == 0)
		return 0;
	snprintf(detail, sizeof detail, "stored %" PRId64 ", duplicate %"
	    PRId64 ", rejected %" PRId64, counts[0], counts[1], counts[2]);
	return audit_add(in->st, "write", NULL, detail, e);
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
		break;
	case INGEST_DUPLICATE:
		in->sums.duplicate++;
		break;
	case INGEST_REJECTED:
		in->sums.rejected++;
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
		/* It was read as it came, to know what to forget. */
		if (t->kind == KIND_TOMBSTONE && in->redact != NULL &&
		    t->status == INGEST_REJECTED)
			redact_json(in->redact, t->o);
		res.line = t->line;
		res.status = t->status;
		res.id = t->ev != NULL ? t->ev->id : NULL;
		if (t->kind == KIND_RECORD)
			res.id = get_str(t->o, "record_id", NULL);
		else if (t->kind == KIND_SESSION)
			res.id = get_str(t->o, "session_id", NULL);
		else if (t->kind == KIND_TOMBSTONE)
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

	if (in->n == 0 || in->conf.strict)
		return -1;
	left = in->first_ms + INGEST_WAIT_MS - monotonic_ms();
	return left > 0 ? (int)left : 0;
}

int
ingest_commit(struct ingest *in, struct err *e)
{
	struct db *db = in->st->db;

	if (in->n == 0)
		return 0;
	if (!tx_active(db) && tx_begin(db, e) < 0)
		return -1;
	if (in->conf.strict)
		return store_entries(in, e) < 0 ? -1 : settle(in, e);
	if (tx_end(db, store_entries(in, e), e) < 0) {
		event_writer_clear(in->events);
		return -1;
	}
	if (in->tombstones)
		db_settle(db);
	in->tombstones = false;
	return settle(in, e);
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
	if (tx_active(in->st->db) && tx_end(in->st->db, 0, e) < 0)
		return -1;
	if (in->tombstones)
		db_settle(in->st->db);
	return 0;
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
	if (s->torn)
		json_object_set_new(o, "torn", json_true());
	return o;
}
