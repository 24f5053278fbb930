/*
 * What is in a tenant of a store, how far its readers lag, how full the
 * disk is, and what somebody should look at.
 */
#ifndef STORE_STATS_H
#define STORE_STATS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * The stats record; own.  "warnings" lists what is past its limit, as
 * {what, value, limit, message}:
 *
 *	outstanding	changes that some consumer has still to see
 *			(stats.maxOutstanding, 1000)
 *	disk		used part of the disk (stats.maxDiskPercent, 80)
 *	compaction	bytes that compact would look at
 *			(stats.maxCompaction, 1G)
 *	fleeting	the store lies on a disk that does not outlive the
 *			machine or its container, and no remote.* is set
 *
 * Reads every row of the table of events once.
 */
json_t	*stats_json(struct store *, struct err *);

/* Bytes of the database and its log on disk. */
int64_t	stats_database_bytes(const struct store *);
/* Bytes of bodies that are not packed, and of pages that are free. */
int	stats_pending(struct store *, int64_t *bytes, struct err *);

#endif
