/*
 * Blocks in memory, by their CIDs: what a node of IPFS is to a test.
 */
#ifndef TESTS_BLOCKS_H
#define TESTS_BLOCKS_H

#include <stdlib.h>

#include "base/alloc.h"
#include "base/unixfs_read.h"

struct blocks {
	struct {
		struct cid cid;
		char *p;
		size_t n;
	} *v;
	size_t n, cap;
	uint64_t bytes;
	size_t asked;		/* how many were got */
};

static int
blocks_put(void *arg, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	struct blocks *b = arg;

	(void)e;
	b->v = xgrow(b->v, b->n, &b->cap, sizeof *b->v);
	b->v[b->n].cid = *c;
	b->v[b->n].p = xmalloc(n + 1);
	memcpy(b->v[b->n].p, p, n);
	b->v[b->n++].n = n;
	b->bytes += n;
	return 0;
}

static int
blocks_get(void *arg, const struct cid *c, struct buf *out, struct err *e)
{
	struct blocks *b = arg;
	size_t i;

	b->asked++;
	for (i = 0; i < b->n; i++)
		if (cid_same(&b->v[i].cid, c)) {
			buf_add(out, b->v[i].p, b->v[i].n);
			return 0;
		}
	return err_set(e, ERR_ABSENT, "there is no such block");
}

static void
blocks_release(struct blocks *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free(b->v[i].p);
	free(b->v);
	memset(b, 0, sizeof *b);
}

#endif
