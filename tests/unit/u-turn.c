#include "turns.h"
#include "tap.h"

/* Its sentences, with '|' between them. */
static const char *
sentences(const struct turn *t)
{
	static char out[8192];
	size_t i, n = 0;

	for (i = 0; i < t->sentences; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s",
		    i > 0 ? "|" : "", (int)t->sentence[i].len,
		    t->text + t->sentence[i].at);
	out[n] = '\0';
	return out;
}

static void
of_prose(void)
{
	is_str(sentences(say("One. Two! Three? Four")),
	    "One.|Two!|Three?|Four", "ends of sentences");
	is_str(sentences(say("See e.g. Dr. Smith, v1.2.3 or a.b. And J. Doe.")),
	    "See e.g. Dr. Smith, v1.2.3 or a.b.|And J. Doe.",
	    "points that end none");
	is_str(sentences(say("He said \"stop.\" Then (really!) he left.")),
	    "He said \"stop.\"|Then (really!) he left.", "closing marks");
	is_str(sentences(say("今日は雨です。傘を持つ！「はい。」行く？")),
	    "今日は雨です。|傘を持つ！|「はい。」|行く？",
	    "without blanks in Chinese and Japanese");
	is_str(sentences(say("# Plan\n\n- first one\n- second one\n1. third\n"
	    "> said")), "Plan|first one|second one|third|said",
	    "a heading, items, a quotation");
	is_str(sentences(say("This line of running text is so very long that it "
	    "must\nhave been wrapped by somebody. It goes\nhere")),
	    "This line of running text is so very long that it must\n"
	    "have been wrapped by somebody.|It goes|here",
	    "a long line goes on in the next, a short one does not");
	is_str(sentences(say("")), "", "nothing");
	is_str(sentences(say(" \n\t\n")), "", "blanks");
	is_str(sentences(say("...")), "", "signs only");
	forget_turns();
}

static void
of_code(void)
{
	is_str(sentences(say("Look:\n```c\n#include <stdio.h>\n\n"
	    "int main(void) {\n\treturn 0;\n}\n```\nThat is all.")),
	    "Look:|int main(void) {|That is all.",
	    "the first line of code that tells something");
	is_str(sentences(say("TypeError: x is not a function\n"
	    "    at f (a.js:1:2)\n    at g (b.js:3:4)\nwhy?")),
	    "TypeError: x is not a function|why?", "no frames of a stack");
	is_str(sentences(say("Traceback (most recent call last):\n"
	    "  File \"a.py\", line 1, in f\nKeyError: 'x'")),
	    "Traceback (most recent call last):|KeyError: 'x'", "of Python");
	is_str(sentences(say_as(ROLE_ASSISTANT, EVENT_TOOL_USE,
	    "Bash {\"command\":\"make\",\"description\":\"Build it\"}")),
	    "Build it", "what a call says of itself");
	is_str(sentences(say_as(ROLE_ASSISTANT, EVENT_TOOL_USE,
	    "Read {\"path\":\"a.c\"}")), "Read {\"path\":\"a.c\"}",
	    "or how it begins");
	forget_turns();
}

static bool
all_within(const struct turn *t)
{
	const struct turn_sentence *s;
	size_t i, k;

	for (i = 0; i < t->sentences; i++) {
		s = &t->sentence[i];
		if (s->len == 0 || s->len > TURN_SENTENCE ||
		    s->at + s->len > t->read ||
		    s->word + s->words > t->words)
			return false;
		if (((unsigned char)t->text[s->at] & 0xc0) == 0x80 ||
		    (s->at + s->len < t->len && ((unsigned char)
		    t->text[s->at + s->len] & 0xc0) == 0x80))
			return false;
		for (k = s->word; k < s->word + s->words; k++)
			if (t->word[k].at < s->at ||
			    t->word[k].at >= s->at + s->len)
				return false;
	}
	return true;
}

static void
of_any_length(void)
{
	char *p = xcalloc(1, 100001);
	size_t i;
	struct turn *t;

	for (i = 0; i < 100000; i++)
		p[i] = "lorem ipsum, dolor sit amet "[i % 28];
	t = say(p);
	ok(all_within(t) && t->sentences > 70, "a long sentence is cut");
	is_int(t->read, TURN_BYTES, "no more is read than a segment holds");
	is_int(t->sentence[1].kind, TURN_GO_ON, "its rest is marked");
	for (i = 0; i + 3 <= 100000; i += 3)
		memcpy(p + i, "\xe6\xbc\xa2", 3);
	p[i] = '\0';
	t = say(p);
	ok(all_within(t), "between characters");
	t = say_as(ROLE_TOOL, EVENT_TOOL_RESULT, p);
	is_int(t->read, 3000, "of a result 1,000 characters");
	is_int(t->tokens, 1000, "an ideograph is a token");
	is_int(turn_tokens("12345", 5), 2, "four bytes are one");
	forget_turns();
	free(p);
}

static void
of_any_bytes(void)
{
	char p[400];
	unsigned x = 1;
	int round, bad = 0;
	size_t i;

	for (round = 0; round < 2000; round++) {
		for (i = 0; i + 1 < sizeof p; i++) {
			x = x * 1103515245 + 12345;
			p[i] = " .?!\n`#-*ab\xe3\x80\x82\xff:\"{|("
			    [(x >> 16) % 20];
			if (p[i] == '\0')
				p[i] = 'x';
		}
		p[i] = '\0';
		say(p);
		for (i = 0; i < turn[0].sentences; i++)
			bad += turn[0].sentence[i].len == 0 ||
			    turn[0].sentence[i].len > TURN_SENTENCE ||
			    turn[0].sentence[i].at + turn[0].sentence[i].len >
			    turn[0].read;
		forget_turns();
	}
	is_int(bad, 0, "any bytes: sentences lie within them");
}

static bool
has(const char *text, enum cue cue)
{
	return say(text)->cues & CUE_BIT(cue);
}

static void
of_cues(void)
{
	ok(has("Hey Mel! Good to see you!", CUE_GREETING), "a greeting");
	ok(!has("I said to them hey there", CUE_GREETING),
	    "not in the middle");
	ok(has("Let's go with option two.", CUE_DECISION), "a decision");
	ok(has("LET'S GO WITH option two", CUE_DECISION), "in capitals");
	ok(has("make: *** [all] Error 2", CUE_ERROR), "an error");
	ok(has("The root cause was a map.", CUE_FIX), "a fix");
	ok(has("Does it work?", CUE_QUESTION), "a question");
	ok(has("行く？", CUE_QUESTION), "of another script");
	ok(!has("Nothing of that sort.", CUE_DECISION), "none");
	forget_turns();
}

int
main(void)
{
	of_prose();
	of_code();
	of_any_length();
	of_any_bytes();
	of_cues();
	return done();
}
