/*
 * Segments are kept in falling sizes: one that is less than twice all the
 * smaller ones together is merged with them, and never are there more than
 * four.  So each document is written again a few times at most, and a search
 * has few files to open.
 */
#include "search/indexing_work.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define LIVE 4			/* segments */

static int
by_docs(const void *a, const void *b)
{
	const struct manifest_segment *x = a, *y = b;

	if (x->docs != y->docs)
		return x->docs > y->docs ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* From which on the segments, greatest first, are to become one; n: none. */
static size_t
merge_from(const struct manifest *m)
{
	uint64_t sum = 0;
	size_t i, from = m->n;

	for (i = m->n; i-- > 0; sum += m->segment[i].docs) {
		if (i + 1 < m->n && m->segment[i].docs < 2 * sum)
			from = i;
		/* an eighth of it gone is worth writing it again */
		if (m->segment[i].ndead > m->segment[i].docs / 8)
			from = i < from ? i : from;
	}
	if (from > LIVE - 1 && m->n > LIVE)
		from = LIVE - 1;
	return from;
}

static int
merge_stop(void *arg, struct err *e)
{
	struct update *u = arg;

	if (u->how->progress == NULL)
		return 0;
	return u->how->progress(u->how->arg, u->report->docs, u->all, e);
}

struct sources {
	struct segment **s;		/* own */
	const uint64_t **dead;		/* own; what they point to is not */
	size_t n;
	uint32_t docs;			/* alive */
};

static int
sources_open(struct sources *x, struct update *u, size_t from, size_t n,
    struct err *e)
{
	const struct manifest_segment *ms = u->m.segment + from;
	char *path;
	int r = 0;

	memset(x, 0, sizeof *x);
	x->s = xcalloc(n + 1, sizeof *x->s);
	x->dead = xcalloc(n + 1, sizeof *x->dead);
	for (; x->n < n && r == 0; x->n++) {
		path = manifest_path(u->dir, ms[x->n].number);
		r = segment_open(&x->s[x->n], path, &u->seal, e);
		free(path);
		x->dead[x->n] = ms[x->n].dead;
		x->docs += ms[x->n].docs - ms[x->n].ndead;
	}
	return r;
}

static void
sources_close(struct sources *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		segment_close(x->s[i]);
	free(x->s);
	free(x->dead);
}

int
update_merge(struct update *u, size_t from, size_t n, struct err *e)
{
	struct manifest_segment now = { .number = u->m.next };
	struct sources x;
	uint32_t *of = NULL;
	char *path;
	int r;

	r = sources_open(&x, u, from, n, e);
	now.docs = x.docs;
	path = manifest_path(u->dir, now.number);
	if (r == 0 && x.docs > 0)
		r = segment_merge_from(x.s, x.dead, n, path, merge_stop, u,
		    &of, e);
	free(path);
	sources_close(&x);
	if (r == 0 && x.docs > 0)
		r = update_vectors_merge(u, u->m.segment + from, n, of, &now,
		    e);
	free(of);
	if (r < 0)
		return -1;
	while (n-- > 0)
		manifest_drop(&u->m, from);
	if (now.docs > 0)
		manifest_add(&u->m, now.number, now.docs)->vectors =
		    now.vectors;
	u->report->merged += now.docs;
	return 0;
}

int
update_merge_all(struct update *u, struct err *e)
{
	size_t from;

	if (u->m.n > 1)
		qsort(u->m.segment, u->m.n, sizeof *u->m.segment, by_docs);
	from = merge_from(&u->m);
	if (from >= u->m.n)
		return 0;
	return update_merge(u, from, u->m.n - from, e);
}
