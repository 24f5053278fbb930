/*
 * Facts that follow from rows, found by their ids: one index probe for each
 * value, dimension of a processor that tells of such values, and project.
 * For review_store.c alone.
 */
#ifndef REVIEW_REVIEW_PROBE_H
#define REVIEW_REVIEW_PROBE_H

#include <jansson.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "ltm/processor.h"
#include "review/review_near.h"

struct store;

#define REVIEW_KINDS_MAX 1000	/* names of patterns that are asked for */

/* A processor over a knowledge base. */
struct review_job {
	struct processor *p;	/* own */
	char *kb;		/* own */
	struct strv projects;
};
void	review_job_release(struct review_job *);

/* What is asked of, with what, and to whom facts go that hold. */
struct review_probe {
	struct store *st;
	const struct review_job *job;
	size_t njobs;
	struct review_near *near;	/* takes rows of facts, if it is to: */
	bool rows;
	struct map *kinds;	/* "pattern:x": tags that were met */
	int (*fn)(void *, const json_t *, struct err *);
	void *to;
	struct err *e;
};

/*
 * With a tag, "file:src/a.c"; pairs: of two values of a key that rows have
 * together, one of which it is, else all others.  Of those about values of
 * two keys, such as the rules of the other make, or rows that are near have.
 * fn's result, if not 0.
 */
int	review_probe_tag(struct review_probe *, const char *tag, bool pairs);
/* Of sets of words, those whose first word is one of these stems. */
int	review_probe_words(struct review_probe *, const struct strv *stems);

#endif
