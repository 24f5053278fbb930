/*
 * Stores that exchange change segments show the same facts, verdicts and
 * marks, with the same history, whatever was decided where, in whatever order
 * the segments come: over some seeds, or as many as SYNC_SEEDS says
 * (long-73).
 */
#include "same.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "ingest/ingest.h"
#include "ltm/fact.h"
#include "ltm/live.h"
#include "ltm/ltm.h"
#include "ltm/verdict.h"
#include "sync/segment_apply.h"
#include "sync/segmentfile.h"
#include "toc/toc_build.h"
#include "toc/toc_edit.h"

#include <inttypes.h>
#include <string.h>

#define NODES 3
#define SEEDS 10

static struct processor *bugs;

/* --- the world --------------------------------------------------------- */

struct segment {
	struct buf file;
	struct segment *next;
};

/* A copy, with a connection for each of its users. */
struct node {
	struct store *as[2];
	int64_t sent;
};

static const char *const users[] = { "ann", "bob" };
static struct node nodes[NODES];
static int n_nodes;
static struct segment *segments;
static int64_t clashes, refused, gaps, held, pinned;

static void
put(struct store *st, const char *line)
{
	struct ingest_config c = { .redact = false, .batch = 1 };
	struct ingest *in;

	if (ingest_new(&in, st, &c, &e) < 0 ||
	    ingest_line(in, 1, line, strlen(line), &e) < 0 ||
	    ingest_end(in, &e) < 0)
		fail(line);
	ingest_free(in);
	store_user(st, st->user, false, &st->user_id, &e);
}

static const char *
name(const char *what, unsigned below)
{
	static char room[4][16];
	static int at;

	at = (at + 1) % 4;
	snprintf(room[at], sizeof room[at], "%s%u", what, draw(below));
	return room[at];
}

/* --- decisions --------------------------------------------------------- */

/* A fact that is there, chosen at random, that this user may see; 0: none. */
static int64_t
any_fact(struct store *st, int64_t least_job)
{
	struct db_query *q = db_sql(st->db, &e, "SELECT DISTINCT id FROM fact "
	    "WHERE user IN (0, :user) AND job <> -1 AND job >= :least "
	    "ORDER BY id * :n % 1009 LIMIT 1");
	int64_t id = 0;

	db_int(q, ":user", st->user_id);
	db_int(q, ":least", least_job);
	db_int(q, ":n", 1 + (int64_t)draw(1000));
	db_first(q, &id, &e);
	return id;
}

static int64_t
newest(struct store *st, int64_t id, const char *sql)
{
	struct db_query *q = db_prepare(st->db, sql, &e);
	int64_t n = 0;

	db_int(q, ":id", id);
	db_first(q, &n, &e);
	return n;
}

static void
add_fact(struct store *st)
{
	const char *tag = name("t", 3);
	char *v[] = { (char *)tag };
	struct strv tags = { .v = v, .n = 1 };
	struct fact_new w = { .scope = (enum fact_scope)draw(3),
	    .key = draw(3) ? name("k", 3) : NULL, .content = name("text ", 4),
	    .tags = &tags, .confidence = draw(3) / 2.0,
	    .until_ms = draw(4) ? 0 : 1900000000000 + draw(3) };
	char session[16];
	int64_t id;

	snprintf(session, sizeof session, "s%u", draw(2));
	st->session = session;
	/* into a session that was forgotten nothing is put */
	if (fact_add(st, &w, &id, &e) < 0 && e.code != ERR_DENIED)
		fail("fact_add");
	st->session = NULL;
}

