/*
 * What a language model proposes, held against what the user said.
 *
 * A proposal quotes one of the turns that were shown: the quote stands there
 * word by word (a run of blanks is like any other), among what is said
 * (live_listen).  Most of its content's words, weighed by how rare they are,
 * come in that turn, and all of its numbers do.  So what was made up is
 * dropped, and nothing that a text orders can become more than a fact that
 * leads to that text.
 */
#ifndef LTM_LIVE_CHECK_H
#define LTM_LIVE_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ulid.h"
#include "ltm/live.h"
#include "ltm/live_match.h"
#include "ltm/live_read.h"
#include "toc/turn.h"

/* Ten thousandths: what no rule of ours is as low as. */
#define LIVE_MODEL_SURE 4000		/* at first, at most */
#define LIVE_MODEL_MOST 5000		/* however often it is said */

/* A turn that is shown. */
struct live_shown {
	int64_t seq;			/* row of the event */
	char id[ULID_LEN + 1];
	char *text;			/* own; what is read of it */
	size_t len;
	struct live_sayings says;	/* own */
	struct turn turn;		/* its words, once they are read */
};
void	live_shown_release(struct live_shown *);

struct live_proposal {
	int64_t seq;			/* row of the event */
	const char *kind;		/* borrowed, of the rules */
	char *key, *content;		/* own; the key is folded */
	size_t at, len;			/* the quote, in the text */
	struct live_span value;		/* in the text; len 0: none */
	bool session;			/* said for now */
	int sure;			/* ten thousandths */
};

struct live_proposals {
	struct live_proposal *v;	/* own */
	size_t n, cap;
	int64_t came;
	int64_t dropped[LIVE_DROPS];
};
#define LIVE_PROPOSALS_INIT { .v = NULL }
void	live_proposals_release(struct live_proposals *);

/* Appends what is kept of an answer.  ERR_INPUT: it has not the form of one;
 * then nothing is. */
int	live_check(const struct live_rules *, struct turn_reader *,
	    const json_t *answer, struct live_shown *, size_t n,
	    struct live_proposals *, struct err *);

#endif
