#include "ltm/live_turn.h"

#include "memory/event.h"

#include <stdlib.h>
#include <string.h>

#define BEFORE 4		/* events in which an echo is looked for */
#define ECHO_MIN 12		/* bytes that are one */

static bool
contains(const char *p, size_t len, const char *what, size_t n)
{
	const char *end = p + len;

	while ((size_t)(end - p) >= n &&
	    (p = memchr(p, *what, (size_t)(end - p) - n + 1)) != NULL) {
		if (memcmp(p, what, n) == 0)
			return true;
		p++;
	}
	return false;
}

/* 1: a model or a program said it just before; 0. */
static int
is_echo(struct live *l, const struct event *ev, size_t at, size_t len,
    struct err *e)
{
	const struct event *x;
	int r, echo = 0;

	if (len < ECHO_MIN)
		return 0;
	event_close(l->around);
	l->around = NULL;
	if (event_around(&l->around, l->put.st, ev, BEFORE, 0, e) < 0)
		return -1;
	while (!echo && (r = event_next(l->around, &x, e)) == 1)
		echo = x->role != ROLE_USER && contains(x->text, x->text_len,
		    ev->text + at, len);
	event_rest(l->around);
	return !echo && r < 0 ? -1 : echo;
}

static int
put_finds(struct live *l, const struct event *ev,
    const struct live_finds *finds, struct err *e)
{
	size_t i;
	int r;

	for (i = 0; i < finds->n; i++) {
		r = is_echo(l, ev, finds->v[i].at, finds->v[i].len, e);
		if (r < 0)
			return -1;
		l->put.sums->echoed += r;
		if (r == 0 && live_put(&l->put, ev, &finds->v[i], e) < 0)
			return -1;
	}
	return 0;
}

static int
put_proposals(struct live *l, const struct event *ev,
    const struct live_proposal *p, size_t n, struct err *e)
{
	int r;

	for (; n > 0; n--, p++) {
		if ((r = is_echo(l, ev, p->at, p->len, e)) < 0)
			return -1;
		l->put.sums->echoed += r;
		if (r == 0 && live_propose(&l->put, ev, p,
		    live_ask_model(l->ask), e) < 0)
			return -1;
	}
	return 0;
}

static void
find(struct live *l, const struct event *ev, struct live_finds *finds)
{
	l->put.sums->turns++;
	live_read(&l->rules, ev->text, ev->text_len, finds);
	l->put.sums->found += (int64_t)finds->n;
	l->put.sums->vetoed += (int64_t)finds->vetoed;
}

int
live_turn(struct live *l, int64_t seq, struct err *e)
{
	struct live_finds finds = LIVE_FINDS_INIT;
	const struct live_proposal *p;
	const struct event *ev;
	struct event *mine;
	size_t n;
	int r;

	if ((r = event_get_any(&l->it, l->put.st, seq, &ev, e)) != 1)
		return r;
	if (seq > l->mark.read)
		find(l, ev, &finds);
	n = l->ask != NULL ? live_ask_of(l->ask, seq, &p) : 0;
	r = 0;
	if (finds.n > 0 || n > 0) {
		mine = event_dup(ev);
		event_rest(l->it);
		r = put_finds(l, mine, &finds, e);
		if (r == 0 && n > 0)
			r = put_proposals(l, mine, p, n, e);
		free(mine);
	}
	live_finds_release(&finds);
	return r;
}
