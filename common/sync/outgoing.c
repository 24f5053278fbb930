/*
 * Lines are written as they are, without a tree of JSON: what an event or a
 * record has beside its columns is stored as JSON with sorted keys.
 */
#include "sync/outgoing.h"

#include "artifact/artifact_merge.h"
#include "base/json.h"
#include "file/file_row.h"
#include "memory/decision.h"
#include "memory/event.h"
#include "memory/grafting.h"
#include "memory/record_row.h"
#include "memory/variable.h"
#include "store/db.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

void
outgoing_init(struct outgoing *o, struct store *st, int64_t own,
    int64_t first)
{
	o->st = st;
	o->own = own;
	o->first = first;
	o->it = NULL;
	buf_init(&o->room);
}

void
outgoing_release(struct outgoing *o)
{
	event_close(o->it);
	o->it = NULL;
	buf_release(&o->room);
}

static int
put_event(struct outgoing *o, int64_t seq, struct buf *b, struct err *e)
{
	const struct event *ev;
	int r;

	if ((r = event_get_any(&o->it, o->st, seq, &ev, e)) != 1)
		return r;
	buf_adds(b, "{\"type\":\"event\"");
	json_add_text(b, "event_id", ev->id);
	json_add_text(b, "session_id", ev->session);
	json_add_int(b, "timestamp", ev->ts_ms);
	json_add_text(b, "event_type", event_types[ev->type]);
	json_add_text(b, "role", event_roles[ev->role]);
	buf_adds(b, ",\"text\":");
	json_quote(b, ev->text, ev->text_len);
	if (ev->rest_len > 2) {		/* its braces off */
		buf_addc(b, ',');
		buf_add(b, ev->rest + 1, ev->rest_len - 2);
	}
	json_add_text(b, "agent", ev->agent);
	json_add_text(b, "user", ev->user);
	buf_adds(b, "}\n");
	event_rest(o->it);
	return 1;
}

