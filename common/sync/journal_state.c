#include "sync/journal_state.h"

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "store/db.h"
#include "store/name.h"
#include "sync/journal.h"
#include "sync/journal_db.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* --- writing ----------------------------------------------------------- */

static int
put_head(struct journal *j, const char *tenant, struct buf *b, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT number, hash, at, store, snapshot, "
	    "snapshot_size, snapshot_number, sealed FROM head")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		buf_addf(b, "{\"type\":\"state\",\"format\":%d", STATE_FORMAT);
		json_add_int(b, "number", db_get_int(q, 0));
		json_add_text(b, "hash", db_get_text(q, 1));
		json_add_int(b, "at", db_get_int(q, 2));
		json_add_text(b, "store_id", db_get_text(q, 3));
		json_add_text(b, "tenant", tenant);
		if (db_get_int(q, 7) != 0)
			buf_adds(b, ",\"sealed\":true");
		if (!str_eq(db_get_text(q, 4), "")) {
			buf_adds(b, ",\"snapshot\":{\"name\":");
			json_quote(b, db_get_text(q, 4), HASH_HEX);
			json_add_int(b, "size", db_get_int(q, 5));
			json_add_int(b, "number", db_get_int(q, 6));
			buf_addc(b, '}');
		}
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
put_nodes(struct journal *j, struct buf *b, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT name, address, number, at FROM node "
	    "ORDER BY name")) == NULL)
		return -1;
	for (; (r = db_row(q, e)) == 1; ++*n) {
		buf_adds(b, "{\"type\":\"state_node\"");
		json_add_text(b, "node", db_get_text(q, 0));
		json_add_text(b, "address", db_get_text(q, 1));
		json_add_int(b, "number", db_get_int(q, 2));
		json_add_int(b, "at", db_get_int(q, 3));
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static int
put_segments(struct journal *j, struct buf *b, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT node, first, last, number, size, "
	    "name FROM segment WHERE number > 0 ORDER BY node, last")) == NULL)
		return -1;
	for (; (r = db_row(q, e)) == 1; ++*n) {
		buf_adds(b, "{\"type\":\"state_segment\"");
		json_add_text(b, "node", db_get_text(q, 0));
		json_add_int(b, "from", db_get_int(q, 1));
		json_add_int(b, "to", db_get_int(q, 2));
		json_add_int(b, "number", db_get_int(q, 3));
		if (!str_eq(db_get_text(q, 5), "")) {
			json_add_int(b, "size", db_get_int(q, 4));
			json_add_text(b, "name", db_get_text(q, 5));
		}
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static int
put_packs(struct journal *j, struct buf *b, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT name, size, bytes_index, files, "
	    "bytes, number FROM pack WHERE number > 0 ORDER BY name")) == NULL)
		return -1;
	for (; (r = db_row(q, e)) == 1; ++*n) {
		buf_adds(b, "{\"type\":\"state_pack\"");
		json_add_text(b, "name", db_get_text(q, 0));
		json_add_int(b, "size", db_get_int(q, 1));
		json_add_int(b, "index", db_get_int(q, 2));
		json_add_int(b, "files", db_get_int(q, 3));
		json_add_int(b, "bytes", db_get_int(q, 4));
		json_add_int(b, "number", db_get_int(q, 5));
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static int
put_leases(struct journal *j, struct buf *b, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT user, session, node, address, "
	    "epoch, hold, since, number FROM lease ORDER BY user, session")) ==
	    NULL)
		return -1;
	for (; (r = db_row(q, e)) == 1; ++*n) {
		buf_adds(b, "{\"type\":\"state_lease\"");
		json_add_text(b, "user", db_get_text(q, 0));
		json_add_text(b, "session_id", db_get_text(q, 1));
		json_add_text(b, "node", db_get_text(q, 2));
		json_add_text(b, "address", db_get_text(q, 3));
		json_add_int(b, "epoch", db_get_int(q, 4));
		json_add_int(b, "hold_ms", db_get_int(q, 5));
		json_add_int(b, "since", db_get_int(q, 6));
		json_add_int(b, "number", db_get_int(q, 7));
		buf_adds(b, "}\n");
	}
	db_end(q);
	return r;
}

static void
put_end(struct buf *b, size_t from, int64_t n)
{
	char hex[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];

	hash_mem(b->p + from, b->len - from, sum);
	hex_encode(hex, sum, HASH_LEN);
	buf_addf(b, "{\"type\":\"state_end\",\"lines\":%" PRId64
	    ",\"sha256\":\"%s\"}\n", n, hex);
}

