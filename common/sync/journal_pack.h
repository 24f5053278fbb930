/*
 * Of the journal: which packs (packfile.h) the remote has, and what is in
 * them.  That follows from the manifests and from the packs themselves; what
 * is in those that others put is noted once somebody looks for it
 * (pack_note.h).
 */
#ifndef SYNC_JOURNAL_PACK_H
#define SYNC_JOURNAL_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "sync/sealing.h"
#include "sync/sync_manifest.h"

struct journal;
struct packfile;

struct journal_pack {
	int64_t id;			/* the journal's own */
	int64_t number;			/* of its manifest; 0: it was put, and
					   is in none yet */
	struct manifest_pack m;
	bool known;			/* what is in it is noted */
	char head[SEALING_HEAD];	/* its begin, if it is sealed */
	size_t head_len;		/* 0: it is in clear */
	char sum[HASH_HEX + 1];		/* of the object; "": only who put it
					   knows that of a sealed one */
};

/* One that was put just now: with what is in it, or NULL if that is to be
 * read.  One of this name that is there stays as it is. */
int	journal_pack_add(struct journal *, const struct journal_pack *,
	    const struct packfile *, struct err *);
/* What is in one that is there; its size and head are as given. */
int	journal_pack_note(struct journal *, const struct journal_pack *,
	    const struct packfile *, struct err *);
/* What was noted was not true: it has to be read again. */
int	journal_pack_doubt(struct journal *, int64_t id, struct err *);

/* 1; 0 none. */
int	journal_pack_named(struct journal *, const char *name,
	    struct journal_pack *, struct err *);
int	journal_pack_get(struct journal *, int64_t id, struct journal_pack *,
	    struct err *);
/* The next one after this id of which nothing is noted, and that is in no
 * manifest yet: 1; 0 none. */
int	journal_pack_unread(struct journal *, int64_t after,
	    struct journal_pack *, struct err *);
int	journal_pack_ready(struct journal *, int64_t after,
	    struct journal_pack *, struct err *);

/* What was put so long ago, and is in no manifest, that it may be gone
 * (journal.h), is not there. */
int	journal_pack_drop_old(struct journal *, struct err *);

/* Bytes of this hash, in the first pack whose id is greater: 1; 0 none. */
struct journal_member {
	int64_t pack;
	uint64_t offset;		/* behind the index */
	uint64_t size;
};
int	journal_pack_find(struct journal *, const uint8_t sha256[HASH_LEN],
	    int64_t after, struct journal_member *, struct err *);

#endif
