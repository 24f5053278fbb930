/*
 * Making a graph and keeping it up to date: rows that came since go into the
 * file with how far it now goes, in one transaction.  That place is in the
 * file, by rows, as an index has it: a graph that is deleted, or asked for
 * once and never again, holds no change log.  What was forgotten since,
 * or has a newer version, or is too much for one transaction, makes a new file,
 * which takes the place of the old one by rename: nothing of it is left there.
 * A file that was added to and one that was made at once give the same answers.
 *
 * A file has all of its user's events, or all rows of the tenant's knowledge
 * bases, whatever part of them a call may see: graph.h says who reads it.
 * A sealed tenant has none: its graphs are made in memory, by whoever asks.
 *
 * What a model proposed (propose.h) is a part of a text: it is added with it,
 * or once it is there; where it takes something back, a new file is made.  Who
 * reads a graph asks no model.
 */
#ifndef GRAPH_BUILD_H
#define GRAPH_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "graph/file.h"
#include "graph/propose_ask.h"

struct store;
struct event_iter;

struct graph_build_how {
	bool records;		/* of the tenant's, else of the user's */
	bool rebuild;
	struct propose_ask *ask;	/* is asked once it is up to date, and
					   what it proposes is added; NULL:
					   nobody.  graph_built has the sums */
	bool unlearn;		/* what was proposed goes; with rebuild */
	int wait_ms;		/* for another that is at it */
	int (*progress)(void *, int64_t done, struct err *);	/* or NULL */
	void *arg;
};

struct graph_built {
	int64_t added;		/* texts */
	bool anew;		/* the file is a new one */
	int64_t docs, bytes;
	bool asked;
	struct propose_sums model;
};

int	graph_build(struct store *, const struct graph_build_how *,
	    struct graph_built *, struct err *);
/* 1: it has all that there is, and is open to be read; 0: it is to be built;
 * 2: there is nothing to build it of. */
int	graph_open_fresh(struct store *, bool records, struct graph_file *,
	    struct err *);
/* The files of a user and of the tenant go. */
int	graph_drop(struct store *, const char *user, struct err *);
/* Its path; own. */
char	*graph_path(const struct store *, bool records);

/* A graph in memory of the events that an iterator gives, or of the rows that
 * were there at a time. */
int	graph_of_events(struct graph_file *, struct store *,
	    struct event_iter *, struct err *);
int	graph_of_records(struct graph_file *, struct store *, int64_t at_ms,
	    struct err *);

#endif
