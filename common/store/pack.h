/*
 * Packs: the bodies of many events, one after the other, as one zstd
 * frame.  A pack is never changed but by forgetting, which blanks a place.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct db_query;
struct store;

#define PACK_MAX ((size_t)32 << 20)	/* of a pack's content, bytes */
#define PACK_KEPT 4			/* unpacked at a time */

/* The packs last read, so that neighbours cost one unpacking. */
struct packs {
	struct packs_one {
		int64_t id;		/* 0: empty */
		uint64_t used;
		struct buf content;	/* own */
	} v[PACK_KEPT];
	uint64_t clock;
};

void	packs_init(struct packs *);
void	packs_release(struct packs *);

/* All of a pack, appended.  ERR_CORRUPT: it is missing or damaged. */
int	pack_read(struct store *, int64_t id, struct buf *, struct err *);
/* ERR_CORRUPT: [off, off + len) is not within the content of that pack. */
int	pack_place(const struct buf *content, int64_t id, int64_t off,
	    int64_t len, struct err *);

/* The content of a pack, borrowed until PACK_KEPT others are read.
 * ERR_CORRUPT: it is missing or damaged. */
int	packs_get(struct packs *, struct store *, int64_t id,
	    const struct buf **, struct err *);

/* The body of an event, appended: the row's columns dict, body, pack, off
 * and len stand at col and after it. */
int	packs_body(struct packs *, struct store *, struct db_query *, int col,
	    struct buf *, struct err *);
/* The same of a row that may be sealed: 1; 0 its key is gone. */
int	packs_row(struct packs *, struct store *, struct db_query *, int col,
	    int64_t key, const struct buf *ad, struct buf *, struct err *);

#endif
