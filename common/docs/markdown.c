/*
 * A line first passes through the containers that are open (quotes, items),
 * then opens new ones, and what is left of it belongs to the leaf: a paragraph,
 * code, a table, HTML.
 */
#include "docs/markdown.h"

#include "base/buf.h"
#include "docs/front.h"
#include "docs/lines.h"
#include "docs/md_inline.h"
#include "docs/md_line.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NEST_MAX 32		/* containers; deeper ones are text */
#define QUOTE 0			/* else the columns in front of an item */

enum leaf { NONE, PARAGRAPH, FENCE, INDENTED, TABLE, HTML };

struct md {
	const struct docs_sink *sink;
	size_t most;
	size_t in[NEST_MAX];
	size_t ins, items;		/* items among them */
	bool fresh;			/* the item has no text yet */
	char mark[16];			/* of an ordered one */
	enum leaf leaf;
	struct buf text;		/* of the leaf */
	struct buf out;			/* what is told */
	struct buf line;		/* one whose tabs are blanks */
	struct buf cell;
	char fence;
	size_t fence_len, fence_in;
	const char *html_end;		/* NULL: a blank line */
	bool html_drop;
};

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

/* ---- what is told ---- */

static void
trim(struct buf *b)
{
	size_t n = 0;

	while (b->len > 0 && (is_blank(b->p[b->len - 1]) ||
	    b->p[b->len - 1] == '\n'))
		buf_cut(b, b->len - 1);
	while (n < b->len && (is_blank(b->p[n]) || b->p[n] == '\n'))
		n++;
	if (n > 0) {
		memmove(b->p, b->p + n, b->len - n);
		buf_cut(b, b->len - n);
	}
}

/* A paragraph from out, or the text of an item if it is its first. */
static int
tell_out(struct md *m, struct err *e)
{
	enum docs_kind kind = m->fresh ? DOCS_ITEM : DOCS_PARAGRAPH;

	if (m->out.len == 0)
		return 0;
	m->fresh = false;
	return docs_tell(m->sink, kind, kind == DOCS_ITEM ?
	    (int64_t)m->items : 0, m->out.p, m->out.len, e);
}

static int
tell_paragraph(struct md *m, const char *p, size_t len, struct err *e)
{
	buf_reset(&m->out);
	if (m->fresh)
		buf_adds(&m->out, m->mark);
	md_inline(&m->out, p, len, true);
	trim(&m->out);
	return tell_out(m, e);
}

static int
tell_heading(struct md *m, int level, const char *p, size_t len, struct err *e)
{
	const char *id;

	if (m->ins > 0)
		return tell_paragraph(m, p, len, e);
	buf_reset(&m->out);
	md_inline(&m->out, p, len, false);
	trim(&m->out);
	/* {#name .class}, which several dialects have */
	if (m->out.len > 0 && m->out.p[m->out.len - 1] == '}' &&
	    (id = strrchr(m->out.p, '{')) != NULL &&
	    strchr("#.:", id[1]) != NULL) {
		buf_cut(&m->out, (size_t)(id - m->out.p));
		trim(&m->out);
	}
	return m->out.len == 0 ? 0 : docs_tell(m->sink, DOCS_HEADING, level,
	    m->out.p, m->out.len, e);
}

static int
tell_code(struct md *m, struct err *e)
{
	struct buf *b = &m->text;

	while (b->len > 0 && b->p[b->len - 1] == '\n')
		buf_cut(b, b->len - 1);
	m->fresh = false;
	return b->len == 0 ? 0 : docs_tell(m->sink, DOCS_CODE, 0, b->p,
	    b->len, e);
}

/* Cells between bars; one behind a backslash is none. */
static int
tell_row(struct md *m, const char *p, const char *end, int64_t first,
    struct err *e)
{
	const char *q;
	size_t at;

