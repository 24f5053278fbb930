/*
 * Ingest: every line is told once, in order, with what became of it, and
 * only when its batch is on the disk.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "ingest/ingest.h"

#include <stdlib.h>

static struct err e;

struct told {
	struct store *other;	/* another reader of the same store */
	struct buf log;		/* "LINE STATUS REASON|" */
	int64_t early;		/* told before it could be read */
	int64_t control, counts[3];
	int fail_at;		/* line at which the caller fails */
};

static int
tell(void *arg, const struct ingest_result *res, struct err *err)
{
	struct told *t = arg;

	if (res->line == 0) {
		t->control++;
		return 0;
	}
	t->counts[res->status]++;
	buf_addf(&t->log, "%d %c%s%s|", (int)res->line,
	    ingest_statuses[res->status][0], res->reason ? " " : "",
	    res->reason ? res->reason : "");
	if (res->status == INGEST_REJECTED &&
	    (res->reason == NULL || res->detail == NULL))
		t->early++;
	if (res->status == INGEST_STORED && t->other != NULL &&
	    temp_count(t->other, "SELECT count(*) FROM event") <
	    t->counts[INGEST_STORED])
		t->early++;
	if (t->fail_at != 0 && res->line == t->fail_at)
		return err_set(err, ERR_SYS, "the caller failed");
	return 0;
}

