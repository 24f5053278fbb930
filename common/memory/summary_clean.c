/*
 * Marks of Markdown are for a screen that shows them; a bullet is read as it
 * stands.
 */
#include "memory/summary_work.h"

#include "base/buf.h"

#include <string.h>

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Bytes of emphasis at i, **, or of a quotation mark of code.  __ stays: names
 * have it. */
static size_t
emphasis(const char *p, size_t len, size_t i)
{
	if (p[i] == '`')
		return 1;
	if (p[i] == '*' && i + 1 < len && p[i + 1] == '*')
		return 2;
	return 0;
}

char *
summary_clean(const char *p, size_t len)
{
	struct buf b = BUF_INIT;
	bool gap = false;
	size_t i, n;

	for (i = 0; i < len; i++) {
		if (is_blank(p[i])) {
			gap = true;
			continue;
		}
		if ((n = emphasis(p, len, i)) > 0) {
			i += n - 1;
			continue;
		}
		if (gap && b.len > 0)
			buf_addc(&b, ' ');
		gap = false;
		buf_addc(&b, (unsigned char)p[i]);
	}
	return buf_steal(&b);
}
