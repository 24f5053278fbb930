/*
 * What a store that takes change segments in has afterwards: the order, what
 * both sides wrote, what is refused, copies of a store, SIGKILL at any time.
 */
#include "tap.h"
#include "segments.h"

#include "memory/session.h"
#include "store/node.h"
#include "sync/segment_apply.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static int
apply(struct store *st, const struct buf *b, struct applied *sums,
    applied_fn *fn, void *arg)
{
	struct segmentfile s;
	struct applied mine;
	int r;

	if ((r = segmentfile_read(&s, b->p, b->len, &e)) == 0)
		r = segment_apply(st, &s, sums != NULL ? sums : &mine, fn, arg,
		    &e);
	segmentfile_release(&s);
	return r;
}

static char *
value(struct store *st, const char *session, const char *name)
{
	char *v = NULL;

	session_get(st, session, name, &v, &e);
	return v;
}

/* --- taking in --------------------------------------------------------- */

static int
note(void *arg, const struct ingest_result *res, struct err *err)
{
	struct buf *b = arg;

	(void)err;
	buf_addf(b, "%s %s%s|", ingest_statuses[res->status], res->id != NULL ?
	    res->id : "-", res->clash ? " clash" : "");
	return 0;
}

static void
order(void)
{
	struct store *a = fresh("a"), *b = fresh("b");
	struct buf first = BUF_INIT, second = BUF_INIT, back = BUF_INIT;
	struct applied sums;
	char node[27], want[128];
	int64_t n;

	put_events(a, 0, 10);
	make(a, 0, 6, &first, NULL);
	make(a, 6, 10, &second, NULL);
	node_name(a, node, &e);
	is_int(apply(b, &second, NULL, NULL, NULL), -1, "a gap");
	is_int(e.code, ERR_ABSENT, "is something missing");
	snprintf(want, sizeof want, "changes 1 to 6 of node %s are missing",
	    node);
	is_str(e.msg, want, "and what");
	is_int(temp_count(b, "SELECT count(*) FROM event"), 0, "nothing is in");
	is_int(apply(b, &first, &sums, NULL, NULL), 1, "the first");
	is_int(sums.stored, 6, "stores");
	is_int(apply(b, &first, &sums, NULL, NULL), 0, "once");
	is_int(apply(b, &second, &sums, NULL, NULL), 1, "the second");
	node_upto(b, node, &n, &e);
	is_int(n, 10, "how far it is");
	is_int(temp_count(b, "SELECT count(*) FROM origin"), 1,
	    "ranges that follow are one");
	is_int(make(b, 0, 0, &back, NULL), 0, "nothing of it is its own");
	put_events(b, 10, 1);
	is_int(make(b, 0, 0, &back, NULL), 1, "what is, is sent");
	is_int(apply(a, &back, &sums, NULL, NULL), 1, "and comes");
	is_int(sums.records, 1, "alone");
	buf_release(&first);
	buf_release(&second);
	buf_release(&back);
	store_close(a);
	store_close(b);
}