static void
edit_fact(struct store *st)
{
	int64_t id = any_fact(st, draw(2)), ids[2], versions;

	if (id == 0)
		return;
	switch (draw(6)) {
	case 0:
		if (fact_expire(st, id, name("why", 3), &e) < 0)
			fail("expire");
		break;
	case 1:
		/* what another copy made of rows may never have been here */
		versions = newest(st, id, "SELECT max(version) FROM fact "
		    "WHERE id = :id AND job = 0");
		if (versions > 0 && fact_rollback(st, id, 1 + (int64_t)draw(
		    (unsigned)versions), &e) < 0)
			fail("rollback");
		break;
	case 2:
	case 3:
		if (fact_pin(st, id, draw(2), &e) < 0)
			fail("pin");
		break;
	default:
		ids[0] = id;
		ids[1] = any_fact(st, 0);
		/* scopes, what is gone, what follows from rows */
		if (fact_merge(st, ids, 2, &e) < 0 && e.code != ERR_USAGE)
			fail("merge");
	}
}

static void
judge(struct store *st)
{
	struct verdict v = { .name = draw(2) ? VERDICT_FALSE : VERDICT_MISSED,
	    .about = name("kb/r", 6), .file = draw(2) ? name("f", 2) : NULL,
	    .reason = draw(2) ? name("why", 3) : NULL };
	struct verdict_target t;
	int r;

	if (draw(2)) {
		if (verdict_mark(st, &v, draw(3) > 0, &e) < 0 &&
		    e.code != ERR_DENIED)
			fail("mark");
		return;
	}
	if ((r = verdict_reject(st, "kb", name("r", 12), draw(3) > 0, &t,
	    &e)) < 0)
		fail("reject");
	if (r == 1)
		verdict_target_release(&t);
}

static void
mark(struct store *st)
{
	struct db_query *q = db_sql(st->db, &e, "SELECT name FROM (SELECT name "
	    "FROM toc_node WHERE user = :user UNION ALL SELECT 'grip:' || ts "
	    "|| ':' || lower(hex(suffix)) FROM toc_grip WHERE user = :user) "
	    "ORDER BY length(name) * :n % 31, name LIMIT 1");
	char what[128] = "";

	db_int(q, ":user", st->user_id);
	db_int(q, ":n", 1 + (int64_t)draw(30));
	if (db_row(q, &e) == 1)
		snprintf(what, sizeof what, "%s", db_get_text(q, 0));
	db_end(q);
	if (what[0] != '\0' && toc_mark(st, what, (enum toc_kind)draw(3),
	    &e) < 0)
		fail("toc_mark");
}

/* --- what they rest on ------------------------------------------------- */

static void
write_row(struct store *st)
{
	static const char *const severities[] = { "critical", "minor" };
	char line[400];

	snprintf(line, sizeof line, "{\"type\":\"record\",\"kb\":\"kb\","
	    "\"record_id\":\"%s\",\"record_type\":\"bug_record\",\"title\":"
	    "\"x\",\"tags\":[\"%s\"],\"fields\":{\"severity\":\"%s\","
	    "\"module\":\"%s\",\"affected_files\":[\"%s.c\"]}}",
	    name("r", 12), name("t", 2), severities[draw(2)], name("m", 2),
	    name("f", 3));
	put(st, line);
}

static void
write_event(struct store *st)
{
	char line[256];

	snprintf(line, sizeof line, "{\"session_id\":\"%s\",\"timestamp\":"
	    "%u,\"text\":\"The parser of module %u lost the token %u.\"}",
	    name("s", 2), 1790000000 + 7200 * draw(40), draw(5), draw(9));
	put(st, line);
}

static void
forget(struct store *st)
{
	char line[128];

	if (draw(2))
		snprintf(line, sizeof line, "{\"type\":\"tombstone\","
		    "\"target\":\"record\",\"id\":\"kb/%s\"}", name("r", 12));
	else
		snprintf(line, sizeof line, "{\"type\":\"tombstone\","
		    "\"target\":\"session\",\"id\":\"%s\"}", name("s", 2));
	put(st, line);
}

static void
run(struct store *st)
{
	struct ltm_how how = { .max_facts = 0 };

	if (ltm_run(st, bugs, &how, &e) < 0)
		fail("ltm_run");
}

static void
build(struct store *st)
{
	struct toc_build_how how = { 0 };
	struct toc_build report;

	if (toc_build(st, &how, &report, &e) < 0)
		fail("toc_build");
}

