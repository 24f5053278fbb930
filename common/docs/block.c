#include "docs/block.h"

#include "base/buf.h"
#include "base/date.h"

#include <stdbool.h>
#include <string.h>

int
docs_tell(const struct docs_sink *s, enum docs_kind kind, int64_t number,
    const char *text, size_t len, struct err *e)
{
	struct docs_block b = { kind, number, text, len };

	return s->block(s->arg, &b, e);
}

static bool
is_control(const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;

	return (c < ' ' && c != '\t' && c != '\n') || c == 0x7f ||
	    (c == 0xc2 && left > 1 && (unsigned char)p[1] < 0xa0);
}

int
docs_told(const struct docs_sink *s, enum docs_meta what, const char *text,
    size_t len, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int r = 0;

	for (i = 0; i < len && !is_control(text + i, len - i); i++)
		;
	if (len == 0 || i == len)
		return len == 0 ? 0 : s->meta(s->arg, what, text, len, e);
	for (i = 0; i < len; i++)
		if (!is_control(text + i, len - i))
			buf_addc(&b, text[i]);
		else if ((unsigned char)text[i] == 0xc2)
			i++;
	if (b.len > 0)
		r = s->meta(s->arg, what, b.p, b.len, e);
	buf_release(&b);
	return r;
}

int
docs_told_time(const struct docs_sink *s, enum docs_meta what, const char *text,
    size_t len, struct err *e)
{
	char room[64], out[DATE_LEN + 1];
	int64_t ms;
	size_t i, n = 0;

	if (len >= sizeof room)
		return 0;
	/* "2024-05-01 10:00:00 +0200": the blank before a zone is none */
	for (i = 0; i < len; i++)
		if (text[i] != ' ' || (n > 0 && n <= 10 && i + 1 < len &&
		    text[i + 1] != '+' && text[i + 1] != '-'))
			room[n++] = text[i];
	room[n] = '\0';
	if (!date_machine(room, &ms))
		return 0;
	date_format(out, ms);
	return docs_told(s, what, out, DATE_LEN, e);
}

int
docs_told_tags(const struct docs_sink *s, const char *p, size_t len,
    struct err *e)
{
	const char *end = p + len, *q;
	size_t n;

	for (; p < end; p = q + (q < end)) {
		for (q = p; q < end && *q != ',' && *q != ';'; q++)
			;
		for (n = (size_t)(q - p); n > 0 && (p[n - 1] == ' ' ||
		    p[n - 1] == '\n'); n--)
			;
		for (; n > 0 && (*p == ' ' || *p == '\n'); p++, n--)
			;
		if (docs_told(s, DOCS_TAG, p, n, e) < 0)
			return -1;
	}
	return 0;
}
