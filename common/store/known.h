/*
 * The names that a tenant knows of: users, agents, knowledge bases.
 */
#ifndef STORE_KNOWN_H
#define STORE_KNOWN_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store;

enum known { KNOWN_USERS, KNOWN_AGENTS, KNOWN_KBS };

/* At most so many, in order; added to the list. */
int	known_names(struct store *, enum known, int64_t limit, struct strv *,
	    struct err *);

#endif
