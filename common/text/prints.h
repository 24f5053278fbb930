/*
 * Prints: what tells bytes again without saying them.  A print is a salted hash
 * of 16 bytes; of a text a few places that do not overlap are taken, of an id
 * what is random in it.  So that all of a gigabyte can be looked at, only
 * places whose rolling hash is that of some print are hashed.
 *
 * Whoever has prints and salt can try out guesses, 16 bytes at a time, and
 * learns nothing else.
 */
#ifndef TEXT_PRINTS_H
#define TEXT_PRINTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PRINT_BYTES 16
#define PRINT_TEXT 4		/* places of one text, at most */

struct print {
	uint64_t sum;		/* of SHA-256; 0: no print */
	uint32_t roll;		/* of the rolling hash */
	bool id;		/* of an id, else of a text */
	bool named;		/* of one that a tombstone names */
	bool dropped;
};

struct prints {
	uint8_t salt[16];
	uint64_t mul, out;	/* of the rolling hash */
	struct print *v;	/* own; a table, by sum */
	size_t n, cap;		/* cap: a power of two */
	uint64_t *bits;		/* own; of roll */
	uint32_t shift;
	size_t dropped;
};

/* With a salt of its own. */
int	prints_init(struct prints *, struct err *);
void	prints_release(struct prints *);	/* takes one of zeros */

/* A text of fewer than 16 bytes, or of hardly any but the same, has none. */
void	prints_add_text(struct prints *, const char *, size_t);
/* As it stands in rows, and as people write it; named: a tombstone names it, so
 * that only as a key it must not be found. */
void	prints_add_ulid(struct prints *, const uint8_t raw[16], bool named);

/* In how many places of these bytes a print's stand. */
enum prints_what { PRINTS_TEXTS, PRINTS_ALL, PRINTS_KEYS };
size_t	prints_count(const struct prints *, const void *, size_t,
	    enum prints_what);
/* Who else says the same: prints of texts that stand here count no more. */
void	prints_drop(struct prints *, const void *, size_t);

/* {"salt", "ids": [...], "named": [...], "texts": [...]} with at
 * most so many of each, spread over all of them; own. */
json_t	*prints_json(const struct prints *, size_t most);
int	prints_from_json(struct prints *, const json_t *, struct err *);

#endif
