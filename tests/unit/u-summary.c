#include "toc/summary.h"
#include "turns.h"
#include "tap.h"

static struct summariser *sum;

/* What must hold of any summary of the turns said. */
static bool
holds(const struct summary *s)
{
	const struct summary_bullet *b;
	struct summary_source x;
	const struct turn *t;
	size_t i;

	for (i = 0; i < s->bullets; i++) {
		b = &s->bullet[i];
		x = b->source;
		if (x.from >= turns || (i > 0 && x.from < b[-1].source.from))
			return false;
		t = &turn[x.from];
		if (x.len == 0 || x.at + x.len > t->len || *b->text == '\0')
			return false;
		if (!(b->weight > 0) || b->weight > 1)
			return false;
	}
	return s->title != NULL;
}

static void
small_ones(void)
{
	struct summary s;

	summary_turns(sum, turn, 0, 0, &s);
	ok(s.bullets == 0 && s.keywords == 0, "nothing");
	is_str(s.title, "", "has no title");
	summary_release(&s);
	say("The parser loops forever on a torn line.");
	summary_turns(sum, turn, 1, 0, &s);
	ok(holds(&s) && s.bullets == 1, "one sentence, one bullet");
	is_str(s.bullet[0].text, "The parser loops forever on a torn line.",
	    "it is the sentence");
	summary_release(&s);
	say("ok");
	say("The parser loops forever on a torn line.");
	summary_turns(sum, turn, 3, 0, &s);
	ok(holds(&s) && s.bullets < 3, "what is said twice is told once");
	summary_release(&s);
	summary_turns(sum, turn, 3, 3, &s);
	ok(s.bullets == 0, "context gives no bullet");
	summary_release(&s);
	forget_turns();
}

/* What a person would want to find of it again. */
static void
an_hour_of_work(void)
{
	struct summary s;
	size_t i, user = 0;
	bool fix = false, thanks = false;

	say("Hey! Good morning.");
	say("TestMerge is flaky, it fails in 1 run of 30. Find out why.");
	say_as(ROLE_ASSISTANT, EVENT_ASSISTANT_MESSAGE, "I'll look at it.");
	say_as(ROLE_ASSISTANT, EVENT_TOOL_USE,
	    "Bash {\"command\":\"go test\",\"description\":\"Run it\"}");
	say_as(ROLE_TOOL, EVENT_TOOL_RESULT, "--- FAIL: TestMerge (0.01s)\n"
	    "    merge_test.go:88: tags: got [b a], want [a b]");
	say_as(ROLE_ASSISTANT, EVENT_ASSISTANT_MESSAGE, "The root cause: the "
	    "merge ranges over a map, whose order is random. So the tags come "
	    "in another order each time. **Sorting them** is the fix.");
	say("Let's go with sorting the tags. Nice.");
	say_as(ROLE_ASSISTANT, EVENT_ASSISTANT_MESSAGE, "Done, 300 runs of "
	    "TestMerge pass now.");
	say("Thanks!");
	summary_turns(sum, turn, turns, 0, &s);
	ok(holds(&s) && s.bullets >= 3 && s.bullets <= 7, "3 to 7 bullets");
	for (i = 0; i < s.bullets; i++) {
		printf("# %.2f %s\n", s.bullet[i].weight, s.bullet[i].text);
		user += turn[s.bullet[i].source.from].role == ROLE_USER;
		fix |= strstr(s.bullet[i].text, "Sorting") != NULL ||
		    strstr(s.bullet[i].text, "root cause") != NULL;
		thanks |= s.bullet[i].source.from == 0 ||
		    s.bullet[i].source.from == 8;
	}
	ok(user > 0, "what was asked for");
	ok(fix, "the cause or the fix");
	ok(!thanks, "no greeting, no thanks");
	printf("# %s\n", s.title);
	ok(strstr(s.title, "ag") != NULL || strstr(s.title, "erge") != NULL,
	    "the title names the subject");
	ok(s.keywords >= 3 && s.keywords <= 12, "keywords");
	for (i = 0; i < s.keywords; i++)
		if (strstr(s.keyword[i], "command") != NULL)
			break;
	is_int((int64_t)i, (int64_t)s.keywords, "none of a call's own words");
	summary_release(&s);
	forget_turns();
}

