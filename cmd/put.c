#include "cmd/put.h"

#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/term.h"
#include "base/utf8.h"

static const char *const codes[] = { "0", "1", "2", "32", "36", "33", "35",
    "31" };

void
put_style(struct out *o, enum put_style s)
{
	if (o->colour)
		buf_addf(&o->b, "\033[%sm", codes[s]);
}

void
put_n(struct out *o, const char *s, size_t len)
{
	term_puts(&o->b, s, len, false);
}

void
put_str(struct out *o, const char *s)
{
	put_n(o, s, strlen(s));
}

void
put_styled(struct out *o, enum put_style s, const char *text)
{
	put_style(o, s);
	put_str(o, text);
	put_style(o, PLAIN);
}

int
put_columns(const struct out *o, size_t from)
{
	const char *p = o->b.p + from, *end = o->b.p + o->b.len;
	uint32_t c;
	size_t n;
	int w = 0;

	while (p < end) {
		if (*p == '\033') {
			while (p < end && *p != 'm')
				p++;
			p += p < end;
			continue;
		}
		c = utf8_decode(p, (size_t)(end - p), &n);
		w += utf8_width(c);
		p += n;
	}
	return w;
}

void
put_pad(struct out *o, size_t from, int width)
{
	int n = width - put_columns(o, from);

	buf_addf(&o->b, "%*s", n > 0 ? n : 0, "");
}

void
put_line(struct out *o, size_t from, const char *s, bool *bold)
{
	const char *end = s + strlen(s);
	int left = o->width > 0 ? o->width - 1 - put_columns(o, from) : 0;
	bool marked = bold != NULL && o->colour, blank = false;
	size_t n, was;

	if (marked && *bold)
		put_style(o, BOLD);
	for (; s < end; s += n) {
		n = 1;
		if (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r') {
			blank = true;
			continue;
		}
		if (marked && s[0] == '*' && s[1] == '*') {
			*bold = !*bold;
			if (blank && *bold) {
				buf_addc(&o->b, ' ');
				blank = false;
			}
			put_style(o, *bold ? BOLD : PLAIN);
			n = 2;
			continue;
		}
		utf8_decode(s, (size_t)(end - s), &n);
		was = o->b.len;
		if (blank)
			buf_addc(&o->b, ' ');
		put_n(o, s, n);
		blank = false;
		if (o->width == 0)
			continue;
		left -= put_columns(o, was);
		if (left < 0) {
			buf_cut(&o->b, was);
			buf_adds(&o->b, "\xe2\x80\xa6");
			break;
		}
	}
	if (marked && *bold)
		put_style(o, PLAIN);
}

void
put_full(struct out *o, const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, "\n");
		put_n(o, s, n);
		if (s[n] == '\0' || s[n + 1] == '\0')
			return;
		buf_adds(&o->b, "\n        ");
	}
}

/* The columns of a word of a snippet that put_line would show: it is put
 * there, and taken away again. */
static int
word_columns(struct out *o, const char *s, size_t len, bool marked)
{
	size_t at = o->b.len, i, n;
	int w;

	for (i = 0; i < len; i += n) {
		n = 1;
		if (marked && o->colour && i + 1 < len && s[i] == '*' &&
		    s[i + 1] == '*') {
			n = 2;
			continue;
		}
		utf8_decode(s + i, len - i, &n);
		put_n(o, s + i, n);
	}
	w = put_columns(o, at);
	buf_cut(&o->b, at);
	return w;
}

static void
put_indented(struct out *o, const struct put_para *p, bool here,
    const char *s, bool *bold)
{
	if (!here) {
		while (o->b.len > 0 && o->b.p[o->b.len - 1] == ' ')
			buf_cut(&o->b, o->b.len - 1);
		buf_addf(&o->b, "\n%*s", p->indent, "");
	}
	put_line(o, o->b.len - (size_t)p->indent, s, p->marked ? bold : NULL);
}

void
put_wrapped(struct out *o, const struct put_para *p, const char *s)
{
	struct buf line = BUF_INIT;
	bool bold = false;	/* a mark may reach over lines */
	bool here = p->here;
	int w, left = 0, lines = p->lines;
	size_t n;

	while (*(s += strspn(s, " \t\r\n")) != '\0') {
		n = strcspn(s, " \t\r\n");
		w = word_columns(o, s, n, p->marked);
		if (line.len > 0 && w + 1 > left) {
			if (--lines == 0) {
				buf_adds(&line, "\xe2\x80\xa6");
				break;
			}
			put_indented(o, p, here, line.p, &bold);
			here = false;
			buf_reset(&line);
		}
		if (line.len == 0)
			left = o->width - p->indent - 2;
		else
			buf_addc(&line, ' ');
		left -= w + (line.len > 0);
		buf_add(&line, s, n);
		s += n;
	}
	if (line.len > 0)
		put_indented(o, p, here, line.p, &bold);
	buf_release(&line);
}

void
put_short(struct out *o, const char *id)
{
	size_t n = strlen(id);

	put_style(o, DIM);
	put_n(o, id, n > PUT_SHORT ? utf8_cut(id, n, PUT_SHORT) : n);
	put_style(o, PLAIN);
}

const char *
put_member(const json_t *rec, const char *key)
{
	const char *s = get_str(rec, key, NULL);

	return s != NULL ? s : "";
}

void
put_time(struct out *o, const json_t *rec, const char *key)
{
	char when[32] = "";
	int64_t ms;

	if (get_time(rec, key, &ms) == 1)
		date_format_local(when, ms);
	buf_addf(&o->b, "%-16s  ", when);
}
