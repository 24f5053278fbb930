/*
 * Which commits fix something, by what they say of themselves.  The words
 * are data: share/import/git-fixes.conf, which is built in, or a file like
 * it.
 */
#ifndef HISTORY_FIX_H
#define HISTORY_FIX_H

#include "base/err.h"

/* From bad to worse; as a number in [0,1] it is severity / 3. */
enum fix_severity { FIX_TRIVIAL, FIX_MINOR, FIX_MAJOR, FIX_CRITICAL };
extern const char *const fix_severities[];	/* ends with NULL */

struct fix_rules;

/* path NULL: what is built in.  ERR_INPUT says what is wrong with it. */
int	fix_rules_read(struct fix_rules **, const char *path, struct err *);
void	fix_rules_free(struct fix_rules *);	/* takes NULL */

/* Does this subject tell of a fix?  1 and how bad it was, or 0. */
int	fix_match(const struct fix_rules *, const char *subject,
	    enum fix_severity *);

#endif
