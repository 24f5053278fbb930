/*
 * Artifacts as search sees them: those of the store's user in a state up to
 * ARTIFACT_FOUND.  Rows change in place, so two numbers say how far somebody
 * has read: the last row, and the last of the table artifact_turn, which tells
 * of those that are found no more, or again, or say something else.
 *
 * What is shown of a row is its seq, id, user, session, state, provider,
 * created_ms, here and body; the rest is empty.
 */
#ifndef ARTIFACT_ARTIFACT_ENTRY_H
#define ARTIFACT_ARTIFACT_ENTRY_H

#include <stdint.h>

#include "artifact/artifact.h"
#include "base/err.h"

struct store;

struct artifact_reach {
	int64_t row, turn;
};

/* How far the store is now; one small statement. */
int	artifact_newest(struct store *, struct artifact_reach *, struct err *);

typedef int artifact_entry_fn(void *, const struct artifact *,
	    const char *session, struct err *);

/*
 * All that came, or came back, after a mark, whatever session the call is
 * bound to; in no order.  fn returns 0 to go on; session is the name of the
 * artifact's, NULL of none.  The caller holds a view of the store.
 */
int	artifact_entries(struct store *, const struct artifact_reach *,
	    artifact_entry_fn *, void *, struct err *);
/* One of them by its id: 1; 0 it is not there. */
int	artifact_entry(struct store *, const char *id, artifact_entry_fn *,
	    void *, struct err *);

/* Rows of the store's user after one, in their order, whatever state they are
 * in; turns of his after a number, likewise.  fn returns 0 to go on; seq is
 * that of the row, or of the turn. */
typedef int artifact_seq_fn(void *, int64_t seq, const char *id,
	    struct err *);
int	artifact_each_row(struct store *, int64_t after, artifact_seq_fn *,
	    void *, struct err *);
int	artifact_each_turn(struct store *, int64_t after, artifact_seq_fn *,
	    void *, struct err *);

/* Ids of those whose turns came after a number, maybe more than once; of any
 * user. */
int	artifact_turned(struct store *, int64_t after, int (*fn)(void *,
	    const char *id, struct err *), void *, struct err *);

/* How many came after a mark, and turns since, looking no further than most
 * (0: at all). */
int	artifact_count_after(struct store *, const struct artifact_reach *,
	    int64_t most, int64_t *n, struct err *);

#endif
