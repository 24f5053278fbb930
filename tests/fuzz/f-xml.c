/*
 * XML: whatever comes, elements are objects that can be written and read
 * again, and the second reading says the same as the first.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/xml.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
take(void *out, const json_t *v, int64_t line, struct err *e)
{
	struct buf text = BUF_INIT;
	json_t *again;

	must(line > 0);
	if (v == NULL)
		return 0;
	must(json_is_object(v) && json_is_array(json_object_get(v, "^")));
	json_write(&text, v);
	must((again = json_read(text.p, text.len, e)) != NULL);
	must(json_equal(again, v));
	json_decref(again);
	buf_add(out, text.p, text.len);
	buf_release(&text);
	return 0;
}

static int
read_all(FILE *file, struct buf *out)
{
	static const char *const names[] = { "a", "bug", "testcase", NULL };
	struct err e = { 0 };
	int r;

	must(lseek(fileno(file), 0, SEEK_SET) == 0);
	r = xml_each(fileno(file), "fuzz", names, take, out, &e);
	must(r == 0 || (r == -1 && e.code == ERR_INPUT));
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	static FILE *file;

	if (file == NULL) {
		json_setup();
		must((file = tmpfile()) != NULL);
	}
	must(ftruncate(fileno(file), 0) == 0 &&
	    pwrite(fileno(file), data, len, 0) == (ssize_t)len);
	must(read_all(file, &one) == read_all(file, &two));
	must(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	buf_release(&one);
	buf_release(&two);
	return 0;
}
