/*
 * Which texts are candidates.
 */
#include "search/fuse.h"

#include "base/alloc.h"
#include "search/embedder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- candidates by place ----------------------------------------------- */

static size_t
slot_of(const struct fuse *f, struct place at)
{
	uint64_t h = ((uint64_t)at.part << 32 | at.doc) *
	    UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 32) & (f->slots - 1);
	const struct turn *t;

	for (; f->slot[i] != 0; i = (i + 1) & (f->slots - 1)) {
		t = &f->turn[f->slot[i] - 1];
		if (t->at.part == at.part && t->at.doc == at.doc)
			break;
	}
	return i;
}

static void
slots_grow(struct fuse *f)
{
	size_t i;

	free(f->slot);
	f->slots = f->slots == 0 ? 1024 : 2 * f->slots;
	f->slot = xcalloc(f->slots, sizeof *f->slot);
	for (i = 0; i < f->turns; i++)
		f->slot[slot_of(f, f->turn[i].at)] = (uint32_t)i + 1;
}

uint32_t
fuse_turn(const struct fuse *f, struct place at)
{
	return f->slots == 0 ? BESIDE_NONE : f->slot[slot_of(f, at)] - 1;
}

static struct turn *
add_turn(struct fuse *f, struct place at)
{
	struct turn *t;
	size_t i;

	if (2 * f->turns >= f->slots)
		slots_grow(f);
	f->turn = xgrow(f->turn, f->turns, &f->cap, sizeof *f->turn);
	t = &f->turn[f->turns];
	memset(t, 0, sizeof *t);
	t->at = at;
	t->vector = VECTOR_NONE;
	for (i = 0; i < BESIDE_N; i++)
		t->beside[i] = BESIDE_NONE;
	i = slot_of(f, at);
	f->slot[i] = (uint32_t)++f->turns;
	return t;
}

/* The sources are told apart in the part of a place. */
#define SOURCE_SHIFT 29
#define PART_MASK ((UINT32_C(1) << SOURCE_SHIFT) - 1)

struct place
fuse_place(enum source source, uint32_t part, uint32_t doc)
{
	struct place p = { part | (uint32_t)source << SOURCE_SHIFT, doc };

	return p;
}

/* --- the tail ---------------------------------------------------------- */

void
fuse_init(struct fuse *f, const struct query *q, struct cands *c,
    struct tail_rows *rows)
{
	const struct tail_row *row;
	struct place at = { BESIDE_TAIL, 0 };
	struct turn *t;

	memset(f, 0, sizeof *f);
	f->q = q;
	f->c = c;
	f->rows = rows;
	f->best = FUSE_BEST;
	assert(rows->n == c->cands);
	for (; at.doc < rows->n; at.doc++) {
		row = &rows->row[at.doc];
		t = add_turn(f, at);
		t->session = row->session;
		t->traits = row->traits;
		t->ts_ms = row->ts_ms;
		t->matches = row->matches;
		t->allowed = row->allowed;
	}
	f->tails = f->turns;
}

void
fuse_release(struct fuse *f)
{
	int source;

	for (source = 0; source < SOURCE_SESSION; source++)
		vector_query_free(f->query[source]);
	free(f->turn);
	free(f->slot);
	free(f->speaker);
	memset(f, 0, sizeof *f);
}

/* --- of the index ------------------------------------------------------ */

static int
by_place(const void *pa, const void *pb)
{
	const struct rank_hit *a = pa, *b = pb;

	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return (a->doc > b->doc) - (a->doc < b->doc);
}

/* Columns of the candidates added last. */
static int
read_columns(struct fuse *f, enum source source, const struct rank_hit *h,
    struct turn *t, struct err *e)
{
	struct segment *s = f->of[source]->part[h->part].s;
	int64_t traits = 0;

	if (f->recent_days > 0 &&
	    segment_value(s, INDEXED_TIME, h->doc, &t->ts_ms, e) < 0)
		return -1;
	if (source != SOURCE_EVENT)
		return 0;
	if (segment_value(s, INDEXED_SESSION, h->doc, &t->session, e) < 0 ||
	    segment_value(s, INDEXED_TRAITS, h->doc, &traits, e) < 0)
		return -1;
	t->traits = (uint32_t)traits;
	return 0;
}

