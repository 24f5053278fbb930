/*
 * A reader of zipped documents, and anything.  The input is the bytes of one
 * (PK), or the text of its members (tests/unit/office.h), which are zipped
 * here, so that what is tried reaches the reader.
 */
#ifndef TESTS_FUZZ_OFFICE_H
#define TESTS_FUZZ_OFFICE_H

#include "fuzz.h"

#include "base/utf8.h"
#include "tests/unit/office.h"

static inline void
fuzz_text(const char *p, size_t n)
{
	size_t i;

	must(utf8_check(p, n) == n);
	for (i = 0; i < n; i++)
		must((unsigned char)p[i] >= ' ' || p[i] == '\t' ||
		    p[i] == '\n');
}

static int
fuzz_block(void *arg, const struct docs_block *b, struct err *e)
{
	int64_t *page = arg;

	(void)e;
	fuzz_text(b->text, b->len);
	must(b->len <= 4096 || b->kind == DOCS_SECTION);
	switch (b->kind) {
	case DOCS_HEADING:
	case DOCS_ITEM:
		must(b->number >= 1 && b->len > 0);
		break;
	case DOCS_PAGE:
		must(b->number == *page + 1);
		*page = b->number;
		break;
	case DOCS_ROW:
		must(b->number == 0 || b->number == 1);
		break;
	default:
		must(b->number == 0);
	}
	return 0;
}

static int
fuzz_meta(void *arg, enum docs_meta what, const char *p, size_t n,
    struct err *e)
{
	(void)arg;
	(void)e;
	must(what >= 0 && what < DOCS_META_N && n > 0);
	fuzz_text(p, n);
	return 0;
}

static inline void
fuzz_reader(office_reader *read, const uint8_t *p, size_t n)
{
	struct docs_limits limits = { .bytes = 1 << 22, .total = 1 << 22,
	    .ratio = 1000, .entries = 1000, .depth = 100, .part = 1 << 16,
	    .line = 4096 };
	struct buf zip = BUF_INIT;
	struct err e = { 0 };
	int64_t page = 0;
	struct docs_sink to = { fuzz_block, fuzz_meta, &page };
	struct docs_mem mem;
	struct docs_in in;

	if (n > 2 && memcmp(p, "PK", 2) == 0)
		buf_add(&zip, p, n);
	else
		office_zip(&zip, (const char *)p, n, false);
	docs_in_mem(&in, &mem, zip.p, zip.len, "input");
	if (read(&in, &to, &limits, &e) < 0)
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
	buf_release(&zip);
}

#endif
