#include "net/pace.h"

#include "base/date.h"

#include <limits.h>

#define BURST 10	/* a bucket holds a tenth of a second */
#define PIECES 20	/* of a second's bytes */
#define LEAST 1024

void
pace_init(struct pace *p, int64_t rate)
{
	p->rate = rate;
	p->room = 0;
	p->at = date_monotonic();
}

static void
fill(struct pace *p)
{
	int64_t now = date_monotonic(), ms = now - p->at;
	int64_t most = p->rate / BURST + 1;

	if (ms <= 0)
		return;
	p->at = now;
	/* in two steps: no product is too large */
	if (ms / 1000 > (most - p->room) / p->rate + 1)
		p->room = most;
	else
		p->room += ms / 1000 * p->rate + ms % 1000 * p->rate / 1000;
	if (p->room > most)
		p->room = most;
}

bool
pace_open(struct pace *p)
{
	if (p->rate == 0)
		return true;
	fill(p);
	return p->room > 0;
}

void
pace_spend(struct pace *p, size_t n)
{
	if (p->rate > 0)
		p->room -= (int64_t)n;
}

size_t
pace_piece(const struct pace *p)
{
	int64_t n = p->rate / PIECES;

	return p->rate == 0 ? SIZE_MAX : n < LEAST ? LEAST : (size_t)n;
}

int
pace_wait_ms(struct pace *p)
{
	int64_t ms;

	if (pace_open(p))
		return 0;
	ms = -p->room / p->rate * 1000 + -p->room % p->rate * 1000 / p->rate +
	    1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
