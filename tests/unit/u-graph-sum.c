#include "base/alloc.h"
#include "graph/file.h"
#include "graph/link.h"
#include "graph/sum.h"
#include "tap.h"

#include <math.h>

static uint64_t seed = 88172645463325252u;

static uint64_t
draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static bool
same(const struct seen_in *a, const struct seen_in *b)
{
	int64_t x[GRAPH_ROWS], y[GRAPH_ROWS];
	size_t n = seen_in_rows(a, x);

	return a->n == b->n && a->first_ms == b->first_ms &&
	    a->last_ms == b->last_ms && seen_in_rows(b, y) == n &&
	    memcmp(x, y, n * sizeof *x) == 0;
}

/* Added in any order, in any number of parts, or read again: the same. */
static void
orders(void)
{
	struct seen_in all, part[3], again;
	struct buf b = BUF_INIT;
	int64_t row[60];
	size_t i, k, n;
	int round, bad = 0;

	for (round = 0; round < 500; round++) {
		n = 1 + draw(60);
		for (i = 0; i < n; i++)
			row[i] = (int64_t)i * 7 + 1;
		memset(&all, 0, sizeof all);
		memset(part, 0, sizeof part);
		for (i = 0; i < n; i++)
			seen_in_add(&all, row[i], row[i] % 5 - 2);
		for (i = n; i > 0; i--) {
			k = draw(i);
			seen_in_add(&part[draw(3)], row[k], row[k] % 5 - 2);
			row[k] = row[i - 1];
		}
		seen_in_merge(&part[2], &part[0]);
		seen_in_merge(&part[1], &part[2]);
		bad += !same(&all, &part[1]);
		buf_reset(&b);
		seen_in_pack(&b, &all);
		bad += seen_in_unpack(&again, (uint8_t *)b.p,
		    (uint8_t *)b.p + b.len) != (uint8_t *)b.p + b.len ||
		    !same(&all, &again);
	}
	is_int(bad, 0, "sums in 500 orders");
	buf_release(&b);
}

static void
ratios(void)
{
	/* T. Dunning's table: "the swiss", 110 of 31,777 */
	double g = graph_ratio(110, 110 + 2442, 110 + 111,
	    110 + 2442 + 111 + 29114);

	ok(fabs(g - 270.72) < 0.05, "as it was published: %.2f", g);
	ok(graph_ratio(1, 10, 10, 100) < 1e-9, "chance");
	ok(graph_ratio(1, 50, 50, 100) == 0.0, "less than chance");
	ok(graph_ratio(5, 5, 5, 5) == 0.0, "all texts");
	ok(graph_ratio(5, 5, 5, 3) == 0.0, "numbers that cannot be");
}

static void
pairs(void)
{
	struct sum s;
	int64_t a, b;

	sum_init(&s);
	sum_text(&s, 1, 10);
	a = sum_name(&s, GRAPH_NAME, "Redis", 5, true);
	b = sum_name(&s, GRAPH_TERM, "tokens", 6, false);
	sum_pair(&s, a, b, GRAPH_NEAR);
	sum_pair(&s, b, a, GRAPH_NEAR);
	is_int(s.pair[0].in.n, 1, "once in a text");
	sum_text(&s, 2, 20);
	is_int(sum_name(&s, GRAPH_TERM, "redis", 5, false), a, "one key");
	is_int(sum_name(&s, GRAPH_NAME, "", 0, false), -1, "no name");
	sum_pair(&s, b, a, GRAPH_NEAR);
	sum_pair(&s, a, b, sum_kind(&s, "uses"));
	sum_pair(&s, b, a, sum_kind(&s, "uses"));
	sum_pair(&s, a, a, GRAPH_NEAR);
	sum_pair(&s, -1, a, GRAPH_NEAR);
	is_int((int64_t)s.pairs, 3, "near has no direction, uses has");
	is_int(s.pair[0].in.n, 2, "two texts");
	is_int(s.entity[a].in.n, 2, "of an entity");
	is_int(graph_kind_of(s.entity[a].kinds), GRAPH_NAME, "its kind");
	sum_release(&s);
}

int
main(void)
{
	orders();
	ratios();
	pairs();
	return done();
}