static int
put_session(struct outgoing *o, int64_t seq, struct buf *b, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(o->st->db, e, "SELECT s.name, u.name FROM session s "
	    "JOIN user u ON u.id = s.user WHERE s.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1) {
		buf_adds(b, "{\"type\":\"session\"");
		json_add_text(b, "session_id", db_get_text(q, 0));
		json_add_text(b, "user", db_get_text(q, 1));
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static void
put_stamp(const struct outgoing *o, struct buf *b, int64_t at, int64_t base,
    int64_t node)
{
	if (node == 0)
		node = o->first;
	json_add_int(b, "at", at);
	if (base != 0)
		json_add_int(b, "base", base);
	if (node != o->own)
		json_add_int(b, "node", node);
}

static int
put_value(struct outgoing *o, int64_t seq, struct buf *b, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(o->st->db, e, "SELECT s.name, u.name, v.name, v.kind, "
	    OPEN_VARIABLE("v.") ", v.at, v.base, v.node FROM variable v "
	    "JOIN session s ON s.seq = v.session "
	    "JOIN user u ON u.id = s.user WHERE v.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1) {
		buf_adds(b, "{\"type\":\"variable\"");
		json_add_text(b, "session_id", db_get_text(q, 0));
		json_add_text(b, "name", db_get_text(q, 2));
		json_add_text(b, "value", db_get_text(q, 4));
		if (db_get_int(q, 3) == VARIABLE_PROPERTY)
			buf_adds(b, ",\"property\":true");
		put_stamp(o, b, db_get_int(q, 5), db_get_int(q, 6),
		    db_get_int(q, 7));
		json_add_text(b, "user", db_get_text(q, 1));
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static void
put_file_row(const struct outgoing *o, struct buf *b,
    const struct file_row *f)
{
	char hex[HASH_HEX + 1];

	json_add_text(b, "area", file_areas[f->area]);
	json_add_text(b, "path", f->path);
	if (!f->removed) {
		hex_encode(hex, f->sha256, HASH_LEN);
		json_add_int(b, "size_bytes", f->size);
		json_add_text(b, "sha256", hex);
		if (f->exec)
			buf_adds(b, ",\"executable\":true");
	}
	put_stamp(o, b, f->s.at_ms, f->s.base_ms, f->s.node);
}

struct line {
	const struct outgoing *o;
	struct buf *b;
};

static int
put_file(void *arg, const struct file_each *f, struct err *e)
{
	struct line *line = arg;
	struct buf *b = line->b;

	(void)e;
	buf_adds(b, "{\"type\":\"file\"");
	json_add_text(b, "session_id", f->session);
	put_file_row(line->o, b, &f->row);
	json_add_text(b, "user", f->user);
	buf_adds(b, "}\n");
	return 0;
}

static int
put_version(struct outgoing *o, int64_t seq, struct buf *b, struct err *e)
{
	struct db_query *q;
	const void *body;
	size_t n;
	int r;

	if ((q = db_sql(o->st->db, e, "SELECT u.name, r.at, r.base, r.dict, "
	    OPEN_RECORD("r.") ", r.node "
	    "FROM record r JOIN user u ON u.id = r.user "
	    "WHERE r.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1) {
		body = db_get_blob(q, 4, &n);
		buf_reset(&o->room);
		if (store_unpack(o->st, &o->room, body, n, db_get_int(q, 3),
		    RECORD_MAX, e) < 0)
			r = err_add(e, "record row %" PRId64 ": ", seq);
	}
	if (r == 1) {
		buf_adds(b, "{\"type\":\"version\"");
		put_stamp(o, b, db_get_int(q, 1), db_get_int(q, 2),
		    db_get_int(q, 5));
		json_add_text(b, "user", db_get_text(q, 0));
		buf_adds(b, ",\"record\":");
		buf_add(b, o->room.p, o->room.len);
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static int
put_tombstone(struct outgoing *o, int64_t seq, struct buf *b, struct err *e)
{
	static const char *const targets[] = { "", "event", "session",
	    "record", "", "user", "redacted" };
	struct db_query *q;
	int64_t target;
	int r;

	if ((q = db_sql(o->st->db, e, "SELECT t.target, t.id, u.name, t.at, "
	    "(SELECT id FROM tombstone WHERE user = t.user AND target = 7 AND "
	    "ref = t.seq) "
	    "FROM tombstone t LEFT JOIN user u ON u.id = t.user "
	    "WHERE t.seq = :seq AND (t.target IN (1, 2, 3, 5) OR "
	    "(t.target = 6 AND length(t.id) = 26 AND t.user <> 0))")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1) {
		target = db_get_int(q, 0);
		buf_adds(b, "{\"type\":\"tombstone\"");
		json_add_text(b, "target", targets[target]);
		json_add_text(b, "id", db_get_text(q, 1));
		json_add_text(b, "user", db_get_text(q, 2));
		if (target == 6)
			json_add_text(b, "also", db_get_text(q, 4));
		if (target == 5)
			json_add_int(b, "at", db_get_int(q, 3));
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

int
outgoing_line(struct outgoing *o, const struct change *c, struct buf *b,
    struct err *e)
{
	switch (c->type) {
	case CHANGE_EVENT:
		return put_event(o, c->ref, b, e);
	case CHANGE_SESSION:
		return put_session(o, c->ref, b, e);
	case CHANGE_RECORD:
		return put_version(o, c->ref, b, e);
	case CHANGE_TOMBSTONE:
		return put_tombstone(o, c->ref, b, e);
	case CHANGE_VALUE:
		return put_value(o, c->ref, b, e);
	case CHANGE_FILE:
		return file_find(o->st, c->ref, put_file,
		    &(struct line){ o, b }, e);
	case CHANGE_DECISION:
		return decision_line(o->st, c->ref, o->own, o->first, b, e);
	case CHANGE_ARTIFACT:
		return artifact_line(o->st, c->ref, o->own, b, e);
	case CHANGE_GRAFT:
		return graft_line(o->st, c->ref, b, e);
	case CHANGE_SEGMENT:
	case CHANGE_TYPES:
		break;
	}
	return 0;
}
