/*
 * A hash map from strings to a pointer or a number.  Keys are copied;
 * values are the caller's.  Iteration is in the order of insertion.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

union map_value {
	void *p;
	int64_t i;
};

struct map_entry {
	const char *key;	/* the map's; stays where it is */
	size_t len;
	union map_value v;
	uint64_t hash;
};

struct map {
	struct map_entry *e;	/* own; n entries in order of insertion */
	size_t n, cap;
	uint32_t *slot;		/* own; index + 1 into e, 0 is free */
	size_t nslot;		/* power of two, or 0 */
	struct map_block *block;	/* own; where keys are */
	size_t left;		/* bytes of it */
};
#define MAP_INIT { NULL, 0, 0, NULL, 0, NULL, 0 }

void	map_release(struct map *);

/* The value for a key, or NULL.  Valid until the next map_put. */
union map_value *map_get(const struct map *, const char *key);

/* The value for a key, made (zero) if it was absent; *made says which. */
union map_value *map_put(struct map *, const char *key, int *made);

/* The same for a key of so many bytes, whatever they are. */
union map_value *map_get_n(const struct map *, const char *, size_t len);
union map_value *map_put_n(struct map *, const char *, size_t len, int *made);

#endif
