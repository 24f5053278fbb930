#include "net/retry.h"

#include "base/err.h"
#include "base/hash.h"

#define LATER_MS 30000
#define COST 5
#define COST_LATE 10

bool
retry_status(int status)
{
	switch (status) {
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
	case 529:
		return true;
	}
	return false;
}

int64_t
retry_ms(int tried, int first_ms, int64_t after_s)
{
	int64_t ms = first_ms;
	uint32_t chance = 0;
	struct err ignored;	/* then without chance */

	while (--tried > 0 && ms < LATER_MS)
		ms *= 2;
	if (ms > LATER_MS)
		ms = LATER_MS;
	random_bytes(&chance, sizeof chance, &ignored);
	ms = ms / 2 + (int64_t)(chance % (uint64_t)(ms / 2 + 1));
	if (after_s > INT32_MAX / 1000)
		after_s = INT32_MAX / 1000;
	return after_s > 0 ? after_s * 1000 + ms / 4 : ms;
}

void
retry_budget_init(struct retry_budget *b)
{
	b->tokens = RETRY_BUDGET;
}

bool
retry_spend(struct retry_budget *b, bool late)
{
	int cost = late ? COST_LATE : COST;

	if (b->tokens < cost)
		return false;
	b->tokens -= cost;
	return true;
}

void
retry_earn(struct retry_budget *b)
{
	if (b->tokens < RETRY_BUDGET)
		b->tokens++;
}
