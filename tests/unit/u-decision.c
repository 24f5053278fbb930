/*
 * Decisions between copies: what waits for what it is about, what is refused,
 * what a clash is, what forgetting takes, and what no copy may say.
 */
#include "tap.h"
#include "segments.h"

#include "ingest/forget.h"
#include "ltm/fact.h"
#include "ltm/live.h"
#include "ltm/ltm.h"
#include "ltm/verdict.h"
#include "sync/segment_apply.h"
#include "toc/toc_build.h"
#include "toc/toc_edit.h"

#include <time.h>

static int64_t sent;	/* of the store that sends */

/* What is new in a goes to b. */
static int
hand_over(struct store *a, struct store *b, struct applied *sums)
{
	struct segment_head head;
	struct buf file = BUF_INIT;
	struct segmentfile s;
	struct applied mine;
	int r;

	if (segmentfile_make(a, NULL, sent, 0, &file, &head, &e) != 1)
		return -1;
	sent = head.to;
	segment_head_release(&head);
	if ((r = segmentfile_read(&s, file.p, file.len, &e)) == 0)
		r = segment_apply(b, &s, sums != NULL ? sums : &mine, NULL,
		    NULL, &e);
	segmentfile_release(&s);
	buf_release(&file);
	store_user(b, b->user, false, &b->user_id, &e);
	return r;
}

static void
begin(struct store **a, struct store **b)
{
	*a = fresh("a");
	*b = fresh("b");
	sent = 0;
}

static void
end(struct store *a, struct store *b)
{
	store_close(a);
	store_close(b);
}

static int64_t
add(struct store *st, const char *key, const char *content)
{
	struct fact_new w = { .scope = FACT_USER, .key = key,
	    .content = content, .confidence = 1 };
	int64_t id = 0;

	if (fact_add(st, &w, &id, &e) < 0)
		printf("# %s\n", e.msg);
	return id;
}

static int
show(void *arg, const struct fact *f, struct err *err)
{
	(void)err;
	buf_addf(arg, "%s%s%s|", json_string_value(json_object_get(f->body,
	    "content")), f->gone ? " gone" : "", f->pin ? " pinned" : "");
	return 0;
}

/* All versions of a fact. */
static const char *
history(struct store *st, int64_t id)
{
	static struct buf b;

	buf_reset(&b);
	buf_adds(&b, "");
	fact_versions(st, id, show, &b, &e);
	return b.p;
}

static void
live(struct store *st)
{
	struct live_how how = { .by_rules = true };
	struct live_sums sums = { 0 };

	if (live_run(st, &how, &sums, &e) < 0)
		printf("# %s\n", e.msg);
}

static int64_t
told(struct store *st)
{
	return temp_count(st, "SELECT id FROM fact WHERE "
	    "job = 0 AND body LIKE '%\"live\"%' LIMIT 1");
}

/* --- facts by hand ----------------------------------------------------- */

static void
by_hand(void)
{
	static const struct timespec later = { 0, 2000000 };
	struct store *a, *b;
	struct applied sums;
	int64_t id;

	begin(&a, &b);
	id = add(a, "editor", "He uses vim.");
	add(a, "editor", "He uses ed.");
	fact_pin(a, id, true, &e);
	fact_expire(a, id, "he left", &e);
	is_int(hand_over(a, b, &sums), 1, "four decisions");
	is_int(sums.stored, 4, "are stored");
	is_str(history(b, id), "He uses vim.|He uses ed. pinned|"
	    "He uses ed. gone pinned|", "versions, pin and end");
	is_str(history(a, id), history(b, id), "as they were made");
	fact_rollback(a, id, 1, &e);
	hand_over(a, b, NULL);
	is_str(history(b, id), "He uses vim.|He uses ed. pinned|"
	    "He uses ed. gone pinned|He uses vim. pinned|", "a rollback");
	is_int(temp_count(b, "SELECT count(*) FROM tombstone"), 0,
	    "what is added takes no row away");

	/* both say the same */
	add(a, "shell", "He uses ksh.");
	id = add(b, "shell", "He uses ksh.");
	hand_over(a, b, &sums);
	is_int(sums.clashes, 0, "the same content is no clash");
	is_str(history(b, id), "He uses ksh.|", "and one version");
	nanosleep(&later, NULL);
	add(a, "shell", "He uses rc.");
	nanosleep(&later, NULL);
	add(b, "shell", "He uses sh.");
	hand_over(a, b, &sums);
	is_int(sums.clashes, 1, "another one is");
	is_str(history(b, id), "He uses ksh.|He uses rc.|He uses sh.|",
	    "both are there, the later one counts");
	is_int(temp_count(b, "SELECT count(*) FROM fact f JOIN fact g ON "
	    "g.id = f.id AND g.version = f.version + 1 AND g.valid_from IS NOT "
	    "f.valid_until"), 0, "each ends when the next begins");
	end(a, b);
}

