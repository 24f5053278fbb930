/*
 * The journal of one remote: TENANT/sync/REMOTE.db, what this store knows of
 * it.  All of it follows from the manifests; who loses it reads them again.
 *
 * It is used by one process at a time (sync.h holds the lock).
 */
#ifndef SYNC_JOURNAL_H
#define SYNC_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/ulid.h"
#include "sync/sync_manifest.h"

struct journal;
struct store;

/* Up to where it goes. */
struct journal_head {
	int64_t number;			/* the last manifest; 0 none */
	char hash[HASH_HEX + 1];	/* of its bytes */
	int64_t at_ms;			/* when it was written */
	char store_id[ULID_LEN + 1];	/* whose memory is there; "" nobody's */
	int64_t merged;			/* all manifests up to this one have
					   been taken in here */
	bool sealed;			/* so is the last manifest */
	bool joined;			/* it is our memory, too, whatever its
					   store_id: we pulled it */
	int64_t looked_ms;		/* when the remote was asked last */
};

/* make: where there is none, make one; else ERR_ABSENT. */
/* Of a sealed tenant it has hashes of files as names alone (store/sealed.h),
 * and journal_of was called. */
void	journal_of(struct journal *, struct store *);
int	journal_open(struct journal **, const struct store *,
	    const char *remote, bool make, struct err *);
void	journal_close(struct journal *);		/* takes NULL */
/* As if it were new. */
int	journal_forget(struct journal *, struct err *);
int	journal_head(struct journal *, struct journal_head *, struct err *);
/* The remote was asked just now. */
int	journal_looked(struct journal *, struct err *);
/* What is pulled: up to this manifest all is here; 0: it is begun with. */
int	journal_merged(struct journal *, int64_t number, struct err *);

/*
 * The next manifest.  ERR_CORRUPT: it does not follow the last one.  The
 * leases in it are seen from now on, by a clock that nobody sets.
 */
int	journal_add(struct journal *, const struct sync_manifest *,
	    const char hash[HASH_HEX + 1], struct err *);

/* Up to which of a node's changes the remote has; 0 none. */
int	journal_upto(struct journal *, const char *node, int64_t *upto,
	    struct err *);
/* That of each node, in the order of their names. */
int	journal_each_node(struct journal *, int (*fn)(void *, const char *node,
	    int64_t upto, struct err *), void *, struct err *);
/* The segment of a node that has the change after this one: 1; 0 none.  One
 * without a name is no object: only a snapshot has what was in it. */
int	journal_segment(struct journal *, const char *node, int64_t after,
	    struct manifest_segment *, struct err *);
/* All segments, by node, in the order of their changes; those without a name,
 * too. */
int	journal_each_segment(struct journal *, int (*fn)(void *,
	    const struct manifest_segment *, struct err *), void *,
	    struct err *);
/* The name of a node whose number (store/node.h) rows bear, and where people
 * find it; address is own, or NULL.  1, 0 it has nothing there. */
int	journal_node(struct journal *, int64_t number,
	    char name[ULID_LEN + 1], char **address, struct err *);
/* The newest snapshot: 1; 0 none. */
int	journal_snapshot(struct journal *, char name[HASH_HEX + 1],
	    int64_t *size, struct err *);

/* Changes in the segments that came after it: what a new node would have to
 * take in one by one.  *all: in all segments. */
int	journal_unsnapped(struct journal *, int64_t *n, int64_t *all,
	    struct err *);

/* --- what is put, and not published yet -------------------------------- */

/* Pushes have names, so that one whose answer was lost is told from somebody
 * else's: this is about to be put. */
int	journal_pushing(struct journal *, const char *push, struct err *);
/* 1 such a push was ours; *number: of its manifest, 0 it is in none.  0 it
 * was not. */
int	journal_pushed(struct journal *, const char *push, int64_t *number,
	    struct err *);
/* 1 there was one, 0 none: the journal is new, or was lost. */
int	journal_has_pushed(struct journal *, struct err *);

/*
 * Somebody may delete what no manifest names once it is two days old
 * (prune.h).  So what was put is believed to be there for half a day; a push
 * goes over all of it again where that took longer than a quarter, waits for
 * a session for a day at most, and names nothing that it put longer ago than
 * that makes.
 */
#define JOURNAL_FRESH_MS INT64_C(43200000)
#define JOURNAL_NAMED_MS INT64_C(162000000)	/* 45 hours */
int	journal_fresh_add(struct journal *, const char *name, struct err *);
int	journal_fresh(struct journal *, const char *name, struct err *);

int	journal_ready_add(struct journal *, const struct manifest_segment *,
	    struct err *);
/* Of a node, behind this change: 1; 0 none, or it was put too long ago to be
 * named. */
int	journal_ready(struct journal *, const char *node, int64_t from,
	    struct manifest_segment *, struct err *);

/* --- leases ------------------------------------------------------------ */

/* What the manifests say of a session, and how long it was so before our
 * eyes. */
struct journal_lease {
	char *user, *session;		/* own */
	char node[ULID_LEN + 1];	/* who wrote it last */
	char *address;			/* own; of that node, or NULL */
	int64_t epoch, hold_ms;
	int64_t since_ms;		/* this node, by its clock */
	int64_t number;			/* the manifest that says so */
	int64_t left_ms;		/* until it is free; 0 it is */
};
void	journal_lease_release(struct journal_lease *);
int	journal_lease(struct journal *, const char *user, const char *session,
	    struct journal_lease *, struct err *);	/* 1, 0 none */
int	journal_each_lease(struct journal *, int (*fn)(void *,
	    const struct journal_lease *, struct err *), void *, struct err *);

#endif
