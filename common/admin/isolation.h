/*
 * Is what is apart apart?  As an attacker would: each tenant, user and session
 * asks for what is of another one, through the functions that the tools read
 * with, by id, in lists, and by searching for words of the other's texts.
 * Whether it may is told by a table of its own (isolation_world.c), so that a
 * fault in store/access is found, too.  Then rows, indexes and files are
 * looked at: what is whose, and who could read it beside the tools.
 *
 * A hole is told by kinds, names and ids, never by a text.
 */
#ifndef ADMIN_ISOLATION_H
#define ADMIN_ISOLATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store_where;

struct isolation_hole {
	bool warning;		/* nothing is seen by it, but it is wrong */
	const char *kind;	/* event, session, contents, grip, fact,
				   variable, file, artifact, record; index,
				   row, graft, credential, link, mode, owner,
				   tenant */
	const char *how;	/* id, list, search; row, index, disk */
	/* who got at it, NULL where it is not anybody in particular */
	const char *tenant, *user, *session;
	/* whose it is */
	const char *of_tenant, *of_user, *of_session;
	const char *id;		/* its id, its row, or its path in the store */
	const char *detail;	/* what is wrong, or NULL */
};

struct isolation_sums {
	int64_t tenants, users, sessions;	/* that asked */
	int64_t things;		/* that were asked for */
	int64_t tried;		/* answers that were looked at */
	int64_t searches;
	int64_t rows;		/* documents of indexes among them */
	int64_t files;		/* entries of folders */
	int64_t holes, warnings;
	bool sampled;		/* there was more than was asked for */
};

struct isolation {
	const char *dir;	/* of the store */
	const struct strv *tenants;
	int64_t sample;		/* of each kind of each user so many at most,
				   and so many users; 0: all */
	bool whole;		/* the store as such, too: its folder, its
				   credentials */
	int (*found)(void *, const struct isolation_hole *, struct err *);
	void *arg;
	void (*progress)(const char *tenant);	/* or NULL */
	struct isolation_sums sums;
};

/* 0, whatever was found; -1: it could not be told. */
int	isolation_run(struct isolation *, struct err *);

#endif
