#include "search/cands.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define TF_MAX 65535		/* counts are kept in 16 bits */
#define FOUND_BYTES 3		/* of one term and its count */

void
cands_init(struct cands *c, const struct query *q, bool sessions_wanted,
    bool count_only)
{
	int s;

	memset(c, 0, sizeof *c);
	c->q = q;
	c->sessions_wanted = sessions_wanted;
	c->count_only = count_only;
	buf_init(&c->found);
	buf_init(&c->names);
	buf_init(&c->key);
	for (s = 0; s < SOURCE_N; s++)
		c->df[s] = xcalloc(q->match.terms + 1, sizeof **c->df);
}

void
cands_release(struct cands *c)
{
	int s;

	for (s = 0; s < SOURCE_N; s++) {
		free(c->df[s]);
		free(c->table[s]);
	}
	free(c->cand);
	free(c->by_session);
	buf_release(&c->found);
	buf_release(&c->names);
	buf_release(&c->key);
	map_release(&c->session);
	memset(c, 0, sizeof *c);
}

const struct score_params *
cands_params(enum source s)
{
	return s == SOURCE_EVENT || s == SOURCE_GRIP ? &score_event :
	    &score_record;
}

/* A word that is rare among the tenant's thousands is not frequent because
 * the user has few facts of his own. */
enum source
cands_scope(enum source s)
{
	return s == SOURCE_OWN ? SOURCE_FACT : s;
}

void
cands_count(struct cands *c, enum source s, const struct match_text *x)
{
	size_t i;

	s = cands_scope(s);
	c->scope[s].texts++;
	c->scope[s].length += score_length(score_pack(x->length));
	for (i = 0; x->found > 0 && i < x->m->terms; i++)
		c->df[s][i] += x->tf[i] > 0;
}

/* The terms that score and were found, as number and count; their number
 * comes first. */
static size_t
add_found(struct cands *c, const struct match_text *x)
{
	size_t at = c->found.len, i;
	unsigned char *p;
	uint32_t tf;

	p = (unsigned char *)buf_reserve(&c->found, 2 + FOUND_BYTES *
	    x->m->terms);
	p[0] = p[1] = 0;
	c->found.len += 2;
	for (i = 0; x->found > 0 && i < x->m->terms; i++) {
		if (x->tf[i] == 0 || x->m->term[i].weight <= 0)
			continue;
		tf = x->tf[i] < TF_MAX ? x->tf[i] : TF_MAX;
		p[c->found.len - at] = (unsigned char)i;
		p[c->found.len - at + 1] = (unsigned char)tf;
		p[c->found.len - at + 2] = (unsigned char)(tf >> 8);
		c->found.len += FOUND_BYTES;
		if (++p[0] == 0)	/* 256 terms do not fit one byte */
			p[1]++;
	}
	c->found.p[c->found.len] = '\0';
	return at;
}

/* Two users may have sessions of one name. */
static uint32_t
session_number(struct cands *c, const struct doc *d)
{
	union map_value *v;
	int made;

	buf_reset(&c->key);
	buf_addf(&c->key, "%u/%s", d->who, d->session);
	v = map_put(&c->session, c->key.p, &made);
	if (made)
		v->i = (int64_t)c->session.n - 1;
	return (uint32_t)v->i;
}

void
cands_add(struct cands *c, const struct doc *d, const struct match_text *x)
{
	c->n[d->source]++;
	cands_put(c, d, x);
}

void
cands_put(struct cands *c, const struct doc *d, const struct match_text *x)
{
	struct cand *k;
	uint32_t session = 0;

	if (d->source == SOURCE_EVENT && c->sessions_wanted)
		session = session_number(c, d);
	if (c->count_only)
		return;
	c->cand = xgrow(c->cand, c->cands, &c->cap, sizeof *c->cand);
	k = &c->cand[c->cands++];
	memset(k, 0, sizeof *k);
	k->source = (uint8_t)d->source;
	k->who = d->who;
	k->length = score_pack(x->length);
	k->session = session;
	k->found = add_found(c, x);
	if (d->source == SOURCE_EVENT) {
		k->ref = d->seq;
		if (d->ulid != NULL)
			memcpy(k->id, d->ulid, sizeof k->id);
		else
			ulid_parse(d->id, k->id);
		return;
	}
	k->ref = (int64_t)c->names.len;
	buf_adds(&c->names, d->within != NULL ? d->within : "");
	buf_addc(&c->names, '\0');
	buf_add(&c->names, d->id, strlen(d->id) + 1);
}

const char *
cand_within(const struct cands *c, const struct cand *k)
{
	return c->names.p + k->ref;
}

const char *
cand_record_id(const struct cands *c, const struct cand *k)
{
	const char *s = cand_within(c, k);

	return s + strlen(s) + 1;
}

int
cand_term(const struct cands *c, const struct cand *k, size_t i,
    struct cand_term *out)
{
	const unsigned char *p = (const unsigned char *)c->found.p + k->found;
	const struct match_term *t;
	enum source s = cands_scope((enum source)k->source);

	if (i >= (size_t)(p[0] | p[1] << 8))
		return 0;
	p += 2 + FOUND_BYTES * i;
	out->term = p[0];
	out->tf = (uint32_t)(p[1] | p[2] << 8);
	t = &c->q->match.term[out->term];
	out->df = c->df[s][out->term];
	out->idf = score_idf(c->scope[s].texts, out->df);
	out->score = score_term(c->table[s], t->weight * out->idf, out->tf,
	    k->length);
	return 1;
}

/* Does event a come before event b? */
static bool
event_before(const struct cand *a, const struct cand *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	return memcmp(a->id, b->id, sizeof a->id) < 0;
}

