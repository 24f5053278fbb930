#include "toc/cut.h"

#include "toc/cut_subject.h"

static int64_t
pause_ms(const struct turn *a, const struct turn *b)
{
	return b->time_ms > a->time_ms ? b->time_ms - a->time_ms : 0;
}

/* One without text counts, too, so that no segment is endless. */
static uint64_t
size(const struct turn *t)
{
	return t->tokens > 0 ? t->tokens : 1;
}

/* Turns up to a pause or until it is full: no segment is longer. */
static size_t
stretch(const struct cut *c, const struct turn *t, size_t n, size_t *seen)
{
	uint64_t sum = size(&t[0]);
	size_t i;

	for (i = 1; i < n; i++) {
		sum += size(&t[i]);
		if (pause_ms(&t[i - 1], &t[i]) >= c->gap_ms || sum > c->tokens)
			break;
	}
	*seen = i + 1;
	return i;
}

size_t
cut_next(const struct cut *c, const struct turn *t, size_t n, size_t *seen)
{
	return cut_subject(t, stretch(c, t, n, seen));
}

size_t
cut_back(const struct cut *c, const struct turn *before, size_t n,
    int64_t begin_ms)
{
	uint64_t sum = 0;
	size_t k = 0;

	while (k < n) {
		const struct turn *t = &before[n - 1 - k];

		sum += size(t);
		if (t->time_ms < begin_ms - c->back_ms ||
		    sum > c->back_tokens)
			break;
		k++;
	}
	return k;
}
