/*
 * What an item is worth as a bullet: how well it stands for all (its rank)
 * and how much it tells for its length, that is the sum of its words' weights,
 * those that a chosen one has told counting less (budgeted coverage, after
 * H. Lin and J. Bilmes, NAACL 2010); times a factor for what it is.  From
 * that is taken how much it resembles what was chosen (maximal marginal
 * relevance, J. Carbonell and J. Goldstein, SIGIR 1998).
 */
#include "toc/summary_work.h"

#include <math.h>

#define SAME 0.7		/* alike: one of two is enough */
#define AGAIN 0.1		/* what a word counts that was told */
#define BROTHER 0.4		/* and a bullet of a child that has one */

/*
 * Measured by tests/quality/q-contents, and read: how much the rank counts
 * beside the words, and what a length costs, (least + len / 8) to that power.
 * Segments tell much in few bytes, parents what most of them is about.
 */
static const struct { double rank, power; } mix[] = { { 0.2, 1.4 },
    { 0.4, 1.2 } };
#define LEAST 3

/*
 * What a sentence is.  These were chosen by reading what q-contents -v prints.
 * Its figures move by less than 0.015 without the cues, or without a factor for
 * few words or for questions, but then greetings and bare answers are bullets;
 * without ASIDE they lose 0.05.
 */
static const struct { enum cue cue; double factor; } cues[] = {
	{ CUE_GREETING, 0.4 },
	{ CUE_FAREWELL, 0.5 },
	{ CUE_CHATTER, 0.4 },
	{ CUE_DECISION, 1.2 },
	{ CUE_ERROR, 1.15 },
	{ CUE_FIX, 1.2 },
	{ CUE_FACT, 1.15 },
	{ CUE_WORK, 1.1 },
};

static const double kinds[] = {
	[TURN_PROSE] = 1, [TURN_GO_ON] = 0.5, [TURN_HEAD] = 0.5,
	[TURN_OUTPUT] = 0.3, [TURN_CODE] = 0.15, [TURN_CALL] = 0.1,
};

/* Of so few words that tell something. */
static const double few[] = { 0.1, 0.2, 0.45, 0.7 };
#define FEW (sizeof few / sizeof *few)

#define ASKS 1.1		/* a question, with more words than those */
#define ASKS_LITTLE 0.8
#define ASIDE 0.5		/* [a photo], [image] */
#define SERVED 1.25		/* what was said by who is served */

/* Sums come out the same everywhere but for their last bits. */
static double
even(double x)
{
	return floor(x * (1 << 20) + 0.5) / (1 << 20);
}

static double
factor(const struct summariser *s, const struct summary_item *x)
{
	double f = kinds[x->kind];
	size_t i;

	for (i = 0; i < sizeof cues / sizeof *cues; i++)
		if (x->cues & CUE_BIT(cues[i].cue))
			f *= cues[i].factor;
	if (x->cues & CUE_BIT(CUE_QUESTION))
		f *= x->terms < FEW ? ASKS_LITTLE : ASKS;
	if (x->terms < FEW)
		f *= few[x->terms];
	if (x->turn->text[x->at] == '[')
		f *= ASIDE;
	if (s->served && x->turn->role == ROLE_USER)
		f *= SERVED;
	return f;
}

static double
tells(const struct summariser *s, const struct summary_item *x)
{
	const struct summary_entry *o = s->of + x->term, *end = o + x->terms;
	const struct summary_term *t;
	double sum = 0;

	for (; o < end; o++) {
		t = &s->term[o->term];
		sum += t->told ? AGAIN * t->tells : t->tells;
	}
	return sum / x->cost;
}

static void
choose(struct summariser *s, size_t at)
{
	struct summary_item *x = &s->item[at];
	double alike;
	size_t i;

	x->picked = true;
	for (i = 0; i < x->terms; i++)
		s->term[s->of[x->term + i].term].told = true;
	summary_mark(s, x, true);
	for (i = 0; i < s->items; i++) {
		if (s->item[i].context || s->item[i].picked)
			continue;
		alike = summary_alike(s, x, &s->item[i]);
		if (alike > s->item[i].alike)
			s->item[i].alike = alike;
		if (s->parent && s->item[i].group == x->group)
			s->item[i].factor *= BROTHER;
	}
	summary_mark(s, x, false);
}

size_t
summary_pick(struct summariser *s, size_t most, size_t *out)
{
	const double rank = mix[s->parent].rank;
	struct summary_item *x;
	double best, worth;
	size_t n, i, at = 0;

	for (i = 0; i < s->items; i++) {
		x = &s->item[i];
		x->factor *= factor(s, x);
		x->cost = pow(LEAST + (double)x->len / 8,
		    mix[s->parent].power);
	}
	for (n = 0; n < most; n++) {
		for (best = 0, i = 0; i < s->items; i++) {
			x = &s->item[i];
			if (x->context || x->picked || x->alike > SAME ||
			    x->len == 0 || (n > 0 && x->terms == 0))
				continue;
			worth = even(x->factor * (rank * x->rank +
			    (1 - rank) * tells(s, x)));
			if (n == 0)
				x->score = worth;
			worth *= 1 - x->alike;
			if (worth > best) {
				best = worth;
				at = i;
			}
		}
		if (best <= 0)
			break;
		out[n] = at;
		choose(s, at);
	}
	return n;
}