int
fuse_add(struct fuse *f, enum source source, struct rank_hit *hit, size_t n,
    bool matches, struct err *e)
{
	const size_t first = f->turns;
	struct turn *t;
	size_t i, new = 0;
	int r;

	if (n > 1)
		qsort(hit, n, sizeof *hit, by_place);
	for (i = 0; i < n; i++) {
		struct place at = fuse_place(source, hit[i].part,
		    hit[i].doc);

		if (fuse_turn(f, at) != BESIDE_NONE)
			continue;
		hit[new] = hit[i];
		t = add_turn(f, at);
		t->matches = t->allowed = matches;
		if (read_columns(f, source, &hit[new++], t, e) < 0)
			return -1;
	}
	if (indexes_add(f->of[source], hit, new, f->c, e) < 0)
		return -1;
	cands_score(f->c, first);
	for (i = first; i < f->turns; i++) {
		f->turn[i].text = f->c->cand[i].score;
		if (matches)
			continue;
		r = rank_allows(f->of[source]->rank, f->q->plain,
		    hit[i - first].part, hit[i - first].doc, e);
		if (r < 0)
			return -1;
		f->turn[i].allowed = r == 1;
		if (r == 1 && f->turn[i].text > 0)
			r = rank_allows(f->of[source]->rank, -1,
			    hit[i - first].part, hit[i - first].doc, e);
		if (r < 0)
			return -1;
		f->turn[i].matches = f->turn[i].allowed && r == 1 &&
		    f->turn[i].text > 0;
	}
	return 0;
}

/* --- words ------------------------------------------------------------- */

/* The best by a number are ranked. */
static void
take_best(struct fuse *f, enum source source, bool by_vector)
{
	struct cand *k;
	struct turn *t;
	size_t i, n, *best;

	for (i = 0; i < f->turns; i++) {
		k = &f->c->cand[i];
		t = &f->turn[i];
		k->score = by_vector ? t->vector : t->text;
		k->hidden = !t->allowed ||
		    !(by_vector ? t->vector > VECTOR_NONE : t->matches);
	}
	n = cands_best(f->c, source, f->best, &best);
	for (i = 0; i < n; i++)
		f->turn[best[i]].in = true;
	free(best);
}

static int
by_words(struct fuse *f, enum source source, struct err *e)
{
	struct indexes *x = f->of[source];
	size_t k = f->limit == 0 || f->limit > f->best ? f->limit : f->best;
	struct rank_hit *hit;
	size_t n;
	int r = 0;

	if (x != NULL) {
		r = rank_top(x->rank, cands_params(source),
		    &f->c->scope[cands_scope(source)],
		    f->c->df[cands_scope(source)],
		    k == 0 ? SIZE_MAX : k, false, &hit, &n, e);
		if (r < 0)
			return -1;
		f->c->n[source] += (int64_t)n;
		r = fuse_add(f, source, hit, n, true, e);
		free(hit);
	}
	if (r == 0 && !(f->without & FUSE_NO_WORDS))
		take_best(f, source, false);
	return r;
}

/* --- vectors ----------------------------------------------------------- */

struct asking {
	struct fuse *f;
	enum source source;
};

static int
piece_df(void *arg, uint32_t piece, uint64_t *df, struct err *e)
{
	struct asking *a = arg;
	struct indexes *x = a->f->of[a->source];
	const uint32_t *tail = a->f->rows->df[a->source];
	uint32_t n = 0;

	if (x != NULL && indexes_piece_df(x, piece, &n, e) < 0)
		return -1;
	*df = (uint64_t)n + (tail == NULL ? 0 : tail[piece]);
	return 0;
}

static int
make_query(struct fuse *f, enum source source, struct err *e)
{
	const struct vector_model *m = embedder_model(f->embedder);
	struct asking a = { f, source };
	float *v = xcalloc((size_t)m->dim + 1, sizeof *v);
	int64_t n = f->rows->vectors[source];
	int r;

	if (f->of[source] != NULL)
		n += f->of[source]->vectors;
	r = embedder_query(f->embedder, f->q->text.p, f->q->text.len,
	    (uint64_t)n, piece_df, &a, v, e);
	if (r == 1)
		f->query[source] = vector_query_new(m, v);
	free(v);
	return r < 0 ? -1 : 0;
}

static int
allow(void *arg, uint32_t part, uint32_t row, struct err *e)
{
	struct asking *a = arg;

	return rank_allows(a->f->of[a->source]->rank, a->f->q->plain, part,
	    row, e);
}

/* Rows of two parts with the same score: by their keys.  What cannot be read
 * is an error where the key is asked for again. */
