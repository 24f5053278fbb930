#include "store/audit_note.h"

#include "base/buf.h"
#include "base/hash.h"
#include "store/audit.h"
#include "store/audit_chain.h"

#include <string.h>
#include <sys/wait.h>

#include "store/reads.h"
#include "tap.h"
#include "temp-store.h"

static struct store *
open_it(const char *dir, enum store_mode mode)
{
	struct store_where where = { .dir = dir, .tenant = "default",
	    .user = "ann" };
	struct store *st = NULL;
	struct err e;

	if (store_open(&st, &where, mode, &e) < 0) {
		printf("# %s\n", e.msg);
		exit(2);
	}
	return st;
}

static int
list(void *arg, const struct audit *a, struct err *e)
{
	(void)e;
	buf_addf(arg, "%s %s %s %s;", a->who, a->action,
	    a->object ? a->object : "-", a->detail ? a->detail : "-");
	return 0;
}

static void
is_log(struct store *st, const char *want, const char *what)
{
	struct audit_which all = { .since_ms = INT64_MIN,
	    .until_ms = INT64_MAX };
	struct audit_chain c;
	struct buf b = BUF_INIT;
	struct err e;

	audit_each(st->db, &all, list, &b, &e);
	is_str(b.p, want, "%s", what);
	audit_chain_init(&c);
	is_int(audit_chain_walk(&c, st->db, &e), 1, "and the chain is whole");
	audit_chain_release(&c);
	buf_release(&b);
}

static void
beside_a_view(void)
{
	struct store *w = open_it("a", STORE_WRITE);
	struct store *r = open_it("a", STORE_READ);
	int64_t n = -1;
	struct err e = { 0 };

	tx_read(r->db, &e);
	db_number(r->db, &e, "SELECT count(*) FROM audit", 0, &n);
	audit_read_others(r, "session s1 of bob", "graft 1");
	audit_read_others(r, "session s1 of bob", "graft 1");
	audit_read_others(r, "session s2 of bob", NULL);
	is_int((int)audit_waiting(), 2, "each once");
	is_log(w, "", "nothing is written yet");
	is_int(audit_flush(&e), 0, "a view that is open is not in the way");
	is_int((int)audit_waiting(), 0, "none waits");
	is_log(w, "ann read session s1 of bob graft 1;"
	    "ann read session s2 of bob -;", "they are there");
	db_number(r->db, &e, "SELECT count(*) FROM audit", 0, &n);
	is_int(n, 0, "the view is as it was");
	tx_end(r->db, 0, &e);
	audit_read_others(r, "session s1 of bob", NULL);
	is_int((int)audit_waiting(), 0, "not a second time");
	audit_key_use(r, "k1");
	store_close(r);
	is_int(audit_flush(&e), 0, "of a store that was closed meanwhile");
	is_log(w, "ann read session s1 of bob graft 1;"
	    "ann read session s2 of bob -;ann key_use k1 -;", "it is there");
	store_close(w);
}

static void
within_a_write(void)
{
	struct store *st = open_it("b", STORE_WRITE);
	struct err e = { 0 };

	tx_begin(st->db, &e);
	audit_note(st, "object_put", "x", NULL);
	is_int(audit_flush(&e), 0, "who holds the lock does not wait for it");
	tx_end(st->db, 0, &e);
	is_log(st, "ann object_put x -;", "it went along");
	store_close(st);
}

static void
refused(void)
{
	struct store *st = open_it("c", STORE_WRITE);
	struct err e = { 0 };

	db_script(st->db, "CREATE TRIGGER no BEFORE INSERT ON audit BEGIN "
	    "SELECT raise(ABORT, 'full'); END", &e);
	audit_read_others(st, "a fact of bob", NULL);
	is_int(audit_flush(&e), -1, "what cannot be written");
	ok(strstr(e.msg, "nothing is shown") != NULL, "says so");
	is_int((int)audit_waiting(), 1, "waits");
	is_int(audit_flush(&e), -1, "and is refused again");
	db_script(st->db, "DROP TRIGGER no", &e);
	is_int(audit_flush(&e), 0, "until it can");
	is_log(st, "ann read a fact of bob -;", "once");
	store_close(st);
}

static void
before_there_is_one(void)
{
	struct store *folder = open_it("d", STORE_FOLDER), *st;
	struct err e = { 0 };

	audit_key_use(folder, "k");
	is_int(audit_flush(&e), 0, "of a tenant that is not there yet");
	is_int((int)audit_waiting(), 1, "it waits");
	st = open_it("d", STORE_WRITE);
	is_int(audit_flush(&e), 0, "until it is");
	is_log(st, "ann key_use k -;", "then it is there");
	store_close(folder);
	store_close(st);
}

static int
add_up(void *arg, const struct reads *r, struct err *e)
{
	(void)e;
	ok(strcmp(r->tool, "u-note") == 0 && r->first_ms <= r->last_ms,
	    "%s by %s", r->who, r->tool);
	*(int64_t *)arg += r->count;
	return 0;
}

static void
counted(void)
{
	struct store *st = open_it("e", STORE_WRITE);
	int64_t n = 0;
	struct err e;
	int i, k;

	audit_tool = "u-note";
	st->format = STORE_FORMAT_ACCESS;
	fflush(stdout);		/* or each child would print it, too */
	for (i = 0; i < 4; i++)
		if (fork() == 0) {
			for (k = 0; k < 1000; k++)
				reads_add(st);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	is_int(reads_each(st, add_up, &n, &e), 0, "counts of four");
	is_int(n, 4000, "none is lost");
	is_int((int)audit_waiting(), 0, "no row tells of one's own");
	is_int(reads_forget(st, "ann", &e), 0, "whoever is forgotten");
	store_close(st);
	audit_tool = NULL;
}

int
main(void)
{
	temp_begin();
	beside_a_view();
	within_a_write();
	refused();
	before_there_is_one();
	counted();
	return temp_end() | done();
}
