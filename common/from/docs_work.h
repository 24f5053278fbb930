/*
 * What the files of from/docs*.c share.
 */
#ifndef FROM_DOCS_WORK_H
#define FROM_DOCS_WORK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/str.h"
#include "from/docs.h"
#include "from/docs_held.h"
#include "from/docs_near.h"
#include "from/format.h"

/* A file that was read before, by its cursor. */
struct docs_known {
	int64_t mtime_ms, size, inode;
	char hash[HASH_HEX + 1];
	char how[17];		/* the options that it was read with */
	bool part;		/* something of it could not be read */
	bool seen;		/* it is there, in this run */
	char *name;		/* own; that it was read by, or NULL */
	struct strv ids;	/* own; of its documents */
};

struct from_docs {
	struct from *f;			/* borrowed */
	const struct from_docs_opts *o;	/* borrowed */
	struct child *child;	/* own; or NULL */
	struct map known;	/* by source: p, own */
	struct map ids;		/* of documents that are there: how often */
	struct map told;	/* the same, told in this run */
	struct map names;	/* of the files of this run: p, source, own */
	struct map owned;	/* names of known ones: index into known */
	struct docs_near *near;	/* own */
	struct buf key;		/* what stands before a source in its cursor */
	char how[17];
	int64_t walked;		/* files of the operand at hand */
	/* the file at hand */
	const char *source;	/* borrowed; its path */
	const char *name;	/* borrowed; what it is called */
	char *called;		/* own; the same */
	struct strv now;	/* own; ids of its documents */
	struct buf line;	/* being printed */
	struct buf marks;	/* their signatures, MINHASH_HEX each, blanks
				   behind */
	bool part;
	struct docs_held chunks;
	struct strv held;	/* own; ids that could not be withdrawn */
};

/* A file to read. */
struct docs_file {
	const char *path;	/* absolute; NULL: fd */
	int fd;			/* inherited, CHILD_KEPT there */
	const char *name;	/* UTF-8; below the operand, or longer */
	struct stat st;
};

/* docs_ask.c: reads it and prints what there is.  hash is of all its bytes,
 * "" where it was not read to its end.  -1: nothing more can be done. */
int	docs_ask(struct from_docs *, const struct docs_file *,
	    char hash[HASH_HEX + 1], struct err *);

/* The name of a knowledge base as it stands in sources of cursors. */
void	docs_put_name(struct buf *, const char *);
/* A path as file:// (RFC 8089), appended. */
void	docs_put_url(struct buf *, const char *path);

/* docs_state.c */
int	docs_known_load(struct from_docs *, struct err *);
void	docs_known_free(struct from_docs *);
struct docs_known *docs_known_get(const struct from_docs *,
	    const char *source);	/* or NULL */
/* Another file that bears this name, in this run or since another, and is
 * there; or NULL. */
const char *docs_named(const struct from_docs *, const char *name);
bool	docs_untouched(const struct from_docs *, const struct docs_known *,
	    const struct stat *);
/* The cursor of the file at hand: of what it holds now (d->now), or, told
 * again, what was there before. */
int	docs_cursor(struct from_docs *, const struct stat *, const char *hash,
	    struct err *);
int	docs_cursor_again(struct from_docs *, const struct stat *,
	    const struct docs_known *, struct err *);
/* Documents that it had before and has no more.  What a file has that is there
 * but not of this run may be of another knowledge base: that is said, and
 * they are kept (d->held). */
int	docs_withdraw_old(struct from_docs *, const struct docs_known *,
	    struct err *);
/* Those of files that are gone from below an operand. */
int	docs_withdraw_gone(struct from_docs *, const char *below, bool folder,
	    struct err *);
/* A document is told of: its id, its signature or NULL.  The id of one that
 * is nearly the same; or NULL. */
const char *docs_met(struct from_docs *, const char *id, const char *hex);

#endif