static void
merged(void)
{
	struct store *a, *b;
	int64_t id[2];

	begin(&a, &b);
	id[0] = add(a, "one", "It is red.");
	id[1] = add(a, "two", "It is scarlet.");
	fact_merge(a, id, 2, &e);
	hand_over(a, b, NULL);
	is_str(history(b, id[0]), "It is red.|It is red.|", "a merge");
	is_str(history(b, id[1]), "It is scarlet.|It is scarlet. gone|",
	    "ends the other");
	end(a, b);
}

/* --- facts that users told --------------------------------------------- */

static const char statement[] = "{\"event_id\":\"01HNAVQZC0000000000000000A\","
    "\"session_id\":\"s\",\"timestamp\":1706540400000,\"text\":"
    "\"I prefer tabs over spaces.\"}";

static void
told_facts(void)
{
	struct store *a, *b;
	struct applied sums;
	int64_t id;

	begin(&a, &b);
	put(a, statement);
	live(a);
	id = told(a);
	ok(id != 0, "a user told something");
	fact_pin(a, id, true, &e);
	fact_expire(a, id, "not so", &e);
	is_int(hand_over(a, b, NULL), 1, "his turn, a pin and an end");
	is_str(history(b, id), "", "no fact was sent");
	live(b);
	is_str(history(b, id), history(a, id), "they waited for the fact");
	ok(strstr(history(b, id), " gone pinned|") != NULL, "which ended");
	fact_rollback(a, id, 1, &e);
	hand_over(a, b, NULL);
	is_str(history(b, id), history(a, id), "and holds again");
	is_int(temp_count(b, "SELECT count(*) FROM fact"), 3,
	    "in three versions");

	/* what somebody put down carries what was told */
	fact_merge(a, (int64_t[]){ id, add(a, "x", "X is tabs.") }, 2, &e);
	hand_over(a, b, NULL);
	is_int(temp_count(b, "SELECT count(*) FROM decision WHERE value LIKE "
	    "'%tabs to%'"), 1, "a copy of what was told");
	put(b, "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":"
	    "\"01HNAVQZC0000000000000000A\"}");
	is_int(temp_count(b, "SELECT count(*) FROM decision WHERE value LIKE "
	    "'%tabs to%'"), 0, "goes with the event");
	is_str(history(b, id), "", "and so does the fact");
	end(a, b);

	/* the other way around: the tombstone is first */
	begin(&a, &b);
	put(b, statement);
	put(b, "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":"
	    "\"01HNAVQZC0000000000000000A\"}");
	put(a, statement);
	live(a);
	fact_merge(a, (int64_t[]){ id, add(a, "x", "X is tabs.") }, 2, &e);
	hand_over(a, b, &sums);
	is_int(sums.forgotten, 2, "event and copy are refused");
	is_int(temp_count(b, "SELECT count(*) FROM fact WHERE body LIKE "
	    "'%tabs to%'"), 0, "nothing of it is there");
	live(b);
	is_str(history(b, id), "", "nor later");
	end(a, b);
}

/* --- facts from rows --------------------------------------------------- */

static struct processor *bugs;

static void
put_bugs(struct store *st, int from, int n)
{
	char line[300];

	for (; n > 0; n--) {
		snprintf(line, sizeof line, "{\"type\":\"record\",\"kb\":"
		    "\"bugs\",\"record_id\":\"B-%d\",\"record_type\":"
		    "\"bug_record\",\"title\":\"t\",\"fields\":{\"severity\":"
		    "\"minor\",\"module\":\"net\"}}", from++);
		put(st, line);
	}
}

static void
run(struct store *st)
{
	struct ltm_how how = { .max_facts = 0 };

	if (ltm_run(st, bugs, &how, &e) < 0)
		printf("# %s\n", e.msg);
}

/* Is the newest version gone, held, pinned? */
static const char *
newest(struct store *st)
{
	static char s[8];

	snprintf(s, sizeof s, "%03d", (int)temp_count(st, "SELECT 100 * gone "
	    "+ 10 * held + pin FROM fact WHERE job > 0 "
	    "ORDER BY version DESC LIMIT 1"));
	return s;
}

static void
reject(struct store *st, bool on)
{
	struct verdict_target t;

	if (verdict_reject(st, "bugs", "B-0", on, &t, &e) == 1)
		verdict_target_release(&t);
}

