#include "graph/sum.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* --- where it can be read ---------------------------------------------- */

/* The finalizer of MurmurHash3 (A. Appleby). */
static uint64_t
mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

static bool
is_less(int64_t a, int64_t b)
{
	uint64_t x = mix((uint64_t)a), y = mix((uint64_t)b);

	return x != y ? x < y : a < b;
}

static void
add_some(struct seen_in *s, int64_t row)
{
	uint32_t i, n = s->somes;

	if (n == GRAPH_SOME && !is_less(row, s->some[n - 1]))
		return;
	for (i = 0; i < n; i++)
		if (s->some[i] == row)
			return;
	if (n == GRAPH_SOME)
		n--;
	for (i = n; i > 0 && is_less(row, s->some[i - 1]); i--)
		s->some[i] = s->some[i - 1];
	s->some[i] = row;
	s->somes = n + 1;
}

static void
add_ends(struct seen_in *s, int64_t row, int64_t ms, int64_t last,
    int64_t last_ms)
{
	if (s->n == 0 || ms < s->first_ms || (ms == s->first_ms &&
	    row < s->first)) {
		s->first_ms = ms;
		s->first = row;
	}
	if (s->n == 0 || last_ms > s->last_ms || (last_ms == s->last_ms &&
	    last > s->last)) {
		s->last_ms = last_ms;
		s->last = last;
	}
}

void
seen_in_add(struct seen_in *s, int64_t row, int64_t ms)
{
	add_ends(s, row, ms, row, ms);
	add_some(s, row);
	s->n++;
}

void
seen_in_merge(struct seen_in *s, const struct seen_in *o)
{
	uint32_t i;

	if (o->n == 0)
		return;
	add_ends(s, o->first, o->first_ms, o->last, o->last_ms);
	for (i = 0; i < o->somes; i++)
		add_some(s, o->some[i]);
	s->n += o->n;
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

size_t
seen_in_rows(const struct seen_in *s, int64_t rows[GRAPH_ROWS])
{
	size_t n = 0, from;
	uint32_t i;

	if (s->n == 0)
		return 0;
	rows[n++] = s->first;
	from = n;
	for (i = 0; i < s->somes; i++)
		if (s->some[i] != s->first && s->some[i] != s->last)
			rows[n++] = s->some[i];
	qsort(rows + from, n - from, sizeof *rows, by_number);
	if (s->last != s->first)
		rows[n++] = s->last;
	return n;
}

enum graph_kind
graph_kind_of(const uint32_t kinds[GRAPH_KINDS])
{
	uint64_t all = 0;
	int k;

	for (k = 0; k < GRAPH_KINDS; k++)
		all += kinds[k];
	for (k = GRAPH_KINDS - 1; k > 0 && (uint64_t)kinds[k] * 5 < all; k--)
		;
	while (k > 0 && kinds[k] == 0)
		k--;
	return (enum graph_kind)k;
}

/* --- sums -------------------------------------------------------------- */

void
sum_init(struct sum *s)
{
	memset(s, 0, sizeof *s);
	buf_init(&s->key);
	sum_kind(s, "near");
}

void
sum_release(struct sum *s)
{
	map_release(&s->keys);
	map_release(&s->forms);
	map_release(&s->kinds);
	free(s->entity);
	free(s->pair);
	free(s->slot);
	buf_release(&s->key);
	memset(s, 0, sizeof *s);
}

void
sum_text(struct sum *s, int64_t row, int64_t ms)
{
	s->stamp++;
	s->row = row;
	s->ms = ms;
	s->docs++;
	s->muted = false;
}

void
sum_text_again(struct sum *s, int64_t row, int64_t ms)
{
	sum_text(s, row, ms);
	s->docs--;
	s->muted = true;
}

/* The forms of an entity: those beyond the room are counted as none. */
static void
add_form(struct sum *s, struct sum_entity *x, const char *p, size_t len)
{
	union map_value *v;
	uint32_t i;
	int made;

	for (i = 0; i < x->nforms; i++)
		if (strncmp(x->form[i].p, p, len) == 0 &&
		    x->form[i].p[len] == '\0') {
			x->form[i].n++;
			return;
		}
	if (x->nforms == GRAPH_FORMS)
		return;
	v = map_put_n(&s->forms, p, len, &made);
	if (made)
		v->i = (int64_t)s->forms.n;
	x->form[x->nforms].p = s->forms.e[v->i - 1].key;
	x->form[x->nforms++].n = 1;
}

void
sum_strong(struct sum *s, int64_t entity)
{
	struct sum_entity *x = &s->entity[entity];

	if (x->strong_stamp == s->stamp)
		return;
	x->strong_stamp = s->stamp;
	x->strong += !s->muted;
}

static int64_t
add_name(struct sum *s, enum graph_kind kind, const char *p, size_t len,
    bool strong, bool vote)
{
	char name[GRAPH_NAME_MAX];
	union map_value *v;
	struct sum_entity *x;
	int made;

	if (len > GRAPH_NAME_MAX || (len = graph_name_line(name, p, len)) == 0)
		return -1;
	p = name;
	graph_name_key(&s->key, kind, p, len);
	if (s->key.len == 0)
		return -1;
	v = map_put_n(&s->keys, s->key.p, s->key.len, &made);
	if (made) {
		s->entity = xgrow(s->entity, s->entities, &s->entity_cap,
		    sizeof *s->entity);
		x = &s->entity[s->entities++];
		memset(x, 0, sizeof *x);
		x->key = s->keys.e[s->keys.n - 1].key;
		v->i = (int64_t)s->entities;
	}
	x = &s->entity[v->i - 1];
	if (strong)
		sum_strong(s, v->i - 1);
	if (x->stamp != s->stamp) {
		x->stamp = s->stamp;
		if (s->muted)
			return v->i - 1;
		x->kinds[kind]++;
		seen_in_add(&x->in, s->row, s->ms);
		add_form(s, x, p, len);
	} else if (vote && x->voted != s->stamp) {
		x->kinds[kind]++;
	}
	if (vote)
		x->voted = s->stamp;
	return v->i - 1;
}

int64_t
sum_name(struct sum *s, enum graph_kind kind, const char *p, size_t len,
    bool strong)
{
	return add_name(s, kind, p, len, strong, false);
}

int64_t
sum_propose(struct sum *s, enum graph_kind kind, const char *p, size_t len)
{
	return add_name(s, kind, p, len, true, true);
}

uint32_t
sum_kind(struct sum *s, const char *name)
{
	union map_value *v;
	int made;

	v = map_put(&s->kinds, name, &made);
	if (made)
		v->i = (int64_t)s->kinds.n - 1;
	return (uint32_t)v->i;
}

static size_t
pair_slot(const struct sum *s, uint32_t a, uint32_t b, uint32_t kind)
{
	uint64_t h = mix((uint64_t)a << 32 | b) + kind * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)h & (s->slots - 1);
	const struct sum_pair *p;

	for (; s->slot[i] != 0; i = (i + 1) & (s->slots - 1)) {
		p = &s->pair[s->slot[i] - 1];
		if (p->a == a && p->b == b && p->kind == kind)
			break;
	}
	return i;
}

