/*
 * Contents as Markdown (CommonMark 0.31).
 */
#include "base/date.h"
#include "base/json.h"
#include "cmd/toc_page.h"

#include <string.h>

/* On one line; what would mean something is escaped, and an entity stands
 * for what begins HTML. */
static void
put(struct buf *b, const char *s, size_t len)
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
			if (strchr("\\`*_{}[]()#+-.!|>~", s[i]) != NULL)
				buf_addc(b, '\\');
			buf_addc(b, s[i]);
		}
	}
}

static void
put_key(struct buf *b, const json_t *rec, const char *key)
{
	const char *s = get_str(rec, key, NULL);

	if (s != NULL)
		put(b, s, strlen(s));
}

static void
head(struct buf *b, const char *user, const char *zone)
{
	(void)zone;
	buf_adds(b, "# Contents: ");
	put(b, user, strlen(user));
	buf_adds(b, "\n");
}

static void
begin(struct buf *b, const struct toc_node *n, const json_t *rec)
{
	static const char *const marks[TOC_NLEVELS] = { "######", "#####",
	    "####", "###", "##" };
	json_t *v;
	size_t i;

	buf_addf(b, "\n%s ", marks[n->level]);
	put(b, n->name, strlen(n->name));
	buf_adds(b, ": ");
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
	buf_addf(b, "\n> **%s %s** ", when, event_roles[ev->role]);
	put(b, ev->text, ev->text_len);
	buf_addc(b, '\n');
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
