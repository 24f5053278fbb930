/*
 * Masks: is a text another one with secrets taken out, and nothing else?  So
 * a copy of a store can believe a text that takes the place of its own.
 */
#ifndef TEXT_REDACT_MASK_H
#define TEXT_REDACT_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;

/*
 * 1: what stands in `masked` outside of its "[redacted:KIND]" stands in `text`,
 * in this order, and whatever else there is in text stood where it has one of
 * these, or in <private>.  A text is no mask of itself.
 */
bool	mask_of(const char *masked, size_t, const char *text, size_t);

/* Count the "[redacted:KIND]" of a text by kind (in ->i), n for each. */
void	mask_count(struct map *kinds, const char *, size_t, int64_t n);

#endif
