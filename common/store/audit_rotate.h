/*
 * Old rows of the audit log, out of the database and into a file, without
 * breaking the chain: the database keeps the number and the hash of the last
 * of them (audit_start), and goes on from there.
 *
 * The file is JSON Lines: a head, then each row as mem-admin audit prints it.
 *
 *	{"type":"audit_rotated","store_id":ULID,"tenant":NAME,"first":N,
 *	 "last":N,"previous":HEX}
 *
 * previous is the hash of the row before the first: 32 zero bytes where there
 * was none.  Files that follow each other can be put together, one after the
 * other, in one.
 */
#ifndef STORE_AUDIT_ROTATE_H
#define STORE_AUDIT_ROTATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct audit_chain;
struct store;

struct audit_rotation {
	int64_t first, last;	/* rows; 0 none is old enough */
	uint8_t hash[HASH_LEN];	/* of the last */
};

/*
 * Rows from before a time, as far as no later one is in front of them, into a
 * new file, mode 0600.  They are deleted once that is on the disk, in one
 * transaction with the row that says so.  to NULL: only tell what would be
 * done.  1, 0 there is none to be rotated.  ERR_EXISTS: the file is there;
 * ERR_CORRUPT: the chain is broken, and everything stays.
 */
int	audit_rotate(struct store *, int64_t before_ms, const char *to,
	    struct audit_rotation *, struct err *);

/*
 * Walk such a file: 1 whole, 0 its fault is in the chain; -1 ERR_INPUT: it is
 * none, with the line.  audit_chain_walk goes on behind it.
 */
int	audit_rotated_walk(struct audit_chain *, int fd, const char *name,
	    struct err *);

#endif
