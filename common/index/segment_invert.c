/*
 * A word that was seen before costs a look into a table, at the word, and a
 * few bytes at the end of a chain: three places in memory, which is what it
 * costs.  Chains lie in slices that double, so that a word that comes once
 * takes few bytes and one that comes often is soon copied by the kilobyte.
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
_Static_assert(sizeof(struct invert_word) <= INVERT_LINE, "a line");
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
	for (i = 0; i < v->chunks; i++)
		free(v->chunk[i]);
	free(v->chunk);
	free(v->by_text.slot);
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
	    v->text_bytes + v->chunks * INVERT_CHUNK * INVERT_LINE +
	    table_bytes(&v->by_text);
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
	v->text_bytes += n;
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
chain_grow(struct invert *v, struct invert_word *w)
{
	bool first = w->head == INVERT_NONE;
	uint32_t slice;

	if (!first && w->level + 1 < LEVELS)
		w->level++;
	slice = slice_new(v, slice_size(w->level));
	if (first)
		w->head = slice;
	else
		memcpy(slice_at(v, w->slice) + w->used, &slice, LINK);
	w->slice = slice;
	w->used = 0;
}

static void
chain_put(struct invert *v, struct invert_word *w, const uint8_t *p, size_t n)
{
	size_t k;

	while (n > 0) {
		k = slice_size(w->level) - w->used;
		if (w->head == INVERT_NONE || k == 0) {
			chain_grow(v, w);
			continue;
		}
		k = k < n ? k : n;
		memcpy(slice_at(v, w->slice) + w->used, p, k);
		w->used = (uint16_t)(w->used + k);
		p += k;
		n -= k;
	}
}

void
invert_chain(const struct invert *v, const struct invert_word *w,
    struct buf *b)
{
	uint32_t slice = w->head;
	unsigned level = 0;
	const uint8_t *p;

	buf_reset(b);
	while (slice != w->slice) {
		p = slice_at(v, slice);
		buf_add(b, p, slice_size(level));
		memcpy(&slice, p + slice_size(level), LINK);
		level += level + 1 < LEVELS;
	}
	buf_add(b, slice_at(v, slice), w->used);
}

/* --- words ------------------------------------------------------------- */

static bool
is_word(const struct invert_word *w, const struct invert_here *h)
{
	return w->len == h->len && w->field == h->field &&
	    w->whole == h->whole &&
	    memcmp(invert_text(w), h->text, h->len) == 0;
}

static struct invert_word *
word_new(struct invert *v, const struct invert_here *h)
{
	struct invert_word *w;

	assert(h->field > 0 && h->field <= UINT8_MAX &&
	    h->len < SEGMENT_TERM && h->stem_len < SEGMENT_TERM);
	if (v->words == UINT32_MAX - 1)
		alloc_fail();
	if (v->words == v->chunks * INVERT_CHUNK) {
		v->chunk = xgrow(v->chunk, v->chunks, &v->chunks_cap,
		    sizeof *v->chunk);
		v->chunk[v->chunks++] = xmalloc((INVERT_CHUNK + 1) *
		    sizeof *w);
	}
	w = invert_at(v, v->words++);
	memset(w, 0, sizeof *w);
	if (h->len <= INVERT_SHORT)
		memcpy(w->text.here, h->text, h->len);
	else
		w->text.far = invert_keep(v, h->text, h->len);
	w->len = w->stem_len = (uint16_t)h->len;
	if (h->len != h->stem_len || memcmp(h->text, h->stem, h->len) != 0) {
		w->stem = invert_keep(v, h->stem, h->stem_len);
		w->stem_len = (uint16_t)h->stem_len;
	}
	w->field = (uint8_t)h->field;
	w->whole = h->whole;
	w->head = INVERT_NONE;
	return w;
}

