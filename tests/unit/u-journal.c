/*
 * The journal of a remote: what follows and what does not, how far each node
 * is there, what is put and not published, and the time of leases.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/date.h"
#include "store/node.h"
#include "sync/journal.h"
#include "sync/journal_db.h"

#include <string.h>

#define A "01HNAVQZC00000000000000000"
#define B "01HNAVQZC0000000000000000Z"
#define STORE "01HNAVQZC000000000000000ZZ"
#define PUSH "01HNAVQZC00000000000000ZZZ"

static struct err e;
static struct store *st;
static struct journal *j;

/* A hash of one digit. */
static const char *
hash(char c)
{
	static char h[4][HASH_HEX + 1];
	static int i;

	i = (i + 1) % 4;
	memset(h[i], c, HASH_HEX);
	return h[i];
}

static struct sync_manifest
manifest(int64_t number, const char *node, const char *previous)
{
	struct sync_manifest m = { .number = number, .at_ms = number * 1000,
	    .push = PUSH, .store_id = STORE };

	snprintf(m.node, sizeof m.node, "%s", node);
	snprintf(m.previous, sizeof m.previous, "%s", previous);
	m.tenant = strdup("t");
	return m;
}

static void
segment(struct sync_manifest *m, const char *node, int64_t from, int64_t to,
    char name)
{
	struct manifest_segment s = { .from = from, .to = to, .size = 7 };

	snprintf(s.node, sizeof s.node, "%s", node);
	snprintf(s.name, sizeof s.name, "%s", hash(name));
	sync_manifest_add_segment(m, &s);
}

static int
add(struct sync_manifest *m, const char *sum)
{
	int r;

	e.msg[0] = '\0';
	r = journal_add(j, m, sum, &e);
	sync_manifest_release(m);
	return r;
}

static int64_t
upto(const char *node)
{
	int64_t n = -1;

	journal_upto(j, node, &n, &e);
	return n;
}