static void
same_again(void)
{
	struct summary a, b;
	struct summariser *fresh = summariser_new();
	int round, differ = 0;
	char text[64][160];
	unsigned x = 7;
	size_t i, k, n;

	for (round = 0; round < 50; round++) {
		for (i = 0; i < 64; i++) {
			for (n = 0, k = 0; k < 12; k++) {
				x = x * 1103515245 + 12345;
				n += (size_t)snprintf(text[i] + n, 160 - n,
				    "word%u%s", x >> 16 & 63, k % 6 == 5 ?
				    ". " : " ");
			}
			say(text[i]);
		}
		summary_turns(sum, turn, turns, 3, &a);
		summary_turns(fresh, turn, turns, 3, &b);
		differ += !holds(&a) || a.bullets != b.bullets ||
		    strcmp(a.title, b.title) != 0;
		for (i = 0; i < a.bullets && i < b.bullets; i++)
			differ += a.bullet[i].source.from != b.bullet[i].source.from ||
			    a.bullet[i].source.at != b.bullet[i].source.at ||
			    a.bullet[i].source.from < 3 ||
			    a.bullet[i].weight != b.bullet[i].weight;
		summary_release(&a);
		summary_release(&b);
		forget_turns();
		summariser_free(fresh);
		fresh = summariser_new();
	}
	is_int(differ, 0, "the same turns give the same, whatever was before");
	summariser_free(fresh);
}

static void
parents(void)
{
	static const char *const said[] = { "The parser loops on a torn line",
	    "The root cause was a missing check of the length",
	    "We decided to refuse torn lines", "The docs were updated" };
	struct summary_part part[8];
	struct summary_word word[4] = { { "parser", 0 }, { "torn line", 0 },
	    { "parser", 1 }, { "length", 1 } };
	struct summary_source x;
	struct summary s;
	size_t i;
	bool within = true;

	for (i = 0; i < 8; i++)
		part[i] = (struct summary_part){ said[i % 4],
		    strlen(said[i % 4]), i / 4, 1.0 / (double)(1 + i % 4), 0 };
	summary_parent(sum, part, 8, word, 4, &s);
	ok(s.bullets >= 3 && s.bullets <= 4, "%zu of the children's bullets, "
	    "each once", s.bullets);
	for (i = 0; i < s.bullets; i++) {
		x = s.bullet[i].source;
		within = within && x.from < 8 &&
		    strcmp(s.bullet[i].text, part[x.from].text) == 0 &&
		    x.len == part[x.from].len;
	}
	ok(within, "as they were");
	for (i = 0; i < s.keywords; i++)
		if (strcmp(s.keyword[i], "torn line") == 0)
			break;
	ok(strstr(s.title, "arser") != NULL || strstr(s.title, "torn") != NULL,
	    "the title is of what they share: %s", s.title);
	summary_release(&s);
	summary_parent(sum, part, 0, word, 0, &s);
	ok(s.bullets == 0 && *s.title == '\0', "of nothing");
	summary_release(&s);
	part[0].text = "";
	part[0].len = 0;
	summary_parent(sum, part, 1, word, 0, &s);
	ok(s.bullets == 0, "of a bullet without text");
	summary_release(&s);
}

/* A day of a million events has tens of thousands of bullets below it. */
static void
many_parts(void)
{
	size_t n = 40000, i;
	struct summary_part *part = xcalloc(n, sizeof *part);
	struct summary s;
	char *text = xcalloc(n, 64);

	for (i = 0; i < n; i++) {
		snprintf(text + 64 * i, 64, "event number %zu of kind %zu "
		    "happened", i, i % 97);
		part[i] = (struct summary_part){ text + 64 * i,
		    strlen(text + 64 * i), i / 7, 0.1 + 0.1 * (double)(i % 7),
		    0 };
	}
	summary_parent(sum, part, n, NULL, 0, &s);
	ok(s.bullets > 0 && s.bullet[s.bullets - 1].source.from < n,
	    "of 40,000 bullets");
	summary_release(&s);
	free(part);
	free(text);
}

int
main(void)
{
	sum = summariser_new();
	small_ones();
	an_hour_of_work();
	same_again();
	parents();
	many_parts();
	summariser_free(sum);
	return done();
}
