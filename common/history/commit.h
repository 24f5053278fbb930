/*
 * A commit of a history: what it says, when, and which files it touched, a
 * rename followed.  As a record it goes from the program that knows
 * repositories (cmd/git-read.c) to the tools:
 *
 *	{"type":"commit","commit":"<hex>","time":ms,"authored":ms,
 *	 "parents":1,"subject":"...","files":[["M","a.c"],["R","b.c","a.c"]]}
 */
#ifndef HISTORY_COMMIT_H
#define HISTORY_COMMIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define COMMIT_HEX 40
#define COMMIT_PATH_MAX 4096	/* bytes; a longer one is left out */

/* Letters as git prints them. */
enum commit_did { COMMIT_ADDED = 'A', COMMIT_CHANGED = 'M',
    COMMIT_DELETED = 'D', COMMIT_RENAMED = 'R' };

struct commit_file {
	enum commit_did did;
	const char *path;	/* UTF-8: path_text */
	const char *was;	/* its name before; NULL unless renamed */
};

/* Strings are borrowed from who made it. */
struct commit {
	char id[COMMIT_HEX + 1];
	int64_t time_ms;	/* when it became a part of the history */
	int64_t authored_ms;
	int parents;
	const char *subject;	/* UTF-8, first line */
	bool known;		/* what it touched can be told: it is no merge,
				   and its parent is there */
	struct commit_file *files;	/* own, by path */
	size_t nfiles, cap;
};

void	commit_release(struct commit *);
struct commit_file *commit_add(struct commit *);	/* a zero one more */

/* Appends it as a record, with its newline. */
void	commit_write(struct buf *, const struct commit *);
/* Fills a commit (its files anew) from a record; strings are borrowed from
 * it.  ERR_INPUT. */
int	commit_from_json(struct commit *, const json_t *, struct err *);

/*
 * A path as text, appended: bytes that are not UTF-8 become "%XX", and so does
 * a '%' before what would be read as one of these; so no two paths have one
 * text, and path_raw, which appends too, makes it what it was.
 */
void	path_text(struct buf *, const char *, size_t len);
void	path_raw(struct buf *, const char *text);

#endif
