/*
 * How often each user's own memory was read, by which tool: TENANT/reads.count,
 * counters that all processes share.  They are no row of the audit log, which
 * would be a write for each read; audit.reads = all makes them rows, too.  In a
 * store without credentials, where all reads are its owner's, nothing is
 * counted unless audit.reads says so.
 *
 * Nobody waits for the disk, nor long for a lock: counts since the machine
 * last crashed may be lost, and so is a count where the file cannot be written.
 */
#ifndef STORE_READS_H
#define STORE_READS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

#define READS_WHO 80		/* bytes of a name, and its end */
#define READS_TOOL 24

struct reads {
	char who[READS_WHO];	/* longer ones are cut */
	char tool[READS_TOOL];
	int64_t count;
	int64_t first_ms, last_ms;	/* by the machine's clock */
};

/* For store_open: this call reads.  Counted, and with audit.reads = all a row
 * that goes before its first output. */
void	reads_add(const struct store *);
/* Each; fn returns 0 to go on, or what reads_each is to return. */
int	reads_each(const struct store *, int (*fn)(void *,
	    const struct reads *, struct err *), void *, struct err *);
/* Whoever is forgotten: his counts stay, nobody's.  In a store with credentials
 * they are by the names of these. */
int	reads_forget(const struct store *, const char *who, struct err *);

#endif
