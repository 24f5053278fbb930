/*
 * XML in pieces: what is opened is closed, texts are UTF-8 without control
 * characters, and it ends.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "docs/markup.h"

#include <string.h>

static void
check_text(const struct markup *m)
{
	const char *p;
	size_t i, len;

	p = markup_text(m, &len);
	must(len > 0 && utf8_check(p, len) == len);
	for (i = 0; i < len; i++)
		must((unsigned char)p[i] >= ' ' || p[i] == '\t' ||
		    p[i] == '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct docs_limits limits = DOCS_LIMITS;
	struct markup *m = NULL;
	struct err e = { 0 };
	struct docs_mem mem;
	struct docs_in in;
	const char *s;
	int open = 0, r;

	limits.depth = 40;
	docs_in_mem(&in, &mem, (const char *)data, len, "fuzz");
	if (markup_open(&m, &in, &limits, &e) < 0)
		return 0;
	while ((r = markup_next(m, &e)) > MARKUP_END) {
		if (r == MARKUP_TEXT)
			check_text(m);
		else
			must(markup_name(m)[0] != '\0');
		if (r == MARKUP_OPEN) {
			must(markup_depth(m) == open && ++open <= 40);
			if ((s = markup_attr(m, "id")) != NULL)
				must(utf8_check(s, strlen(s)) == strlen(s));
		} else if (r == MARKUP_CLOSE)
			must(markup_depth(m) == --open && open >= 0);
	}
	must(r == -1 ? e.code == ERR_INPUT : open == 0);
	markup_close(m);
	return 0;
}
