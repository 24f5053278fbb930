/*
 * Stores that exchange change segments come to the same, whatever was written
 * where, in whatever order the segments come, however often, and whoever is
 * killed at it: over some seeds, or as many as SYNC_SEEDS says (long-73).
 */
#include "same.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/ulid.h"
#include "file/file_row.h"
#include "ingest/ingest.h"
#include "memory/session.h"
#include "store/node.h"
#include "sync/segment_apply.h"
#include "sync/segmentfile.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define NODES 3
#define SEEDS 20


/* --- the world --------------------------------------------------------- */

struct segment {
	struct buf file;
	int node;
	struct segment *next;
};

struct node {
	struct store *st;
	int64_t sent;
	char dir[16];
};

static struct node nodes[NODES];
static int n_nodes;
static struct segment *segments;
static int64_t clashes, conflicts, refused, applied, again, gaps,
    killed;

static const char *
user_of(uint64_t i)
{
	return i == 0 ? "ann" : "bob";
}

/* One line through ingest, as the tool does it. */
static void
put(struct node *n, const char *line)
{
	struct ingest_config c = { .redact = false, .batch = 1 };
	struct ingest *in;

	if (ingest_new(&in, n->st, &c, &e) < 0 ||
	    ingest_line(in, 1, line, strlen(line), &e) < 0 ||
	    ingest_end(in, &e) < 0)
		fail(line);
	ingest_free(in);
}

static void
write_event(struct node *n)
{
	int text = (int)draw(4);
	char line[256];

	/* what the id does not cover follows from what it covers */
	snprintf(line, sizeof line, "{\"session_id\":\"s%d\","
	    "\"timestamp\":%d,\"text\":\"text %d\",\"user\":\"%s\","
	    "\"agent\":\"a%d\",\"metadata\":{\"k\":\"v\"}}", (int)draw(3),
	    1790000000 + (int)draw(40), text, user_of(draw(2)), text % 2);
	put(n, line);
}

static void
write_record(struct node *n)
{
	char line[256];

	snprintf(line, sizeof line, "{\"type\":\"record\",\"kb\":\"kb%d\","
	    "\"record_id\":\"r%d\",\"record_type\":\"bug\",\"title\":\"%d\"}",
	    (int)draw(2), (int)draw(3), (int)draw(4));
	put(n, line);
}

static void
write_session(struct node *n)
{
	char line[256];

	snprintf(line, sizeof line, "{\"type\":\"session\",\"session_id\":"
	    "\"s%d\",\"user\":\"%s\",\"title\":\"t%d\",\"extra\":[%d],"
	    "\"variables\":{\"x\":\"%d\"}}", (int)draw(3), user_of(draw(2)),
	    (int)draw(3), (int)draw(3), (int)draw(3));
	put(n, line);
}

static void
write_variable(struct node *n)
{
	char session[8], value[8];

	snprintf(session, sizeof session, "s%d", (int)draw(3));
	snprintf(value, sizeof value, "%d", (int)draw(5));
	/* one that was forgotten takes none */
	if (session_set(n->st, session, draw(2) ? "x" : "y",
	    draw(4) ? value : NULL, &e) < 0 && e.code != ERR_DENIED)
		fail("session_set");
}

/* Of this node, and a removal now and then. */
static void
write_file(struct node *n)
{
	struct file_row last, f = { .area = (int)draw(2), .path = draw(2) ?
	    "a/b" : "c", .size = (int64_t)draw(3), .removed = draw(4) == 0,
	    .local = FILE_HERE };
	int64_t s;
	int r;

	memset(f.sha256, (int)f.size, sizeof f.sha256);
	tx_begin(n->st->db, &e);
	if ((r = session_row(n->st, draw(2) ? "s0" : "s1", false, &s, &e)) ==
	    0 && s != 0 && (r = file_row_last(n->st, s, f.area, f.path, &last,
	    &e)) >= 0) {
		f.s.base_ms = r == 1 ? last.s.at_ms : 0;
		r = file_row_put(n->st, s, &f, &e);
	}
	if (tx_end(n->st->db, r, &e) < 0)
		fail("file_row_put");
}

/* Some event that is there. */
static int
any_event(struct node *n, char id[64], char user[16])
{
	struct db_query *q;
	int r;

	q = db_sql(n->st->db, &e, "SELECT hex(e.id), u.name FROM event e "
	    "JOIN user u ON u.id = e.user ORDER BY e.seq % :n, e.seq LIMIT 1");
	db_int(q, ":n", 2 + (int64_t)draw(5));
	if ((r = db_row(q, &e)) == 1) {
		snprintf(id, 64, "%s", db_get_text(q, 0));
		snprintf(user, 16, "%s", db_get_text(q, 1));
	}
	db_end(q);
	return r;
}

