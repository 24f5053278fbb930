/*
 * The change log is the outbox: every transaction that stores something
 * appends a row for it here, and whoever derives something (index,
 * contents, facts, a remote) reads on from its own checkpoint.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store;

enum change_type {
	CHANGE_EVENT = 1,	/* ref: event.seq */
	CHANGE_SESSION,		/* ref: session.seq */
	CHANGE_RECORD,		/* ref: record.seq */
	CHANGE_TOMBSTONE,	/* ref: tombstone.seq */
	CHANGE_VALUE,		/* ref: variable.seq */
	CHANGE_SEGMENT,		/* ref: 0; others' changes came until here */
	CHANGE_FILE,		/* ref: file.seq */
	CHANGE_DECISION,	/* ref: decision.seq */
	CHANGE_ARTIFACT,	/* ref: artifact.seq */
	CHANGE_GRAFT,		/* ref: graft.seq */
	CHANGE_TYPES		/* one more than the last */
};

extern const char *const change_names[];	/* by type; NULL-ended */

struct change {
	int64_t seq;
	enum change_type type;
	int64_t ref;
	int64_t at_ms;
};

/* Inside the transaction of the row itself. */
int	change_push(struct store *, enum change_type, int64_t ref,
	    struct err *);
int	change_last(struct store *, int64_t *seq, struct err *);

/* Changes after a place, in order; fn returns 0 to go on. */
int	change_each(struct store *, int64_t after,
	    int (*fn)(void *, const struct change *, struct err *), void *,
	    struct err *);

/*
 * Consumers, and how far each has confirmed.  consumer_put is part of the
 * consumer's own transaction when what it derives is in memory.db.
 */
struct consumer {
	char *name;		/* own */
	int64_t seq;		/* last confirmed */
	int64_t ts_ms;		/* timestamp of the last processed */
	int64_t saved_ms;
	int64_t lag;		/* changes after seq */
};

/* 1 found (caller releases), 0 not registered. */
int	consumer_get(struct store *, const char *name, struct consumer *,
	    struct err *);
int	consumer_put(struct store *, const char *name, int64_t seq,
	    int64_t ts_ms, struct err *);
int	consumer_remove(struct store *, const char *name, struct err *);
int	consumer_each(struct store *, int (*fn)(void *,
	    const struct consumer *), void *, struct err *);
void	consumer_release(struct consumer *);

/*
 * "sync:NAME" is a remote; where the configuration has none of that name any
 * more it holds nothing: should it come back, a snapshot goes in the place of
 * what was trimmed meanwhile.  "engine:NAME" is a search engine
 * (mem-index --to), likewise.
 */
#define CONSUMER_ENGINE "engine:"
bool	consumer_is_idle(const struct store *, const char *name);

/* Changes that some consumer has still to see, idle ones apart; 0 without
 * consumers. */
int	change_outstanding(struct store *, int64_t *n, struct err *);

/* Delete what every consumer has confirmed, idle ones apart (all, without
 * consumers); the newest row stays, so that numbers are never used again. */
int	change_trim(struct store *, int64_t *deleted, struct err *);

#endif