	buf_reset(&m->out);
	while (end > p && is_blank(end[-1]))
		end--;
	p += md_indent(p, end);
	if (p < end && *p == '|')
		p++;
	if (end > p && end[-1] == '|' && (end - p < 2 || end[-2] != '\\'))
		end--;
	for (;; p = q + 1) {
		buf_reset(&m->cell);
		for (q = p; q < end && *q != '|'; q++) {
			if (*q == '\\' && q + 1 < end && q[1] == '|')
				q++;
			buf_addc(&m->cell, *q);
		}
		trim(&m->cell);
		at = m->out.len;
		md_inline(&m->out, m->cell.p, m->cell.len, true);
		for (; at < m->out.len; at++)
			if (m->out.p[at] == '\t' || m->out.p[at] == '\n')
				m->out.p[at] = ' ';
		if (q >= end)
			break;
		buf_addc(&m->out, '\t');
	}
	m->fresh = false;
	return docs_tell(m->sink, DOCS_ROW, first, m->out.p, m->out.len, e);
}

static int
tell_html(struct md *m, struct err *e)
{
	const char *p = m->text.p;
	int level = m->text.len > 4 && p[0] == '<' && (p[1] | 0x20) == 'h' &&
	    p[2] >= '1' && p[2] <= '6' ? p[2] - '0' : 0;

	buf_reset(&m->out);
	md_html(&m->out, p, m->text.len);
	trim(&m->out);
	if (level == 0 || m->out.len == 0 || m->ins > 0 ||
	    strchr(m->out.p, '\n') != NULL)
		return tell_out(m, e);
	return docs_tell(m->sink, DOCS_HEADING, level, m->out.p, m->out.len,
	    e);
}

static int
close_leaf(struct md *m, struct err *e)
{
	enum leaf was = m->leaf;
	int r = 0;

	m->leaf = NONE;
	if (was == PARAGRAPH)
		r = tell_paragraph(m, m->text.p, m->text.len, e);
	else if (was == FENCE || was == INDENTED)
		r = tell_code(m, e);
	else if (was == HTML)
		r = tell_html(m, e);
	if (was != NONE)
		buf_reset(&m->text);
	return r;
}

static int
begin(struct md *m, enum leaf leaf, struct err *e)
{
	int r = close_leaf(m, e);

	m->leaf = leaf;
	return r;
}

/* A line of the leaf; a leaf that grows too long is told in pieces. */
static int
add_line(struct md *m, const char *p, const char *end, struct err *e)
{
	enum leaf leaf = m->leaf;

	if (m->text.len + (size_t)(end - p) > m->most && m->text.len > 0) {
		if (close_leaf(m, e) < 0)
			return -1;
		m->leaf = leaf;
	}
	buf_add(&m->text, p, (size_t)(end - p));
	buf_addc(&m->text, '\n');
	return 0;
}

static void
pop_to(struct md *m, size_t n)
{
	while (m->ins > n)
		m->items -= m->in[--m->ins] != QUOTE;
	m->fresh = m->fresh && m->items > 0;
}

/* ---- a line ---- */

/* Containers that go on: how many; *p behind what is theirs. */
static size_t
match(struct md *m, const char **p, const char *end)
{
	size_t i, n;

	for (i = 0; i < m->ins; i++) {
		n = md_indent(*p, end);
		if (m->in[i] == QUOTE) {
			if (n > 3 || *p + n >= end || (*p)[n] != '>')
				break;
			*p += n + 1;
			*p += *p < end && **p == ' ';
		} else if (n >= m->in[i])
			*p += m->in[i];
		else if (*p + n == end)
			*p = end;		/* a blank line */
		else
			break;
	}
	return i;
}

/* Open what begins here; 1 something was, 0. */
static int
open_container(struct md *m, const char **p, const char *end, size_t matched,
    struct err *e)
{
	size_t in = md_indent(*p, end), n, after;
	const char *q = *p + in;
	char mark[16];

	if (in > 3 || q == end || m->ins == NEST_MAX)
		return 0;
	if (*q == '>') {
		if (close_leaf(m, e) < 0)
			return -1;
		pop_to(m, matched);
		m->in[m->ins++] = QUOTE;
		*p = q + 1 + (q + 1 < end && q[1] == ' ');
		return 1;
	}
	/* a paragraph that is interrupted must be of this container */
	n = md_is_break(q, end) ? 0 : md_marker(q, end, m->leaf == PARAGRAPH &&
	    matched == m->ins, mark);
	if (n == 0)
		return 0;
	if (close_leaf(m, e) < 0)
		return -1;
	pop_to(m, matched);
	after = md_indent(q + n, end);
	if (after > 4 || q + n + after == end)
		after = 1;
	m->in[m->ins++] = in + n + after;
	m->items++;
	m->fresh = true;
	memcpy(m->mark, mark, sizeof mark);
	*p = (size_t)(end - q) < n + after ? end : q + n + after;
	return 1;
}

