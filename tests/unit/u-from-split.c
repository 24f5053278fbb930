/*
 * Elements of a JSON text, however its bytes come.
 */
#include "tap.h"

#include "base/json.h"
#include "from/json_split.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What is taken apart; NULL: nothing. */
static const char *const *outer, *const *inner;

/* All elements, "|" behind each: "?" bad, "#" too long; "~" torn; before
 * those of inner arrays how deep they are, "=" before shells. */
static const char *
all(const char *text, size_t len, size_t chunk, size_t max)
{
	static struct buf out = BUF_INIT;
	struct json_split s;
	struct err e = { 0 };
	enum split_got got;
	const char *p;
	FILE *f = tmpfile();
	size_t n;

	if (f == NULL || write(fileno(f), text, len) != (ssize_t)len ||
	    lseek(fileno(f), 0, SEEK_SET) != 0)
		exit(2);
	buf_reset(&out);
	json_split_init(&s, fileno(f), "test");
	s.chunk = chunk;
	s.max = max;
	s.inner[0] = outer;
	s.inner[1] = inner;
	while ((got = json_split_next(&s, &p, &n, &e)) != SPLIT_END) {
		if (s.level > 0)
			buf_addf(&out, "%d:", s.level);
		if (got == SPLIT_SHELL)
			buf_addc(&out, '=');
		if (got == SPLIT_VALUE || got == SPLIT_SHELL)
			buf_add(&out, p, n);
		else
			buf_addc(&out, got == SPLIT_BAD ? '?' : '#');
		buf_addc(&out, '|');
	}
	if (s.torn)
		buf_addc(&out, '~');
	json_split_release(&s);
	fclose(f);
	return out.p;
}

static const char *
split(const char *text)
{
	char first[256];
	size_t len = strlen(text), chunk;
	const char *got;

	snprintf(first, sizeof first, "%s", all(text, len, 4096, 64));
	for (chunk = 1; chunk < 7; chunk++) {
		got = all(text, len, chunk, 64);
		if (strcmp(got, first) != 0) {
			printf("# pieces of %zu: %s\n", chunk, got);
			return got;
		}
	}
	return all(text, len, 1, 64);
}

static void
arrays(void)
{
	is_str(split("[]"), "", "an empty array has none");
	is_str(split(" [ {\"a\":1} , {\"b\":[2]}\n]\n"),
	    "{\"a\":1}|{\"b\":[2]}|", "elements of an array");
	is_str(split("[1,\"two\",null,[3]]"), "1|\"two\"|null|[3]|",
	    "whatever they are");
	is_str(split("[{\"a\":\"]},{\\\"\"},{}]"),
	    "{\"a\":\"]},{\\\"\"}|{}|", "brackets in strings are text");
	is_str(split("\xef\xbb\xbf[1]"), "1|", "a byte order mark");
	is_str(split("[1]\r\n[2]\n"), "1|2|", "one array after the other");
	is_str(split("[{\"a\":1}"), "{\"a\":1}|~", "a missing end is told");
	is_str(split("[{\"a\":1},{\"b\":"), "{\"a\":1}|?|~",
	    "what was begun is bad");
	is_str(split("[{\"a\":]},{\"b\":1}]"), "?|?|{\"b\":1}|",
	    "the wrong bracket");
	is_str(split("[{\"a\":\"torn\n},{\"b\":1}]"), "?|{\"b\":1}|",
	    "a string that a newline cut");
}

