/*
 * What of an engine's documents a call may see: the filter that stands in
 * every search, and the same rules once more for each document that comes
 * back.  search/seen.h and store/access.h have them; nobody here knows any.
 *
 * An engine may be wrong, late, or somebody else's.  So what it says of a
 * document is held against what this store knows of it, too: what was
 * forgotten here, or is another's here, is not shown, whatever it says.
 */
#ifndef ENGINE_ACCESS_H
#define ENGINE_ACCESS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "search/seen.h"

/* What a document says of itself; strings are borrowed, NULL where there is
 * none. */
struct engine_found {
	enum source source;
	const char *user;	/* NULL: of the tenant */
	const char *session, *id, *within;
	int64_t ts_ms, end_ms;	/* end_ms 0: none */
	bool has_time;
	int64_t at_ms;		/* its version (engine/doc.h); 0: not told */
	const char *row;	/* of a fact, NODE/ROW, or NULL */
};

/*
 * After seen_look: what may be seen in a source, as one filter, which leaves
 * out what is gone, too.  sources: bits, of facts whose (SOURCE_FACT,
 * SOURCE_OWN).  *loose becomes true where it lets more through than may be
 * seen: grafts of so many different times that an engine would refuse them
 * all.  Own; NULL failed.
 */
json_t	*engine_access(struct seen *, enum source, unsigned sources,
	    bool *loose, struct err *);

/*
 * The document of a _source: 1, or 0: it is none that could be one of this
 * source.  What it says is borrowed of the JSON.
 */
int	engine_found_read(struct engine_found *, enum source, const json_t *);

/*
 * May it be seen?  1, 0, -1.  *who: the number of its user in seen; *by: the
 * graft that lets it, NULL it is one's own.
 */
int	engine_may(struct seen *, const struct engine_found *, size_t *who,
	    const struct graft **by, struct err *);

/*
 * Does the store know better?  1 no, 0 yes: it was forgotten, it is of
 * another user, or of another session, than it says, or its text is not the
 * one that is here: something of it was redacted, or, of a fact, another
 * version counts; -1.  record: the one that it came with.  Some probes.
 */
int	engine_known(struct seen *, const struct engine_found *, size_t who,
	    const json_t *record, struct err *);

#endif
