/*
 * What the files of isolation*.c share.
 */
#ifndef ADMIN_ISOLATION_OWN_H
#define ADMIN_ISOLATION_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/isolation.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

struct db;
struct store;

enum thing_kind { THING_EVENT, THING_SEGMENT, THING_PERIOD, THING_GRIP,
    THING_FACT, THING_VARIABLE, THING_FILE, THING_ARTIFACT, THING_SESSION,
    THING_RECORD, THING_KINDS };
extern const char *const thing_kinds[];

/* Something that belongs to somebody.  Strings are own, NULL where it is of
 * none. */
struct thing {
	enum thing_kind kind;
	size_t tenant;
	char *user, *session;
	char *id;		/* of a variable and a file its name, too */
	int64_t start_ms, end_ms;
	int64_t row;
	char *word;		/* of its text, or NULL */
};

/* What lets read: rows of the table, read beside store/graft. */
struct lent {
	char *user, *session;	/* own; what it is of */
	int to;			/* 0 a session, 1 a user, 2 the tenant */
	char *name;		/* own */
	unsigned kinds;
	int64_t since_ms, until_ms, expires_ms;
};

/* Somebody who asks. */
struct reader {
	size_t tenant;
	const char *user;	/* borrowed */
	const char *session;	/* borrowed; NULL: unbound */
};

struct world_user {
	char *name;		/* own */
	int64_t row;
	struct strv sessions;	/* that he is bound to, one after the other */
	size_t first, end;	/* his things */
};

struct world_tenant {
	const char *name;	/* borrowed */
	struct world_user *user;
	size_t users, users_cap;
	struct lent *lent;
	size_t n, cap;
	struct map known;	/* id: place of its thing, and one; 0: two
				   have it */
};

struct world {
	struct isolation *i;	/* borrowed */
	struct world_tenant *tenant;	/* in the order of i->tenants */
	struct thing *thing;
	size_t things, things_cap;
	int64_t now;
};

/* Gathers what there is, or a part of it. */
int	world_make(struct world *, struct isolation *, struct err *);
void	world_release(struct world *);
/* The table. */
bool	world_may(const struct world *, const struct reader *,
	    const struct thing *);
/* The one of a tenant that has this id, or NULL. */
const struct thing *world_find(const struct world *, size_t tenant,
	    enum thing_kind, const char *id);

int	isolation_tell(struct isolation *, const struct isolation_hole *,
	    struct err *);
/* A tenant as itself, to look at its rows. */
int	isolation_open(struct store **, const struct isolation *,
	    const char *tenant, const char *user, struct err *);

/* Each is a part of isolation_run. */
int	isolation_ask(struct world *, struct err *);
int	isolation_rows(struct isolation *, struct store *, struct err *);
int	isolation_indexes(struct isolation *, struct store *, struct err *);
int	isolation_disk(struct isolation *, struct err *);

#endif