static int
begin_table(struct md *m, struct err *e)
{
	size_t at = m->text.len - 1, len = at;
	int r = 0;

	while (at > 0 && m->text.p[at - 1] != '\n')
		at--;
	if (at > 0)
		r = tell_paragraph(m, m->text.p, at, e);
	if (r == 0)
		r = tell_row(m, m->text.p + at, m->text.p + len, 1, e);
	buf_reset(&m->text);
	m->leaf = TABLE;
	return r;
}

static bool
heads_table(const struct md *m, const char *p, const char *end)
{
	const char *last = m->text.p + m->text.len - 1, *from = last;

	if (!md_is_delimiter(p, end))
		return false;
	while (from > m->text.p && from[-1] != '\n')
		from--;
	return memchr(from, '|', (size_t)(last - from)) != NULL &&
	    md_cells(from, last) == md_cells(p, end);
}

static int
heading(struct md *m, const char *p, const char *end, int level,
    struct err *e)
{
	if (close_leaf(m, e) < 0)
		return -1;
	p += level;
	while (end > p && is_blank(end[-1]))
		end--;
	if (end > p && end[-1] == '#') {
		const char *q = end;

		while (q > p && q[-1] == '#')
			q--;
		if (q == p || is_blank(q[-1]))
			end = q;
	}
	return tell_heading(m, level, p, (size_t)(end - p), e);
}

static int
html_line(struct md *m, const char *p, const char *end, struct err *e)
{
	if (!m->html_drop && add_line(m, p, end, e) < 0)
		return -1;
	return m->html_end != NULL && md_has(p, end, m->html_end) ?
	    close_leaf(m, e) : 0;
}

/* A line of code in a fence. */
static int
fence_line(struct md *m, const char *p, const char *end, struct err *e)
{
	size_t n = md_indent(p, end), len;
	const char *q = p + n;

	for (len = 0; q + len < end && q[len] == m->fence; len++)
		;
	if (n < 4 && len >= m->fence_len && md_all_blank(q + len, end))
		return close_leaf(m, e);
	p += n < m->fence_in ? n : m->fence_in;
	return add_line(m, p, end, e);
}

/* What is left of a line, in its container. */
static int
leaf_line(struct md *m, const char *p, const char *end, size_t matched,
    struct err *e)
{
	size_t in = md_indent(p, end), n;
	bool whole = matched == m->ins;
	const char *q = p + in;
	int level;

	if (in > 3 && m->leaf != PARAGRAPH) {
		if (m->leaf == TABLE && whole)
			return tell_row(m, p, end, 0, e);
		pop_to(m, matched);
		if (m->leaf != INDENTED && begin(m, INDENTED, e) < 0)
			return -1;
		return add_line(m, p + 4, end, e);
	}
	if (m->leaf == INDENTED && close_leaf(m, e) < 0)
		return -1;
	if (in <= 3 && (level = md_hashes(q, end)) > 0) {
		if (close_leaf(m, e) < 0)
			return -1;
		pop_to(m, matched);
		return heading(m, q, end, level, e);
	}
	if (in <= 3 && (n = md_fence(q, end)) > 0) {
		if (begin(m, FENCE, e) < 0)
			return -1;
		pop_to(m, matched);
		m->fence = *q;
		m->fence_len = n;
		m->fence_in = in;
		return 0;
	}
	if (in <= 3 && m->leaf == PARAGRAPH && whole) {
		if ((level = md_underline(q, end)) > 0) {
			m->leaf = NONE;
			n = m->text.len;
			m->text.len = 0;
			return tell_heading(m, level, m->text.p, n, e);
		}
		if (heads_table(m, q, end))
			return begin_table(m, e);
	}
	if (in <= 3 && md_is_break(q, end)) {
		if (close_leaf(m, e) < 0)
			return -1;
		pop_to(m, matched);
		return 0;
	}
	if (in <= 3 && md_html_begins(q, end, m->leaf == PARAGRAPH,
	    &m->html_end, &m->html_drop)) {
		if (begin(m, HTML, e) < 0)
			return -1;
		pop_to(m, matched);
		return html_line(m, q, end, e);
	}
	if (m->leaf == TABLE && whole)
		return tell_row(m, p, end, 0, e);
	if (m->leaf != PARAGRAPH) {
		if (begin(m, PARAGRAPH, e) < 0)
			return -1;
		pop_to(m, matched);
	}
	return add_line(m, q, end, e);
}

