/*
 * Elements of a JSON text: however the bytes come in pieces, the elements
 * are the same; a text that is an array of values gives exactly those, and
 * one that is an object with such arrays the same when it is put together
 * again.  The first byte is the size of a piece, the second the longest
 * element.
 */
#include "fuzz.h"

#include "base/json.h"
#include "from/json_split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const outer[] = { "a", "b", NULL };
static const char *const inner[] = { "c", NULL };

static void
split(int fd, size_t chunk, size_t max, struct buf *out)
{
	struct json_split s;
	enum split_got got;
	struct err e;
	const char *p;
	size_t n;

	must(lseek(fd, 0, SEEK_SET) == 0);
	json_split_init(&s, fd, "fuzz");
	s.chunk = chunk;
	s.max = max;
	s.inner[0] = outer;
	s.inner[1] = inner;
	while ((got = json_split_next(&s, &p, &n, &e)) != SPLIT_END) {
		must(got != SPLIT_FAIL);
		must(s.level >= 0 && s.level <= JSON_SPLIT_LEVELS);
		buf_addf(out, "%d.%d:", s.level, (int)got);
		if (got == SPLIT_VALUE || got == SPLIT_SHELL) {
			must(n <= max);
			buf_add(out, p, n);
		}
		buf_addc(out, '|');
	}
	buf_addf(out, "%d", s.torn);
	json_split_release(&s);
}

/* A valid array: its elements, one by one. */
static void
compare(int fd, const json_t *all, size_t max)
{
	struct json_split s;
	struct err e;
	const char *p;
	json_t *v;
	size_t n, i;

	must(lseek(fd, 0, SEEK_SET) == 0);
	json_split_init(&s, fd, "fuzz");
	s.max = max;
	for (i = 0; i < json_array_size(all); i++) {
		must(json_split_next(&s, &p, &n, &e) == SPLIT_VALUE);
		must((v = json_read(p, n, &e)) != NULL);
		must(json_equal(v, json_array_get(all, i)));
		json_decref(v);
	}
	must(json_split_next(&s, &p, &n, &e) == SPLIT_END && !s.torn);
	json_split_release(&s);
}

/* The elements of the arrays "a" and "b" of an object, one after the other. */
static json_t *
elements(const json_t *o)
{
	json_t *all = json_array(), *v;
	const char *key;

	json_object_foreach((json_t *)o, key, v)
		if ((strcmp(key, "a") == 0 || strcmp(key, "b") == 0) &&
		    json_is_array(v))
			json_array_extend(all, v);
	return all;
}

/* An object: what is in its arrays, and what is around them. */
static void
put_together(int fd, const json_t *o, size_t max)
{
	json_t *want = elements(o), *v, *x;
	struct json_split s;
	enum split_got got;
	struct err e;
	const char *p, *key;
	size_t n, i = 0;

	must(lseek(fd, 0, SEEK_SET) == 0);
	json_split_init(&s, fd, "fuzz");
	s.max = max;
	s.inner[0] = outer;
	while ((got = json_split_next(&s, &p, &n, &e)) == SPLIT_VALUE &&
	    s.level == 1) {
		must((v = json_read(p, n, &e)) != NULL);
		must(json_equal(v, json_array_get(want, i++)));
		json_decref(v);
	}
	must(i == json_array_size(want));
	must((got == SPLIT_SHELL || i == 0) && s.level == 0);
	must((v = json_read(p, n, &e)) != NULL);
	must(json_object_size(v) == json_object_size(o));
	json_object_foreach(v, key, x)
		must(json_equal(x, json_object_get(o, key)) ||
		    (json_is_array(x) && json_array_size(x) == 0));
	json_decref(v);
	must(json_split_next(&s, &p, &n, &e) == SPLIT_END && !s.torn);
	json_split_release(&s);
	json_decref(want);
}

/* Is each key written as it is?  Those with escapes are not looked for. */
static bool
is_plain(const uint8_t *data, size_t len)
{
	return memchr(data, '\\', len) == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	static FILE *file;
	struct err e;
	json_t *v;
	int fd;

	if (file == NULL) {
		json_setup();
		must((file = tmpfile()) != NULL);
	}
	if (len < 2)
		return 0;
	fd = fileno(file);
	must(ftruncate(fd, 0) == 0 &&
	    pwrite(fd, data + 2, len - 2, 0) == (ssize_t)len - 2);
	split(fd, 1 + data[0] % 64, 1 + data[1], &one);
	split(fd, 4096, 1 + data[1], &two);
	must(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	if ((v = json_read((const char *)data + 2, len - 2, &e)) != NULL &&
	    json_is_array(v))
		compare(fd, v, len);
	if (json_is_object(v) && is_plain(data + 2, len - 2))
		put_together(fd, v, len);
	json_decref(v);
	buf_release(&one);
	buf_release(&two);
	return 0;
}
