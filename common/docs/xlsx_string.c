#include "docs/xlsx_string.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
xlsx_strings_init(struct xlsx_strings *s, const struct docs_limits *limits)
{
	*s = (struct xlsx_strings){ .limits = limits, .now = BUF_INIT };
	spool_init(&s->text, (size_t)limits->part);
}

void
xlsx_strings_release(struct xlsx_strings *s)
{
	spool_release(&s->text);
	buf_release(&s->now);
	free(s->end);
	s->end = NULL;
	s->n = s->cap = 0;
}

/* 22.9.2.19 (ST_Xstring): _xHHHH_ is a character.  In place. */
static void
unescape(struct buf *b, size_t from)
{
	size_t i, to = from, n;
	char *end, hex[5], utf8[4];
	unsigned long c;

	for (i = from; i < b->len; i++) {
		if (b->p[i] != '_' || b->len - i < 7 || b->p[i + 1] != 'x' ||
		    b->p[i + 6] != '_') {
			b->p[to++] = b->p[i];
			continue;
		}
		memcpy(hex, b->p + i + 2, 4);
		hex[4] = '\0';
		c = strtoul(hex, &end, 16);
		if (end != hex + 4 || strspn(hex, "0123456789abcdefABCDEF") !=
		    4) {
			b->p[to++] = b->p[i];
			continue;
		}
		if (c < ' ')
			c = ' ';
		/* half of a character is none, and controls are not text */
		n = c >= 0x7f && c < 0xa0 ? 0 : utf8_put(utf8, (uint32_t)c);
		memcpy(b->p + to, utf8, n);
		to += n;
		i += 6;
	}
	buf_cut(b, to);
}

int
xlsx_string_read(struct markup *m, struct buf *b, size_t most, struct err *e)
{
	int depth = markup_depth(m), what;
	size_t from = b->len, n, room;
	bool in_text = false;
	const char *p;

	while ((what = markup_next(m, e)) > MARKUP_END &&
	    (what != MARKUP_CLOSE || markup_depth(m) > depth))
		if (what == MARKUP_OPEN && (markup_is(m, "rPh") ||
		    markup_is(m, "rPr"))) {
			if (markup_skip(m, e) < 0)
				return -1;
		} else if (what == MARKUP_TEXT && in_text) {
			p = markup_text(m, &n);
			room = most - (b->len - from);
			buf_add(b, p, n <= room ? n : utf8_cut(p, n, room));
		} else if (what != MARKUP_TEXT)
			in_text = what == MARKUP_OPEN && markup_is(m, "t");
	if (what < 0)
		return -1;
	unescape(b, from);
	return 0;
}

static int
take(void *arg, struct markup *m, struct err *e)
{
	struct xlsx_strings *s = arg;
	int64_t most = s->limits->part / (int64_t)sizeof *s->end;

	if (!markup_is(m, "si"))
		return 0;
	if ((int64_t)s->n >= most)
		return err_set(e, ERR_INPUT, "has more than %" PRId64
		    " shared strings (docs.maxPart)", most);
	buf_reset(&s->now);
	if (xlsx_string_read(m, &s->now, (size_t)s->limits->line, e) < 0 ||
	    spool_add(&s->text, s->now.p, s->now.len, e) < 0)
		return -1;
	s->end = xgrow(s->end, s->n, &s->cap, sizeof *s->end);
	s->end[s->n++] = spool_len(&s->text);
	return 0;
}

int
xlsx_strings_load(struct xlsx_strings *s, struct ooxml *o, struct err *e)
{
	return ooxml_each(o, "sharedStrings", take, s, e) < 0 ? -1 : 0;
}

int
xlsx_strings_get(struct xlsx_strings *s, int64_t i, const char **p,
    size_t *len, struct err *e)
{
	int64_t at, n;

	if (i < 0 || (uint64_t)i >= s->n)
		return 0;
	at = i > 0 ? s->end[i - 1] : 0;
	n = s->end[i] - at;
	if (s->text.fd < 0) {
		*p = s->text.end.p + at;
	} else {
		buf_reset(&s->now);
		if (spool_read(&s->text, at, buf_reserve(&s->now, (size_t)n),
		    (size_t)n, e) != n)
			return -1;
		*p = s->now.p;
	}
	*len = (size_t)n;
	return 1;
}