static void
live_some(struct node *n)
{
	struct store *st = n->as[draw(2)];
	int i, many = 1 + (int)draw(6);

	for (i = 0; i < many; i++)
		switch (draw(16)) {
		case 0: case 1: case 2:
			add_fact(st);
			break;
		case 3: case 4: case 5:
			edit_fact(st);
			break;
		case 6: case 7:
			judge(st);
			break;
		case 8:
			mark(st);
			break;
		case 9: case 10: case 11:
			write_row(st);
			break;
		case 12:
			write_event(st);
			break;
		case 13:
			run(st);
			break;
		case 14:
			build(st);
			break;
		default:
			if (draw(4) == 0)
				forget(st);
		}
}

/* --- the exchange ------------------------------------------------------ */

static void
send(struct node *n)
{
	struct segment *s = xcalloc(1, sizeof *s);
	struct segment_head head;
	int r;

	buf_init(&s->file);
	if ((r = segmentfile_make(n->as[0], NULL, n->sent, 0, &s->file,
	    &head, &e)) < 0)
		fail("make");
	if (r == 0) {
		free(s);
		return;
	}
	n->sent = head.to;
	segment_head_release(&head);
	s->next = segments;
	segments = s;
}

static int
take(struct node *n, const struct segment *s)
{
	struct segmentfile f;
	struct applied sums;
	int r;

	if (segmentfile_read(&f, s->file.p, s->file.len, &e) < 0)
		fail("read");
	r = segment_apply(n->as[0], &f, &sums, NULL, NULL, &e);
	segmentfile_release(&f);
	if (r < 0 && e.code != ERR_ABSENT)
		fail("apply");
	if (r == 1) {
		clashes += sums.clashes;
		refused += sums.forgotten;
		store_user(n->as[1], "bob", false, &n->as[1]->user_id, &e);
	}
	gaps += r < 0;
	return r;
}

static void
settle(void)
{
	struct segment *s;
	int i, news = 1;

	for (i = 0; i < n_nodes; i++)
		send(&nodes[i]);
	while (news) {
		news = 0;
		for (i = 0; i < n_nodes; i++)
			for (s = segments; s != NULL; s = s->next)
				news |= take(&nodes[i], s) == 1;
	}
	for (i = 0; i < n_nodes; i++) {
		run(nodes[i].as[0]);
		build(nodes[i].as[0]);
	}
}

/* --- what is the same -------------------------------------------------- */

static void
dump_all(struct store *st, struct buf *b)
{
	buf_reset(b);
	dump(st, b, "SELECT json_array('decision', d.what, u.name, "
	    "d.about, d.session, d.at, d.node, d.base, d.said, d.rest, "
	    "d.value) FROM decision d LEFT JOIN user u ON u.id = d.user "
	    "ORDER BY 1");
	/* all their history, and what each version is made of */
	dump(st, b, "SELECT json_array('fact', f.id, f.version, f.scope, "
	    "u.name, f.session, f.job, f.valid_from, f.valid_until, f.gone, "
	    "f.pin, f.confidence, f.body, d.at, d.node) FROM fact f LEFT JOIN "
	    "decision d ON d.seq = f.decision LEFT JOIN user u "
	    "ON u.id = f.user WHERE f.job <= 0 ORDER BY f.id, f.version");
	dump(st, b, "SELECT json_array('derived', id, pin, confidence, "
	    "body) FROM fact f WHERE job > 0 AND gone = 0 AND version = "
	    "(SELECT max(version) FROM fact g WHERE g.id = f.id) ORDER BY id");
	dump(st, b, "SELECT json_array('verdict', about, file, fact) "
	    "FROM verdict ORDER BY about, file, fact");
	dump(st, b, "SELECT json_array('mark', u.name, m.name, m.kind) "
	    "FROM toc_mark m JOIN user u ON u.id = m.user ORDER BY 1");
	dump(st, b, "SELECT json_array('tombstone', u.name, target, t.id) "
	    "FROM tombstone t LEFT JOIN user u ON u.id = t.user "
	    "WHERE target < 4 ORDER BY 1");
}

