/*
 * A walk over the history of a git repository: commits by time, each with
 * the files that it touched.  Shallow and bare repositories and those
 * without a commit are read as they are; nothing is written, no program that
 * a repository names is run.
 *
 * Only a program that links libgit2 can use it (cmd/git-read.c); the tools
 * use history/history.h.
 */
#ifndef HISTORY_GITLOG_H
#define HISTORY_GITLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "history/commit.h"

/*
 * libgit2 as we want it: to be called before, and as often shut down
 * (git_libgit2_shutdown).  gitlog_open and diff_print do it.
 */
int	gitlog_setup(struct err *);

struct gitlog;

struct gitlog_how {
	const char *rev;	/* from which on; NULL: HEAD */
	const char *not;	/* an id: neither it nor what it follows; one
				   that is not there hides nothing */
	int64_t since_ms;	/* nothing older */
	bool oldest;		/* first: 20 bytes of memory a commit */
};

/*
 * path is a repository, or a folder in its work tree.  ERR_ABSENT: there is
 * none, or no such rev.
 */
int	gitlog_open(struct gitlog **, const char *path,
	    const struct gitlog_how *, struct err *);
void	gitlog_close(struct gitlog *);		/* takes NULL */

/*
 * What it is called, the same in all its clones: after the URL of "origin",
 * without one after its folder.  Appended.
 */
void	gitlog_name(const struct gitlog *, struct buf *);
/* Where it is, absolute; the id it begins with, or "" (no commit yet). */
const char *gitlog_path(const struct gitlog *);
const char *gitlog_head(const struct gitlog *);
bool	gitlog_shallow(const struct gitlog *);

/*
 * The next commit, the newest first; its strings are borrowed until the next
 * call.  Of a merge no files are told, nor of a commit whose parent is not
 * in a shallow repository.  1, 0 at the end, -1: ERR_CORRUPT.
 */
int	gitlog_next(struct gitlog *, struct commit *, struct err *);

#endif
