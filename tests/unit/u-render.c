/*
 * Records as text: what a terminal shows, and that no byte of a record
 * reaches it as it is.
 */
#include "base/date.h"
#include "base/json.h"
#include "cmd/out.h"
#include "tap.h"

static struct out o;

static void
fresh(int width, bool colour)
{
	buf_release(&o.b);
	memset(&o, 0, sizeof o);
	buf_init(&o.b);
	o.text = true;
	o.width = width;
	o.colour = colour;
	o.last_day = INT64_MIN;
}

/* What a record looks like; borrowed until the next call. */
static const char *
show(const char *json)
{
	static struct err e;
	json_t *v = json_read(json, strlen(json), &e);

	buf_reset(&o.b);
	if (v == NULL)
		return e.msg;
	render(&o, v);
	json_decref(v);
	return o.b.p;
}

#define EVENT(ts, text) "{\"type\":\"event\",\"event_id\":\"1\"," \
    "\"session_id\":\"0123456789abcdef\",\"timestamp\":" ts "," \
    "\"event_type\":\"user_message\",\"role\":\"user\",\"text\":\"" text "\"}"

static void
test_events(void)
{
	fresh(0, false);
	is_str(show(EVENT("1795167000000", "hello\\n  there")),
	    "2026-11-20 Friday\n09:30  user       01234567  hello there",
	    "a day's first event; white space is one blank");
	is_str(show(EVENT("1795167060000", "x")),
	    "09:31  user       01234567  x", "its second");
	is_str(show(EVENT("1795253460000", "x")),
	    "\n2026-11-21 Saturday\n09:31  user       01234567  x",
	    "the next day");
	o.full = true;
	is_str(show(EVENT("1795253460000", "a\\nb\\n")),
	    "09:31  user       01234567  a\n        b", "whole with -v");

	fresh(40, false);
	show(EVENT("0", "x"));
	is_str(show(EVENT("0", "one two three four")),
	    "00:00  user       01234567  one two thr\xe2\x80\xa6",
	    "cut at the width");
	is_str(show(EVENT("0", "\\u6f22\\u5b57\\u6f22\\u5b57\\u6f22\\u5b57")),
	    "00:00  user       01234567  \xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2"
	    "\xe5\xad\x97\xe6\xbc\xa2\xe2\x80\xa6", "wide characters count two");
	is_str(show(EVENT("0", "one two thr")),
	    "00:00  user       01234567  one two thr", "what fits stays");
}

static void
test_hostile(void)
{
	static const char *const types[] = { "event", "hit", "session",
	    "record", "ack", "summary", "stats", "other", "" };
	char json[512];
	const char *s;
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++) {
		fresh(0, false);
		snprintf(json, sizeof json, "{\"type\":\"%s\",\"text\":\"%s\","
		    "\"role\":\"%s\",\"session_id\":\"%s\",\"kb\":\"%s\","
		    "\"title\":\"%s\",\"snippet\":\"%s\",\"status\":\"%s\","
		    "\"id\":\"%s\",\"agent\":\"%s\",\"%s\":\"%s\"}", types[i],
		    "\\u001b[2J", "\\u001bc", "\\u009b2J", "\\u202e", "\\u0007",
		    "**\\u001b**", "\\r", "\\u001b", "\\u001b", "\\u001b",
		    "\\u001b");
		s = show(json);
		ok(strchr(s, '\033') == NULL && strchr(s, '\a') == NULL &&
		    strchr(s, '\r') == NULL &&
		    strstr(s, "\xe2\x80\xae") == NULL &&
		    strstr(s, "\xc2\x9b") == NULL, "'%s' is harmless",
		    types[i]);
	}
	fresh(0, false);
	ok(*show("{\"type\":\"event\"}") != '\0', "nothing in it");
	ok(*show("{\"type\":5,\"text\":[]}") != '\0', "wrong types");
}

