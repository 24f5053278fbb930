/*
 * May this call bring that record?  What names another tenant or user than
 * the call is of, or a session that it is not bound to, and what is of the
 * tenant where the right to write there is missing, is refused.  A store
 * without credentials asks nothing, but of a call that is bound.
 */
#ifndef INGEST_INGEST_MAY_H
#define INGEST_INGEST_MAY_H

#include <jansson.h>
#include <stdbool.h>

#include "ingest/ingest_entry.h"

#define INGEST_DENIED "denied"

/* As it came in, by what it names. */
bool	ingest_may(const struct ingest *, enum kind, const json_t *);
/* Where only the rows tell: a tombstone, when those before it are stored.
 * 1, 0. */
int	ingest_may_forget(struct ingest *, const json_t *, struct err *);

/* It is refused; the same words for all of them. */
void	ingest_deny(struct entry *);

/* Inside the transaction of the batch: how many of it were, in the audit
 * log. */
int	ingest_note_denied(struct ingest *, int64_t n, struct err *);

#endif
