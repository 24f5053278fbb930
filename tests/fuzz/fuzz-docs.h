/*
 * Readers of documents: whatever comes, blocks are what docs/block.h says, and
 * what a chunker makes of them is what docs/chunk.h says.
 */
#ifndef TESTS_FUZZ_DOCS_H
#define TESTS_FUZZ_DOCS_H

#include "fuzz.h"

#include "base/utf8.h"
#include "docs/block.h"
#include "docs/chunk.h"
#include "docs/in.h"
#include "docs/limits.h"

#include <string.h>

typedef int	docs_reader(struct docs_in *, const struct docs_sink *,
		    const struct docs_limits *, struct err *);

struct fuzz_docs {
	struct docs_sink to;
	size_t chunks;
};

static inline void
must_text(const char *p, size_t len)
{
	size_t i;

	must(utf8_check(p, len) == len);
	for (i = 0; i < len; i++) {
		must((unsigned char)p[i] >= ' ' || p[i] == '\t' ||
		    p[i] == '\n');
		must(p[i] != 0x7f && !((unsigned char)p[i] == 0xc2 &&
		    (unsigned char)p[i + 1] < 0xa0));
	}
}

static int
fuzz_block(void *arg, const struct docs_block *b, struct err *e)
{
	struct fuzz_docs *f = arg;

	must(b->number >= 0 && b->kind <= DOCS_SECTION);
	must(b->len > 0 || b->kind == DOCS_PAGE || b->kind == DOCS_SECTION ||
	    b->kind == DOCS_ROW);
	must(b->kind != DOCS_HEADING || b->number >= 1);
	must_text(b->text, b->len);
	return docs_tell(&f->to, b->kind, b->number, b->text, b->len, e);
}

static int
fuzz_meta(void *arg, enum docs_meta what, const char *p, size_t len,
    struct err *e)
{
	struct fuzz_docs *f = arg;

	must(what < DOCS_META_N && len > 0);
	must_text(p, len);
	return docs_told(&f->to, what, p, len, e);
}

static int
fuzz_chunk(void *arg, const struct chunk *c, struct err *e)
{
	struct fuzz_docs *f = arg;
	size_t i;

	(void)e;
	f->chunks++;
	must(c->len > 0 && c->len <= 1024 && strlen(c->id) == CHUNK_ID);
	must_text(c->text, c->len);
	for (i = 0; i < c->headings; i++)
		must_text(c->heading[i], strlen(c->heading[i]));
	must(c->facts->title != NULL);
	return 0;
}

static inline void
fuzz_read(docs_reader *r, const char *name, const uint8_t *data, size_t len)
{
	struct chunk_options o = { 10, 30, 1024 };
	struct docs_limits limits = DOCS_LIMITS;
	struct docs_sink sink = { fuzz_block, fuzz_meta, NULL };
	struct fuzz_docs f = { .chunks = 0 };
	struct err e = { 0 };
	struct chunker *c;
	struct docs_mem mem;
	struct docs_in in;

	limits.line = 300;
	limits.depth = 40;
	c = chunker_new(&o, name, fuzz_chunk, &f);
	f.to = chunker_sink(c);
	sink.arg = &f;
	docs_in_mem(&in, &mem, (const char *)data, len, name);
	if (r(&in, &sink, &limits, &e) == 0) {
		must(chunker_end(c, &e) == 0);
		must(chunker_count(c) == f.chunks);
	} else
		must(e.code == ERR_INPUT);
	chunker_free(c);
}

#endif
