/*
 * Templates of facts: a sentence, or the key by which a fact is known, with
 * holes that what was said fills.
 */
#ifndef LTM_LIVE_FILL_H
#define LTM_LIVE_FILL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "ltm/live_match.h"

/* Appends the template with its holes filled; as a key, each in the form in
 * which values are compared (live_fold). */
void	live_fill(struct buf *, const char *form, const char *text,
	    const struct live_match *, bool key);
/* Appends a value in small letters, one blank for several, no article. */
void	live_fold(struct buf *, const char *, size_t len);

#endif
