/*
 * What a model proposed of texts, kept beside the graph that it goes into, so
 * that a graph that is made anew asks nobody again: PATH/proposed.db, derived
 * as the graph is, and nothing that is needed.
 *
 * A text has one row, by its number in the store: which model was asked
 * (`version`: a hash of who it is and of the instructions), how often that
 * failed, and what was kept of the answer (propose_check.h).  That counts as
 * long as the text is the one that was shown.  Each change of a row has the
 * next number, so that a graph knows how far it has them.
 */
#ifndef GRAPH_PROPOSE_H
#define GRAPH_PROPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "graph/sum.h"

#define PROPOSE_TEXT 8000	/* bytes of a text that are shown */

struct db;

struct proposals {
	struct db *db;		/* own; NULL: there are none */
	int64_t id;		/* of this file, random */
	int64_t high;		/* of the newest change */
	int64_t replaced;	/* of the newest that took something back */
	int64_t done, done_of;	/* up to this row all were asked about, by
				   that version */
};

/* Where it is not there, or is damaged, there are none; PROPOSALS_MAKE: it is
 * made. */
enum proposals_how { PROPOSALS_READ, PROPOSALS_WRITE, PROPOSALS_MAKE };
int	proposals_open(struct proposals *, const char *dir,
	    enum proposals_how, struct err *);
void	proposals_close(struct proposals *);
/* The file goes. */
int	proposals_drop(const char *dir, struct err *);

struct proposed {
	int64_t version;	/* 0: not asked */
	int64_t failed;		/* how often, since the last answer */
	int64_t at;		/* number of its last change */
	char *body;		/* own; "" nothing was proposed */
};
void	proposed_release(struct proposed *);
/* Of a text: 1; 0 there is none, or it was of another text. */
int	proposals_get(struct proposals *, int64_t row, const char *text,
	    size_t, struct proposed *, struct err *);
/* Is there one whose change is later than a number? */
int	proposals_after(struct proposals *, int64_t at, int64_t row,
	    struct err *);		/* 1, 0 */
/* The first row, and the last, of those. */
int	proposals_range(struct proposals *, int64_t at, int64_t *from,
	    int64_t *to, struct err *);	/* 1, 0 there are none */

/* An answer, or that there was none; how far all were asked; in a
 * transaction. */
int	proposals_begin(struct proposals *, struct err *);
int	proposals_end(struct proposals *, int r, struct err *);
int	proposals_done(struct proposals *, int64_t row, int64_t version,
	    struct err *);
int	proposals_put(struct proposals *, int64_t row, const char *text,
	    size_t, int64_t version, const char *body, struct err *);
int	proposals_fail(struct proposals *, int64_t row, const char *text,
	    size_t, struct err *);
/* Those of rows that has() says are gone leave the file. */
int	proposals_purge(struct proposals *, int (*has)(void *, int64_t row,
	    struct err *), void *, struct err *);

/* What of a text is shown: how many bytes. */
size_t	propose_len(const char *, size_t);

/* A kept answer: lines of "e\tKIND\tNAME" and
 * "r\tKIND\tSOURCE KIND\tSOURCE\tTARGET KIND\tTARGET".  Adds it to the sum,
 * whose text is at hand; a line that is none is passed over. */
void	proposed_add(struct sum *, const char *body);

#endif
