/*
 * When to ask a server again.
 *
 * What may be better the next time (no connection, 429, 500, 502, 503, 504,
 * 529) is tried again: later and later, or when the answer says.  Half of
 * each wait is left to chance, so that those who failed together do not come
 * back together.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* Is the next time likely to be better? */
bool	retry_status(int status);

/* How long to wait before another try after `tried` of them: first_ms after
 * the first, then twice as long, 30 s at most; or what the answer asked for
 * (after_s > 0) and a little more.  Milliseconds. */
int64_t	retry_ms(int tried, int first_ms, int64_t after_s);

/*
 * Many requests to one server: all together they try again only so often as
 * they succeed now and then, so that a server that is down is not asked six
 * times as much as one that is up.  Numbers as in the AWS SDKs ("Retry
 * behavior", AWS SDKs and Tools Reference Guide): 500 tokens; 5 for another
 * try, 10 when it took too long; one back for a success at the first try.
 */
struct retry_budget {
	int tokens;
};
#define RETRY_BUDGET 500

void	retry_budget_init(struct retry_budget *);
/* Takes tokens for a try; false: there are not enough. */
bool	retry_spend(struct retry_budget *, bool late);
void	retry_earn(struct retry_budget *);

#endif
