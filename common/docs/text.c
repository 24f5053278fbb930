/*
 * A paragraph is gathered, then looked at: what is a heading is told by its
 * first lines, and by whether it stands alone.
 */
#include "docs/text.h"

#include "base/buf.h"
#include "docs/lines.h"

#include <stdbool.h>
#include <string.h>

#define HEADING_BYTES 100	/* longest one that is not underlined */

struct text {
	const struct docs_sink *sink;
	size_t most;
	struct buf para;		/* its lines, a newline after each */
	int64_t page, told;		/* told: 0 none yet */
};

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(int c)
{
	return (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static size_t
trimmed(const char **p, size_t len)
{
	for (; len > 0 && (**p == ' ' || **p == '\t' || **p == '\n'); len--)
		++*p;
	while (len > 0 && ((*p)[len - 1] == ' ' || (*p)[len - 1] == '\t' ||
	    (*p)[len - 1] == '\n'))
		len--;
	return len;
}

/* The character a line consists of, three times at least; else 0. */
static int
rule(const char *p, size_t len)
{
	size_t i;

	len = trimmed(&p, len);
	if (len < 3 || strchr("=-~^\"'`#*+_:.", p[0]) == NULL)
		return 0;
	for (i = 1; i < len; i++)
		if (p[i] != p[0])
			return 0;
	return p[0];
}

static int
rule_level(int c)
{
	return c == '=' || c == '#' ? 1 : c == '-' || c == '*' ? 2 : 3;
}

/* "2", "2.", "2.1", "A.3", then a blank and a capital: how many parts. */
static int
numbered(const char *p, size_t len)
{
	size_t i = 0, n = 0;

	if (len > 2 && p[0] >= 'A' && p[0] <= 'Z' && p[1] == '.' &&
	    is_digit(p[2])) {
		n = 1;
		i = 2;
	}
	while (i < len && is_digit(p[i])) {
		size_t from = i;

		while (i < len && is_digit(p[i]))
			i++;
		if (i - from > 3)
			return 0;
		n++;
		if (i < len && p[i] == '.')
			i++;
		else
			break;
	}
	if (n == 0 || i >= len || (p[i] != ' ' && p[i] != '\t'))
		return 0;
	while (i < len && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i < len && is_upper(p[i]) ? (int)n : 0;
}

static bool
named(const char *p, size_t len)
{
	static const char *const words[] = { "Chapter ", "CHAPTER ", "Part ",
	    "PART ", "Section ", "SECTION ", "Appendix ", "APPENDIX " };
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		n = strlen(words[i]);
		if (len > n && memcmp(p, words[i], n) == 0 &&
		    (is_digit(p[n]) || (p[n] >= 'A' && p[n] <= 'Z')))
			return true;
	}
	return false;
}

/* The level of a line that stands alone, 0: it is none. */
static int
alone(const char *p, size_t len)
{
	int n;

	if (len > HEADING_BYTES || len == 0 || strchr(".,;:", p[len - 1]) ||
	    (len > 4 && memcmp(p + len - 4, "....", 4) == 0))
		return 0;
	/* of a table of contents */
	if (is_digit(p[len - 1]) && (memchr(p, '\t', len) != NULL ||
	    (len > 6 && (strstr(p, " . .") != NULL || strstr(p, "...") !=
	    NULL || strstr(p, "   ") != NULL))))
		return 0;
	if ((n = numbered(p, len)) > 0)
		return n;
	return named(p, len) ? 1 : 0;
}

static int
tell(struct text *t, enum docs_kind kind, int64_t number, const char *p,
    size_t len, struct err *e)
{
	if (t->told != t->page) {
		t->told = t->page;
		if (docs_tell(t->sink, DOCS_PAGE, t->page, "", 0, e) < 0)
			return -1;
	}
	return docs_tell(t->sink, kind, number, p, len, e);
}

/* A heading at the front of the paragraph: bytes of it, 0 there is none. */
static size_t
underlined(const char *p, size_t len, const char **head, size_t *headlen,
    int *level)
{
	const char *end = p + len, *one, *two, *start = p;
	int over = 0, under;

	one = memchr(p, '\n', len);
	if (one != NULL && (over = rule(p, (size_t)(one - p))) != 0) {
		p = one + 1;
		one = memchr(p, '\n', (size_t)(end - p));
	}
	if (one == NULL || one + 1 >= end)
		return 0;
	two = memchr(one + 1, '\n', (size_t)(end - one - 1));
	if (two == NULL)
		two = end;
	under = rule(one + 1, (size_t)(two - one - 1));
	*head = p;
	*headlen = trimmed(head, (size_t)(one - p));
	if (under == 0 || (over != 0 && over != under) || *headlen == 0 ||
	    *headlen > 2 * HEADING_BYTES || rule(*head, *headlen) != 0 ||
	    (size_t)(two - one) * 2 < *headlen)
		return 0;
	*level = over != 0 && under != '=' ? 1 : rule_level(under);
	return (size_t)(two - start) + (two < end);
}

static int
tell_paragraph(struct text *t, struct err *e)
{
	const char *p = t->para.p, *head;
	size_t len = t->para.len, n, headlen;
	int level, r = 0;

	while (len > 0 && r == 0 &&
	    (n = underlined(p, len, &head, &headlen, &level)) > 0) {
		r = tell(t, DOCS_HEADING, level, head, headlen, e);
		p += n;
		len -= n;
	}
	/* blanks in front of the first line are kept with what follows, so
	 * that columns stay below each other */
	while (len > 0 && p[len - 1] == '\n')
		len--;
	n = trimmed(&p, len);
	if (r == 0 && n > 0 && !(memchr(p, '\n', n) == NULL && rule(p, n))) {
		t->para.p[p + n - t->para.p] = '\0';
		level = memchr(p, '\n', n) == NULL ? alone(p, n) : 0;
		r = level > 0 ? tell(t, DOCS_HEADING, level, p, n, e) :
		    tell(t, DOCS_PARAGRAPH, 0, p, n, e);
	}
	buf_reset(&t->para);
	return r;
}

static bool
blank(const char *p, size_t len)
{
	return trimmed(&p, len) == 0;
}

static int
add_line(struct text *t, const char *p, size_t len, struct err *e)
{
	if (blank(p, len))
		return t->para.len > 0 ? tell_paragraph(t, e) : 0;
	if (t->para.len > 0 && t->para.len + len >= t->most &&
	    tell_paragraph(t, e) < 0)
		return -1;
	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	buf_add(&t->para, p, len);
	buf_addc(&t->para, '\n');
	return 0;
}

static int
read_line(struct text *t, const char *p, size_t len, struct err *e)
{
	const char *feed;

	while ((feed = memchr(p, '\f', len)) != NULL) {
		if (add_line(t, p, (size_t)(feed - p), e) < 0 ||
		    tell_paragraph(t, e) < 0)
			return -1;
		t->page = t->page == 0 ? 2 : t->page + 1;
		len -= (size_t)(feed + 1 - p);
		p = feed + 1;
	}
	return add_line(t, p, len, e);
}

int
docs_read_text(struct docs_in *in, const struct docs_sink *sink,
    const struct docs_limits *limits, struct err *e)
{
	struct text t = { .sink = sink, .para = BUF_INIT };
	struct docs_lines l;
	const char *p;
	size_t len;
	int r;

	docs_lines_init(&l, in, limits, true);
	t.most = l.most;
	if ((r = docs_lines_peek(&l, &p, &len, e)) == 0 &&
	    memchr(p, '\f', len) != NULL)
		t.page = 1;
	while (r >= 0 && (r = docs_lines_next(&l, &p, &len, e)) > 0)
		if (read_line(&t, p, len, e) < 0)
			r = -1;
	if (r == 0)
		r = tell_paragraph(&t, e);
	docs_lines_release(&l);
	buf_release(&t.para);
	return r;
}
