/*
 * Parts of SARIF 2.1.0 (OASIS) that are said indirectly: messages by their
 * ids, places by what they are relative to, rules by an index or a name.
 * Pure functions over the JSON of a run and its results.
 */
#ifndef FROM_SARIF_SAID_H
#define FROM_SARIF_SAID_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/map.h"

/* A run without its results, and its rules by id. */
struct sarif_run {
	const json_t *run;	/* borrowed */
	struct map rules;	/* p: borrowed, a rule */
};
void	sarif_run_open(struct sarif_run *, const json_t *run);
void	sarif_run_release(struct sarif_run *);

/* The rule of a result (3.27.5 to 3.27.7), or NULL; borrowed.  "CA1000/1" is
 * a kind of CA1000, if it is no rule itself. */
const json_t *sarif_rule(const struct sarif_run *, const json_t *result);
/* What the result calls it, or the rule's id; or NULL. */
const char *sarif_rule_id(const json_t *result, const json_t *rule);

/*
 * A message (3.11), appended as plain text: by its id where it has no text,
 * with its arguments, links as their text.
 */
void	sarif_message(struct buf *, const struct sarif_run *,
	    const json_t *rule, const json_t *message);

/*
 * The place of an artifact (3.4), appended: a path relative to the outermost
 * base that has no scheme, behind "file:" because it is a URI still; an
 * absolute URI as it is.  By its index among the run's artifacts, too.
 */
void	sarif_uri(struct buf *, const struct sarif_run *,
	    const json_t *artifact_location);

/* "error", "warning", "note" or "none" (3.27.10). */
const char *sarif_level(const json_t *result, const json_t *rule);

/* Is one of its suppressions in force: accepted, or without a status? */
bool	sarif_suppressed(const json_t *result);

#endif
