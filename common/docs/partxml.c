#include "docs/partxml.h"

#include "base/date.h"
#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

#define VALUE 4096		/* bytes of what is said of a document */

int
partxml_open(struct partxml *x, struct parts *p, const char *name,
    const struct docs_limits *limits, struct err *e)
{
	int r;

	*x = (struct partxml){ NULL, NULL };
	if ((r = parts_begin(p, name, &x->in, e)) == 1 &&
	    markup_open(&x->m, x->in, limits, e) < 0) {
		partxml_close(x);
		r = -1;
	}
	return r < 0 ? err_add(e, "part '%s'", name) : r;
}

void
partxml_close(struct partxml *x)
{
	markup_close(x->m);
	parts_end(x->in);
	*x = (struct partxml){ NULL, NULL };
}

int
partxml_each(struct parts *p, const char *name,
    const struct docs_limits *limits,
    int (*take)(void *, struct markup *, struct err *), void *arg,
    struct err *e)
{
	struct partxml x;
	int r, what;

	if ((r = partxml_open(&x, p, name, limits, e)) != 1)
		return r;
	while ((what = markup_next(x.m, e)) > MARKUP_END)
		if (what == MARKUP_OPEN && take(arg, x.m, e) < 0) {
			what = -1;
			break;
		}
	partxml_close(&x);
	return what < 0 ? err_add(e, "part '%s'", name) : 1;
}

int
markup_skip(struct markup *m, struct err *e)
{
	int depth = markup_depth(m), what;

	while ((what = markup_next(m, e)) > MARKUP_END)
		if (what == MARKUP_CLOSE && markup_depth(m) <= depth)
			break;
	return what < 0 ? -1 : 0;
}

int
markup_content(struct markup *m, struct buf *b, size_t max, struct err *e)
{
	int depth = markup_depth(m), what;
	size_t from = b->len, n, room;
	const char *p;

	while ((what = markup_next(m, e)) > MARKUP_END) {
		if (what == MARKUP_CLOSE && markup_depth(m) <= depth)
			break;
		if (what != MARKUP_TEXT)
			continue;
		p = markup_text(m, &n);
		room = max - (b->len - from);
		buf_add(b, p, n <= room ? n : utf8_cut(p, n, room));
	}
	return what < 0 ? -1 : 0;
}

bool
markup_is(const struct markup *m, const char *name)
{
	return strcmp(markup_name(m), name) == 0;
}

int
markup_which(const struct markup *m, const char *const *names, size_t n)
{
	const char *name = markup_name(m);
	size_t low = 0, high = n, mid;
	int c;

	while (low < high) {
		mid = (low + high) / 2;
		if ((c = strcmp(name, names[mid])) == 0)
			return (int)mid;
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -1;
}

bool
markup_number(struct markup *m, const char *name, int64_t min, int64_t max,
    int64_t *out)
{
	const char *s = markup_attr(m, name);

	return s != NULL && str_int(s, min, max, out) == 1;
}

bool
markup_on(struct markup *m, const char *name, bool absent)
{
	const char *s = markup_attr(m, name);

	return s == NULL ? absent : strcmp(s, "0") != 0 &&
	    strcmp(s, "false") != 0 && strcmp(s, "off") != 0 &&
	    strcmp(s, "none") != 0;
}

/* --- what is known of a document --------------------------------------- */

/* As W3CDTF has it (a note of 1997), a year or a month alone, too. */
static int
tell_date(const struct docs_sink *to, enum docs_meta what, char *s,
    struct err *e)
{
	char out[DATE_LEN + 1], whole[16];
	size_t n = strlen(s);
	int64_t ms;

	if (n == 4 || n == 7) {
		memcpy(whole, s, n);
		memcpy(whole + n, &"-01-01"[n == 4 ? 0 : 3], n == 4 ? 7 : 4);
		s = whole;
	}
	if (n < 4 || !(s[4] == '-') || date_machine(s, &ms) != 1)
		return 0;
	date_format(out, ms);
	return docs_told(to, what, out, DATE_LEN, e);
}

static int
tell_tags(const struct docs_sink *to, char *s, struct err *e)
{
	char *end, *tag;
	int r = 0;

	for (; r == 0 && s != NULL; s = end) {
		if ((end = strpbrk(s, ",;")) != NULL)
			*end++ = '\0';
		tag = str_trim(s);
		r = docs_told(to, DOCS_TAG, tag, strlen(tag), e);
	}
	return r;
}

int
partxml_tell_meta(const struct docs_sink *to, enum docs_meta what,
    const char *p, size_t n, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	char *s;
	int r;

	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] > ' ')
			buf_addc(&b, p[i]);
		else if (b.len > 0 && b.p[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	s = str_trim(b.p);
	if (what == DOCS_TAG)
		r = tell_tags(to, s, e);
	else if (what == DOCS_CREATED || what == DOCS_MODIFIED)
		r = tell_date(to, what, s, e);
	else
		r = docs_told(to, what, s, strlen(s), e);
	buf_release(&b);
	return r;
}

int
partxml_told(struct markup *m, const struct docs_sink *to,
    enum docs_meta what, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (markup_content(m, &b, VALUE, e) == 0)
		r = partxml_tell_meta(to, what, b.p, b.len, e);
	buf_release(&b);
	return r;
}
