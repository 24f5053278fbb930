/*
 * What a history tells of each file, as it was at any commit: told oldest
 * first, asked at any time after the last one told.  A file stays the same
 * one through renames; a name that is given to a new file after a rename is
 * another.
 */
#ifndef HISTORY_CHURN_H
#define HISTORY_CHURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/commit.h"
#include "history/risk.h"

struct churn;

struct churn *churn_new(void);
void	churn_free(struct churn *);		/* takes NULL */

/* The next commit; severity is an enum fix_severity, -1: it is no fix. */
void	churn_add(struct churn *, const struct commit *, int severity);

/* The time of the first commit; 0: there is none. */
int64_t	churn_start(const struct churn *);

/* Files are numbered from 0 as they were met. */
#define CHURN_NONE ((size_t)-1)
size_t	churn_files(const struct churn *);
/* By any of the names that it had and no other has now. */
size_t	churn_find(const struct churn *, const char *path);
/* The last of its names; borrowed until the next commit. */
const char *churn_path(const struct churn *, size_t file);
bool	churn_gone(const struct churn *, size_t file);	/* deleted */
/* When it was fixed, in order; borrowed until the next commit. */
const int64_t *churn_fixes(const struct churn *, size_t file, size_t *n);

/* What it comes to at a time. */
void	churn_risk(const struct churn *, size_t file, int64_t at_ms,
	    struct risk *);
int64_t	churn_touches(const struct churn *, size_t file);	/* all */
/*
 * The score of Google's bugspots: over the fixes of a file the sum of
 * 1 / (1 + exp(-12 t + 12)), t from 0 at the first commit to 1 now
 * (Lewis and Ou 2011, "Bug Prediction at Google").
 */
double	churn_bugspots(const struct churn *, size_t file, int64_t at_ms);

/* Files that were fixed together with it, by n_eff, the most first; at most
 * n of those that are not gone.  Returns how many. */
struct churn_partner {
	size_t file;
	double n_eff;
	int64_t times;		/* of fixes */
};
size_t	churn_partners(const struct churn *, size_t file, int64_t at_ms,
	    struct churn_partner *, size_t n);

#endif
