/*
 * Snapshots: what is put comes back as it was, whenever it is interrupted and
 * whatever becomes of a piece; and who lies is refused.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/alloc.h"
#include "base/zip.h"
#include "ingest/ingest.h"
#include "store/change.h"
#include "store/cursor.h"
#include "store/node.h"
#include "store/schema.h"
#include "sync/remote.h"
#include "sync/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>

#define P "acme/.memkit/"

static struct err e;
static volatile sig_atomic_t stop;
static uint64_t seed = 88172645463325252u;

/* --- stores and remotes ------------------------------------------------ */

static void
line(struct ingest *to, int64_t no, const char *text)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, text);
	if (ingest_line(to, no, b.p, b.len, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	buf_release(&b);
}

/* Events whose texts no compressor makes smaller than half. */
static void
events(struct store *st, int from, int n)
{
	struct ingest_config c = { .batch = INGEST_BATCH };
	struct buf b = BUF_INIT;
	struct ingest *to;
	int i, k;

	if (ingest_new(&to, st, &c, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	for (i = from; i < from + n; i++) {
		buf_reset(&b);
		buf_addf(&b, "{\"type\":\"event\",\"session_id\":\"s%d\","
		    "\"timestamp\":%d,\"text\":\"", i % 7, 1000 + i);
		for (k = 0; k < 100; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			buf_addf(&b, "%016" PRIx64, seed);
		}
		buf_adds(&b, "\"}");
		line(to, i, b.p);
	}
	line(to, i, "{\"type\":\"record\",\"record_type\":\"x\","
	    "\"record_id\":\"r1\",\"kb\":\"k\",\"title\":\"t\"}");
	line(to, i, "{\"type\":\"variable\",\"session_id\":\"s1\","
	    "\"name\":\"v\",\"value\":\"w\",\"at\":5}");
	line(to, i, "{\"type\":\"tombstone\",\"target\":\"session\","
	    "\"id\":\"s0\"}");
	if (ingest_end(to, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	ingest_free(to);
	buf_release(&b);
}

static struct store *
fill(const char *dir)
{
	struct store *st = temp_open(dir, "ann", STORE_MAKE);
	struct cursor c = { .offset = 7, .prefix_hash = "aa" };

	events(st, 0, 5000);
	tx_begin(st->db, &e);
	consumer_put(st, "toc", 3, 4, &e);
	consumer_put(st, "ltm", 2, 4, &e);
	consumer_put(st, "remote main", 1, 4, &e);
	cursor_put(st, "/home/ann/secret-project.jsonl", &c, &e);
	node_came(st, "01HNAVQZC00000000000000000", 17, 3, 4, &e);
	if (tx_end(st->db, 0, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	return st;
}

static struct remote *
open_remote(struct store *st)
{
	struct remote *r = NULL;

	if (remote_open(&r, st, "main", &stop, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	else
		remote_only(r, NULL);
	return r;
}

static int
count_key(void *arg, const struct remote_entry *x, struct err *why)
{
	(void)x;
	(void)why;
	++*(int *)arg;
	return 0;
}

static int
objects(struct remote *r, const char *prefix)
{
	int n = 0;
	struct remote_list l = { .prefix = prefix, .found = count_key,
	    .arg = &n };

	remote_list(r, &l);
	return remote_wait(r, &l.op, &e) < 0 ? -1 : n;
}

static void
put_bytes(struct remote *r, const char *key, const void *p, size_t n)
{
	struct remote_put put = { .key = key, .body = { .mem = p, .len = n } };

	remote_put(r, &put);
	if (remote_wait(r, &put.op, &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

static void
get_bytes(struct remote *r, const char *key, struct buf *b)
{
	struct remote_room room = { b, 1 << 20 };
	struct remote_get get = { .key = key, .take = remote_into_buf,
	    .arg = &room };

	remote_get(r, &get);
	if (remote_wait(r, &get.op, &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

/* --- a round trip ------------------------------------------------------ */

static const char *const tables[] = { "meta", "user", "agent", "dict",
    "graft", "seal_key", "forgetting",
    "session", "variable", "pack", "event", "kb", "record", "change",
    "audit", "toc_user", "toc_node", "toc_version", "toc_move", "toc_grip",
    "toc_mark", "toc_dirty", "fact", "tombstone", "verdict", "ltm_group",
    "ltm_member", "ltm_row", "origin", "file", "decision",
    "artifact", "artifact_byte", "artifact_use", "artifact_turn",
    "sqlite_sequence" };
#define N_TABLES (sizeof tables / sizeof *tables)

/* A number of a query in which '@' is a table. */
static int64_t
number(struct store *st, const char *query, const char *table)
{
	struct buf sql = BUF_INIT;
	int64_t n;

	buf_adds(&sql, "DROP TABLE IF EXISTS temp.answer; "
	    "CREATE TEMP TABLE answer AS ");
	for (; *query != '\0'; query++)
		if (*query == '@')
			buf_adds(&sql, table);
		else
			buf_addc(&sql, *query);
	if (db_script(st->db, sql.p, &e) < 0)
		printf("# %s\n", e.msg);
	n = temp_count(st, "SELECT n FROM temp.answer");
	buf_release(&sql);
	return n;
}

/* What is in one and not in the other, of all that travels. */
static void
compare(struct store *st, const char *path)
{
	struct buf sql = BUF_INIT;
	int64_t n = 0;
	size_t i;

	buf_addf(&sql, "ATTACH '%s' AS got", path);
	is_int(db_script(st->db, sql.p, &e), 0, "it can be attached");
	for (i = 0; i < N_TABLES; i++)
		n += number(st, "SELECT (SELECT count(*) FROM (SELECT * FROM "
		    "main.@ EXCEPT SELECT * FROM got.@)) + (SELECT count(*) "
		    "FROM (SELECT * FROM got.@ EXCEPT SELECT * FROM main.@)) "
		    "AS n", tables[i]);
	is_int(n, 0, "every row is there, and no other");
	is_int(number(st, "SELECT count(*) AS n FROM sqlite_schema WHERE type "
	    "= '@' AND name NOT IN ('consumer', 'cursor')", "table"),
	    N_TABLES, "that was every table");
	is_int(number(st, "SELECT count(*) AS n FROM got.@", "consumer"), 2,
	    "who derives something in it goes on");
	is_int(number(st, "SELECT count(*) AS n FROM got.@ "
	    "WHERE name = 'remote main'", "consumer"), 0, "who reads for a "
	    "remote is not there");
	is_int(number(st, "SELECT count(*) AS n FROM got.@", "cursor"), 0,
	    "sources outside begin anew");
	db_script(st->db, "DETACH got", &e);
	buf_release(&sql);
}

static bool
has_text(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	size_t i, n = strlen(text);
	bool found = false;

	buf_read_file(&b, path, 1 << 24, &e);
	for (i = 0; i + n <= b.len && !found; i++)
		found = memcmp(b.p + i, text, n) == 0;
	buf_release(&b);
	return found;
}

struct vector {
	const struct snapshot *s;
	size_t same;
};

static int
same_node(void *arg, const char *name, int64_t upto)
{
	struct vector *v = arg;
	size_t i;

	for (i = 0; i < v->s->n_nodes; i++)
		v->same += strcmp(v->s->nodes[i].name, name) == 0 &&
		    v->s->nodes[i].upto == upto;
	return 0;
}

static void
into_place(const char *path, const struct snapshot *s)
{
	struct vector v = { s, 0 };
	struct store *st = temp_open("taken", "ann", STORE_MAKE);
	char *db = store_path(st, "memory.db");
	struct buf b = BUF_INIT;

	store_close(st);
	buf_addf(&b, "%s-wal", db);
	unlink(b.p);
	buf_reset(&b);
	buf_addf(&b, "%s-shm", db);
	unlink(b.p);
	rename(path, db);
	st = temp_open("taken", "ann", STORE_WRITE);
	is_int(node_renew(st, INT64_MAX, &e), 0, "it becomes a node of its own");
	node_each(st, same_node, &v, &e);
	is_int((int64_t)v.same, (int64_t)s->n_nodes, "it has what every "
	    "node had brought");
	events(st, 9003, 3);
	is_int(temp_count(st, "SELECT count(*) FROM event WHERE ts > 9999"),
	    3, "and takes in more");
	store_close(st);
	free(db);
	buf_release(&b);
}

static void
round_trip(struct store *st, struct remote *r)
{
	struct snapshot s = SNAPSHOT_INIT, got = SNAPSHOT_INIT;
	struct snapshot_sums sums = { 0, 0 };
	struct snapshot_how how = { .sums = &sums };
	struct vector v = { &s, 0 };
	struct buf a = BUF_INIT, b = BUF_INIT;

	is_int(snapshot_put(st, r, P, &how, &s, &e), 0, "put");
	ok(s.n >= 6 && sums.pieces == s.n, "%zu pieces", s.n);
	is_int(objects(r, P "piece/"), (int64_t)s.n, "are there");
	node_each(st, same_node, &v, &e);
	ok(s.n_nodes == 2 && v.same == 2, "it says what is in it");
	is_str(s.tenant, "default", "and whose it is");
	is_int(snapshot_get(r, P, s.name, s.bytes, "got", &how, &got, &e), 0,
	    "get");
	snapshot_write(&s, &a);
	snapshot_write(&got, &b);
	is_str(b.p, a.p, "its description");
	ok(!file_exists("got.part"), "nothing beside it");
	is_int(snapshot_check("got", &got, &e), 0, "it is a database of ours");
	compare(st, "got");
	ok(!has_text("got", "secret-project"), "no path stays in it");
	snapshot_release(&got);
	is_int(snapshot_get(r, P, s.name, s.bytes, "got", &how, &got, &e), -1,
	    "nothing is replaced");
	is_int(e.code, ERR_EXISTS, "it says so");
	snapshot_release(&got);
	into_place("got", &s);
	sums.pieces = 0;
	is_int(snapshot_put(st, r, P, &how, &got, &e), 0, "again");
	ok(sums.pieces == 0 && memcmp(got.name, s.name, HASH_LEN) == 0,
	    "is the same, and sends nothing");
	snapshot_release(&s);
	snapshot_release(&got);
	buf_release(&a);
	buf_release(&b);
}

/* --- what grew --------------------------------------------------------- */

static bool
all_known(void *arg, const uint8_t name[HASH_LEN])
{
	(void)name;
	++*(int *)arg;
	return true;
}

static void
grown(struct store *st, struct remote *r)
{
	struct snapshot s = SNAPSHOT_INIT, got = SNAPSHOT_INIT;
	struct snapshot_sums sums = { 0, 0 };
	struct snapshot_how how = { .sums = &sums };
	int asked = 0;

	is_int(snapshot_put(st, r, P, &how, &s, &e), 0, "before");
	is_int(snapshot_get(r, P, s.name, s.bytes, "old.part", &how, &got, &e),
	    0, "its database");
	snapshot_release(&s);
	snapshot_release(&got);
	events(st, 7000, 20);
	sums.pieces = 0;
	is_int(snapshot_put(st, r, P, &how, &s, &e), 0, "after 20 more");
	ok(sums.pieces > 0 && sums.pieces <= s.n / 2,
	    "%" PRIu64 " of %zu pieces are new", sums.pieces, s.n);
	sums.pieces = 0;
	is_int(snapshot_get(r, P, s.name, s.bytes, "old", &how, &got, &e), 0,
	    "on top of the old one");
	ok(sums.pieces <= s.n / 2, "takes only these");
	is_int(snapshot_check("old", &got, &e), 0, "it is right");
	snapshot_release(&s);
	how.known = all_known;
	how.arg = &asked;
	is_int(snapshot_put(st, r, "other/", &how, &s, &e), 0,
	    "a caller that knows");
	is_int(asked, (int64_t)s.n, "is asked for each");
	is_int(objects(r, "other/"), 1, "and believed");
	snapshot_release(&s);
	snapshot_release(&got);
}

/* --- interrupted ------------------------------------------------------- */

struct breaker {
	int left;
};

static void
break_off(void *arg, uint64_t at, uint64_t of)
{
	struct breaker *b = arg;

	(void)at;
	(void)of;
	if (--b->left == 0)
		stop = 1;
}

static void
interrupted_put(struct store *st, struct remote *r)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct snapshot_sums sums = { 0, 0 };
	struct breaker b = { 0 };
	struct snapshot_how how = { .sums = &sums, .progress = break_off,
	    .arg = &b };
	int n, code = 0, seen = 0, early = 0;

	for (n = 1; n < 1000; n++) {
		b.left = n;
		stop = 0;
		if (snapshot_put(st, r, "i/.memkit/", &how, &s, &e) == 0)
			break;
		code += e.code != ERR_BUSY;
		stop = 0;
		seen = objects(r, "i/.memkit/snapshot/");
		early += seen != 0;
	}
	stop = 0;
	ok(n > (int)s.n, "a put that was interrupted %d times", n - 1);
	is_int(code, 0, "says so each time");
	is_int(early, 0, "and describes nothing before its end");
	is_int((int64_t)sums.pieces, (int64_t)s.n, "no piece went twice");
	ok(objects(r, "i/.memkit/piece/") == (int)s.n, "all are there");
	is_int((int64_t)temp_count(st, "SELECT count(*) FROM consumer"), 3,
	    "the store is as it was");
	snapshot_release(&s);
}

static void
interrupted_get(struct remote *r, const struct snapshot *s)
{
	struct snapshot got = SNAPSHOT_INIT;
	struct snapshot_sums sums = { 0, 0 };
	struct breaker b = { 0 };
	struct snapshot_how how = { .sums = &sums, .progress = break_off,
	    .arg = &b };
	int n, half = 0;

	for (n = 1; n < 1000; n++) {
		b.left = n;
		stop = 0;
		if (snapshot_get(r, P, s->name, s->bytes, "slow", &how, &got,
		    &e) == 0)
			break;
		half += e.code != ERR_BUSY || file_exists("slow");
		snapshot_release(&got);
	}
	stop = 0;
	ok(n >= (int)s->n, "a get that was interrupted %d times", n - 1);
	is_int(half, 0, "says so, and nothing is there before the end");
	is_int((int64_t)sums.pieces, (int64_t)s->n, "no piece came twice");
	is_int(snapshot_check("slow", &got, &e), 0, "it is right");
	snapshot_release(&got);
	unlink("slow");
}

static void
damaged_part(struct remote *r, const struct snapshot *s)
{
	struct snapshot got = SNAPSHOT_INIT;
	struct snapshot_sums sums = { 0, 0 };
	struct snapshot_how how = { .sums = &sums };
	int fd;

	snapshot_get(r, P, s->name, s->bytes, "d", &how, &got, &e);
	rename("d", "d.part");
	fd = open("d.part", O_RDWR);
	ok(pwrite(fd, "x", 1, 300000) == 1 &&
	    ftruncate(fd, (off_t)s->size + 99) == 0, "a partial file with a "
	    "wrong byte, and more than there is");
	close(fd);
	snapshot_release(&got);
	sums.pieces = 0;
	is_int(snapshot_get(r, P, s->name, s->bytes, "d", &how, &got, &e), 0,
	    "is made right");
	is_int((int64_t)sums.pieces, 1, "by one piece");
	is_int(snapshot_check("d", &got, &e), 0, "it is whole");
	snapshot_release(&got);
	unlink("d");
}

/* --- damaged, and made wrong ------------------------------------------- */

static int
try_get(struct remote *r, const struct snapshot *s)
{
	struct snapshot_how how = { .stop = NULL };
	struct snapshot got = SNAPSHOT_INIT;
	int ret = snapshot_get(r, P, s->name, s->bytes, "bad", &how, &got,
	    &e);

	snapshot_release(&got);
	unlink("bad.part");
	return ret == 0 || file_exists("bad") ? 0 : (int)e.code;
}

static void
damaged(struct remote *r, const struct snapshot *s)
{
	struct buf key = BUF_INIT, b = BUF_INIT;
	struct strv keys = STRV_INIT;
	struct remote_delete d = { .keys = &keys };

	snapshot_piece_key(&key, P, s->pieces[2].name);
	get_bytes(r, key.p, &b);
	b.p[1000] ^= 1;
	put_bytes(r, key.p, b.p, b.len);
	is_int(try_get(r, s), ERR_INPUT, "a wrong bit");
	ok(strstr(e.msg, key.p) != NULL, "%s", e.msg);
	b.p[1000] ^= 1;
	put_bytes(r, key.p, b.p, b.len - 1);
	is_int(try_get(r, s), ERR_INPUT, "a byte less");
	put_bytes(r, key.p, "", 0);
	is_int(try_get(r, s), ERR_INPUT, "nothing in it");
	buf_addc(&b, 'x');
	put_bytes(r, key.p, b.p, b.len);
	is_int(try_get(r, s), ERR_INPUT, "a byte more");
	strv_add(&keys, key.p);
	remote_delete(r, &d);
	remote_wait(r, &d.op, &e);
	is_int(try_get(r, s), ERR_ABSENT, "it is gone");
	ok(strstr(e.msg, key.p) != NULL, "%s", e.msg);
	put_bytes(r, key.p, b.p, b.len - 1);
	buf_reset(&key);
	snapshot_key(&key, P, s->name);
	buf_reset(&b);
	get_bytes(r, key.p, &b);
	b.p[70] ^= 1;
	put_bytes(r, key.p, b.p, b.len);
	is_int(try_get(r, s), ERR_INPUT, "a description with a wrong bit");
	b.p[70] ^= 1;
	put_bytes(r, key.p, b.p, b.len);
	ok(try_get(r, s) == 0 && file_exists("bad"), "all is well again");
	unlink("bad");
	strv_release(&keys);
	buf_release(&key);
	buf_release(&b);
}

/* A description of somebody's own making. */
static void
put_said(struct remote *r, struct snapshot *s)
{
	struct buf key = BUF_INIT, b = BUF_INIT;

	snapshot_write(s, &b);
	hash_mem(b.p, b.len, s->name);
	s->bytes = b.len;
	snapshot_key(&key, P, s->name);
	put_bytes(r, key.p, b.p, b.len);
	buf_release(&key);
	buf_release(&b);
}

/* The frame as piece 1 of it. */
static void
put_frame(struct remote *r, struct snapshot *s, const struct buf *frame)
{
	struct buf key = BUF_INIT;

	hash_mem(frame->p, frame->len, s->pieces[1].name);
	s->pieces[1].bytes = (uint32_t)frame->len;
	snapshot_piece_key(&key, P, s->pieces[1].name);
	put_bytes(r, key.p, frame->p, frame->len);
	put_said(r, s);
	buf_release(&key);
}

static void
liars(struct remote *r, struct snapshot *s)
{
	struct snapshot_piece was = s->pieces[1];
	struct zip *zip = zip_new(NULL, 0);
	struct buf frame = BUF_INIT;
	uint64_t bytes = s->bytes;
	char *much;

	s->pieces[1] = s->pieces[2];
	memcpy(s->pieces[1].sha256, was.sha256, HASH_LEN);
	put_said(r, s);
	is_int(try_get(r, s), ERR_CORRUPT, "another piece in its place");
	ok(strstr(e.msg, "what its snapshot says") != NULL, "%s", e.msg);
	s->pieces[1] = s->pieces[2];
	put_said(r, s);
	is_int(try_get(r, s), ERR_CORRUPT, "and with its hash");
	s->pieces[1] = was;
	s->pieces[1].bytes++;
	put_said(r, s);
	is_int(try_get(r, s), ERR_CORRUPT, "a wrong number of bytes");
	s->pieces[1].bytes -= 2;
	put_said(r, s);
	is_int(try_get(r, s), ERR_INPUT, "more than it was said to have");
	s->pieces[1] = was;
	much = xcalloc(1, 100 << 20);
	zip_pack(zip, &frame, much, 100 << 20, 1);
	put_frame(r, s, &frame);
	is_int(try_get(r, s), ERR_CORRUPT, "100 MB in one piece: %s", e.msg);
	buf_reset(&frame);
	zip_pack(zip, &frame, much, s->piece - 1, 1);
	put_frame(r, s, &frame);
	is_int(try_get(r, s), ERR_CORRUPT, "a byte less than a piece");
	free(much);
	s->pieces[1] = was;
	s->sha256[0] ^= 1;
	put_said(r, s);
	is_int(try_get(r, s), ERR_CORRUPT, "the hash of all of it: %s", e.msg);
	s->sha256[0] ^= 1;
	put_said(r, s);
	ok(s->bytes == bytes && try_get(r, s) == 0, "and the right one");
	unlink("bad");
	s->bytes = bytes - 1;
	is_int(try_get(r, s), ERR_INPUT, "fewer bytes than it has");
	s->bytes = bytes + 1;
	is_int(try_get(r, s), ERR_INPUT, "more bytes than it has: %s", e.msg);
	s->bytes = UINT64_MAX;
	is_int(try_get(r, s), ERR_INPUT, "absurdly many");
	s->bytes = bytes;
	zip_free(zip);
	buf_release(&frame);
}

/* --- descriptions ------------------------------------------------------ */

/* What comes of it when `from` stands there as `to`. */
static int
changed(const struct buf *text, const char *from, const char *to)
{
	const char *at = strstr(text->p, from);
	struct snapshot s = SNAPSHOT_INIT;
	struct buf b = BUF_INIT;
	int r;

	if (at == NULL)
		printf("Bail out! no '%s'\n", from);
	buf_add(&b, text->p, (size_t)(at - text->p));
	buf_adds(&b, to);
	buf_adds(&b, at + strlen(from));
	r = snapshot_read(&s, b.p, b.len, &e);
	snapshot_release(&s);
	buf_release(&b);
	return r == 0 ? 0 : (int)e.code;
}

static void
descriptions(const struct snapshot *s)
{
	static const struct {
		const char *from, *to;
		int code;
	} t[] = {
		{ "\"format\":1", "\"format\":2", ERR_VERSION },
		{ "\"format\":1", "\"format\":0", ERR_INPUT },
		{ "\"format\":1", "\"format\":1.0", ERR_INPUT },
		{ "\"schema\":", "\"schema\":9", ERR_VERSION },
		{ "\"schema\":", "\"schema\":-", ERR_INPUT },
		{ "\"type\":\"snapshot\"", "\"type\":\"x\"", ERR_INPUT },
		{ "\"size\":", "\"size\":-", ERR_INPUT },
		{ "\"size\":", "\"size\":1", ERR_INPUT },
		{ "\"size\":", "\"size\":9999999999999", ERR_INPUT },
		{ "\"piece\":262144", "\"piece\":0", ERR_INPUT },
		{ "\"piece\":262144", "\"piece\":4096", ERR_INPUT },
		{ "\"piece\":262144", "\"piece\":262145", ERR_INPUT },
		{ "\"piece\":262144", "\"piece\":1073741824", ERR_INPUT },
		{ "\"piece\":262144", "\"piece\":524288", ERR_INPUT },
		{ "\"bytes\":", "\"bytes\":-", ERR_INPUT },
		{ "\"bytes\":", "\"bytes\":99", ERR_INPUT },
		{ "\"upto\":", "\"upto\":-", ERR_INPUT },
		{ "\"upto\":", "\"upto\":99999999999999999", ERR_INPUT },
		{ "\"pieces\":[", "\"pieces\":[{},", ERR_INPUT },
		{ "\"pieces\":[", "\"pieces\":[0,", ERR_INPUT },
		{ "\"nodes\":[", "\"nodes\":[{},", ERR_INPUT },
		{ "\"nodes\":[", "\"node\":[", ERR_INPUT },
		{ "{\"node\":\"01H", "{\"node\":\"01Z", ERR_INPUT },
		{ "{\"node\":\"01H", "{\"node\":\"01h", ERR_INPUT },
		{ "\"tenant\":\"default\"", "\"tenant\":\"\"", ERR_INPUT },
		{ "\"tenant\":\"default\"", "\"tenant\":7", ERR_INPUT },
		{ "\"tenant\"", "\"x\":1,\"tenant\"", ERR_INPUT },
		{ "]}\n", "]}", ERR_INPUT },
		{ "]}\n", "]}\n\n", ERR_INPUT },
		{ "]}\n", "],\"x\":1}\n", ERR_INPUT },
		{ "]}\n", "]}\n{}", ERR_INPUT },
	};
	struct buf b = BUF_INIT;
	struct snapshot back = SNAPSHOT_INIT;
	size_t i;

	snapshot_write(s, &b);
	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_int(changed(&b, t[i].from, t[i].to), t[i].code,
		    "change %zu of a description", i);
	is_int(changed(&b, s->node, "01HNAVQZC0000000000000000Z"), ERR_INPUT,
	    "the own node is none of the nodes");
	is_int(snapshot_read(&back, b.p, b.len, &e), 0, "the right one");
	snapshot_release(&back);
	for (i = 0; i < b.len; i += 7) {
		if (snapshot_read(&back, b.p, i, &e) == 0)
			ok(0, "the first %zu bytes of it", i);
		snapshot_release(&back);
	}
	buf_release(&b);
}

/* --- databases --------------------------------------------------------- */

static int
check(const char *path, const struct snapshot *s)
{
	return snapshot_check(path, s, &e) == 0 ? 0 : (int)e.code;
}

static void
change_db(const char *path, const char *sql)
{
	struct db *db = NULL;

	if (db_open(&db, path, DB_WRITE, 100, &e) < 0 ||
	    db_script(db, sql, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	db_close(db);
}

static void
databases(struct remote *r, struct snapshot *s)
{
	struct snapshot_how how = { .stop = NULL };
	struct snapshot got = SNAPSHOT_INIT;
	int fd;

	snapshot_get(r, P, s->name, s->bytes, "db", &how, &got, &e);
	is_int(check("db", s), 0, "what was put");
	s->nodes[0].upto++;
	is_int(check("db", s), ERR_CORRUPT, "other numbers: %s", e.msg);
	s->nodes[0].upto--;
	change_db("db", "CREATE TRIGGER t AFTER INSERT ON event "
	    "BEGIN DELETE FROM event; END");
	is_int(check("db", s), ERR_CORRUPT, "a trigger: %s", e.msg);
	change_db("db", "DROP TRIGGER t; PRAGMA user_version = 99");
	is_int(check("db", s), ERR_CORRUPT, "another schema than was said");
	s->schema = 99;
	is_int(check("db", s), ERR_VERSION, "that of a newer memkit");
	s->schema = SCHEMA_VERSION;
	change_db("db", "PRAGMA user_version = 7");
	is_int(check("db", s), 0, "as it was");
	change_db("db", "PRAGMA journal_mode = WAL");
	is_int(check("db", s), ERR_CORRUPT, "one with a log beside it");
	change_db("db", "PRAGMA journal_mode = DELETE");
	fd = open("db", O_RDWR);
	ok(pwrite(fd, "\377\377\377\377\377\377\377\377", 8, 40960) == 8,
	    "a page is overwritten");
	close(fd);
	is_int(check("db", s), ERR_CORRUPT, "it is damaged");
	fd = open("text", O_RDWR | O_CREAT, 0600);
	ok(write(fd, "this is a text and no database", 30) == 30, "a text");
	close(fd);
	is_int(check("text", s), ERR_CORRUPT, "is no database");
	is_int(check("nothing", s), ERR_SYS, "nor is nothing");
	snapshot_release(&got);
}

int
main(void)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct snapshot_how how = { .stop = NULL };
	struct buf text = BUF_INIT;
	struct store *st;
	struct remote *r;

	temp_begin();
	mkdir("remote", 0700);
	st = temp_open("store", "ann", STORE_MAKE);
	store_close(st);
	buf_addf(&text, "[remote \"main\"]\n\turl = file://%s/remote\n",
	    temp_top);
	file_replace("store/config", text.p, text.len, &e);
	st = fill("store");
	r = open_remote(st);
	round_trip(st, r);
	grown(st, r);
	interrupted_put(st, r);
	if (snapshot_put(st, r, P, &how, &s, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	interrupted_get(r, &s);
	damaged_part(r, &s);
	damaged(r, &s);
	liars(r, &s);
	descriptions(&s);
	databases(r, &s);
	ok(!file_exists("store/tmp") || rmdir("store/tmp") == 0,
	    "no copy is left in the store");
	snapshot_release(&s);
	remote_close(r);
	store_close(st);
	buf_release(&text);
	return temp_end() != 0 ? 2 : done();
}
