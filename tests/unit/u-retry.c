/* When to ask again: within which bounds, and how often in all. */
#include "tap.h"

#include "net/retry.h"

static void
status(void)
{
	static const int again[] = { 429, 500, 502, 503, 504, 529, 0 };
	static const int not[] = { 200, 206, 301, 400, 403, 404, 412, 501, 0 };
	int i;

	for (i = 0; again[i] != 0; i++)
		ok(retry_status(again[i]), "%d", again[i]);
	for (i = 0; not[i] != 0; i++)
		ok(!retry_status(not[i]), "not %d", not[i]);
}

static void
naps(void)
{
	int64_t least[9], most[9], ms, full = 100;
	int i, k;

	for (i = 1; i < 9; i++) {
		least[i] = INT64_MAX;
		most[i] = 0;
		for (k = 0; k < 500; k++) {
			ms = retry_ms(i, 100, 0);
			least[i] = ms < least[i] ? ms : least[i];
			most[i] = ms > most[i] ? ms : most[i];
		}
		ok(least[i] >= full / 2 && most[i] <= full,
		    "after try %d: half of %d ms to all of it", i, (int)full);
		ok(most[i] - least[i] > full / 4, "left to chance");
		full *= 2;
	}
	ok(retry_ms(60, 100, 0) <= 30000, "never more than 30 s");
	ms = retry_ms(1, 100, 7);
	ok(ms >= 7000 && ms <= 7025, "what it asks for, and a little");
	ok(retry_ms(1, 100, INT64_MAX) > 0, "whatever it asks for");
}

static void
budget(void)
{
	struct retry_budget b;
	int n = 0;

	retry_budget_init(&b);
	while (retry_spend(&b, false))
		n++;
	is_int(n, 100, "a hundred tries when nothing succeeds");
	ok(!retry_spend(&b, true), "then none");
	for (n = 0; n < 5; n++)
		retry_earn(&b);
	ok(!retry_spend(&b, true), "five that succeed are half of a late one");
	ok(retry_spend(&b, false), "and one of another");
	for (n = 0; n < 1000; n++)
		retry_earn(&b);
	is_int(b.tokens, RETRY_BUDGET, "it does not grow for ever");
}

int
main(void)
{
	status();
	naps();
	budget();
	return done();
}
