/*
 * Artifacts of other copies of the store: a row as it travels (a record
 * "artifact_row" of memkit-json(5)), and what becomes of the one that is here.
 *
 * Of two rows the later (time, then node) counts, but that deleted is deleted:
 * so copies that saw the same rows have the same, in whatever order they came.
 * Rows on their way do not travel: who began it tells how it ended.  What local
 * disks have of the bytes is of each copy alone; so is that bytes were not
 * found.
 *
 * Bytes that a row which came has no more go into the journal (artifact.h) in
 * the same transaction; who is asked to takes them away after it
 * (artifact_drop_noted).
 */
#ifndef ARTIFACT_ARTIFACT_MERGE_H
#define ARTIFACT_ARTIFACT_MERGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "artifact/artifact.h"
#include "base/buf.h"

/* The line of a row, appended; own: the node that need not be named.  1; 0 it
 * is not there, or does not travel as it is now. */
int	artifact_line(struct store *, int64_t seq, int64_t own, struct buf *,
	    struct err *);

/*
 * A row that came, inside a transaction; of this node (number) where it does
 * not say it, of 0 of our own.  1 it is new, or counts from now on; 0 what is
 * here counts.  ERR_EXISTS: the id is another user's; ERR_DENIED: its session
 * was forgotten; ERR_INPUT: it is no such row.
 *
 * One whose session is on hold here and that was deleted elsewhere stays, as
 * "deleting", until the hold ends.
 */
int	artifact_row_add(struct store *, const json_t *, int64_t node,
	    bool *clash, struct err *);
/* The same of a row with user and session; takes what it has, and sets its
 * seq. */
int	artifact_merge(struct store *, struct artifact *, bool *clash,
	    struct err *);

/*
 * A pointer that somebody brings (a record "artifact"), inside a transaction:
 * 1 new, 0 it is there.  Errors as above, or ARTIFACT_METADATA,
 * ARTIFACT_SCHEME; ERR_DENIED, too: it was deleted.  *id is its id.
 */
int	artifact_pointer_add(struct store *, const json_t *,
	    char id[ULID_LEN + 1], struct err *);

/* A tombstone took the session: its artifacts are deleted, and of no session.
 * Bytes that nobody else needs go into the journal; elsewhere: those of this
 * disk alone, as the others are who said it. */
int	artifact_forget(struct store *, int64_t session, bool elsewhere,
	    struct err *);

/* The same of one, whoever's: nothing but its id stays. */
int	artifact_forget_row(struct store *, int64_t seq, bool elsewhere,
	    struct err *);
/* The same of one of the store's user, by its id: 1, 0 it is not there, or was
 * deleted. */
int	artifact_forget_id(struct store *, const char *id, struct err *);
/* The same of all that the store's user has. */
int	artifact_forget_user(struct store *, bool elsewhere, struct err *);

/* The database is another copy's, whose bytes, and journal, stay there.  A
 * transaction. */
int	artifact_elsewhere(struct store *, struct err *);

/* --- bytes of local disks ---------------------------------------------- */

/* Rows that came in here, or were changed here, after this change (-1: all
 * whose bytes are here), by their numbers. */
int	artifact_each_own(struct store *, int64_t after, int (*fn)(void *,
	    int64_t seq, struct err *), void *, struct err *);
/* Rows whose bytes are at some local disk, and not, or not found, here. */
int	artifact_each_away(struct store *, int (*fn)(void *, int64_t seq,
	    struct err *), void *, struct err *);
/* All whose bytes are at some local disk: a remote has to have them. */
int	artifact_each_local(struct store *, int (*fn)(void *, int64_t seq,
	    struct err *), void *, struct err *);
/* The hash of each of these, and of those on their way: a remote keeps them. */
int	artifact_each_sum(struct store *, int (*fn)(void *,
	    const uint8_t sum[HASH_LEN], struct err *), void *, struct err *);
/* The bytes of this row are here now, and so of each that has this object;
 * inside a transaction.  1; 0 no row wants them any more. */
int	artifact_came(struct store *, const struct artifact *, struct err *);
/* Is there a row whose bytes are under this key here?  sum NULL: whatever they
 * are.  1, 0. */
int	artifact_has_here(struct store *, const char *object,
	    const uint8_t *sum, struct err *);

#endif
