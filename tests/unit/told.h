/*
 * What a reader of documents tells, as a line for each thing: "H1 text",
 * "title: text"; a newline within is "|".
 */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "tap.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

#include <stdlib.h>

typedef int	reader(struct docs_in *, const struct docs_sink *,
		    const struct docs_limits *, struct err *);

static struct buf told = BUF_INIT;
static struct docs_limits told_limits = DOCS_LIMITS;
static int64_t told_replaced;

static void
told_line(const char *p, size_t len)
{
	size_t i;

	if (utf8_check(p, len) != len)
		abort();
	for (i = 0; i < len; i++) {
		if ((unsigned char)p[i] < ' ' && p[i] != '\t' && p[i] != '\n')
			abort();
		buf_addc(&told, p[i] == '\n' ? '|' : p[i]);
	}
	buf_addc(&told, '\n');
}

static int
told_block(void *unused, const struct docs_block *b, struct err *e)
{
	static const char *const kinds[] = { "H", "P", "I", "R", "C", "page ",
	    "section " };

	(void)unused;
	(void)e;
	buf_adds(&told, kinds[b->kind]);
	if (b->kind != DOCS_PARAGRAPH && b->kind != DOCS_SECTION)
		buf_add_int(&told, b->number);
	buf_addc(&told, ' ');
	told_line(b->text, b->len);
	return 0;
}

static int
told_meta(void *unused, enum docs_meta what, const char *p, size_t len,
    struct err *e)
{
	static const char *const names[] = { "title", "author", "language",
	    "created", "modified", "tag" };

	(void)unused;
	(void)e;
	buf_adds(&told, names[what]);
	buf_adds(&told, ": ");
	told_line(p, len);
	return 0;
}

static inline const char *
read_as(reader *r, const char *name, const char *p, size_t len)
{
	struct docs_sink s = { told_block, told_meta, NULL };
	static struct err e;
	struct docs_mem mem;
	struct docs_in in;

	buf_reset(&told);
	docs_in_mem(&in, &mem, p, len, name);
	if (r(&in, &s, &told_limits, &e) < 0)
		return e.msg;
	told_replaced = in.replaced;
	return told.p;
}

struct told_case {
	const char *what, *text, *want;
};

static inline void
told_cases(reader *r, const char *name, const struct told_case *c, size_t n)
{
	for (; n > 0; n--, c++)
		is_str(read_as(r, name, c->text, strlen(c->text)), c->want,
		    "%s", c->what);
}

#define TOLD_CASES(r, name, cases) \
	told_cases(r, name, cases, sizeof (cases) / sizeof (cases)[0])

#endif