static void
test_hits(void)
{
	fresh(0, false);
	is_str(show("{\"type\":\"hit\",\"event_id\":\"E\",\"source\":\"event\","
	    "\"score\":12.3456,\"snippet\":\"a **b** c\",\"record\":"
	    "{\"timestamp\":1795167000000,\"role\":\"tool\","
	    "\"session_id\":\"s\"}}"),
	    " 12.346  2026-11-20 09:30  tool       s         a **b** c",
	    "of an event");
	is_str(show("{\"type\":\"hit\",\"record_id\":\"B-1\",\"source\":\"kb\","
	    "\"score\":1,\"record\":{\"kb\":\"bugs\",\"record_id\":\"B-1\","
	    "\"title\":\"it breaks\"}}"),
	    "  1.000                    bugs/B-1  it breaks",
	    "of a knowledge base, without a snippet");
	fresh(40, false);
	is_str(show("{\"type\":\"hit\",\"record_id\":\"B-1\",\"source\":\"kb\","
	    "\"score\":1,\"snippet\":\"one two three four five six seven "
	    "eight nine ten eleven twelve thirteen fourteen fifteen sixteen\","
	    "\"record\":{\"record_id\":\"B-1\",\"title\":\"t\"}}"),
	    "  1.000                    B-1  t\n"
	    "         one two three four five six\n"
	    "         seven eight nine ten eleven\n"
	    "         twelve thirteen fourteen\xe2\x80\xa6",
	    "on a terminal a paragraph of three lines");
	fresh(0, true);
	ok(strstr(show("{\"type\":\"hit\",\"source\":\"kb\",\"score\":1,"
	    "\"snippet\":\"a **b c** d\"}"), "a \033[1mb c\033[0m d") != NULL,
	    "marks are bold where there is colour");
	ok(strstr(show("{\"type\":\"hit\",\"source\":\"kb\",\"score\":1,"
	    "\"snippet\":\"a **b\"}"), "a \033[1mb\033[0m") != NULL,
	    "a mark left open is closed");
	fresh(24, true);
	ok(strstr(show("{\"type\":\"hit\",\"source\":\"kb\",\"score\":1,"
	    "\"snippet\":\"a **bbbbbb cccccc dddddd** e\"}"),
	    "\n         a \033[1mbbbbbb\033[0m"
	    "\n         \033[1mcccccc dddddd\033[0m"
	    "\n         e") != NULL,
	    "a mark goes on over lines");
	fresh(30, false);
	ok(strstr(show("{\"type\":\"hit\",\"source\":\"kb\",\"score\":1,"
	    "\"snippet\":\"one \\u202e two three\"}"),
	    "\n         one \\u{202e} two\n         three") != NULL,
	    "an escape takes its columns");
	fresh(0, false);
	o.full = true;
	is_str(show("{\"type\":\"hit\",\"source\":\"event\",\"score\":1,"
	    "\"snippet\":\"**b**\",\"record\":{\"timestamp\":0,\"role\":"
	    "\"user\",\"session_id\":\"s\\u202e\",\"text\":\"a\\nb\"}}"),
	    "  1.000  1970-01-01 00:00  user       s\\u{202e}  a\n        b",
	    "-v: the text whole; an id that is long stands apart");
}

static void
test_others(void)
{
	fresh(0, false);
	is_str(show("{\"type\":\"session\",\"session_id\":\"s1\",\"start\":"
	    "1795167000000,\"end\":1795167060000,\"events\":7,\"agent\":"
	    "\"codex\",\"title\":\"a title\"}"), "2026-11-20 09:30      7  s1  "
	    "codex  a title", "session");
	is_str(show("{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"B-1\","
	    "\"status\":\"open\",\"title\":\"t\"}"), "bugs/B-1  open  t",
	    "record");
	is_str(show("{\"type\":\"summary\",\"in\":3,\"rejected\":{\"json\":1}}"),
	    "in                           3\n"
	    "rejected.json                1", "summary");
	is_str(show("{\"type\":\"stats\",\"consumers\":[{\"job_name\":\"i\"}]}"),
	    "consumers.0.job_name         i", "stats");
	is_str(show("{\"type\":\"ack\",\"line\":2,\"status\":\"rejected\","
	    "\"reason\":\"too long\"}"), "line 2  rejected    too long", "ack");
	is_str(show("{\"type\":\"new\",\"a\":[1,{}]}"),
	    "{\"type\":\"new\",\"a\":[1,{}]}", "unknown");
}

