/*
 * Marks of Markdown are for a screen that shows them; a bullet is read as it
 * stands.  One that was cut out of a longer sentence says so.
 */
#include "toc/summary_work.h"

#include "base/buf.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

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

/* Bytes of an item's mark that the text begins with. */
static size_t
item_mark(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && is_blank(p[i]))
		i++;
	return len - i >= 2 && strchr("-*+>", p[i]) != NULL &&
	    is_blank(p[i + 1]) ? i + 2 : i;
}

static void
end_cut(struct buf *b)
{
	if (b->len > 1 && (b->p[b->len - 1] == ',' ||
	    b->p[b->len - 1] == ';')) {
		buf_cut(b, b->len - 1);
		buf_adds(b, ELLIPSIS);
	}
}

char *
summary_clean(const char *p, size_t len)
{
	struct buf b = BUF_INIT;
	bool gap = false;
	size_t i, n;

	for (i = item_mark(p, len); i < len; i++) {
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
	end_cut(&b);
	return buf_steal(&b);
}
