/*
 * What texts of foreign formats go through: mending makes UTF-8 of
 * anything, what was mended needs no more, and nothing is taken off that is
 * not there.
 */
#include "fuzz.h"

#include "base/json.h"
#include "base/utf8.h"
#include "from/format.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf a = BUF_INIT, b = BUF_INIT, text = BUF_INIT;
	const char *p = (const char *)data;
	static bool ready;
	struct err e;
	json_t *v;

	if (!ready)
		json_setup();
	ready = true;
	from_mend(&a, p, len);
	must(utf8_check(a.p, a.len) == a.len);
	must(from_mend(&b, a.p, a.len) == 0);
	must(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	/* what needs no mending is left alone */
	if ((v = json_read(p, len, &e)) != NULL) {
		must(a.len == len || memchr(p, '\0', len) != NULL);
		from_flatten(&text, v);
		must(utf8_check(text.p, text.len) == text.len);
		json_decref(v);
	}
	buf_reset(&b);
	buf_add(&b, p, len);
	must(from_preamble(b.p, b.len) <= b.len);
	buf_reset(&text);
	if (from_unescape(&text, a.p, a.len)) {
		must(text.len < a.len);
		must(memchr(text.p, '\033', text.len) == NULL);
		must(utf8_check(text.p, text.len) == text.len);
	} else
		must(text.len == 0);
	buf_reset(&text);
	from_peek(p, len, "uuid", &text);
	must(text.len <= len);
	buf_release(&a);
	buf_release(&b);
	buf_release(&text);
	return 0;
}
