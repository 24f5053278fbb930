/*
 * What differs between two trees of a git repository, read from the bytes
 * of its objects: subtrees that are the same are not opened, so that a
 * commit costs what it touched.  Files and links count; submodules do not.
 *
 * Knows no library: who calls it says how to read an object.  The bytes are
 * foreign; every length is checked.  Format: gitformat-pack(5), "tree"
 * objects of git-fast-import(1): "MODE SP NAME NUL ID(20)" again and again.
 */
#ifndef HISTORY_GITLOG_TREE_H
#define HISTORY_GITLOG_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "history/commit.h"

#define GITLOG_ID 20			/* bytes of an id */
#define GITLOG_DEPTH_MAX 256		/* folders within each other */
#define GITLOG_CHANGES_MAX ((size_t)1 << 20)	/* of one commit */

struct gitlog_object {
	const unsigned char *p;		/* borrowed until it is closed */
	size_t len;
	void *handle;			/* the reader's */
};

struct gitlog_reader {
	/* 1 read, 0 it is not there, -1.  max (0: none) is the most that is
	 * wanted: a longer one counts as not there. */
	int (*open)(void *arg, const unsigned char *id, size_t max,
	    struct gitlog_object *, struct err *);
	void (*close)(void *arg, struct gitlog_object *);
	void *arg;
};

struct gitlog_change {
	enum commit_did did;
	char *path;			/* own; bytes as they stand there */
	char *was;			/* own, or NULL */
	unsigned char old[GITLOG_ID], new[GITLOG_ID];	/* of its content */
};

struct gitlog_changes {
	struct gitlog_change *v;	/* own */
	size_t n, cap;
};

void	gitlog_changes_release(struct gitlog_changes *);

/*
 * Add the changes from one tree to another, by path; NULL is the empty
 * tree.  ERR_CORRUPT: a tree is missing or is none.
 */
int	gitlog_tree_diff(const struct gitlog_reader *,
	    const unsigned char *from, const unsigned char *to,
	    struct gitlog_changes *, struct err *);

/*
 * Make renames of what was deleted in one place and added in another, as
 * git does (gitdiffcore(7)): the same content first, then files half of
 * whose lines are the same, the most alike first; ties go to the same name in
 * another folder.  Not looked at for likeness: more than GITLOG_PAIRS pairs,
 * and files over GITLOG_LIKE_MAX bytes.
 */
#define GITLOG_PAIRS ((size_t)40000)
#define GITLOG_LIKE_MAX ((size_t)1 << 20)
int	gitlog_renames(const struct gitlog_reader *, struct gitlog_changes *,
	    struct err *);

#endif
