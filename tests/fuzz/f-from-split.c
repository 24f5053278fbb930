/*
 * Elements of a JSON text: however the bytes come in pieces, the elements
 * are the same; a text that is an array of values gives exactly those.  The
 * first byte is the size of a piece, the second the longest element.
 */
#include "fuzz.h"

#include "base/json.h"
#include "memory/json_split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	while ((got = json_split_next(&s, &p, &n, &e)) != SPLIT_END) {
		must(got != SPLIT_FAIL);
		buf_addf(out, "%d:", (int)got);
		if (got == SPLIT_VALUE) {
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
	json_decref(v);
	buf_release(&one);
	buf_release(&two);
	return 0;
}
