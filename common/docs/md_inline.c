/*
 * One pass.  Marks of emphasis, and brackets that may become links, are written
 * out and remembered; when their other half comes, their bytes are noted to be
 * taken out at the end.  No search for an end is made twice in vain, so that a
 * hostile paragraph costs no more than a long one.
 */
#include "docs/md_inline.h"

#include "base/str.h"
#include "base/utf8.h"
#include "docs/markup.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OPEN_MAX 64		/* marks that wait; the oldest is forgotten */
#define TICKS_MAX 32
#define URL_MAX 2048
#define TAG_MAX 4096

struct mark {
	size_t at;		/* in out */
	size_t n;		/* marks that are left, from its front */
	char c;
};

struct hole {
	size_t at, n;
};

struct in_line {
	struct buf *out;
	const char *p, *end, *start;
	bool urls;
	struct mark open[OPEN_MAX];
	size_t opens;
	size_t bracket[OPEN_MAX];	/* where a [ is in out */
	bool image[OPEN_MAX];
	size_t brackets;
	size_t pic, pic_end;		/* where the last image is in out */
	struct buf holes;		/* of struct hole */
	bool no_ticks[TICKS_MAX];	/* none so long comes any more */
	bool no_comment;
};

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool
is_punct(int c)
{
	return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') ||
	    (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static bool
is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
cut_out(struct in_line *l, size_t at, size_t n)
{
	struct hole h = { at, n };

	buf_add(&l->holes, &h, sizeof h);
}

static size_t
run(const struct in_line *l)
{
	const char *p = l->p;

	while (p < l->end && *p == *l->p)
		p++;
	return (size_t)(p - l->p);
}

static void
escape(struct in_line *l)
{
	l->p++;
	if (l->p < l->end && *l->p == '\n') {
		buf_addc(l->out, '\n');
		l->p++;
	} else if (l->p < l->end && is_punct(*l->p))
		buf_addc(l->out, *l->p++);
	else
		buf_addc(l->out, '\\');
}

/* One blank on both sides is taken off, lines become blanks. */
static void
add_code(struct buf *out, const char *p, const char *end)
{
	if (end - p > 2 && is_blank(p[0]) && is_blank(end[-1])) {
		p++;
		end--;
	}
	for (; p < end; p++)
		buf_addc(out, *p == '\n' ? ' ' : *p);
}

static void
ticks(struct in_line *l)
{
	const char *q = l->p + run(l), *from = q;
	size_t n = (size_t)(q - l->p), m;

	while (n < TICKS_MAX && !l->no_ticks[n] &&
	    (q = memchr(q, '`', (size_t)(l->end - q))) != NULL) {
		for (m = 0; q < l->end && *q == '`'; q++)
			m++;
		if (m == n) {
			add_code(l->out, from, q - n);
			l->p = q;
			return;
		}
	}
	if (n < TICKS_MAX)
		l->no_ticks[n] = true;
	buf_add(l->out, l->p, n);
	l->p = from;
}

/* Take marks that wait, from the newest one of the same kind; what waits above
 * it waits no longer.  How many of n were used. */
static size_t
close_marks(struct in_line *l, char c, size_t n)
{
	size_t i = l->opens, used = 0, take;
	struct mark *m;

	while (i > 0 && used < n) {
		m = &l->open[--i];
		if (m->c != c || (c == '~' && m->n != n))
			continue;
		take = m->n < n - used ? m->n : n - used;
		cut_out(l, m->at + m->n - take, take);
		m->n -= take;
		used += take;
		l->opens = m->n > 0 ? i + 1 : i;
	}
	return used;
}

static void
emphasis(struct in_line *l)
{
	char before = l->p > l->start ? l->p[-1] : ' ', c = *l->p, after;
	size_t n = run(l), used = 0;
	bool left, right;

	after = l->p + n < l->end ? l->p[n] : ' ';
	left = !is_blank(after) && (!is_punct(after) || is_blank(before) ||
	    is_punct(before));
	right = !is_blank(before) && (!is_punct(before) || is_blank(after) ||
	    is_punct(after));
	if (c == '~' && n > 2)
		left = right = false;
	if (right && !(c == '_' && left && !is_punct(after)))
		used = close_marks(l, c, n);
	if (used < n && left && !(c == '_' && right && !is_punct(before))) {
		if (l->opens == OPEN_MAX)
			memmove(l->open, l->open + 1, --l->opens *
			    sizeof l->open[0]);
		l->open[l->opens++] = (struct mark){ l->out->len, n - used,
		    c };
	}
	buf_add(l->out, l->p, n - used);
	l->p += n;
}

static void
open_bracket(struct in_line *l, bool image)
{
	if (l->brackets == OPEN_MAX) {
		l->brackets--;
		memmove(l->bracket, l->bracket + 1, l->brackets *
		    sizeof l->bracket[0]);
		memmove(l->image, l->image + 1, l->brackets *
		    sizeof l->image[0]);
	}
	l->bracket[l->brackets] = l->out->len;
	l->image[l->brackets++] = image;
	buf_add(l->out, l->p, image ? 2 : 1);
	l->p += image ? 2 : 1;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* What stands behind "](": the end of the URL, NULL it is none. */
static const char *
url_end(const char *p, const char *end)
{
	bool angle = p < end && *p == '<';
	int depth = 0;
	const char *q;

	if (end - p > URL_MAX)
		end = p + URL_MAX;
	for (q = p + angle; q < end; q++) {
		if (*q == '\\' && q + 1 < end && is_punct(q[1])) {
			q++;
			continue;
		}
		if (angle && *q == '>')
			return q + 1;
		if (*q == '\n' || (angle && *q == '<'))
			return NULL;
		if (angle)
			continue;
		if (*q == ' ' || *q == '\t' || (*q == ')' && depth == 0))
			return q;
		depth += *q == '(' ? 1 : *q == ')' ? -1 : 0;
		if (depth > 32)
			return NULL;
	}
	return NULL;
}

/* Past a title and the bracket; NULL: something else. */
static const char *
link_end(const char *p, const char *end)
{
	const char *from = p;
	char quote;

	p = skip_blanks(p, end);
	if (p < end && *p == ')')
		return p + 1;
	if (p == from || p >= end || strchr("\"'(", *p) == NULL)
		return NULL;
	quote = *p++ == '(' ? ')' : p[-1];
	if (end - p > URL_MAX)
		end = p + URL_MAX;
	for (; p < end && *p != quote; p++)
		if (*p == '\\')
			p++;
	p = p < end ? skip_blanks(p + 1, end) : end;
	return p < end && *p == ')' ? p + 1 : NULL;
}

static bool
has_scheme(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && (is_letter(p[i]) || (i > 0 && ((p[i] >= '0' &&
	    p[i] <= '9') || strchr("+-.", p[i]) != NULL))))
		i++;
	return i > 1 && i < len && p[i] == ':';
}

/* The text between the marks is in out from at on, without the holes. */
static void
tell_url(struct in_line *l, size_t at, const char *url, size_t len)
{
	const char *text = l->out->p + at;
	size_t n = l->out->len - at;

	if (len >= 2 && url[0] == '<') {
		url++;
		len -= 2;
	}
	if (!l->urls || !has_scheme(url, len) || (n == len &&
	    memcmp(text, url, n) == 0) || (len == n + 7 &&
	    memcmp(url, "mailto:", 7) == 0))
		return;
	if (n > 0)
		buf_addc(l->out, ' ');
	buf_addc(l->out, '(');
	buf_add(l->out, url, len);
	buf_addc(l->out, ')');
}

static void
close_bracket(struct in_line *l)
{
	const char *q = l->p + 1, *url, *e = NULL, *stop;
	size_t at, marks;
	bool image;

	if (l->brackets == 0) {
		buf_addc(l->out, *l->p++);
		return;
	}
	at = l->bracket[--l->brackets];
	image = l->image[l->brackets];
	marks = image ? 2 : 1;
	if (q < l->end && *q == '(') {
		url = skip_blanks(q + 1, l->end);
		if ((stop = url_end(url, l->end)) != NULL &&
		    (e = link_end(stop, l->end)) != NULL) {
			cut_out(l, at, marks);
			if (image) {
				l->pic = at;
				l->pic_end = l->out->len;
			} else if (l->pic != at + 1 ||
			    l->pic_end != l->out->len)	/* no badge */
				tell_url(l, at + marks, url,
				    (size_t)(stop - url));
			l->p = e;
			return;
		}
	}
	/* by reference; [text] alone may be anything */
	if (q < l->end && *q == '[') {
		stop = l->end - q > 256 ? q + 256 : l->end;
		for (e = q + 1; e < stop && *e != ']' && *e != '['; e++)
			;
		if (e < stop && *e == ']' && q[1] != '^') {
			cut_out(l, at, marks);
			l->p = e + 1;
			return;
		}
	}
	buf_addc(l->out, *l->p++);
}

/* The end of a tag or comment at p, NULL: it is none. */
static const char *
tag_end(const char *p, const char *end, bool *no_comment)
{
	const char *q;
	char quote = 0;

	if (end - p < 3)
		return NULL;
	if (memcmp(p, "<!-", 3) == 0) {
		if (*no_comment)
			return NULL;
		for (q = p + 3; (q = memchr(q, '>', (size_t)(end - q))) !=
		    NULL; q++)
			if (q[-1] == '-' && q[-2] == '-')
				return q + 1;
		*no_comment = true;
		return NULL;
	}
	if (!is_letter(p[1]) && !strchr("/!?", p[1]))
		return NULL;
	if (p[1] == '/' && !is_letter(p[2]))
		return NULL;
	if (end - p > TAG_MAX)
		end = p + TAG_MAX;
	for (q = p + 1; q < end; q++) {
		if (quote != 0) {
			if (*q == quote)
				quote = 0;
		} else if (*q == '>')
			return q + 1;
		else if (*q == '<')
			return NULL;
		else if ((*q == '"' || *q == '\'') && q[-1] == '=')
			quote = *q;
	}
	return NULL;
}

static bool
is_mail(const char *p, const char *end)
{
	const char *at = memchr(p, '@', (size_t)(end - p));

	return at != NULL && at > p && at + 1 < end &&
	    memchr(p, ' ', (size_t)(end - p)) == NULL;
}

static void
angle(struct in_line *l)
{
	const char *q, *stop = l->end;

	if (stop - l->p > URL_MAX)
		stop = l->p + URL_MAX;
	for (q = l->p + 1; q < stop && *q != '>' && *q != '<' &&
	    !is_blank(*q); q++)
		;
	if (q < stop && *q == '>' && (has_scheme(l->p + 1, (size_t)(q - l->p -
	    1)) || is_mail(l->p + 1, q))) {
		buf_add(l->out, l->p + 1, (size_t)(q - l->p - 1));
		l->p = q + 1;
	} else if ((q = tag_end(l->p, l->end, &l->no_comment)) != NULL) {
		if ((l->p[1] | 0x20) == 'b' && (l->p[2] | 0x20) == 'r')
			buf_addc(l->out, '\n');
		l->p = q;
	} else
		buf_addc(l->out, *l->p++);
}

/* Bytes taken; 0: no entity. */
static size_t
entity(struct buf *out, const char *p, const char *end)
{
	const char *q = p + 1;
	char room[4];
	uint32_t c;

	while (q < end && q - p < 16 && (is_letter(*q) || *q == '#' ||
	    (*q >= '0' && *q <= '9')))
		q++;
	if (q >= end || *q != ';' ||
	    (c = markup_entity(p + 1, (size_t)(q - p - 1))) == 0)
		return 0;
	if (c == 0xa0)
		c = ' ';
	buf_add(out, room, utf8_put(room, c));
	return (size_t)(q + 1 - p);
}

static void
amp(struct in_line *l)
{
	size_t n = entity(l->out, l->p, l->end);

	if (n == 0)
		buf_addc(l->out, *l->p);
	l->p += n == 0 ? 1 : n;
}

static void
line_end(struct in_line *l)
{
	struct buf *o = l->out;
	size_t n = 0;

	while (n < o->len && o->p[o->len - n - 1] == ' ')
		n++;
	buf_cut(o, o->len - n);
	l->p++;
	while (l->p < l->end && (*l->p == ' ' || *l->p == '\t'))
		l->p++;
	buf_addc(o, n >= 2 ? '\n' : ' ');
}

static int
by_place(const void *a, const void *b)
{
	size_t x = ((const struct hole *)a)->at;
	size_t y = ((const struct hole *)b)->at;

	return x < y ? -1 : x > y;
}

/* Take out what was noted; two never lie over each other. */
static void
close_holes(struct in_line *l)
{
	struct hole *h = (struct hole *)(void *)l->holes.p;
	size_t i, n = l->holes.len / sizeof *h, to, from, next;

	if (n == 0)
		return;
	qsort(h, n, sizeof *h, by_place);
	for (to = h[0].at, i = 0; i < n; i++) {
		from = h[i].at + h[i].n;
		next = i + 1 < n ? h[i + 1].at : l->out->len;
		memmove(l->out->p + to, l->out->p + from, next - from);
		to += next - from;
	}
	buf_cut(l->out, to);
}

/* Bytes that may mean something. */
static const char special[256] = { ['\\'] = 1, ['`'] = 1, ['*'] = 1, ['_'] = 1,
    ['~'] = 1, ['['] = 1, [']'] = 1, ['!'] = 1, ['<'] = 1, ['&'] = 1,
    ['\n'] = 1 };

static void
step(struct in_line *l)
{
	switch (*l->p) {
	case '\\':
		escape(l);
		break;
	case '`':
		ticks(l);
		break;
	case '*':
	case '_':
	case '~':
		emphasis(l);
		break;
	case '[':
		open_bracket(l, false);
		break;
	case '!':
		if (l->p + 1 < l->end && l->p[1] == '[')
			open_bracket(l, true);
		else
			buf_addc(l->out, *l->p++);
		break;
	case ']':
		close_bracket(l);
		break;
	case '<':
		angle(l);
		break;
	case '&':
		amp(l);
		break;
	default:
		line_end(l);
	}
}

void
md_inline(struct buf *out, const char *p, size_t len, bool urls)
{
	struct in_line l;
	const char *q;

	l.out = out;
	l.p = l.start = p;
	l.end = p + len;
	l.urls = urls;
	l.opens = l.brackets = l.pic = l.pic_end = 0;
	l.no_comment = false;
	memset(l.no_ticks, 0, sizeof l.no_ticks);
	buf_init(&l.holes);
	while (l.p < l.end) {
		for (q = l.p; q < l.end && !special[(unsigned char)*q]; q++)
			;
		buf_add(out, l.p, (size_t)(q - l.p));
		l.p = q;
		if (q < l.end)
			step(&l);
	}
	close_holes(&l);
	buf_release(&l.holes);
}

/* Past the end of an element whose content is no text; NULL: another one. */
static const char *
skip_element(const char *p, const char *end)
{
	static const char *const names[] = { "script", "style", "template" };
	size_t i, n;
	const char *q;

	for (i = 0; i < 3; i++) {
		n = strlen(names[i]);
		if ((size_t)(end - p) <= n + 1 ||
		    strncasecmp(p + 1, names[i], n) != 0)
			continue;
		for (q = p + 1; (q = memchr(q, '<', (size_t)(end - q))) != NULL;
		    q++)
			if ((size_t)(end - q) > n + 2 && q[1] == '/' &&
			    strncasecmp(q + 2, names[i], n) == 0)
				return q;
		return end;
	}
	return NULL;
}

void
md_html(struct buf *out, const char *p, size_t len)
{
	const char *end = p + len, *q, *skip;
	bool no_comment = false;
	size_t n;

	while (p < end) {
		if (*p == '<' && (q = tag_end(p, end, &no_comment)) != NULL) {
			skip = skip_element(p, end);
			p = skip != NULL ? skip : q;
		} else if (*p == '<' && no_comment && end - p > 4 &&
		    memcmp(p, "<!--", 4) == 0)
			p = end;	/* it goes on below */
		else if (*p == '&' && (n = entity(out, p, end)) > 0)
			p += n;
		else
			buf_addc(out, *p++);
	}
}
