/* A rate that is not exceeded, by a clock that is not ours to set. */
#include "tap.h"

#include "base/date.h"
#include "net/pace.h"

#include <time.h>

static void
rest(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* Move pieces for so long: bytes a second that went. */
static int64_t
measure(struct pace *p, size_t piece, int ms)
{
	int64_t began = date_monotonic(), n = 0, took;

	while ((took = date_monotonic() - began) < ms)
		if (pace_open(p)) {
			pace_spend(p, piece);
			n += (int64_t)piece;
		} else {
			rest(pace_wait_ms(p));
		}
	return n * 1000 / took;
}

int
main(void)
{
	struct pace p;
	int64_t got;

	pace_init(&p, 0);
	ok(pace_open(&p) && pace_wait_ms(&p) == 0, "no rate: always open");
	pace_spend(&p, SIZE_MAX);
	ok(pace_open(&p), "whatever moves");
	ok(pace_piece(&p) == SIZE_MAX, "in any pieces");

	pace_init(&p, 1000000);
	got = measure(&p, 1000, 400);
	ok(got <= 1050000 && got > 100000, "small pieces: %" PRId64, got);
	pace_init(&p, 1000000);
	got = measure(&p, 120000, 600);
	ok(got <= 1300000 && got > 100000, "large ones: %" PRId64, got);
	is_int((int64_t)pace_piece(&p), 50000, "a piece is a twentieth");

	pace_init(&p, 1000000);
	rest(350);
	ok(pace_open(&p) && p.room <= 100001, "a bucket is full some time");
	pace_spend(&p, 3000000);
	ok(!pace_open(&p), "more than there was: owed");
	got = pace_wait_ms(&p);
	ok(got > 2000 && got <= 3001, "for as long: %" PRId64 " ms", got);

	pace_init(&p, 16384);
	is_int((int64_t)pace_piece(&p), 1024, "a piece is no crumb");
	pace_spend(&p, SIZE_MAX / 4);
	ok(pace_wait_ms(&p) > 1000000000, "no overflow");
	p.room = 0;
	p.at = 0;
	ok(pace_open(&p) && p.room > 0 && p.room <= 16384 / 10 + 1,
	    "nor after a long time");
	return done();
}
