/*
 * What was met before: a set of hashes in bounded memory.  Two tables; when
 * one is full it becomes the older one and what was in that is forgotten.
 * It saves work and noise only: a copy that slips through has the same id
 * and is found by the store.
 */
#include "from/format.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS (FROM_SEEN_MAX * 2)

static bool
probe(const uint64_t *t, uint64_t h, size_t *at)
{
	size_t i = h & (SLOTS - 1);

	while (t[i] != 0 && t[i] != h)
		i = (i + 1) & (SLOTS - 1);
	*at = i;
	return t[i] == h;
}

bool
from_seen_has(const struct from_seen *s, uint64_t h)
{
	size_t i;

	return (s->now != NULL && probe(s->now, h, &i)) ||
	    (s->before != NULL && probe(s->before, h, &i));
}

bool
from_seen_put(struct from_seen *s, uint64_t h)
{
	size_t i;

	if (s->before != NULL && probe(s->before, h, &i))
		return true;
	if (s->now == NULL)
		s->now = xcalloc(SLOTS, sizeof *s->now);
	if (probe(s->now, h, &i))
		return true;
	s->now[i] = h;
	if (++s->n == FROM_SEEN_MAX) {
		free(s->before);
		s->before = s->now;
		s->now = NULL;
		s->n = 0;
	}
	return false;
}

void
from_seen_release(struct from_seen *s)
{
	free(s->now);
	free(s->before);
	s->now = s->before = NULL;
	s->n = 0;
}

uint64_t
from_hash(const char *s, ...)
{
	uint8_t sum[HASH_LEN];
	struct hash h;
	uint64_t v;
	va_list ap;

	hash_init(&h);
	va_start(ap, s);
	for (; s != NULL; s = va_arg(ap, const char *))
		hash_add_field(&h, s);
	va_end(ap);
	hash_end(&h, sum);
	memcpy(&v, sum, sizeof v);
	return v != 0 ? v : 1;
}
