/*
 * Groups and their tables; for group*.c alone.
 *
 *	group.c		groups by name and id, in memory
 *	group_rows.c	the rows of one: a tail, and chunks
 *	group_flush.c	what was changed, to the tables
 *	group_look.c	those that are to be looked at
 */
#ifndef LTM_GROUP_TABLE_H
#define LTM_GROUP_TABLE_H

#include "ltm/group.h"
#include "store/db.h"
#include "store/sealed.h"

#define GROUP_COLUMNS "SELECT id, dim, " OPEN_GROUP_NAME ", n, chunks, " \
	"dirty, seen, facts, known, " OPEN_GROUP_TAIL " FROM ltm_group "

/* The group at which a query for these stands; own. */
struct group *group_from(struct db_query *);
void	group_free(struct group *);

/* --- group_rows.c ------------------------------------------------------ */

int	group_put_chunk(struct groups *, const struct group *, int64_t chunk,
	    const struct buf *, struct err *);
/* Rows in bytes of the group, as group_each. */
int	group_each_in(const struct group *, const char *, size_t len,
	    int (*fn)(void *, int64_t, const char *, size_t), void *,
	    struct err *);

/* --- group_flush.c ----------------------------------------------------- */

/* Its rows of both tables. */
int	group_delete(struct groups *, const struct group *, struct err *);

#endif
