/*
 * A checkpoint of the audit log: its last row and that row's hash, signed, as
 * one line of JSON to be kept somewhere else.  Rows up to it can be changed,
 * or all of it written anew, by whoever can write the database; but not so
 * that this row has this hash again.
 *
 *	{"type":"audit_checkpoint","store_id":ULID,"tenant":NAME,"seq":N,
 *	 "hash":HEX,"timestamp":MS,"key_id":HEX,"signature":BASE64URL}
 *
 * What is signed (Ed25519) is "memkit audit checkpoint 1" and a zero byte,
 * then store_id, tenant and key_id, each with its length in front, seq and
 * timestamp, numbers as 8 bytes, the highest first, and the 32 bytes of the
 * hash.
 */
#ifndef STORE_AUDIT_POINT_H
#define STORE_AUDIT_POINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/sign.h"
#include "base/ulid.h"
#include "store/audit_key.h"

#define AUDIT_POINT_MAX 8192	/* bytes of a line */

struct db;
struct store;

struct audit_point {
	char store_id[ULID_LEN + 1];
	char *tenant;			/* own; "": of the store (access.db) */
	int64_t seq;			/* 0: of a log without rows */
	uint8_t hash[HASH_LEN];
	int64_t at_ms;
	char key_id[AUDIT_KEY_ID + 1];
	uint8_t signature[SIGN_LEN];
};
void	audit_point_release(struct audit_point *);

/* Of a log as it is now, with the key of the store: that of its tenant, or of
 * the store as a whole, then tenant is "". */
int	audit_point_make(struct store *, struct db *, const char *tenant,
	    struct audit_point *, struct err *);
/* Appends it, without an end of line. */
void	audit_point_write(const struct audit_point *, struct buf *);
/* ERR_INPUT: it is none. */
int	audit_point_read(struct audit_point *, const char *, size_t,
	    struct err *);
/* 1 this key signed it, 0 it did not; -1. */
int	audit_point_signed(const struct audit_point *,
	    const struct audit_public *, struct err *);

#endif
