/*
 * A row of the audit log as its bytes, and its hash; for the files audit*.c
 * alone.
 */
#ifndef STORE_AUDIT_OWN_H
#define STORE_AUDIT_OWN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"

struct audit;
struct db_query;

enum { AUDIT_WHO, AUDIT_ACTION, AUDIT_OBJECT, AUDIT_DETAIL, AUDIT_TOOL,
    AUDIT_OUTCOME, AUDIT_TEXTS };

/* What they are called in records. */
extern const char *const audit_texts[AUDIT_TEXTS];

/* With its length: what stands behind a NUL in a text counts, too. */
struct audit_span {
	const char *p;		/* NULL: NULL */
	size_t n;
};

struct audit_row {
	int64_t seq, at_ms;
	struct audit_span text[AUDIT_TEXTS];	/* borrowed */
	uint8_t hash[HASH_LEN];			/* that it has */
};

/* What a statement has to select, in this order. */
#define AUDIT_COLUMNS "seq, at, who, action, object, detail, tool, outcome, " \
	"hash"

/* Texts are borrowed until the statement goes on. */
void	audit_row_read(struct db_query *, struct audit_row *);
/* The hash of one that was row seq, and came after the one that has prev.
 * room is used again from call to call. */
void	audit_row_hash(const struct audit_row *, int64_t seq,
	    const uint8_t prev[HASH_LEN], struct buf *room,
	    uint8_t out[HASH_LEN]);

/* What the row says that rows were rotated away with: up to which, and its
 * hash.  AUDIT_ROTATED bytes. */
#define AUDIT_ROTATED (40 + HASH_HEX)
void	audit_rotated(char *, int64_t seq, const uint8_t hash[HASH_LEN]);

#endif
