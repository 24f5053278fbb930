/*
 * A word that was seen before costs one look into a table, which leads to
 * its form and so to its term, and a few bytes at the end of a chain.
 * Chains lie in slices that double, so that a word that comes once takes few
 * bytes and one that comes often is soon copied by the kilobyte.
 */
#include "index/segment_invert.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLAB ((size_t)1 << 20)	/* bytes; a number of units */
#define UNIT 4			/* slices are multiples of it */
#define TEXT ((size_t)1 << 16)
#define LEVELS 8
#define LINK 4			/* at the end of a slice: the next */

void
invert_init(struct invert *v)
{
	struct err ignored;

	memset(v, 0, sizeof *v);
	/* a weak seed only costs time, and that to whoever wrote the words */
	if (random_bytes((uint8_t *)&v->seed, sizeof v->seed, &ignored) < 0)
		v->seed = (uintptr_t)v;
	v->slab_used = SLAB;
}

void
invert_release(struct invert *v)
{
	size_t i;

	for (i = 0; i < v->slabs; i++)
		free(v->slab[i]);
	for (i = 0; i < v->texts; i++)
		free(v->text[i]);
	free(v->slab);
	free(v->text);
	free(v->term);
	free(v->form);
	free(v->by_key.slot);
	free(v->by_word.slot);
}

static size_t
table_bytes(const struct invert_table *t)
{
	return t->slot == NULL ? 0 : (t->mask + 1) * sizeof *t->slot;
}

size_t
invert_memory(const struct invert *v)
{
	return (v->slabs > 0 ? (v->slabs - 1) * SLAB + v->slab_used : 0) +
	    v->string_bytes + v->terms_cap * sizeof *v->term +
	    v->forms_cap * sizeof *v->form + table_bytes(&v->by_key) +
	    table_bytes(&v->by_word);
}

const char *
invert_keep(struct invert *v, const char *p, size_t n)
{
	char *to;

	if (v->text_left < n) {
		v->text = xgrow(v->text, v->texts, &v->texts_cap,
		    sizeof *v->text);
		v->text[v->texts++] = xmalloc(TEXT);
		v->text_left = TEXT;
	}
	to = v->text[v->texts - 1] + (TEXT - v->text_left);
	memcpy(to, p, n);
	v->text_left -= n;
	v->string_bytes += n;
	return to;
}

/* --- tables ------------------------------------------------------------ */

/* The product's halves folded together ("wyhash", Wang Yi, 2019). */
static uint64_t
mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 x = (unsigned __int128)a * b;

	return (uint64_t)x ^ (uint64_t)(x >> 64);
#else
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b,
	    bh = b >> 32, m = al * bh, n = ah * bl, c;

	c = (al * bl >> 32) + (uint32_t)m + (uint32_t)n;
	return (a * b) ^ (ah * bh + (m >> 32) + (n >> 32) + (c >> 32));
#endif
}

