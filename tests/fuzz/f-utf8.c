/*
 * UTF-8 of anybody: what is found good must decode to characters that
 * encode to the same bytes, and what is cut must stay good.
 */
#include "fuzz.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *p = (const char *)data;
	size_t good = utf8_check(p, len), at, n, cut;
	char back[4];
	uint32_t c;

	must(good <= len);
	for (at = 0; at < len; at += n) {
		c = utf8_decode(p + at, len - at, &n);
		must(n >= 1 && n <= len - at);
		must(utf8_width(c) >= 0 && utf8_width(c) <= 2);
		(void)utf8_unsafe(c);
		if (at < good)
			must(utf8_put(back, c) == n &&
			    memcmp(back, p + at, n) == 0);
		else if (at == good)
			must(c == 0xFFFD && n == 1);
	}
	for (at = 0; at <= good && at < 64; at++) {
		cut = utf8_cut(p, good, at);
		must(cut <= at && at - cut < 4);
		must(utf8_check(p, cut) == cut);
	}
	for (at = 0; at <= len && at < 64; at++)
		must(utf8_cut(p, len, at) <= at);
	return 0;
}