static struct ingest *
begin(struct store *st, struct told *t, int64_t batch, bool strict)
{
	struct ingest_config c = { .redact = true, .strict = strict,
	    .batch = batch, .told = tell, .arg = t };
	struct ingest *in = NULL;

	buf_reset(&t->log);
	memset(t->counts, 0, sizeof t->counts);
	t->control = t->early = 0;
	t->fail_at = 0;
	if (ingest_new(&in, st, &c, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	return in;
}

static int
line(struct ingest *in, int64_t no, const char *text)
{
	return ingest_line(in, no, text, strlen(text), &e);
}

static const char *
event(int i)
{
	static char text[128];

	snprintf(text, sizeof text, "{\"session_id\":\"s\",\"timestamp\":%d,"
	    "\"text\":\"t\"}", i);
	return text;
}

static void
batches(struct store *st, struct told *t)
{
	struct ingest *in = begin(st, t, 3, false);

	is_int(ingest_wait_ms(in), -1, "nothing waits in an empty batch");
	line(in, 1, event(1));
	line(in, 2, "");
	line(in, 3, event(1));
	ok(ingest_wait_ms(in) >= 0 && ingest_wait_ms(in) <= INGEST_WAIT_MS,
	    "a batch waits for a moment");
	is_str(t->log.p, "", "nothing is told of it");
	line(in, 4, "{");
	is_str(t->log.p, "1 s|3 d|4 r broken JSON|", "until it is full");
	is_int(ingest_wait_ms(in), -1, "and stored");
	line(in, 5, event(2));
	is_int(ingest_commit(in, &e), 0, "or committed");
	is_str(t->log.p, "1 s|3 d|4 r broken JSON|5 s|", "then it is told");
	is_int(ingest_long(in, 6, 1 << 20, &e), 0, "a line that was too long");
	is_int(ingest_end(in, &e), 0, "the end");
	is_int(ingest_sums(in)->in, 5, "five lines came");
	is_int(t->early, 0, "none was told before another could read it");
	ingest_free(in);

	in = begin(st, t, 3, false);
	line(in, 1, event(10));
	ingest_free(in);
	is_int(temp_count(st, "SELECT count(*) FROM event"), 2,
	    "what was not committed is lost");
	is_str(t->log.p, "", "and was not told");
	ok(!tx_active(st->db), "no transaction is left");
}

static void
summary(struct store *st, struct told *t)
{
	struct ingest *in = begin(st, t, 100, false);
	struct buf b = BUF_INIT;
	json_t *o;

	line(in, 1, "{\"type\":\"start\"}");
	line(in, 2, event(20));
	line(in, 3, "{\"type\":\"fact\"}");
	line(in, 4, "{\"type\":\"end\",\"skipped\":2,"
	    "\"skipped_reasons\":{\"x\":2}}");
	line(in, 5, "{\"type\":\"start\"}");
	is_int(ingest_end(in, &e), 0, "the end");
	is_int(t->control, 3, "control records are told, too");
	o = ingest_summary(in);
	json_write(&b, o);
	is_str(b.p, "{\"type\":\"summary\",\"in\":2,\"stored\":1,"
	    "\"duplicate\":0,\"rejected\":{\"this version stores no records "
	    "of this type\":1},\"skipped\":2,\"skipped_reasons\":{\"x\":2},"
	    "\"torn\":true}", "the summary");
	json_decref(o);
	buf_release(&b);
	ingest_free(in);
}

static void
strict(struct store *st, struct told *t)
{
	struct ingest *in = begin(st, t, 2, true);
	int64_t was = temp_count(st, "SELECT count(*) FROM event");
	int i;

	for (i = 1; i <= 5; i++)
		line(in, i, event(100 + i));
	line(in, 6, "{}");
	is_int(ingest_wait_ms(in), -1, "strict waits for the end");
	is_int(ingest_end(in, &e), 0, "the end");
	ok(ingest_sums(in)->undone, "it was undone");
	is_int(ingest_sums(in)->stored, 0, "nothing is stored");
	is_int(ingest_sums(in)->rejected, 6, "all of it was refused");
	ingest_free(in);
	is_int(temp_count(st, "SELECT count(*) FROM event"), was, "no row");
	in = begin(st, t, 2, true);
	for (i = 1; i <= 5; i++)
		line(in, i, event(100 + i));
	is_int(temp_count(t->other, "SELECT count(*) FROM event"), was,
	    "no other sees the half of it");
	is_int(ingest_end(in, &e), 0, "the end");
	ok(!ingest_sums(in)->undone, "it stays");
	ingest_free(in);
	is_int(temp_count(t->other, "SELECT count(*) FROM event"), was + 5,
	    "then all of it");
}

/* A caller that cannot write what it is told of. */
static void
failing(struct store *st, struct told *t)
{
	struct ingest *in = begin(st, t, 3, false);
	int64_t was = temp_count(st, "SELECT count(*) FROM event");

	t->fail_at = 2;
	line(in, 1, event(201));
	line(in, 2, event(202));
	is_int(line(in, 3, event(203)), -1, "is a failure");
	is_str(e.msg, "the caller failed", "with its reason");
	is_int(temp_count(st, "SELECT count(*) FROM event"), was + 3,
	    "what was committed stays");
	ingest_free(in);
}

static void
secrets(struct store *st, struct told *t)
{
	struct ingest *in = begin(st, t, 1, false);

	line(in, 1, "{\"session_id\":\"s\",\"timestamp\":300,"
	    "\"text\":\"AKIAIOSFODNN7EXAMPLE\"}");
	is_str(t->log.p, "1 s|", "an event with a key");
	line(in, 2, "{\"session_id\":\"s\",\"timestamp\":300,"
	    "\"text\":\"AKIAIOSFODNN7EXAMPLF\"}");
	is_str(t->log.p, "1 s|2 d|", "the id is made from what is stored");
	ingest_free(in);
}

/* Any mixture of lines, batches and bounds: the sums are right. */
static void
mixtures(struct store *st, struct told *t)
{
	static const char *const odd[] = { "{", "{}", "[]", "5", "",
	    "{\"type\":\"session\",\"session_id\":\"m\"}",
	    "{\"type\":\"session\"}", "{\"type\":\"hit\"}",
	    "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\","
	    "\"record_type\":\"n\"}", "{\"type\":\"cursor\",\"source\":\"f\","
	    "\"offset\":5}", "{\"type\":\"summary\"}",
	    "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"zz\"}" };
	const struct ingest_sums *s;
	struct ingest *in;
	uint32_t x = 1;
	int i, n, run, bad = 0;

	for (run = 0; run < 60; run++) {
		x = x * 1664525 + 1013904223;
		in = begin(st, t, 1 + (x >> 16) % 9, run % 7 == 6);
		n = 0;
		for (i = 1; i <= 40; i++) {
			const char *p;

			x = x * 1664525 + 1013904223;
			p = (x >> 28) < 10 ? event(1000 + (int)(x >> 16) % 97) :
			    odd[(x >> 20) % (sizeof odd / sizeof *odd)];
			n += *p != '\0' && strstr(p, "cursor") == NULL &&
			    strstr(p, "summary") == NULL;
			if (line(in, i, p) < 0)
				printf("# %s\n", e.msg);
		}
		if (ingest_end(in, &e) < 0)
			printf("# %s\n", e.msg);
		s = ingest_sums(in);
		bad += s->in != n || s->in != s->stored + s->duplicate +
		    s->rejected || t->early > 0;
		bad += !s->undone && (s->stored != t->counts[INGEST_STORED] ||
		    s->rejected != t->counts[INGEST_REJECTED]);
		ingest_free(in);
	}
	is_int(bad, 0, "in = stored + duplicate + rejected in 60 runs");
	is_int(temp_count(st, "SELECT count(*) - (SELECT sum(events) FROM "
	    "session) FROM event"), 0, "sessions count their events");
	is_int(temp_count(st, "SELECT count(*) - (SELECT count(*) FROM change "
	    "WHERE type = 1) FROM event"), 0, "each event has its change");
}

int
main(void)
{
	struct told t = { .log = BUF_INIT };
	struct store *st;

	temp_begin();
	st = temp_open("a", "u", STORE_WRITE);
	t.other = temp_open("a", "u", STORE_READ);
	batches(st, &t);
	summary(st, &t);
	strict(st, &t);
	failing(st, &t);
	secrets(st, &t);
	store_close(t.other);
	t.other = NULL;
	mixtures(st, &t);
	store_close(st);
	buf_release(&t.log);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