/* Keep an event among the best of its session. */
static void
session_add(struct cands *c, size_t i)
{
	struct cand_session *s = &c->by_session[c->cand[i].session];
	size_t k, was, one = i;

	for (k = 0; k < CANDS_SESSION_BEST && one != SIZE_MAX; k++) {
		was = s->best[k];
		if (was != SIZE_MAX &&
		    !event_before(&c->cand[one], &c->cand[was]))
			continue;
		s->best[k] = one;
		one = was;
	}
}

void
cands_sessions(struct cands *c)
{
	struct cand_session *s;
	size_t i, k;
	double weight;

	c->by_session = xcalloc(c->session.n + 1, sizeof *c->by_session);
	for (i = 0; i < c->session.n; i++)
		for (k = 0; k < CANDS_SESSION_BEST; k++)
			c->by_session[i].best[k] = SIZE_MAX;
	for (i = 0; i < c->cands; i++)
		if (c->cand[i].source == SOURCE_EVENT && !c->cand[i].hidden)
			session_add(c, i);
	for (i = 0; i < c->session.n; i++) {
		s = &c->by_session[i];
		weight = 1;
		for (k = 0; k < CANDS_SESSION_BEST; k++, weight /= 2)
			if (s->best[k] != SIZE_MAX)
				s->score += weight * c->cand[s->best[k]].score;
	}
}

void
cands_score(struct cands *c, size_t from)
{
	struct cand_term t;
	size_t i, k;
	int s;

	for (s = 0; s < SOURCE_N; s++) {
		if (c->table[s] != NULL || c->scope[s].texts == 0)
			continue;
		c->table[s] = xmalloc(sizeof *c->table[s]);
		score_table(c->table[s], cands_params((enum source)s),
		    score_average(&c->scope[s]));
	}
	for (i = from; i < c->cands; i++)
		for (k = 0; cand_term(c, &c->cand[i], k, &t); k++)
			c->cand[i].score += t.score;
}

/* --- the best ---------------------------------------------------------- */

const char *
cands_rank_id(const struct cands *c, const struct rank *r,
    char room[ULID_LEN + 1])
{
	const struct cand *k;

	if (r->source == SOURCE_SESSION)
		return strchr(c->session.e[r->i].key, '/') + 1;
	k = &c->cand[r->i];
	if (r->source != SOURCE_EVENT)
		return cand_record_id(c, k);
	ulid_from_bytes(room, k->id);
	return room;
}

/* Does a come before b? */
static bool
before(const struct cands *c, const struct rank *a, const struct rank *b)
{
	char ra[ULID_LEN + 1], rb[ULID_LEN + 1];
	int d;

	if (a->score != b->score)
		return a->score > b->score;
	/* as bytes they are in the same order as written */
	if (a->source == SOURCE_EVENT && b->source == SOURCE_EVENT)
		return memcmp(c->cand[a->i].id, c->cand[b->i].id,
		    ULID_BYTES) < 0;
	d = strcmp(cands_rank_id(c, a, ra), cands_rank_id(c, b, rb));
	if (d != 0)
		return d < 0;
	if (a->source != b->source)
		return a->source < b->source;
	return source_is_rows((enum source)a->source) &&
	    strcmp(cand_within(c, &c->cand[a->i]),
	    cand_within(c, &c->cand[b->i])) < 0;
}

/* A heap whose root is the last of those kept. */
struct heap {
	const struct cands *c;
	struct rank *r;
	size_t n, cap, max;
};

static void
sink(struct heap *h, size_t i)
{
	struct rank x = h->r[i];
	size_t k;

	while ((k = 2 * i + 1) < h->n) {
		if (k + 1 < h->n && before(h->c, &h->r[k], &h->r[k + 1]))
			k++;
		if (!before(h->c, &x, &h->r[k]))
			break;
		h->r[i] = h->r[k];
		i = k;
	}
	h->r[i] = x;
}

static void
heap_add(struct heap *h, double score, enum source source, size_t i)
{
	struct rank x = { score, source, i };
	size_t k, up;

	if (h->max > 0 && h->n == h->max) {
		if (before(h->c, &x, &h->r[0])) {
			h->r[0] = x;
			sink(h, 0);
		}
		return;
	}
	h->r = xgrow(h->r, h->n, &h->cap, sizeof *h->r);
	for (k = h->n++; k > 0; k = up) {
		up = (k - 1) / 2;
		if (!before(h->c, &h->r[up], &x))
			break;
		h->r[k] = h->r[up];
	}
	h->r[k] = x;
}

size_t
cands_best(const struct cands *c, enum source source, size_t n, size_t **out)
{
	struct rank *rank;
	size_t i, all;

	all = cands_rank(c, 1u << source, n, &rank);
	*out = xreallocarray(NULL, all + 1, sizeof **out);
	for (i = 0; i < all; i++)
		(*out)[i] = rank[i].i;
	free(rank);
	return all;
}

size_t
cands_rank(const struct cands *c, unsigned sources, size_t n,
    struct rank **out)
{
	struct heap h = { .c = c, .max = n };
	struct rank last;
	size_t i, all;

	for (i = 0; i < c->cands; i++)
		if (sources >> c->cand[i].source & 1 && !c->cand[i].hidden)
			heap_add(&h, c->cand[i].score,
			    (enum source)c->cand[i].source, i);
	if (sources >> SOURCE_SESSION & 1)
		for (i = 0; i < c->session.n; i++)
			if (c->by_session[i].best[0] != SIZE_MAX)
				heap_add(&h, c->by_session[i].score,
				    SOURCE_SESSION, i);
	all = h.n;
	while (h.n > 1) {	/* the last goes to the end */
		last = h.r[0];
		h.r[0] = h.r[--h.n];
		sink(&h, 0);
		h.r[h.n] = last;
	}
	*out = h.r;
	return all;
}
