#include "ltm/tally.h"

#include "ltm/tally_sets.h"

int
tally_show(struct tally *t, struct group *g, const struct tally_ask *ask,
    struct err *e)
{
	struct tally_result r = { .g = g, .t = t };
	char why[TALLY_WHY] = "";

	tally_end(t, g);
	r.holds = tally_holds(t, why);
	r.why = why;
	return ask->fn(ask->arg, &r, e);
}

struct plain {
	struct tally t;
	bool damaged;
};

static int
tally_one(void *arg, int64_t row, const char *p, size_t len)
{
	struct plain *w = arg;

	(void)row;
	return w->damaged = !tally_row(&w->t, p, len);
}

int
tally_each(const struct processor *p, struct groups *gs, struct group *g,
    const struct tally_ask *ask, struct err *e)
{
	struct plain w = { .damaged = false };
	int r;

	if (g->dim >= GROUP_WORD)
		return tally_sets(p, gs, g, ask, e);
	tally_init(&w.t, p, &p->dim[g->dim]);
	if ((r = group_each(gs, g, tally_one, &w, e)) != 0)
		r = w.damaged ? group_damaged(g, e) : -1;
	else
		r = tally_show(&w.t, g, ask, e);
	tally_release(&w.t);
	return r;
}
