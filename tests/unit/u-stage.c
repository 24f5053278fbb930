/*
 * Stages of sessions: how old one is, and what was set.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/alloc.h"
#include "base/date.h"
#include "file/file_row.h"
#include "ingest/ingest.h"
#include "memory/hold.h"
#include "memory/session.h"
#include "memory/stage.h"
#include "store/store.h"

static struct err e;
static struct store *st;

static void
put(const char *line)
{
	struct ingest_config c = { .redact = false, .batch = 1 };
	struct ingest *in;

	if (ingest_new(&in, st, &c, &e) < 0 ||
	    ingest_line(in, 1, line, strlen(line), &e) < 0 ||
	    ingest_end(in, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	ingest_free(in);
}

static struct stage
of(const char *session)
{
	struct stage g;

	ok(stage_find(st, "ann", session, &g, &e) == 1, "%s", session);
	return g;
}

static int
count(void *arg, const struct stage *g, struct err *err)
{
	(void)err;
	*(int *)arg += g->seq > 0;
	return 0;
}

static void
ages(void)
{
	struct file_row f = { .area = FILE_INPUTS, .path = "a", .size = 1,
	    .local = FILE_HERE };
	int64_t file_ms;
	struct stage g;
	int n = 0;

	put("{\"session_id\":\"s\",\"timestamp\":1000,\"text\":\"x\"}");
	put("{\"session_id\":\"bare\",\"timestamp\":2000,\"text\":\"y\"}");
	g = of("s");
	is_int(g.last_ms, 1000, "its last event");
	ok(!g.archived && !g.held && g.cold == NULL && g.file_ms == 0,
	    "active, and no file");
	ok(tx_begin(st->db, &e) == 0 && tx_end(st->db, file_row_put(st, g.seq,
	    &f, &e), &e) == 0, "a file");
	stage_release(&g);
	g = of("s");
	ok(g.last_ms == g.file_ms && g.file_ms > 1000, "which is later");
	file_ms = g.file_ms;
	f.removed = true;
	f.s.base_ms = file_ms;
	ok(tx_begin(st->db, &e) == 0 && tx_end(st->db, file_row_put(st, g.seq,
	    &f, &e), &e) == 0, "it is removed");
	stage_release(&g);
	g = of("s");
	is_int(g.last_ms, file_ms, "which is no use of it");
	stage_release(&g);
	ok(stage_each(st, count, &n, &e) == 0 && n == 1, "those with files");
}

static void
settings(void)
{
	struct stage g = of("s"), h;
	int64_t before = g.last_ms;

	is_int(stage_archive(st, &g, "d", &e), 1, "archived");
	is_int(stage_archive(st, &g, "d", &e), 0, "it was so");
	is_int(stage_cool(st, &g, "{\"class\":\"X\"}", "d", &e), 1, "cold");
	h = of("s");
	ok(h.archived && h.last_ms == before, "no younger by that");
	is_str(h.cold, "{\"class\":\"X\"}", "where");
	stage_release(&g);
	g = of("s");
	is_int(stage_cool(st, &g, "{\"class\":\"X\"}", "d", &e), 1, "again");
	stage_release(&g);
	g = of("s");
	ok(g.cold_ms > h.cold_ms, "has another time");
	is_int(stage_active(st, &g, "d", &e), 1, "active");
	stage_release(&g);
	stage_release(&h);
	g = of("s");
	ok(!g.archived && g.cold == NULL && g.last_ms > before,
	    "as young as its return");
	stage_release(&g);
	put("{\"type\":\"session\",\"session_id\":\"s\",\"cold\":false}");
	ok(hold_set(st, "s", "why", &e) == 1, "a hold");
	g = of("s");
	ok(g.held && g.cold == NULL, "is seen; what is no object is not cold");
	stage_release(&g);
	is_int(stage_find(st, "ann", "none", &g, &e), 0, "no such session");
	is_int(stage_find(st, "bob", "s", &g, &e), 0, "nor of another user");
}

int
main(void)
{
	const struct store_where where = { .dir = "store", .user = "ann" };

	temp_begin();
	if (store_open(&st, &where, STORE_MAKE_HERE, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		return 2;
	}
	ages();
	settings();
	store_close(st);
	return temp_end() | done();
}