int
journal_state_write(struct journal *j, const char *tenant, struct buf *b,
    struct err *e)
{
	size_t from = b->len;
	int64_t n = 0;

	if (put_head(j, tenant, b, e) < 0 || put_nodes(j, b, &n, e) < 0 ||
	    put_segments(j, b, &n, e) < 0 || put_packs(j, b, &n, e) < 0 ||
	    put_leases(j, b, &n, e) < 0)
		return -1;
	put_end(b, from, n);
	return 0;
}

/* --- reading ----------------------------------------------------------- */

static int
bad(const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "the state is damaged: %s", what);
}

/* Each binds NULL, or -1, where the value is none. */
static bool
bind_ulid(struct db_query *q, const char *name, const json_t *o,
    const char *key)
{
	const char *s = get_str(o, key, NULL);
	uint8_t id[ULID_BYTES];
	bool is = s != NULL && strlen(s) == ULID_LEN && ulid_parse(s, id);

	db_text(q, name, is ? s : NULL);
	return is;
}

static bool
bind_hash(struct db_query *q, const char *name, const json_t *o,
    const char *key)
{
	const char *s = get_str(o, key, NULL);
	bool is = s != NULL && hex_is(s, HASH_HEX);

	db_text(q, name, is ? s : NULL);
	return is;
}

static bool
bind_name(struct db_query *q, const char *name, const json_t *o,
    const char *key)
{
	const char *s = get_str(o, key, NULL);
	struct err ignored;
	bool is = s != NULL && name_check(key, s, &ignored) == 0;

	db_text(q, name, is ? s : NULL);
	return is;
}

static bool
bind_int(struct db_query *q, const char *name, const json_t *o,
    const char *key, int64_t min)
{
	int64_t n = -1;
	bool is = get_int(o, key, &n) == 1 && n >= min;

	db_int(q, name, n);
	return is;
}

static int
take_head(struct journal *j, const char *tenant, const json_t *o,
    struct err *e)
{
	const json_t *snap = json_object_get(o, "snapshot");
	struct db_query *q;
	int64_t format;

	if (!str_eq(get_str(o, "type", NULL), "state") ||
	    get_int(o, "format", &format) != 1)
		return bad("it does not say that it is one", e);
	if (format > STATE_FORMAT)
		return err_set(e, ERR_VERSION, "the state was made by a newer "
		    "memkit");
	if (!str_eq(get_str(o, "tenant", NULL), tenant))
		return bad("it is of another tenant", e);
	if ((q = db_sql(j->db, e, "UPDATE head SET number = :number, "
	    "hash = :hash, at = :at, store = :store, sealed = :sealed")) ==
	    NULL)
		return -1;
	db_int(q, ":sealed", json_is_true(json_object_get(o, "sealed")));
	if (!(bind_int(q, ":number", o, "number", 1) &&
	    bind_hash(q, ":hash", o, "hash") &&
	    bind_int(q, ":at", o, "at", DATE_MIN) &&
	    bind_ulid(q, ":store", o, "store_id"))) {
		db_end(q);
		return bad("its head", e);
	}
	if (db_run(q, e) < 0)
		return -1;
	if (snap == NULL)
		return 0;
	if ((q = db_sql(j->db, e, "UPDATE head SET snapshot = :name, "
	    "snapshot_size = :size, snapshot_number = :number")) == NULL)
		return -1;
	if (!(bind_hash(q, ":name", snap, "name") &&
	    bind_int(q, ":size", snap, "size", 1) &&
	    bind_int(q, ":number", snap, "number", 1))) {
		db_end(q);
		return bad("its snapshot", e);
	}
	return db_run(q, e);
}

static int
take_node(struct journal *j, const json_t *o, struct err *e)
{
	struct db_query *q = db_sql(j->db, e,
	    "INSERT OR REPLACE INTO node (name, address, number, at) "
	    "VALUES (:name, :address, :number, :at)");

	if (q == NULL)
		return -1;
	bind_name(q, ":address", o, "address");
	if (bind_ulid(q, ":name", o, "node") &&
	    bind_int(q, ":number", o, "number", 1) &&
	    bind_int(q, ":at", o, "at", DATE_MIN))
		return db_run(q, e);
	db_end(q);
	return bad("a node", e);
}

