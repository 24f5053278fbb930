/*
 * Who stands beside the best texts is a candidate, too.
 */
#include "search/fuse.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct asked {
	int64_t session;
	uint32_t turn;
	const uint8_t *id;
};

static int
by_session(const void *pa, const void *pb)
{
	const struct asked *a = pa, *b = pb;

	if (a->session != b->session)
		return a->session < b->session ? -1 : 1;
	return memcmp(a->id, b->id, ULID_BYTES);
}

static struct beside *
make_beside(struct fuse *f, struct beside_tail **tail)
{
	size_t i, n = 0;

	*tail = xcalloc(f->tails + 1, sizeof **tail);
	for (i = 0; i < f->tails; i++) {
		if (f->c->cand[i].source != SOURCE_EVENT ||
		    (f->turn[i].traits & DOC_UNSAID))
			continue;
		(*tail)[n].session = f->turn[i].session;
		(*tail)[n].number = (uint32_t)i;
		memcpy((*tail)[n++].id, f->c->cand[i].id, ULID_BYTES);
	}
	return beside_new(f->of[SOURCE_EVENT], *tail, n);
}

/* Who is beside those that are ranked, of what was said: calls of tools
 * stand between a question and its answer, and are ranked by what they hold
 * themselves.  Places, of each BESIDE_N. */
static int
find_beside(struct fuse *f, const struct asked *a, size_t n,
    struct place *places, struct err *e)
{
	struct beside_tail *tail;
	struct beside *b = make_beside(f, &tail);
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++)
		r = beside_find(b, a[i].session, a[i].id,
		    &f->turn[a[i].turn].at, places + i * BESIDE_N, e);
	beside_free(b);
	free(tail);
	return r;
}

/* They become candidates, too. */
static int
add_places(struct fuse *f, const struct place *p, size_t n, struct err *e)
{
	struct rank_hit *hit = xcalloc(n + 1, sizeof *hit);
	const size_t first = f->turns;
	size_t i, hits = 0;
	int r = 0;

	for (i = 0; i < n; i++)
		if (p[i].part < BESIDE_TAIL &&
		    fuse_turn(f, p[i]) == BESIDE_NONE) {
			hit[hits].part = p[i].part;
			hit[hits++].doc = p[i].doc;
		}
	if (hits > 0)
		r = fuse_add(f, SOURCE_EVENT, hit, hits, false, e);
	free(hit);
	return r < 0 ? -1 : fuse_vectors(f, SOURCE_EVENT, first, e);
}

/* Events that are ranked and were said. */
static struct asked *
ask_for(struct fuse *f, size_t *n)
{
	struct asked *a = xcalloc(f->turns + 1, sizeof *a);
	size_t i;

	for (*n = i = 0; i < f->turns; i++) {
		if (!f->turn[i].in || f->c->cand[i].source != SOURCE_EVENT ||
		    (f->turn[i].traits & DOC_UNSAID))
			continue;
		a[*n].session = f->turn[i].session;
		a[*n].turn = (uint32_t)i;
		a[(*n)++].id = f->c->cand[i].id;
	}
	if (*n > 1)
		qsort(a, *n, sizeof *a, by_session);
	return a;
}

/* Those that are ranked know who of them is beside them. */
static void
link_places(struct fuse *f, const struct asked *a, size_t n,
    const struct place *p)
{
	uint32_t near;
	size_t i;

	for (i = 0; i < n * BESIDE_N; i++) {
		if (p[i].part == BESIDE_NONE) {
			if (i % BESIDE_N == BESIDE - 1)
				f->turn[a[i / BESIDE_N].turn].first = true;
			continue;
		}
		near = fuse_turn(f, p[i]);
		if (near != BESIDE_NONE && f->turn[near].in)
			f->turn[a[i / BESIDE_N].turn].beside[i % BESIDE_N] =
			    near;
	}
}

/* Those beside the best may be better than the best: they are ranked, too. */
int
fuse_neighbours(struct fuse *f, struct err *e)
{
	struct place *p;
	struct asked *a;
	uint32_t near;
	size_t i, n;
	int r;

	if (f->without & FUSE_NO_BESIDE)
		return 0;
	a = ask_for(f, &n);
	p = xcalloc(n * BESIDE_N + 1, sizeof *p);
	r = find_beside(f, a, n, p, e);
	if (r == 0)
		r = add_places(f, p, n * BESIDE_N, e);
	for (i = 0; i < n * BESIDE_N && r == 0; i++)
		if (p[i].part != BESIDE_NONE &&
		    (near = fuse_turn(f, p[i])) != BESIDE_NONE)
			f->turn[near].in = true;
	free(p);
	free(a);
	if (r < 0)
		return -1;
	a = ask_for(f, &n);
	p = xcalloc(n * BESIDE_N + 1, sizeof *p);
	if ((r = find_beside(f, a, n, p, e)) == 0)
		link_places(f, a, n, p);
	free(p);
	free(a);
	return r;
}
