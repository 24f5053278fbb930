/*
 * For live*.c alone: a statement of a user, found by a rule or proposed by a
 * model, on its way into facts.
 */
#ifndef LTM_LIVE_SAID_H
#define LTM_LIVE_SAID_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ltm/fact.h"
#include "ltm/live_put.h"
#include "ltm/live_read.h"
#include "memory/event.h"

/* Borrows all but the bufs. */
struct live_said {
	const struct event *ev;
	size_t at, len;			/* the words, in the text of it */
	const char *kind;
	const char *rule, *model;	/* who found it: its name; or NULL */
	enum live_does does;
	bool session;			/* for now */
	int sure, most;			/* ten thousandths: now, and however
					   often it is said */
	const struct live_part *part;	/* that sure adds up from */
	size_t parts;
	struct live_span value;		/* len 0: none is known */
	struct buf value_key, other_key;	/* own; folded (live_fold) */
	struct buf key, content;	/* own */
};

/* Appends where the words are, and the event, to those that a body rests
 * on. */
void	live_rest_on(json_t *meta, const struct live_said *);
/* The body of a fact; own. */
json_t	*live_body(const struct live_said *);
/* The value as it was said; own. */
json_t	*live_value(const struct live_said *);

/* The version that counts; its body is the caller's to release, and its
 * session is in it.  1, 0 there is none. */
int	live_newest(struct store *, int64_t id, struct fact *, struct err *);
/* Does the fact know better than what is said, or that it was? */
bool	live_knows(const struct fact *, const struct event *);
/* A next version, from the time of the event on; before may be NULL. */
int	live_write(struct live_put *, struct fact *before, struct fact *,
	    const struct event *, struct err *);

/* Facts of the user (in a session, also of that) that have the value of the
 * statement (or, other, that have it as their other one) end: how many. */
int	live_end(struct live_put *, const struct live_said *, bool other,
	    struct err *);
/* Those that have its other value have its value from now on: how many. */
int	live_correct(struct live_put *, const struct live_said *,
	    struct err *);

#endif
