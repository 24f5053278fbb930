/*
 * The words of an index that are like a word.  Words that stand in dead
 * documents alone are none: what was forgotten stays in a segment until it is
 * written again.
 */
#ifndef INDEX_RANK_NEAR_H
#define INDEX_RANK_NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/rank.h"
#include "index/ruler.h"

/* Documents alive that have a stem: adds to *df, no further than most. */
int	rank_near_df(const struct rank_part *, size_t parts, const char *stem,
	    size_t len, int64_t most, int64_t *df, struct err *);

/*
 * Each word that is no further than ->max, with its stem; those of several
 * parts come again.  A word that parts from its stem before the last letter
 * of that is not found (dying, die), unless `unlike` asks for it, in a
 * language that has many of them.  Cost: for one mistake 1 ms in a million
 * terms, for two 4 ms; at most 50,000 terms of a part are looked at, and as
 * many unlike words.
 */
typedef void rank_near_fn(void *, const char *word, size_t len,
    const char *stem, size_t stem_len, unsigned distance);
int	rank_near(const struct rank_part *, size_t parts,
	    const struct ruler *, bool unlike, rank_near_fn *, void *,
	    struct err *);

#endif
