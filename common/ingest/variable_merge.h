/*
 * Values of sessions that another node set, or that came as records.
 */
#ifndef INGEST_VARIABLE_MERGE_H
#define INGEST_VARIABLE_MERGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct stamp;
struct store;

/*
 * variable_set of a value with a stamp: it takes its place by time and node,
 * and what comes behind it is put there once more.  1 new, 0 it is there;
 * *clash: it and one that is here were written without knowing each other,
 * and are not the same.
 */
int	variable_merge(struct store *, int64_t session, int kind,
	    const char *name, const char *value, const struct stamp *,
	    bool *clash, struct err *);

/*
 * A variable record (memkit-json(5)), inside a transaction; where it does not
 * say whose it is, of this node (0: of the store's).  Answers as
 * variable_merge; ERR_INPUT; ERR_DENIED: the session was forgotten.
 */
int	variable_add(struct store *, const json_t *, int64_t node,
	    bool *clash, struct err *);

#endif