static void
grow(struct sum *s)
{
	size_t i;

	free(s->slot);
	s->slots = s->slots == 0 ? 4096 : s->slots * 2;
	s->slot = xcalloc(s->slots, sizeof *s->slot);
	for (i = 0; i < s->pairs; i++)
		s->slot[pair_slot(s, s->pair[i].a, s->pair[i].b,
		    s->pair[i].kind)] = (uint32_t)i + 1;
}

void
sum_pair(struct sum *s, int64_t a, int64_t b, uint32_t kind)
{
	struct sum_pair *p;
	int64_t t;
	size_t i;

	if (a < 0 || b < 0 || a == b)
		return;
	if (kind == GRAPH_NEAR && a > b) {
		t = a;
		a = b;
		b = t;
	}
	if (s->pairs * 2 >= s->slots)
		grow(s);
	i = pair_slot(s, (uint32_t)a, (uint32_t)b, kind);
	if (s->slot[i] == 0) {
		s->pair = xgrow(s->pair, s->pairs, &s->pair_cap,
		    sizeof *s->pair);
		p = &s->pair[s->pairs++];
		memset(p, 0, sizeof *p);
		p->a = (uint32_t)a;
		p->b = (uint32_t)b;
		p->kind = kind;
		s->slot[i] = (uint32_t)s->pairs;
	}
	p = &s->pair[s->slot[i] - 1];
	if (p->stamp == s->stamp)
		return;
	p->stamp = s->stamp;
	if (!s->muted)
		seen_in_add(&p->in, s->row, s->ms);
}

bool
sum_said(const struct sum *s, int64_t a, int64_t b, uint32_t kind)
{
	size_t i;

	if (s->slots == 0 || a < 0 || b < 0)
		return false;
	i = pair_slot(s, (uint32_t)a, (uint32_t)b, kind);
	return s->slot[i] != 0 && s->pair[s->slot[i] - 1].stamp == s->stamp;
}
