/*
 * The two paths of a file in a patch, out of the several places where they
 * stand.  Only patch*.c includes this.
 */
#ifndef HISTORY_PATCH_PATH_H
#define HISTORY_PATCH_PATH_H

#include <stdbool.h>

#include "base/buf.h"

enum patch_side { PATCH_OLD, PATCH_NEW };

struct patch_paths {
	struct buf path[2];	/* as UTF-8, with their prefixes */
	bool set[2], none[2];	/* told; /dev/null */
	bool prefixed[2];	/* the text has a prefix, if there are any */
	struct buf line;	/* behind "diff --git " */
	struct buf room;
};

void	patch_paths_init(struct patch_paths *);
void	patch_paths_release(struct patch_paths *);

/* A file begins; line is what stands behind "diff --git ", or NULL. */
void	patch_paths_begin(struct patch_paths *, const char *line);
/* A path as it stands in a line of the head, perhaps quoted.  header: of
 * "---" and "+++", where it has a prefix and may have a time behind it. */
void	patch_paths_set(struct patch_paths *, enum patch_side, const char *,
	    bool header);
/*
 * The path, and what it was called (NULL: the same).  false: there is none,
 * or it leads out of the repository.
 */
bool	patch_paths_settle(struct patch_paths *, bool deleted,
	    const char **path, const char **was);

#endif