static uint64_t
word64(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

static uint32_t
word32(const uint8_t *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* Only ever compared within this process: the order of bytes is free. */
uint32_t
invert_hash(const struct invert *v, const void *data, size_t n)
{
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	const uint8_t *p = data;
	uint64_t h = v->seed ^ n * k, a;

	if (n >= 8) {
		for (; n > 8; n -= 8, p += 8)
			h = mix(h ^ word64(p), k);
		a = word64(p + n - 8);
	} else if (n >= 4) {
		a = (uint64_t)word32(p) << 32 | word32(p + n - 4);
	} else {
		a = n == 0 ? 0 : (uint64_t)p[0] << 16 |
		    (uint64_t)p[n / 2] << 8 | p[n - 1];
	}
	h = mix(h ^ a, k ^ v->seed);
	return (uint32_t)(h ^ h >> 32);
}

void
invert_table_grow(struct invert_table *t)
{
	struct invert_slot *old = t->slot;
	size_t i, at, n = old == NULL ? 0 : t->mask + 1;

	if (3 * (t->n + 1) < 2 * n)
		return;
	t->mask = (n > 0 ? 2 * n : 1024) - 1;
	if (t->mask > UINT32_MAX)
		alloc_fail();
	t->slot = xcalloc(t->mask + 1, sizeof *t->slot);
	for (i = 0; i < n; i++) {
		if (old[i].id == 0)
			continue;
		for (at = old[i].hash; t->slot[at & t->mask].id != 0; at++)
			;
		t->slot[at & t->mask] = old[i];
	}
	free(old);
}

/* --- chains ------------------------------------------------------------ */

/* What a slice of each level holds. */
static size_t
slice_size(unsigned level)
{
	return (size_t)8 << level;
}

static uint8_t *
slice_at(const struct invert *v, uint32_t slice)
{
	size_t at = (size_t)slice * UNIT;

	return v->slab[at / SLAB] + at % SLAB;
}

static uint32_t
slice_new(struct invert *v, size_t size)
{
	size_t at;

	if (SLAB - v->slab_used < size + LINK) {
		v->slab = xgrow(v->slab, v->slabs, &v->slabs_cap,
		    sizeof *v->slab);
		v->slab[v->slabs++] = xmalloc(SLAB);
		v->slab_used = 0;
	}
	at = (v->slabs - 1) * SLAB + v->slab_used;
	v->slab_used += size + LINK;
	if (at / UNIT >= UINT32_MAX)	/* 16 GiB */
		alloc_fail();
	return (uint32_t)(at / UNIT);
}

static void
chain_grow(struct invert *v, struct invert_term *t)
{
	uint32_t slice;

	if (t->head != INVERT_NONE && t->level + 1 < LEVELS)
		t->level++;
	slice = slice_new(v, slice_size(t->level));
	if (t->head == INVERT_NONE)
		t->head = slice;
	else
		memcpy(slice_at(v, t->slice) + t->size, &slice, LINK);
	t->slice = slice;
	t->used = 0;
	t->size = (uint16_t)slice_size(t->level);
}

static void
chain_put(struct invert *v, struct invert_term *t, const uint8_t *p, size_t n)
{
	size_t k;

	while (n > 0) {
		if (t->used == t->size)
			chain_grow(v, t);
		k = (size_t)t->size - t->used;
		k = k < n ? k : n;
		memcpy(slice_at(v, t->slice) + t->used, p, k);
		t->used = (uint16_t)(t->used + k);
		p += k;
		n -= k;
	}
}

void
invert_chain(const struct invert *v, const struct invert_term *t,
    struct buf *b)
{
	uint32_t slice = t->head;
	unsigned level = 0;
	const uint8_t *p;

	buf_reset(b);
	while (slice != t->slice) {
		p = slice_at(v, slice);
		buf_add(b, p, slice_size(level));
		memcpy(&slice, p + slice_size(level), LINK);
		level += level + 1 < LEVELS;
	}
	buf_add(b, slice_at(v, slice), t->used);
}

/* --- terms ------------------------------------------------------------- */

static uint32_t
term_of(struct invert *v, unsigned field, const char *text, size_t len)
{
	char key[SEGMENT_TERM];
	struct invert_slot *s;
	struct invert_term *t;
	uint32_t hash;
	size_t at;

	assert(field > 0 && field <= UINT8_MAX && len < sizeof key);
	key[0] = (char)field;
	memcpy(key + 1, text, len++);
	hash = invert_hash(v, key, len);
	invert_table_grow(&v->by_key);
	for (at = hash; (s = invert_slot(&v->by_key, &at, hash))->id != 0;
	    at++) {
		t = &v->term[s->id - 1];
		if (t->len == len && memcmp(t->key, key, len) == 0)
			return s->id - 1;
	}
	if (v->terms == UINT32_MAX - 1)
		alloc_fail();
	v->term = xgrow(v->term, v->terms, &v->terms_cap, sizeof *v->term);
	t = &v->term[v->terms++];
	memset(t, 0, sizeof *t);
	t->key = invert_keep(v, key, len);
	t->len = (uint16_t)len;
	t->head = t->first = INVERT_NONE;
	s->hash = hash;
	s->id = (uint32_t)v->terms;
	v->by_key.n++;
	return s->id - 1;
}

static const struct invert_form *
form_new(struct invert *v, const char *stem, size_t stem_len,
    const char *word, size_t len, bool whole)
{
	uint32_t term = term_of(v, SEGMENT_TEXT, stem, stem_len);
	struct invert_term *t = &v->term[term];
	struct invert_form *f;

	v->form = xgrow(v->form, v->forms, &v->forms_cap, sizeof *v->form);
	f = &v->form[v->forms];
	f->text = len + 1 == t->len && memcmp(word, t->key + 1, len) == 0 ?
	    t->key + 1 : invert_keep(v, word, len);
	f->len = (uint16_t)len;
	f->whole = whole;
	f->term = term;
	f->number = t->forms++;
	f->next = t->first;
	t->first = (uint32_t)v->forms++;
	return f;
}

static const struct invert_form *
form_of(struct invert *v, const char *stem, size_t stem_len, const char *word,
    size_t len, bool whole)
{
	uint32_t hash = invert_hash(v, word, len) ^ whole;
	const struct invert_form *f;
	struct invert_slot *s;
	size_t at;

	invert_table_grow(&v->by_word);
	for (at = hash; (s = invert_slot(&v->by_word, &at, hash))->id != 0;
	    at++) {
		f = &v->form[s->id - 1];
		if (f->len == len && f->whole == whole &&
		    memcmp(f->text, word, len) == 0)
			return f;
	}
	f = form_new(v, stem, stem_len, word, len, whole);
	s->hash = hash;
	s->id = (uint32_t)v->forms;
	v->by_word.n++;
	return f;
}

static void
occurs(struct invert *v, struct invert_term *t, uint32_t form, uint32_t doc,
    uint32_t pos, unsigned times)
{
	static const uint8_t again[1];	/* the same at the same place */
	uint8_t room[3 * VINT_MAX], *p = room;
	uint64_t x;

	if (t->doc != doc + 1)
		t->tf = 0;
	if (times == 0 || t->tf == SEGMENT_TF)
		return;
	x = (t->doc != doc + 1 ? doc + 1 - t->doc : pos - t->pos);
	p = vint_put(p, x << 2 | (uint64_t)(form != t->form) << 1 |
	    (t->doc != doc + 1));
	if (form != t->form)
		p = vint_put(p, form);
	if (t->doc != doc + 1) {
		p = vint_put(p, pos);
		t->docs++;
	}
	t->doc = doc + 1;
	t->form = form;
	t->pos = pos;
	chain_put(v, t, room, (size_t)(p - room));
	for (t->tf++; --times > 0 && t->tf < SEGMENT_TF; t->tf++)
		chain_put(v, t, again, 1);
}

void
invert_word(struct invert *v, const char *stem, size_t stem_len,
    const char *word, size_t len, bool whole, uint32_t doc, uint32_t pos,
    unsigned times)
{
	const struct invert_form *f = form_of(v, stem, stem_len, word, len,
	    whole);

	occurs(v, &v->term[f->term], f->number, doc, pos, times);
}

void
invert_term(struct invert *v, unsigned field, const char *text, size_t len,
    uint32_t doc, uint32_t pos, unsigned times)
{
	uint32_t term = term_of(v, field, text, len);

	occurs(v, &v->term[term], 0, doc, pos, times);
}

void
invert_value(struct invert *v, unsigned field, const char *text, size_t len,
    uint32_t doc)
{
	uint32_t term = term_of(v, field, text, len);
	struct invert_term *t = &v->term[term];
	uint8_t room[VINT_MAX];

	if (t->doc == doc + 1)
		return;
	chain_put(v, t, room, (size_t)(vint_put(room, doc + 1 - t->doc) -
	    room));
	t->doc = doc + 1;
	t->docs++;
}
