/*
 * The audit log: rows chained by SHA-256, so that one that was changed,
 * taken out or put between is found (audit_chain.h).
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdint.h>

#include "base/err.h"

struct db;
struct store;

#define AUDIT_DONE "done"
#define AUDIT_DENIED "denied"
#define AUDIT_FAILED "failed"

struct audit {
	int64_t seq;
	int64_t at_ms;		/* of date_real */
	const char *who;	/* user of the call */
	const char *action;	/* write, delete, restore, ... */
	const char *object;	/* what it was done to, or NULL */
	const char *detail;	/* counts, reason; never contents; or NULL */
	const char *tool;	/* by which program; NULL: audit_tool */
	const char *outcome;	/* NULL: AUDIT_DONE.  Rows of before schema 6
				   have neither, and are read so */
	uint8_t hash[32];
};

/* Of this process: "mem-log"; set once at its start.  Borrowed. */
extern const char *audit_tool;

/*
 * A row in any database that has the table; seq, at_ms and hash are filled.
 * Joins the transaction of what it tells of; makes one if there is none.
 */
int	audit_add_db(struct db *, const struct audit *, struct err *);
/* In memory.db, by the user of the call: something done; refused. */
int	audit_add(struct store *, const char *action, const char *object,
	    const char *detail, struct err *);
int	audit_deny(struct store *, const char *action, const char *object,
	    const char *detail, struct err *);

/* Which rows: of [since, until), and of these; NULL: all. */
struct audit_which {
	int64_t since_ms, until_ms;
	const char *who, *action, *tool, *outcome;
};

/* The oldest first.  fn returns 0 to go on, 1 to stop, -1. */
int	audit_each(struct db *, const struct audit_which *,
	    int (*fn)(void *, const struct audit *, struct err *), void *,
	    struct err *);

#endif
