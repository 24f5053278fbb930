#include "from/docs_near.h"

#include "base/alloc.h"
#include "docs/minhash.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Two of this resemblance share none of their 8 smallest values once in
 * 4 million times. */
#define ALIKE 0.85
#define KEYS 8
#define TRIES 64		/* candidates looked at for each */

struct one {
	uint32_t v[MINHASH_N];
	uint32_t n;
	uint32_t next[KEYS];	/* index * KEYS + key + 1 in the slot; 0 */
	char *id, *source;	/* own */
};

struct docs_near {
	struct one *one;	/* own */
	size_t n, cap;
	uint32_t *slot;		/* own; as next */
	size_t slots;		/* a power of two */
};

struct docs_near *
docs_near_new(void)
{
	return xcalloc(1, sizeof(struct docs_near));
}

void
docs_near_free(struct docs_near *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++) {
		free(t->one[i].id);
		free(t->one[i].source);
	}
	free(t->slot);
	free(t->one);
	free(t);
}

static size_t
slot_of(const struct docs_near *t, uint32_t v)
{
	return (size_t)((v * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
	    (t->slots - 1);
}

static void
link_one(struct docs_near *t, size_t at)
{
	struct one *o = &t->one[at];
	uint32_t *s, k;

	for (k = 0; k < KEYS && k < o->n; k++) {
		s = &t->slot[slot_of(t, o->v[k])];
		o->next[k] = *s;
		*s = (uint32_t)(at * KEYS) + k + 1;
	}
}

static void
grow(struct docs_near *t)
{
	size_t i;

	t->slots = t->slots == 0 ? 8192 : t->slots * 2;
	free(t->slot);
	t->slot = xcalloc(t->slots, sizeof *t->slot);
	for (i = 0; i < t->n; i++)
		link_one(t, i);
}

static bool
parse(struct minhash *m, const char *hex)
{
	return hex != NULL && *hex != '\0' && minhash_parse(m, hex) &&
	    m->n > 0;
}

void
docs_near_add(struct docs_near *t, const char *hex, const char *id,
    const char *source)
{
	struct minhash m;
	struct one *o;

	if (!parse(&m, hex) || t->n >= UINT32_MAX / KEYS - 1)
		return;
	if (t->n * KEYS >= t->slots)
		grow(t);
	t->one = xgrow(t->one, t->n, &t->cap, sizeof *t->one);
	o = &t->one[t->n++];
	memset(o, 0, sizeof *o);
	memcpy(o->v, m.v, sizeof o->v);
	o->n = (uint32_t)m.n;
	o->id = xstrdup(id);
	o->source = xstrdup(source);
	link_one(t, t->n - 1);
}

static double
alike(const struct one *o, const struct minhash *m)
{
	struct minhash other;

	minhash_init(&other);
	memcpy(other.v, o->v, sizeof o->v);
	other.n = o->n;
	return minhash_same(&other, m);
}

const char *
docs_near_find(const struct docs_near *t, const char *hex, const char *id,
    int (*is)(void *, const char *), void *arg)
{
	const struct one *o, *best = NULL;
	struct minhash m;
	double a, most = ALIKE;
	uint32_t at;
	size_t k;
	int tries;

	if (t->slots == 0 || !parse(&m, hex))
		return NULL;
	for (k = 0; k < KEYS && k < m.n; k++) {
		at = t->slot[slot_of(t, m.v[k])];
		for (tries = 0; at != 0 && tries < TRIES; tries++) {
			o = &t->one[(at - 1) / KEYS];
			at = o->next[(at - 1) % KEYS];
			if (o == best || (a = alike(o, &m)) < most ||
			    (a <= most && best != NULL) ||
			    strcmp(o->id, id) == 0 || !is(arg, o->source))
				continue;
			most = a;
			best = o;
		}
	}
	return best != NULL ? best->id : NULL;
}
