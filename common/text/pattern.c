/*
 * Matching, by backtracking; which for what rules look like (a run of
 * this, one of that) is nearly always straight on: a run that is followed
 * by what cannot be in it is never given back (instr.keep).
 */
#include "text/pattern_code.h"

#include <stdlib.h>
#include <string.h>

#define STACK 192		/* places to come back to */
#define RUN_MIN 8		/* runs that may be longer are remembered */

void
pattern_free(struct pattern *pt)
{
	if (pt == NULL)
		return;
	free(pt->code);
	free(pt);
}

int
pattern_run(const struct pattern *pt, unsigned char set[PATTERN_SET],
    uint32_t *min, uint32_t *max)
{
	if (pt->n != 2 || pt->code[0].op != OP_SET)
		return 0;
	memcpy(set, pt->code[0].set, PATTERN_SET);
	*min = pt->code[0].min;
	*max = pt->code[0].max;
	return 1;
}

/* The end of the run of a set at p. */
static const char *
run_end(struct instr *i, struct pattern_text *tx, const char *p)
{
	size_t left = (size_t)(tx->end - p);
	const char *limit = p + (left < i->max ? left : i->max), *q = p;
	bool known = i->max > RUN_MIN && i->from <= p && p < i->end;

	if (known)
		q = i->end < limit ? i->end : limit;
	tx->steps -= (uint64_t)(q - p);
	while (q < limit && pattern_in(i->set, *q))
		q++;
	tx->steps += (uint64_t)(q - p);
	if (i->max > RUN_MIN && (!known || q > i->end)) {
		if (!known)
			i->from = p;
		i->end = q;
	}
	return q;
}

/* Where to go on when this way fails: at pc with p.  A run gives bytes back
 * down to `other`; a lazy one takes more, up to there. */
struct place {
	size_t pc;
	const char *p, *other, *from, *to;
	bool lazy;
};

static bool
next_is(const struct instr *i, const struct pattern_text *tx, const char *p)
{
	bool in = p < tx->end && pattern_in(i->set, *p);

	return i->op == OP_NEXT ? in : !in;
}

/* The place on top of the stack, which loses it when it has no other way
 * left. */
static void
go_back(const struct pattern *pt, struct place *stack, size_t *n,
    struct place *now)
{
	struct place *top = &stack[*n - 1];

	*now = *top;
	if (top->lazy && top->p < top->other &&
	    pattern_in(pt->code[top->pc - 1].set, *top->p))
		top->p++;
	else if (!top->lazy && top->p > top->other)
		top->p--;
	else
		--*n;
}

/* A run, and what it may give back or take later.  False: it is too short,
 * or there is no room to note it. */
static bool
take_run(struct instr *i, struct pattern_text *tx, struct place *now,
    struct place *stack, size_t *n, bool whole)
{
	size_t left = (size_t)(tx->end - now->p);
	const char *p = now->p, *q;

	now->pc++;
	if (i->op == OP_LAZY) {
		for (q = p; (size_t)(q - p) < i->min; q++)
			if (q == tx->end || !pattern_in(i->set, *q))
				return false;
		now->p = q;
		if (q == tx->end || !pattern_in(i->set, *q) ||
		    i->max == i->min)
			return true;
		if (*n == STACK)
			return false;
		stack[(*n)++] = (struct place){ now->pc, q + 1,
		    p + (left < i->max ? left : i->max), now->from, now->to,
		    true };
		return true;
	}
	q = run_end(i, tx, p);
	now->p = q;
	if ((size_t)(q - p) < i->min)
		return false;
	if ((i->keep && !whole) || (size_t)(q - p) == i->min)
		return true;
	if (*n == STACK)
		return false;
	stack[(*n)++] = (struct place){ now->pc, q - 1, p + i->min,
	    now->from, now->to, false };
	return true;
}

static bool
match(struct pattern *pt, struct pattern_text *tx, struct place *now,
    bool whole)
{
	struct place stack[STACK];
	struct instr *i;
	size_t n = 0;
	bool good;
	int steps;

	for (steps = 0; steps < PATTERN_STEPS; steps++) {
		i = &pt->code[now->pc];
		good = true;
		switch (i->op) {
		case OP_SET:
		case OP_LAZY:
			good = take_run(i, tx, now, stack, &n, whole);
			break;
		case OP_NEXT:
		case OP_NOT_NEXT:
			good = next_is(i, tx, now->p);
			now->pc++;
			break;
		case OP_SPLIT:
			if ((good = n < STACK))
				stack[n++] = (struct place){ now->pc +
				    (size_t)i->other, now->p, now->p,
				    now->from, now->to, false };
			now->pc++;
			break;
		case OP_JUMP:
			now->pc = (size_t)((int)now->pc + i->other);
			break;
		case OP_OPEN:
			now->from = now->p;
			now->to = NULL;
			now->pc++;
			break;
		case OP_CLOSE:
			now->to = now->p;
			now->pc++;
			break;
		case OP_END:
			if ((good = !whole || now->p == tx->end)) {
				tx->steps += (uint64_t)steps;
				return true;
			}
			break;
		}
		if (!good && n == 0)
			break;
		if (!good)
			go_back(pt, stack, &n, now);
	}
	tx->steps += (uint64_t)steps;
	return false;
}

static void
forget_runs(struct pattern *pt)
{
	size_t i;

	for (i = 0; i < pt->n; i++)
		pt->code[i].from = pt->code[i].end = NULL;
}

bool
pattern_match(struct pattern *pt, struct pattern_text *tx, const char *p,
    struct pattern_match *m)
{
	struct place now = { 0, p, NULL, NULL, NULL, false };

	if (pt->id != tx->id) {
		forget_runs(pt);
		pt->id = tx->id;
	}
	if (!match(pt, tx, &now, false))
		return false;
	m->end = now.p;
	m->from = now.to != NULL ? now.from : NULL;
	m->to = now.to;
	return true;
}

bool
pattern_whole(struct pattern *pt, const char *p, const char *end)
{
	struct pattern_text tx = { end, 0, 0 };
	struct place now = { 0, p, NULL, NULL, NULL, false };

	forget_runs(pt);
	pt->id = 0;		/* of no text: ids begin at 1 */
	return match(pt, &tx, &now, true);
}