static int
take_segment(struct journal *j, const json_t *o, struct err *e)
{
	struct db_query *q = db_sql(j->db, e,
	    "INSERT OR REPLACE INTO segment (node, first, last, number, "
	    "size, name) VALUES (:node, :first, :last, :number, :size, "
	    ":name)");
	bool is;

	if (q == NULL)
		return -1;
	is = bind_ulid(q, ":node", o, "node") &&
	    bind_int(q, ":first", o, "from", 0) &&
	    bind_int(q, ":last", o, "to", 1) &&
	    bind_int(q, ":number", o, "number", 1);
	if (json_object_get(o, "name") != NULL)
		is = is && bind_hash(q, ":name", o, "name") &&
		    bind_int(q, ":size", o, "size", 1);
	else {
		db_text(q, ":name", "");
		db_int(q, ":size", 0);
	}
	if (is)
		return db_run(q, e);
	db_end(q);
	return bad("a segment", e);
}

static int
take_pack(struct journal *j, const json_t *o, struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "INSERT INTO pack (name, size, "
	    "bytes_index, files, bytes, number) VALUES (:name, :size, :index, "
	    ":files, :bytes, :number)");

	if (q == NULL)
		return -1;
	if (bind_hash(q, ":name", o, "name") &&
	    bind_int(q, ":size", o, "size", 1) &&
	    bind_int(q, ":index", o, "index", 1) &&
	    bind_int(q, ":files", o, "files", 1) &&
	    bind_int(q, ":bytes", o, "bytes", 0) &&
	    bind_int(q, ":number", o, "number", 1))
		return db_run(q, e);
	db_end(q);
	return bad("a pack", e);
}

static int
take_lease(struct journal *j, const json_t *o, struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "INSERT OR REPLACE INTO lease "
	    "(user, session, node, address, epoch, hold, since, number, seen) "
	    "VALUES (:user, :session, :node, :address, :epoch, :hold, :since, "
	    ":number, :seen)");

	if (q == NULL)
		return -1;
	bind_name(q, ":address", o, "address");
	db_int(q, ":seen", date_monotonic());
	if (bind_name(q, ":user", o, "user") &&
	    bind_name(q, ":session", o, "session_id") &&
	    bind_ulid(q, ":node", o, "node") &&
	    bind_int(q, ":epoch", o, "epoch", 1) &&
	    bind_int(q, ":hold", o, "hold_ms", 0) &&
	    bind_int(q, ":since", o, "since", DATE_MIN) &&
	    bind_int(q, ":number", o, "number", 1))
		return db_run(q, e);
	db_end(q);
	return bad("a lease", e);
}

static int
take_line(struct journal *j, const char *tenant, bool first, const char *p,
    size_t n, struct err *e)
{
	const char *type;
	struct err why;
	json_t *o;
	int r;

	if ((o = json_read(p, n, &why)) == NULL)
		return bad(why.msg, e);
	type = get_str(o, "type", NULL);
	if (first)
		r = take_head(j, tenant, o, e);
	else if (str_eq(type, "state_segment"))
		r = take_segment(j, o, e);
	else if (str_eq(type, "state_pack"))
		r = take_pack(j, o, e);
	else if (str_eq(type, "state_lease"))
		r = take_lease(j, o, e);
	else if (str_eq(type, "state_node"))
		r = take_node(j, o, e);
	else	/* what it says may matter: manifests are read instead */
		r = err_set(e, ERR_VERSION, "the state has a line that this "
		    "memkit does not know");
	json_decref(o);
	return r;
}

/* Where the last line begins; its hash and its count are those of what is
 * before it. */
static int
find_end(const char *p, size_t n, size_t *end, struct err *e)
{
	struct buf last = BUF_INIT;
	int64_t lines = -1;		/* the head is none of them */
	size_t i;
	bool same;

	*end = 0;
	if (n < 2 || p[n - 1] != '\n')
		return bad("it is cut off", e);
	for (*end = n - 1; *end > 0 && p[*end - 1] != '\n'; --*end)
		;
	if (*end == 0)
		return bad("it has no head", e);
	for (i = 0; i < *end; i++)
		lines += p[i] == '\n';
	buf_add(&last, p, *end);
	put_end(&last, 0, lines);
	same = last.len == n && memcmp(last.p, p, n) == 0;
	buf_release(&last);
	return same ? 0 : bad("its hash is another one", e);
}

static int
take_all(struct journal *j, const char *tenant, const char *p, size_t end,
    struct err *e)
{
	const char *at = p, *nl;

	for (; at < p + end; at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(p + end - at));
		if (take_line(j, tenant, at == p, at, (size_t)(nl - at), e) <
		    0)
			return -1;
	}
	return 0;
}

int
journal_state_read(struct journal *j, const char *tenant, const char *p,
    size_t n, struct err *e)
{
	size_t end;

	if (find_end(p, n, &end, e) < 0 || tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, take_all(j, tenant, p, end, e), e);
}