static int
blank_line(struct md *m, size_t matched, struct err *e)
{
	if (m->leaf == INDENTED)
		return add_line(m, buf_empty, buf_empty, e);
	if (m->leaf != NONE && close_leaf(m, e) < 0)
		return -1;
	pop_to(m, matched);
	return 0;
}

/* Tabs in front of the text, and behind markers, as blanks. */
static void
expand(struct md *m, const char **p, size_t *len)
{
	const char *s = *p, *end = s + *len;
	const char *q;

	for (q = s; q < end && strchr(" >-+*0123456789.)", *q) != NULL; q++)
		;
	if (q == end || *q != '\t')
		return;
	buf_reset(&m->line);
	for (q = s; q < end && (*q == '\t' ||
	    strchr(" >-+*0123456789.)", *q) != NULL); q++)
		do
			buf_addc(&m->line, *q == '\t' ? ' ' : *q);
		while (*q == '\t' && m->line.len % 4 != 0);
	buf_add(&m->line, q, (size_t)(end - q));
	*p = m->line.p;
	*len = m->line.len;
}

static int
read_line(struct md *m, const char *p, size_t len, struct err *e)
{
	const char *end;
	size_t matched;
	int r;

	if (len > 0 && *p < 'A' && (m->leaf != FENCE || m->ins > 0))
		expand(m, &p, &len);
	end = p + len;
	matched = match(m, &p, end);
	if (matched == m->ins && m->leaf == FENCE)
		return fence_line(m, p, end, e);
	if (matched == m->ins && m->leaf == HTML &&
	    (m->html_end != NULL || !md_all_blank(p, end)))
		return html_line(m, p, end, e);
	if ((m->leaf == FENCE || m->leaf == HTML) && matched < m->ins &&
	    close_leaf(m, e) < 0)
		return -1;
	if (md_all_blank(p, end))
		return blank_line(m, matched, e);
	while ((r = open_container(m, &p, end, matched, e)) > 0)
		matched = m->ins;
	if (r < 0)
		return -1;
	/* an item that has nothing but its marker */
	return md_all_blank(p, end) ? 0 : leaf_line(m, p, end, matched, e);
}

static int
read_all(struct md *m, struct docs_lines *l, struct err *e)
{
	const char *p;
	size_t len;
	int64_t n;
	int r;

	if (docs_lines_peek(l, &p, &len, e) < 0 ||
	    (n = front_read(p, len, m->sink, e)) < 0)
		return -1;
	docs_lines_skip(l, (size_t)n);
	while ((r = docs_lines_next(l, &p, &len, e)) > 0)
		if (read_line(m, p, len, e) < 0)
			return -1;
	return r < 0 ? -1 : close_leaf(m, e);
}

int
docs_read_markdown(struct docs_in *in, const struct docs_sink *sink,
    const struct docs_limits *limits, struct err *e)
{
	struct md m = { .sink = sink, .text = BUF_INIT, .out = BUF_INIT,
	    .line = BUF_INIT, .cell = BUF_INIT };
	struct docs_lines l;
	int r;

	docs_lines_init(&l, in, limits, false);
	m.most = l.most;
	r = read_all(&m, &l, e);
	docs_lines_release(&l);
	buf_release(&m.text);
	buf_release(&m.out);
	buf_release(&m.line);
	buf_release(&m.cell);
	return r;
}