static void
start(void)
{
	if (j != NULL && journal_forget(j, &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

static void
making(void)
{
	struct journal *none = NULL;
	struct journal_head h;

	ok(journal_open(&none, st, "main", false, &e) == -1 &&
	    e.code == ERR_ABSENT && none == NULL, "none is there: %s", e.msg);
	is_int(journal_open(&j, st, "main", true, &e), 0, "one is made");
	is_int(journal_head(j, &h, &e), 0, "with a head");
	ok(h.number == 0 && h.hash[0] == '\0' && h.store_id[0] == '\0' &&
	    h.merged == 0 && !h.joined && h.looked_ms == 0, "of nothing");
	is_int(journal_has_pushed(j, &e), 0, "that knows no push");
	journal_close(j);
	is_int(journal_open(&j, st, "main", true, &e), 0, "and again");
	is_int(journal_open(&none, st, "a/b", true, &e), 0,
	    "any name is one of a file");
	journal_close(none);
	ok(access("store/tenants/default/sync/a%2fb.db", R_OK) == 0,
	    "as others are");
}

/* A manifest of this form is refused with these words; nothing changes. */
static void
refused(struct sync_manifest m, const char *why)
{
	struct journal_head before, after;

	journal_head(j, &before, &e);
	segment(&m, A, upto(A), upto(A) + 5, 'f');
	ok(add(&m, hash('9')) == -1 && e.code == ERR_CORRUPT &&
	    strstr(e.msg, why) != NULL, "%s", e.msg);
	journal_head(j, &after, &e);
	ok(before.number == after.number &&
	    strcmp(before.hash, after.hash) == 0, "nothing changed");
}

static void
following(void)
{
	struct sync_manifest m;
	struct journal_head h;

	start();
	refused(manifest(2, A, hash('1')), "not the one that should be there");
	m = manifest(1, A, "");
	segment(&m, A, 0, 10, 'a');
	is_int(add(&m, hash('1')), 0, "the first one");
	is_int(upto(A), 10, "how far its node is there");
	refused(manifest(1, A, ""), "not the one that should be there");
	refused(manifest(3, A, hash('1')), "not the one that should be there");
	refused(manifest(2, A, hash('2')), "put another memory in its place");
	refused(manifest(2, A, ""), "put another memory in its place");
	m = manifest(2, A, hash('1'));
	m.store_id[0] = '0', m.store_id[25] = '0';
	refused(m, "is of another store");
	is_int(upto(A), 10, "nothing of them came in");
	m = manifest(2, B, hash('1'));
	segment(&m, B, 0, 3, 'b');
	m.snapshot_size = 99;
	snprintf(m.snapshot, sizeof m.snapshot, "%s", hash('5'));
	is_int(add(&m, hash('2')), 0, "what follows");
	journal_head(j, &h, &e);
	ok(h.number == 2 && strcmp(h.hash, hash('2')) == 0 &&
	    h.at_ms == 2000 && strcmp(h.store_id, STORE) == 0, "is the head");
}

static int
note(void *arg, const char *node, int64_t n, struct err *err)
{
	char *s = arg;

	(void)err;
	sprintf(s + strlen(s), "%.26s %d,", node, (int)n);
	return 0;
}

static void
segments(void)
{
	struct manifest_segment s;
	struct sync_manifest m;
	char all[200] = "", name[HASH_HEX + 1];
	int64_t size;

	is_int(journal_each_node(j, note, all, &e), 0, "all nodes");
	is_str(all, A " 10," B " 3,", "by their names");
	is_int(journal_segment(j, A, 0, &s, &e), 1, "the segment of a change");
	ok(s.from == 0 && s.to == 10 && s.size == 7 &&
	    strcmp(s.name, hash('a')) == 0 && strcmp(s.node, A) == 0,
	    "what it is");
	is_int(journal_segment(j, A, 9, &s, &e), 1, "of its last");
	is_int(journal_segment(j, A, 10, &s, &e), 0, "of one behind");
	ok(journal_snapshot(j, name, &size, &e) == 1 && size == 99 &&
	    strcmp(name, hash('5')) == 0, "the snapshot");
	/* two brought the same, cut elsewhere */
	m = manifest(3, B, hash('2'));
	segment(&m, A, 0, 8, 'c');
	segment(&m, A, 5, 15, 'd');
	segment(&m, A, 15, 20, 'e');
	is_int(add(&m, hash('3')), 0, "segments that overlap");
	is_int(upto(A), 20, "the farthest counts");
	ok(journal_segment(j, A, 0, &s, &e) == 1 && s.to == 10 &&
	    journal_segment(j, A, 10, &s, &e) == 1 && s.from == 5 &&
	    s.to == 15 && journal_segment(j, A, 15, &s, &e) == 1 &&
	    s.to == 20, "one after the other, without a gap");
}

static void
ready(void)
{
	struct manifest_segment s = { .node = A, .from = 20, .to = 25,
	    .size = 1 }, got;
	struct sync_manifest m;

	snprintf(s.name, sizeof s.name, "%s", hash('a'));
	is_int(journal_ready_add(j, &s, &e), 0, "one is put");
	is_int(upto(A), 20, "which is not there yet");
	is_int(journal_segment(j, A, 20, &got, &e), 0, "for nobody");
	ok(journal_ready(j, A, 20, &got, &e) == 1 && got.to == 25, "but ready");
	s.to = 30;
	journal_ready_add(j, &s, &e);
	ok(journal_ready(j, A, 20, &got, &e) == 1 && got.to == 30,
	    "the longest is taken");
	s.from = 30, s.to = 40;
	journal_ready_add(j, &s, &e);
	ok(journal_ready(j, A, 30, &got, &e) == 1 && got.to == 40,
	    "and one behind it");
	is_int(journal_ready(j, A, 21, &got, &e), 0, "none from elsewhere");
	is_int(journal_ready(j, B, 20, &got, &e), 0, "none of another node");
	s.from = 0, s.to = 20;
	is_int(journal_ready_add(j, &s, &e), 0, "what is there is not ready");
	is_int(journal_ready(j, A, 0, &got, &e), 0, "again");

	/* another one brings part of it */
	m = manifest(4, B, hash('3'));
	segment(&m, A, 20, 33, '6');
	is_int(add(&m, hash('4')), 0, "others bring some of it");
	ok(journal_ready(j, A, 20, &got, &e) == 0 &&
	    journal_ready(j, A, 30, &got, &e) == 0 &&
	    journal_ready(j, A, 33, &got, &e) == 0, "what is behind is dropped");
	is_int(upto(A), 33, "from there it goes on");
}

static void
pushes(void)
{
	struct sync_manifest m;
	int64_t n = -1;

	is_int(journal_pushed(j, PUSH, &n, &e), 0, "a push that is not ours");
	is_int(journal_pushing(j, PUSH, &e), 0, "one that is about to be put");
	is_int(journal_has_pushed(j, &e), 1, "there is one");
	ok(journal_pushed(j, PUSH, &n, &e) == 1 && n == 0, "in none yet");
	is_int(journal_pushing(j, PUSH, &e), 0, "again");
	m = manifest(5, A, hash('4'));
	is_int(add(&m, hash('5')), 0, "its manifest");
	ok(journal_pushed(j, PUSH, &n, &e) == 1 && n == 5, "is found");
}

static void
merged(void)
{
	struct journal_head h;

	journal_merged(j, 0, &e);
	ok(journal_head(j, &h, &e) == 0 && h.joined && h.merged == 0,
	    "begun with");
	journal_merged(j, 4, &e);
	journal_merged(j, 3, &e);
	ok(journal_head(j, &h, &e) == 0 && h.merged == 4, "never backwards");
	journal_looked(j, &e);
	ok(journal_head(j, &h, &e) == 0 && date_real() - h.looked_ms < 60000,
	    "when it was asked");
	journal_forget(j, &e);
	ok(journal_head(j, &h, &e) == 0 && h.number == 0 && !h.joined &&
	    h.merged == 0 && h.looked_ms == 0 && upto(A) == 0 &&
	    journal_has_pushed(j, &e) == 0, "forgotten");
}

/* --- leases ------------------------------------------------------------ */

static void
leases_of(int64_t number, const char *node, int64_t epoch, int64_t hold)
{
	struct sync_manifest m = manifest(number, node,
	    number > 1 ? hash((char)('0' + number - 1)) : "");

	m.address = strdup(strcmp(node, A) == 0 ? "a" : "b");
	sync_manifest_add_lease(&m, "ann", "s", epoch, hold);
	is_int(add(&m, hash((char)('0' + number))), 0, "a lease");
}

/* As if it had been seen so long ago, by the clock of this machine. */
static void
seen(int64_t at)
{
	struct db_query *q = db_sql(j->db, &e, "UPDATE lease SET seen = :at");

	db_int(q, ":at", at);
	db_run(q, &e);
}

static int64_t
left(void)
{
	struct journal_lease l;
	int64_t n = -1;

	if (journal_lease(j, "ann", "s", &l, &e) == 1)
		n = l.left_ms;
	journal_lease_release(&l);
	return n;
}

static int
count(void *arg, const struct journal_lease *l, struct err *err)
{
	(void)err;
	*(int *)arg += strcmp(l->user, "ann") == 0;
	return 0;
}

static void
leases(void)
{
	struct journal_lease l;
	int64_t now;
	int n = 0;

	start();
	is_int(journal_lease(j, "ann", "s", &l, &e), 0, "nobody's");
	journal_lease_release(&l);
	leases_of(1, A, 1, 60000);
	is_int(journal_lease(j, "ann", "s", &l, &e), 1, "somebody's");
	ok(strcmp(l.node, A) == 0 && strcmp(l.address, "a") == 0 &&
	    l.epoch == 1 && l.hold_ms == 60000 && l.since_ms == 1000 &&
	    l.number == 1 && l.left_ms > 50000 && l.left_ms <= 60000,
	    "who, since when, for how long");
	journal_lease_release(&l);
	now = date_monotonic();
	seen(now - 59000);
	ok(left() > 0 && left() <= 1000, "shortly before its end");
	seen(now - 60000);
	is_int(left(), 0, "it is over");
	leases_of(2, A, 1, 60000);
	ok(left() > 50000, "held for longer: seen anew");
	journal_lease(j, "ann", "s", &l, &e);
	is_int(l.since_ms, 1000, "by the same node since then");
	journal_lease_release(&l);
	/* the system was started: its clock is less than what was seen */
	seen(now + 1000000000);
	ok(left() == 0 ? now >= 60000 : left() <= 60000 && left() >=
	    60000 - now - 60000, "after a start what it ran counts");
	leases_of(3, B, 2, 0);
	journal_lease(j, "ann", "s", &l, &e);
	ok(strcmp(l.node, B) == 0 && l.since_ms == 3000 && l.epoch == 2 &&
	    l.left_ms == 0, "another node's, and free at once");
	journal_lease_release(&l);
	leases_of(4, B, 2, MANIFEST_HOLD_MOST);
	ok(left() > MANIFEST_HOLD_MOST - 60000, "the longest");
	is_int(journal_each_lease(j, count, &n, &e), 0, "all of them");
	is_int(n, 1, "one for each session");
}

/* What was lost is named again, or is in a snapshot alone. */
static void
lost(void)
{
	struct sync_manifest m = manifest(1, A, "");
	struct manifest_segment s;
	char name[ULID_LEN + 1];
	char *address = NULL;

	start();
	segment(&m, A, 0, 10, '1');
	segment(&m, A, 10, 20, '2');
	segment(&m, A, 20, 30, '3');
	is_int(add(&m, hash('a')), 0, "three segments");
	m = manifest(2, A, hash('a'));
	segment(&m, A, 10, 20, '5');
	segment(&m, A, 0, 20, '6');
	is_int(add(&m, hash('b')), 0, "one of them again");
	ok(journal_segment(j, A, 10, &s, &e) == 1 && s.to == 20 &&
	    strcmp(s.name, hash('5')) == 0, "is in its place");
	ok(journal_segment(j, A, 0, &s, &e) == 1 && s.to == 10 &&
	    strcmp(s.name, hash('1')) == 0, "one of another range is in none");
	is_int(upto(A), 30, "and there is no more than before");
	m = manifest(3, B, hash('b'));
	snprintf(m.snapshot, sizeof m.snapshot, "%s", hash('7'));
	sync_manifest_add_cover(&m, A, 10, 20);
	is_int(add(&m, hash('c')), 0, "one is lost");
	ok(journal_segment(j, A, 10, &s, &e) == 1 && s.to == 20 &&
	    s.name[0] == '\0', "it is no object");
	ok(journal_segment(j, A, 0, &s, &e) == 1 && s.name[0] != '\0' &&
	    journal_segment(j, A, 20, &s, &e) == 1 && s.name[0] != '\0',
	    "the others are");
	m = manifest(4, A, hash('c'));
	segment(&m, A, 10, 20, '8');
	is_int(add(&m, hash('d')), 0, "and comes back");
	ok(journal_segment(j, A, 10, &s, &e) == 1 &&
	    strcmp(s.name, hash('8')) == 0, "as another one");
	ok(journal_node(j, node_number_of(B), name, &address, &e) == 1 &&
	    strcmp(name, B) == 0 && address == NULL, "nodes by their numbers");
	is_int(journal_node(j, 12345, name, &address, &e), 0, "none");
}

static void
put_at(int64_t at)
{
	struct db_query *q = db_sql(j->db, &e, "UPDATE fresh SET at = :at");

	db_int(q, ":at", at);
	db_run(q, &e);
}

/* What was put is believed for a while. */
static void
fresh(void)
{
	struct manifest_segment s = { .from = 0, .to = 5, .size = 7 }, got;
	int64_t now = date_real();

	start();
	snprintf(s.node, sizeof s.node, "%s", A);
	snprintf(s.name, sizeof s.name, "%s", hash('1'));
	journal_ready_add(j, &s, &e);
	is_int(journal_fresh(j, s.name, &e), 1, "just now");
	put_at(now - JOURNAL_FRESH_MS + 60000);
	is_int(journal_fresh(j, s.name, &e), 1, "nearly half a day ago");
	put_at(now - JOURNAL_FRESH_MS - 1);
	is_int(journal_fresh(j, s.name, &e), 0, "longer ago");
	is_int(journal_ready(j, A, 0, &got, &e), 1, "it can still be named");
	put_at(now - JOURNAL_NAMED_MS - 1);
	is_int(journal_ready(j, A, 0, &got, &e), 0, "and then no more");
	put_at(now + 3600000);
	is_int(journal_fresh(j, s.name, &e), 0, "by a clock that was set back");
	journal_ready_add(j, &s, &e);
	is_int(journal_fresh(j, s.name, &e), 1, "put again");
}

int
main(void)
{
	temp_begin();
	st = temp_open("store", "ann", STORE_WRITE);
	making();
	following();
	segments();
	ready();
	pushes();
	merged();
	leases();
	lost();
	fresh();
	journal_close(j);
	store_close(st);
	return temp_end() + done();
}
