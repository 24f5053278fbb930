/*
 * First what is quoted, then the rest: phrases beside plain words choose the
 * first hits of a search by all there is; when these are less than were asked
 * for, others follow.  In the other modes they follow where there is none.
 */
#ifndef SEARCH_FOLLOW_H
#define SEARCH_FOLLOW_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "search/query.h"
#include "search/search.h"

/* One search, whatever was found before. */
typedef int follow_fn(void *, struct query *, const struct search *,
	    int (*fn)(void *, json_t *, struct err *), void *arg,
	    int64_t *found, struct err *);

/* fn is given each hit once. */
int	follow_run(struct query *, const struct search *, follow_fn *run,
	    void *run_arg, int (*fn)(void *, json_t *, struct err *),
	    void *arg, int64_t *found, struct err *);

#endif
