/*
 * Matching, by backtracking; which for what rules look like (a run of
 * this, one of that) is nearly always straight on: a run that is followed
 * by what cannot be in it is never given back (instr.keep).
 */
#include "memory/pattern_code.h"

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

/* Where to go on when this way fails: at pc with p; a run that gives bytes
 * back goes down to `least`. */
struct place {
	size_t pc;
	const char *p, *least, *from, *to;
};

static bool
next_is(const struct instr *i, const struct pattern_text *tx, const char *p)
{
	bool in = p < tx->end && pattern_in(i->set, *p);

	return i->op == OP_NEXT ? in : !in;
}

/* The top of the stack, one byte shorter or gone. */
static void
give_back(struct place *stack, size_t *n, struct place *now)
{
	struct place *top = &stack[*n - 1];

	*now = *top;
	if (top->p > top->least)
		top->p--;
	else
		--*n;
}

static bool
match(struct pattern *pt, struct pattern_text *tx, struct place *now,
    bool whole)
{
	struct place stack[STACK];
	const struct instr *i;
	const char *q;
	size_t n = 0;
	int steps;

	for (steps = 0; steps < PATTERN_STEPS; steps++) {
		bool good = true;

		i = &pt->code[now->pc];
		switch (i->op) {
		case OP_SET:
			q = run_end(&pt->code[now->pc], tx, now->p);
			good = (size_t)(q - now->p) >= i->min;
			now->pc++;
			if (good && (!i->keep || whole) &&
			    (size_t)(q - now->p) > i->min) {
				if (n == STACK)
					goto out;
				stack[n++] = (struct place){ now->pc, q - 1,
				    now->p + i->min, now->from, now->to };
			}
			now->p = q;
			break;
		case OP_NEXT:
		case OP_NOT_NEXT:
			good = next_is(i, tx, now->p);
			now->pc++;
			break;
		case OP_SPLIT:
			if (n == STACK)
				goto out;
			stack[n++] = (struct place){ now->pc +
			    (size_t)i->other, now->p, now->p, now->from,
			    now->to };
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
			if (!whole || now->p == tx->end) {
				tx->steps += (uint64_t)steps;
				return true;
			}
			good = false;
			break;
		}
		if (!good && n == 0)
			break;
		if (!good)
			give_back(stack, &n, now);
	}
out:
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
	struct place now = { 0, p, NULL, NULL, NULL };

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
	struct place now = { 0, p, NULL, NULL, NULL };

	forget_runs(pt);
	pt->id = 0;		/* of no text: ids begin at 1 */
	return match(pt, &tx, &now, true);
}
