#include "docs/front.h"

#include "base/buf.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *key;
	enum docs_meta what;
} keys[] = {
	{ "title", DOCS_TITLE }, { "author", DOCS_AUTHOR },
	{ "authors", DOCS_AUTHOR }, { "by", DOCS_AUTHOR },
	{ "date", DOCS_CREATED }, { "created", DOCS_CREATED },
	{ "published", DOCS_CREATED }, { "pubdate", DOCS_CREATED },
	{ "updated", DOCS_MODIFIED }, { "modified", DOCS_MODIFIED },
	{ "lastmod", DOCS_MODIFIED }, { "tags", DOCS_TAG },
	{ "tag", DOCS_TAG }, { "keywords", DOCS_TAG },
	{ "categories", DOCS_TAG }, { "lang", DOCS_LANGUAGE },
	{ "language", DOCS_LANGUAGE }
};

struct front {
	const struct docs_sink *sink;
	bool toml;
	int key;			/* of a list that goes on; -1: none */
	struct buf value;		/* authors, one after the other */
};

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static void
trim(const char **p, size_t *len)
{
	while (*len > 0 && is_blank(**p))
		++*p, --*len;
	while (*len > 0 && is_blank((*p)[*len - 1]))
		--*len;
}

/* One scalar: quotes off. */
static int
tell_scalar(struct front *f, const char *p, size_t len, struct err *e)
{
	enum docs_meta what = keys[f->key].what;

	trim(&p, &len);
	if (len >= 2 && (p[0] == '"' || p[0] == '\'') && p[len - 1] == p[0]) {
		p++;
		len -= 2;
	}
	if (len == 0 || strchr("{|>&*!", p[0]) != NULL)
		return 0;
	switch (what) {
	case DOCS_CREATED:
	case DOCS_MODIFIED:
		return docs_told_time(f->sink, what, p, len, e);
	case DOCS_AUTHOR:
		if (f->value.len > 0)
			buf_adds(&f->value, ", ");
		buf_add(&f->value, p, len);
		return 0;
	case DOCS_TAG:
		return docs_told_tags(f->sink, p, len, e);
	default:
		return docs_told(f->sink, what, p, len, e);
	}
}

/* The end of a value: a comma or bracket outside of quotes. */
static size_t
value_end(const char *p, size_t len)
{
	char quote = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (quote != 0)
			quote = p[i] == quote ? 0 : quote;
		else if (p[i] == ',' || p[i] == ']')
			break;
		else if (p[i] == '"' || (p[i] == '\'' && (i == 0 ||
		    is_blank(p[i - 1]))))
			quote = p[i];
	}
	return i;
}

/* [a, "b"]: *open if its end is on another line. */
static int
tell_list(struct front *f, const char *p, size_t len, bool *open,
    struct err *e)
{
	size_t n;

	*open = true;
	while (len > 0) {
		n = value_end(p, len);
		if (tell_scalar(f, p, n, e) < 0)
			return -1;
		if (n < len && p[n] == ']') {
			*open = false;
			break;
		}
		n += n < len;
		p += n;
		len -= n;
	}
	return 0;
}

static int
flush(struct front *f, struct err *e)
{
	int r = docs_told(f->sink, DOCS_AUTHOR, f->value.p, f->value.len, e);

	buf_reset(&f->value);
	f->key = -1;
	return r;
}

static int
find_key(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strlen(keys[i].key) == len &&
		    strncasecmp(keys[i].key, p, len) == 0)
			return (int)i;
	return -1;
}

/* A comment behind a value that has no quotes. */
static size_t
without_comment(const char *p, size_t len)
{
	size_t i;

	if (len > 0 && (*p == '"' || *p == '\''))
		return len;
	for (i = 1; i < len; i++)
		if (p[i] == '#' && is_blank(p[i - 1]))
			return i;
	return len;
}

static int
read_line(struct front *f, const char *p, size_t len, bool *in_list,
    struct err *e)
{
	const char *mark;
	size_t n;

	if (*in_list)
		return f->key < 0 ? 0 : tell_list(f, p, len, in_list, e);
	if (!f->toml && f->key >= 0) {		/* "- a", perhaps indented */
		const char *q = p;
		size_t left = len;

		trim(&q, &left);
		if (left > 1 && q[0] == '-' && is_blank(q[1]))
			return tell_scalar(f, q + 2,
			    without_comment(q + 2, left - 2), e);
	}
	if (flush(f, e) < 0)
		return -1;
	if (len == 0 || is_blank(*p) ||
	    (mark = memchr(p, f->toml ? '=' : ':', len)) == NULL)
		return 0;
	n = (size_t)(mark - p);
	while (n > 0 && is_blank(p[n - 1]))
		n--;
	if (n > 1 && p[0] == '"' && p[n - 1] == '"')
		p++, n -= 2, len -= 1;
	f->key = find_key(p, n);
	len -= (size_t)(mark + 1 - p);
	p = mark + 1;
	trim(&p, &len);
	if (f->key < 0)
		return 0;
	if (len > 0 && *p == '[')
		return tell_list(f, p + 1, len - 1, in_list, e);
	return tell_scalar(f, p, without_comment(p, len), e);
}

static size_t
line_len(const char *p, size_t len)
{
	const char *end = memchr(p, '\n', len);

	return end != NULL ? (size_t)(end - p) : len;
}

static bool
is_mark(const char *p, size_t len, const char *mark)
{
	while (len > 0 && is_blank(p[len - 1]))
		len--;
	return len == 3 && memcmp(p, mark, 3) == 0;
}

/* Bytes up to the line that ends it; 0: none does. */
static size_t
find_end(const char *p, size_t len, bool toml)
{
	size_t at = 0, n;

	for (; at < len; at += n + 1) {
		n = line_len(p + at, len - at);
		if (is_mark(p + at, n, toml ? "+++" : "---") ||
		    (!toml && is_mark(p + at, n, "...")))
			return at;
	}
	return 0;
}

int64_t
front_read(const char *p, size_t len, const struct docs_sink *sink,
    struct err *e)
{
	struct front f = { .sink = sink, .key = -1, .value = BUF_INIT };
	size_t n = line_len(p, len), at = n + 1, end, next;
	bool in_list = false;
	int r = 0;

	f.toml = is_mark(p, n, "+++");
	if ((!f.toml && !is_mark(p, n, "---")) || at >= len ||
	    p[at] == '\n' || (end = find_end(p + at, len - at, f.toml)) == 0)
		return 0;
	/* a thematic break, and another one below */
	next = line_len(p + at, len - at);
	if (p[at] != '#' && memchr(p + at, f.toml ? '=' : ':', next) == NULL)
		return 0;
	for (end += at; at < end && r == 0; at += n + 1) {
		n = line_len(p + at, end - at);
		if (f.toml && !in_list && n > 0 && p[at] == '[')
			break;		/* a table: the rest is not ours */
		r = read_line(&f, p + at, n, &in_list, e);
	}
	if (r == 0)
		r = flush(&f, e);
	buf_release(&f.value);
	n = end + line_len(p + end, len - end);
	return r < 0 ? -1 : (int64_t)(n + (n < len));
}
