/*
 * Open addressing with linear probing over 32-bit indexes; the entries
 * themselves lie in an array in order of insertion, so iteration is a loop
 * and a rehash never looks at a key.  Keys come from outside: the hash is
 * SipHash-1-3 (Aumasson and Bernstein 2012) under a key that is drawn once
 * per process, so nobody can choose keys that all meet in one slot.
 * FNV-1a was dropped: a seed does not keep its collisions apart.
 * Keys are copied one behind the other into blocks: an allocation for each
 * cost more than the look-up.
 */
#include "base/map.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAP_MIN 16		/* slots */
#define BLOCK_MIN 128		/* bytes */
#define BLOCK_MAX 65536

struct map_block {
	struct map_block *next;
	size_t size;		/* bytes */
	char p[];
};

/* 64 bits of key are plenty here: what is at stake is speed.  0: not drawn
 * yet.  The first of two threads wins, both then use its seed. */
static _Atomic uint64_t seed;

static uint64_t
draw_seed(void)
{
	struct err ignored;
	uint64_t s, none = 0;

	if (random_bytes(&s, sizeof s, &ignored) < 0)
		/* a weak seed is better than no map */
		s = (uint64_t)time(NULL) << 32 ^ (uint64_t)getpid();
	s |= 1;
	return atomic_compare_exchange_strong(&seed, &none, s) ? s : none;
}

static inline uint64_t
map_seed(void)
{
	uint64_t s = atomic_load(&seed);

	return s != 0 ? s : draw_seed();
}

static inline uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

struct sip {
	uint64_t a, b, c, d;
};

static inline struct sip
sip_round(struct sip v)
{
	v.a += v.b;
	v.b = rotl(v.b, 13) ^ v.a;
	v.a = rotl(v.a, 32);
	v.c += v.d;
	v.d = rotl(v.d, 16) ^ v.c;
	v.a += v.d;
	v.d = rotl(v.d, 21) ^ v.a;
	v.c += v.b;
	v.b = rotl(v.b, 17) ^ v.c;
	v.c = rotl(v.c, 32);
	return v;
}

static inline struct sip
sip_add(struct sip v, uint64_t m)
{
	v.d ^= m;
	v = sip_round(v);
	v.a ^= m;
	return v;
}

static inline uint64_t
get4(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24;
}

/* Fewer than eight bytes, as a number; those in the middle are read twice
 * rather than one by one. */
static inline uint64_t
last_bytes(const char *p, size_t n)
{
	uint64_t m = 0;

	if (n >= 4)
		return get4(p) | get4(p + n - 4) << (8 * n - 32);
	while (n-- > 0)
		m = m << 8 | (unsigned char)p[n];
	return m;
}

static inline uint64_t
map_hash(const char *key, size_t len)
{
	uint64_t k0 = map_seed(), k1 = rotl(k0, 29), m;
	struct sip v = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573)
	};
	size_t left;

	for (left = len; left >= 8; left -= 8, key += 8) {
		memcpy(&m, key, 8);
		v = sip_add(v, m);
	}
	/* left < 8 leaves the highest byte free */
	v = sip_add(v, last_bytes(key, left) ^ (uint64_t)len << 56);
	v.c ^= 0xff;
	v = sip_round(sip_round(sip_round(v)));
	return v.a ^ v.b ^ v.c ^ v.d;
}

void
map_release(struct map *m)
{
	struct map_block *b, *next;

	for (b = m->block; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(m->e);
	free(m->slot);
	*m = (struct map)MAP_INIT;
}

/* A key ends with NUL, for those who print it. */
static const char *
copy_key(struct map *m, const char *key, size_t len)
{
	size_t size = m->block == NULL ? BLOCK_MIN : m->block->size * 2;
	struct map_block *b;
	char *at;

	if (m->left <= len) {
		if (size > BLOCK_MAX)
			size = BLOCK_MAX;
		if (size <= len)
			size = len + 1;
		b = xmalloc(sizeof *b + size);
		b->next = m->block;
		b->size = m->left = size;
		m->block = b;
	}
	at = m->block->p + m->block->size - m->left;
	memcpy(at, key, len);
	at[len] = '\0';
	m->left -= len + 1;
	return at;
}

/* The slot where a key is, or the free one where it belongs. */
static uint32_t *
map_find(const struct map *m, const char *key, size_t len, uint64_t hash)
{
	size_t i = hash & (m->nslot - 1);
	const struct map_entry *en;

	for (; m->slot[i] != 0; i = (i + 1) & (m->nslot - 1)) {
		en = &m->e[m->slot[i] - 1];
		if (en->hash == hash && en->len == len &&
		    memcmp(en->key, key, len) == 0)
			break;
	}
	return &m->slot[i];
}

static void
map_rehash(struct map *m)
{
	size_t i, k, nslot = m->nslot > 0 ? m->nslot * 2 : MAP_MIN;
	uint32_t *slot;

	if (nslot > UINT32_MAX)		/* an index would not fit */
		alloc_fail();
	slot = xcalloc(nslot, sizeof *slot);
	for (i = 0; i < m->n; i++) {
		k = m->e[i].hash & (nslot - 1);
		while (slot[k] != 0)
			k = (k + 1) & (nslot - 1);
		slot[k] = (uint32_t)(i + 1);
	}
	free(m->slot);
	m->slot = slot;
	m->nslot = nslot;
}

union map_value *
map_get_n(const struct map *m, const char *key, size_t len)
{
	uint32_t s;

	if (m->n == 0)
		return NULL;
	s = *map_find(m, key, len, map_hash(key, len));
	return s == 0 ? NULL : &m->e[s - 1].v;
}

union map_value *
map_get(const struct map *m, const char *key)
{
	return m->n == 0 ? NULL : map_get_n(m, key, strlen(key));
}

union map_value *
map_put_n(struct map *m, const char *key, size_t len, int *made)
{
	uint64_t hash = map_hash(key, len);
	struct map_entry *en;
	uint32_t *s;

	if (m->n >= m->nslot / 2)
		map_rehash(m);
	s = map_find(m, key, len, hash);
	if (made != NULL)
		*made = *s == 0;
	if (*s != 0)
		return &m->e[*s - 1].v;
	m->e = xgrow(m->e, m->n, &m->cap, sizeof *m->e);
	en = &m->e[m->n++];
	memset(&en->v, 0, sizeof en->v);
	en->key = copy_key(m, key, len);
	en->len = len;
	en->hash = hash;
	*s = (uint32_t)m->n;
	return &en->v;
}

union map_value *
map_put(struct map *m, const char *key, int *made)
{
	return map_put_n(m, key, strlen(key), made);
}
