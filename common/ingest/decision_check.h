/*
 * For decision_add.c alone: a decision as it came, read and checked.
 */
#ifndef INGEST_DECISION_CHECK_H
#define INGEST_DECISION_CHECK_H

#include <jansson.h>

#include "base/err.h"
#include "memory/decision.h"

/* All but user, and node where it names none; its strings and its value are
 * borrowed from the record, as the name of the user, NULL: of the tenant.
 * ERR_INPUT: it could not have been decided here. */
int	decision_read(const json_t *, struct decided *, const char **user,
	    struct err *);

#endif