static void
test_sync(void)
{
	fresh(0, false);
	is_str(show("{\"type\":\"push\",\"remote\":\"main\",\"number\":7,"
	    "\"published\":true,\"changes\":27,\"segments\":1,"
	    "\"sessions\":2,\"sent_bytes\":9214}"), "main  27 changes, "
	    "1 segment, 2 sessions, 9214 bytes pushed  (manifest 7)",
	    "a push");
	is_str(show("{\"type\":\"push\",\"remote\":\"main\",\"number\":7,"
	    "\"published\":false,\"changes\":0,\"segments\":0,"
	    "\"sessions\":0,\"sent_bytes\":0}"),
	    "main  nothing new  (manifest 7)", "one of nothing");
	is_str(show("{\"type\":\"push\",\"remote\":\"m\",\"dry_run\":true,"
	    "\"changes\":1}"), "m  1 change to push", "one that is not made");
	is_str(show("{\"type\":\"pull\",\"remote\":\"main\",\"number\":8,"
	    "\"segments\":1,\"records\":4,\"stored\":3,\"duplicate\":1,"
	    "\"conflicts\":1,\"clashes\":2,\"forgotten\":0,"
	    "\"received_bytes\":1802}"), "main  4 records, 3 new; 2 clashes, "
	    "1 conflict  (manifest 8)", "a pull");
	is_str(show("{\"type\":\"pull\",\"remote\":\"main\",\"number\":8,"
	    "\"segments\":0,\"records\":0,\"stored\":0}"),
	    "main  nothing new  (manifest 8)", "one of nothing");
	is_str(show("{\"type\":\"remote\",\"remote\":\"main\",\"url\":"
	    "\"file:///r\",\"number\":0,\"behind\":3,"
	    "\"since\":1795167000000,\"late\":true}"), "main  late: 3 changes "
	    "behind since 2026-11-20 09:30, nothing is there yet  file:///r",
	    "a remote without anything");
	is_str(show("{\"type\":\"remote\",\"remote\":\"main\",\"url\":"
	    "\"file:///r\",\"number\":2,\"behind\":0,\"late\":false,"
	    "\"pushed\":1795167000000}"), "main  up to date, last manifest "
	    "2026-11-20 09:30  file:///r", "one with all");
	is_str(show("{\"type\":\"lease\",\"session_id\":\"s1\",\"user\":"
	    "\"u\",\"node\":\"01M7\",\"address\":\"fra1\",\"own\":false,"
	    "\"epoch\":2,\"since\":1795167000000,\"held_ms\":1001}"),
	    "2026-11-20 09:30  s1  01M7 on fra1, held for 2 s  (epoch 2)",
	    "a lease of another");
	is_str(show("{\"type\":\"lease\",\"session_id\":\"s1\",\"user\":"
	    "\"u\",\"node\":\"01M7\",\"own\":true,\"epoch\":1,"
	    "\"since\":1795167000000,\"held_ms\":0}"),
	    "2026-11-20 09:30  s1  this node, free  (epoch 1)", "our own");
	is_str(show("{\"type\":\"clash\",\"status\":\"stored\",\"id\":\"s1\","
	    "\"record\":{\"type\":\"variable\",\"session_id\":\"s1\","
	    "\"name\":\"branch\",\"value\":\"main\\u001b[2J\"}}"),
	    "clash    s1  branch = main\\e[2J", "a clash");
	is_str(show("{\"type\":\"clash\",\"status\":\"rejected\",\"id\":"
	    "\"01M7\",\"reason\":\"conflict\",\"detail\":\"other content\","
	    "\"record\":{\"type\":\"event\",\"text\":\"hello\"}}"),
	    "refused  01M7  other content  hello", "what was refused");
	is_str(show("{\"type\":\"node\",\"node\":\"B\",\"before\":\"A\"}"),
	    "B  before: A", "a new name");
	is_str(show("{\"type\":\"export\",\"tenant\":\"t\",\"sessions\":1,"
	    "\"events\":345,\"variables\":0,\"versions\":2,\"tombstones\":0,"
	    "\"size_bytes\":512,\"file\":\"a.tar\"}"), "a.tar  1 session, 345 "
	    "events, 2 versions, 512 bytes", "an export");
	is_str(show("{\"type\":\"import\",\"file\":\"a.tar\",\"records\":9,"
	    "\"stored\":7,\"duplicate\":0,\"conflicts\":0,\"clashes\":0,"
	    "\"forgotten\":1,\"rejected\":1,\"size_bytes\":512,"
	    "\"dry_run\":true}"), "a.tar  would be: 9 records, 7 new, "
	    "1 forgotten; 1 refused", "an import");
	/* others' bytes, and fewer than there should be */
	show("{\"type\":\"push\"}");
	show("{\"type\":\"pull\",\"segments\":\"x\"}");
	show("{\"type\":\"clash\",\"record\":[]}");
	show("{\"type\":\"lease\",\"held_ms\":9223372036854775807}");
	is_str(show("{\"type\":\"remote\",\"remote\":\"a\\u0007b\"}"),
	    "a\\x07b  up to date, nothing is there yet  ",
	    "a name that rings");
}

int
main(void)
{
	struct err e;

	json_setup();
	date_zone("UTC", &e);
	test_events();
	test_hostile();
	test_hits();
	test_others();
	test_sync();
	buf_release(&o.b);
	return done();
}