static struct invert_word *
word_of(struct invert *v, const struct invert_here *h, uint32_t hash)
{
	struct invert_slot *s;
	struct invert_word *w;
	size_t at;

	invert_table_grow(&v->by_text);
	for (at = hash; (s = invert_slot(&v->by_text, &at, hash))->id != 0;
	    at++) {
		w = invert_at(v, s->id - 1);
		if (is_word(w, h))
			return w;
	}
	w = word_new(v, h);
	s->hash = hash;
	s->id = (uint32_t)v->words;
	v->by_text.n++;
	return w;
}

static void
add(struct invert *v, const struct invert_here *h, uint32_t hash)
{
	static const uint8_t again[1];	/* the same at the same place */
	uint8_t room[2 * VINT_MAX], *p = room;
	unsigned left = h->times;
	struct invert_word *w;
	bool fresh;

	if (left == 0)
		return;
	w = word_of(v, h, hash);
	fresh = w->doc != h->doc + 1;
	if (!seg_positional(h->field)) {
		if (fresh)
			p = vint_put(p, h->doc + 1 - w->doc);
		w->doc = h->doc + 1;
		chain_put(v, w, room, (size_t)(p - room));
		return;
	}
	if (fresh)
		w->tf = 0;
	if (w->tf == SEGMENT_TF)
		return;
	if (fresh) {
		p = vint_put(p, (uint64_t)(h->doc + 1 - w->doc) << 1 | 1);
		p = vint_put(p, h->pos);
	} else {
		p = vint_put(p, (uint64_t)(h->pos - w->pos) << 1);
	}
	w->doc = h->doc + 1;
	w->pos = h->pos;
	chain_put(v, w, room, (size_t)(p - room));
	for (w->tf++; --left > 0 && w->tf < SEGMENT_TF; w->tf++)
		chain_put(v, w, again, 1);
}

void
invert_add(struct invert *v, const struct invert_here *h)
{
	add(v, h, invert_hash(v, h->text, h->len));
}

/* --- soon -------------------------------------------------------------- */

#ifdef __GNUC__
#define prefetch(p) __builtin_prefetch(p)
#else
#define prefetch(p) ((void)(p))
#endif

/* The word that its slot points to is probably it. */
static const struct invert_word *
guess(const struct invert *v, const struct invert_pending *x)
{
	const struct invert_slot *s;

	s = &v->by_text.slot[x->hash & v->by_text.mask];
	return s->id != 0 && s->hash == x->hash ? invert_at(v, s->id - 1) :
	    NULL;
}

void
invert_soon(struct invert *v, const struct invert_here *h)
{
	struct invert_pending *x;
	const struct invert_word *w;

	if (v->by_text.slot == NULL)
		invert_table_grow(&v->by_text);
	if (v->added - v->done == INVERT_QUEUE) {
		x = &v->queue[v->done++ % INVERT_QUEUE];
		add(v, &x->h, x->hash);
	}
	x = &v->queue[v->added % INVERT_QUEUE];
	memcpy(x->text, h->text, h->len);
	memcpy(x->stem, h->stem, h->stem_len);
	x->h = *h;
	x->h.text = x->text;
	x->h.stem = x->stem;
	x->hash = invert_hash(v, x->text, h->len);
	prefetch(&v->by_text.slot[x->hash & v->by_text.mask]);
	v->added++;
	/* a third later its slot is here, two thirds later the word */
	if (v->added - v->done > INVERT_QUEUE / 3 && (w = guess(v,
	    &v->queue[(v->added - INVERT_QUEUE / 3) % INVERT_QUEUE])) != NULL)
		prefetch(w);
	if (v->added - v->done > 2 * INVERT_QUEUE / 3 && (w = guess(v,
	    &v->queue[(v->added - 2 * INVERT_QUEUE / 3) % INVERT_QUEUE])) !=
	    NULL && w->head != INVERT_NONE)
		prefetch(slice_at(v, w->slice) + w->used);
}

void
invert_flush(struct invert *v)
{
	struct invert_pending *x;

	while (v->done != v->added) {
		x = &v->queue[v->done++ % INVERT_QUEUE];
		add(v, &x->h, x->hash);
	}
}