static void
write_tombstone(struct node *n)
{
	char line[256], hex[64], id[ULID_LEN + 1], user[16];
	uint8_t raw[ULID_BYTES];

	switch (draw(8)) {
	case 0:
		snprintf(line, sizeof line, "{\"type\":\"tombstone\","
		    "\"target\":\"session\",\"id\":\"s%d\",\"user\":\"%s\"}",
		    (int)draw(3), user_of(draw(2)));
		break;
	case 1:
		snprintf(line, sizeof line, "{\"type\":\"tombstone\","
		    "\"target\":\"record\",\"id\":\"kb%d/r%d\"}",
		    (int)draw(2), (int)draw(3));
		break;
	default:
		if (any_event(n, hex, user) != 1)
			return;
		hex_decode(raw, hex, ULID_BYTES);
		ulid_from_bytes(id, raw);
		snprintf(line, sizeof line, "{\"type\":\"tombstone\","
		    "\"target\":\"event\",\"id\":\"%s\",\"user\":\"%s\"}", id,
		    user);
	}
	put(n, line);
}

static void
write_some(struct node *n)
{
	int i, many = 1 + (int)draw(6);

	for (i = 0; i < many; i++)
		switch (draw(13)) {
		case 0: case 1: case 2: case 3:
			write_event(n);
			break;
		case 4: case 5: case 6:
			write_record(n);
			break;
		case 7: case 8:
			write_variable(n);
			break;
		case 9:
			write_session(n);
			break;
		case 11: case 12:
			write_file(n);
			break;
		default:
			if (draw(3) == 0)
				write_tombstone(n);
		}
}

/* --- the exchange ------------------------------------------------------ */

static void
send(int i)
{
	struct segment_head head, other;
	struct buf again_file = BUF_INIT;
	struct segment *s;
	int r;

	s = xcalloc(1, sizeof *s);
	buf_init(&s->file);
	r = segmentfile_make(nodes[i].st, NULL, nodes[i].sent, 0, &s->file,
	    &head, &e);
	if (r < 0)
		fail("make");
	if (r == 0) {
		free(s);
		return;
	}
	if (segmentfile_make(nodes[i].st, NULL, head.from, head.to,
	    &again_file, &other, &e) != 1 || again_file.len != s->file.len ||
	    memcmp(again_file.p, s->file.p, s->file.len) != 0)
		fail("the same range gives other bytes");
	segment_head_release(&other);
	buf_release(&again_file);
	nodes[i].sent = head.to;
	segment_head_release(&head);
	s->node = i;
	s->next = segments;
	segments = s;
}

/* 1, 0; -1 a gap. */
static int
take(struct store *st, const struct segment *s)
{
	struct segmentfile f;
	struct applied sums;
	int r;

	if (segmentfile_read(&f, s->file.p, s->file.len, &e) < 0)
		fail("read");
	r = segment_apply(st, &f, &sums, NULL, NULL, &e);
	segmentfile_release(&f);
	if (r < 0 && e.code != ERR_ABSENT)
		fail("apply");
	if (r == 1) {
		clashes += sums.clashes;
		conflicts += sums.conflicts;
		refused += sums.forgotten;
		applied++;
		if (sums.records != sums.stored + sums.duplicate +
		    sums.conflicts + sums.forgotten)
			fail("the sums");
	} else if (r == 0)
		again++;
	else
		gaps++;
	return r;
}

/* Some of them, in any order, repeats and gaps with them. */
static void
receive(int i)
{
	struct segment *s;

	for (s = segments; s != NULL; s = s->next)
		if (draw(2) == 0)
			take(nodes[i].st, s);
}

static void
reopen(int i)
{
	nodes[i].st = temp_open(nodes[i].dir, "ann", STORE_WRITE);
	/* what is shown is not how fast the disk is */
	db_script(nodes[i].st->db, "PRAGMA synchronous = OFF", &e);
}

