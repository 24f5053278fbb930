/*
 * The best hits cut to fit into so many bytes, ends of lines included: what
 * goes before a question to a model.
 */
#ifndef CMD_BUDGET_H
#define CMD_BUDGET_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/out.h"
#include "search/query.h"

#define BUDGET_HITS 1000	/* more are never of use */

struct turn;

struct budget {
	struct turn *turn;	/* own */
	size_t n, cap;
};
#define BUDGET_INIT { NULL, 0, 0 }

/* How many hits so many bytes could hold. */
int64_t	budget_hits(int64_t bytes);

void	budget_add(struct budget *, const json_t *hit);	/* best first */

/*
 * Choose, cut and print; number: of the query, 0 none.  Returns how many were
 * printed, or -1.
 */
int	budget_print(struct budget *, struct out *, const struct query *,
	    int64_t number, size_t bytes, struct err *);
void	budget_release(struct budget *);	/* empty then */

#endif