static void
from_rows(void)
{
	struct store *a, *b;
	struct applied sums;
	int64_t id;

	begin(&a, &b);
	put_bugs(a, 0, 3);
	run(a);
	id = temp_count(a, "SELECT id FROM fact WHERE job > 0");
	ok(id != 0, "a fact from rows");
	fact_pin(a, id, true, &e);
	fact_expire(a, id, "known", &e);
	is_int(hand_over(a, b, &sums), 1, "rows, a pin and an end");
	is_int(sums.records, 5, "and nothing else");
	is_int(temp_count(b, "SELECT count(*) FROM fact"), 0,
	    "the fact is not sent");
	run(b);
	is_str(newest(b), "111", "once it is made, it is ended and pinned");
	run(b);
	is_int(temp_count(b, "SELECT count(*) FROM fact"), 2, "once");
	put_bugs(b, 3, 2);
	run(b);
	is_str(newest(b), "001", "until its rows change");
	put_bugs(a, 3, 2);
	run(a);
	fact_rollback(a, id, 1, &e);
	hand_over(a, b, NULL);
	is_str(newest(b), "011", "the first version counts again there");
	is_str(history(b, id), history(a, id), "as it does here");
	end(a, b);

	begin(&a, &b);
	put_bugs(a, 0, 3);
	hand_over(a, b, NULL);
	run(a);
	run(b);
	reject(a, true);
	hand_over(a, b, NULL);
	is_int(verdict_rejected(b, "bugs/B-0", &e), 1, "a verdict");
	run(b);
	is_str(newest(b), "100", "a processor there counts it");
	put(b, "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":"
	    "\"bugs/B-0\"}");
	is_int(temp_count(b, "SELECT count(*) FROM decision"), 0,
	    "it goes with its record");
	reject(a, false);
	hand_over(a, b, &sums);
	is_int(sums.forgotten, 2, "and none comes after that");
	end(a, b);
}

/* Two that judge the same are no clash, and neither is lost. */
static void
verdicts(void)
{
	struct verdict v = { .name = VERDICT_FALSE, .about =
	    "fact:0000000000000001", .file = "f.c" };
	struct store *a, *b, *bob;
	struct applied sums;

	begin(&a, &b);
	bob = temp_open("b", "bob", STORE_WRITE);
	verdict_mark(a, &v, true, &e);
	verdict_mark(bob, &v, true, &e);
	hand_over(a, b, &sums);
	is_int(sums.clashes, 0, "two that say the same");
	is_int(temp_count(b, "SELECT json_array_length(body, "
	    "'$.metadata.said') FROM fact ORDER BY version DESC LIMIT 1"), 2,
	    "both say it");
	is_int(temp_count(b, "SELECT count(*) FROM verdict"), 1,
	    "of one thing");
	store_close(bob);
	end(a, b);
}

/* --- contents ---------------------------------------------------------- */

static void
build(struct store *st)
{
	struct toc_build_how how = { 0 };
	struct toc_build report;

	if (toc_build(st, &how, &report, &e) < 0)
		printf("# %s\n", e.msg);
}

static const char *
day(struct store *st)
{
	static char s[16];

	snprintf(s, sizeof s, "v%d h%d", (int)temp_count(st, "SELECT live "
	    "FROM toc_node WHERE name = 'day:2024-01-29'"),
	    (int)temp_count(st, "SELECT held FROM toc_node WHERE "
	    "name = 'day:2024-01-29'"));
	return s;
}

static void
contents(void)
{
	static const char second[] = "{\"session_id\":\"t\",\"timestamp\":"
	    "1706550400000,\"text\":\"The parser lost a token again.\"}";
	struct store *a, *b;
	struct toc_node n;

	begin(&a, &b);
	put(a, statement);
	build(a);
	is_int(hand_over(a, b, NULL), 1, "an event");
	build(b);
	put(a, second);
	build(a);
	toc_mark(a, "day:2024-01-29", TOC_PIN, &e);
	toc_mark(a, "year:2024", TOC_HIDE, &e);
	toc_mark(a, "year:2024", 0, &e);
	toc_find(a, "day:2024-01-29", &n, &e);
	is_int(toc_rollback(a, &n, 1, &e), 1, "a move");
	is_int(hand_over(a, b, NULL), 1, "an event, marks and a move");
	is_int(temp_count(b, "SELECT count(*) FROM toc_mark WHERE kind = 1"),
	    1, "a mark");
	is_int(temp_count(b, "SELECT count(*) FROM toc_mark"), 1,
	    "and none that was taken back");
	is_str(day(b), "v1 h0", "the move waits");
	build(b);
	is_str(day(b), "v1 h1", "for what it rests on");
	is_str(day(b), day(a), "as here");
	end(a, b);

	/* marks of what is not here yet */
	begin(&a, &b);
	put(a, statement);
	build(a);
	toc_mark(a, "day:2024-01-29", TOC_HIDE, &e);
	hand_over(a, b, NULL);
	build(b);
	is_int(temp_count(b, "SELECT kind FROM toc_mark WHERE "
	    "name = 'day:2024-01-29'"), 2, "a mark before its node");
	end(a, b);
}

