/*
 * Commits of a repository by their time, from those on that were met; and
 * what the files that see libgit2 share.
 *
 * In a shallow repository the walk ends where its parents do; in others a
 * parent that is not there is damage (ERR_CORRUPT).
 */
#ifndef HISTORY_GITLOG_WALK_H
#define HISTORY_GITLOG_WALK_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

struct gitlog_walk {
	git_repository *repo;	/* borrowed */
	int64_t since_ms;	/* nothing older */
	bool shallow;
	/* of the walk */
	git_commit **heap;	/* own; the newest at 0 */
	size_t n, cap;
	size_t wanted;		/* that wait and are not hidden */
	struct map flags;	/* of each id that was met: i */
	git_oid *order;		/* own; for the oldest first */
	size_t norder, order_cap;
	bool ordered;
};

void	gitlog_walk_init(struct gitlog_walk *, git_repository *,
	    int64_t since_ms);
/* Takes one of zeros, too. */
void	gitlog_walk_release(struct gitlog_walk *);

/* A commit to begin with; hide: neither it nor what it follows is told.  1,
 * 0 it is not there, -1. */
int	gitlog_walk_meet(struct gitlog_walk *, const git_oid *, bool hide,
	    struct err *);
/* The next, own; 1, 0 at the end, -1.  A walk goes one of these ways; the
 * oldest first takes 20 bytes of memory a commit. */
int	gitlog_walk_newest(struct gitlog_walk *, git_commit **, struct err *);
int	gitlog_walk_oldest(struct gitlog_walk *, git_commit **, struct err *);

/* What libgit2 says of its last failure, behind ours: "cannot WHAT 'OF'". */
int	gitlog_failed(struct err *, enum err_code, const char *what,
	    const char *of);
int	gitlog_damaged(git_repository *, const git_oid *, struct err *);
/* Anybody can write any time into a commit. */
int64_t	gitlog_ms(git_time_t seconds);

#endif
