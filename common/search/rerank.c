#include "search/rerank.h"

#include "base/alloc.h"
#include "memory/event.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS 64		/* of terms, most */
#define APART 2			/* positions from one to the next */

struct pairs {
	size_t n;
	struct { size_t first, second; } of[PAIRS];
};

/* --- the query --------------------------------------------------------- */

/* Terms that score, one after the other, as the query has them. */
static void
find_pairs(const struct match *m, struct pairs *p)
{
	size_t i, last = SIZE_MAX;

	p->n = 0;
	for (i = 0; i < m->terms && p->n < PAIRS; i++) {
		if (m->term[i].weight < 1 || m->term[i].kind != MATCH_STEM)
			continue;
		if (last != SIZE_MAX) {
			p->of[p->n].first = last;
			p->of[p->n++].second = i;
		}
		last = i;
	}
}

/* --- cover ------------------------------------------------------------- */

static void
mark_terms(const struct fuse *f, uint32_t turn, bool *has)
{
	struct cand_term t;
	size_t i;

	if (turn == BESIDE_NONE)
		return;
	for (i = 0; cand_term(f->c, &f->c->cand[turn], i, &t); i++)
		has[t.term] = true;
}

static double
cover(const struct fuse *f, size_t turn)
{
	const struct match *m = &f->q->match;
	const int64_t texts = f->c->scope[SOURCE_EVENT].texts;
	const int64_t *df = f->c->df[SOURCE_EVENT];
	bool has[MATCH_TERMS] = { false };
	double all = 0, held = 0, idf;
	size_t i;

	mark_terms(f, (uint32_t)turn, has);
	for (i = 0; i < BESIDE_N; i++)
		mark_terms(f, f->turn[turn].beside[i], has);
	for (i = 0; i < m->terms; i++) {
		if (m->term[i].weight <= 0)
			continue;
		idf = m->term[i].weight * score_idf(texts, df[i]);
		all += idf;
		held += has[i] ? idf : 0;
	}
	return all > 0 ? held / all : 0;
}

/* --- pairs ------------------------------------------------------------- */

/* Positions of all terms of an event that is not indexed. */
struct positions {
	struct { uint32_t *pos; size_t n, cap; } of[MATCH_TERMS];
};

static void
add_position(void *arg, int term, uint32_t pos)
{
	struct positions *p = arg;

	p->of[term].pos = xgrow(p->of[term].pos, p->of[term].n,
	    &p->of[term].cap, sizeof *p->of[term].pos);
	p->of[term].pos[p->of[term].n++] = pos;
}

/* Does one of b follow one of a?  Both ascend. */
static bool
follows(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	size_t i, k = 0;

	for (i = 0; i < na; i++) {
		while (k < nb && b[k] <= a[i])
			k++;
		if (k < nb && b[k] - a[i] <= APART)
			return true;
	}
	return false;
}

static int
read_positions(struct fuse *f, size_t turn,
    struct positions *p, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	struct match_text x;
	struct doc d = { 0 };
	struct tokens ts;
	size_t i;
	int r;

	tokens_init(&ts, f->q->match.language);
	match_text_init(&x, &f->q->match);
	x.at = add_position;
	x.at_arg = p;
	if ((r = event_get(&it,
	    &f->seen->user[f->c->cand[turn].who]->in.st, f->c->cand[turn].ref,
	    &ev, e)) == 1) {
		doc_event(&d, ev);
		for (i = 0; i < d.pieces; i++)
			match_text_add(&x, &ts, d.piece[i].text,
			    d.piece[i].len, d.piece[i].times);
	}
	doc_release(&d);
	event_close(it);
	match_text_release(&x);
	tokens_release(&ts);
	return r < 0 ? -1 : 0;
}

static int
tail_pairs(struct fuse *f, size_t turn,
    const struct pairs *p, size_t *held, struct err *e)
{
	struct positions *x = xcalloc(1, sizeof *x);
	size_t i, a, b;
	int r = read_positions(f, turn, x, e);

	for (i = 0; i < p->n && r == 0; i++) {
		a = p->of[i].first;
		b = p->of[i].second;
		*held += follows(x->of[a].pos, x->of[a].n, x->of[b].pos,
		    x->of[b].n);
	}
	for (i = 0; i < MATCH_TERMS; i++)
		free(x->of[i].pos);
	free(x);
	return r;
}

static int
index_pairs(struct fuse *f, size_t turn, const struct pairs *p, size_t *held,
    struct err *e)
{
	const struct place *at = &f->turn[turn].at;
	struct rank *rank = f->of[SOURCE_EVENT]->rank;
	const uint32_t *a, *b;
	uint32_t na, nb;
	size_t i;

	for (i = 0; i < p->n; i++) {
		/* two lists: what one shows is not the other's */
		if (rank_positions(rank, at->part, at->doc, p->of[i].first,
		    &a, &na, e) < 0)
			return -1;
		if (na == 0)
			continue;
		if (rank_positions(rank, at->part, at->doc, p->of[i].second,
		    &b, &nb, e) < 0)
			return -1;
		*held += follows(a, na, b, nb);
	}
	return 0;
}

/* --- all of it --------------------------------------------------------- */

static int
by_number(const void *pa, const void *pb)
{
	const size_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

static double
question(const struct fuse *f, const struct turn *t)
{
	const struct turn *before;

	if (t->beside[BESIDE - 1] == BESIDE_NONE)
		return 0;
	before = &f->turn[t->beside[BESIDE - 1]];
	return before->traits & DOC_QUESTION ? before->h : 0;
}

int
rerank(struct fuse *f, const size_t *turn, size_t n, struct err *e)
{
	double most = n > 0 ? f->turn[turn[0]].sum : 0;
	size_t *order = xcalloc(n + 1, sizeof *order), i, k, held;
	struct rerank *x;
	struct pairs p;
	struct turn *t;
	int r = 0;

	find_pairs(&f->q->match, &p);
	if (n > 0)
		memcpy(order, turn, n * sizeof *order);
	qsort(order, n, sizeof *order, by_number);
	for (i = 0; i < n && r == 0; i++) {
		k = order[i];
		t = &f->turn[k];
		x = &t->rerank;
		x->done = true;
		x->base = most > 0 ? t->sum / most : 0;
		x->question = question(f, t);
		x->cover = cover(f, k);
		held = 0;
		r = p.n == 0 ? 0 : k < f->tails ?
		    tail_pairs(f, k, &p, &held, e) :
		    index_pairs(f, k, &p, &held, e);
		x->pairs = p.n == 0 ? 0 : (double)held / (double)p.n;
		x->tells = t->traits & DOC_QUESTION ? 0 : 1;
		x->first = t->first ? 1 : 0;
		t->score = RERANK_BASE * x->base + RERANK_QUESTION *
		    x->question + RERANK_COVER * x->cover + RERANK_PAIRS *
		    x->pairs + RERANK_TELLS * x->tells + RERANK_FIRST *
		    x->first;
	}
	/* the others follow */
	for (i = 0; i < f->turns; i++)
		if (!f->turn[i].rerank.done)
			f->turn[i].score = most > 0 ?
			    RERANK_BASE * f->turn[i].sum / most : 0;
	free(order);
	return r;
}