/* --- sessions ---------------------------------------------------------- */

static void
of_session(void)
{
	struct fact_new w = { .scope = FACT_SESSION, .content = "It is late.",
	    .confidence = 1 };
	struct store *a, *b;
	struct applied sums;
	int64_t id;

	begin(&a, &b);
	a->session = (char[]){ "s" };
	fact_add(a, &w, &id, &e);
	a->session = NULL;
	hand_over(a, b, NULL);
	is_str(history(b, id), "It is late.|", "a fact of a session");
	put(b, "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s\"}");
	is_str(history(b, id), "", "goes with it");
	is_int(temp_count(b, "SELECT count(*) FROM decision"), 0,
	    "and what was decided");
	fact_expire(a, id, "a secret", &e);
	hand_over(a, b, &sums);
	is_int(sums.forgotten, 1, "nothing comes after that");
	end(a, b);
}

/* --- what no copy may say ---------------------------------------------- */

static void
hostile(void)
{
	static const char *const lines[] = {
	    "\"what\":\"put\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{\"scope\":\"tenant\",\"confidence\":1,\"body\":"
	    "{\"content\":\"x\",\"tags\":[]}}",
	    "\"what\":\"put\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{}",
	    "\"what\":\"eat\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{}",
	    "\"what\":\"pin\",\"about\":\"fact:0000000000000001\","
	    "\"value\":{\"on\":true}",
	    "\"what\":\"pin\",\"about\":\"fact:1\",\"at\":5,"
	    "\"value\":{\"on\":true}",
	    "\"what\":\"pin\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{\"on\":1}",
	    "\"what\":\"pin\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"rest\":\"x'\",\"value\":{\"on\":true}",
	    "\"what\":\"end\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{\"reason\":1}",
	    "\"what\":\"back\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{\"says\":\"00\"}",
	    "\"what\":\"say\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"value\":{\"verdict\":\"rejected\",\"about\":\"k/r\","
	    "\"by\":\"ann\",\"on\":true}",
	    "\"what\":\"mark\",\"about\":\"toc:day:2024-01-29\",\"at\":5,"
	    "\"value\":{\"mark\":\"pin\"}",
	    "\"what\":\"mark\",\"about\":\"toc:day:2024-01-29\",\"at\":5,"
	    "\"user\":\"ann\",\"value\":{\"mark\":\"eat\"}",
	    "\"what\":\"mark\",\"about\":\"day:2024-01-29\",\"at\":5,"
	    "\"user\":\"ann\",\"value\":{\"mark\":\"pin\"}",
	    "\"what\":\"move\",\"about\":\"toc:day:2024-01-29\",\"at\":5,"
	    "\"user\":\"ann\",\"value\":{\"says\":\"0000000000000000\"}",
	    "\"what\":\"pin\",\"about\":\"fact:0000000000000001\",\"at\":5,"
	    "\"user\":\"..\\u0001\",\"value\":{\"on\":true}" };
	struct ingest_config c = { .batch = INGEST_BATCH };
	const struct ingest_sums *sums;
	struct store *st = fresh("a");
	struct buf b = BUF_INIT;
	struct ingest *in;
	size_t i, n = sizeof lines / sizeof *lines;

	ingest_new(&in, st, &c, &e);
	for (i = 0; i < n; i++) {
		buf_reset(&b);
		buf_addf(&b, "{\"type\":\"decision\",%s}", lines[i]);
		ingest_line(in, (int64_t)i + 1, b.p, b.len, &e);
	}
	ingest_end(in, &e);
	sums = ingest_sums(in);
	is_int(sums->rejected, (int64_t)n, "all of them are refused");
	is_int(temp_count(st, "SELECT count(*) FROM decision"), 0,
	    "and none is kept");
	ingest_free(in);
	buf_release(&b);
	store_close(st);
}

int
main(void)
{
	temp_begin();
	if (processor_find(&bugs, NULL, "bug-import", &e) < 0)
		return 2;
	by_hand();
	merged();
	told_facts();
	from_rows();
	verdicts();
	contents();
	of_session();
	hostile();
	processor_free(bugs);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
