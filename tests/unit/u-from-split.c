/*
 * Elements of a JSON text, however its bytes come.
 */
#include "tap.h"

#include "base/json.h"
#include "memory/json_split.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* All elements, "|" behind each: "?" bad, "#" too long; "~" torn. */
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
	while ((got = json_split_next(&s, &p, &n, &e)) != SPLIT_END) {
		if (got == SPLIT_VALUE)
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

int
main(void)
{
	json_setup();
	arrays();
	lines();
	sizes();
	return done();
}
