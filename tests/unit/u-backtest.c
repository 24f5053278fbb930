/*
 * The arithmetic of a backtest against a slow obvious version of it.
 */
#include "history/backtest.h"

#include "history/churn.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

#define DAY INT64_C(86400000)
#define T0 INT64_C(1600000000000)
#define N 400
#define FILES 12

static const char *const names[FILES] = { "a/0", "a/1", "a/2", "a/3", "b/4",
    "b/5", "b/6", "b/7", "8", "9", "c/d/10", "c/d/11" };

static struct {
	int64_t at_ms;
	bool fix, has[FILES];
	int n;
} commits[N];
static int told, end = N;

/* The lower its number, the more often a file is fixed. */
static void
make_up(unsigned seed)
{
	int i, f;

	for (i = 0; i < N; i++) {
		commits[i].at_ms = T0 + i * 4 * DAY + (int64_t)(seed % 1000);
		commits[i].n = 0;
		for (f = 0; f < FILES; f++) {
			seed = seed * 1103515245 + 12345;
			commits[i].has[f] = (seed >> 16) % 16 < 4u;
			commits[i].n += commits[i].has[f];
		}
		seed = seed * 1103515245 + 12345;
		commits[i].fix = (seed >> 16) % 12 < 1u +
		    3u * commits[i].has[0] + 2u * commits[i].has[1];
	}
}

static int
next(void *arg, struct commit *c, struct err *e)
{
	struct commit_file *x;
	int f;

	(void)arg;
	(void)e;
	if (told == end)
		return 0;
	c->nfiles = 0;
	c->known = true;
	c->time_ms = commits[told].at_ms;
	c->subject = commits[told].fix ? "Fix it" : "Change it";
	for (f = 0; f < FILES; f++)
		if (commits[told].has[f]) {
			x = commit_add(c);
			x->did = COMMIT_CHANGED;
			x->path = names[f];
		}
	told++;
	return 1;
}

struct slow {
	double score[3];	/* churn, bugspots, decayed fixes */
	bool hit;
};
static struct slow slow[N * FILES];

static int
score_slowly(void)
{
	const struct slow none = { { 0, 0, 0 }, false };
	int i, k, f, n = 0;
	double t;
	bool met;

	for (i = N * 4 / 10; i < N; i++)
		for (f = 0; f < FILES; f++) {
			if (!commits[i].has[f] || commits[i].at_ms >
			    commits[N - 1].at_ms - 180 * DAY)
				continue;
			slow[n] = none;
			for (met = false, k = 0; k < i; k++) {
				if (!commits[k].has[f])
					continue;
				met = true;
				slow[n].score[0]++;
				if (!commits[k].fix)
					continue;
				t = (double)(commits[k].at_ms -
				    commits[0].at_ms) / (double)
				    (commits[i].at_ms - commits[0].at_ms);
				slow[n].score[1] += 1 /
				    (1 + exp(-12 * t + 12));
				slow[n].score[2] += pow(0.5, (double)
				    (commits[i].at_ms - commits[k].at_ms) /
				    (270.0 * (double)DAY)) /
				    sqrt(commits[k].n);
			}
			for (k = i + 1; k < N; k++)
				if (commits[k].has[f] && commits[k].fix &&
				    commits[k].at_ms <= commits[i].at_ms +
				    180 * DAY)
					slow[n].hit = true;
			n += met;
		}
	return n;
}

/* Every pair. */
static double
auc_slowly(int n, int which)
{
	double won = 0, pairs = 0;
	int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < n; k++)
			if (slow[i].hit && !slow[k].hit) {
				double d = slow[i].score[which] -
				    slow[k].score[which];

				pairs++;
				won += d > 1e-9 ? 1 : d < -1e-9 ? 0 : 0.5;
			}
	return won / pairs;
}

static int
run(int64_t until_ms, struct backtest *b, struct err *e)
{
	struct backtest_how how = { until_ms, 180 * DAY, 0.6 };
	struct fix_rules *rules = NULL;
	int r;

	if (fix_rules_read(&rules, NULL, e) < 0)
		return -1;
	told = 0;
	r = backtest_run(next, NULL, rules, &how, b, e);
	fix_rules_free(rules);
	return r;
}

static void
against_slow(unsigned seed)
{
	static const int of[] = { BACKTEST_CHURN, BACKTEST_BUGSPOTS,
	    BACKTEST_DECAYED };
	struct backtest b;
	struct err e;
	int i, n, hits = 0;

	make_up(seed);
	n = score_slowly();
	ok(run(0, &b, &e) == 0, "seed %u", seed);
	for (i = 0; i < n; i++)
		hits += slow[i].hit;
	is_int(b.samples, n, "touches of the last part");
	is_int(b.hits, hits, "followed by a fix");
	for (i = 0; i < 3; i++)
		ok(fabs(b.auc[of[i]] - auc_slowly(n, i)) < 1e-6,
		    "AUC of %s, %.4f", backtest_methods[of[i]],
		    b.auc[of[i]]);
	ok(b.auc[BACKTEST_RANDOM] > 0.45 && b.auc[BACKTEST_RANDOM] < 0.55,
	    "random is worth nothing: %.3f", b.auc[BACKTEST_RANDOM]);
}

static void
sums(void)
{
	struct backtest b;
	int64_t n = 0, hits = 0, flags = 0;
	struct err e;
	int i;

	make_up(7);
	run(0, &b, &e);
	for (i = 0; i < BACKTEST_BUCKETS; i++) {
		n += b.bucket[i];
		hits += b.bucket_hits[i];
		flags += backtest_buckets[i] >= 0.6 ? b.bucket[i] : 0;
	}
	is_int(n, b.samples, "every one is in a bucket");
	is_int(hits, b.hits, "and what followed");
	is_int(flags, b.flags, "those from 0.6 on are the flags");
	ok(b.partners > 0 && b.partner_hits <= b.partners, "partners");
}

static void
once(void)
{
	int64_t until = T0 + 200 * 4 * DAY;
	struct backtest b, again;
	struct err e;
	int i, f, k, hits = 0;

	make_up(3);
	ok(run(until, &b, &e) == 0, "at a day");
	is_int(b.samples, FILES, "each file once");
	for (f = 0; f < FILES; f++)
		for (i = 0, k = 0; i < N && !k; i++)
			hits += k = commits[i].has[f] && commits[i].fix &&
			    commits[i].at_ms > until &&
			    commits[i].at_ms <= until + 180 * DAY;
	is_int(b.hits, hits, "followed by a fix");
	/* what comes later changes nothing */
	for (i = 260; i < N; i++)
		commits[i].fix = !commits[i].fix;
	run(until, &again, &e);
	ok(b.auc[BACKTEST_HISTORY] == again.auc[BACKTEST_HISTORY] &&
	    b.hits == again.hits, "the future beyond is not looked at");
	is_int(run(T0 + 9000 * DAY, &b, &e), -1, "a day that is to come: %s",
	    e.msg);
	end = 3;
	is_int(run(0, &b, &e), -1, "three commits: %s", e.msg);
	end = N;
}

int
main(void)
{
	against_slow(1);
	against_slow(2);
	sums();
	once();
	return done();
}
