/*
 * Documents: files and folders in, what docs-read makes of them out.
 *
 * What was read of a file is kept in the cursor that follows it, so that the
 * next run reads only what changed, and can tell what is gone: a cursor of a
 * file has its hash, and in its state the ids and signatures of its
 * documents.  Of a knowledge base that is named only its own cursors count:
 * their sources are "kb:NAME:/path", with %XX for what is no letter, digit,
 * ".", "_" or "-" in the name.
 */
#ifndef FROM_DOCS_H
#define FROM_DOCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "docs/filter.h"
#include "docs/limits.h"

struct store;

/* How documents are read: the options of the call over the settings of the
 * store. */
struct from_docs_opts {
	struct strv include, exclude;	/* own; globs */
	const char *kb;		/* borrowed; NULL: whoever stores it knows */
	const char *encoding;	/* borrowed; of what tells none, or NULL */
	int64_t words_min, words_max;	/* of a chunk */
	bool hidden;		/* names with a dot, too */
	bool all;		/* what has not changed, too */
	bool keep_gone;		/* files that are gone stay as they are */
	struct docs_limits limits;
	struct docs_filters filters;	/* own */
	int64_t memory, cpu_s;	/* of docs-read: bytes, and seconds a file */
};

#define FROM_DOCS_OPTS { .words_min = 200, .words_max = 400, \
    .limits = DOCS_LIMITS, .filters = DOCS_FILTERS, \
    .memory = INT64_C(1) << 30, .cpu_s = 600 }

/* docs.* and filter.* of a store's configuration, of which only dir and conf
 * are looked at.  ERR_INPUT names what cannot be used, ERR_DENIED says that
 * somebody else could have commands run. */
int	from_docs_conf(struct from_docs_opts *, const struct store *,
	    struct err *);
/* One setting of filter.*, before it is written: 1, -1 it cannot be used, 0
 * that is none. */
int	from_docs_filter_check(const char *key, const char *value,
	    struct err *);
void	from_docs_opts_release(struct from_docs_opts *);
/* "200-400": 1, 0 that is none. */
int	from_docs_words(struct from_docs_opts *, const char *);

#endif
