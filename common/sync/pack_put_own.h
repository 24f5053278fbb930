/*
 * What the files pack_put*.c share.
 */
#ifndef SYNC_PACK_PUT_OWN_H
#define SYNC_PACK_PUT_OWN_H

#include "base/buf.h"
#include "base/map.h"
#include "store/scratch.h"
#include "sync/journal_pack.h"
#include "sync/pack_put.h"
#include "sync/packfile.h"
#include "sync/remote.h"

/* Packs on their way, beside the one that is made. */
#define PACK_AHEAD 2

struct pack_slot {
	struct remote_put put;
	struct packfile file;
	struct map has;			/* what is in it, by its hash */
	struct buf key, body;
	struct journal_pack row;
	uint8_t sum[HASH_LEN];
	enum { FREE, BUSY, DONE } state;
};

struct pack_put {
	struct sync *s;
	struct packed *sums;
	struct pack_slot slot[PACK_AHEAD];
	/* the one that is made */
	struct packfile file;
	struct map has;
	struct buf data;
	uint64_t since;			/* bytes since others went on */
	bool again;			/* over what is there */
	/* for large ones */
	struct scratch scratch;
	int number;
};

/* One that is free, once it can be had. */
int	pack_put_slot(struct pack_put *, struct pack_slot **, struct err *);
void	pack_put_clear(struct pack_slot *);
/* Its file, sum and body are there: what the journal is to know of it, by its
 * name, the bytes of its index, and the first bytes of the object. */
int	pack_put_describe(struct pack_put *, struct pack_slot *,
	    const uint8_t name[HASH_LEN], size_t index, const void *, size_t,
	    struct err *);
/* It is put, unless one of its name is known. */
int	pack_put_go(struct pack_put *, struct pack_slot *, struct err *);
/* Until so many at most are on their way. */
int	pack_put_wait(struct pack_put *, int most, struct err *);
/* Up to n bytes of a file, of which fewer are there at its end. */
int	pack_put_read(int fd, void *, size_t n, size_t *got, const char *name,
	    struct err *);

/* A file that is a pack by itself: 1, 0 it is other than it should be. */
int	pack_put_large(struct pack_put *, int fd,
	    const uint8_t sha256[HASH_LEN], uint64_t size, const char *name,
	    struct err *);
/* The same of what somebody gives. */
int	pack_put_large_of(struct pack_put *, seal_source *, void *,
	    const uint8_t sha256[HASH_LEN], uint64_t size, struct err *);

#endif
