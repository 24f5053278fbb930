#include "toc/claim.h"

#include "base/alloc.h"
#include "text/rare.h"
#include "toc/summary_work.h"

#include <stdlib.h>
#include <string.h>

/* What the most common word weighs, so that it is not for nothing.  Chosen,
 * not measured. */
#define LITTLE 0.15

static bool
is_number(const struct turn *t, const struct turn_word *w)
{
	return t->text[w->at] >= '0' && t->text[w->at] <= '9';
}

void
claim_init(struct claim *c, struct turn_reader *r, const char *text)
{
	const struct turn_word *w;
	size_t i;

	memset(c, 0, sizeof *c);
	c->turn.text = summary_clean(text, strlen(text));
	c->turn.len = strlen(c->turn.text);
	turn_read(r, &c->turn);
	c->weight = xcalloc(c->turn.words + 1, sizeof *c->weight);
	for (i = 0; i < c->turn.words; i++) {
		w = &c->turn.word[i];
		if (w->kind == TURN_WHOLE)
			continue;
		c->weight[i] = LITTLE + (1 - LITTLE) * rare_stem(w->stem);
		c->all += c->weight[i];
	}
}

void
claim_release(struct claim *c)
{
	free((char *)c->turn.text);
	turn_release(&c->turn);
	free(c->weight);
}

static bool
has(const struct turn_word *w, size_t n, uint64_t stem)
{
	while (n > 0)
		if (w[--n].stem == stem)
			return true;
	return false;
}

double
claim_found(struct claim *c, const struct turn_word *w, size_t n, bool take)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < c->turn.words; i++) {
		if (c->weight[i] <= 0 ||
		    !has(w, n, c->turn.word[i].stem))
			continue;
		sum += c->weight[i];
		if (take)
			c->weight[i] = 0;
	}
	return sum;
}

bool
claim_numbers(const struct claim *c)
{
	size_t i;

	for (i = 0; i < c->turn.words; i++)
		if (c->weight[i] > 0 && is_number(&c->turn,
		    &c->turn.word[i]))
			return false;
	return true;
}
