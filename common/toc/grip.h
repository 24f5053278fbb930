/*
 * Grips: an excerpt tied to the events it was taken from.  It is kept as a
 * place in the text of an event, so it is verbatim, and goes with the event
 * when that is forgotten.  A grip never changes; its id follows from what it
 * is, so the same excerpt has the same grip whenever it is made.
 */
#ifndef TOC_GRIP_H
#define TOC_GRIP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ulid.h"

struct store;

#define GRIP_SUFFIX 6		/* bytes; twice as many letters */
#define GRIP_ID_LEN 40		/* room for an id and its NUL */

struct grip {
	int64_t user;			/* row; 0: the store's */
	int64_t ts_ms;
	uint8_t suffix[GRIP_SUFFIX];
	int64_t node;			/* row of the segment */
	uint8_t event[ULID_BYTES];	/* whose text it is an excerpt of */
	int64_t off, len;		/* bytes of that text */
	uint8_t first[ULID_BYTES], last[ULID_BYTES];	/* the range */
	char graft[ULID_LEN + 1];	/* as that of a toc_node */
};

/* Fills the suffix from the other members, but for the node. */
void	grip_make(struct grip *);
/* "grip:1706540400000:1f00ab12cd34". */
void	grip_id(const struct grip *, char out[GRIP_ID_LEN]);
/* 1 read (time and suffix), 0 that is no grip's id. */
int	grip_id_read(const char *, struct grip *);

/*
 * Inside a transaction; one that is there already stays, but belongs to this
 * segment from now on.  1: it belonged to another, *from; 0 not.
 */
int	grip_put(struct store *, const struct grip *, int64_t *from,
	    struct err *);
/* The same of one that is there, as it was found. */
int	grip_take(struct store *, const struct grip *, int64_t node,
	    int64_t *from, struct err *);
/* By its time and suffix. */
int	grip_delete(struct store *, const struct grip *, struct err *);
/* By id; 1 found, 0 absent. */
int	grip_find(struct store *, const char *id, struct grip *,
	    struct err *);
int	grip_find_of(struct store *, int64_t user, const char *id,
	    struct grip *, struct err *);

/*
 * The excerpt, appended: 1; 0: its event was forgotten; -1 ERR_CORRUPT: the
 * place is not in the text.
 */
struct event_iter;
int	grip_excerpt(struct store *, struct event_iter **,
	    const struct grip *, struct buf *, struct err *);

/* The grip record; own. */
json_t	*grip_json(struct store *, struct event_iter **, const struct grip *,
	    struct err *);

/* All of the user in order of time; fn returns 0 to go on, 1 to stop. */
int	grip_each(struct store *, int (*fn)(void *, const struct grip *,
	    struct err *), void *, struct err *);
/* The excerpts of one event; one index probe. */
int	grip_of_event(struct store *, int64_t ts_ms,
	    const uint8_t event[ULID_BYTES], int (*fn)(void *,
	    const struct grip *, struct err *), void *, struct err *);

#endif