static int
order(void *arg, const struct vector_hit *x, const struct vector_hit *y)
{
	struct asking *a = arg;
	struct indexes *of = a->f->of[a->source];
	struct buf kx = BUF_INIT, ky = BUF_INIT;
	struct err ignored;
	size_t n;
	int r = 0;

	if (segment_key(of->part[x->part].s, x->row, &kx, &ignored) == 0 &&
	    segment_key(of->part[y->part].s, y->row, &ky, &ignored) == 0) {
		n = kx.len < ky.len ? kx.len : ky.len;
		r = memcmp(kx.p, ky.p, n);
		if (r == 0)
			r = kx.len < ky.len ? -1 : kx.len > ky.len;
	}
	buf_release(&kx);
	buf_release(&ky);
	return r;
}

static int
scan(struct fuse *f, enum source source, struct err *e)
{
	struct indexes *x = f->of[source];
	struct asking a = { f, source };
	struct vector_want want = { .k = (uint32_t)f->best,
	    .candidates = FUSE_RESCORED, .order = order, .arg = &a };
	struct vector_hit *v;
	struct rank_hit *hit;
	size_t n, i;
	int r;

	/* asked of thousands: not where the answer is known */
	if (f->q->match.groups > (f->q->plain >= 0) || x->also)
		want.allow = allow;
	want.exact = x->vectors <= FUSE_EXACT;
	if (want.candidates < want.k)
		want.candidates = want.k;
	if (vector_scan(x->vector, x->parts, f->query[source], &want, &v, &n,
	    e) < 0)
		return -1;
	hit = xcalloc(n + 1, sizeof *hit);
	for (i = 0; i < n; i++) {
		hit[i].part = v[i].part;
		hit[i].doc = v[i].row;
	}
	free(v);
	r = fuse_add(f, source, hit, n, false, e);
	free(hit);
	return r;
}

static int
by_row(const void *pa, const void *pb)
{
	const struct vector_hit *a = pa, *b = pb;

	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

int
fuse_vectors(struct fuse *f, enum source source, size_t from, struct err *e)
{
	struct indexes *x = f->of[source];
	struct vector_hit *v;
	struct turn *t;
	size_t i, n = 0;
	int r = 0;

	if (f->query[source] == NULL)
		return 0;
	v = xcalloc(f->turns + 1, sizeof *v);
	for (i = from; i < f->turns; i++) {
		t = &f->turn[i];
		if (f->c->cand[i].source != source)
			continue;
		if (i < f->tails) {
			if (f->rows->row[i].scale > 0)
				t->vector = vector_query_row(f->query[source],
				    f->rows->q + i * f->rows->wide,
				    f->rows->row[i].scale);
			continue;
		}
		v[n].part = t->at.part & PART_MASK;
		v[n++].row = t->at.doc;
	}
	if (n > 0) {
		qsort(v, n, sizeof *v, by_row);
		r = vector_score(x->vector, x->parts, f->query[source], v, n,
		    e);
	}
	for (i = 0; i < n && r == 0; i++)
		f->turn[fuse_turn(f, fuse_place(source, v[i].part,
		    v[i].row))].vector = v[i].score;
	free(v);
	return r;
}

static int
by_vectors(struct fuse *f, enum source source, struct err *e)
{
	if (f->embedder == NULL)
		return 0;
	if (make_query(f, source, e) < 0)
		return -1;
	if (f->query[source] == NULL)
		return 0;
	if (f->of[source] != NULL && scan(f, source, e) < 0)
		return -1;
	if (fuse_vectors(f, source, 0, e) < 0)
		return -1;
	take_best(f, source, true);
	return 0;
}

/* --- all of it --------------------------------------------------------- */

int
fuse_run(struct fuse *f, unsigned sources, int64_t *found, struct err *e)
{
	size_t i;
	int source;

	cands_score(f->c, 0);
	for (i = 0; i < f->turns; i++)
		f->turn[i].text = f->c->cand[i].score;
	for (source = 0; source < SOURCE_SESSION; source++)
		if ((sources >> source & 1) &&
		    (by_words(f, (enum source)source, e) < 0 ||
		    by_vectors(f, (enum source)source, e) < 0))
			return -1;
	if (fuse_linked(f, sources, e) < 0)
		return -1;
	if ((sources >> SOURCE_EVENT & 1) && fuse_neighbours(f, e) < 0)
		return -1;
	return fuse_score(f, sources, found, e);
}
