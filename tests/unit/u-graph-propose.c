#include "base/json.h"
#include "graph/propose.h"
#include "graph/propose_check.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

/* What is kept of one relation, or of a name, in a text; "" nothing. */
static const char *
kept(const char *text, const char *quote, const char *source,
    const char *source_kind, const char *target, const char *kind)
{
	static char out[512];
	struct propose_shown s = { text, strlen(text), BUF_INIT, 0 };
	struct propose_counts c = { 0 };
	struct strv kinds = STRV_INIT;
	json_t *o;
	struct err e;

	propose_relations(&kinds);
	o = target == NULL ? json_pack("{s:[{s:i, s:s, s:s, s:s}]}",
	    "entities", "n", 1, "quote", quote, "name", source, "kind",
	    source_kind) : json_pack("{s:[{s:i, s:s, s:s, s:s*, s:s, s:s}]}",
	    "relations", "n", 1, "quote", quote, "source", source,
	    "source_kind", source_kind, "target", target, "kind", kind);
	if (propose_check(o, &kinds, &s, 1, &c, &e) < 0)
		snprintf(out, sizeof out, "failed: %s", e.msg);
	else
		snprintf(out, sizeof out, "%s", s.body.len > 0 ? s.body.p :
		    "");
	json_decref(o);
	strv_release(&kinds);
	buf_release(&s.body);
	return out;
}

static void
names(void)
{
	static const char text[] = "Well, The Auth\n Service asks token_store; "
	    "\xc3\x9c" "berd\xc3\xaenger met Redis's queues (see #12).";

	is_str(kept(text, "The Auth Service asks", "auth-service", "service",
	    NULL, NULL), "e\tservice\tAuth Service\n", "folded as a service, "
	    "written as in the text");
	is_str(kept(text, "asks token_store", "tokenStore", "term", NULL,
	    NULL), "e\tidentifier\ttoken_store\n", "its form tells its kind");
	is_str(kept(text, "asks token_store", "token", "name", NULL, NULL),
	    "", "a part between marks is none");
	is_str(kept(text, "asks token_store", "oken_store", "name", NULL,
	    NULL), "", "a part of a word is none");
	is_str(kept(text, "\xc3\x9c" "berd\xc3\xaenger met Redis",
	    "\xc3\xbc" "berd\xc3\xaenger", "person", "redis", "related"),
	    "r\trelated\tperson\t\xc3\x9c" "berd\xc3\xaenger\tname\tRedis\n",
	    "folding beyond ASCII");
	is_str(kept(text, "met Redis's queues", "queue", "name", NULL, NULL),
	    "e\tname\tqueues\n", "the plural");
	is_str(kept(text, "(see #12)", "#12", "name", NULL, NULL),
	    "e\tissue\t#12\n", "marks that belong to a name");
	is_str(kept(text, "(see #12)", "(#", "name", NULL, NULL), "",
	    "marks alone are none");
	is_str(kept(text, "token_store", "Redis", "name", NULL, NULL), "",
	    "outside of the quote");
	is_str(kept(text, "met Redis", "redis", NULL, "Redis", "calls"), "",
	    "one thing is not linked to itself");
	is_str(kept(text, "asks", "asks", "record", NULL, NULL), "",
	    "a kind that is not for texts");
	is_str(kept("a\tb\nc", "a b c", "a b", "name", NULL, NULL),
	    "e\tname\ta b\n", "no tab, and no line, gets into what is kept");
}

/* Of what is joined to one word a part is no name, however it is quoted. */
static void
parts(void)
{
	static const char *const one[][2] = { { "auth-service", "auth" },
	    { "auth-service", "service" }, { "auth-service", "auth-" },
	    { "auth-service", "-service" }, { "src/redis.c", "redis" },
	    { "src/redis.c", "/redis.c" }, { "src/redis.c", "src" },
	    { "https://example.com/eve", "eve" },
	    { "https://example.com/a?by=eve", "eve" },
	    { "https://example.com/eve", "example.com" },
	    { "https://example.com/eve", "https" }, { "eve@example.com",
	    "eve" }, { "Store::find_all", "find_all" }, { "a.eve.b", "eve" },
	    { "O'Brien", "Brien" }, { "lib:eve", "lib" } };
	static const char *const whole[][2] = { { "auth-service",
	    "auth-service" }, { "'auth'", "auth" }, { "auth:", "auth" },
	    { "(auth)", "auth" }, { "-auth-", "auth" }, { "auth.", "auth" },
	    { "auth's", "auth" }, { "auth=eve", "auth" }, { "src/a.c:12",
	    "src/a.c" }, { "https://example.com/eve.",
	    "https://example.com/eve" }, { "<https://x.org/>auth", "auth" } };
	char text[128];
	size_t i;

	for (i = 0; i < sizeof one / sizeof *one; i++) {
		snprintf(text, sizeof text, "so %s is it", one[i][0]);
		is_str(kept(text, text, one[i][1], "name", NULL, NULL), "",
		    one[i][0]);
		snprintf(text, sizeof text, "so %s is it", one[i][0]);
		is_str(kept(text, one[i][1], one[i][1], "person", NULL, NULL),
		    "", "however it is quoted");
	}
	for (i = 0; i < sizeof whole / sizeof *whole; i++) {
		snprintf(text, sizeof text, "so %s is it", whole[i][0]);
		ok(*kept(text, text, whole[i][1], "name", NULL, NULL) != '\0',
		    whole[i][0]);
	}
}