/* Both sides write the same names. */
static void
both(void)
{
	static const struct timespec later = { 0, 5000000 };
	struct store *a = fresh("a"), *b = fresh("b");
	struct buf from_a = BUF_INIT, from_b = BUF_INIT, told = BUF_INIT;
	struct applied sums;
	char *v;

	put(a, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"of a\"}");
	session_set(a, "s", "x", "a", &e);
	session_set(a, "s", "same", "1", &e);
	session_set(a, "s", "only", "a", &e);
	nanosleep(&later, NULL);
	put(b, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"of b\"}");
	session_set(b, "s", "x", "b", &e);
	session_set(b, "s", "same", "1", &e);
	make(a, 0, 0, &from_a, NULL);
	make(b, 0, 0, &from_b, NULL);
	apply(a, &from_b, &sums, note, &told);
	is_int(sums.clashes, 2, "the one that wrote first is told");
	is_str(told.p, "stored r clash|stored s clash|", "of what");
	apply(b, &from_a, &sums, NULL, NULL);
	is_int(sums.clashes, 2, "so is the other");
	is_str(v = value(a, "s", "x"), "b", "the later counts");
	free(v);
	is_str(v = value(b, "s", "x"), "b", "on both sides");
	free(v);
	is_str(v = value(b, "s", "only"), "a", "the rest is a union");
	free(v);
	is_int(temp_count(a, "SELECT count(*) FROM record"), 2, "both stay");
	is_int(temp_count(b, "SELECT count(*) FROM record"), 3,
	    "the one that counts behind the one that came late");
	is_int(temp_count(b, "SELECT (SELECT hash FROM record ORDER BY "
	    "version DESC LIMIT 1) = (SELECT hash FROM record WHERE "
	    "version = 1)"), 1, "is last");

	/* in full knowledge of each other nothing stands against it */
	session_set(a, "s", "x", "c", &e);
	make(a, 4, 0, &from_a, NULL);
	apply(b, &from_a, &sums, NULL, NULL);
	is_int(sums.clashes, 0, "a value upon both is none");
	is_str(v = value(b, "s", "x"), "c", "and counts");
	free(v);
	session_set(b, "s", "x", NULL, &e);
	make(b, 3, 0, &from_b, NULL);
	apply(a, &from_b, &sums, NULL, NULL);
	ok(value(a, "s", "x") == NULL, "unset travels, too");
	buf_release(&from_a);
	buf_release(&from_b);
	buf_release(&told);
	store_close(a);
	store_close(b);
}

#define ID "01HNAVQZC00000000000000000"

static void
refusals(void)
{
	struct store *a = fresh("a"), *b = fresh("b"), *c = fresh("c");
	struct buf from_a = BUF_INIT, from_b = BUF_INIT, told = BUF_INIT;
	struct applied sums;

	put(a, "{\"event_id\":\"" ID "\",\"session_id\":\"s\","
	    "\"timestamp\":5,\"text\":\"of a\"}");
	put(b, "{\"event_id\":\"" ID "\",\"session_id\":\"s\","
	    "\"timestamp\":5,\"text\":\"of b\"}");
	make(a, 0, 0, &from_a, NULL);
	apply(b, &from_a, &sums, note, &told);
	is_int(sums.conflicts, 1, "an id with other content is refused");
	is_str(told.p, "rejected " ID "|", "and told");
	is_int(temp_count(b, "SELECT count(*) FROM event"), 1, "one is there");

	/* forgotten at b, by another user's hand, before it comes to c */
	put(b, "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"" ID
	    "\"}");
	make(b, 0, 0, &from_b, NULL);
	apply(c, &from_b, NULL, NULL, NULL);
	apply(c, &from_a, &sums, NULL, NULL);
	is_int(sums.forgotten, 1, "what was forgotten does not come back");
	apply(a, &from_b, &sums, NULL, NULL);
	is_int(temp_count(a, "SELECT count(*) FROM event"), 0,
	    "it goes where it is");
	is_int(temp_count(a, "SELECT sum(events) FROM session"), 0,
	    "and is counted no more");
	buf_release(&from_a);
	buf_release(&from_b);
	buf_release(&told);
	store_close(a);
	store_close(b);
	store_close(c);
}

/* What it brought in as the node that it was, it can send for that one. */
static void
former(struct store *a, struct store *copy, const char *node)
{
	struct buf one = BUF_INIT, other = BUF_INIT;
	struct segment_head h;

	make(a, 0, 3, &one, NULL);
	is_int(segmentfile_make(copy, node, 0, 0, &other, &h, &e), 1,
	    "it can send what it was");
	is_int(h.to, 3, "as far as it was that");
	segment_head_release(&h);
	ok(one.len == other.len && memcmp(one.p, other.p, one.len) == 0,
	    "as that one does");
	is_int(segmentfile_make(copy, node, 3, 0, &other, &h, &e), 0,
	    "and no further");
	buf_release(&one);
	buf_release(&other);
}

