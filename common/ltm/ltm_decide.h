/*
 * What becomes of a fact: what follows from its rows now against the version
 * that counts; for ltm_settle.c alone.
 */
#ifndef LTM_LTM_DECIDE_H
#define LTM_LTM_DECIDE_H

#include "ltm/ltm.h"

struct decision {
	size_t group;		/* whose fact it is: place in the list */
	bool write, live;
	bool touch;		/* it says the same of other rows */
	enum ltm_change change;
	struct fact fact;	/* its body is ours; NULL: it is made when it
				   is written, as most new ones may wait */
};

/* The version that counts, without its body; a gone one, too.  1, 0: there is
 * none. */
int	fact_counting(struct store *, int64_t id, struct fact *, struct err *);

/*
 * With id, digest and, if it holds, confidence and body (NULL: there is no
 * version that counts, so that it needs none yet) in d->fact, against the
 * newest version; why it does not hold.  Sets the rest.
 */
int	decide(struct store *, struct decision *, const struct fact *old,
	    bool holds, const char *why, struct err *);

#endif
