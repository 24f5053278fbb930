/*
 * How rare a word is in general: the less often something is said, the more
 * it tells.  From a list of the most common English words, so that it is the
 * same in every store and does not change as that grows.
 */
#ifndef TEXT_RARE_H
#define TEXT_RARE_H

#include <stdint.h>

/*
 * Of a stem, by its hash (struct turn_word): near 0 the most common, 1 what
 * is not in the list.  It is the weight a / (a + p) of S. Arora et al., "A
 * simple but tough-to-beat baseline for sentence embeddings", ICLR 2017, with
 * p by Zipf's law from the place in the list.
 */
double	rare_stem(uint64_t stem);

#endif
