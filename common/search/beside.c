/*
 * Each part of the index has a list of a session's documents, in the order
 * of ids; the nearest of all parts and of the tail are the neighbours.
 */
#include "search/beside.h"

#include "base/alloc.h"
#include "search/indexes.h"

#include <stdlib.h>
#include <string.h>

struct list {
	struct segment_list l;
	bool has;		/* documents of the session */
};

/* Somebody of the session near the one asked for. */
struct near {
	uint8_t id[ULID_BYTES];
	struct place at;
};

struct beside {
	struct indexes *x;		/* borrowed; or NULL */
	size_t parts;
	struct list *list;		/* own; of each part */
	int64_t session;		/* that the lists are of */
	bool ready;
	size_t having;			/* parts and tails that have it */
	struct beside_tail *tail;	/* borrowed */
	size_t tails, from, to;		/* those of the session */
	struct near near[2][BESIDE];	/* before, after: nearest first */
	size_t n[2];
	struct buf key;
};

static int
by_session(const void *pa, const void *pb)
{
	const struct beside_tail *a = pa, *b = pb;

	if (a->session != b->session)
		return a->session < b->session ? -1 : 1;
	return memcmp(a->id, b->id, sizeof a->id);
}

struct beside *
beside_new(struct indexes *x, struct beside_tail *tail, size_t n)
{
	struct beside *b = xcalloc(1, sizeof *b);

	b->x = x;
	b->parts = x == NULL ? 0 : x->parts;
	b->list = xcalloc(b->parts + 1, sizeof *b->list);
	b->tail = tail;
	b->tails = n;
	if (n > 1)
		qsort(tail, n, sizeof *tail, by_session);
	buf_init(&b->key);
	return b;
}

static void
forget(struct beside *b)
{
	size_t i;

	for (i = 0; i < b->parts; i++) {
		if (b->list[i].has)
			segment_list_release(&b->list[i].l);
		b->list[i].has = false;
	}
	b->ready = false;
}

void
beside_free(struct beside *b)
{
	if (b == NULL)
		return;
	forget(b);
	free(b->list);
	buf_release(&b->key);
	free(b);
}

