/*
 * The chain of the audit log: does each row follow from the one before?
 *
 * It is walked from the first row on: row 1, or the row behind those that were
 * rotated away (audit_rotate.h), which may be walked before in their file.
 * That rows were cut off at its end, or that somebody wrote all of it anew,
 * shows against a mark alone: a row and its hash that were noted down before,
 * as in a checkpoint (audit_point.h).
 */
#ifndef STORE_AUDIT_CHAIN_H
#define STORE_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct audit_row;
struct db;

enum audit_fault {
	AUDIT_WHOLE,
	AUDIT_CHANGED,		/* row `at`, or the hash of the one before it */
	AUDIT_DROPPED,		/* `n` rows, from `at` on */
	AUDIT_INSERTED,		/* `n` rows that do not belong there */
	AUDIT_REORDERED,	/* row `at` belongs somewhere else */
	AUDIT_UNTIED		/* it does not go on where rows were rotated
				   away */
};
/* "changed", ... */
extern const char *const audit_faults[];

/* A row that must have this hash. */
struct audit_mark {
	int64_t seq;
	uint8_t hash[HASH_LEN];
	enum {
		AUDIT_UNSEEN,	/* rotated away, or behind a fault */
		AUDIT_THERE,
		AUDIT_OTHER,	/* the row has another hash */
		AUDIT_CUT	/* the log ends before it */
	} found;
};

struct audit_chain {
	struct audit_mark *marks;	/* borrowed; by seq; or NULL */
	size_t nmarks;
	/* how far it is whole */
	int64_t first;			/* row; 0: none was walked */
	int64_t rows;
	int64_t seq;			/* of the last; 0: none */
	uint8_t hash[HASH_LEN];
	/* the first that does not fit */
	enum audit_fault fault;
	int64_t at, n;
	struct buf room;		/* own */
	size_t mark;			/* the next of them */
};

void	audit_chain_init(struct audit_chain *);
void	audit_chain_release(struct audit_chain *);
/* The fault as a sentence, without its end. */
void	audit_chain_say(const struct audit_chain *, char *, size_t);

/* The row is the next: 1; 0 it is not. */
int	audit_chain_add(struct audit_chain *, const struct audit_row *);
/*
 * All rows of a database, behind those that were walked before: 1 whole, 0
 * `fault` says what is wrong; -1.  Marks are told what was found.
 */
int	audit_chain_walk(struct audit_chain *, struct db *, struct err *);

/* Where the rows of a database begin: behind row *seq, 0 with 32 zero bytes
 * where none was rotated away.  ERR_CORRUPT. */
int	audit_start(struct db *, int64_t *seq, uint8_t hash[HASH_LEN],
	    struct err *);
/* Is there a row with this hash?  1, 0. */
int	audit_has(struct db *, const uint8_t hash[HASH_LEN], struct err *);

#endif
