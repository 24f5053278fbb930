/*
 * What SARIF says indirectly.
 */
#include "tap.h"

#include "base/json.h"
#include "from/sarif_said.h"

#include <stdlib.h>

static const char run_text[] = "{\"tool\":{\"driver\":{\"name\":\"T\","
    "\"rules\":[{\"id\":\"R1\",\"messageStrings\":{\"m\":{\"text\":"
    "\"'{0}' of {1}, {{0}}\"}}},{\"id\":\"R2\",\"defaultConfiguration\":"
    "{\"level\":\"error\"}}],\"globalMessageStrings\":{\"g\":{\"text\":"
    "\"for all\"}}},\"extensions\":[{\"name\":\"X\",\"rules\":[{\"id\":"
    "\"X1\"}]}]},\"artifacts\":[{\"location\":{\"uri\":\"a.c\","
    "\"uriBaseId\":\"SRC\"}}],\"originalUriBaseIds\":{\"REPO\":{},\"SRC\":"
    "{\"uri\":\"src/\",\"uriBaseId\":\"REPO\"},\"NET\":{\"uri\":\"net\","
    "\"uriBaseId\":\"SRC\"},\"ABS\":{\"uri\":\"file:///C:/src/\"},\"L1\":"
    "{\"uri\":\"a/\",\"uriBaseId\":\"L2\"},\"L2\":{\"uri\":\"b/\","
    "\"uriBaseId\":\"L1\"}}}";

static struct sarif_run run;
static struct buf out = BUF_INIT;

static json_t *
parse(const char *s)
{
	struct err e;
	json_t *v = json_read(s, strlen(s), &e);

	if (v == NULL) {
		puts(e.msg);
		exit(2);
	}
	return v;
}

static const char *
rule(const char *result)
{
	json_t *v = parse(result);
	const char *id = get_str(sarif_rule(&run, v), "id", NULL);

	json_decref(v);
	return id != NULL ? id : "none";
}

static const char *
message(const char *text)
{
	json_t *v = parse(text);

	buf_reset(&out);
	sarif_message(&out, &run, map_get(&run.rules, "R1")->p, v);
	json_decref(v);
	return out.p;
}

static const char *
place(const char *text)
{
	json_t *v = parse(text);

	buf_reset(&out);
	sarif_uri(&out, &run, v);
	json_decref(v);
	return out.p;
}

static void
rules(void)
{
	is_str(rule("{\"ruleId\":\"R2\"}"), "R2", "a rule by its id");
	is_str(rule("{\"ruleIndex\":1}"), "R2", "by its index");
	is_str(rule("{\"rule\":{\"index\":0}}"), "R1", "by a reference");
	is_str(rule("{\"rule\":{\"index\":0,\"toolComponent\":{\"index\":0}}}"),
	    "X1", "in an extension");
	is_str(rule("{\"ruleId\":\"X1\"}"), "X1", "there by its id");
	is_str(rule("{\"ruleId\":\"R1/sub/kind\"}"), "R1", "a kind of it");
	is_str(rule("{\"ruleId\":\"R9\"}"), "none", "one that is not there");
	is_str(rule("{\"ruleIndex\":-1}"), "none", "a bad index");
	is_str(rule("{\"ruleIndex\":9}"), "none", "another");
	is_str(rule("{}"), "none", "none at all");
}

static void
messages(void)
{
	is_str(message("{\"text\":\"plain\"}"), "plain", "a text");
	is_str(message("{\"id\":\"m\",\"arguments\":[\"x\",\"y\"]}"),
	    "'x' of y, {0}", "an id with arguments, braces doubled");
	is_str(message("{\"id\":\"m\",\"arguments\":[\"x\"]}"),
	    "'x' of , {0}", "an argument that is not there");
	is_str(message("{\"id\":\"g\"}"), "for all", "one of the tool");
	is_str(message("{\"id\":\"z\"}"), "", "an unknown one");
	is_str(message("{\"text\":\"see [the {0}](1), \\\\[not\\\\]\","
	    "\"arguments\":[\"cause\"]}"), "see the cause, [not]",
	    "links are their text, escaped brackets brackets");
	is_str(message("{\"text\":\"a[1](b [c] {x} {1234}\"}"),
	    "a[1](b [c] {x} {1234}", "what only looks like one");
	is_str(message("{\"text\":\"[[x](1)](2) end\"}"), "[x](2) end",
	    "links in links are not taken");
}

static void
places(void)
{
	is_str(place("{\"uri\":\"a.c\"}"), "file:a.c", "a path alone");
	is_str(place("{\"uri\":\"a.c\",\"uriBaseId\":\"REPO\"}"), "file:a.c",
	    "below a base without a place");
	is_str(place("{\"uri\":\"a.c\",\"uriBaseId\":\"NET\"}"),
	    "file:src/net/a.c", "below bases of bases");
	is_str(place("{\"uri\":\"a.c\",\"uriBaseId\":\"ABS\"}"), "file:a.c",
	    "below one on some machine");
	is_str(place("{\"uri\":\"a.c\",\"uriBaseId\":\"gone\"}"), "file:a.c",
	    "below one that is not told");
	is_str(place("{\"index\":0}"), "file:src/a.c", "by its index");
	is_str(place("{\"index\":5}"), "", "by a bad one");
	is_str(place("{\"uri\":\"file:///x/a.c\",\"uriBaseId\":\"SRC\"}"),
	    "file:///x/a.c", "an absolute one");
	ok(strlen(place("{\"uri\":\"a.c\",\"uriBaseId\":\"L1\"}")) < 64,
	    "bases in a circle");
}

static bool
suppressed(const char *list)
{
	json_t *v = json_object();
	bool is;

	json_object_set_new(v, "suppressions", parse(list));
	is = sarif_suppressed(v);
	json_decref(v);
	return is;
}

static void
verdicts(void)
{
	json_t *v = parse("{\"kind\":\"review\"}"), *r2;
	json_t *empty = json_object();

	r2 = map_get(&run.rules, "R2")->p;
	is_str(sarif_level(empty, NULL), "warning", "the usual level");
	is_str(sarif_level(empty, r2), "error", "the rule's");
	is_str(sarif_level(v, r2), "none", "of what did not fail");
	json_object_set_new(v, "level", json_string("note"));
	is_str(sarif_level(v, r2), "note", "the result's own");
	ok(suppressed("[{\"kind\":\"inSource\"}]"), "a suppression");
	ok(suppressed("[{\"status\":\"accepted\"},{\"status\":\"rejected\"}]"),
	    "one that was accepted");
	ok(!suppressed("[{\"status\":\"rejected\"}]"), "one that was not");
	ok(!suppressed("[{\"status\":\"underReview\"}]"), "or not yet");
	ok(!suppressed("[]"), "none");
	json_decref(v);
	json_decref(empty);
}

int
main(void)
{
	json_t *v;

	json_setup();
	v = parse(run_text);
	sarif_run_open(&run, v);
	rules();
	messages();
	places();
	verdicts();
	sarif_run_release(&run);
	json_decref(v);
	buf_release(&out);
	return done();
}