/* The first of the tail that is not before (session, id). */
static size_t
tail_from(const struct beside *b, int64_t session, const uint8_t *id)
{
	struct beside_tail want = { .session = session };
	size_t lo = 0, hi = b->tails, mid;

	memcpy(want.id, id, sizeof want.id);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (by_session(&b->tail[mid], &want) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
use_session(struct beside *b, int64_t session, struct err *e)
{
	static const uint8_t least[ULID_BYTES];
	struct segment_term t;
	struct segment *s;
	char key[8];
	size_t i;
	int r;

	if (b->ready && b->session == session)
		return 0;
	forget(b);
	indexed_row(key, session);
	for (i = 0; i < b->parts; i++) {
		s = b->x->part[i].s;
		r = segment_term(s, INDEXED_OF, key, sizeof key, &t,
		    e);
		if (r < 0)
			return -1;
		if (r == 1)
			segment_list(s, &t, &b->list[i].l);
		b->list[i].has = r == 1;
	}
	b->from = tail_from(b, session, least);
	for (b->to = b->from; b->to < b->tails &&
	    b->tail[b->to].session == session; b->to++)
		;
	b->having = b->to > b->from;
	for (i = 0; i < b->parts; i++)
		b->having += b->list[i].has;
	b->session = session;
	b->ready = true;
	return 0;
}

/* Keep somebody, if he is one of the nearest on his side. */
static void
keep(struct beside *b, int side, const uint8_t *id, struct place at)
{
	struct near *near = b->near[side];
	size_t i = b->n[side];
	int d;

	for (; i > 0; i--) {
		d = memcmp(id, near[i - 1].id, ULID_BYTES);
		if (side == 0 ? d < 0 : d > 0)
			break;
		if (i < BESIDE)
			near[i] = near[i - 1];
	}
	if (i == BESIDE)
		return;
	memcpy(near[i].id, id, ULID_BYTES);
	near[i].at = at;
	if (b->n[side] < BESIDE)
		b->n[side]++;
}

/* A document of a part, the k-th on its side.  Ids are compared only where
 * several have some. */
static int
keep_doc(struct beside *b, int side, size_t k, uint32_t part, uint32_t doc,
    struct err *e)
{
	const struct place at = { part, doc };

	if (b->having == 1) {
		b->near[side][k].at = at;
		b->n[side] = k + 1;
		return 0;
	}
	if (segment_key(b->x->part[part].s, doc, &b->key, e) < 0)
		return -1;
	if (b->key.len != ULID_BYTES)
		return err_set(e, ERR_INDEX, "the index has a wrong key; "
		    "mem-index --rebuild makes it again");
	keep(b, side, (const uint8_t *)b->key.p, at);
	return 0;
}

static bool
is_dead(const struct beside *b, uint32_t part, uint32_t doc)
{
	const uint64_t *dead = b->x->part[part].dead;

	return dead != NULL && (dead[doc / 64] >> (doc % 64) & 1);
}

static int
load(struct segment_list *l, uint32_t block, struct err *e)
{
	return l->block == block ? 0 : segment_list_load(l, block, e);
}

/* The first in the loaded block that is not before doc. */
static uint32_t
first_not_before(const struct segment_list *l, uint32_t doc)
{
	uint32_t lo = 0, hi = l->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (l->doc[mid] < doc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Of a part, those before doc. */
static int
before(struct beside *b, uint32_t part, uint32_t doc, uint32_t block,
    struct err *e)
{
	struct segment_list *l = &b->list[part].l;
	uint32_t i;
	size_t k = 0;

	if (block == l->blocks)
		block--;
	for (;; block--) {
		if (load(l, block, e) < 0)
			return -1;
		for (i = first_not_before(l, doc); i-- > 0 && k < BESIDE; )
			if (!is_dead(b, part, l->doc[i]) &&
			    keep_doc(b, 0, k++, part, l->doc[i], e) < 0)
				return -1;
		if (k == BESIDE || block == 0)
			return 0;
	}
}

/* And those from doc on. */
static int
after(struct beside *b, uint32_t part, uint32_t doc, uint32_t block,
    struct err *e)
{
	struct segment_list *l = &b->list[part].l;
	uint32_t i;
	size_t k = 0;

	for (; block < l->blocks && k < BESIDE; block++) {
		if (load(l, block, e) < 0)
			return -1;
		for (i = first_not_before(l, doc); i < l->n && k < BESIDE; i++)
			if (!is_dead(b, part, l->doc[i]) &&
			    keep_doc(b, 1, k++, part, l->doc[i], e) < 0)
				return -1;
	}
	return 0;
}

static int
of_part(struct beside *b, uint32_t part, const uint8_t *id,
    const struct place *at, struct err *e)
{
	struct segment_list *l = &b->list[part].l;
	uint32_t doc = at->doc, block;
	int own = at->part == part;

	if (!own && segment_find_key(b->x->part[part].s, id, ULID_BYTES, &doc,
	    e) < 0)
		return -1;
	if (segment_list_seek(l, 0, doc, &block, e) < 0 ||
	    before(b, part, doc, block, e) < 0)
		return -1;
	return after(b, part, own ? doc + 1 : doc, block, e);
}

static void
of_tail(struct beside *b, int64_t session, const uint8_t *id)
{
	size_t at = tail_from(b, session, id), i, k;
	struct place p = { BESIDE_TAIL, 0 };

	for (i = at, k = 0; i > b->from && k < BESIDE; k++) {
		p.doc = b->tail[--i].number;
		keep(b, 0, b->tail[i].id, p);
	}
	for (i = at, k = 0; i < b->to && k < BESIDE; i++) {
		if (memcmp(b->tail[i].id, id, ULID_BYTES) == 0)
			continue;
		p.doc = b->tail[i].number;
		keep(b, 1, b->tail[i].id, p);
		k++;
	}
}

int
beside_find(struct beside *b, int64_t session, const uint8_t id[ULID_BYTES],
    const struct place *at, struct place out[BESIDE_N], struct err *e)
{
	const struct place nobody = { BESIDE_NONE, 0 };
	uint32_t i;

	if (use_session(b, session, e) < 0)
		return -1;
	b->n[0] = b->n[1] = 0;
	for (i = 0; i < b->parts; i++)
		if (b->list[i].has && of_part(b, i, id, at, e) < 0)
			return -1;
	of_tail(b, session, id);
	for (i = 0; i < BESIDE; i++) {
		out[BESIDE - 1 - i] = i < b->n[0] ? b->near[0][i].at : nobody;
		out[BESIDE + i] = i < b->n[1] ? b->near[1][i].at : nobody;
	}
	return 0;
}
