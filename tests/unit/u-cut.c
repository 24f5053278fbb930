#include "toc/cut.h"
#include "turns.h"
#include "tap.h"

static const struct cut rules = CUT_INIT;

static size_t
next(size_t from, size_t n, size_t *seen)
{
	return cut_next(&rules, turn + from, n, seen);
}

static void
pauses(void)
{
	size_t seen;

	say("The first.");
	is_int((int64_t)next(0, 1, &seen), 1, "a single turn");
	ok(seen > 1, "more could follow");
	say("The second.");
	say("The third.")->time_ms += rules.gap_ms - 30000;
	is_int((int64_t)next(0, 3, &seen), 2, "a pause ends it");
	is_int((int64_t)seen, 3, "that is known once it is over");
	turn[2].time_ms--;
	is_int((int64_t)next(0, 3, &seen), 3, "a shorter one does not");
	turn[2].time_ms = turn[0].time_ms - 7 * 86400000;
	is_int((int64_t)next(0, 3, &seen), 3, "a clock that goes back");
	forget_turns();
}

static void
full(void)
{
	char *p = xcalloc(1, 8001);
	size_t seen;

	memset(p, 'x', 8000);
	say(p);
	say(p);
	say("more");
	is_int((int64_t)next(0, 3, &seen), 2, "4,000 tokens");
	is_int((int64_t)seen, 3, "and the turn that was too much");
	turn[0].tokens = 9999;
	is_int((int64_t)next(0, 3, &seen), 1, "a turn that is too long alone");
	forget_turns();
	free(p);
}

static void
back(void)
{
	int i;

	for (i = 0; i < 30; i++)
		say("Something that was said.")->tokens = 40;
	is_int((int64_t)cut_back(&rules, turn, 30, turn[29].time_ms + 1000),
	    10, "five minutes before");
	for (i = 0; i < 30; i++)
		turn[i].tokens = 100;
	is_int((int64_t)cut_back(&rules, turn, 30, turn[29].time_ms + 1000),
	    5, "or 500 tokens");
	is_int((int64_t)cut_back(&rules, turn, 0, turn[29].time_ms), 0,
	    "nothing before it");
	forget_turns();
}

/* A talk of topics, each with words of its own. */
static void
talk(size_t topics, size_t each)
{
	static char text[64][16][160];
	unsigned x = 3;
	size_t i, k, j, n;

	for (i = 0; i < topics; i++)
		for (k = 0; k < each; k++) {
			for (n = 0, j = 0; j < 16; j++) {
				x = x * 1103515245 + 12345;
				n += (size_t)snprintf(text[i][k] + n, 160 - n,
				    "w%zux%u ", i, x >> 16 & 15);
			}
			say(text[i][k]);
		}
}

static void
subjects(void)
{
	size_t at = 0, k, seen, cuts = 0, right = 0;

	talk(8, 12);
	for (; at < turns; at += k) {
		k = next(at, turns - at, &seen);
		right += at % 12 == 0;
		cuts++;
	}
	is_int((int64_t)cuts, 8, "a segment for each subject");
	is_int((int64_t)right, 8, "where it begins");
	forget_turns();
	talk(1, 16);
	is_int((int64_t)next(0, turns, &seen), 16, "one subject is not cut");
	forget_turns();
	talk(2, 12);
	for (k = 1; k < 24; k++)
		turn[k].role = k % 2 ? ROLE_TOOL : ROLE_ASSISTANT;
	is_int((int64_t)next(0, turns, &seen), 24,
	    "an agent at work does not change the subject");
	forget_turns();
}

/* Whoever asked with fewer turns, and was told that they sufficed, would have
 * been told the same with all of them. */
static void
growing(void)
{
	size_t n, k, seen, all, all_seen, final = 0, wrong = 0;
	char *p = xcalloc(1, 1201);

	memset(p, 'y', 1200);
	talk(8, 12);
	for (k = 0; k < 12; k++)
		say(p);			/* full soon */
	all = next(0, turns, &all_seen);
	for (n = 1; n <= turns; n++) {
		k = next(0, n, &seen);
		wrong += k > n;
		if (seen > n)
			continue;
		final++;
		wrong += k != all || seen != all_seen;
	}
	is_int((int64_t)wrong, 0, "what was seen is what it rests on");
	is_int((int64_t)final, (int64_t)(turns - all_seen + 1),
	    "as soon as that is there");
	forget_turns();
	free(p);
}

int
main(void)
{
	subjects();
	growing();
	pauses();
	full();
	back();
	return done();
}
