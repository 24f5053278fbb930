/*
 * Is what was forgotten gone?  Prints of it are taken before; afterwards all
 * that a tenant has is decoded and looked at, and so are the bytes of its
 * files, the free pages of the database and its log among them.
 */
#ifndef ADMIN_GONE_H
#define ADMIN_GONE_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/erase.h"
#include "base/err.h"
#include "text/prints.h"

struct store;

/* The prints of what is to be forgotten, before it is; at most so many texts of
 * each session (0: all), spread over it. */
int	gone_note(struct store *, const struct erase_target *, int64_t most,
	    struct prints *, struct err *);

struct gone_sums {
	int64_t rows, packs, versions, dictionaries, segments, files, bytes;
					/* looked at */
	int64_t shared;			/* prints of texts that somebody else
					   says, too: they tell nothing */
	int64_t found;			/* places */
};

/* what: "event", "pack", "contents", "dictionary", "index", "file",
 * "pending"; where: which one, of n places. */
typedef int gone_fn(void *, const char *what, const char *where, int64_t n,
	    struct err *);

/*
 * Texts that rows still have, which nobody forgot, are taken off the prints
 * first.  Then all the rest; fn is told of each place.
 */
int	gone_look(struct store *, struct prints *, struct gone_sums *,
	    gone_fn *, void *, struct err *);
/* Of another copy of the store (what a remote gave): no index, no files. */
int	gone_look_copy(struct store *, const struct prints *,
	    struct gone_sums *, gone_fn *, void *, struct err *);

#endif
