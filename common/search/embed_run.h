/*
 * An embedder that is a program: a co-process (base/child.h) that is asked
 * for vectors in the lines that memkit-json(5) describes under "embed".
 *
 * All that it answers is held against what was asked and against its first
 * answer; anything else is an error that names it.  Vectors are made as long
 * as 1.  Texts are cut at EMBED_RUN_TEXT bytes, and blank ones not sent.
 */
#ifndef SEARCH_EMBED_RUN_H
#define SEARCH_EMBED_RUN_H

#include "search/embedder_kind.h"

#define EMBED_RUN_TEXT 16384

struct embed_run_how {
	const char *name;		/* for messages */
	char *const *argv;		/* what to run; ends with NULL */
	/* What its vectors depend on, besides the model and the dimension
	 * that it tells; ends with NULL. */
	const char *const *identity;
	int wait_ms;			/* for an answer */
};

/*
 * Start it, ask who it is, fill in the embedder.  One of the same identity
 * that was freed before goes on instead of a new one, so that a process
 * starts a program once; it ends with the process.  One that failed is not
 * tried again for half a minute: the error is the same again.
 */
int	embed_run_open(struct embedder *, const struct embed_run_how *,
	    struct err *);

/*
 * The program that the store's configuration names: search.embedCommand,
 * else search.endpoint, for which libexec/memkit/embed-http is run.  1 open,
 * 0 none is named.  ERR_DENIED: the configuration may have been written by
 * another user, who is not obeyed.
 */
int	embed_run_configured(struct embedder *, const struct store *,
	    struct err *);

#endif
