/*
 * Tombstones: what was forgotten on demand, and stays forgotten when it is
 * imported again.  The only thing that takes a stored row away.  Whether
 * something was: tombstone.h.
 */
#ifndef INGEST_FORGET_H
#define INGEST_FORGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * A tombstone record: {"type":"tombstone","target":"event"|"session"|
 * "record"|"user"|"redacted","id":...,["user":...],["at":...]}; the id
 * of a record is "KB/RECORD_ID".  Of a user all goes that he has, and what he
 * had before "at"
 * (now) does not come back; what he does from then on is stored.  Of an event
 * that is "redacted" nothing goes (redacted.h); "also" is its id of today.
 * Inside a transaction: deletes the rows (their bytes are overwritten), keeps
 * the tombstone, adds its change and audit rows.  1 done, 0 it was there.
 * Events of a large session only stop being shown, and go later
 * (store/forgetting.h).  Afterwards db_settle takes the old pages out of the
 * log.
 */
int	forget_add(struct store *, const json_t *, struct err *);
/* The same; elsewhere: somebody said it there, and takes away there what is
 * not on this disk (artifact_merge.h). */
int	forget_add_of(struct store *, const json_t *, bool elsewhere,
	    struct err *);

#endif