/* Added with its text, or behind it: the same sums. */
static void
again(void)
{
	static const char body[] = "e\tservice\tRedis\nr\tuses\tname\tRedis\t"
	    "name\tKafka\nr\tcalls\tname\tRedis\tname\tZoo\n";
	struct sum one, rules, more;
	int64_t a, b;

	sum_init(&one);
	sum_init(&rules);
	sum_init(&more);
	sum_text(&one, 5, 50);
	a = sum_name(&one, GRAPH_NAME, "Redis", 5, false);
	b = sum_name(&one, GRAPH_NAME, "Kafka", 5, true);
	sum_pair(&one, a, b, sum_kind(&one, "uses"));
	proposed_add(&one, body);
	sum_text(&rules, 5, 50);
	a = sum_name(&rules, GRAPH_NAME, "Redis", 5, false);
	b = sum_name(&rules, GRAPH_NAME, "Kafka", 5, true);
	sum_pair(&rules, a, b, sum_kind(&rules, "uses"));
	sum_text_again(&more, 5, 50);
	a = sum_name(&more, GRAPH_NAME, "Redis", 5, false);
	b = sum_name(&more, GRAPH_NAME, "Kafka", 5, true);
	sum_pair(&more, a, b, sum_kind(&more, "uses"));
	more.muted = false;
	proposed_add(&more, body);
	is_int(more.docs, 0, "it is no other text");
	is_int(one.entity[0].in.n, 1, "a text counts once");
	is_int(one.entity[0].kinds[GRAPH_SERVICE], 1, "a model's kind counts");
	is_int((int64_t)one.pairs, 2, "what a rule says is not proposed");
	ok(strcmp(one.kinds.e[one.pair[1].kind].key, "?calls") == 0,
	    "what is proposed says so");
	is_int(rules.entity[0].in.n + more.entity[0].in.n,
	    one.entity[0].in.n, "texts add up");
	is_int(rules.entity[0].strong + more.entity[0].strong,
	    one.entity[0].strong, "and what is sure");
	is_int(rules.entity[0].kinds[GRAPH_NAME] +
	    more.entity[0].kinds[GRAPH_NAME],
	    one.entity[0].kinds[GRAPH_NAME], "and kinds");
	is_int(rules.entity[0].kinds[GRAPH_SERVICE] +
	    more.entity[0].kinds[GRAPH_SERVICE],
	    one.entity[0].kinds[GRAPH_SERVICE], "those of a model, too");
	is_int(more.entity[2].in.n, 1, "what it alone names");
	is_int(more.pair[0].in.n, 0, "what a rule says was counted");
	is_int(more.pair[1].in.n, 1, "what it alone says");
	sum_release(&one);
	sum_release(&rules);
	sum_release(&more);
}

static int
none(void *arg, int64_t row, struct err *e)
{
	(void)arg;
	(void)e;
	return row != 3;
}

static void
file(void)
{
	char dir[] = "/tmp/u-propose.XXXXXX";
	struct proposals p;
	struct proposed x;
	int64_t from, to, id;
	struct err e;

	if (!ok(mkdtemp(dir) != NULL, "a folder"))
		return;
	is_int(proposals_open(&p, dir, PROPOSALS_WRITE, &e), 0, "none");
	ok(p.db == NULL, "and none is made");
	is_int(proposals_open(&p, dir, PROPOSALS_MAKE, &e), 0, "made");
	proposals_begin(&p, &e);
	proposals_put(&p, 3, "text", 4, 7, "e\tname\tX\n", &e);
	proposals_put(&p, 9, "other", 5, 7, "", &e);
	proposals_fail(&p, 11, "third", 5, &e);
	proposals_done(&p, 9, 7, &e);
	is_int(proposals_end(&p, 0, &e), 0, "put");
	id = p.id;
	proposals_close(&p);
	is_int(proposals_open(&p, dir, PROPOSALS_WRITE, &e), 0, "again");
	ok(p.id == id && p.high == 2 && p.replaced == 0 && p.done == 9 &&
	    p.done_of == 7, "as it was");
	is_int(proposals_get(&p, 3, "text", 4, &x, &e), 1, "kept");
	is_str(x.body, "e\tname\tX\n", "as it was put");
	proposed_release(&x);
	is_int(proposals_get(&p, 3, "texts", 5, &x, &e), 0,
	    "not of another text");
	proposed_release(&x);
	is_int(proposals_get(&p, 11, "third", 5, &x, &e), 1, "a failure");
	ok(x.failed == 1 && x.version == 0, "is counted, and is no answer");
	proposed_release(&x);
	is_int(proposals_range(&p, 0, &from, &to, &e), 1, "to be added");
	ok(from == 3 && to == 3, "what has something");
	is_int(proposals_range(&p, 2, &from, &to, &e), 0, "nothing later");
	proposals_begin(&p, &e);
	proposals_put(&p, 3, "text", 4, 8, "e\tname\tX\n", &e);
	is_int(p.replaced, 0, "the same again takes nothing back");
	proposals_put(&p, 3, "text", 4, 9, "", &e);
	proposals_end(&p, 0, &e);
	ok(p.replaced == 4 && p.high == 4, "another does");
	is_int(proposals_purge(&p, none, NULL, &e), 0, "forgotten");
	is_int(proposals_get(&p, 3, "text", 4, &x, &e), 0, "it is gone");
	proposed_release(&x);
	proposals_close(&p);
	is_int(proposals_open(&p, dir, PROPOSALS_WRITE, &e), 0, "once more");
	is_int(p.high, 4, "numbers are not used again");
	proposals_close(&p);
	is_int(proposals_drop(dir, &e), 0, "dropped");
	is_int(rmdir(dir), 0, "all of it");
}

int
main(void)
{
	json_setup();
	names();
	parts();
	again();
	file();
	return done();
}
