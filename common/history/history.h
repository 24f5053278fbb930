/*
 * The history of a git repository, as a program of ours tells it
 * (libexec/memkit/git-read): who has nothing to do with repositories does
 * not pay for libgit2.
 */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "history/commit.h"

struct history;

struct history_how {
	const char *rev;	/* from which on; NULL: HEAD */
	const char *not;	/* an id: neither it nor what it follows */
	int64_t since_ms;	/* nothing older; 0: all */
	bool oldest;		/* first */
};

/* ERR_INPUT: it is none, or there is no such rev. */
int	history_open(struct history **, const char *dir,
	    const struct history_how *, struct err *);
void	history_close(struct history *);	/* takes NULL */

/* What it is called, in all its clones.  The id of the commit that it begins
 * with, "" without one. */
const char *history_name(const struct history *);
const char *history_head(const struct history *);
bool	history_shallow(const struct history *);

/*
 * The next commit, by time, strings borrowed until the next call; see
 * commit.h.  1, 0 at the end, -1.
 */
int	history_next(struct history *, struct commit *, struct err *);

/*
 * The patch of a range of commits ("A..B", "A...B", "A": up to HEAD), piece
 * by piece.
 */
int	history_diff(const char *dir, const char *range,
	    int (*put)(void *, const char *, size_t, struct err *), void *,
	    struct err *);

#endif
