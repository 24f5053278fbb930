/*
 * Compaction: the bodies of events, which lie in the database one by one,
 * are packed together in blocks; that takes about half of the room.
 * Nothing that can be read changes.
 *
 * It works in short transactions, so that writers go on in between and a
 * kill costs the work of one at most.
 */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "store/repack.h"

struct store;

struct compact_config {
	bool all;		/* pack anew what is packed already */
	bool vacuum;		/* give free pages back to the disk */
	bool keep_log;		/* no changes are deleted: a segment may have
				   to be made of them again */
	bool dry_run;		/* only tell what there is to do */
	void (*progress)(int64_t events);	/* packed so far; or NULL */
};

struct compact_sums {
	struct repack_sums packed;
	int64_t todo;		/* events to be packed, before it began */
	int64_t forgotten;	/* events that were still to be taken away
				   (forgetting.h) */
	int64_t bodies;		/* single ones written anew */
	int64_t dict;		/* made by this run, or 0 */
	bool dict_due;		/* one is, or would be, trained */
	int64_t dicts_deleted;
	int64_t changes_deleted;
	struct strv idle;	/* own; remotes that are set up no more, and
				   held none of them (change.h) */
	int64_t bytes_before, bytes_after;	/* of the database and log */
	int64_t pending_before, pending_after;	/* of stats_pending */
	bool vacuumed;
	struct buf left;	/* own; why it was not; "": it was not needed */
};

/*
 * Compact one tenant:
 *
 *	a dictionary is trained on the tenant's own texts, when there are
 *	enough of them and it is worth it;
 *	events are packed (repack.h);
 *	dictionaries that no row needs, and changes that every consumer has
 *	seen, are deleted;
 *	the database is vacuumed, if that gives back a tenth of it.
 *
 * After something was forgotten, dictionaries from before (which hold words
 * of texts) are replaced, and what they were used for is written anew.
 *
 * ERR_BUSY: another compaction is under way, or the store is too busy; what
 * was done so far stays.
 */
int	compact(struct store *, const struct compact_config *,
	    struct compact_sums *, struct err *);
void	compact_sums_release(struct compact_sums *);

#endif
