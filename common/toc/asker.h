/*
 * Asking a language model: a program that the configuration names, or an
 * endpoint (libexec/memkit/chat-http).  Questions and answers are lines of
 * JSON, as memkit-json(5) has them.
 *
 * What an answer says is whoever asks to judge; here it is one to the
 * question, in time, and of a bounded length.  Nothing is started before the
 * first question.
 */
#ifndef TOC_ASKER_H
#define TOC_ASKER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct asker;
struct store;

struct asker_kind {
	const char *section;	/* of the settings: SECTION.chatCommand, else
				   SECTION.endpoint; SECTION.maxCalls, ... */
	const char *asks, *answers;	/* "type" of both */
	const char *option;	/* that chat-http is given, or NULL */
};

/* What this run has cost so far. */
struct asker_spent {
	int64_t calls, failed;
	int64_t tokens;		/* both ways; guessed where it is not told */
};

/*
 * As the store's configuration has it; the kind is borrowed for good.  1 open,
 * 0 none is named.  ERR_DENIED: the configuration may have been written by
 * another user, who is not obeyed.
 */
int	asker_open(struct asker **, const struct asker_kind *,
	    const struct store *, struct err *);
void	asker_free(struct asker *);		/* takes NULL */
const struct asker_spent *asker_spent(const struct asker *);
/* The model that an endpoint is asked for, else the setting that names who is
 * asked; borrowed. */
const char *asker_model(const struct asker *);

/*
 * Ask, with these members of the question ("turns":[...]).  0: *out is the
 * answer, own, and asker_judged tells what it is worth.
 *
 * -1: ERR_BUSY what a run may cost (maxCalls, maxTokens) is used up, or the
 * wait was stopped (base/child.h); ERR_NET it did not answer, or not in time;
 * ERR_INPUT it answered wrongly.  After three failures in a row, or when the
 * program ended, it is not asked again: the error is the same again.
 */
int	asker_ask(struct asker *, const struct buf *members, json_t **out,
	    struct err *);
/* Was the answer, once read, of use?  r is 0, or -1 with an error; returns
 * r. */
int	asker_judged(struct asker *, int r, struct err *);
/* It was the model itself that said of the last failure that it may pass. */
bool	asker_again(const struct asker *);

#endif
