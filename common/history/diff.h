/*
 * What changed between two commits of a repository, as a patch that
 * history/patch.h reads: without context, renames followed.
 *
 * Only a program that links libgit2 can use it (cmd/git-read.c).
 */
#ifndef HISTORY_DIFF_H
#define HISTORY_DIFF_H

#include <stddef.h>

#include "base/err.h"

/*
 * range: "A..B", "A...B" (from where they parted), or "A" alone, up to HEAD.
 * Calls put with one piece after the other, until it fails.  ERR_ABSENT:
 * there is no such repository or commit.
 */
int	diff_print(const char *path, const char *range,
	    int (*put)(void *, const char *, size_t, struct err *), void *,
	    struct err *);

#endif