static int
is_same(struct node *x, struct node *y)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int r;

	dump_all(x->as[0], &a);
	dump_all(y->as[0], &b);
	r = same_bytes(&a, &b);
	buf_release(&a);
	buf_release(&b);
	return r;
}

static void
open_node(struct node *n, const char *dir)
{
	int i;

	file_remove_tree(dir, &e);
	for (i = 0; i < 2; i++) {
		n->as[i] = temp_open(dir, users[i], STORE_WRITE);
		db_script(n->as[i]->db, "PRAGMA synchronous = OFF", &e);
	}
	/* rows of users have other numbers on each */
	for (i = 0; i < 2; i++)
		store_user(n->as[i], users[i], true, &n->as[i]->user_id, &e);
	n->sent = 0;
}

static void
close_node(struct node *n)
{
	store_close(n->as[0]);
	store_close(n->as[1]);
}

/* A copy that was away all the time, and gets everything at once. */
static int
late(void)
{
	struct segment *s;
	struct node n;
	int news = 1, r;

	open_node(&n, "late");
	while (news)
		for (news = 0, s = segments; s != NULL; s = s->next)
			news |= take(&n, s) == 1;
	run(n.as[0]);
	build(n.as[0]);
	r = is_same(&nodes[0], &n) && checked(n.as[0]);
	close_node(&n);
	return r;
}

static int
one(uint64_t seed)
{
	struct segment *s;
	int i, k, step, r = 1;

	state = seed * 2654435761u + 12345;
	n_nodes = NODES;
	for (i = 0; i < n_nodes; i++)
		open_node(&nodes[i], (const char *[]){ "n0", "n1",
		    "n2" }[i]);
	for (k = 0; k < 2 && r; k++) {
		for (step = 0; step < 20; step++) {
			live_some(&nodes[draw(NODES)]);
			if (draw(3) == 0)
				send(&nodes[draw(NODES)]);
			if (draw(3) == 0) {
				i = (int)draw(NODES);
				for (s = segments; s != NULL; s = s->next)
					if (draw(2))
						take(&nodes[i], s);
			}
		}
		settle();
		for (i = 0; i < n_nodes && r; i++)
			r = is_same(&nodes[0], &nodes[i]) &&
			    checked(nodes[i].as[0]);
	}
	r = r && late();
	held += temp_count(nodes[0].as[0], "SELECT count(*) FROM fact "
	    "WHERE job > 0 AND held = 1");
	pinned += temp_count(nodes[0].as[0], "SELECT count(*) FROM fact "
	    "WHERE job > 0 AND pin = 1");
	if (!r)
		printf("# seed %" PRIu64 "\n", seed);
	for (i = 0; i < n_nodes; i++)
		close_node(&nodes[i]);
	while ((s = segments) != NULL) {
		segments = s->next;
		buf_release(&s->file);
		free(s);
	}
	return r;
}

int
main(void)
{
	int seed, good = 0, want = SEEDS;

	if (getenv("SYNC_SEEDS") != NULL)
		want = (int)strtol(getenv("SYNC_SEEDS"), NULL, 10);
	temp_begin();
	if (processor_find(&bugs, NULL, "bug-import", &e) < 0)
		fail("processor");
	for (seed = 1; seed <= want; seed++)
		good += one((uint64_t)seed);
	is_int(good, want, "what was decided is the same on all copies");
	printf("# clashes %d, forgotten %d, gaps %d, held %d, pinned %d\n",
	    (int)clashes, (int)refused, (int)gaps, (int)held, (int)pinned);
	ok(clashes > 0, "both sides decided about the same things");
	ok(refused > 0, "what was forgotten was decided about by others");
	ok(gaps > 0, "segments came in any order");
	ok(held > 0 && pinned > 0, "facts from rows were decided about");
	processor_free(bugs);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
