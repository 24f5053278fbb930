/*
 * A row in the audit log of a tenant that nobody opened: for what is done to a
 * store as a whole, its configuration or a backup.
 */
#ifndef STORE_AUDIT_AT_H
#define STORE_AUDIT_AT_H

#include "base/err.h"

struct audit;

/*
 * The row, and what it tells of, in one transaction: then is called before it
 * is committed; NULL: there is nothing more to do.  Returns what that returns,
 * 0 without it.  Where there is no database, or one of before schema 6, there
 * is no row.
 */
int	audit_add_at(const char *db_path, const struct audit *,
	    int (*then)(void *, struct err *), void *, struct err *);

#endif
