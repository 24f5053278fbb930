/*
 * What is linked to what the query names is a candidate, too.
 */
#include "search/fuse.h"

#include "base/alloc.h"
#include "search/linked.h"

#include <stdlib.h>
#include <string.h>

struct there {			/* a text of the index */
	struct place at;
	size_t text;
};

struct looking {
	struct fuse *f;
	enum source source;
	struct there *there;	/* own */
	struct rank_hit *hit;	/* own */
	size_t n, there_cap, hit_cap;
};

static bool
is_dead(const struct rank_part *p, uint32_t doc)
{
	return p->dead != NULL && (p->dead[doc / 64] >> (doc % 64) & 1);
}

static int
look_for(struct looking *l, size_t text, const struct buf *key,
    struct err *e)
{
	struct indexes *x = l->f->of[l->source];
	uint32_t part, doc;
	int r;

	for (part = 0; part < x->parts; part++) {
		r = segment_find_key(x->part[part].s, key->p, key->len, &doc,
		    e);
		if (r < 0)
			return -1;
		if (r == 0 || is_dead(&x->part[part], doc))
			continue;
		l->there = xgrow(l->there, l->n, &l->there_cap,
		    sizeof *l->there);
		l->hit = xgrow(l->hit, l->n, &l->hit_cap, sizeof *l->hit);
		l->there[l->n].at = fuse_place(l->source, part, doc);
		l->there[l->n].text = text;
		memset(&l->hit[l->n], 0, sizeof *l->hit);
		l->hit[l->n].part = part;
		l->hit[l->n++].doc = doc;
	}
	return 0;
}

static void
link_turn(struct fuse *f, size_t turn, size_t text)
{
	f->turn[turn].linked = (uint32_t)text + 1;
	f->turn[turn].in = true;
}

static int
of_index(struct fuse *f, enum source source, struct err *e)
{
	const struct linked *all = f->linked;
	struct looking l = { .f = f, .source = source };
	struct buf key = BUF_INIT;
	const size_t first = f->turns;
	size_t i;
	int r = 0;

	for (i = 0; i < all->texts && r == 0; i++) {
		if ((all->text[i].within == NULL) != (source == SOURCE_EVENT))
			continue;
		indexed_key(&key, source, all->text[i].within,
		    all->text[i].id);
		r = look_for(&l, i, &key, e);
	}
	if (r == 0 && l.n > 0)
		r = fuse_add(f, source, l.hit, l.n, false, e);
	if (r == 0)
		r = fuse_vectors(f, source, first, e);
	for (i = 0; i < l.n && r == 0; i++)
		link_turn(f, fuse_turn(f, l.there[i].at), l.there[i].text);
	free(l.there);
	free(l.hit);
	buf_release(&key);
	return r;
}

/* What is not indexed is a candidate already. */
static void
of_tail(struct fuse *f, unsigned sources)
{
	const struct cand *k;
	char id[ULID_LEN + 1];
	size_t i, text;

	for (i = 0; i < f->tails; i++) {
		k = &f->c->cand[i];
		if (!(sources >> k->source & 1))
			continue;
		if (k->source == SOURCE_EVENT) {
			ulid_from_bytes(id, k->id);
			text = linked_find(f->linked, NULL, id);
		} else {
			text = linked_find(f->linked, cand_within(f->c, k),
			    cand_record_id(f->c, k));
		}
		if (text != SIZE_MAX)
			link_turn(f, i, text);
	}
}

int
fuse_linked(struct fuse *f, unsigned sources, struct err *e)
{
	int source;

	sources &= 1u << SOURCE_EVENT | 1u << SOURCE_KB |
	    1u << SOURCE_DOCUMENT;
	if (f->linked == NULL || f->linked->texts == 0)
		return 0;
	of_tail(f, sources);
	for (source = 0; source < SOURCE_SESSION; source++)
		if ((sources >> source & 1) && f->of[source] != NULL &&
		    of_index(f, (enum source)source, e) < 0)
			return -1;
	return 0;
}

double
fuse_link(const struct fuse *f, const struct turn *t)
{
	return t->linked == 0 ? 0 : f->linked->text[t->linked - 1].weight;
}

/* Is a text linked that will be told? */
static bool
any_linked(const struct fuse *f)
{
	size_t i;

	for (i = 0; i < f->turns; i++)
		if (f->turn[i].linked > 0 && !f->c->cand[i].hidden)
			return true;
	return false;
}

/* To each score so far what links it, in proportion to the best; where nothing
 * is linked all stay as they are. */
void
fuse_add_links(struct fuse *f, unsigned sources)
{
	double w = 1 / (1 + FUSE_LINKED);
	const struct cand *k;
	struct cand_session *s;
	size_t i;

	if (f->linked == NULL || f->linked->texts == 0 || !any_linked(f))
		return;
	for (i = 0; i < f->turns; i++) {
		k = &f->c->cand[i];
		if (!k->hidden && (sources >> k->source & 1) &&
		    k->score > f->best_score)
			f->best_score = k->score;
	}
	if (f->best_score <= 0)
		f->best_score = 1;
	for (i = 0; i < f->turns; i++)
		f->c->cand[i].score = w * (f->c->cand[i].score + FUSE_LINKED *
		    f->best_score * fuse_link(f, &f->turn[i]));
	if (!f->c->sessions_wanted)
		return;
	for (i = 0; i < f->c->session.n; i++)
		if (f->c->by_session[i].score > f->best_session)
			f->best_session = f->c->by_session[i].score;
	if (f->best_session <= 0)
		f->best_session = 1;
	for (i = 0; i < f->turns; i++) {
		k = &f->c->cand[i];
		if (k->source != SOURCE_EVENT || k->hidden ||
		    f->turn[i].linked == 0)
			continue;
		s = &f->c->by_session[k->session];
		if (s->linked == 0 || fuse_link(f, &f->turn[i]) > fuse_link(f,
		    &f->turn[s->linked - 1]))
			s->linked = (uint32_t)i + 1;
	}
	for (i = 0; i < f->c->session.n; i++) {
		s = &f->c->by_session[i];
		s->score = w * (s->score + (s->linked == 0 ? 0 : FUSE_LINKED *
		    f->best_session * fuse_link(f, &f->turn[s->linked - 1])));
	}
}
