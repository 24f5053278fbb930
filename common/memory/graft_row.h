/*
 * Rows of grafts: read, checked, written with their change.
 *
 * Only graft*.c includes this.
 */
#ifndef MEMORY_GRAFT_ROW_H
#define MEMORY_GRAFT_ROW_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "memory/grafting.h"

struct db_query;
struct store;

/* For graft_row_read; those whose session is gone are not among them. */
#define GRAFT_ROWS \
	"SELECT g.seq, g.id, s.name, u.name, g.to_kind, g.to_name, g.kinds, " \
	"g.since, g.until, g.expires, g.created, g.revoked, g.by, s.seq, " \
	"s.user FROM graft g JOIN session s ON s.seq = g.session " \
	"JOIN user u ON u.id = s.user "
int	graft_row_read(struct db_query *, struct graft_row *,
	    int64_t *session, int64_t *user, struct err *);

/* Could it be one?  ERR_USAGE. */
int	graft_row_check(const struct graft_row *, struct err *);
/* A new row, with its change; seq is filled. */
int	graft_row_put(struct store *, int64_t session, struct graft_row *,
	    struct err *);

/* What there is by an id. */
struct graft_found {
	int64_t seq;
	char id[ULID_LEN + 1];
	int64_t session, user;		/* rows; user 0: the session is gone */
	int64_t revoked_ms;
};
/* 1, 0. */
int	graft_row_find(struct store *, const uint8_t id[ULID_BYTES],
	    struct graft_found *, struct err *);
int	graft_row_revoke(struct store *, int64_t seq, int64_t at_ms,
	    struct err *);

/* A row of the audit log that says what it lets whom read; how it came, or
 * NULL. */
int	graft_row_note(struct store *, const struct graft_row *,
	    const char *how, struct err *);

/* "events,contents"; "user:bob". */
void	graft_kinds_print(struct buf *, unsigned);
void	graft_to_print(struct buf *, enum graft_to, const char *name);

#endif
