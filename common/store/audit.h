/*
 * The audit log: rows chained by SHA-256, so that one that was changed,
 * taken out or put between is found.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct audit {
	int64_t seq;
	int64_t at_ms;		/* of date_real */
	const char *who;	/* user of the call */
	const char *action;	/* write, deny, delete, restore, ... */
	const char *object;	/* what it was done to, or NULL */
	const char *detail;	/* counts, reason; never contents; or NULL */
	uint8_t hash[32];
};

/* Joins the transaction of what it tells of; makes one if there is none. */
int	audit_add(struct store *, const char *action, const char *object,
	    const char *detail, struct err *);
/* Rows in [since, until), oldest first; who, action NULL: all. */
int	audit_each(struct store *, int64_t since_ms, int64_t until_ms,
	    const char *who, const char *action,
	    int (*fn)(void *, const struct audit *, struct err *), void *,
	    struct err *);
/* Walk the chain: 1 whole (*n rows), 0 broken at row *bad, -1 failed. */
int	audit_verify(struct store *, int64_t *n, int64_t *bad, struct err *);

#endif