/* A copy is the same node until it is told not to be. */
static void
copies(void)
{
	struct store *a = fresh("a"), *copy, *c = fresh("c");
	struct buf file = BUF_INIT, mine = BUF_INIT;
	char node[27], other[27];
	int64_t n;

	put_events(a, 0, 3);
	db_script(a->db, "VACUUM INTO 'copy.db'", &e);
	copy = fresh("copy");
	store_close(copy);
	file_remove_tree("copy/tenants/default/memory.db-wal", &e);
	file_remove_tree("copy/tenants/default/memory.db-shm", &e);
	if (rename("copy.db", "copy/tenants/default/memory.db") < 0)
		printf("Bail out! no copy\n");
	copy = temp_open("copy", "ann", STORE_WRITE);
	memcpy(copy->id, a->id, sizeof copy->id);	/* of the file memkit */
	node_name(a, node, &e);
	node_name(copy, other, &e);
	is_str(other, node, "a copy has the name");
	put_events(a, 3, 2);
	make(a, 0, 0, &file, NULL);
	is_int(apply(copy, &file, NULL, NULL, NULL), -1, "it is not taken for "
	    "the other");
	is_int(e.code, ERR_EXISTS, "which went on");
	is_int(node_renew(copy, INT64_MAX, &e), 0, "it becomes a node of its own");
	node_name(copy, other, &e);
	ok(strcmp(other, node) != 0, "with another name");
	node_upto(copy, node, &n, &e);
	is_int(n, 3, "and has what it had of the one it was");
	is_int(apply(copy, &file, NULL, NULL, NULL), 1, "and gets the rest");
	is_int(temp_count(copy, "SELECT count(*) FROM event"), 5, "all of it");
	is_int(make(copy, 0, 0, &mine, NULL), 0, "nothing is its own");
	put_events(copy, 5, 1);
	is_int(make(copy, 0, 0, &mine, NULL), 1, "what comes now is");
	former(a, copy, node);
	apply(c, &file, NULL, NULL, NULL);
	is_int(apply(c, &mine, NULL, NULL, NULL), 1, "others take both");
	is_int(temp_count(c, "SELECT count(*) FROM event"), 6, "as a union");
	buf_release(&file);
	buf_release(&mine);
	store_close(a);
	store_close(copy);
	store_close(c);
}

/* --- crashes ----------------------------------------------------------- */

static void
killed(const struct buf *file, int us)
{
	struct timespec wait = { 0, us * 1000L };
	struct store *st;
	pid_t pid;
	int status;

	if ((pid = fork()) == 0) {
		st = temp_open("kill", "ann", STORE_WRITE);
		apply(st, file, NULL, NULL, NULL);
		_exit(0);
	}
	nanosleep(&wait, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void
crashes(void)
{
	struct store *a = fresh("a"), *st;
	struct buf file = BUF_INIT;
	int64_t events, partly = 0, early = 0, i;

	put_events(a, 0, 3000);
	session_set(a, "s", "x", "1", &e);
	make(a, 0, 0, &file, NULL);
	store_close(a);
	for (i = 0; i < 40; i++) {
		store_close(fresh("kill"));
		killed(&file, (int)(i * i * 40));
		st = temp_open("kill", "ann", STORE_WRITE);
		events = temp_count(st, "SELECT count(*) FROM event");
		partly += events != 0 && events != 3000;
		early += events == 0;
		partly += (events != 0) != (temp_count(st,
		    "SELECT count(*) FROM origin") != 0);
		partly += apply(st, &file, NULL, NULL, NULL) !=
		    (events == 0);
		partly += temp_count(st, "SELECT count(*) FROM event") != 3000;
		partly += temp_count(st, "SELECT count(*) FROM variable") != 1;
		store_close(st);
	}
	is_int(partly, 0, "killed at any time it is in or not, and then in");
	ok(early > 0, "some were early enough");
	buf_release(&file);
}

int
main(void)
{
	temp_begin();
	order();
	both();
	refusals();
	copies();
	crashes();
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
