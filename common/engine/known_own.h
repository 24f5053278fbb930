/*
 * What known*.c share.
 */
#ifndef ENGINE_KNOWN_OWN_H
#define ENGINE_KNOWN_OWN_H

#include "engine/access.h"

/*
 * Is a document as the store has it now?  1; 0: its text lost something since
 * it was put there, it is another version, or it was forgotten with all of
 * its user.  row: its row is here.
 */
int	engine_known_text(struct seen *, const struct engine_found *,
	    size_t who, bool row, const json_t *record, struct err *);

#endif
