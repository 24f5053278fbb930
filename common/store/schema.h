/*
 * The schema of memory.db: share/sql/NNN_*.sql, applied in order.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/err.h"

struct buf;
struct db;

#define SCHEMA_VERSION 7	/* PRAGMA user_version */
/* verify_sum() of it; u-db says what it is after a change */
#define SCHEMA_SUM \
	"c2ae44dc4ecbecb4d16df330a9d8700c164593df472355eec68db1cabe39beeb"
#define SCHEMA_APP 0x4d454d4b	/* "MEMK", PRAGMA application_id */

/* Bring a database up to SCHEMA_VERSION, each step in a transaction of its
 * own.  ERR_VERSION: it is newer than we are. */
int	schema_migrate(struct db *, const char *name, struct err *);
/* The same question without the answer: 1 up to date, 0 older. */
int	schema_check(struct db *, const char *name, struct err *);
/* The text of all steps, as `mem-admin schema` prints it. */
void	schema_text(struct buf *);

#endif
