/*
 * Who stands beside an event in its session: the two things said before it
 * and the two said after it, in the order of ids, indexed or not.
 */
#ifndef SEARCH_BESIDE_H
#define SEARCH_BESIDE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ulid.h"

struct indexes;

#define BESIDE 2			/* each way */
#define BESIDE_N (2 * BESIDE)		/* -2, -1, 1, 2 */
#define BESIDE_TAIL (UINT32_MAX - 1)	/* part of what is not indexed */
#define BESIDE_NONE UINT32_MAX

struct place {
	uint32_t part;			/* of the index, or one of the above */
	uint32_t doc;			/* in the part, or in the tail */
};

/* An event that is not indexed. */
struct beside_tail {
	int64_t session;		/* row */
	uint8_t id[ULID_BYTES];
	uint32_t number;		/* given back as a place's doc */
};

struct beside;

/* x may be NULL: there are none.  Both are borrowed; the tail is put in
 * order. */
struct beside *beside_new(struct indexes *, struct beside_tail *, size_t n);
void	beside_free(struct beside *);		/* takes NULL */

/*
 * Fills out[BESIDE_N]; a part of BESIDE_NONE where there is nobody.  Asking
 * session by session is cheapest.
 */
int	beside_find(struct beside *, int64_t session,
	    const uint8_t id[ULID_BYTES], const struct place *,
	    struct place out[BESIDE_N], struct err *);

#endif