/* Another process takes one in, and is killed at it, or was done. */
static void
crash(int i)
{
	struct timespec wait = { 0, 0 };
	struct segment *s = segments;
	uint64_t n;
	pid_t pid;
	int status;

	for (n = draw(4); s != NULL && n > 0; n--)
		s = s->next;
	if (s == NULL)
		return;
	/* none of its connections may be open across a fork */
	store_close(nodes[i].st);
	if ((pid = fork()) == 0) {
		reopen(i);
		take(nodes[i].st, s);
		_exit(0);
	}
	wait.tv_nsec = (long)draw(8000) * 1000;
	nanosleep(&wait, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	killed += WIFSIGNALED(status);
	reopen(i);
}

/* Until nobody learns anything. */
static void
settle(void)
{
	struct segment *s;
	int i, news = 1;

	for (i = 0; i < n_nodes; i++)
		send(i);
	while (news) {
		news = 0;
		for (i = 0; i < n_nodes; i++)
			for (s = segments; s != NULL; s = s->next)
				news |= take(nodes[i].st, s) == 1;
	}
}

/* --- what is the same -------------------------------------------------- */

static void
dump_all(struct store *st, struct buf *b)
{
	buf_reset(b);
	dump(st, b, "SELECT 'event ' || u.name || ' ' || s.name || ' ' || "
	    "e.ts || ' ' || hex(e.id) || ' ' || e.type || e.role || "
	    "ifnull(a.name, '-') FROM event e JOIN user u ON u.id = e.user "
	    "JOIN session s ON s.seq = e.session LEFT JOIN agent a "
	    "ON a.id = e.agent ORDER BY u.name, e.ts, e.id");
	/* each version once, in the order that all agree on; the newest */
	dump(st, b, "SELECT DISTINCT 'version ' || k.name || '/' || r.id || "
	    "' ' || r.at || ' ' || r.node || ' ' || hex(r.hash) || u.name "
	    "FROM record r JOIN kb k ON k.id = r.kb JOIN user u "
	    "ON u.id = r.user ORDER BY k.name, r.id, r.at, r.node");
	dump(st, b, "SELECT 'record ' || k.name || '/' || r.id || ' ' || "
	    "r.at || ' ' || hex(r.hash) FROM record r JOIN kb k "
	    "ON k.id = r.kb WHERE r.version = (SELECT max(version) "
	    "FROM record n WHERE n.kb = r.kb AND n.id = r.id) "
	    "ORDER BY k.name, r.id");
	dump(st, b, "SELECT DISTINCT 'value ' || u.name || ' ' || s.name || "
	    "' ' || v.kind || v.name || ' ' || v.at || ' ' || v.node || ' ' "
	    "|| ifnull(v.value, '-') FROM variable v JOIN session s "
	    "ON s.seq = v.session JOIN user u ON u.id = s.user "
	    "ORDER BY u.name, s.name, v.kind, v.name, v.at, v.node");
	dump(st, b, "SELECT 'variable ' || u.name || ' ' || s.name || ' ' || "
	    "v.kind || v.name || ' ' || ifnull(v.value, '-') "
	    "FROM variable v JOIN session s ON s.seq = v.session "
	    "JOIN user u ON u.id = s.user WHERE v.seq = (SELECT max(seq) "
	    "FROM variable w WHERE w.session = v.session "
	    "AND w.kind = v.kind AND w.name = v.name) "
	    "ORDER BY u.name, s.name, v.kind, v.name");
	dump(st, b, "SELECT 'file ' || u.name || ' ' || s.name || ' ' || "
	    "f.area || f.path || ' ' || f.at || ' ' || f.node || ' ' || "
	    "f.base || ' ' || f.size || ifnull(hex(f.sha256), '-') "
	    "FROM file f JOIN session s ON s.seq = f.session "
	    "JOIN user u ON u.id = s.user ORDER BY u.name, s.name, f.area, "
	    "f.path, f.at, f.node");
	dump(st, b, "SELECT 'tombstone ' || ifnull(u.name, '') || ' ' || "
	    "t.target || ' ' || t.id FROM tombstone t LEFT JOIN user u "
	    "ON u.id = t.user WHERE t.target < 4 ORDER BY 1");
}

static int
same(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int i, r = 1;

	dump_all(nodes[0].st, &a);
	for (i = 1; i < n_nodes && r; i++) {
		dump_all(nodes[i].st, &b);
		r = same_bytes(&a, &b);
	}
	buf_release(&a);
	buf_release(&b);
	return r;
}

/* Sums of sessions, one change for each row, and what mem-admin looks at. */
static int
whole(struct store *st)
{
	return checked(st) &&
	    temp_count(st, "SELECT count(*) FROM session s WHERE "
	    "(events, start_ms, end_ms) IS NOT (SELECT count(*), min(ts), "
	    "max(ts) FROM event WHERE session = s.seq)") == 0 &&
	    temp_count(st, "SELECT count(*) FROM event WHERE seq NOT IN "
	    "(SELECT ref FROM change WHERE type = 1)") == 0 &&
	    temp_count(st, "SELECT count(*) FROM record WHERE seq NOT IN "
	    "(SELECT ref FROM change WHERE type = 3)") == 0 &&
	    temp_count(st, "SELECT count(*) FROM variable WHERE seq NOT IN "
	    "(SELECT ref FROM change WHERE type = 5)") == 0 &&
	    temp_count(st, "SELECT max(seq) - min(seq) + 1 - count(*) "
	    "FROM change") == 0;
}

/* Every own change is sent, and nothing that came from others. */
static int
sent_once(void)
{
	struct segmentfile f;
	struct segment *s;
	int64_t total = 0;
	int i;

	for (s = segments; s != NULL; s = s->next) {
		if (segmentfile_read(&f, s->file.p, s->file.len, &e) < 0)
			fail("read");
		total += f.records;
		segmentfile_release(&f);
	}
	for (i = 0; i < n_nodes; i++)
		total -= temp_count(nodes[i].st, "SELECT count(*) "
		    "FROM change c WHERE NOT EXISTS (SELECT 1 FROM origin o "
		    "WHERE c.seq BETWEEN o.first AND o.last)");
	/* those that were forgotten before they were sent are not in it */
	return total <= 0;
}

static void
begin(uint64_t seed)
{
	int i;

	state = seed * 2654435761u + 12345;
	n_nodes = 2 + (int)draw(NODES - 1);
	for (i = 0; i < n_nodes; i++) {
		snprintf(nodes[i].dir, sizeof nodes[i].dir, "n%d", i);
		file_remove_tree(nodes[i].dir, &e);
		reopen(i);
		nodes[i].sent = 0;
	}
}

static void
end(void)
{
	struct segment *s;
	int i;

	for (i = 0; i < n_nodes; i++)
		store_close(nodes[i].st);
	while ((s = segments) != NULL) {
		segments = s->next;
		buf_release(&s->file);
		free(s);
	}
}

/* A store that was away all the time, and gets everything at once. */
static int
late(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct store *st;
	struct segment *s;
	int news = 1, r;

	file_remove_tree("late", &e);
	st = temp_open("late", "ann", STORE_WRITE);
	db_script(st->db, "PRAGMA synchronous = OFF", &e);
	while (news)
		for (news = 0, s = segments; s != NULL; s = s->next)
			news |= take(st, s) == 1;
	dump_all(nodes[0].st, &a);
	dump_all(st, &b);
	r = a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
	if (!r)
		show_difference(&a, &b);
	store_close(st);
	buf_release(&a);
	buf_release(&b);
	return r;
}

static int
run(uint64_t seed)
{
	int i, step, r = 1;

	begin(seed);
	for (step = 0; step < 20; step++) {
		i = (int)draw((uint64_t)n_nodes);
		write_some(&nodes[i]);
		if (draw(3) == 0)
			send(i);
		if (draw(3) == 0)
			receive((int)draw((uint64_t)n_nodes));
		if (draw(8) == 0)
			crash((int)draw((uint64_t)n_nodes));
	}
	settle();
	r = same() && sent_once() && late();
	for (i = 0; i < n_nodes; i++)
		r = r && whole(nodes[i].st);
	/* and it goes on from there */
	for (i = 0; i < n_nodes; i++)
		write_some(&nodes[i]);
	settle();
	r = r && same();
	if (!r)
		printf("# seed %" PRIu64 "\n", seed);
	end();
	return r;
}

int
main(void)
{
	uint64_t seed;
	int good = 0, want = SEEDS;

	if (getenv("SYNC_SEEDS") != NULL)
		want = (int)strtol(getenv("SYNC_SEEDS"), NULL, 10);
	temp_begin();
	for (seed = 1; seed <= (uint64_t)want; seed++)
		good += run(seed);
	is_int(good, want, "stores that exchanged everything are the same");
	printf("# applied %d, known %d, gaps %d, clashes %d, forgotten %d\n",
	    (int)applied, (int)again, (int)gaps, (int)clashes, (int)refused);
	ok(applied > 0 && again > 0 && gaps > 0, "segments came in any order");
	ok(clashes > 0, "both sides wrote the same things");
	ok(refused > 0, "what was forgotten was sent by others");
	ok(killed > 0, "some were killed at it");
	is_int(conflicts, 0, "no event stood against another");
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
