/*
 * What a user says of himself and of how he wants things done, out of the
 * text of one turn, by rules (ltm/live_rules.h) and no model.  It knows no
 * store: the same text gives the same.
 *
 * A clause that a pattern takes from end to end is told; all else is not.
 * Left out are questions, what is quoted, code, lines that a program or
 * somebody else wrote, what follows a line that ends in ':' (a text that was
 * pasted), all but the first paragraph of a long turn, and whatever a veto is
 * in.
 */
#ifndef LTM_LIVE_READ_H
#define LTM_LIVE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ltm/live_match.h"
#include "ltm/live_rules.h"

#define LIVE_READ 2000		/* bytes of a turn; of a longer one the first
				   paragraph */
/* In ten thousandths: what is said is no surer, however often it is. */
#define LIVE_SURE_MAX 9500
#define LIVE_REAL(n) ((double)(n) / 10000)
#define LIVE_PARTS 8		/* that a confidence adds up from */

/* A step of a confidence. */
struct live_part {
	const char *why;	/* borrowed, of the rules */
	int add;		/* ten thousandths */
};

struct live_find {
	const struct live_rule *rule;	/* borrowed */
	struct live_match m;		/* places in the text */
	size_t at, len;			/* the sentence, in the text */
	bool session;			/* for now */
	uint64_t with;			/* phrases around it: bits by number */
	int sure;			/* ten thousandths */
	struct live_part part[LIVE_PARTS];
	size_t parts;
};

struct live_finds {
	struct live_find *v;		/* own */
	size_t n, cap;
	size_t vetoed;			/* that a pattern took, and a veto was
					   in */
};
#define LIVE_FINDS_INIT { NULL, 0, 0, 0 }
void	live_finds_release(struct live_finds *);

/* Bytes of a text that are read. */
size_t	live_bytes(const char *, size_t len);
/* Appends; the text is UTF-8. */
void	live_read(const struct live_rules *, const char *text, size_t len,
	    struct live_finds *);

/*
 * Sentences that may tell something, whether a rule takes them or not: they
 * are the user's words and no question, and nothing speaks against them.  Those
 * that follow each other are one.
 */
struct live_saying {
	size_t at, len;
	bool session;			/* for now */
};

struct live_sayings {
	struct live_saying *v;		/* own */
	size_t n, cap;
};
#define LIVE_SAYINGS_INIT { NULL, 0, 0 }
void	live_sayings_release(struct live_sayings *);

/* Fills an empty list; nothing where something in the turn speaks against all
 * of it. */
void	live_listen(const struct live_rules *, const char *text, size_t len,
	    struct live_sayings *);

#endif
