/*
 * Runs: letters and digits with apostrophes between letters, the smallest
 * stretches that tokens are made of; and what holds runs together.
 */
#ifndef INDEX_RUN_H
#define INDEX_RUN_H

#include <stdbool.h>
#include <stddef.h>

/* Classes of a byte. */
enum run_class { RUN_NONE, RUN_LOWER, RUN_UPPER, RUN_DIGIT, RUN_UNDER,
    RUN_QUOTE, RUN_JOIN, RUN_HIGH };
extern const unsigned char run_classes[256];

#define RUN_CUTS 7		/* most places where a run is cut */

struct run {
	size_t start, end;
	bool high;		/* has characters beyond ASCII */
	unsigned upper;		/* capital letters after the first */
};

/* Can a run begin at p[i]? */
bool	run_begins(const char *p, size_t len, size_t i);

/* Find the end of the run that begins at r->start.  With characters beyond
 * ASCII it has at most FOLD_CHARS of them. */
void	run_find(const char *p, size_t len, struct run *r);

/*
 * What stands between a run that ends at p[i] and one that follows: its
 * length, 0 when nothing joins them.  *same: they are of one identifier.
 */
size_t	run_joiner(const char *p, size_t len, size_t i, bool *same);

/*
 * Where a run of ASCII falls into parts, as offsets into it: before a
 * capital that follows a small letter, before the last capital of a row
 * that a small letter follows (HTTP|Server, but not URL|s), after the v of
 * a version.  0 when the pieces would be crumbs, as of base64 or of iOS.
 */
unsigned run_cuts(const char *p, size_t len, const struct run *r,
	    size_t cut[RUN_CUTS]);

#endif
