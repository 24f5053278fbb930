/*
 * Encodings: the first byte says what is told; what comes out is UTF-8, and the
 * same however many bytes are asked for.
 */
#include "fuzz-docs.h"

#include "base/buf.h"
#include "docs/encoding.h"

static void
decode(struct buf *out, const uint8_t *data, size_t len, size_t step)
{
	static const char *const names[] = { NULL, "utf-8", "utf-16",
	    "utf-16be", "shift_jis", "gb18030", "koi8-r", "utf-32", "iso-2022-jp",
	    "utf-7" };
	struct docs_decode *d;
	struct docs_mem mem;
	struct docs_in from, in;
	struct err e;
	int64_t n;

	docs_in_mem(&from, &mem, (const char *)data + 1, len - 1, "fuzz");
	from.charset = names[data[0] % 10];
	d = docs_decode_new(&from, false, &in);
	if (data[0] & 0x80)
		docs_decode_html(d);
	do {
		n = docs_in_read(&in, buf_reserve(out, step), step, &e);
		must(n >= 0);
		out->len += (size_t)n;
	} while (n > 0);
	docs_decode_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf one = BUF_INIT, two = BUF_INIT;

	if (len == 0)
		return 0;
	decode(&one, data, len, 65536);
	decode(&two, data, len, 7);
	must_text(one.p, one.len);
	must(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	buf_release(&one);
	buf_release(&two);
	return 0;
}