static void
lines(void)
{
	is_str(split(""), "", "nothing");
	is_str(split("{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}"),
	    "{\"a\":1}|{\"b\":2}|{\"c\":3}|", "values on lines");
	is_str(split("{\n \"a\": [\n  1,\n  {\n   \"b\": 2 }\n ]\n}\n"),
	    "{\n \"a\": [\n  1,\n  {\n   \"b\": 2 }\n ]\n}|",
	    "one value over several lines");
	is_str(split("{\"a\":\"torn\n{\"b\":2}\n"), "?|{\"b\":2}|",
	    "a torn string ends with its line");
	is_str(split("{\"a\":{\n{\"b\":2}\n"), "?|{\"b\":2}|",
	    "so does a value where another cannot stand");
	is_str(split("{\"a\":1,\n{\"b\":2}\n"), "?|{\"b\":2}|",
	    "in an object, behind a comma too");
	is_str(split("garbage} {\"b\":2}\n"), "garbage|?|{\"b\":2}|",
	    "what is no value is handed on, a bracket alone is bad");
	is_str(split("12 true\n\"s\""), "12|true|\"s\"|", "words and strings");
}

static void
sizes(void)
{
	char big[200];

	memset(big, 'x', sizeof big);
	memcpy(big, "[\"", 2);
	memcpy(big + 190, "\",{\"a\":1}", 9);
	big[199] = ']';
	is_str(all(big, sizeof big, 16, 64), "#|{\"a\":1}|",
	    "one over the cap is skipped, the next is found");
	is_str(all("[123,1234,12345,1]", 18, 5, 4), "123|1234|#|1|",
	    "the cap is exact");
	is_str(all("[\0{\"a\":1}\0\0,\0{}]", 17, 3, 64), "{\"a\":1}|{}|",
	    "NULs between elements are blanks");
}

static void
apart(void)
{
	static const char *const bugs[] = { "bugs", "data", NULL };
	static const char *const results[] = { "results", NULL };

	outer = bugs;
	is_str(split("{\"n\":1,\"bugs\":[{\"a\":1},{\"b\":2}],\"m\":{}}"),
	    "1:{\"a\":1}|1:{\"b\":2}|={\"n\":1,\"bugs\":[],\"m\":{}}|",
	    "an array in an object, and what is around it");
	is_str(split("{ \"bugs\" : [ ] }\n{\"data\":[1]}{\"c\":3}"),
	    "={ \"bugs\" : [] }|1:1|={\"data\":[]}|{\"c\":3}|",
	    "one object after the other, with and without");
	is_str(split("{\"bugs\":[1],\"data\":[2]}"),
	    "1:1|1:2|={\"bugs\":[],\"data\":[]}|", "two arrays in one");
	is_str(split("{\"bugs\":{\"data\":[1]},\"x\":[2]}"),
	    "{\"bugs\":{\"data\":[1]},\"x\":[2]}|",
	    "not deeper, and no others");
	is_str(split("{\"x\":\"bugs\",\"y\":[1],\"z\":[\"data\",[2]]}"),
	    "{\"x\":\"bugs\",\"y\":[1],\"z\":[\"data\",[2]]}|",
	    "a text is no name");
	is_str(split("[{\"bugs\":[1]}]"), "{\"bugs\":[1]}|",
	    "elements of an array stay whole");
	is_str(split("{\"bugs\":[1,{\"a\""), "1:1|1:?|~",
	    "what is begun is bad");
	is_str(split("{\"bugs\":[1"), "1:1|~", "a missing end is told");
	is_str(split("{\"bugs\":[1],\"a\""), "1:1|?|~",
	    "that of the object, too");
	inner = results;
	is_str(split("{\"bugs\":[{\"t\":1,\"results\":[7,8],\"u\":2},"
	    "{\"v\":3},{\"results\":[9]}],\"w\":4}"),
	    "2:7|2:8|1:={\"t\":1,\"results\":[],\"u\":2}|1:{\"v\":3}|2:9|"
	    "1:={\"results\":[]}|={\"bugs\":[],\"w\":4}|",
	    "arrays in the elements of arrays");
	is_str(all("{\"bugs\":[1,2],\"pad\":\"0123456789\"}", 33, 5, 24),
	    "1:1|1:2|#|", "a shell over the cap is told");
	outer = inner = NULL;
}

int
main(void)
{
	json_setup();
	arrays();
	lines();
	sizes();
	apart();
	return done();
}
