/*
 * What a model proposes of texts, held against them.
 *
 * A proposal names a text that was shown, and quotes it: the quote stands
 * there word by word (a run of blanks is like any other), and in it each name,
 * by the rules by which two ways to write it are one (name.h); it is no part of
 * what text.h reads as one word ("auth" of auth-service).  What is kept of
 * a name is what the text has, and its kind is the one that its form tells, if
 * it tells one; relations are of a kind that rules know, or "related".  So
 * nothing that a model made up, or that a text ordered it to say, comes into a
 * graph: only that what a text names together is linked by a known word.
 */
#ifndef GRAPH_PROPOSE_CHECK_H
#define GRAPH_PROPOSE_CHECK_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum propose_drop {
	PROPOSE_DROP_FORM,	/* a key is missing, or no text */
	PROPOSE_DROP_LONG,
	PROPOSE_DROP_KIND,	/* there is none such */
	PROPOSE_DROP_TEXT,	/* it was not shown */
	PROPOSE_DROP_QUOTE,	/* it does not stand there */
	PROPOSE_DROP_NAME,	/* a name does not stand in the quote */
	PROPOSE_DROP_SAME,	/* both names are one */
	PROPOSE_DROP_AGAIN,	/* the text has it */
	PROPOSE_DROP_MANY,	/* beyond what a text, or an answer, may give */
	PROPOSE_DROPS
};
extern const char *const propose_drops[];

struct propose_shown {
	const char *text;	/* borrowed; what is shown of it */
	size_t len;
	struct buf body;	/* own; what was kept (propose.h) */
	size_t kept;
};

struct propose_counts {
	int64_t proposed, kept;
	int64_t dropped[PROPOSE_DROPS];
};

/* Kinds that an entity, or a relation, may be of; added. */
void	propose_entities(struct strv *);
void	propose_relations(struct strv *);

/* ERR_INPUT: it is not of the form of an answer; then nothing is kept. */
int	propose_check(const json_t *answer, const struct strv *relations,
	    struct propose_shown *, size_t n, struct propose_counts *,
	    struct err *);

#endif
