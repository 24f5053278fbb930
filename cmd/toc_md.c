/*
 * Contents as Markdown (CommonMark 0.31).
 */
#include "base/date.h"
#include "base/json.h"
#include "cmd/toc_page.h"

#include <stdbool.h>
#include <string.h>

/* How many bytes at the begin of a line would begin a heading, a list, a
 * quote or a rule there; the last of them is escaped. */
static size_t
block_mark(const char *s, size_t len)
{
	size_t n = 0;

	if (len > 0 && s[0] != '\0' && strchr("#+-=>", s[0]) != NULL)
		return 1;
	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n > 0 && n < len && (s[n] == '.' || s[n] == ')') ? n + 1 : 0;
}

/* Only what would mean something is escaped, and an entity stands for what
 * begins HTML. */
static void
put_bytes(struct buf *b, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '<')
			buf_adds(b, "&lt;");
		else if (s[i] == '&')
			buf_adds(b, "&amp;");
		else if (s[i] == '\n' || s[i] == '\r' || s[i] == '\t')
			buf_addc(b, ' ');
		else if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			continue;
		else {
			if (strchr("\\`*_[]~|", s[i]) != NULL ||
			    (s[i] == '(' && i > 0 && s[i - 1] == ']'))
				buf_addc(b, '\\');
			buf_addc(b, s[i]);
		}
	}
}

/* On one line, which begins here; blanks before it would make it code. */
static void
put(struct buf *b, const char *s, size_t len)
{
	size_t n;

	for (; len > 0 && (*s == ' ' || *s == '\t'); s++, len--)
		buf_adds(b, *s == ' ' ? "&nbsp;" : "&nbsp;&nbsp;&nbsp;&nbsp;");
	if ((n = block_mark(s, len)) > 0) {
		buf_add(b, s, n - 1);
		buf_addc(b, '\\');
		buf_addc(b, s[n - 1]);
	}
	put_bytes(b, s + n, len - n);
}

static void
put_key(struct buf *b, const json_t *rec, const char *key)
{
	const char *s = get_str(rec, key, NULL);

	if (s != NULL)
		put(b, s, strlen(s));
}

/* Line by line: a backslash keeps one apart from the next of a paragraph. */
static void
put_quote(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len, *next;
	bool open = false;
	size_t n;

	for (; s < end; s = next + 1) {
		if ((next = memchr(s, '\n', (size_t)(end - s))) == NULL)
			next = end;
		for (n = (size_t)(next - s); n > 0 && strchr(" \t\r",
		    s[n - 1]) != NULL; n--)
			;
		if (open)
			buf_adds(b, n > 0 ? "\\\n" : "\n");
		buf_adds(b, n > 0 ? "> " : ">\n");
		put(b, s, n);
		open = n > 0;
	}
	if (open)
		buf_addc(b, '\n');
}

static void
head(struct buf *b, const char *user, const char *zone)
{
	(void)zone;
	buf_adds(b, "# Contents: ");
	put(b, user, strlen(user));
	buf_adds(b, "\n");
}

/* Its id without the level; of a segment the hours. */
static void
put_period(struct buf *b, const struct toc_node *n)
{
	char from[32], to[32];

	if (n->level == TOC_SEGMENT) {
		date_format_local(from, n->start_ms);
		date_format_local(to, n->end_ms - 1);
		buf_addf(b, "%s to %s: ", from + 11, to + 11);
	} else {
		buf_addf(b, "%s: ", strchr(n->name, ':') + 1);
	}
}

static void
begin(struct buf *b, const struct toc_node *n, const json_t *rec)
{
	static const char *const marks[TOC_NLEVELS] = { "######", "#####",
	    "####", "###", "##" };
	json_t *v;
	size_t i;

	buf_addf(b, "\n%s ", marks[n->level]);
	put_period(b, n);
	put_key(b, rec, "title");
	buf_adds(b, "\n\n");
	json_array_foreach(json_object_get(rec, "bullets"), i, v) {
		buf_adds(b, "- ");
		put_key(b, v, "text");
		buf_addc(b, '\n');
	}
}

static void
event(struct buf *b, const struct event *ev)
{
	char when[32];

	date_format_local(when, ev->ts_ms);
	buf_addf(b, "\n> **%s %s**\n>\n", when, event_roles[ev->role]);
	put_quote(b, ev->text, ev->text_len);
}

static void
end(struct buf *b, const struct toc_node *n)
{
	(void)b;
	(void)n;
}

static void
foot(struct buf *b)
{
	(void)b;
}

const struct page page_md = { head, begin, event, end, foot };
