/*
 * Contents by a language model: a program that the configuration names, or
 * an endpoint (libexec/memkit/chat-http), is given turns and answers with a
 * title, bullets and keywords, in the lines that memkit-json(5) describes
 * under "sum_up".
 *
 * Nothing of its answer is believed: the form is checked, and each bullet is
 * held against the turns (toc/chat_check.h).  Who calls falls back to
 * summary_turns whenever a call here fails, and can tell why.
 */
#ifndef TOC_CHAT_H
#define TOC_CHAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "toc/summary.h"

struct chat;
struct store;

/* What this run has cost so far. */
struct chat_spent {
	int64_t calls, failed;
	int64_t tokens;		/* both ways; guessed where it is not told */
	int64_t bullets, dropped;	/* that came, that had no support */
};

/*
 * As the store's configuration has it: toc.chatCommand, else toc.endpoint.
 * 1 open, 0 none is named.  ERR_DENIED: the configuration may have been
 * written by another user, who is not obeyed.  Nothing is started before the
 * first question.
 */
int	chat_open(struct chat **, const struct store *, struct err *);
void	chat_free(struct chat *);		/* takes NULL */
const struct chat_spent *chat_spent(const struct chat *);

/*
 * Sum up turns, read by turn_read; the first `context` of them may help to
 * understand, and give no bullet.  All that it gives is as summary_turns
 * gives it; a bullet's sources are all the turns that support it, the best
 * one first, and its excerpts their sentences that do so best.
 *
 * -1: ERR_BUSY what a run may cost (toc.maxCalls, toc.maxTokens) is used up;
 * ERR_NET it did not answer, or not in time; ERR_INPUT it answered wrongly, or
 * no bullet had support.  After three failures in a row, or when the program
 * ended, it is not asked again: the error is the same again.
 */
int	chat_turns(struct chat *, const struct turn *, size_t n,
	    size_t context, struct summary *, struct err *);

/* The same of the bullets of children; sources are parts, and the excerpts
 * all of these. */
int	chat_parent(struct chat *, const struct summary_part *, size_t parts,
	    struct summary *, struct err *);

#endif
