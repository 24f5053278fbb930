/*
 * A patch, as git diff prints it or diff -u, read piece by piece: which files
 * and which of their lines changed.  Memory does not grow with it; a line is
 * kept up to PATCH_LINE_MAX bytes.
 *
 * Understood: renames, copies, changes of mode, binary files, quoted paths,
 * prefixes of any of git's options or none, patches of merges (their lines
 * are not told one by one), and text between the patches of files, such as
 * that of git log -p.  The bytes are foreign.
 */
#ifndef HISTORY_PATCH_H
#define HISTORY_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PATCH_LINE_MAX ((size_t)16 << 10)
#define PATCH_PATH_MAX ((size_t)4096)

enum patch_did { PATCH_CHANGED, PATCH_ADDED, PATCH_DELETED, PATCH_RENAMED,
    PATCH_COPIED };

struct patch_file {
	enum patch_did did;
	const char *path;	/* UTF-8 (path_text); of the new file, of the
				   old one when it is deleted */
	const char *was;	/* renamed or copied from; or NULL */
	bool binary;
};

/* Lines of the new file, from 1; what was only taken away leaves last =
 * first - 1, behind the line before it. */
struct patch_range {
	int64_t first, last;
	int64_t removed;	/* lines */
};

/* Each may be NULL and returns 0, or -1 to end it.  What is shown is borrowed
 * until it returns.  text comes before the range that it is in, for each line
 * that was added (its number) or removed (0). */
struct patch_sink {
	int (*file)(void *, const struct patch_file *, struct err *);
	int (*text)(void *, int64_t line, const char *, size_t, struct err *);
	int (*range)(void *, const struct patch_range *, struct err *);
	void *arg;
};

struct patch;

struct patch *patch_new(const struct patch_sink *);
void	patch_free(struct patch *);		/* takes NULL */

/* Some bytes of it.  ERR_INPUT names the line. */
int	patch_feed(struct patch *, const char *, size_t, struct err *);
/* There are no more.  ERR_INPUT: it ends in the middle. */
int	patch_end(struct patch *, struct err *);
/* All of a descriptor. */
int	patch_read_fd(struct patch *, int fd, const char *name, struct err *);

/* Files whose path no repository has ("../x", "/x"): they are left out. */
int64_t	patch_odd(const struct patch *);
bool	patch_path_inside(const char *);

#endif
