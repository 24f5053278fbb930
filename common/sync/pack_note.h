/*
 * What is in packs that others put: read from their begin, once, when files
 * that may be in them are looked for.
 */
#ifndef SYNC_PACK_NOTE_H
#define SYNC_PACK_NOTE_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct journal_pack;
struct sync;

/* Packs that are not as they should be. */
struct pack_bad {
	int64_t n;
	char name[HASH_HEX + 1];	/* of the first, */
	const char *why;		/* and what it is; static */
};

/* Of this one: 1; 0 it is not there, or is not what its name says (*e says
 * which); -1 anything else. */
int	pack_note(struct sync *, const struct journal_pack *, struct err *);
/* Of all of which nothing is known. */
int	pack_note_all(struct sync *, struct pack_bad *, struct err *);
void	pack_bad_add(struct pack_bad *, const char *name, const struct err *);

#endif
